//! A machine with the name, the addresses and the paths that stand in the documents: a set of namespaces. What is written
//! below /etc and /var/lib stays in them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::named::{KEYS, clause, program, zone};

/// The machine: full name, addresses, DNS suffix, an account for the services, and folders that can be written to.
const MACHINE: &str = r#"
set -e
mount -t tmpfs tmpfs "$1"
for place in /etc /var/lib; do
    mkdir -p "$1$place/upper" "$1$place/work"
    mount -t overlay overlay -o "lowerdir=$place,upperdir=$1$place/upper,workdir=$1$place/work" $place
done
echo kms01.contoso.com > /proc/sys/kernel/hostname
ip link set lo up
for last in 4 5 6 7; do ip address add 10.0.0.$last/32 dev lo; done
rm -f /etc/resolv.conf
printf 'search contoso.com\nnameserver 10.0.0.4\n' > /etc/resolv.conf
echo 'kmscope:x:990:990::/nonexistent:/usr/sbin/nologin' >> /etc/passwd
echo 'kmscope:x:990:' >> /etc/group
mkdir -p /etc/kmscope /var/lib/kmscope
chown kmscope:kmscope /var/lib/kmscope
echo ready
exec sleep infinity
"#;

const ZONE: &str = "$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 300\n@ IN NS ns1\n\
                    ns1 IN A 10.0.0.4\nkms01 IN A 10.0.0.4\n";

/// A process that ends with its value.
pub struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The machine, and the folder in which its admin works.
pub struct Machine {
    /// What holds the namespaces.
    holder: Ended,
    folder: tempfile::TempDir,
}

impl Machine {
    /// Nothing, with the reason told, where none can be made.
    pub fn new() -> Option<Machine> {
        for needed in ["unshare", "nsenter", "ip", "named", "dig"] {
            program(needed)?;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("own");
        fs::create_dir(&own).expect("a folder");
        let process = Command::new("unshare")
            .args(["--mount", "--net", "--uts", "--propagation", "private", "sh", "-c", MACHINE, "sh"])
            .arg(&own)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("unshare can be run");
        let mut holder = Ended(process);
        let mut line = String::new();
        BufReader::new(holder.0.stdout.take().expect("output")).read_line(&mut line).expect("text");
        if line != "ready\n" {
            let said = std::io::read_to_string(holder.0.stderr.take().expect("errors")).unwrap_or_default();
            eprintln!("skipped: no machine of its own can be made here: {}", said.trim());
            return None;
        }
        Some(Machine { holder, folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A line as the admin types it.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--net", "--uts", "--target", &self.holder.0.id().to_string(), "--"]);
        let built = Path::new(env!("CARGO_BIN_EXE_kmscope")).parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        command.args(["sh", "-c", &format!("cd '{}' && {line}", self.path().display())]);
        command.env("PATH", format!("{}:{path}:/usr/sbin:/sbin", built.display()));
        command.env("KMSCOPE_PASSPHRASE", "correct horse").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    pub fn run(&self, line: &str) -> Output {
        self.command(line).output().expect("nsenter can be run")
    }

    #[track_caller]
    pub fn done(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Something that runs until its value ends.
    #[cfg(feature = "etcd")]
    pub fn keep(&self, line: &str) -> Ended {
        let mut command = self.command(&format!("exec {line}"));
        Ended(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nsenter can be run"))
    }

    /// A service in its account, once it has said where it listens.
    #[track_caller]
    pub fn start(&self, line: &str) -> (Ended, String) {
        let account = "exec setpriv --reuid=kmscope --regid=kmscope --clear-groups";
        let mut command = self.command(&format!("{account} {line}"));
        let log = fs::File::create(self.path().join("service.log")).expect("a log");
        let mut process = Ended(command.stdout(Stdio::piped()).stderr(log).spawn().expect("it starts"));
        let mut address = String::new();
        BufReader::new(process.0.stdout.take().expect("output")).read_line(&mut address).expect("a line");
        let log = || fs::read_to_string(self.path().join("service.log")).unwrap_or_default();
        assert!(!address.is_empty(), "{line}: {}", log());
        (process, address.trim().to_owned())
    }

    /// The DNS server of the site, at the first address.
    pub fn dns(&self) -> Ended {
        let folder = self.path().join("dns");
        fs::create_dir(&folder).expect("a folder");
        let shown = folder.display();
        let policy = "update-policy { grant kms-key name _vlmcs._tcp.contoso.com. SRV; };";
        let zones = clause(KEYS[0]) + &zone(&folder, "contoso.com", ZONE, policy);
        let options = format!(
            "options {{ directory \"{shown}\"; listen-on {{ 10.0.0.4; }}; listen-on-v6 {{ none; }}; recursion no; \
             dnssec-validation no; pid-file \"{shown}/pid\"; session-keyfile \"{shown}/session\"; }};\ncontrols {{ }};\n"
        );
        fs::write(folder.join("named.conf"), options + &zones).expect("a configuration");
        let mut command = self.command(&format!("exec named -g -c {shown}/named.conf"));
        let mut server = Ended(command.stderr(Stdio::piped()).spawn().expect("named starts"));
        let mut log = BufReader::new(server.0.stderr.take().expect("a log")).lines().map_while(Result::ok);
        assert!(log.by_ref().any(|line| line.ends_with(" running")), "named runs");
        std::thread::spawn(move || log.for_each(drop));
        server
    }
}
