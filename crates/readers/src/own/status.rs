//! `kmscope host status` and `kmscope client status`, each with `--format json`.

use model::license::{ActivationResult, LicenseCommand, RequestsByStatus};
use model::windows::ServiceState;
use model::{Fact, Guid, HexCode, Kind, License, LicenseStatus, Place, Quote};
use serde_json::Value;

use crate::out::Out;

/// Products of a host that are looked at; a licence holds no more.
const PRODUCTS_MAX: usize = 4096;

/// Reads either document. False if it is neither.
pub(super) fn read(value: &Value, place: &Place, out: &mut Out) -> bool {
    let document = Part { value, pointer: String::new(), line: place };
    let has = |names: &[&str]| names.iter().all(|name| value.get(name).is_some());
    if value.get("running").and_then(Value::as_bool).is_none() {
        return false;
    }
    if has(&["products", "publisher", "renewal_interval_min"]) {
        read_service(&document, out);
        let products = value["products"].as_array().into_iter().flatten().take(PRODUCTS_MAX);
        for (number, product) in products.enumerate() {
            let pointer = format!("/products/{number}");
            read_host_product(&Part { value: product, pointer, line: place }, &document, out);
        }
        return true;
    }
    if has(&["applications", "requests", "last_request"]) {
        read_service(&document, out);
        return true;
    }
    if has(&["license_state", "cmid", "next_attempt"]) {
        read_client(&document, out);
        return true;
    }
    false
}

/// A part of the document, and where it stands.
struct Part<'a> {
    value: &'a Value,
    pointer: String,
    /// Where the document begins.
    line: &'a Place,
}

impl<'a> Part<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(str::to_owned)
    }

    fn number<T: TryFrom<u64>>(&self, name: &str) -> Option<T> {
        self.get(name)?.as_u64().and_then(|number| T::try_from(number).ok())
    }

    fn guid(&self, name: &str) -> Option<Guid> {
        self.get(name)?.as_str().and_then(Guid::parse)
    }

    fn code(&self, name: &str) -> Option<HexCode> {
        self.get(name)?.as_str().and_then(HexCode::parse)
    }

    /// A part of this part.
    fn part(&self, name: &str) -> Option<Part<'a>> {
        let pointer = format!("{}/{name}", self.pointer);
        Some(Part { value: self.get(name)?, pointer, line: self.line })
    }

    /// The pointer when the document is the file, else the line at which it begins.
    fn place(&self, name: &str) -> Place {
        match self.line {
            Place::Line(1) if name.is_empty() => Place::Pointer(self.pointer.clone()),
            Place::Line(1) => Place::Pointer(format!("{}/{name}", self.pointer)),
            line => line.clone(),
        }
    }

    /// The words of a value, for the field of a fact.
    fn quote(&self, name: &str, field: &'static str) -> Option<Quote> {
        let value = self.get(name)?;
        Some(Quote::new(field, self.place(name), &format!("\"{name}\": {value}")))
    }

    /// The words of several values; the names are those of the fact's fields, too.
    fn quotes(&self, names: &[&'static str]) -> Vec<Quote> {
        names.iter().filter_map(|name| self.quote(name, name)).collect()
    }
}

/// Whether the host runs, and whether it can work.
fn read_service(document: &Part<'_>, out: &mut Out) {
    let running = document.value["running"] == Value::Bool(true);
    let health = document.text("health").filter(|health| health != "ok");
    let (state, telling) = match (running, &health) {
        (false, _) => ("STOPPED", "running"),
        (true, None) => ("RUNNING", "running"),
        (true, Some(_)) => ("FAILED", "health"),
    };
    let service = ServiceState {
        name: Some(ServiceState::KMSCOPE_HOST.to_owned()),
        display_name: health,
        state: Some(state.to_owned()),
        ..ServiceState::default()
    };
    let quotes = document.quote(telling, "state").into_iter().collect();
    out.push(Kind::Service, Fact::Service(service), document.place(""), quotes);
}

fn product_of(part: &Part<'_>, channel: &str) -> License {
    License {
        command: Some(LicenseCommand::Display),
        name: part.text("name"),
        channel: Some(channel.to_owned()),
        activation_id: part.guid("activation_id"),
        application_id: part.guid("application_id"),
        partial_product_key: part.text("partial_product_key"),
        min_count: part.number("n_policy"),
        ..License::default()
    }
}

fn product_quotes(part: &Part<'_>) -> Vec<Quote> {
    let mut quotes = part.quotes(&["name", "activation_id", "application_id", "partial_product_key"]);
    quotes.extend(part.quote("n_policy", "min_count"));
    quotes.extend(part.quote("name", "description"));
    quotes
}

