//! `kmscope probe`: every way to answer, told apart.

use crate::fake_host::{Manner, closed_port, start};
use crate::{json, kmscope, text};

fn outcome(target: &str) -> (String, Option<i32>) {
    let output = kmscope(&["probe", target, "--timeout", "0.5", "--format", "json"]);
    let told = json(&output);
    let connection = &told["targets"][0]["addresses"][0]["connections"][0];
    (connection["outcome"].as_str().unwrap_or_default().to_owned(), output.status.code())
}

#[test]
fn every_manner_is_told_apart() {
    for (manner, expected, code) in [
        (Manner::Kms, "kms", 0),
        (Manner::OwnHost, "kmscope-host", 0),
        (Manner::OtherRpc, "other-rpc", 1),
        (Manner::Http, "other-protocol", 1),
        (Manner::Closes, "closed", 1),
        (Manner::Silent, "silent", 1),
    ] {
        assert_eq!(outcome(&start(manner).to_string()), (expected.to_owned(), Some(code)), "{manner:?}");
    }
    assert_eq!(outcome(&closed_port().to_string()), ("refused".to_owned(), Some(1)));
}

#[test]
fn repeated_connections_have_statistics() {
    let host = start(Manner::Kms).to_string();
    let output = kmscope(&["probe", &host, "--count", "4", "--interval", "0"]);
    let told = text(&output);
    assert!(told.contains("4 of 4 connected (0 % lost); minimum"), "{told}");
    let told = json(&kmscope(&["probe", &host, "--count", "3", "--interval", "0", "--format", "json"]));
    let address = &told["targets"][0]["addresses"][0];
    assert_eq!((address["tried"].as_u64(), address["kms"].as_bool()), (Some(3), Some(true)));
    assert!(address["connect_ms"]["minimum"].as_f64() <= address["connect_ms"]["maximum"].as_f64());
}

#[test]
fn the_bytes_are_shown_when_asked_for() {
    let host = start(Manner::Kms).to_string();
    let told = text(&kmscope(&["probe", &host, "-v"]));
    assert!(told.contains("sent (204)") && told.contains("0000  05 00 0b 03 10 00 00 00 cc 00"), "{told}");
    assert!(told.contains("received (") && told.contains("0000  05 00 0c 03"), "{told}");
}

#[test]
fn a_bad_target_is_named() {
    let output = kmscope(&["probe", "kms 01"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("host \"kms 01\", expected a name or an address")
    );
}
