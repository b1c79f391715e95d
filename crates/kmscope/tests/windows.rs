//! The program built for Windows, run by Wine: it judges as this one does, and both sides of the KMS system work with
//! those of this system. Wine is no Windows; what is asked of it here are files, sockets, clocks and processes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

const HERE: &str = env!("CARGO_BIN_EXE_kmscope");
const TARGET: &str = "x86_64-pc-windows-gnu";
const PASSPHRASE: &str = "correct horse";

/// Waiting for anything of a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(60);

/// What Wine before 9 lacks and every program of Rust wants: random bytes under their newer name.
const RANDOM: &str = r"
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) {
    return SystemFunction036(bytes, (ULONG)count);
}
";

/// The program for Windows, and a Windows to run it.
struct Windows {
    program: PathBuf,
    prefix: PathBuf,
    _folder: tempfile::TempDir,
}

/// One for all tests, as it takes seconds to make; nothing, with the reason told, where it cannot be.
fn windows() -> Option<&'static Windows> {
    static WINDOWS: OnceLock<Result<Windows, String>> = OnceLock::new();
    match WINDOWS.get_or_init(Windows::new) {
        Ok(windows) => Some(windows),
        Err(reason) => {
            eprintln!("skipped: {reason}");
            None
        }
    }
}

impl Windows {
    fn new() -> Result<Windows, String> {
        let profile = Path::new(HERE).parent().expect("a folder");
        let name = profile.file_name().expect("a profile");
        let built = profile.with_file_name(TARGET).join(name).join("kmscope.exe");
        if !built.is_file() {
            return Err(format!("no program for Windows; cargo build -p kmscope --target {TARGET} makes it"));
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (source, library) = (folder.path().join("random.c"), folder.path().join("bcryptprimitives.dll"));
        fs::write(&source, RANDOM).expect("written");
        let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
        compiler.arg("-shared").arg("-o").arg(&library).arg(&source).arg("-ladvapi32");
        if !compiler.status().is_ok_and(|status| status.success()) {
            return Err("no compiler for Windows (gcc-mingw-w64-x86-64)".to_owned());
        }
        let program = folder.path().join("kmscope.exe");
        fs::copy(&built, &program).expect("copied");
        let prefix = folder.path().join("prefix");
        let windows = Windows { program, prefix, _folder: folder };
        match windows.command(Path::new("."), &["--version"]).output() {
            Ok(output) if output.status.success() => Ok(windows),
            Ok(output) => panic!("the program does not run: {output:?}"),
            Err(error) => Err(format!("no Wine: {error}")),
        }
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("wine");
        command.arg(&self.program).args(arguments).current_dir(folder);
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            .env("KMSCOPE_PASSPHRASE", PASSPHRASE);
        command
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        let _ = Command::new("wineserver").arg("-k").env("WINEPREFIX", &self.prefix).status();
    }
}

fn here(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(HERE);
    command.args(arguments).current_dir(folder).env("KMSCOPE_PASSPHRASE", PASSPHRASE);
    command
}

/// What a command prints when it ends as it should.
#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    text(output)
}

fn text(output: Output) -> String {
    String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n")
}

/// A service that ends with its test.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start(mut command: Command) -> Service {
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the service starts");
        let mut address = String::new();
        BufReader::new(process.stdout.take().expect("output")).read_line(&mut address).expect("a line");
        Service { process, address: address.trim().to_owned() }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The status of a client, once it has tried.
fn tried(status: impl Fn() -> Command) -> Value {
    let begin = Instant::now();
    loop {
        let output = status().output().expect("it runs");
        if let Ok(told) = serde_json::from_str::<Value>(&text(output))
            && !told["last_attempt"].is_null()
        {
            return told;
        }
        assert!(begin.elapsed() < DEADLINE, "the client does not try");
        std::thread::yield_now();
    }
}

#[test]
fn evidence_is_judged_on_windows_as_here() {
    let Some(windows) = windows() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let arguments = ["diagnose", "examples/contoso-branch-office", "--format", "json", "--lang", "en"];
    let (ours, theirs) =
        (here(&root, &arguments).output().unwrap(), windows.command(&root, &arguments).output().unwrap());
    assert_eq!((ours.status.code(), theirs.status.code()), (Some(1), Some(1)), "{theirs:?}");
    // A path is written as the system writes it.
    let read = |output| serde_json::from_str::<Value>(&text(output).replace(r"\\", "/")).expect("JSON");
    assert_eq!(read(theirs), read(ours));
}

#[test]
fn a_host_and_a_client_on_windows_work_with_those_here() {
    let Some(windows) = windows() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let stage = folder.path();
    let there = |arguments: &[&str]| windows.command(stage, arguments);
    done(&mut there(&["publisher", "init", "--dir", "pub", "--name", "Contoso"]));
    done(&mut there(&["publisher", "product", "--dir", "pub", "--name", "CAD", "--n-policy", "2"]));
    done(&mut there(&["publisher", "issue-host", "--dir", "pub", "--out", "host.toml"]));
    // Files of one system are read by the other.
    let key = done(&mut here(stage, &["publisher", "setup-key", "--dir", "pub", "--product", "CAD"]));
    let run_host = ["host", "run", "--data", "host", "--licence", "host.toml", "--listen", "127.0.0.1:0"];
    let host = Service::start(there(&run_host));
    let run_client =
        |name| ["client", "run", "--data", name, "--setup-key", key.trim(), "--skms", &host.address];
    let _first = Service::start(here(stage, &run_client("here")));
    let told = tried(|| here(stage, &["client", "status", "--data", "here", "--format", "json"]));
    assert_eq!((&told["activated"], &told["last_attempt"]["count"]), (&false.into(), &1.into()), "{told}");
    let _second = Service::start(there(&run_client("there")));
    let told = tried(|| there(&["client", "status", "--data", "there", "--format", "json"]));
    assert_eq!((&told["activated"], &told["count"]), (&true.into(), &2.into()), "{told}");
    let shown = done(&mut there(&["slmgr", "--data", "there", "/dlv"]));
    assert!(shown.contains("License Status: Licensed"), "{shown}");
    done(&mut there(&["slmgr", "--data", "there", "/ato"]));
    let probed = here(stage, &["probe", &host.address]).output().expect("it runs");
    assert!(text(probed).contains("kmscope host"));
    // The journal, and its copy, are the same on both systems.
    done(&mut there(&["host", "backup", "--data", "host", "--out", "copy.db"]));
    drop(host);
    done(&mut here(stage, &["host", "restore", "--data", "again", "--from", "copy.db"]));
    let events = done(&mut here(stage, &["host", "events", "--data", "again"]));
    assert_eq!(events.matches("Event ID:      12290").count(), 3, "{events}");
}

#[test]
fn a_task_of_windows_is_printed_here_and_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["host", "install", "--as", "task", "--", "--rate", "5"];
    let printed = done(&mut here(folder.path(), &arguments));
    let names = |name: &str| printed.contains(name) && printed.lines().count() == 6;
    assert!(names("Register-ScheduledTask -TaskName kmscope-host") && names("--rate 5"), "{printed}");
    let Some(windows) = windows() else { return };
    let printed = done(&mut windows.command(folder.path(), &["client", "install"]));
    assert!(printed.contains(r"client run --data C:\ProgramData\kmscope\client"), "{printed}");
}
