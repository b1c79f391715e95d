//! Instance metadata: its documents, and the ways in which asking for them fails.

use model::azure::Imds;
use model::{Fact, Kind, Quote};
use serde_json::Value;

use super::fields::{self, Places};
use crate::out::Out;
use crate::text::Text;

/// Address of the metadata service.
const SERVICE: &str = "169.254.169.254";
/// How many lines of a failure belong to it.
const FAILURE_LINES_MAX: usize = 8;

/// The instance or attested document. False if it is neither.
pub(super) fn read_document(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let Some(imds) = instance(value).or_else(|| attested(value)).or_else(|| refusal(value)) else {
        return false;
    };
    let place = places.of(pointer);
    let words = match fields::get(value, "compute") {
        Some(compute) => fields::words(compute, &["azenvironment", "location", "name", "offer", "sku"]),
        None => fields::words(value, &["azenvironment", "offer", "sku", "encoding", "error"]),
    };
    let quotes = ["reachable", "environment", "sku", "error_text"]
        .map(|field| Quote::new(field, place.clone(), &words))
        .to_vec();
    out.push(Kind::Imds, Fact::Imds(Box::new(imds)), place, quotes);
    true
}

fn instance(value: &Value) -> Option<Imds> {
    let unpacked = fields::text(value, "compute").and_then(|text| powershell_object(&text));
    let nested = unpacked.as_ref().or_else(|| fields::get(value, "compute").filter(|v| v.is_object()));
    let compute = nested.unwrap_or(value);
    fields::text(compute, "azenvironment")
        .filter(|_| fields::find(compute, "vmid").is_some() || nested.is_some())?;
    let mut imds = Imds {
        reachable: Some(true),
        environment: fields::text(compute, "azenvironment"),
        location: fields::text(compute, "location"),
        name: fields::text(compute, "name"),
        offer: fields::text(compute, "offer"),
        sku: fields::text(compute, "sku"),
        ..Imds::default()
    };
    let interfaces = fields::get(value, "network").and_then(|network| fields::get(network, "interface"));
    for interface in interfaces.and_then(Value::as_array).into_iter().flatten() {
        let addresses = fields::get(interface, "ipv4").and_then(|ipv4| fields::get(ipv4, "ipaddress"));
        for address in addresses.and_then(Value::as_array).into_iter().flatten() {
            imds.private_addresses.extend(fields::text(address, "privateipaddress"));
            imds.public_addresses.extend(fields::text(address, "publicipaddress"));
        }
    }
    Some(imds)
}

fn attested(value: &Value) -> Option<Imds> {
    let encoding = fields::text(value, "encoding")?;
    fields::text(value, "signature").filter(|_| encoding.eq_ignore_ascii_case("pkcs7"))?;
    Some(Imds { reachable: Some(true), attested: true, ..Imds::default() })
}

/// `{"error": "Bad request. Required metadata header not specified"}`: it answered, and refused.
fn refusal(value: &Value) -> Option<Imds> {
    let error = fields::text(value, "error")?;
    let ours = error.to_ascii_lowercase().contains("metadata header");
    ours.then(|| Imds { reachable: Some(true), error_text: Some(error), ..Imds::default() })
}

/// PowerShell's `@{name=value; name=value}` as an object.
fn powershell_object(text: &str) -> Option<Value> {
    let inner = text.trim().strip_prefix("@{")?;
    let pairs = inner.trim_end_matches('}').split(';').filter_map(|pair| pair.split_once('='));
    let object = pairs.map(|(name, value)| (name.trim().to_owned(), Value::String(value.trim().to_owned())));
    Some(Value::Object(object.collect()))
}

/// A failing call, or what the certificate check of the attested document printed.
pub(super) fn read_lines(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 1000;
    if line.len() > LINE_LENGTH_MAX || text.line(at)?.command.is_some() {
        return None;
    }
    let lower = line.to_lowercase();
    let names_it = lower.contains(SERVICE)
        || lower.contains("imds")
        || lower.contains("instance metadata")
        || lower.contains("attested");
    let asked = names_it || asked_above(text, at);
    let certificate = is_certificate_problem(&lower) && (asked || lower.contains("metadata.azure"));
    let failed = asked && is_failure(&lower);
    if !certificate && !failed {
        return None;
    }
    let attested = lower.contains("attested")
        || text.command_above(at).is_some_and(|command| command.line.contains("attested"));
    let imds = Imds {
        reachable: if certificate { None } else { Some(is_answer(&lower)) },
        attested,
        certificate_problem: certificate,
        error_text: Some(line.to_owned()),
        ..Imds::default()
    };
    let field = if certificate { "certificate_problem" } else { "error_text" };
    out.push(
        Kind::Imds,
        Fact::Imds(Box::new(imds)),
        text.place(at),
        vec![Quote::new(field, text.place(at), line)],
    );
    Some(end_of_failure(text, at))
}

fn asked_above(text: &Text<'_>, at: usize) -> bool {
    text.command_above(at).is_some_and(|command| command.line.contains(SERVICE))
}

/// Words of curl, Invoke-RestMethod and Invoke-WebRequest for a call that did not succeed; the codes hold in every
/// language.
fn is_failure(lower: &str) -> bool {
    const WORDS: [&str; 26] = [
        "timed out",
        "timeout",
        "unable to connect",
        "failed to connect",
        "could not connect",
        "couldn't connect",
        "connection refused",
        "no route to host",
        "unreachable",
        "not reachable",
        "(400)",
        "(403)",
        "(404)",
        "(407)",
        "(502)",
        "(503)",
        "proxy",
        "forbidden",
        "bad request",
        "0x80072ee2",
        "cannot connect",
        "connection failed",
        "failed with",
        "curl: (",
        "not accessible",
        "remote server returned an error",
    ];
    const FOREIGN: [&str; 12] = [
        "zeitüberschreitung",
        "verbindung mit dem remoteserver",
        "impossible de se connecter",
        "délai",
        "no es posible conectar",
        "tiempo de espera",
        "impossibile connettersi",
        "impossível conectar",
        "リモート サーバーに接続できません",
        "タイムアウト",
        "无法连接到远程服务器",
        "無法連接至遠端伺服器",
    ];
    WORDS.iter().chain(&FOREIGN).any(|word| lower.contains(word))
}

/// An HTTP status other than one of a proxy means that the service answered.
fn is_answer(lower: &str) -> bool {
    lower.contains("(400)") || lower.contains("bad request")
}

fn is_certificate_problem(lower: &str) -> bool {
    let names = ["certificate", "zertifikat", "certificat", "certificado", "証明書", "证书", "憑證"];
    let words = [
        "not found",
        "missing",
        "could not",
        "couldn't",
        "cannot",
        "failed",
        "unable",
        "expired",
        "partialchain",
        "revocation",
        "untrusted",
        "not trusted",
        "invalid",
        "did not build",
        "nicht",
        "introuvable",
    ];
    names.iter().any(|name| lower.contains(name)) && words.iter().any(|word| lower.contains(word))
}

/// PowerShell's error record goes on in `At line:1` and `+` lines.
fn end_of_failure(text: &Text<'_>, at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && end - at < FAILURE_LINES_MAX {
        let line = text.at(end);
        let goes_on = line.starts_with('+')
            || line.starts_with("At line:")
            || line.starts_with("At ")
            || line.contains(":char:")
            || line.starts_with("~");
        if !goes_on {
            break;
        }
        end += 1;
    }
    end
}
