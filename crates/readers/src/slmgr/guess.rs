//! Reading lines of an unknown display language by the shape of their values.

use facts::labels::Message;
use model::license::KmsMachineSource;
use model::{Guid, HexCode, LicenseStatus, Timestamp};

use super::draft::Draft;
use super::fields::{Line, machine, time_left};
use super::values::{
    channel, host_port, is_application_id, is_extended_pid, is_key_channel, is_partial_key, is_product_name,
    is_version, numbers,
};
use crate::text::Text;

/// Label and value; some labels of a host's counters are longer than those of other tools.
fn label_value(line: &str) -> Option<(&str, &str)> {
    let at = line.find([':', '：'])?;
    let value = line[at..].trim_start_matches([':', '：']);
    let label = line[..at].trim();
    (!label.is_empty() && label.len() <= 300 && !value.starts_with("//")).then(|| (label, value.trim()))
}

/// How many lines with text the start of a block is looked for in.
const START_LINES: usize = 3;

/// True when a product's block in an unknown language begins here: a version, a name, or the description itself,
/// with the description (whose channel is never translated) close by.
pub(super) fn starts_block(text: &Text<'_>, at: usize) -> bool {
    let Some((_, value)) = label_value(text.at(at)) else { return false };
    if is_description(value) {
        return true;
    }
    if !(is_version(value) || is_product_name(value)) {
        return false;
    }
    let mut index = at;
    for _ in 0..START_LINES {
        index = text.skip_blank(index + 1);
        if text.line(index).is_none_or(|line| line.command.is_some()) {
            return false;
        }
        if label_value(text.at(index)).is_some_and(|(_, value)| is_description(value)) {
            return true;
        }
    }
    false
}

fn is_description(value: &str) -> bool {
    let operating_system = value.starts_with("Windows") || value.starts_with("Office ");
    operating_system
        && channel(value).is_some_and(|channel| value.contains("channel") || channel.contains('_'))
}

/// What a line tells by its shape alone. Nothing if its value has no shape that belongs into a licence block.
pub(super) fn set(draft: &mut Draft, line: &Line<'_, '_>) -> Option<&'static str> {
    let (label, value) = label_value(line.text.at(line.at))?;
    let field = ids(draft, value)
        .or_else(|| texts(draft, value))
        .or_else(|| client(draft, label, value, line))
        .or_else(|| times(draft, value, line))
        .or_else(|| host(draft, value))?;
    draft.quote(field, line.text, line.at);
    Some(field)
}

/// A line that says in words that publishing or caching is on or off: DNS in a host's block, KMS in a client's.
pub(super) fn switch(draft: &mut Draft, line: &Line<'_, '_>) -> bool {
    const OFF: [&str; 18] = [
        "deaktiv",
        "désactiv",
        "deshabil",
        "desabil",
        "disab",
        "disattiv",
        "отключ",
        "выключ",
        "вимк",
        "無効",
        "停用",
        "禁用",
        "wyłącz",
        "uitgeschakeld",
        "사용 안",
        "사용하지",
        "zakáz",
        "inaktiv",
    ];
    const ON: [&str; 17] = [
        "aktiv",
        "activ",
        "habilit",
        "abilit",
        "enab",
        "attiv",
        "включ",
        "увімк",
        "有効",
        "啟用",
        "启用",
        "włącz",
        "ingeschakeld",
        "사용",
        "povolen",
        "etkin",
        "engedély",
    ];
    let words = line.text.at(line.at).to_lowercase();
    let has = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let on = if has(&OFF) {
        false
    } else if has(&ON) {
        true
    } else {
        return false;
    };
    let license = &mut draft.license;
    if words.contains("dns") && license.listening_port.is_some() && license.dns_publishing.is_none() {
        license.dns_publishing = Some(on);
        draft.quote("dns_publishing", line.text, line.at);
    } else if words.contains("kms")
        && license.renewal_interval_min.is_some()
        && license.host_caching.is_none()
    {
        license.host_caching = Some(on);
        draft.quote("host_caching", line.text, line.at);
    } else {
        return false;
    }
    true
}

/// GUIDs come in the order activation id, application id, client machine id.
fn ids(draft: &mut Draft, value: &str) -> Option<&'static str> {
    let id = Guid::parse(value)?;
    let license = &mut draft.license;
    if is_application_id(&id) {
        license.application_id = Some(id);
        return Some("application_id");
    }
    if license.activation_id.is_none() && license.application_id.is_none() {
        license.activation_id = Some(id);
        return Some("activation_id");
    }
    license.cmid = Some(id);
    Some("cmid")
}

