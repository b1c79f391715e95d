//! Instance metadata: its documents, and the ways in which asking for them fails.

use model::azure::Imds;
use model::{Fact, Kind, Quote};
use serde_json::Value;

use super::fields::{self, Places};
use crate::out::Out;
use crate::text::Text;
use crate::windows::phrases::Phrases;

/// Address of the metadata service.
const SERVICE: &str = "169.254.169.254";
/// How many lines of a failure belong to it.
const FAILURE_LINES_MAX: usize = 40;

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
    fields::text(compute, "azenvironment").filter(|_| {
        nested.is_some() || ["vmid", "vmsize", "ostype"].iter().any(|n| fields::has(compute, n))
    })?;
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
    let certificate = is_certificate_problem(&lower);
    if !certificate && !is_failure(&lower) {
        return None;
    }
    let names_it = lower.contains(SERVICE)
        || lower.contains("imds")
        || lower.contains("instance metadata")
        || lower.contains("attested");
    let asked_above = text.command_above(at).filter(|command| command.line.contains(SERVICE));
    let checked = certificate
        && (names_attestation(&lower)
            || text.command_above(at).is_some_and(|command| command.line.to_lowercase().contains("imds")));
    if !names_it && asked_above.is_none() && !checked {
        return None;
    }
    let end = if asked_above.is_some() { end_of_output(text, at) } else { at + 1 };
    let mut quotes = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for index in at..end {
        let lower = text.at(index).to_lowercase();
        if is_failure(&lower) || is_certificate_problem(&lower) {
            quotes.push(Quote::new("error_text", text.place(index), text.at(index)));
            words.push(text.at(index));
        }
    }
    if certificate {
        quotes.push(Quote::new("certificate_problem", text.place(at), line));
    }
    let imds = Imds {
        reachable: if certificate { None } else { Some(is_answer(&lower)) },
        attested: lower.contains("attested")
            || asked_above.is_some_and(|command| command.line.contains("attested")),
        certificate_problem: certificate,
        error_text: Some(words.join("\n")),
        ..Imds::default()
    };
    out.push(Kind::Imds, Fact::Imds(Box::new(imds)), text.place(at), quotes);
    Some(end)
}

/// The signer of the attested document, or an authority above it, as Microsoft's certificate check names them.
fn names_attestation(lower: &str) -> bool {
    lower.contains("metadata.azure") || (lower.contains("azure") && lower.contains("tls issuing ca"))
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
    static PHRASES: Phrases = Phrases::new(&[&WORDS, &FOREIGN]);
    PHRASES.stand_in(lower)
}

/// An HTTP status other than one of a proxy means that the service answered.
fn is_answer(lower: &str) -> bool {
    lower.contains("(400)") || lower.contains("bad request")
}

fn is_certificate_problem(lower: &str) -> bool {
    static NAMES: Phrases = Phrases::new(&[&[
        "certificate",
        "zertifikat",
        "certificat",
        "certificado",
        "証明書",
        "证书",
        "憑證",
    ]]);
    static WORDS: Phrases = Phrases::new(&[&[
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
    ]]);
    NAMES.stand_in(lower) && WORDS.stand_in(lower)
}

/// The rest of the output of the command: curl -v and PowerShell's error records have several lines.
fn end_of_output(text: &Text<'_>, at: usize) -> usize {
    let last = text.len().min(at + FAILURE_LINES_MAX);
    (at + 1..last)
        .find(|&index| text.is_blank(index) || text.line(index).is_some_and(|line| line.command.is_some()))
        .unwrap_or(last)
}
