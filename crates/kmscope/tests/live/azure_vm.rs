//! `kmscope check` on a machine of Azure: a metadata service of the test's own, with the documented answers.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use serde_json::Value;

use crate::fake_dns::{Entry, FakeDns};
use crate::fake_host::{Manner, start};
use crate::named::folder;
use crate::{json, kmscope};

const INSTANCE: &str = r#"{"compute":{"azEnvironment":"AzureChinaCloud","location":"chinaeast2","name":"vm1",
    "offer":"WindowsServer","sku":"2022-datacenter-azure-edition","osType":"Windows","vmId":"02aab8a4"},
    "network":{"interface":[{"ipv4":{"ipAddress":[{"privateIpAddress":"10.0.0.4","publicIpAddress":""}]}}]}}"#;
const ATTESTED: &str = r#"{"encoding":"pkcs7","signature":"MIIK"}"#;

/// Answers as the service does: without the header it refuses, and only the two documents are there.
fn metadata(attested: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(length) if length > 0 => request.extend_from_slice(&buffer[..length]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).to_lowercase();
            let (status, body) = if !request.contains("\r\nmetadata: true\r\n") {
                ("400 Bad Request", r#"{"error":"Bad request. Required metadata header not specified"}"#)
            } else if request.starts_with("get /metadata/instance?") {
                ("200 OK", INSTANCE)
            } else if attested && request.starts_with("get /metadata/attested/document?") {
                ("200 OK", ATTESTED)
            } else {
                ("403 Forbidden", "blocked by the proxy")
            };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    address
}

/// Endpoints of China's cloud on loopback, in the place of the real ones.
fn tables(name: &str, port: u16) -> std::path::PathBuf {
    let folder = folder(name);
    let table = format!(
        "schema = 1\n[sources]\nT = \"test\"\n[[endpoint]]\ncloud = \"AzureChina\"\nname = \"azkms.core.chinacloudapi.cn\"\n\
         addresses = [\"127.0.0.1\"]\nport = {port}\nrequired = true\nstatus = \"current\"\nsources = [\"T\"]\n\
         [[endpoint]]\ncloud = \"AzurePublic\"\nname = \"azkms.core.windows.net\"\naddresses = [\"127.0.0.2\"]\nport = {port}\n\
         required = true\nstatus = \"current\"\nsources = [\"T\"]\n"
    );
    fs::write(folder.join("azure-endpoints.toml"), table).expect("a table");
    folder
}

fn check(name: &str, manner: Manner, imds: SocketAddr, more: &[&str]) -> Value {
    let host = start(manner);
    let dns = FakeDns::start(vec![("azkms.core.chinacloudapi.cn", Entry::A([127, 0, 0, 1]))]);
    let tables = tables(name, host.port());
    let (imds, dns) = (imds.to_string(), dns.argument());
    let mut arguments = vec!["--facts", tables.to_str().expect("a path"), "check", "--format", "json"];
    arguments.extend(["--timeout", "0.5", "--imds", &imds, "--nameserver", &dns]);
    arguments.extend(more);
    let report = json(&kmscope(&arguments));
    let _ = fs::remove_dir_all(tables);
    report
}

fn causes(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|one| one["cause"].as_str().unwrap()).collect()
}

#[test]
fn the_metadata_chooses_the_cloud_and_its_endpoints_are_tried() {
    let fixed = ["--kms-host", "azkms.core.chinacloudapi.cn"];
    let host = start(Manner::Kms).port();
    let named = format!("{}:{host}", fixed[1]);
    let report = check("azure-cloud", Manner::Kms, metadata(true), &["--kms-host", &named]);
    assert_eq!(report["check"]["azure_cloud"], "AzureChina", "{report:#}");
    assert_eq!(report["verdict"], "clear", "{report:#}");
    // The endpoint's address was connected to by itself.
    assert_eq!(report["check"]["by_address"], true, "{report:#}");
}

#[test]
fn azure_edition_needs_its_attested_document() {
    let report =
        check("azure-edition", Manner::Kms, metadata(false), &["--kms-host", "azkms.core.chinacloudapi.cn"]);
    assert!(causes(&report).contains(&"imds-unreachable"), "{report:#}");
    let silent = start(Manner::Silent);
    let report = check("azure-silent", Manner::Kms, silent, &["--kms-host", "azkms.core.chinacloudapi.cn"]);
    assert!(causes(&report).contains(&"imds-unreachable"), "{report:#}");
    assert!(report["check"]["azure_cloud"].is_null());
}

#[test]
fn a_host_of_another_cloud_is_told_by_the_metadata() {
    let folder = folder("azure-other");
    let dlv = folder.join("dlv.txt");
    let text = "Name: Windows(R), ServerDatacenter edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\n\
                Partial Product Key: 8XDDG\nLicense Status: Notification\nNotification Reason: 0xC004F074.\n\
                Registered KMS machine name: azkms.core.windows.net:1688\n";
    fs::write(&dlv, text).expect("a file");
    let path = dlv.to_str().expect("a path");
    let report = check(
        "azure-other-cloud",
        Manner::Kms,
        metadata(true),
        &["--evidence", path, "--client-suffix", "contoso.com"],
    );
    let _ = fs::remove_dir_all(folder);
    assert_eq!(report["root_cause"]["cause"], "stale-registered-kms-name", "{report:#}");
    assert!(report["findings"][0]["summary"].as_str().unwrap().contains("azkms.core.chinacloudapi.cn"));
}
