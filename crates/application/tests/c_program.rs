//! The library from C: compiled with a C compiler, linked both ways, and asked about real states.

mod site;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use activation::moment::DAY;
use kmscope_application::{Moment, Uuid, now};
use site::Site;

/// What Rust's library needs of the system, as `rustc --print native-static-libs` tells.
const SYSTEM_LIBRARIES: &[&str] = if cfg!(target_os = "linux") {
    &["-lpthread", "-ldl", "-lm", "-lrt", "-lutil", "-lgcc_s"]
} else if cfg!(target_os = "macos") {
    &["-liconv", "-lSystem", "-lm"]
} else {
    &[]
};

const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Werror", "-pedantic"];

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A compiler of the machine, if there is one.
fn compiler(names: &[&'static str]) -> Option<&'static str> {
    let runs =
        |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|done| done.status.success());
    // Elsewhere compilers take other arguments, and libraries have other names.
    let found = names.iter().find(|name| cfg!(unix) && runs(name)).copied();
    if found.is_none() {
        println!("skipped: none of {names:?} is installed on a Unix");
    }
    found
}

/// The folder with the libraries: they were built together with this test, or are built now.
fn libraries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap();
    if folder.join("libkmscope_application.a").is_file() {
        return folder.to_owned();
    }
    let target = folder.parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--package", "application"]).current_dir(here());
    if target.file_name().is_some_and(|profile| profile == "release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    target.to_owned()
}

/// Where a program finds the library.
#[derive(Clone, Copy, PartialEq)]
enum Linked {
    /// Inside itself.
    Statically,
    /// In its folder.
    Dynamically,
}

/// Compiles and links a C program.
fn compile(cc: &str, source: &Path, program: &Path, linked: Linked) {
    let libraries = libraries();
    let mut command = Command::new(cc);
    command.arg("-std=c99").args(WARNINGS).arg("-I").arg(here().join("include")).arg(source);
    match linked {
        Linked::Statically => {
            command.arg(libraries.join("libkmscope_application.a")).args(SYSTEM_LIBRARIES);
        }
        Linked::Dynamically => {
            let path = format!("-Wl,-rpath,{}", libraries.display());
            command.arg("-L").arg(&libraries).arg("-lkmscope_application").arg(path);
        }
    }
    succeeds(command.arg("-o").arg(program));
}

fn succeeds(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&done.stderr));
}

/// Runs a program: what it printed, and how it ended.
fn run(program: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let done = Command::new(program).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    (String::from_utf8(done.stdout).unwrap(), done.status.code())
}

/// What tests/check.c prints.
fn printed(
    result: i32,
    state: u32,
    reason: &str,
    code: u32,
    days: u32,
    proven: bool,
) -> (String, Option<i32>) {
    let lasts = if days == 0 { "for ever" } else { "until a day" };
    let (count, product, host) =
        if proven { (1, "Contoso Paint é漢", "kms01.contoso.com:1688") } else { (0, "", "") };
    let text = format!(
        "result {result}\nsize whole\nactivated {}\nlicense state {state}\nreason {reason}\ncode 0x{code:08X}\n\
         days left {days}\nlasts {lasts}\ncount {count}\nproduct {product}\nhost {host}\nversion {}\n",
        u32::from(result == 0),
        env!("CARGO_PKG_VERSION")
    );
    (text, Some(result))
}

/// Clients that were activated so many days and half a day ago, each in its folder; one that never was.
fn folders(root: &Path) -> Site {
    let morning = now().plus(-DAY / 2);
    let mut site = Site::new(1, morning);
    site.save(&root.join("grace"));
    for (name, days) in [("activated", 1), ("expired", 190), ("over", 400)] {
        let at = morning.plus(-days * DAY);
        site = Site::new(1, at);
        assert_eq!(site.attempt(at, false), 0);
        site.save(&root.join(name));
    }
    site
}

