//! The live commands end to end: the program as it is built, against servers on loopback.

#[cfg(feature = "gss-tsig")]
mod active_directory;
mod audit;
mod azure_vm;
mod check;
mod fake_dns;
mod fake_host;
mod forced_tunnel;
#[cfg(feature = "gss-tsig")]
mod kerberos;
mod named;
mod namespaces;
mod other_servers;
mod own;
#[allow(dead_code)]
#[path = "../../../rpc/tests/peers/mod.rs"]
mod peers;
mod probe;
mod publish;
mod rpc_peers;

use std::process::{Command, Output};

/// Runs kmscope; its output must be text.
fn kmscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kmscope"))
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .expect("kmscope can be run")
}

fn text(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(!complained.contains("panicked"), "{complained}");
    told
}

fn json(output: &Output) -> serde_json::Value {
    let told = text(output);
    serde_json::from_str(&told)
        .unwrap_or_else(|error| panic!("{error}: {told}\n{}", String::from_utf8_lossy(&output.stderr)))
}
