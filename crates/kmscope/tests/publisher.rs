//! A publisher from its first day on, with the program as admins and scripts call it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use activation::credentials::{HostKey, HostLicence, SetupKey, SignedRevocations};
use serde_json::Value;

const PASSPHRASE: &str = "correct horse battery staple";

/// A folder of its own for one test, removed at its end, in which the program runs.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("publisher-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// With a publisher of one product in `contoso`.
    fn with_publisher(name: &str) -> Folder {
        let folder = Folder::new(name);
        folder.done("init --dir contoso --name Contoso");
        folder.done("product --dir contoso --name Paint");
        folder
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kmscope"));
        command.arg("publisher").args(arguments.split_whitespace()).current_dir(&self.0).stdin(Stdio::null());
        command.env("LC_ALL", "C").env_remove("LANGUAGE").env("KMSCOPE_PASSPHRASE", PASSPHRASE);
        command
    }

    /// What a command prints that goes well.
    fn done(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!((code(&output), text(&output.stderr)), (0, String::new()), "{arguments}");
        text(&output.stdout)
    }

    fn json(&self, arguments: &str) -> Value {
        let value: Value = serde_json::from_str(&self.done(&format!("{arguments} --format json"))).unwrap();
        assert_eq!(value["schema"], 1, "{arguments}");
        value
    }

    /// What a command complains of that fails.
    fn refused(&self, arguments: &str) -> String {
        complaint(self.command(arguments).output().unwrap(), arguments)
    }

    fn licence(&self, name: &str) -> HostLicence {
        HostLicence::read(&self.text(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Runs a command with this on its standard input, and no passphrase elsewhere.
    fn with_input(&self, arguments: &str, input: &str) -> Output {
        let mut command = self.command(arguments);
        command.env_remove("KMSCOPE_PASSPHRASE").stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// One sentence on standard error, nothing on standard output, and 2.
fn complaint(output: Output, what: &str) -> String {
    let said = text(&output.stderr);
    assert_eq!((code(&output), text(&output.stdout)), (2, String::new()), "{what}: {said}");
    assert_eq!(said.lines().count(), 1, "{what}: {said}");
    said.trim_end().strip_prefix("kmscope: ").unwrap().to_owned()
}

#[test]
fn a_new_publisher_has_three_files_and_is_not_made_twice() {
    let folder = Folder::new("init");
    let made = folder.json("init --dir contoso");
    assert_eq!(made["publisher"], "contoso");
    assert_eq!(folder.text("contoso/publisher.pub").trim_end(), made["root"].as_str().unwrap());
    assert!(!folder.text("contoso/root.key").contains(PASSPHRASE));
    let key = folder.text("contoso/root.key");
    assert_eq!(
        folder.refused("init --dir contoso"),
        "contoso/root.key is there already, and is not overwritten"
    );
    assert_eq!(folder.text("contoso/root.key"), key);
    assert_eq!(
        folder.refused("products --dir elsewhere"),
        "elsewhere is no publisher's folder: make one with kmscope publisher init"
    );
    assert!(!folder.0.join("elsewhere").exists());
}

#[cfg(unix)]
#[test]
fn secrets_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_publisher("rights");
    folder.done("issue-host --dir contoso --out kms01.licence");
    for (path, rights) in [("contoso", 0o700), ("contoso/root.key", 0o600), ("kms01.licence", 0o600)] {
        let there = fs::metadata(folder.0.join(path)).unwrap().permissions().mode();
        assert_eq!(there & 0o777, rights, "{path}");
    }
    let names = fs::read_dir(folder.0.join("contoso")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [".lock", "publisher.pub", "publisher.toml", "root.key"]);
}

#[test]
fn the_passphrase_comes_from_where_it_is() {
    let folder = Folder::new("passphrase");
    for input in ["", "\n", "\r\nsecond line\n"] {
        let said = complaint(folder.with_input("init --dir contoso", input), "empty");
        assert!(
            said.starts_with(
                "the passphrase is empty: give one with --passphrase-file, in KMSCOPE_PASSPHRASE"
            ),
            "{said}"
        );
        assert!(!folder.0.join("contoso").exists());
    }
    let made = folder.with_input("init --dir contoso", &format!("{PASSPHRASE}\r\n"));
    assert_eq!(code(&made), 0, "{}", text(&made.stderr));
    folder.done("product --dir contoso --name Paint");
    folder.done("issue-host --dir contoso");
    fs::write(folder.0.join("right"), format!("{PASSPHRASE}\nmore")).unwrap();
    fs::write(folder.0.join("wrong"), "correct horse").unwrap();
    folder.done("issue-host --dir contoso --passphrase-file right");
    let before = folder.text("contoso/publisher.toml");
    let said = folder.refused("issue-host --dir contoso --passphrase-file wrong --out kms.licence");
    assert_eq!(said, "the passphrase is wrong, or the key file was changed");
    assert!(
        folder.refused("issue-host --dir contoso --passphrase-file none").starts_with("cannot read none: ")
    );
    assert_eq!(folder.refused("revoke-host --dir contoso --serial 1 --passphrase-file wrong"), said);
    assert_eq!(folder.text("contoso/publisher.toml"), before);
    assert!(!folder.0.join("kms.licence").exists());
}

#[test]
fn a_new_passphrase_takes_the_place_of_the_old_one() {
    let folder = Folder::with_publisher("rotate");
    let said = complaint(
        folder.with_input("rotate-passphrase --dir contoso", &format!("{PASSPHRASE}\n")),
        "no new one",
    );
    assert!(said.starts_with("the new passphrase is empty: give one with --new-passphrase-file"), "{said}");
    let rotated = folder.with_input("rotate-passphrase --dir contoso", &format!("{PASSPHRASE}\nnew one\n"));
    assert_eq!(code(&rotated), 0, "{}", text(&rotated.stderr));
    assert_eq!(
        folder.refused("revocations --dir contoso"),
        "the passphrase is wrong, or the key file was changed"
    );
    let list = folder.with_input("revocations --dir contoso", "new one\n");
    assert_eq!(code(&list), 0);
    let list = SignedRevocations::from_base64(&text(&list.stdout)).unwrap();
    assert!(list.verify(&folder.text("contoso/publisher.pub").parse().unwrap()));
    assert_eq!(list.revocations.number, 0);
}

#[test]
fn products_have_ids_terms_and_setup_keys() {
    let folder = Folder::with_publisher("products");
    let printed = folder.done("product --dir contoso --name Paint");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!((lines[0], lines[1], lines[4]), ("Paint", "  application: Contoso", "  clients needed: 25"));
    assert_eq!((lines[5], lines[6]), ("  grace: 30 days", "  validity: 180 days"));
    folder.done("product --dir contoso --name Draw --application Office --n-policy 5 --grace-days 1");
    folder.done("product --dir contoso --name Paint --validity-days 90");
    let listed = folder.json("products --dir contoso");
    let (paint, draw) = (&listed["products"][0], &listed["products"][1]);
    assert_eq!((&paint["validity_days"], &paint["n_policy"]), (&Value::from(90), &Value::from(25)));
    assert_eq!((&draw["application_name"], &draw["grace_days"]), (&Value::from("Office"), &Value::from(1)));
    assert_eq!(folder.done("products --dir contoso").lines().count(), 14);
    let key: SetupKey = folder.done("setup-key --dir contoso --product Draw").trim_end().parse().unwrap();
    assert_eq!(draw["activation_id"], key.activation_id().to_string());
    assert_eq!(draw["application_id"], key.application_id().to_string());
    let told = folder.json("setup-key --dir contoso --product Draw");
    assert_eq!(
        (&told["setup_key"], &told["partial"]),
        (&Value::from(key.to_string()), &Value::from(key.partial()))
    );
    assert_eq!(told["activation_id"], draw["activation_id"]);
    assert_eq!(
        folder.refused("setup-key --dir contoso --product Sing"),
        "there is no product \"Sing\"; there are Paint, Draw"
    );
    assert!(folder.refused("product --dir contoso --name Paint --n-policy 0").contains("1 to 4095"));
}

#[test]
fn licences_are_whole_and_the_limit_holds() {
    let folder = Folder::with_publisher("licences");
    folder.done("product --dir contoso --name Draw");
    let printed = folder.done("issue-host --dir contoso --licence Fabrikam --hosts 2 --until 2099-12-31");
    let first = HostLicence::read(&printed).unwrap();
    let grant = &first.grants[0].grant;
    assert_eq!((grant.serial, grant.host_number, grant.host_limit, first.grants.len()), (1, 1, 2, 2));
    assert_eq!(grant.not_after.to_string(), "2099-12-31T23:59:59Z");
    assert_eq!(first.host_key.as_ref().map(HostKey::public), Some(grant.host_key));
    let own = HostKey::from_seed([5; 32]).public();
    fs::write(folder.0.join("host.pub"), format!("{own}\n")).unwrap();
    let said = folder.done(
        "issue-host --dir contoso --licence Fabrikam --host-key host.pub --products Draw --days 10 --out kms02.licence",
    );
    assert!(said.starts_with("serial 2: host 2 of 2 of licence Fabrikam until "), "{said}");
    let second = folder.licence("kms02.licence");
    assert_eq!((second.grants.len(), second.host_key), (1, None));
    assert_eq!(second.grants[0].grant.host_key, own);
    let said = folder.refused("issue-host --dir contoso --licence Fabrikam");
    assert!(said.starts_with("the licence \"Fabrikam\" allows 2 hosts, and has them: serial 1 until 2099-12-31T23:59:59Z, serial 2 until "), "{said}");
    let said = folder.refused(&format!("issue-host --dir contoso --licence Adatum --host-key {own}"));
    assert_eq!(said, "the host key has been licensed with serial 2; each host needs a key of its own");
    let said = folder.refused("issue-host --dir contoso --licence Adatum --out kms02.licence");
    assert_eq!(said, "kms02.licence is there already, and is not overwritten");
    assert!(folder.refused("issue-host --dir contoso --until 2001-01-01").contains("has passed"));
    let third = folder.json("issue-host --dir contoso --licence Adatum");
    assert_eq!((&third["serial"], &third["file"]), (&Value::from(3), &Value::Null));
    assert_eq!(HostLicence::read(third["text"].as_str().unwrap()).unwrap().grants[0].grant.licence, "Adatum");
    let hosts = folder.json("hosts --dir contoso");
    assert_eq!(hosts["hosts"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_lost_host_is_replaced_and_another_revoked() {
    let folder = Folder::with_publisher("replace");
    for number in 1..=2 {
        folder.done(&format!("issue-host --dir contoso --hosts 2 --out kms0{number}.licence"));
    }
    folder.done("replace-host --dir contoso --serial 1 --out kms03.licence");
    let replaced = folder.licence("kms03.licence");
    let grant = &replaced.grants[0].grant;
    assert_eq!((grant.serial, grant.host_number), (3, 1));
    assert_ne!(grant.host_key, folder.licence("kms01.licence").grants[0].grant.host_key);
    assert_eq!(replaced.revocations.unwrap().revocations.serials, [1].into());
    assert!(folder.refused("replace-host --dir contoso --serial 1").contains("serial 1 was revoked at "));
    let said = folder.done("revoke-host --dir contoso --serial 2 --out list");
    assert_eq!(said, "Revocation list 2 with 2 licences\nWritten to list\n");
    let list = SignedRevocations::from_base64(&folder.text("list")).unwrap();
    assert!(list.verify(&folder.text("contoso/publisher.pub").parse().unwrap()));
    assert_eq!((list.revocations.number, list.revocations.serials), (2, [1, 2].into()));
    let told = folder.json("revocations --dir contoso --out list");
    assert_eq!((&told["number"], &told["serials"]), (&Value::from(2), &serde_json::json!([1, 2])));
    assert_eq!(folder.text("list").trim_end(), told["signed"].as_str().unwrap());
    assert_eq!(
        folder.refused("revoke-host --dir contoso --serial 9"),
        "there is no host licence with serial 9"
    );
    let hosts = folder.done("hosts --dir contoso");
    assert!(
        hosts.lines().nth(1).unwrap().starts_with("serial 2: host 2 of 2 of licence Contoso, revoked at "),
        "{hosts}"
    );
}

#[test]
fn a_renewed_licence_keeps_its_serial_and_key() {
    let folder = Folder::with_publisher("renew");
    folder.done("issue-host --dir contoso --days 10 --out kms01.licence");
    folder.done("issue-host --dir contoso --days 10 --out kms02.licence");
    folder.done("renew-host --dir contoso --serial 1 --days 20 --from kms01.licence --out new.licence");
    let (old, new) = (folder.licence("kms01.licence"), folder.licence("new.licence"));
    let end = |licence: &HostLicence| licence.grants[0].grant.not_after;
    assert!(end(&new) > end(&old));
    assert_eq!((new.grants[0].grant.serial, &new.host_key), (1, &old.host_key));
    assert!(new.host_key.is_some());
    // The file itself may be renewed, and the host may keep its key elsewhere.
    folder.done("renew-host --dir contoso --serial 1 --days 30 --from kms01.licence --out kms01.licence");
    assert!(end(&folder.licence("kms01.licence")) > end(&new));
    let bare = HostLicence::read(&folder.done("renew-host --dir contoso --serial 1 --days 40")).unwrap();
    assert_eq!(bare.host_key, None);
    let said = folder.refused("renew-host --dir contoso --serial 1 --days 50 --from kms02.licence");
    assert_eq!(said, "kms02.licence is not for the host key of serial 1");
    assert!(folder.refused("renew-host --dir contoso --serial 1 --days 20").contains("already holds until"));
}

#[test]
fn a_renewal_never_destroys_a_hosts_private_key() {
    let folder = Folder::with_publisher("key-kept");
    for number in 1..=2 {
        folder.done(&format!("issue-host --dir contoso --days 10 --out kms0{number}.licence"));
    }
    fs::write(folder.0.join("notes"), "of somebody").unwrap();
    let before =
        ["kms01.licence", "kms02.licence", "notes", "contoso/publisher.toml"].map(|name| folder.text(name));
    let renew = "renew-host --dir contoso --serial 1 --days 20";
    for (options, named) in [
        // Without the key, over the file that holds it.
        ("--out kms01.licence", "--from kms01.licence"),
        // With it, over that of another host.
        ("--from kms01.licence --out kms02.licence", "--from kms02.licence"),
        ("--out notes", "notes is there already"),
    ] {
        let said = folder.refused(&format!("{renew} {options}"));
        assert!(said.contains(named), "{said}");
    }
    let after =
        ["kms01.licence", "kms02.licence", "notes", "contoso/publisher.toml"].map(|name| folder.text(name));
    assert_eq!(before, after);
    // A file without a key may be replaced by one with it and by one without.
    folder.done(&format!("{renew} --out bare.licence"));
    folder.done("renew-host --dir contoso --serial 1 --days 30 --out bare.licence");
    folder.done("renew-host --dir contoso --serial 1 --days 40 --from kms01.licence --out bare.licence");
    assert!(folder.licence("bare.licence").host_key.is_some());
}
