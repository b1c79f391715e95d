//! A forced tunnel of real routes: a machine, Azure's edge with its public address, a VPN to a site with an edge of its
//! own, and an endpoint that answers only Azure's address. All in network namespaces; addresses of documentation.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::json;
use crate::named::{folder, program};
use crate::namespaces::Namespace;
use crate::rpc_peers::{Ended, SERVER, python};

/// Public addresses of Azure's edge and of the site's.
const AZURE: &str = "203.0.113.2";
const SITE: &str = "198.51.100.2";
/// The endpoint's addresses, both behind the public links.
const ENDPOINTS: [&str; 2] = ["203.0.113.129", "203.0.113.130"];

struct World {
    vm: Namespace,
    _edges: [Namespace; 2],
    internet: Namespace,
}

impl World {
    fn new() -> Option<World> {
        let vm = Namespace::new("vm")?;
        let azure = Namespace::new("azure")?;
        let site = Namespace::new("site")?;
        let internet = Namespace::new("internet")?;
        link(&vm, "eth0", "192.0.2.2/30", &azure, "in", "192.0.2.1/30");
        link(&vm, "vpn0", "192.0.2.6/30", &site, "vpn", "192.0.2.5/30");
        link(&azure, "out", &format!("{AZURE}/30"), &internet, "azure", "203.0.113.1/30");
        link(&site, "out", &format!("{SITE}/30"), &internet, "site", "198.51.100.1/30");
        for (edge, via) in [(&azure, "203.0.113.1"), (&site, "198.51.100.1")] {
            edge.run("ip", &["route", "add", "default", "via", via]);
            edge.run("sysctl", &["-qw", "net.ipv4.ip_forward=1"]);
            edge.run("nft", &["add table ip nat"]);
            edge.run("nft", &["add chain ip nat post { type nat hook postrouting priority 100; }"]);
            edge.run("nft", &["add rule ip nat post oifname out masquerade"]);
        }
        for address in ENDPOINTS {
            internet.run("ip", &["address", "add", &format!("{address}/32"), "dev", "lo"]);
        }
        // Whoever does not come from Azure is refused.
        internet.run("nft", &["add table ip filter"]);
        internet.run("nft", &["add chain ip filter in { type filter hook input priority 0; }"]);
        let refuse =
            format!("add rule ip filter in tcp dport 1688 ip saddr != {AZURE} reject with tcp reset");
        internet.run("nft", &[&refuse]);
        // The default route leads into the tunnel.
        vm.run("ip", &["route", "add", "default", "via", "192.0.2.5"]);
        Some(World { vm, _edges: [azure, site], internet })
    }

    /// The machine's routes in the form of effective routes: what goes over the VPN goes to the gateway.
    fn effective_routes(&self) -> Value {
        let output = self.vm.run("ip", &["-j", "route", "show"]);
        let routes: Value = serde_json::from_slice(&output.stdout).expect("routes in JSON");
        let row = |route: &Value| {
            let prefix = match route["dst"].as_str().expect("a destination") {
                "default" => "0.0.0.0/0".to_owned(),
                single if !single.contains('/') => format!("{single}/32"),
                prefix => prefix.to_owned(),
            };
            let hop = match (route["gateway"].is_null(), route["dev"].as_str()) {
                (true, _) => "VnetLocal",
                (false, Some("vpn0")) => "VirtualNetworkGateway",
                (false, _) => "Internet",
            };
            let source = if hop == "VnetLocal" { "Default" } else { "User" };
            json!({"addressPrefix": [prefix], "nextHopType": hop, "nextHopIpAddress": [], "source": source, "state": "Active"})
        };
        json!({"value": routes.as_array().expect("a list").iter().map(row).collect::<Vec<_>>()})
    }
}

fn link(
    one: &Namespace,
    name: &str,
    address: &str,
    other: &Namespace,
    other_name: &str,
    other_address: &str,
) {
    let made = Command::new("ip")
        .args([
            "link", "add", name, "netns", &one.0, "type", "veth", "peer", "name", other_name, "netns",
            &other.0,
        ])
        .output()
        .expect("ip can be run");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for (namespace, name, address) in [(one, name, address), (other, other_name, other_address)] {
        namespace.run("ip", &["address", "add", address, "dev", name]);
        namespace.run("ip", &["link", "set", name, "up"]);
    }
}

