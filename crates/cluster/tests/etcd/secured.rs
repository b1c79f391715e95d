//! Members that ask for a certificate and a password.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use activation::Moment;
use cluster::{ClusterError, Identity, Options, SharedCount, Tls, User, connect};
use uuid::Uuid;

use crate::members::{Members, PATIENCE, eager, is_installed};

const NOW: Moment = Moment(1_795_000_000);

/// Makes an authority, and a certificate for member and host.
fn make_certificates(folder: &Path) -> Option<()> {
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        .ok()?;
    let steps = [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
         -keyout ca.key -out ca.pem",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=host -keyout host.key -out host.csr",
        "x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out host.pem",
    ];
    for step in steps {
        let made = Command::new("openssl")
            .args(step.split_whitespace())
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: openssl makes no certificates here");
            return None;
        }
    }
    Some(())
}

/// A place for one member, with its certificates; nothing, with the reason told, where etcd or openssl is missing.
fn with_certificates() -> Option<Members> {
    if !is_installed() {
        return None;
    }
    let members = Members::placed(1);
    make_certificates(members.folder())?;
    Some(members)
}

fn file(members: &Members, name: &str) -> String {
    members.folder().join(name).to_str().unwrap().to_owned()
}

fn arguments(members: &Members) -> Vec<String> {
    let mut arguments = vec!["--client-cert-auth".to_owned()];
    for (option, name) in
        [("--trusted-ca-file", "ca.pem"), ("--cert-file", "host.pem"), ("--key-file", "host.key")]
    {
        arguments.extend([option.to_owned(), file(members, name)]);
    }
    arguments
}

fn tls(members: &Members) -> Tls {
    let read = |name| fs::read(file(members, name)).unwrap();
    let identity = Identity { certificate: read("host.pem"), key: read("host.key") };
    Tls { authorities: read("ca.pem"), identity: Some(identity) }
}

async fn count(host: &SharedCount) -> Result<u32, ClusterError> {
    host.count(Uuid::from_u128(1), Uuid::from_u128(2), 25, NOW).await
}

/// A user who may use our keys and no others.
fn protect(members: &Members) {
    let ca = format!("--cacert={}", file(members, "ca.pem"));
    let (cert, key) =
        (format!("--cert={}", file(members, "host.pem")), format!("--key={}", file(members, "host.key")));
    for step in [
        "user add root:top",
        "user grant-role root root",
        "role add kms",
        "role grant-permission kms --prefix=true readwrite /kmscope/",
        "user add host:word",
        "user grant-role host kms",
        "auth enable",
    ] {
        let mut words = vec![ca.as_str(), cert.as_str(), key.as_str()];
        words.extend(step.split(' '));
        members.etcdctl(&words);
    }
}

/// One member that asks for a password, and a host that has counted there.
async fn logged_in(members: &mut Members, arguments: &[String]) -> SharedCount {
    members.start(0, arguments);
    let user = |user| Options { tls: Some(tls(members)), user, ..eager() };
    let addresses = members.addresses(0);
    let before = connect(&addresses, user(None)).await.unwrap();
    let begin = Instant::now();
    while count(&before).await != Ok(1) {
        assert!(begin.elapsed() < PATIENCE);
    }
    protect(members);
    let (name, password) = ("host".to_owned(), "word".to_owned());
    let host = connect(&addresses, user(Some(User { name, password }))).await.unwrap();
    assert_eq!(count(&host).await, Ok(1));
    host
}

/// A member forgets at a restart who had logged in.
#[tokio::test]
async fn a_login_outlives_the_member() {
    let Some(mut members) = with_certificates() else { return };
    let arguments = arguments(&members);
    let host = logged_in(&mut members, &arguments).await;
    members.kill(0);
    members.start(0, &arguments);
    let begin = Instant::now();
    loop {
        match count(&host).await {
            Ok(count) => break assert_eq!(count, 1),
            // It is not there yet.
            Err(ClusterError::Unreachable { .. } | ClusterError::NoMajority { .. }) => {
                assert!(begin.elapsed() < PATIENCE);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Logins end after five minutes if nothing else is said; here after a second.
#[tokio::test]
async fn a_login_that_has_ended_is_renewed() {
    const ENDS_AFTER: Duration = Duration::from_secs(1);
    let Some(mut members) = with_certificates() else { return };
    let mut arguments = arguments(&members);
    let (public, private) = (file(&members, "host.pem"), file(&members, "host.key"));
    let token =
        format!("jwt,pub-key={public},priv-key={private},sign-method=ES256,ttl={}s", ENDS_AFTER.as_secs());
    arguments.extend(["--auth-token".to_owned(), token]);
    let host = logged_in(&mut members, &arguments).await;
    let begin = Instant::now();
    let mut counted = 0;
    // Also two at once that find the login ended.
    while begin.elapsed() < 3 * ENDS_AFTER {
        assert_eq!(tokio::join!(count(&host), count(&host)), (Ok(1), Ok(1)));
        counted += 1;
        tokio::time::sleep(ENDS_AFTER / 7).await;
    }
    assert!(counted > 3);
}

#[tokio::test]
async fn certificates_and_passwords() {
    let Some(mut members) = with_certificates() else { return };
    let arguments = arguments(&members);
    members.start(0, &arguments);
    let addresses = members.addresses(0);
    let with = async |tls: Option<Tls>, user: Option<(&str, &str)>| {
        let user = user.map(|(name, password)| User { name: name.to_owned(), password: password.to_owned() });
        connect(&addresses, Options { tls, user, ..eager() }).await.unwrap()
    };
    let host = with(Some(tls(&members)), None).await;
    let begin = Instant::now();
    while count(&host).await != Ok(1) {
        assert!(begin.elapsed() < PATIENCE);
    }
    let stranger = with(Some(Tls { identity: None, ..tls(&members) }), None).await;
    assert!(matches!(count(&stranger).await, Err(ClusterError::Unreachable { .. })));
    let plain = with(None, None).await;
    assert!(matches!(count(&plain).await, Err(ClusterError::Unreachable { .. })));

    protect(&members);
    let refused = |result| match result {
        Err(ClusterError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(count(&host).await, Ok(1), "the common name of a certificate is a user's name to etcd");
    let wrong = with(Some(tls(&members)), Some(("host", "guess"))).await;
    let reason = refused(count(&wrong).await);
    assert!(reason.contains("invalid user ID or password"), "{reason}");
    let right = with(Some(tls(&members)), Some(("host", "word"))).await;
    assert_eq!(count(&right).await, Ok(1));
    assert!(right.health().await.majority.is_ok());
    let elsewhere = Options { prefix: "/other".to_owned(), ..Options::default() };
    let user = Some(User { name: "host".to_owned(), password: "word".to_owned() });
    let elsewhere =
        connect(&addresses, Options { tls: Some(tls(&members)), user, ..elsewhere }).await.unwrap();
    assert_eq!(refused(count(&elsewhere).await), "etcdserver: permission denied");
}
