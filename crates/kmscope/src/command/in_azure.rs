//! What `check` adds where the machine runs in Azure: its metadata, and the KMS endpoints of its cloud.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use azure::{Cloud, cloud};
use facts::azure_endpoints::azure_endpoints;
use model::{EvidenceFile, Fact, Kind};
use probe::Target;
use probe::imds::{ATTESTED, INSTANCE, SERVICE, ask, unreachable};
use readers::Limits;

use crate::arguments::live::Check;
use crate::local::{self, Local};

/// The resolver that Azure gives its machines; it exists nowhere else.
const PLATFORM_RESOLVER: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));
/// The domain of machines without one of their own.
const PLATFORM_DOMAIN: &str = "internal.cloudapp.net";
/// Where Linux shows the maker's tag of a machine, and what it is in Azure.
const ASSET_TAG_FILE: &str = "/sys/class/dmi/id/chassis_asset_tag";
const ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

/// What the machine's place tells.
#[derive(Default)]
pub(super) struct InAzure {
    /// The cloud, where the metadata service told.
    pub cloud: Option<Cloud>,
    pub files: Vec<EvidenceFile>,
    /// The endpoints of the cloud, each to be tried.
    pub endpoints: Vec<Target>,
}

/// Asks the metadata service where one is named or the machine shows that it runs in Azure.
pub(super) async fn look(options: &Check, local: &Local, at: &str) -> InAzure {
    let own_machine = !options.client.describe_a_client();
    let service = match options.imds {
        Some(service) => service.0,
        // Azure's KMS is for Windows.
        None if own_machine && !options.is_own() && shows_azure(local) => SERVICE,
        None => return InAzure::default(),
    };
    let mut found = InAzure::default();
    for document in [INSTANCE, ATTESTED] {
        let (file, told) = asked(service, document, options.timeout.0, at).await;
        found.cloud = found.cloud.or(told);
        let silent = file.facts.iter().any(|one| is_unreachable(&one.fact.value));
        found.files.push(file);
        // A service that does not answer once is not waited for again.
        if silent {
            break;
        }
    }
    if let Some(cloud) = found.cloud {
        let required = azure_endpoints().of(cloud).filter(|endpoint| endpoint.required);
        // One look-up gives one address of several, so every address is tried, too.
        for endpoint in required {
            let named = Target { host: endpoint.name.clone(), port: endpoint.port };
            let numbered =
                endpoint.addresses.iter().map(|a| Target { host: a.to_string(), port: endpoint.port });
            found.endpoints.extend(std::iter::once(named).chain(numbered));
        }
    }
    found
}

fn is_unreachable(fact: &Fact) -> bool {
    matches!(fact, Fact::Imds(imds) if imds.reachable == Some(false))
}

fn shows_azure(local: &Local) -> bool {
    let settings = &local.settings;
    let suffixes = settings.primary_suffix.iter().chain(&settings.search_list);
    let azure_name = |host: &Option<(String, u16)>| {
        host.as_ref().is_some_and(|(name, _)| cloud::of_kms_name(name).is_some())
    };
    local.nameservers.iter().any(|server| server.ip() == PLATFORM_RESOLVER)
        || suffixes.into_iter().any(|suffix| suffix.to_lowercase().ends_with(PLATFORM_DOMAIN))
        || azure_name(&settings.fixed_host)
        || fs::read_to_string(ASSET_TAG_FILE).is_ok_and(|tag| tag.trim() == ASSET_TAG)
}

/// A document through the readers, or why there is none; and the cloud that it names.
async fn asked(
    service: SocketAddr,
    document: &str,
    patience: Duration,
    at: &str,
) -> (EvidenceFile, Option<Cloud>) {
    /// Azure's service answers within milliseconds; a path that is blocked must not hold everything up.
    const PATIENCE_MAX: Duration = Duration::from_secs(2);
    let failed = |words: &str| local::file(vec![unreachable(service, document, words, at)], Kind::Imds);
    let answered = match ask(service, document, patience.min(PATIENCE_MAX)).await {
        Ok(answered) if answered.status < 300 => answered,
        // It answers and refuses: a proxy in between, as a rule.
        Ok(answered) => return (failed(&format!("HTTP status {}", answered.status)), None),
        Err(error) => return (failed(&error.to_string()), None),
    };
    let file =
        readers::read_bytes(&format!("http://{service}{document}"), &answered.body, &Limits::default());
    let is_metadata = |fact: &Fact| matches!(fact, Fact::Imds(_));
    if !file.facts.iter().any(|one| is_metadata(&one.fact.value)) {
        return (failed("the answer is no instance metadata"), None);
    }
    let cloud = file.facts.iter().find_map(|one| match &one.fact.value {
        Fact::Imds(imds) => imds.environment.as_deref().and_then(Cloud::parse),
        _ => None,
    });
    (file, cloud)
}
