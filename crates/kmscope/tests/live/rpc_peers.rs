//! Independent DCE/RPC stacks: impacket serves our bind, tshark reads it.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::named::{folder, free_port, program};
use crate::namespaces::Namespace;
pub use crate::peers::python;
use crate::{json, kmscope};

/// A process that ends with its value.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server of impacket's: port, interface and, beside loopback, address are its arguments.
pub const SERVER: &str = "import sys\nfrom impacket.dcerpc.v5.rpcrt import DCERPCServer\ns = DCERPCServer()\ns.addCallbacks((sys.argv[2], '1.0'), '', {})\ns._listenAddress = sys.argv[3] if sys.argv[3:] else '127.0.0.1'\ns.setListenPort(int(sys.argv[1]))\ns.run()\n";

fn outcome(interface: &str) -> Option<String> {
    let python = python()?;
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], free_port().expect("a port")));
    let process = Command::new(python)
        .args(["-c", SERVER, &address.port().to_string(), interface])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Python can be run");
    let mut process = Ended(process);
    // Until it listens; should it end before, so does the waiting.
    while TcpStream::connect(address).is_err() {
        if process.0.try_wait().is_ok_and(|ended| ended.is_some()) {
            panic!("impacket's server ended");
        }
        std::thread::yield_now();
    }
    let told = json(&kmscope(&["probe", &address.to_string(), "--format", "json"]));
    let connection = &told["targets"][0]["addresses"][0]["connections"][0];
    Some(connection["outcome"].as_str().unwrap_or_default().to_owned())
}

/// Samba's RPC services in a namespace of the test's own; they end with their process group.
#[test]
fn sambas_endpoint_mapper_refuses_the_interface_as_the_standard_says() {
    let Some(program) = ["/usr/libexec/samba", "/usr/lib/x86_64-linux-gnu/samba", "/usr/lib/samba"]
        .map(|folder| Path::new(folder).join("samba-dcerpcd"))
        .into_iter()
        .find(|path| path.is_file())
    else {
        eprintln!("skipped: samba-dcerpcd is not installed (see .ci/run)");
        return;
    };
    let Some(namespace) = Namespace::new("epm") else { return };
    let folder = folder("epm");
    let mut settings =
        "[global]\nserver role = standalone server\ninterfaces = lo\nbind interfaces only = yes\n\
        rpc start on demand helpers = false\n"
            .to_owned();
    for name in [
        "lock directory",
        "state directory",
        "cache directory",
        "pid directory",
        "private dir",
        "ncalrpc dir",
    ] {
        let own = folder.join(name.replace(' ', "-"));
        fs::create_dir_all(&own).expect("a folder");
        settings.push_str(&format!("{name} = {}\n", own.display()));
    }
    settings.push_str(&format!("log file = {}\n", folder.join("log").display()));
    let file = folder.join("smb.conf");
    fs::write(&file, settings).expect("settings");
    let process = Command::new("ip")
        .args(["netns", "exec", &namespace.0])
        .arg(program)
        .args(["-F", "--libexec-rpcds", "-s"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("ip can be run");
    let mut process = Ended(process);
    let deadline = Instant::now() + Duration::from_secs(30);
    let outcome = loop {
        match namespace.outcome("127.0.0.1:135").as_str() {
            "refused" => {
                let ended = process.0.try_wait().expect("its state");
                assert!(ended.is_none() && Instant::now() < deadline, "Samba does not listen: {ended:?}");
            }
            other => break other.to_owned(),
        }
    };
    assert_eq!(outcome, "other-rpc");
    drop(process);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn impacket_with_the_interface_is_taken_for_a_host() {
    let Some(outcome) = outcome("51C82175-844E-4750-B0D8-EC255555BC06") else { return };
    assert_eq!(outcome, "kms");
}

#[test]
fn impacket_with_another_interface_is_not() {
    let Some(outcome) = outcome("12345678-1234-ABCD-EF00-0123456789AB") else { return };
    assert_eq!(outcome, "other-rpc");
}

/// A capture file with one TCP segment in each direction.
fn capture(segments: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    // Magic, version 2.4, zone, accuracy, length, raw IP packets.
    for number in [0xA1B2_C3D4u32, 0x0004_0002, 0, 0, 65535, 101] {
        file.extend(number.to_le_bytes());
    }
    for (source, destination, payload) in segments {
        let mut packet = vec![0x45, 0];
        packet.extend(((40 + payload.len()) as u16).to_be_bytes());
        packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        packet.extend(source.to_be_bytes());
        packet.extend(destination.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0]);
        packet.extend(*payload);
        for number in [0u32, 0, packet.len() as u32, packet.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

#[test]
fn tshark_reads_the_bind() {
    let Some(tshark) = program("tshark") else { return };
    let bind = rpc::probe::probe_bind(1).write().unwrap();
    let path = std::env::temp_dir().join(format!("kmscope-bind-{}.pcap", std::process::id()));
    fs::write(&path, capture(&[(40000, 1688, &bind)])).unwrap();
    let output = Command::new(tshark)
        .args(["-V", "-o", "tcp.check_checksum:false", "-d", "tcp.port==1688,dcerpc", "-r"])
        .arg(&path)
        .output()
        .expect("tshark can be run");
    fs::remove_file(&path).unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(!told.to_lowercase().contains("malformed"), "{told}");
    for words in [
        "Packet type: Bind (11)",
        "51c82175-844e-4750-b0d8-ec255555bc06",
        "Num Ctx Items: 4",
        "7d2c5a3e-91b4-4f0e-8c6d-2f1a0b9e4d57",
        "64bit NDR",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}