#[test]
fn the_tunnel_is_named_and_the_routes_of_the_fix_mend_it() {
    let (Some(_), Some(_), Some(python)) = (program("nft"), program("dnsmasq"), python()) else {
        eprintln!("skipped: nft, dnsmasq or impacket is not installed (see .ci/run)");
        return;
    };
    let Some(world) = World::new() else { return };
    let folder = folder("tunnel");
    let in_namespace = |namespace: &Namespace, program: &str, arguments: &[&str]| {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &namespace.0, program]).args(arguments);
        Ended(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("ip can be run"))
    };
    let interface = "51c82175-844e-4750-b0d8-ec255555bc06";
    let python = python.to_str().expect("a path").to_owned();
    let _host = in_namespace(&world.internet, &python, &["-c", SERVER, "1688", interface, "0.0.0.0"]);
    let resolve = format!("--address=/azkms.core.windows.net/{}", ENDPOINTS[0]);
    let options = ["--no-daemon", "--no-resolv", "--no-hosts", "--port=53", "--local=/contoso.com/"];
    let dns = [&options[..], &["--listen-address=127.0.0.1", "--bind-interfaces", &resolve]].concat();
    let _dns = in_namespace(&world.vm, "dnsmasq", &dns);

    let addresses = ENDPOINTS.map(|address| format!("\"{address}\"")).join(", ");
    let table = format!(
        "schema = 1\n[sources]\nT = \"test\"\n[[endpoint]]\ncloud = \"AzurePublic\"\nname = \"azkms.core.windows.net\"\n\
         addresses = [{addresses}]\nport = 1688\nrequired = true\nstatus = \"current\"\nsources = [\"T\"]\n"
    );
    fs::write(folder.join("azure-endpoints.toml"), table).expect("a table");
    let routes = folder.join("routes.json");
    let (facts, routes_path) = (folder.to_str().expect("a path"), routes.to_str().expect("a path"));
    let kmscope = |arguments: &[&str]| {
        let all = [&["--lang", "en", "--facts", facts], arguments].concat();
        world.vm.run(env!("CARGO_BIN_EXE_kmscope"), &all)
    };
    let check = || {
        fs::write(&routes, world.effective_routes().to_string()).expect("routes");
        json(&kmscope(&[
            "check",
            "--format",
            "json",
            "--timeout",
            "2",
            "--kms-host",
            "azkms.core.windows.net",
            "--nameserver",
            "127.0.0.1",
            "--client-suffix",
            "contoso.com",
            "--evidence",
            routes_path,
        ]))
    };
    // Impacket and dnsmasq need a moment; the host is asked in the namespace that it stands in.
    let deadline = Instant::now() + Duration::from_secs(30);
    let allowed = "insert rule ip filter in iifname lo accept";
    world.internet.run("nft", &[allowed]);
    while world.internet.outcome(ENDPOINTS[0]) != "kms" {
        assert!(
            Instant::now() < deadline,
            "the endpoint does not answer: {}",
            world.internet.outcome(ENDPOINTS[0])
        );
    }

    assert_eq!(world.vm.outcome(ENDPOINTS[0]), "refused");
    let report = check();
    assert_eq!(report["root_cause"]["cause"], "forced-tunnel", "{report:#}");
    let before = json(&kmscope(&["azure", "check", "--routes", routes_path, "--format", "json"]));
    assert_eq!((&before["verdict"], &before["cause"]), (&json!("fails"), &json!("forced-tunnel")));

    let fix = kmscope(&[
        "azure",
        "fix",
        "--routes",
        routes_path,
        "--resource-group",
        "rg",
        "--vnet",
        "v",
        "--subnet",
        "s",
        "--route-table",
        "rt",
        "--as",
        "az",
    ]);
    let fix = String::from_utf8(fix.stdout).expect("text");
    let prefixes: Vec<&str> =
        fix.lines().filter_map(|line| line.split("--address-prefix ").nth(1)?.split(' ').next()).collect();
    assert_eq!(prefixes, ENDPOINTS.map(|address| format!("{address}/32")));
    for prefix in prefixes {
        world.vm.run("ip", &["route", "add", prefix, "via", "192.0.2.1"]);
    }
    for endpoint in ENDPOINTS {
        assert_eq!(world.vm.outcome(endpoint), "kms");
    }
    let report = check();
    assert_eq!(report["verdict"], "clear", "{report:#}");
    let after = json(&kmscope(&["azure", "check", "--routes", routes_path, "--format", "json"]));
    assert_eq!(after["verdict"], "works");
    // Everything else still goes through the tunnel.
    let way = world.vm.run("ip", &["route", "get", "198.51.100.77"]);
    assert!(String::from_utf8_lossy(&way.stdout).contains("dev vpn0"));
    let _ = fs::remove_dir_all(folder);
}