#[test]
fn every_state_as_a_c_program_sees_it() {
    let Some(cc) = compiler(&["cc", "gcc", "clang"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let site = folders(folder.path());
    let publisher = site.id().publisher.fingerprint().to_string();
    let (id, stranger) =
        (site.product.activation_id.to_string(), Site::new(2, Moment(0)).id().publisher.fingerprint());
    for linked in [Linked::Statically, Linked::Dynamically] {
        let program = folder.path().join(if linked == Linked::Statically { "static" } else { "dynamic" });
        compile(cc, &here().join("tests/check.c"), &program, linked);
        let ask = |name: &str, publisher: &str, id: &str| {
            run(&program, &[folder.path().join(name).to_str().unwrap(), publisher, id])
        };
        let active = "0: the product is activated";
        assert_eq!(ask("activated", &publisher, &id), printed(0, 1, active, 0, 178, true));
        let asked = "7: no host has been asked for activation yet";
        assert_eq!(ask("grace", &publisher, &id), printed(1, 2, asked, 0xC004_F056, 29, false));
        let expired = "9: the activation ran out";
        assert_eq!(ask("expired", &publisher, &id), printed(1, 3, expired, 0xC004_F056, 19, true));
        assert_eq!(ask("over", &publisher, &id), printed(1, 5, expired, 0xC004_F056, 0, true));
        let other = "6: the setup key that is installed is of another publisher";
        assert_eq!(ask("activated", &stranger.to_string(), &id), printed(1, 0, other, 0xC004_F014, 0, false));
        let other = "5: the setup key that is installed is of another product";
        let nil = Uuid::nil().to_string();
        assert_eq!(ask("activated", &publisher, &nil), printed(1, 0, other, 0xC004_F014, 0, false));
        let none = "1: no kmscope client has been set up on this machine";
        assert_eq!(ask("missing", &publisher, &id), printed(1, 0, none, 0xC004_F014, 0, false));
        let wrong = "13: the program has asked with wrong arguments";
        for (publisher, id) in [("-", id.as_str()), (publisher.as_str(), "-"), ("Contoso", &id)] {
            assert_eq!(ask("activated", publisher, id), printed(2, 0, wrong, 0x8007_0057, 0, false));
        }
    }
}

/// The example of the guide, as a reader would copy it.
#[test]
fn the_example_of_the_guide() {
    let Some(cc) = compiler(&["cc", "gcc", "clang"]) else { return };
    let guide = fs::read_to_string(here().join("../../docs/applications.md")).unwrap();
    let (_, behind) = guide.split_once("```c\n").unwrap();
    let (source, _) = behind.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    folders(folder.path());
    let (file, program) = (folder.path().join("main.c"), folder.path().join("main"));
    fs::write(&file, source).unwrap();
    compile(cc, &file, &program, Linked::Statically);
    let ask = |name: &str| run(&program, &[folder.path().join(name).to_str().unwrap()]);
    let activated = "Contoso Paint é漢 is activated by kms01.contoso.com:1688\n";
    assert_eq!(ask("activated"), (activated.to_owned(), Some(0)));
    assert_eq!(ask("expired"), ("not activated: the activation ran out (0xC004F056)\n".to_owned(), Some(1)));
    // The link line of the guide is the one that was used.
    if cfg!(target_os = "linux") {
        assert!(guide.contains(&format!("libkmscope_application.a {}\n", SYSTEM_LIBRARIES.join(" "))));
    }
}

#[test]
fn the_header_is_taken_by_every_compiler() {
    let Some(cc) = compiler(&["cc", "gcc", "clang"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let check = |compiler: &str, standard: &str, file: &str| {
        let path = folder.path().join(file);
        fs::write(&path, "#include \"kmscope.h\"\nint main(void) { return (int)sizeof(struct kmscope_activation) != 576; }\n")
            .unwrap();
        let program = folder.path().join("program");
        let mut command = Command::new(compiler);
        command.arg(standard).args(WARNINGS).arg("-I").arg(here().join("include")).arg(&path);
        succeeds(command.arg("-o").arg(&program));
        assert_eq!(run(&program, &[]), (String::new(), Some(0)), "{compiler} {standard}");
    };
    ["-std=c99", "-std=c11"].iter().for_each(|standard| check(cc, standard, "header.c"));
    if let Some(cxx) = compiler(&["c++", "g++", "clang++"]) {
        ["-std=c++11", "-std=c++17"].iter().for_each(|standard| check(cxx, standard, "header.cpp"));
    }
}
