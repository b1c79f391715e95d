//! Disks without room at the start of a host and under a client: what is said, what stays whole, and that all goes on
//! when there is room.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::stage::{Service, Stage, is_root, until};
use crate::wire::{granted, request};

/// A small disk in a mount namespace of its own, which lives as long as this.
struct SmallDisk<'a> {
    stage: &'a Stage,
    holder: Child,
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

impl SmallDisk<'_> {
    /// Nothing where none can be made; says why.
    fn new(stage: &Stage, kilobytes: u32) -> Option<SmallDisk<'_>> {
        if !is_root() || ["unshare", "nsenter"].iter().any(|name| crate::named::program(name).is_none()) {
            eprintln!("skipped: only root may mount a small disk");
            return None;
        }
        fs::create_dir(stage.path("disk")).expect("a folder");
        // Who is asked for a line has mounted; the pipe that it reads ends with this test, and so does it.
        let script = format!("mount -t tmpfs -o size={kilobytes}k none disk && echo mounted && exec cat");
        let mut holder = Command::new("unshare")
            .args(["-m", "sh", "-c", &script])
            .current_dir(stage.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        let out = holder.stdout.as_mut().expect("its output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("text");
        let disk = SmallDisk { stage, holder };
        if line != "mounted\n" {
            eprintln!("skipped: no mount namespace can be made here");
            return None;
        }
        Some(disk)
    }

    /// A folder of the disk as this process sees it.
    fn path(&self, name: &str) -> PathBuf {
        let within = self.stage.path("disk");
        let within = within.strip_prefix("/").expect("an absolute path");
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(within).join(name)
    }

    /// Fills the disk but for so many bytes.
    fn fill(&self, left: u64) {
        let mut file = File::create(self.path("filler")).expect("a file");
        for size in [4096, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        let full = file.metadata().expect("its length").len();
        file.set_len(full.saturating_sub(left)).expect("shorter");
    }

    fn make_room(&self) {
        fs::remove_file(self.path("filler")).expect("room");
    }

    /// A command of the program that sees the disk.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-m", "sh", "-c"]);
        command.args(["cd \"$1\" && shift && exec \"$@\"", "sh"]).arg(self.stage.path(""));
        command.arg(env!("CARGO_BIN_EXE_kmscope")).args(["--lang", "en"]).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// Exit code, and all that it says.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().expect("kmscope can be run");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output =
            self.command(&[arguments, &["--format", "json"]].concat()).output().expect("it can be run");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// A host on the disk, or what it complains of.
    fn host(&self) -> Result<Service, String> {
        let run = ["host", "run", "--data", "disk/host", "--licence", "host.toml", "--listen", "127.0.0.1:0"];
        let _ = fs::remove_file(self.stage.path("host.log"));
        Service::start(self.command(&[&run[..], &["--log", "json"]].concat()), self.stage, "host", 1)
    }
}

/// The complaint of a host that does not start for want of room: it names the folder, and says so.
#[track_caller]
fn is_clear(complaint: &str, left: u64) {
    assert!(complaint.starts_with("exit status: 2: "), "{left} bytes: {complaint}");
    let last = complaint.lines().last().unwrap_or_default();
    assert!(last.starts_with("kmscope: ") && last.contains("disk/host"), "{left} bytes: {complaint}");
    assert!(last.contains("full") || last.contains("No space left"), "{left} bytes: {complaint}");
    assert!(!complaint.contains("panicked"), "{left} bytes: {complaint}");
}

/// Steps of room that are tried, in bytes.
const STEP: u64 = 8 << 10;

#[test]
fn a_host_without_room_at_its_start_says_so_and_breaks_nothing() {
    let stage = Stage::new();
    let Some(disk) = SmallDisk::new(&stage, 2048) else { return };
    let mut failures = 0;
    // With ever more room, up to the first start.
    for left in (0..).map(|step| step * STEP) {
        disk.fill(left);
        let started = disk.host();
        disk.make_room();
        match started {
            Err(complaint) => {
                is_clear(&complaint, left);
                failures += 1;
            }
            Ok(host) => {
                granted(host.address(), &request("Team", 1));
                assert_eq!(host.stop(), Some(0));
                break;
            }
        }
        assert!(left < 1 << 20, "a host starts with a megabyte");
    }
    assert!(failures > 0, "a host starts on a full disk");
    for machine in 2..=9 {
        let host = disk.host().expect("a host with room starts");
        assert_eq!(granted(host.address(), &request("Team", machine)).count, u32::try_from(machine).unwrap());
        host.kill();
    }
    // The same over a journal, whose host was killed.
    let mut machine = 9;
    for left in (0..8).map(|step| step * STEP) {
        disk.fill(left);
        let started = disk.host();
        disk.make_room();
        if let Err(complaint) = &started {
            is_clear(complaint, left);
        }
        drop(started);
        machine += 1;
        let host = disk.host().expect("a host with room starts");
        assert_eq!(
            u64::from(granted(host.address(), &request("Team", machine)).count),
            machine,
            "nothing is lost"
        );
        let told = disk.json(&["host", "status", "--data", "disk/host"]);
        assert_eq!(
            (&told["health"], &told["products"][2]["total_requests"]),
            (&json!("ok"), &json!(machine))
        );
        host.kill();
    }
}

#[test]
fn a_client_without_room_keeps_its_state_whole_and_goes_on_when_there_is_some() {
    let stage = Stage::new();
    let Some(disk) = SmallDisk::new(&stage, 256) else { return };
    let host = stage.host(&[]);
    let key = crate::stage::setup_key("Solo").to_string();
    let address = host.address().to_string();
    let run =
        ["client", "run", "--data", "disk/c1", "--setup-key", &key, "--skms", &address, "--log", "json"];
    disk.fill(0);
    let none = Service::start(disk.command(&run), &stage, "none", 1).err().expect("no client starts");
    assert!(none.starts_with("exit status: 2: ") && none.contains("disk/c1"), "{none}");
    assert!(none.contains("No space left"), "{none}");
    assert!(!disk.path("c1/client.json").exists(), "not even a half one");
    disk.make_room();

    let client = Service::start(disk.command(&run), &stage, "c1", 1).expect("the client starts");
    until("activation", || {
        (disk.json(&["client", "status", "--data", "disk/c1"])["activated"] == true).then_some(())
    });
    // Its attempt is over when it is told.
    client.wait_for("activated", 1);
    let state = || fs::read_to_string(disk.path("c1/client.json")).expect("the state");
    let events = || fs::read_to_string(disk.path("c1/events.log")).expect("the events");
    let before = state();
    disk.fill(0);
    // A setting that can't be kept is not set.
    let (code, said) = disk.run(&["slmgr", "--data", "disk/c1", "/skms", "127.0.0.1:9"]);
    assert!(code == Some(2) && said.contains("client.json") && said.contains("No space left"), "{said}");
    let (code, said) = disk.run(&["slmgr", "--data", "disk/c1", "/dlv"]);
    assert!(code == Some(0) && said.contains(&address) && !said.contains("127.0.0.1:9 "), "{said}");
    assert_eq!(state(), before);
    // An attempt is made all the same, and what it brought waits for room.
    let (code, said) = disk.run(&["slmgr", "--data", "disk/c1", "/ato"]);
    assert!(code == Some(2) && said.contains("No space left"), "{said}");
    let line = client.wait_for("state-not-kept", 1);
    assert!(line["problem"].as_str().unwrap().contains("client.json"), "{line}");
    // There may be room in a block that the events have already.
    until("no room for events", || {
        disk.run(&["slmgr", "--data", "disk/c1", "/ato"]);
        client.told("events-not-kept").first().cloned()
    });
    assert_eq!(state(), before);
    let events_before = events();
    assert!(events_before.ends_with("\n\n") && !stage.facts(&events_before).is_empty(), "whole events only");
    assert_eq!(disk.json(&["client", "status", "--data", "disk/c1"])["activated"], true);
    let left_behind = || {
        let names = fs::read_dir(disk.path("c1")).expect("the folder");
        let names = names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with('.')).collect::<Vec<_>>()
    };
    assert_eq!(left_behind(), Vec::<String>::new());

    disk.make_room();
    // By itself, and told once.
    client.wait_for("state-kept", 1);
    assert_eq!(client.told("state-not-kept").len(), 1);
    assert_ne!(state(), before);
    let (code, said) = disk.run(&["slmgr", "--data", "disk/c1", "/ato"]);
    assert_eq!(code, Some(0), "{said}");
    let after = events();
    assert!(after.starts_with(&events_before) && after.len() > events_before.len(), "{after}");
    assert!(stage.facts(&after).len() > stage.facts(&events_before).len());
    assert_eq!(client.stop(), Some(0));
    let mode = fs::metadata(disk.path("c1/client.json")).expect("the state").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}
