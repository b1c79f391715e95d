//! A client's product, and the host that it was activated by.

use uuid::Uuid;

use super::super::sentences::PRODUCT_NOT_FOUND;
use super::super::{Output, Which};
use super::{Lines, expiration_sentence};
use crate::client::{Client, ClientState, Product};
use crate::codes;
use crate::event::printable;
use crate::moment::Moment;
use crate::settings::HostPort;

/// The product's name; before a host told it, its activation id.
pub fn product_name(product: &Product) -> String {
    match &product.name {
        Some(name) => printable(name),
        None => format!("kmscope product {}", product.activation_id),
    }
}

/// `/dli` and `/dlv`.
pub(in super::super) fn information(
    client: &Client,
    which: Which,
    detailed: bool,
    version: &str,
    now: Moment,
) -> Output {
    let mut lines = Lines::default();
    if detailed {
        lines.version(version);
    }
    let state = client.state();
    let Some(product) = &state.product else { return lines.nothing_installed(codes::NO_KEY) };
    if !which.includes(product.activation_id) {
        return lines.nothing_installed(PRODUCT_NOT_FOUND);
    }
    lines.blank();
    heading(&mut lines, product, detailed);
    let status = client.status(now);
    lines.state(status.state, u64::from(status.minutes_left), status.code());
    if detailed {
        lines.add(format_args!("Remaining App rearm count: {}", state.rearms_left));
        lines.add(format_args!("Remaining SKU rearm count: {}", state.rearms_left));
        lines.add(format_args!("Trusted time: {}", state.trusted(now)));
    }
    lines.add(format_args!("Configured Activation Type: {}", state.settings.activation_type.name()));
    if status.is_licensed() {
        activated_by(&mut lines, state);
    } else {
        lines.add(format_args!(
            "Please use slmgr.vbs /ato to activate and update KMS client information in order to update values."
        ));
    }
    lines.blank();
    lines.done()
}

fn heading(lines: &mut Lines, product: &Product, detailed: bool) {
    lines.add(format_args!("Name: {}", product_name(product)));
    let application = match &product.application_name {
        Some(name) => printable(name),
        None => format!("kmscope application {}", product.application_id),
    };
    lines.add(format_args!("Description: {application}, VOLUME_KMSCLIENT channel"));
    if detailed {
        lines.add(format_args!("Activation ID: {}", product.activation_id));
        lines.add(format_args!("Application ID: {}", product.application_id));
        lines.add(format_args!("Extended PID: {}", extended_pid(product)));
        lines.add(format_args!("Product Key Channel: Volume:GVLK"));
    }
    lines.add(format_args!("Partial Product Key: {}", product.partial_key));
}

/// The shape of an extended PID, which scripts look for, with 88888 in front as our hosts have it. The digits behind
/// are taken from the ids, so that it is the same on every client of the product.
fn extended_pid(product: &Product) -> String {
    let digits = |id: Uuid, below: u128| id.as_u128() % below;
    format!(
        "88888-{:05}-{:03}-{:06}-03-1033-0000.0000-{:05}",
        digits(product.application_id, 100_000),
        digits(product.activation_id, 1_000),
        digits(product.activation_id, 1_000_000_000) / 1_000,
        product.n_policy
    )
}

/// The block of the host, which the script prints of a licensed client only.
fn activated_by(lines: &mut Lines, state: &ClientState) {
    let settings = &state.settings;
    let fixed = settings.fixed();
    lines.blank();
    lines.add(format_args!("Most recent activation information:"));
    lines.add(format_args!("Key Management Service client information"));
    lines.add(format_args!("    Client Machine ID (CMID): {}", state.cmid));
    if let Some(domain) = &settings.lookup_domain {
        lines.add(format_args!("    Registered KMS SRV record lookup domain: {}", printable(domain)));
    }
    match (&fixed, discovered(state)) {
        (Some(host), _) => lines.add(format_args!("    Registered KMS machine name: {}", shown(host))),
        (None, Some(host)) => lines.add(format_args!("    KMS machine name from DNS: {}", shown(host))),
        (None, None) => lines.add(format_args!("    DNS auto-discovery: KMS name not available")),
    }
    let held = state.held.as_ref();
    // A client keeps the host as it was named; only a host that is named by its address tells the address.
    match held.and_then(|held| held.host.host.parse::<std::net::IpAddr>().ok()) {
        Some(address) => lines.add(format_args!("    KMS machine IP address: {address}")),
        None => lines.add(format_args!("    KMS machine IP address: not available")),
    }
    let host_pid = held.map(|held| printable(&held.host_pid)).unwrap_or_default();
    lines.add(format_args!("    KMS machine extended PID: {host_pid}"));
    lines.add(format_args!("    Activation interval: {} minutes", state.activation_interval_minutes));
    lines.add(format_args!("    Renewal interval: {} minutes", state.renewal_interval_minutes));
    let caching = if settings.host_caching { "enabled" } else { "disabled" };
    lines.add(format_args!("    KMS host caching is {caching}"));
    if let (Some(host), Some(_)) = (&fixed, &settings.lookup_domain) {
        lines.blank();
        lines.add(format_args!("{}", overrides(host)));
    }
}

/// The host that discovery found last. With caching off it is not kept apart from the one that activated the client.
fn discovered(state: &ClientState) -> Option<&HostPort> {
    let held = state.held.as_ref().map(|held| &held.host);
    state.cached_host.as_ref().or(held.filter(|_| !state.settings.host_caching))
}

fn shown(host: &HostPort) -> String {
    printable(&host.to_string())
}

/// The script's warning when a fixed host makes a look-up domain void.
pub(in super::super) fn overrides(host: &HostPort) -> String {
    format!(
        "Warning: /skms setting overrides the /skms-domain setting. {} will be used for activation.",
        shown(host)
    )
}

/// `/xpr`.
pub(in super::super) fn expiration(client: &Client, product_id: Option<Uuid>, now: Moment) -> Output {
    let mut lines = Lines::default();
    let Some(product) = &client.state().product else { return lines.nothing_installed(codes::NO_KEY) };
    if product_id.is_some_and(|id| id != product.activation_id) {
        return lines.nothing_installed(PRODUCT_NOT_FOUND);
    }
    let status = client.status(now);
    lines.ends(&product_name(product), &expiration_sentence(status.state, status.ends));
    lines.done()
}
