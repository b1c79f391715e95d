//! Products and licences as lines and as JSON.

use std::io::{self, Write};

use activation::credentials::{IssuedHost, Product};
use messages::Argument;
use report::visible::one_line;
use serde_json::{Value, json};

use crate::Status;
use crate::console::Console;

/// Prints one JSON document.
pub(super) fn print_json(value: &Value) -> anyhow::Result<Status> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    Ok(Status::Done)
}

/// Prints a product with its ids and terms.
pub(super) fn print_product(product: &Product, console: &Console) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", console.bold(&one_line(&product.name)))?;
    let (clients, grace, validity) = (product.n_policy, product.grace_days, product.validity_days);
    for (label, value) in [
        ("publisher-label-application", product.application_name.clone()),
        ("publisher-label-application-id", product.application_id.to_string()),
        ("publisher-label-activation-id", product.activation_id.to_string()),
        ("publisher-label-clients", clients.to_string()),
        ("publisher-label-grace", days(grace, console)),
        ("publisher-label-validity", days(validity, console)),
    ] {
        writeln!(out, "  {}: {}", console.text(label, &[]), one_line(&value))?;
    }
    Ok(())
}

fn days(count: u32, console: &Console) -> String {
    console.text("publisher-days", &[("count", Argument::Number(count.into()))])
}

/// One line on an issued licence.
pub(super) fn host_line(host: &IssuedHost, console: &Console) -> String {
    let (end, products) = (host.not_after.to_string(), host.products.join(", "));
    let revoked = host.revoked_at.map(|at| at.to_string()).unwrap_or_default();
    let args = [
        ("serial", Argument::Number(host.serial.into())),
        ("number", Argument::Number(host.host_number.into())),
        ("limit", Argument::Number(host.host_limit.into())),
        ("licence", Argument::Text(&host.licence)),
        ("products", Argument::Text(&products)),
        ("end", Argument::Text(&end)),
        ("revoked", Argument::Text(&revoked)),
    ];
    let key = if host.revoked_at.is_some() { "publisher-host-revoked" } else { "publisher-host" };
    one_line(&console.text(key, &args))
}

/// An issued licence.
pub(super) fn host_json(host: &IssuedHost) -> Value {
    json!({
        "serial": host.serial,
        "licence": host.licence,
        "host_number": host.host_number,
        "host_limit": host.host_limit,
        "host_key": host.host_key,
        "products": host.products,
        "not_before": host.not_before.to_string(),
        "not_after": host.not_after.to_string(),
        "revoked_at": host.revoked_at.map(|at| at.to_string()),
        "replaces": host.replaces,
    })
}
