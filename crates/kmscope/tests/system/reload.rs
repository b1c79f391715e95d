//! What an admin changes while the host runs: the file of options, read again by a signal and by `host reload`.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};

use rpc::activation::Answer;
use rustix::process::Signal;
use serde_json::json;

use crate::stage::{Service, Stage, Told, until};
use crate::wire::{Failure, ask, ask_on, connect, connect_from, granted, request};

/// A second machine of this one.
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A host that takes its options from a file.
fn host(stage: &Stage, options: &str) -> Service {
    stage.write("options.toml", options);
    stage.host(&["--config", "options.toml"])
}

fn reload(stage: &Stage) -> Told {
    stage.run(&["host", "reload", "--data", "host"])
}

fn from(source: IpAddr, address: SocketAddr, machine: u64) -> Result<Answer, Failure> {
    ask_on(&mut connect_from(source, address)?, &request("Team", machine))
}

/// Waits until the other side hangs up.
#[track_caller]
fn is_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).expect("an end"), 0, "{rest:?}");
}

#[test]
fn networks_that_are_taken_away_are_not_answered_any_more() {
    let stage = Stage::new();
    // So patient a host closes nothing of itself.
    let host = host(&stage, "idle = 3600\nallow = [\"127.0.0.0/8\"]\n");
    let address = host.address();
    let (mut own, mut others) =
        (connect(address).expect("a connection"), connect_from(OTHER, address).unwrap());
    assert!(matches!(ask_on(&mut own, &request("Team", 1)), Ok(Answer::Granted(_))));
    assert!(matches!(ask_on(&mut others, &request("Team", 2)), Ok(Answer::Granted(_))));
    let idle = connect_from(OTHER, address).expect("a connection");

    // By the command.
    stage.write("options.toml", "idle = 3600\nallow = [\"127.0.0.1/32\"]\n");
    let told = reload(&stage);
    assert_eq!((told.code, told.complaint.as_str()), (0, ""), "{told:?}");
    assert!(told.out.contains("again") && !told.out.contains("restart"), "{told:?}");
    [others, idle].iter_mut().for_each(is_closed);
    assert!(from(OTHER, address, 3).is_err());
    assert_eq!(host.wait_for("not-allowed", 1)["address"], "127.0.0.2");
    // Who may stay keeps its connection: it is not even bound again.
    granted(address, &request("Team", 4));
    own.set_nonblocking(true).expect("not blocking");
    assert!(own.read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));

    // By the signal, and the other way round.
    stage.write("options.toml", "idle = 3600\nallow = [\"127.0.0.2/32\"]\n");
    host.signal(Signal::HUP);
    host.wait_for("reloaded", 2);
    own.set_nonblocking(false).expect("blocking");
    is_closed(&mut own);
    assert!(ask(address, &request("Team", 5)).is_err());
    assert!(matches!(from(OTHER, address, 6), Ok(Answer::Granted(_))));
    // Nothing was counted for who was turned away.
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["products"][2]["total_requests"], 4);
}

/// Requests one after the other, until one is refused for their number; how many were answered.
fn flood(address: SocketAddr, most: u64) -> u64 {
    let busy =
        |machine: &u64| ask(address, &request("Team", *machine)).err().and_then(|e| e.fault()) == Some(0x6BB);
    (1..=most).find(busy).map_or(most, |refused| refused - 1)
}

#[test]
fn rate_places_and_form_of_the_log_change_while_it_runs() {
    let stage = Stage::new();
    let host = host(&stage, "rate = 0\n");
    let address = host.address();
    assert_eq!(flood(address, 60), 60);
    stage.write("options.toml", "rate = 1\nmax-connections-of-one = 1\n");
    assert_eq!(reload(&stage).code, 0);
    let _held = connect(address).expect("a connection");
    until("a place too few", || ask(address, &request("Solo", 1)).err());
    host.wait_for("too-many-connections", 1);
    stage.write("options.toml", "rate = 1\n");
    assert_eq!(reload(&stage).code, 0);
    assert!(flood(address, 60) < 60);
    // Told of the same address again, as something else is in force.
    host.wait_for("too-many-requests", 1);
    // An option that stands on the command line (the log's form) is not the file's.
    stage.write("options.toml", "rate = 0\nlog = \"text\"\n");
    assert_eq!(reload(&stage).code, 0);
    assert_eq!(flood(address, 60), 60);
    assert_eq!(host.told("reloaded").len(), 3);
}

