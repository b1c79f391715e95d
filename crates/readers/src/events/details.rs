//! Fields of the records that have no `Info:` list: publishing in DNS, failed attempts, the service's own messages.

use model::event::{INITIALIZATION_FAILED, PUBLISHING_FAILED, PUBLISHING_SUCCEEDED, RENEWAL_TIMER_FAILED};
use model::{Event, Guid, HexCode, SharedText};

/// Longest text kept of a record that has no fields of its own, in bytes.
const MESSAGE_BYTES_MAX: usize = 400;

/// Application ids of Windows, Office, and Office 2010.
const APPLICATIONS: [&str; 3] = [
    "55c92734-d682-4d71-983e-d6ec3f16059f",
    "0ff1ce15-a989-479d-af46-f275c6370663",
    "59a52881-a989-479d-af46-f275c6370663",
];

/// Reads what a record without a list says, from its message or its data strings.
pub(super) fn fill(event: &mut Event, text: &str) {
    match event.event_id {
        Some(PUBLISHING_FAILED | PUBLISHING_SUCCEEDED) => fill_publishing(event, text),
        Some(INITIALIZATION_FAILED | RENEWAL_TIMER_FAILED) => fill_code(event, text),
        _ => fill_other(event, text),
    }
}

/// 12293 and 12294: the domain, and for the failure its code, in whatever order the language puts them.
fn fill_publishing(event: &mut Event, text: &str) {
    fill_result(event, text);
    event.dns_domain = quoted_domain(text).or_else(|| bare_domain(text)).map(SharedText::from);
    if event.dns_domain.is_none() {
        match placeholder(text) {
            Some(_) => event.redacted.push("dns_domain".to_owned()),
            None => event.message = clipped(text).map(SharedText::from),
        }
    }
}

/// 12291 and 12292: a code.
fn fill_code(event: &mut Event, text: &str) {
    fill_result(event, text);
    event.message = clipped(text).map(SharedText::from);
}

/// All other records: result, what was tried, for which product, and the text.
fn fill_other(event: &mut Event, text: &str) {
    let pairs = Pairs::of(text);
    event.action = pairs.get(&["Action"]).map(SharedText::from);
    event.trigger = pairs.get(&["Trigger"]).map(SharedText::from);
    event.activation_id = pairs.guid(&["SkuId", "Sku Id", "ActivationId", "Activation Id"]);
    event.application_id = pairs
        .guid(&["AppId", "App Id", "ApplicationId", "Application Id"])
        .or_else(|| known_application(text));
    match event.event_id {
        // A list of states of every product: no code in it is the result of the record.
        Some(1003) => {
            event.message = Some(status_list_summary(text).into());
            return;
        }
        // Per product or per plug-in states; 8209 prints a state of genuineness in hex.
        Some(1066 | 8209) => {}
        Some(900 | 902) => event.service_version = version(text).map(SharedText::from),
        _ => fill_result(event, text),
    }
    event.message = clipped(text).map(SharedText::from);
}

/// `hr=0x...` when there is one, else the first code.
fn fill_result(event: &mut Event, text: &str) {
    let marked =
        text.find("hr=").and_then(|at| HexCode::find(&text[at..]).filter(|(_, range)| range.start <= 4));
    event.hresult = marked.or_else(|| HexCode::find(text)).map(|(code, _)| code);
    if event.hresult.is_none() && (text.contains("hr=<") || text.contains("hr=x") || text.contains("hr=*")) {
        event.redacted.push("hresult".to_owned());
    }
}

/// `Name=Value` pairs, separated by semicolons, commas or line ends.
struct Pairs<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Pairs<'a> {
    /// More pairs than this are not a command line.
    const MAX: usize = 64;

    fn of(text: &'a str) -> Pairs<'a> {
        let parts = text.split([';', '\n', ',']).filter_map(|part| part.split_once('='));
        Pairs(parts.map(|(name, value)| (name.trim(), value.trim())).take(Self::MAX).collect())
    }

    fn get(&self, names: &[&str]) -> Option<&'a str> {
        let ends = |name: &str, wanted: &str| {
            let tail = name.len().checked_sub(wanted.len()).and_then(|from| name.get(from..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(wanted))
        };
        let found = self
            .0
            .iter()
            .find(|(name, value)| !value.is_empty() && names.iter().any(|wanted| ends(name, wanted)));
        found.map(|(_, value)| *value)
    }

    fn guid(&self, names: &[&str]) -> Option<Guid> {
        Guid::parse(self.get(names)?.trim_end_matches('.'))
    }
}

