//! A host's products, their counts and counters.

use uuid::Uuid;

use super::super::sentences::{GRACE_EXPIRED, NOT_GENUINE, PRODUCT_NOT_FOUND};
use super::super::{Output, Which};
use super::{Lines, expiration_sentence};
use crate::client::LicenseState;
use crate::codes;
use crate::credentials::CLOCK_TOLERANCE;
use crate::event::printable;
use crate::host::{Host, ProductStatus};
use crate::journal::Counters;
use crate::moment::Moment;
use crate::settings::HostSettings;

/// The words behind "Requests with License Status", for the states 0 to 5. The script has none for state 6.
const STATES: [&str; 6] = [
    "Unlicensed",
    "Licensed",
    "Initial grace period",
    "License expired or Hardware out of tolerance",
    "Non-genuine grace period",
    "Notification",
];

/// `/dli` and `/dlv`.
pub(in super::super) fn information(
    host: &Host,
    which: Which,
    detailed: bool,
    version: &str,
    now: Moment,
) -> Output {
    let mut lines = Lines::default();
    if detailed {
        lines.version(version);
    }
    let mut products = host.products(now);
    products.retain(|product| which.includes(product.grant.product.activation_id));
    if products.is_empty() {
        return lines.nothing_installed(PRODUCT_NOT_FOUND);
    }
    for product in &products {
        lines.blank();
        heading(&mut lines, product, detailed);
        let (state, reason) = state(product, now);
        lines.state(state, product.minutes_left, reason);
        if detailed {
            lines.add(format_args!("Trusted time: {now}"));
        }
        service(&mut lines, product.count, host.settings());
        requests(&mut lines, &product.counters);
        lines.blank();
    }
    lines.done()
}

fn heading(lines: &mut Lines, status: &ProductStatus, detailed: bool) {
    let product = &status.grant.product;
    lines.add(format_args!("Name: {}", printable(&product.name)));
    lines.add(format_args!("Description: {}, VOLUME_KMS channel", printable(&product.application_name)));
    if detailed {
        lines.add(format_args!("Activation ID: {}", product.activation_id));
        lines.add(format_args!("Application ID: {}", product.application_id));
        lines.add(format_args!("Extended PID: {}", status.host_pid));
        lines.add(format_args!("Product Key Channel: Volume:CSVLK"));
    }
    // A host has a licence in place of a key; its serial number tells it from others as five characters of a key do.
    lines.add(format_args!("Partial Product Key: {:05}", status.grant.serial % 100_000));
}

/// A host whose licence is in force is licensed; any other refuses every client, and says why.
fn state(product: &ProductStatus, now: Moment) -> (LicenseState, u32) {
    let grant = &product.grant;
    if product.in_force {
        (LicenseState::Licensed, 0)
    } else if now >= grant.not_after {
        (LicenseState::Notification, GRACE_EXPIRED)
    } else if now < grant.not_before.plus(-CLOCK_TOLERANCE) {
        (LicenseState::Notification, codes::HOST_NOT_ACTIVATED)
    } else {
        // Within its time only the publisher's revocation takes it out of force.
        (LicenseState::Notification, NOT_GENUINE)
    }
}

fn service(lines: &mut Lines, count: u32, settings: &HostSettings) {
    lines.blank();
    lines.add(format_args!("Key Management Service is enabled on this machine"));
    lines.add(format_args!("    Current count: {count}"));
    lines.add(format_args!("    Listening on Port: {}", settings.port));
    let publishing = if settings.dns_publishing { "enabled" } else { "disabled" };
    lines.add(format_args!("    DNS publishing {publishing}"));
    let priority = if settings.low_priority { "Low" } else { "Normal" };
    lines.add(format_args!("    KMS priority: {priority}"));
}

fn requests(lines: &mut Lines, counters: &Counters) {
    lines.blank();
    lines.add(format_args!("Key Management Service cumulative requests received from clients"));
    lines.add(format_args!("    Total requests received: {}", counters.total));
    lines.add(format_args!("    Failed requests received: {}", counters.failed));
    for (state, count) in STATES.iter().zip(counters.by_status) {
        lines.add(format_args!("    Requests with License Status {state}: {count}"));
    }
}

/// `/xpr`.
pub(in super::super) fn expiration(host: &Host, product_id: Option<Uuid>, now: Moment) -> Output {
    let mut lines = Lines::default();
    let mut products = host.products(now);
    products.retain(|product| product_id.is_none_or(|id| id == product.grant.product.activation_id));
    if products.is_empty() {
        return lines.nothing_installed(PRODUCT_NOT_FOUND);
    }
    for product in &products {
        let (state, _) = state(product, now);
        let sentence = expiration_sentence(state, Some(product.grant.not_after));
        lines.ends(&printable(&product.grant.product.name), &sentence);
    }
    lines.done()
}