#[test]
fn a_file_that_is_wrong_leaves_all_as_it_was() {
    let stage = Stage::new();
    let good = "allow = [\"127.0.0.1/32\"]\nrate = 0\n";
    let host = host(&stage, good);
    let address = host.address();
    for (wrong, place) in [
        (
            "allow = [\"127.0.0.0/8\"]\nrat = 5\n",
            "options.toml, line 2, column 1: unknown key rat, did you mean rate?",
        ),
        (
            "allow = [\"127.0.0.0/8\"]\nrate = \"5\"\n",
            "options.toml, line 2, column 8: rate: expected a whole number",
        ),
        ("allow = [\"127.0.0.0/8\", \"x\"]\n", "options.toml, line 1, column 25: allow: \"x\": "),
        ("allow = [\"127.0.0.0/8\"\nrate = 5\n", "options.toml, line "),
        // What a restart would stumble over.
        ("rate = 5\nstore = \"x\"\n", "options.toml, line 2, column 1: --store: expected sqlite"),
        ("rate = 5\ncontrol = \"127.0.0.1:0\"\n", "options.toml, line 2, column 1: the following required"),
        (
            "control = \"127.0.0.1:0\"\ncontrol-key = \"none\"\n",
            "options.toml, line 2, column 1: cannot read none",
        ),
    ] {
        stage.write("options.toml", wrong);
        let told = reload(&stage);
        assert_eq!(told.code, 2, "{told:?}");
        assert!(told.complaint.contains(place), "{told:?}");
        assert!(told.complaint.contains("all stays in force as it was"), "{told:?}");
        // Neither its good part.
        assert!(from(OTHER, address, 1).is_err());
        assert_eq!(flood(address, 30), 30);
    }
    // A good file beside a licence that is none: neither is taken.
    stage.write("options.toml", "allow = [\"127.0.0.0/8\"]\n");
    let licence = stage.read("host.toml");
    stage.write("host.toml", "rubbish");
    let told = reload(&stage);
    assert!(told.code == 2 && told.complaint.contains("host.toml"), "{told:?}");
    assert!(from(OTHER, address, 1).is_err());
    stage.write("host.toml", &licence);
    std::fs::remove_file(stage.path("options.toml")).expect("it was there");
    host.signal(Signal::HUP);
    let line = host.wait_for("not-reloaded", 9);
    assert_eq!(line["effect"], "all stays in force as it was");
    assert!(line["problem"].as_str().unwrap().contains("options.toml does not exist"), "{line}");
    assert!(from(OTHER, address, 1).is_err());
    stage.write("options.toml", "allow = [\"127.0.0.0/8\"]\n");
    assert_eq!(reload(&stage).code, 0);
    assert!(from(OTHER, address, 1).is_ok());
    // At a start the same words, and nothing starts.
    stage.write("options.toml", "\nidle = \"soon\"\n");
    drop(host);
    let output = stage.host_command(&["--config", "options.toml"]).output().expect("kmscope can be run");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("options.toml, line 2, column 8: idle: \"soon\": "), "{complaint}");
    assert!(complaint.contains("expected seconds from 1 to 3600"), "{complaint}");
}