fn known_application(text: &str) -> Option<Guid> {
    let lower = text.get(..text.len().min(4096)).unwrap_or(text).to_ascii_lowercase();
    if let Some(found) = APPLICATIONS.iter().find(|id| lower.contains(**id)) {
        return Guid::parse(found);
    }
    // Records about one application hold its id alone in their first data string.
    text.lines().next().and_then(Guid::parse)
}

/// A version number of four parts that stands in a line of its own.
fn version(text: &str) -> Option<String> {
    let is_version =
        |line: &&str| line.split('.').count() == 4 && line.split('.').all(|part| part.parse::<u32>().is_ok());
    text.lines().map(str::trim).find(is_version).map(str::to_owned)
}

/// Different codes that the summary of a status list names at most.
const STATUS_CODES_MAX: usize = 16;

/// The codes of a status list and how often each stands in it.
fn status_list_summary(text: &str) -> String {
    let mut codes: Vec<(HexCode, u32)> = Vec::new();
    let mut products = 0u32;
    for line in text.lines() {
        let mut rest = line;
        products += u32::from(rest.trim_start().starts_with(|c: char| c.is_ascii_digit()));
        while let Some((code, range)) = HexCode::find(rest) {
            rest = &rest[range.end..];
            if let Some((_, count)) = codes.iter_mut().find(|(known, _)| *known == code) {
                *count += 1;
            } else if codes.len() < STATUS_CODES_MAX {
                codes.push((code, 1));
            }
        }
    }
    let listed: Vec<String> = codes.iter().map(|(code, count)| format!("{code} x{count}")).collect();
    format!("{products} products: {}", listed.join(", "))
}

/// A domain in quotation marks of any language.
fn quoted_domain(text: &str) -> Option<String> {
    const MARKS: [char; 18] =
        ['\'', '"', '`', '‘', '’', '“', '”', '„', '«', '»', '‹', '›', '「', '」', '『', '』', '《', '》'];
    let mut parts = text.split(MARKS);
    parts.next()?;
    let is_name = |part: &str| is_domain(part) || is_single_label(part);
    parts.map(str::trim).find(|part| is_name(part)).map(str::to_owned)
}

fn is_single_label(part: &str) -> bool {
    (2..=63).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The first word that looks like a domain; event data hold it in a line of its own.
fn bare_domain(text: &str) -> Option<String> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let words = text.split(|c: char| !of_name(c)).map(|word| word.trim_matches('.'));
    let dotted = words.clone().find(|word| is_domain(word)).map(str::to_owned);
    dotted.or_else(|| {
        // A domain of one label is known only where nothing else stands in the line.
        let alone = |line: &&str| is_single_label(line) && HexCode::parse(line).is_none();
        text.lines().map(str::trim).find(alone).map(str::to_owned)
    })
}

fn is_domain(word: &str) -> bool {
    const FILES: [&str; 5] = ["exe", "dll", "vbs", "xml", "log"];
    let labels: Vec<&str> = word.trim_end_matches('.').split('.').collect();
    let plain = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    let last = labels.last().copied().unwrap_or_default().to_ascii_lowercase();
    labels.len() >= 2
        && word.len() <= 253
        && labels.iter().all(plain)
        && last.chars().count() >= 2
        && last.chars().all(|c| c.is_alphabetic() || c == '-')
        && !FILES.contains(&last.as_str())
}

/// A word in angle or square brackets.
fn placeholder(text: &str) -> Option<&str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(['\'', '"', '`', ',', '.', ';']))
        .find(|word| crate::text::is_placeholder(word))
}

