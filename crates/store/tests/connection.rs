//! How a connection to PostgreSQL is secured, and what is told of a server that is not as it should be.
#![cfg(unix)]

mod common;

use std::path::Path;
use std::process::Command;

use common::server::{PASSWORD, Server};
use store::{HostStore, OpenOptions, Place};
use tempfile::tempdir;

fn at(url: &str) -> Place {
    Place::Database(Box::new(url.parse().unwrap()))
}

fn openssl(folder: &Path, words: &str) -> bool {
    let output = Command::new("openssl").args(words.split(' ')).current_dir(folder).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn tls_verifies_as_far_as_it_is_told() {
    let folder = tempdir().unwrap();
    let make = |name: &str| {
        let subject = format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={name}"
        );
        openssl(folder.path(), &format!("{subject} -keyout {name}.key -out {name}.pem"))
    };
    if !make("authority") || !make("stranger") {
        println!("skipped: openssl is not installed");
        return;
    }
    let request = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=db1 -keyout db1.key -out db1.csr";
    std::fs::write(folder.path().join("names"), "subjectAltName=DNS:localhost").unwrap();
    let sign = "x509 -req -in db1.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out db1.pem";
    assert!(openssl(folder.path(), request) && openssl(folder.path(), sign));
    let Some(server) = Server::start() else { return };
    let file = |name: &str| server.file(name, &std::fs::read(folder.path().join(name)).unwrap());
    let (certificate, key) = (file("db1.pem"), file("db1.key"));
    server.stop();
    server.options(&format!(
        "-c ssl=on -c ssl_cert_file={} -c ssl_key_file={}",
        certificate.display(),
        key.display()
    ));
    server.run();
    let url = |host: &str, options: &str| {
        server.journal_by_tcp("tls").replace("127.0.0.1", host)
            + &options.replace("{}", &folder.path().display().to_string())
    };
    let opened = |host: &str, options: &str| {
        HostStore::at(&at(&url(host, options)), OpenOptions::default()).map(|_store| {
            server.sql("SELECT bool_or(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'kmscope%'")
        })
    };
    for (host, options, is_secure) in [
        ("127.0.0.1", "", "t"),
        ("127.0.0.1", "&sslmode=disable", "f"),
        ("127.0.0.1", "&sslmode=require&channel_binding=require", "t"),
        ("127.0.0.1", "&sslmode=verify-ca&sslrootcert={}/authority.pem", "t"),
        ("localhost", "&sslmode=verify-full&sslrootcert={}/authority.pem", "t"),
    ] {
        assert_eq!(opened(host, options).unwrap(), is_secure, "{host} {options}");
    }
    for (host, options) in [
        ("127.0.0.1", "&sslmode=require&sslrootcert={}/stranger.pem"),
        ("127.0.0.1", "&sslmode=verify-ca&sslrootcert={}/stranger.pem"),
        ("127.0.0.1", "&sslmode=verify-full&sslrootcert={}/authority.pem"),
        ("localhost", "&sslmode=verify-full&sslrootcert={}/absent.pem"),
    ] {
        let error = opened(host, options).unwrap_err();
        let mut text = format!("{error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        assert!(text.contains("ertificate") || text.contains("absent.pem"), "{host} {options}: {text}");
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn a_wrong_password_is_told_without_it() {
    let Some(server) = common::server() else { return };
    let url = server.journal_by_tcp("password").replace(PASSWORD, "s3cret");
    let error = HostStore::at(&at(&url), OpenOptions::default()).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("password authentication failed") && !text.contains("s3cret"), "{text}");
}

#[test]
fn settings_that_cost_durability_are_told() {
    let Some(server) = Server::start() else { return };
    let warnings =
        || HostStore::at(&at(&server.journal("unsafe")), OpenOptions::default()).unwrap().warnings();
    assert_eq!(warnings(), [] as [String; 0]);
    server.stop();
    server.options("-c fsync=off");
    server.run();
    assert!(warnings().iter().any(|text| text.contains("fsync=off")), "{:?}", warnings());
}
