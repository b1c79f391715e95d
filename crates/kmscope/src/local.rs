//! What the client is set to: options of the command line, or this machine's own settings through the readers.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use dns::domains::ClientSettings;
use model::license::KmsMachineSource;
use model::network::{Adapter, NetworkConfig};
use model::windows::RegistryValue;
use model::{EvidenceFile, Fact, Kind, License};
use probe::facts::probed;
use probe::local::{self, Runner};
use probe::lookup::DNS_PORT;
use readers::Limits;

use crate::arguments::live::ClientOptions;

/// Settings with the facts that tell them.
pub(crate) struct Local {
    pub settings: ClientSettings,
    pub nameservers: Vec<SocketAddr>,
    /// What the time service of this machine goes by.
    pub time_source: Option<String>,
    /// Evidence about the settings.
    pub files: Vec<EvidenceFile>,
    /// Commands that could not be run, with the system's words.
    pub not_run: Vec<(String, String)>,
}

/// Takes the options; what they leave open is this machine's own, unless they describe a client of their own.
pub(crate) fn gather(options: &ClientOptions, at: &str, runner: Option<&dyn Runner>) -> Local {
    let described = options.describe_a_client();
    let own = if described && !options.nameserver.is_empty() { Local::empty() } else { own(runner) };
    let Local { mut settings, mut nameservers, mut time_source, mut files, not_run } = own;
    if described {
        time_source = None;
        // The options describe the client; of this machine only the DNS servers count.
        settings = ClientSettings::default();
        files.clear();
    }
    if let [first, rest @ ..] = options.client_suffix.as_slice() {
        settings.primary_suffix = Some(first.clone());
        settings.search_list = if rest.is_empty() { Vec::new() } else { options.client_suffix.clone() };
    }
    if let Some(host) = &options.kms_host {
        settings.fixed_host = Some((host.host.clone(), host.port));
    }
    if let Some(domain) = &options.lookup_domain {
        settings.lookup_domain = Some(domain.clone());
    }
    if !options.nameserver.is_empty() {
        nameservers = options.nameserver.iter().map(|server| server.0).collect();
    }
    if described || !options.nameserver.is_empty() {
        files.push(described_by(&settings, &nameservers, at));
    }
    Local { settings, nameservers, time_source, files, not_run }
}

impl Local {
    fn empty() -> Local {
        Local {
            settings: ClientSettings::default(),
            nameservers: Vec::new(),
            time_source: None,
            files: Vec::new(),
            not_run: Vec::new(),
        }
    }
}

/// This machine's own settings.
fn own(runner: Option<&dyn Runner>) -> Local {
    let mut own = Local::empty();
    match runner {
        Some(runner) => {
            for (command, output) in local::run_all(runner) {
                match output {
                    Ok(output) => {
                        let bytes = local::as_console(&command, &output);
                        own.files.push(readers::read_bytes(command.typed, &bytes, &Limits::default()));
                    }
                    Err(error) => own.not_run.push((command.typed.to_owned(), error.to_string())),
                }
            }
        }
        None => match fs::read(local::RESOLVER_FILE) {
            Ok(bytes) => {
                own.files.push(readers::read_bytes(local::RESOLVER_FILE, &bytes, &Limits::default()))
            }
            Err(error) => own.not_run.push((local::RESOLVER_FILE.to_owned(), error.to_string())),
        },
    }
    let facts: Vec<Fact> =
        own.files.iter().flat_map(|file| &file.facts).map(|evidence| evidence.fact.value.clone()).collect();
    facts.iter().for_each(|fact| learn(fact, &mut own.settings, &mut own.nameservers));
    own.time_source = facts.iter().find_map(|fact| match fact {
        Fact::Time(time) => time.source_server.clone(),
        _ => None,
    });
    // The port may stand above the name: once more, with the name known.
    for fact in &facts {
        if let Fact::Registry(value) = fact {
            learn_registry(value, &mut own.settings);
        }
    }
    own
}

fn learn(fact: &Fact, settings: &mut ClientSettings, nameservers: &mut Vec<SocketAddr>) {
    match fact {
        Fact::Network(network) => {
            settings.primary_suffix = settings
                .primary_suffix
                .take()
                .or(network.primary_dns_suffix.clone())
                .filter(|suffix| !suffix.is_empty());
            settings.search_list.extend(network.dns_suffix_search_list.iter().cloned());
            for adapter in network.adapters.iter().filter(|adapter| !adapter.disconnected) {
                settings
                    .connection_suffixes
                    .extend(adapter.dns_suffix.iter().filter(|s| !s.is_empty()).cloned());
                let servers = adapter.dns_servers.iter().filter_map(|text| text.parse::<IpAddr>().ok());
                for server in servers.map(|address| SocketAddr::new(address, DNS_PORT)) {
                    if !nameservers.contains(&server) {
                        nameservers.push(server);
                    }
                }
            }
        }
        Fact::Registry(value) => learn_registry(value, settings),
        Fact::License(license) if !license.is_kms_host() => {
            let Some(host) = license.kms_machine.clone() else { return };
            let named = Some((host, license.kms_port.unwrap_or(rpc::KMS_PORT)));
            match license.kms_machine_source {
                Some(KmsMachineSource::Registered) => settings.fixed_host = named,
                _ => settings.cached_host = named,
            }
        }
        _ => {}
    }
}