/// One product that the licence of a host covers.
fn read_host_product(product: &Part<'_>, document: &Part<'_>, out: &mut Out) {
    let in_force = product.get("in_force").and_then(Value::as_bool);
    let license = License {
        license_status: in_force.map(|yes| match yes {
            true => LicenseStatus::Licensed,
            false => LicenseStatus::Notification,
        }),
        host_enabled: true,
        current_count: product.get("current_count").and_then(Value::as_i64),
        total_requests: product.number("total_requests"),
        failed_requests: product.number("failed_requests"),
        requests_by_status: product.get("requests_by_status").and_then(by_status),
        listening_port: document.number("port"),
        dns_publishing: document.get("dns_publishing").and_then(Value::as_bool),
        activation_interval_min: document.number("activation_interval_min"),
        renewal_interval_min: document.number("renewal_interval_min"),
        service_version: document.text("version"),
        ..product_of(product, "VOLUME_KMS")
    };
    let mut quotes = product_quotes(product);
    quotes.extend(product.quotes(&["current_count", "total_requests", "failed_requests"]));
    quotes.extend(product.quotes(&["requests_by_status"]));
    quotes.extend(product.quote("in_force", "license_status"));
    // The end of the licence says why it is not in force, and when it will be so.
    quotes.extend(product.quote("not_after", "license_status"));
    quotes.extend(document.quotes(&["dns_publishing", "activation_interval_min", "renewal_interval_min"]));
    quotes.extend(document.quote("port", "listening_port"));
    out.push(Kind::Slmgr, Fact::License(Box::new(license)), product.place(""), quotes);
}

/// Requests in the order of the states' numbers.
fn by_status(value: &Value) -> Option<RequestsByStatus> {
    let numbers: Vec<Option<u64>> = value.as_array()?.iter().map(Value::as_u64).collect();
    let of = |state: usize| numbers.get(state).copied().flatten();
    Some(RequestsByStatus {
        unlicensed: of(0),
        licensed: of(1),
        initial_grace: of(2),
        expired_or_oot: of(3),
        non_genuine_grace: of(4),
        notification: of(5),
    })
}

/// A client: its product, and its last attempt.
fn read_client(document: &Part<'_>, out: &mut Out) {
    let product = document.part("product");
    let known = product.as_ref().map(|product| product_of(product, "VOLUME_KMSCLIENT")).unwrap_or_default();
    let known_quotes = product.as_ref().map(product_quotes).unwrap_or_default();
    let status = document.number("license_state").and_then(LicenseStatus::from_number);
    let minutes = document.number("minutes_left");
    let (expiration_min, time_remaining_min) = match status {
        Some(LicenseStatus::Licensed) => (minutes, None),
        _ => (None, minutes),
    };
    let host = document.text("host");
    let (kms_machine, kms_port) = host.as_deref().map(split_host).unwrap_or_default();
    let license = License {
        command: Some(LicenseCommand::Display),
        license_status: status,
        cmid: document.guid("cmid"),
        expiration_min,
        time_remaining_min,
        kms_machine,
        kms_port,
        service_version: document.text("version"),
        ..known.clone()
    };
    let mut quotes = known_quotes.clone();
    quotes.extend(document.quotes(&["license_status", "cmid"]));
    let left = if expiration_min.is_some() { "expiration_min" } else { "time_remaining_min" };
    quotes.extend(document.quote("minutes_left", left));
    quotes.extend(document.quote("host", "kms_machine"));
    out.push(Kind::Slmgr, Fact::License(Box::new(license)), document.place(""), quotes);
    let Some(attempt) = document.part("last_attempt") else { return };
    let Some(code) = attempt.code("code") else { return };
    let failed = code.value() != 0;
    let license = License {
        command: Some(LicenseCommand::Activate),
        cmid: document.guid("cmid"),
        activation_result: Some(match failed {
            true => ActivationResult::Failure,
            false => ActivationResult::Success,
        }),
        error_code: failed.then_some(code),
        current_count: attempt.get("count").and_then(Value::as_i64),
        ..known
    };
    let mut quotes = known_quotes;
    quotes.extend(attempt.quote("code", "error_code"));
    quotes.extend(attempt.quote("code", "activation_result"));
    quotes.extend(attempt.quote("count", "current_count"));
    out.push(Kind::Slmgr, Fact::License(Box::new(license)), attempt.place(""), quotes);
}

/// `kms.contoso.com:1688` or `[fd00::4]:1688`
fn split_host(text: &str) -> (Option<String>, Option<u16>) {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, port.parse().ok()),
        _ => (text, None),
    };
    (Some(name.trim_matches(['[', ']']).to_owned()).filter(|name| !name.is_empty()), port)
}
