//! What docs/system.md tells an admin to type, typed: on a machine of its own, with the paths, addresses and names that
//! stand there. The machine is a set of namespaces; what is written below /etc and /var/lib stays in them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::named::{KEYS, clause, program, zone};
use crate::stage::until;

/// The machine: full name, address, DNS suffix, an account for the services, and folders that can be written to.
const MACHINE: &str = r#"
set -e
mount -t tmpfs tmpfs "$1"
for place in /etc /var/lib; do
    mkdir -p "$1$place/upper" "$1$place/work"
    mount -t overlay overlay -o "lowerdir=$place,upperdir=$1$place/upper,workdir=$1$place/work" $place
done
echo kms01.contoso.com > /proc/sys/kernel/hostname
ip link set lo up
ip address add 10.0.0.4/32 dev lo
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
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The machine, and the folder in which its admin works.
struct Machine {
    /// What holds the namespaces.
    holder: Ended,
    folder: tempfile::TempDir,
}

impl Machine {
    /// Nothing, with the reason told, where none can be made.
    fn new() -> Option<Machine> {
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

    fn path(&self) -> &Path {
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

    fn run(&self, line: &str) -> Output {
        self.command(line).output().expect("nsenter can be run")
    }

    #[track_caller]
    fn done(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// A service in its account, once it has said where it listens.
    #[track_caller]
    fn start(&self, line: &str) -> (Ended, String) {
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

    /// The DNS server of the site.
    fn dns(&self) -> Ended {
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

/// The only command of the document that begins so: in a block without a mark, or within a sentence.
#[track_caller]
fn shown(document: &str, beginning: &str) -> String {
    let joined = document.replace("\\\n", " ");
    let in_sentences = joined.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let found: Vec<&str> = joined
        .lines()
        .chain(in_sentences)
        .map(str::trim)
        .filter(|command| command.starts_with(beginning))
        .collect();
    assert_eq!(found.len(), 1, "commands of the document that begin with {beginning}: {found:?}");
    found[0].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_the_document_tells_to_type_works_as_it_stands() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/system.md");
    let document = fs::read_to_string(document).expect("the document");
    let Some(machine) = Machine::new() else { return };
    let _dns = machine.dns();
    fs::write(machine.path().join("kms.key"), clause(KEYS[0])).expect("a key");
    machine.done("install -o kmscope -m 600 kms.key /etc/kmscope/kms.key");
    machine.done("kmscope publisher init --dir publisher --name Contoso");
    machine.done("kmscope publisher product --dir publisher --name CAD --n-policy 1");
    machine.done(&shown(&document, "kmscope publisher issue-host"));
    machine.done(&shown(&document, "install -o kmscope"));

    let (_host, address) = machine.start(&shown(&document, "kmscope host run"));
    assert_eq!(address, "[::]:1688");
    let record = || machine.done("dig @10.0.0.4 _vlmcs._tcp.contoso.com SRV +short");
    until("the record", || Some(record()).filter(|text| text == "0 0 1688 kms01.contoso.com.\n"));

    let key = machine.done("kmscope publisher setup-key --dir publisher --product CAD");
    let client = shown(&document, "kmscope client run").replace("XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", key.trim());
    let _client = machine.start(&client);
    // It was told nothing but its key: the rest is DNS.
    until("an activation", || {
        Some(machine.run("kmscope client status")).filter(|told| told.status.success())
    });
    let told = machine.done("kmscope slmgr /dlv");
    assert!(told.contains("KMS machine name from DNS: kms01.contoso.com:1688"), "{told}");
    let told =
        machine.done(&shown(&document, "kmscope slmgr --data DIR").replace("DIR", "/var/lib/kmscope/host"));
    assert!(told.contains("DNS publishing enabled"), "{told}");
    assert!(machine.done("kmscope host status").contains("1 of 1 machines"));
    assert!(machine.done("kmscope host events").contains("12290"));

    let told = machine.done(&shown(&document, "kmscope host install"));
    assert!(told.contains("/etc/systemd/system/kmscope-host.service"), "{told}");
    assert!(machine.done("cat /etc/systemd/system/kmscope-host.service").contains("--publish contoso.com"));
    assert!(!Path::new("/etc/systemd/system/kmscope-host.service").exists(), "it stays in the namespaces");
}