fn texts(draft: &mut Draft, value: &str) -> Option<&'static str> {
    let license = &mut draft.license;
    if is_description(value) && license.description.is_none() {
        license.channel = channel(value);
        license.description = Some(value.to_owned());
        return Some("description");
    }
    if is_product_name(value) && license.name.is_none() {
        license.name = Some(value.to_owned());
        return Some("name");
    }
    if is_extended_pid(value) {
        if license.extended_pid.is_none() && license.cmid.is_none() && license.partial_product_key.is_none() {
            license.extended_pid = Some(value.to_owned());
            return Some("extended_pid");
        }
        license.kms_extended_pid = Some(value.to_owned());
        return Some("kms_extended_pid");
    }
    if is_key_channel(value) && license.product_key_channel.is_none() {
        license.product_key_channel = Some(value.to_owned());
        return Some("product_key_channel");
    }
    if value.starts_with("http") && value.contains("SLActivateProduct") {
        license.use_license_url = Some(value.to_owned());
        return Some("use_license_url");
    }
    if is_partial_key(value) && license.partial_product_key.is_none() && license.cmid.is_none() {
        license.partial_product_key = Some(value.to_owned());
        return Some("partial_product_key");
    }
    if is_version(value) && license.service_version.is_none() && license.name.is_none() {
        license.service_version = Some(value.to_owned());
        return Some("service_version");
    }
    if let Some((code, _)) = HexCode::find(value) {
        license.notification_reason = Some(code);
        license.license_status.get_or_insert(LicenseStatus::Notification);
        return Some("notification_reason");
    }
    None
}

/// The lines of the client's block, told by `KMS` or `DNS` in the label, which no language translates.
fn client(draft: &mut Draft, label: &str, value: &str, line: &Line<'_, '_>) -> Option<&'static str> {
    let about_kms = label.contains("KMS") || label.contains("DNS");
    if draft.license.cmid.is_none() && !draft.license.redacted.iter().any(|name| name == "cmid") {
        return None;
    }
    if value.parse::<std::net::IpAddr>().is_ok() && (about_kms || label.contains("IP")) {
        draft.license.kms_ip = Some(value.to_owned());
        return Some("kms_ip");
    }
    if let Some((_, Some(_))) = host_port(value).filter(|(host, _)| about_kms || host.contains('.')) {
        let source = if label.contains("DNS") { KmsMachineSource::Dns } else { KmsMachineSource::Registered };
        machine(draft, value, source, line);
        return Some("kms_machine");
    }
    let all = numbers(value);
    if let ([minutes], false) = (all.as_slice(), value.contains([':', '/', '.'])) {
        let license = &mut draft.license;
        if license.activation_interval_min.is_none() {
            license.activation_interval_min = Some(*minutes);
            return Some("activation_interval_min");
        }
        if license.renewal_interval_min.is_none() {
            license.renewal_interval_min = Some(*minutes);
            return Some("renewal_interval_min");
        }
    }
    None
}

/// Minutes and days together; a date and time; rearm counts, Windows first.
fn times(draft: &mut Draft, value: &str, line: &Line<'_, '_>) -> Option<&'static str> {
    let all = numbers(value);
    if let [minutes, days] = all.as_slice() {
        let fits = minutes / 1440 == *days || minutes.div_ceil(1440) == *days;
        if fits && *minutes > *days {
            let grace = draft.license.license_status.is_some_and(|status| status != LicenseStatus::Licensed);
            let message = if grace { Message::TimeRemaining } else { Message::VolumeExpiration };
            time_left(draft, message, value, line);
            return Some(if grace { "time_remaining_min" } else { "expiration_min" });
        }
    }
    let time = Timestamp::parse(value);
    if all.len() >= 5 && time.civil().is_some() {
        draft.license.trusted_time = Some(time);
        return Some("trusted_time");
    }
    let before_client = draft.license.cmid.is_none() && draft.license.trusted_time.is_none();
    let alone = value.bytes().all(|b| b.is_ascii_digit());
    if let ([count], true, true) = (all.as_slice(), before_client, alone) {
        // Only /dlv prints rearms, and ids with them; the lines of a host's block are indented.
        if draft.license.activation_id.is_some() && !line.indented && *count <= REARMS_MAX {
            if draft.license.windows_rearm.is_none() {
                draft.license.windows_rearm = Some(*count);
                return Some("windows_rearm");
            }
            if draft.license.sku_rearm.is_none() {
                draft.license.sku_rearm = Some(*count);
                return Some("sku_rearm");
            }
        }
    }
    None
}

/// Windows allows 1001 rearms at most.
const REARMS_MAX: u64 = 1001;

/// A host's block in its fixed order: count, port, total, failed, then the states.
fn host(draft: &mut Draft, value: &str) -> Option<&'static str> {
    let is_host = draft.license.is_kms_host() && draft.license.cmid.is_none();
    if !is_host || value.is_empty() {
        return None;
    }
    let count: i64 = value.parse().ok()?;
    let license = &mut draft.license;
    if license.current_count.is_none() {
        license.current_count = Some(count);
        license.host_enabled = true;
        return Some("current_count");
    }
    let count = u64::try_from(count).ok()?;
    if license.listening_port.is_none() {
        license.listening_port = u16::try_from(count).ok();
        return Some("listening_port");
    }
    if license.total_requests.is_none() {
        license.total_requests = Some(count);
        return Some("total_requests");
    }
    if license.failed_requests.is_none() {
        license.failed_requests = Some(count);
        return Some("failed_requests");
    }
    let seen = license.requests_by_status.as_ref().map_or(0, |requests| {
        let all = [
            requests.unlicensed,
            requests.licensed,
            requests.initial_grace,
            requests.expired_or_oot,
            requests.non_genuine_grace,
            requests.notification,
        ];
        all.iter().flatten().count()
    });
    let state = LicenseStatus::from_number(u32::try_from(seen).ok()?).filter(|_| seen < 6)?;
    super::fields::requests(draft, state, count);
    Some("requests_by_status")
}