#[test]
fn what_waits_for_a_restart_is_named() {
    let stage = Stage::new();
    // All of it stands in the file: data, licence, and where to listen.
    let options = "data = \"host\"\nlicence = \"host.toml\"\nlog = \"json\"\nlisten = [\"127.0.0.1:0\"]\n";
    stage.write("options.toml", options);
    let run = stage.command(&["host", "run", "--config", "options.toml"]);
    let host = Service::start(run, &stage, "host", 1).expect("the host starts");
    granted(host.address(), &request("Solo", 1));
    stage.write(
        "options.toml",
        &format!("{options}rate = 0\nmetrics = \"127.0.0.1:0\"\nstore = \"memory\"\n"),
    );
    for count in 1..=2 {
        let told = reload(&stage);
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.out.contains("Only a restart changes: metrics, store"), "{told:?}");
        let line = host.wait_for("needs-restart", count);
        assert_eq!(
            (&line["options"], &line["level"]),
            (&json!("metrics store"), &json!("warning")),
            "{line}"
        );
    }
    // What needs none counts all the same.
    assert_eq!(flood(host.address(), 30), 30);
    stage.write("options.toml", &options.replace("listen", "#listen"));
    assert!(reload(&stage).out.contains("Only a restart changes: listen"));
    stage.write("options.toml", &options.replace("json", "text"));
    let told = reload(&stage);
    assert!(told.code == 0 && !told.out.contains("restart"), "{told:?}");
    let log = stage.read("host.log");
    assert!(log.lines().last().expect("a line").contains(" info reloaded licence=host.toml"), "{log}");
    assert_eq!(host.stop(), Some(0));
    // Without a licence anywhere.
    stage.write("options.toml", "data = \"host\"\n");
    let told = stage.run(&["host", "run", "--config", "options.toml"]);
    assert!(told.code == 2 && told.complaint.contains("no licence is named"), "{told:?}");
}

#[test]
fn another_domain_is_published_at_once() {
    use crate::named::{KEYS, Named, clause};
    let Some(server) = Named::start("system-reload") else { return };
    let stage = Stage::new();
    let wrong = server.file("wrong.key", &clause((KEYS[0].0, KEYS[0].1, KEYS[1].2)));
    let key = server.file("kms.key", &clause(KEYS[0]));
    let options = |key: &str| {
        let name = "publish = [\"contoso.com\"]\nhost-name = \"kms01.contoso.com\"\n";
        format!("{name}nameserver = \"{}\"\ntsig = \"{key}\"\n", server.argument())
    };
    let host = host(&stage, "rate = 0\n");
    stage.write("options.toml", &options(&wrong));
    assert_eq!(reload(&stage).code, 0);
    assert_eq!(host.wait_for("publish-failed", 1)["code"], "0x80072338");
    // The key is set right: nobody waits for the next trial, a quarter of an hour away.
    stage.write("options.toml", &options(&key));
    assert_eq!(reload(&stage).code, 0);
    assert_eq!(host.wait_for("published", 1)["domain"], "contoso.com");
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["publish_in"], json!(["contoso.com"]));
    // A setting that slmgr keeps is not one of the file.
    assert_eq!(stage.slmgr("host", &["/sai", "90"]).code, 0);
    stage.write("options.toml", "");
    assert_eq!(reload(&stage).code, 0);
    let told = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!((&told["publish_in"], &told["activation_interval_min"]), (&json!([]), &json!(90)), "{told}");
}

#[test]
fn the_file_in_the_documents_is_one() {
    let document = include_str!("../../../../docs/system.md");
    let block = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a file");
    let stage = Stage::new();
    stage.write("kms.key", &crate::named::clause(crate::named::KEYS[0]));
    let here = stage.path("").to_string_lossy().trim_end_matches('/').to_owned();
    stage.write("options.toml", &block.replace("/etc/kmscope", &here));
    let run = ["host", "run", "--data", "host", "--config", "options.toml", "--listen", "127.0.0.1:0"];
    let host = Service::start(stage.command(&run), &stage, "host", 1).expect("the host starts");
    // The networks of the example are not this machine's.
    assert!(ask(host.address(), &request("Solo", 1)).is_err());
    assert_eq!(reload(&stage).code, 0);
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["publish_in"][1], "branch.contoso.com");
}
