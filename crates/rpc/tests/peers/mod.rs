//! Independent DCE/RPC stacks as tests of several rooms use them: impacket calls, tshark reads a capture.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Where a program is, or nothing and a word about what is skipped.
pub fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var("PATH").unwrap_or_default();
    let found = folders
        .split(':')
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"])
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not installed (see .ci/run)");
    }
    found
}

/// A Python with impacket: the one that .ci/run made, or the system's.
pub fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers/bin/python");
    let python = if own.is_file() { own } else { program("python3")? };
    let has = Command::new(&python).args(["-c", "import impacket"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("skipped: impacket is not installed (see .ci/run)");
        return None;
    }
    Some(python)
}

/// Has impacket call the activation interface on a port of loopback; what it understood.
pub fn activate(python: &Path, port: u16, arguments: &[&str]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rpc/tests/activate.py");
    let output = Command::new(python)
        .arg(script)
        .args(["127.0.0.1", &port.to_string()])
        .args(arguments)
        .output()
        .expect("Python can be run");
    let told = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&told)
        .unwrap_or_else(|error| panic!("{error}: {told}{}", String::from_utf8_lossy(&output.stderr)))
}

/// What tshark says of a capture, with what goes over the port taken for DCE/RPC.
pub fn tshark(tshark: &Path, capture: &Path, port: u16, arguments: &[&str]) -> String {
    let decode = format!("tcp.port=={port},dcerpc");
    let preferences = ["-o", "tcp.check_checksum:false", "-o", "dcerpc.reassemble_dcerpc:true"];
    let output = Command::new(tshark)
        .args(preferences)
        .args(["-d", &decode, "-r"])
        .arg(capture)
        .args(arguments)
        .output()
        .expect("tshark can be run");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The types of the packets in a capture, in their order.
pub fn packet_types(program: &Path, capture: &Path, port: u16) -> Vec<String> {
    let told = tshark(program, capture, port, &["-T", "fields", "-e", "dcerpc.pkt_type"]);
    told.split([',', '\n']).filter(|number| !number.is_empty()).map(str::to_owned).collect()
}

/// There is nothing in a capture that tshark cannot read.
#[track_caller]
pub fn is_understood(program: &Path, capture: &Path, port: u16) {
    let all = tshark(program, capture, port, &["-V"]);
    for wrong in ["malformed", "expert info (warn", "expert info (error"] {
        assert!(!all.to_lowercase().contains(wrong), "{wrong}: {all}");
    }
}