fn learn_registry(value: &RegistryValue, settings: &mut ClientSettings) {
    let name = value.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let Some(data) = value.data.clone().filter(|data| !value.missing && !data.is_empty()) else { return };
    match name.as_str() {
        "keymanagementservicename" => {
            let port = settings.fixed_host.as_ref().map_or(rpc::KMS_PORT, |(_, port)| *port);
            settings.fixed_host = Some((data, port));
        }
        "keymanagementserviceport" => {
            if let (Some(host), Ok(port)) = (&mut settings.fixed_host, data.parse()) {
                host.1 = port;
            }
        }
        "keymanagementservicelookupdomain" => settings.lookup_domain = Some(data),
        _ => {}
    }
}

/// The settings that options describe, as the facts that rules judge.
pub(crate) fn described_by(settings: &ClientSettings, nameservers: &[SocketAddr], at: &str) -> EvidenceFile {
    const PROBE: &str = "settings";
    let servers: Vec<String> = nameservers.iter().map(|server| server.ip().to_string()).collect();
    let mut facts = Vec::new();
    let suffixes = [&settings.search_list[..], settings.primary_suffix.as_slice()].concat();
    let network = NetworkConfig {
        primary_dns_suffix: settings.primary_suffix.clone(),
        dns_suffix_search_list: settings.search_list.clone(),
        adapters: vec![Adapter { dns_servers: servers.clone(), ..Adapter::default() }],
        ..NetworkConfig::default()
    };
    let words = format!("suffixes {}; DNS servers {}", list(&suffixes), list(&servers));
    facts.push(probed(Kind::Ipconfig, Fact::Network(Box::new(network)), PROBE, at, &words));
    if let Some((host, port)) = &settings.fixed_host {
        let license = License {
            kms_machine: Some(host.clone()),
            kms_port: Some(*port),
            kms_machine_source: Some(KmsMachineSource::Registered),
            ..License::default()
        };
        let words = format!("fixed KMS host {host}:{port}");
        facts.push(probed(Kind::Slmgr, Fact::License(Box::new(license)), PROBE, at, &words));
    }
    if let Some(domain) = &settings.lookup_domain {
        let value = RegistryValue {
            name: Some("KeyManagementServiceLookupDomain".to_owned()),
            data: Some(domain.clone()),
            ..RegistryValue::default()
        };
        let words = format!("lookup domain {domain}");
        facts.push(probed(Kind::Registry, Fact::Registry(value), PROBE, at, &words));
    }
    file(facts, Kind::Ipconfig)
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// Facts of probes as one file, as rules see files.
pub(crate) fn file(facts: Vec<model::evidence::Evidence>, kind: Kind) -> EvidenceFile {
    EvidenceFile { path: Arc::from("probe"), kind, encoding: "none".to_owned(), facts, notes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::io;

    use probe::local::LocalCommand;

    use super::*;

    /// A German Windows 10 client, as its commands printed it.
    struct Recorded;

    impl Runner for Recorded {
        fn run(&self, command: &LocalCommand) -> io::Result<Vec<u8>> {
            let text = match command.typed {
                "hostname" => "PC-7\r\n",
                "ipconfig /all" => {
                    "\r\nWindows-IP-Konfiguration\r\n\r\n   Hostname  . . . . . . . . . . . . : PC-7\r\n   Prim\u{e4}res DNS-Suffix . . . . . . . : contoso.com\r\n   Knotentyp . . . . . . . . . . . . : Hybrid\r\n   DNS-Suffixsuchliste . . . . . . . : contoso.com\r\n                                       emea.contoso.com\r\n\r\nEthernet-Adapter Ethernet:\r\n\r\n   Verbindungsspezifisches DNS-Suffix: branch.contoso.com\r\n   IPv4-Adresse  . . . . . . . . . . : 192.0.2.31(Bevorzugt)\r\n   DNS-Server  . . . . . . . . . . . : 192.0.2.10\r\n                                       192.0.2.11\r\n"
                }
                typed if typed.contains("Policies") => return Err(io::Error::from(io::ErrorKind::NotFound)),
                typed if typed.starts_with("reg query") => {
                    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\r\n    KeyManagementServiceName    REG_SZ    kms01.contoso.com\r\n    KeyManagementServicePort    REG_SZ    1689\r\n"
                }
                _ => "",
            };
            Ok(text.as_bytes().to_vec())
        }
    }

    fn options() -> ClientOptions {
        ClientOptions::default()
    }

    #[test]
    fn a_windows_client_tells_its_settings_in_its_own_language() {
        let local = gather(&options(), "2026-11-20T08:15:04Z", Some(&Recorded));
        assert_eq!(local.settings.primary_suffix.as_deref(), Some("contoso.com"));
        assert_eq!(local.settings.search_list, ["contoso.com", "emea.contoso.com"]);
        assert_eq!(local.settings.connection_suffixes, ["branch.contoso.com"]);
        assert_eq!(local.settings.fixed_host, Some(("kms01.contoso.com".to_owned(), 1689)));
        let servers: Vec<String> = local.nameservers.iter().map(SocketAddr::to_string).collect();
        assert_eq!(servers, ["192.0.2.10:53", "192.0.2.11:53"]);
        assert_eq!(local.not_run.len(), 1);
    }

    #[test]
    fn options_describe_a_client_of_their_own() {
        let options = ClientOptions {
            client_suffix: vec!["lab.contoso.com".to_owned(), "contoso.com".to_owned()],
            nameserver: vec!["192.0.2.53:5353".parse().unwrap()],
            ..options()
        };
        let local = gather(&options, "2026-11-20T08:15:04Z", Some(&Recorded));
        assert_eq!(local.settings.primary_suffix.as_deref(), Some("lab.contoso.com"));
        assert_eq!(local.settings.search_list, ["lab.contoso.com", "contoso.com"]);
        assert_eq!(local.settings.fixed_host, None);
        assert_eq!(local.nameservers[0].to_string(), "192.0.2.53:5353");
        assert_eq!(local.files.len(), 1);
    }
}
