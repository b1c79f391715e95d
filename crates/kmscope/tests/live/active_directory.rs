//! `kmscope dns publish --gss-tsig` against a domain controller: Samba's, in a namespace of the test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::named::{folder, program};
use crate::namespaces::Namespace;

/// Names as the domain's own machines see them; nothing outside the namespaces is changed.
const NAMES: &str = "set -e\nmount --make-rprivate /\n\
    mount --bind \"$1/resolv.conf\" /etc/resolv.conf\nmount --bind \"$1/hosts\" /etc/hosts\n";

/// Makes a domain with only the services that DNS and tickets need, and runs its controller.
const CONTROLLER: &str = "hostname dc1\n\
    samba-tool domain provision --realm=LAB.EXAMPLE --domain=LAB --server-role=dc --dns-backend=SAMBA_INTERNAL \
    --host-name=dc1 --host-ip=10.77.0.1 --adminpass=Of-this-lab-1 --targetdir=\"$1/dc\" --option='interfaces=lo' \
    --option='bind interfaces only=yes' --option='server services=rpc,ldap,cldap,kdc,dns'\n\
    exec samba -i -M single -s \"$1/dc/etc/smb.conf\"\n";

/// A domain controller that ends with its value.
struct Controller {
    process: Child,
    folder: PathBuf,
    namespace: Namespace,
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a script in the namespace, with a host name and files of its own.
fn script(namespace: &Namespace, folder: &Path, name: &str, text: &str) -> Command {
    let path = folder.join(name);
    fs::write(&path, format!("{NAMES}{text}")).expect("a script");
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &namespace.0, "unshare", "-u", "-m", "bash"]).arg(path).arg(folder);
    command
}

impl Controller {
    /// Nothing where Samba's domain controller is not installed or no namespace can be made.
    fn start() -> Option<Controller> {
        for needed in ["samba", "samba-tool", "unshare", "kinit"] {
            program(needed)?;
        }
        if !Path::new("/usr/share/samba/setup").is_dir() {
            eprintln!(
                "skipped: Samba's files for new domains (samba-ad-provision) are not installed (see .ci/run)"
            );
            return None;
        }
        let namespace = Namespace::new("ad")?;
        namespace.run("ip", &["addr", "add", "10.77.0.1/24", "dev", "lo"]);
        let folder = folder("ad");
        fs::write(folder.join("resolv.conf"), "nameserver 10.77.0.1\nsearch lab.example\n").expect("a file");
        fs::write(folder.join("hosts"), "127.0.0.1 localhost\n10.77.0.1 dc1.lab.example dc1\n")
            .expect("a file");
        let log = fs::File::create(folder.join("log")).expect("a log");
        let process = script(&namespace, &folder, "controller.sh", CONTROLLER)
            .stdout(log.try_clone().expect("the log"))
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("ip can be run");
        let mut controller = Controller { process, folder, namespace };
        let deadline = Instant::now() + Duration::from_secs(240);
        while !controller.answers() {
            let ended = controller.process.try_wait().expect("its state").is_some();
            let log = || fs::read_to_string(controller.folder.join("log")).unwrap_or_default();
            assert!(!ended && Instant::now() < deadline, "the controller does not run: {}", log());
            std::thread::sleep(Duration::from_millis(500));
        }
        Some(controller)
    }

    fn answers(&self) -> bool {
        let asked = ["netns", "exec", &self.namespace.0, "dig", "@10.77.0.1", "lab.example", "SOA", "+short"];
        let output = Command::new("ip").args(asked).args(["+time=1", "+tries=1"]).output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("dc1"))
    }

    fn run(&self, text: &str) -> Output {
        let settings = "export KRB5_CONFIG=\"$1/dc/private/krb5.conf\" KRB5CCNAME=\"FILE:$1/tickets\"\n";
        let output = script(&self.namespace, &self.folder, "user.sh", &format!("{settings}{text}")).output();
        output.expect("ip can be run")
    }

    /// Publishes in several domains of the zone.
    fn publish(&self, options: &str) -> (Option<i32>, String) {
        let output = self.run(&format!(
            "{} --lang en dns publish --nameserver 10.77.0.1 --host kms01.lab.example {options}",
            env!("CARGO_BIN_EXE_kmscope")
        ));
        (output.status.code(), crate::text(&output))
    }
}

#[test]
fn a_domain_controller_takes_an_update_that_is_signed_with_a_ticket() {
    let Some(controller) = Controller::start() else { return };
    let (code, told) = controller.publish("--domain lab.example");
    assert!(code == Some(2) && told.contains("REFUSED by"), "secure updates only: {told}");
    let (code, told) = controller.publish("--domain lab.example --gss-tsig");
    assert!(code == Some(2) && told.contains("no Kerberos ticket") && !told.contains('\u{2400}'), "{told}");
    let ticket = controller.run("echo Of-this-lab-1 | kinit Administrator\n");
    assert!(ticket.status.success(), "{}", String::from_utf8_lossy(&ticket.stderr));
    let domains = "--domain lab.example --domain branch.lab.example --gss-tsig";
    let (code, told) = controller.publish(domains);
    assert!(code == Some(0) && told.contains("\nbranch.lab.example: changed"), "{told}");
    let (code, told) = controller.publish(domains);
    assert!(code == Some(0) && told.matches("nothing to change").count() == 2, "{told}");
    let found = controller.run("dig @10.77.0.1 _vlmcs._tcp.branch.lab.example SRV +short\n");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "0 0 1688 kms01.lab.example.\n");
}