/// The text with its white space made single, cut after some hundred bytes.
fn clipped(text: &str) -> Option<String> {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.len() + word.len() + 1 > MESSAGE_BYTES_MAX {
            if short.is_empty() {
                short.extend(word.chars().take(MESSAGE_BYTES_MAX / 4));
            }
            short.push('…');
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    (!short.is_empty()).then_some(short)
}

/// True when the field of that name was read, or was seen to be blanked out.
pub(super) fn is_present(event: &Event, field: &str) -> bool {
    let value = match field {
        "hresult" => event.hresult.is_some(),
        "flags" => event.flags.is_some(),
        "kms_machine" => event.kms_machine.is_some(),
        "client" => event.client.is_some(),
        "cmid" => event.cmid.is_some(),
        "client_time" => event.client_time.is_some(),
        "vm_info" => event.vm_info.is_some(),
        "license_status" => event.license_status.is_some(),
        "minutes_to_expiration" => event.minutes_to_expiration.is_some(),
        "activation_id" => event.activation_id.is_some(),
        "min_count" => event.min_count.is_some(),
        "activated" => event.activated.is_some(),
        "current_count" => event.current_count.is_some(),
        "activation_interval_min" => event.activation_interval_min.is_some(),
        "renewal_interval_min" => event.renewal_interval_min.is_some(),
        _ => false,
    };
    value || event.redacted.iter().any(|name| name == field)
}

/// The details of a record as they are printed in its text.
pub(super) fn printed(event: &Event) -> Vec<(&'static str, String)> {
    let mut printed = Vec::new();
    let mut push = |field, value: Option<String>| printed.extend(value.map(|value| (field, value)));
    push("hresult", event.hresult.map(|code| code.to_string()));
    push("dns_domain", event.dns_domain.clone().map(String::from));
    push("activation_id", event.activation_id.map(|id| id.to_string()));
    push("application_id", event.application_id.map(|id| id.to_string()));
    push("action", event.action.as_ref().map(|action| format!("Action={action}")));
    push("trigger", event.trigger.as_ref().map(|trigger| format!("Trigger={trigger}")));
    push("service_version", event.service_version.clone().map(String::from));
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publishing(text: &str) -> Event {
        let mut event = Event { event_id: Some(12293), ..Event::default() };
        fill_publishing(&mut event, text);
        event
    }

    #[test]
    fn code_and_domain_in_either_order_and_any_language() {
        for text in [
            "0x80072338\ncontoso.com",
            "contoso.com\n0x80072338",
            "Publishing the Key Management Service (KMS) to DNS in the 'contoso.com' domain failed.\nInfo:\n0x80072338",
            "Fehler beim Veröffentlichen des Schlüsselverwaltungsdiensts (KMS) in DNS in der Domäne \"contoso.com\".\nInfo:\n0x80072338",
            "La publication du service KMS dans DNS dans le domaine « contoso.com » a échoué.\nInfos :\n0x80072338",
            "contoso.com ドメインの DNS へのキー管理サービス (KMS) の公開に失敗しました。\n情報:\n0x80072338",
            "在contoso.com域中将密钥管理服务(KMS)发布到 DNS 失败。信息: 0x80072338",
        ] {
            let event = publishing(text);
            assert_eq!(event.dns_domain.as_deref(), Some("contoso.com"), "{text}");
            assert_eq!(event.hresult, HexCode::parse("0x80072338"), "{text}");
            assert_eq!(event.message, None);
        }
        let hidden = publishing("Publishing ... in the '<domain>' domain failed. Info: 0x8007232D");
        assert_eq!((hidden.dns_domain, hidden.redacted), (None, vec!["dns_domain".to_owned()]));
    }

    #[test]
    fn failed_attempt() {
        let mut event = Event { event_id: Some(8198), ..Event::default() };
        fill_other(
            &mut event,
            "License Activation (slui.exe) failed with the following error code:\nhr=0xC004F074\nCommand-line arguments:\n\
             RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;\
             SkuId=00091344-1ea4-4f37-b789-01750ba6988c;NotificationInterval=1440;Trigger=TimerEvent",
        );
        assert_eq!(event.hresult, HexCode::parse("0xC004F074"));
        assert_eq!(
            (event.action.as_deref(), event.trigger.as_deref()),
            (Some("AutoActivate"), Some("TimerEvent"))
        );
        assert_eq!(event.activation_id, Guid::parse("00091344-1ea4-4f37-b789-01750ba6988c"));
        assert_eq!(event.application_id, Guid::parse(APPLICATIONS[0]));
    }

    #[test]
    fn a_status_list_has_no_result_of_its_own() {
        let mut event = Event { event_id: Some(1003), ..Event::default() };
        fill_other(
            &mut event,
            "The Software Protection service has completed licensing status check.\n\
             Application Id=55c92734-d682-4d71-983e-d6ec3f16059f\nLicensing Status=\n\
             1: 0dc876e0-7ab8-41c1-b8ba-2237d484cd26, 1, 0 [(0 [0xC004F014, 0, 0], [(?)(?)])(1 )(2 )(3 )]\n\
             2: 176afa14-ca77-4cae-9ecc-ba2295540382, 1, 1 [(0 [0x00000000, 1, 0], [(?)(?)])(1 )(2 )(3 )]",
        );
        assert_eq!(event.application_id, Guid::parse(APPLICATIONS[0]));
        assert_eq!(event.hresult, None);
        assert_eq!(event.message.as_deref(), Some("2 products: 0xC004F014 x1, 0x00000000 x1"));
    }

    #[test]
    fn the_service_version() {
        let mut event = Event { event_id: Some(902), ..Event::default() };
        fill_other(&mut event, "The Software Protection service has started.\n10.0.21286.1000");
        assert_eq!(event.service_version.as_deref(), Some("10.0.21286.1000"));
    }
}
