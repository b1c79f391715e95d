//! Members of etcd on loopback, each test with its own, in a folder of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Options, connect};
use tempfile::TempDir;

/// Long enough for a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Ports may be taken between the choice and the start.
const TRIES: usize = 3;

/// A cluster that ends with its test.
pub struct Members {
    folder: TempDir,
    members: Vec<Member>,
    /// `--initial-cluster` of all.
    peers: String,
}

struct Member {
    client_port: u16,
    peer_port: u16,
    /// Nothing while it is killed.
    process: Option<Child>,
}

/// True when etcd is here; else a word about what is skipped.
pub fn is_installed() -> bool {
    let found = |program: &str| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(|mut child| child.kill().and_then(|()| child.wait()))
            .is_ok()
    };
    let missing: Vec<&str> = ["etcd", "etcdctl"].into_iter().filter(|program| !found(program)).collect();
    if !missing.is_empty() {
        eprintln!("skipped: {} not installed (Debian: etcd-server, etcd-client)", missing.join(" and "));
    }
    missing.is_empty()
}

/// Ports that are free now, all different.
fn free_ports(count: usize) -> Vec<u16> {
    let bound: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
    bound.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// The options of most tests: a call is not paused, so that a machine that asks again is heard.
pub fn eager() -> Options {
    Options { pause: Duration::ZERO, ..Options::default() }
}

impl Members {
    /// Three members with a leader.
    pub async fn three() -> Members {
        for _ in 0..TRIES {
            let mut members = Members::placed(3);
            for index in 0..3 {
                members.start(index, &[]);
            }
            if members.wait_until_all_answer().await {
                return members;
            }
        }
        panic!("etcd does not start");
    }

    /// So many members, none of them started.
    pub fn placed(count: usize) -> Members {
        let ports = free_ports(2 * count);
        let members: Vec<Member> = ports
            .chunks(2)
            .map(|pair| Member { client_port: pair[0], peer_port: pair[1], process: None })
            .collect();
        let peers: Vec<String> = members
            .iter()
            .enumerate()
            .map(|(index, member)| format!("m{index}=http://127.0.0.1:{}", member.peer_port))
            .collect();
        Members { folder: tempfile::tempdir().unwrap(), members, peers: peers.join(",") }
    }

    /// The folder of the cluster.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Address of a member for clients.
    pub fn address(&self, index: usize) -> String {
        format!("127.0.0.1:{}", self.members[index].client_port)
    }

    /// All addresses, beginning with that of one member.
    pub fn addresses(&self, first: usize) -> Vec<String> {
        let count = self.members.len();
        (0..count).map(|step| self.address((first + step) % count)).collect()
    }

    /// Starts a member, for the first time or again. With `tls`, arguments for it.
    pub fn start(&mut self, index: usize, tls: &[String]) {
        let name = format!("m{index}");
        let scheme = if tls.is_empty() { "http" } else { "https" };
        let client = format!("{scheme}://{}", self.address(index));
        let peer = format!("http://127.0.0.1:{}", self.members[index].peer_port);
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder().join(format!("{name}.log")))
            .unwrap();
        let process = Command::new("etcd")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .args(["--name", &name, "--logger", "zap"])
            .arg("--data-dir")
            .arg(self.folder().join(&name))
            .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
            .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
            .args(["--initial-cluster", &self.peers, "--initial-cluster-token", &self.peers])
            .args(tls)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.members[index].process = Some(process);
    }

    /// False when one of them ended instead.
    pub async fn wait_until_all_answer(&mut self) -> bool {
        let count = connect(&self.addresses(0), eager()).await.unwrap();
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let health = count.health().await;
            if health.majority.is_ok() && health.members.iter().all(|member| member.state.is_ok()) {
                assert!(health.is_one_cluster());
                assert_eq!(health.members.iter().filter(|member| is_leader(member)).count(), 1);
                return true;
            }
            let ended = |member: &mut Member| {
                member.process.as_mut().is_some_and(|process| process.try_wait().unwrap().is_some())
            };
            if self.members.iter_mut().any(ended) {
                return false;
            }
        }
        panic!("etcd does not answer");
    }

    /// What `etcdctl` prints.
    pub fn etcdctl(&self, arguments: &[&str]) -> String {
        let output = Command::new("etcdctl")
            .env("ETCDCTL_API", "3")
            .arg(format!("--endpoints={}", self.addresses(0).join(",")))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Which member leads, by etcd's own tool.
    pub fn leader(&self) -> usize {
        let status = self.etcdctl(&["endpoint", "status", "--write-out=simple"]);
        // endpoint, id, version, size, is leader, ...
        let leads = |line: &&str| line.split(", ").nth(4) == Some("true");
        let line = status.lines().find(leads).unwrap();
        (0..self.members.len()).find(|index| line.contains(&self.address(*index))).unwrap()
    }

    /// kill -9
    pub fn kill(&mut self, index: usize) {
        let mut process = self.members[index].process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Stops a member, or lets it go on; its connections stay.
    pub fn signal(&self, index: usize, signal: &str) {
        let id = self.members[index].process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

fn is_leader(member: &cluster::MemberHealth) -> bool {
    member.state.as_ref().is_ok_and(cluster::Member::is_leader)
}

impl Drop for Members {
    fn drop(&mut self) {
        for process in self.members.iter_mut().filter_map(|member| member.process.as_mut()) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
