//! From a recognised line to the fields of a licence.

use facts::labels::{Found, Labels, Message};
use model::license::{KmsMachineSource, RequestsByStatus};
use model::{Guid, HexCode, LicenseStatus, Timestamp};

use super::draft::Draft;
use super::values::{
    channel, host_port, is_extended_pid, is_key_channel, numbers, partial_key, without_colon_port,
};
use crate::text::Text;

/// A recognised line and where it stands.
pub(super) struct Line<'t, 'a> {
    pub(super) text: &'t Text<'a>,
    pub(super) at: usize,
    /// Stands further right than the block.
    pub(super) indented: bool,
}

impl<'t, 'a> Line<'t, 'a> {
    /// A line that stands where its block does.
    pub(super) fn new(text: &'t Text<'a>, at: usize) -> Line<'t, 'a> {
        Line { text, at, indented: false }
    }
}

/// True for the texts of which the blocks of `/dli` and `/dlv` consist.
pub(super) fn is_product_message(message: Message) -> bool {
    message <= Message::TokenThumbprint
        && !matches!(message, Message::OverridesLookupDomain | Message::UsesMachineName)
}

/// Sets the fields that a line tells. False: the value is not one that belongs there.
pub(super) fn set(draft: &mut Draft, found: &Found<'_>, line: &Line<'_, '_>, labels: &Labels) -> bool {
    let value = found.value();
    match found.message {
        Message::Name
        | Message::Description
        | Message::ActivationId
        | Message::ApplicationId
        | Message::ExtendedPid
        | Message::KeyChannel
        | Message::UseLicenseUrl
        | Message::PartialKey => product(draft, found.message, value, line),
        Message::NotInUse => flag(draft, line, "not_in_use", |d| d.license.not_in_use = true),
        Message::LicenseStatus => status(draft, value, line, labels),
        Message::VolumeExpiration
        | Message::TimebasedExpiration
        | Message::AvmaExpiration
        | Message::TimeRemaining => time_left(draft, found.message, value, line),
        Message::NotificationReason
        | Message::NotificationReasonExpired
        | Message::NotificationReasonNonGenuine => {
            if let Some((code, _)) = HexCode::find(value) {
                draft.license.notification_reason = Some(code);
            } else if !draft.redacted("notification_reason", value) {
                return false;
            }
            draft.quote("notification_reason", line.text, line.at);
            true
        }
        Message::EvaluationEnd => {
            time(draft, "evaluation_end", value, line, |d, t| d.license.evaluation_end = Some(t))
        }
        Message::TrustedTime => {
            time(draft, "trusted_time", value, line, |d, t| d.license.trusted_time = Some(t))
        }
        Message::WindowsRearm => {
            number(draft, "windows_rearm", value, line, |d, n| d.license.windows_rearm = Some(n))
        }
        Message::AppRearm => number(draft, "app_rearm", value, line, |d, n| d.license.app_rearm = Some(n)),
        Message::SkuRearm => number(draft, "sku_rearm", value, line, |d, n| d.license.sku_rearm = Some(n)),
        Message::ActivationType => activation_type(draft, value, line, labels),
        // The heading proves by itself that Active Directory activated the product.
        Message::AdInfo => {
            draft.quote("ad_activation_object", line.text, line.at);
            true
        }
        Message::AdObjectName => {
            draft.license.ad_activation_object = Some(value.to_owned()).filter(|v| !v.is_empty());
            // The heading above says that it is Active Directory that activated the product.
            if line.at > 0 && !line.text.is_blank(line.at - 1) {
                draft.quote("ad_activation_object", line.text, line.at - 1);
            }
            draft.quote("ad_activation_object", line.text, line.at);
            true
        }
        message if client(draft, message, value, line) => true,
        message => host(draft, message, value, line, labels),
    }
}

fn product(draft: &mut Draft, message: Message, value: &str, line: &Line<'_, '_>) -> bool {
    let field = match message {
        Message::Name => "name",
        Message::Description => "description",
        Message::ActivationId => "activation_id",
        Message::ApplicationId => "application_id",
        Message::ExtendedPid => "extended_pid",
        Message::KeyChannel => "product_key_channel",
        Message::UseLicenseUrl => "use_license_url",
        _ => "partial_product_key",
    };
    draft.quote(field, line.text, line.at);
    if value.is_empty() || draft.redacted(field, value) {
        return true;
    }
    let license = &mut draft.license;
    match message {
        Message::Name => license.name = Some(value.to_owned()),
        Message::Description => {
            license.description = Some(value.to_owned());
            license.channel = channel(value);
            if license.channel.is_some() {
                draft.quote("channel", line.text, line.at);
            }
        }
        Message::ActivationId => license.activation_id = Guid::parse(value),
        Message::ApplicationId => license.application_id = Guid::parse(value),
        Message::ExtendedPid => license.extended_pid = Some(value.to_owned()),
        Message::KeyChannel => license.product_key_channel = Some(value.to_owned()),
        Message::UseLicenseUrl => license.use_license_url = Some(value.to_owned()),
        _ => license.partial_product_key = Some(partial_key(value).to_owned()),
    }
    match message {
        Message::ActivationId => draft.license.activation_id.is_some(),
        Message::ApplicationId => draft.license.application_id.is_some(),
        Message::ExtendedPid => is_extended_pid(value) || value.contains('-'),
        Message::KeyChannel => is_key_channel(value) || !value.is_empty(),
        _ => true,
    }
}

fn flag(draft: &mut Draft, line: &Line<'_, '_>, field: &'static str, set: impl Fn(&mut Draft)) -> bool {
    set(draft);
    draft.quote(field, line.text, line.at);
    true
}

fn status(draft: &mut Draft, value: &str, line: &Line<'_, '_>, labels: &Labels) -> bool {
    draft.quote("license_status", line.text, line.at);
    if draft.redacted("license_status", value) {
        return true;
    }
    match labels.license_status(value) {
        Some(status) => draft.license.license_status = Some(status),
        None => return labels.word(Message::LicenseStatus, value).is_some(),
    }
    true
}

/// Minutes, and days in brackets. Volume activation and the like run out; grace time remains.
pub(super) fn time_left(draft: &mut Draft, message: Message, value: &str, line: &Line<'_, '_>) -> bool {
    let remaining = message == Message::TimeRemaining;
    let (minutes_field, days_field) = if remaining {
        ("time_remaining_min", "time_remaining_days")
    } else {
        ("expiration_min", "expiration_days")
    };
    draft.quote(minutes_field, line.text, line.at);
    draft.quote(days_field, line.text, line.at);
    if draft.redacted(minutes_field, value) {
        draft.hide(days_field);
        return true;
    }
    let numbers = numbers(value);
    let (minutes, days) = (numbers.first().copied(), numbers.get(1).copied());
    if remaining {
        draft.license.time_remaining_min = minutes;
        draft.license.time_remaining_days = days;
    } else {
        draft.license.expiration_min = minutes;
        draft.license.expiration_days = days;
    }
    minutes.is_some()
}

fn time(
    draft: &mut Draft,
    field: &'static str,
    value: &str,
    line: &Line<'_, '_>,
    set: impl Fn(&mut Draft, Timestamp),
) -> bool {
    draft.quote(field, line.text, line.at);
    if !value.is_empty() && !draft.redacted(field, value) {
        set(draft, Timestamp::parse(value));
    }
    true
}

fn number(
    draft: &mut Draft,
    field: &'static str,
    value: &str,
    line: &Line<'_, '_>,
    set: impl Fn(&mut Draft, u64),
) -> bool {
    draft.quote(field, line.text, line.at);
    if draft.redacted(field, value) {
        return true;
    }
    match numbers(value).first() {
        Some(&number) => set(draft, number),
        None => return false,
    }
    true
}

fn activation_type(draft: &mut Draft, value: &str, line: &Line<'_, '_>, labels: &Labels) -> bool {
    let word = match labels.word(Message::ActivationType, value) {
        Some(Message::ActivationTypeAll) => "All",
        Some(Message::ActivationTypeAd) => "AD",
        Some(Message::ActivationTypeKms) => "KMS",
        Some(Message::ActivationTypeToken) => "Token",
        _ => value,
    };
    draft.license.configured_activation_type = Some(word.to_owned()).filter(|word| !word.is_empty());
    draft.quote("configured_activation_type", line.text, line.at);
    true
}

/// The lines of the KMS client's block. False if it is none of them.
fn client(draft: &mut Draft, message: Message, value: &str, line: &Line<'_, '_>) -> bool {
    match message {
        Message::PleaseActivate => {
            return flag(draft, line, "client_block_hidden", |d| d.license.client_block_hidden = true);
        }
        Message::Cmid => {
            draft.quote("cmid", line.text, line.at);
            draft.license.cmid = draft.guid("cmid", value);
        }
        Message::LookupDomain => {
            draft.quote("kms_lookup_domain", line.text, line.at);
            if !draft.redacted("kms_lookup_domain", value) {
                draft.license.kms_lookup_domain = Some(value.to_owned()).filter(|v| !v.is_empty());
            }
        }
        Message::UsesLookupDomain => draft.license.kms_lookup_domain = Some(value.to_owned()),
        Message::RegisteredName => machine(draft, value, KmsMachineSource::Registered, line),
        Message::NameFromDns => machine(draft, value, KmsMachineSource::Dns, line),
        Message::NameFromDnsUnavailable => {
            return flag(draft, line, "discovery_unavailable", |d| d.license.discovery_unavailable = true);
        }
        Message::KmsIp => kms_ip(draft, value, line),
        Message::KmsPid => {
            draft.quote("kms_extended_pid", line.text, line.at);
            if !value.is_empty() && !draft.redacted("kms_extended_pid", value) {
                draft.license.kms_extended_pid = Some(value.to_owned());
            }
        }
        Message::ActivationInterval => {
            return number(draft, "activation_interval_min", value, line, |d, n| {
                d.license.activation_interval_min = Some(n);
            });
        }
        Message::RenewalInterval => {
            return number(draft, "renewal_interval_min", value, line, |d, n| {
                d.license.renewal_interval_min = Some(n);
            });
        }
        Message::HostCachingEnabled => {
            return flag(draft, line, "host_caching", |d| d.license.host_caching = Some(true));
        }
        Message::HostCachingDisabled => {
            return flag(draft, line, "host_caching", |d| d.license.host_caching = Some(false));
        }
        _ => return false,
    }
    true
}

/// The host that a client uses. A fixed one wins over anything about discovery.
pub(super) fn machine(draft: &mut Draft, value: &str, source: KmsMachineSource, line: &Line<'_, '_>) {
    let fixed = draft.license.kms_machine_source == Some(KmsMachineSource::Registered);
    if value.is_empty() || (fixed && source != KmsMachineSource::Registered) {
        return;
    }
    draft.quote("kms_machine", line.text, line.at);
    draft.quote("kms_machine_source", line.text, line.at);
    draft.license.kms_machine_source = Some(source);
    let (host, port) = without_colon_port(value);
    if draft.redacted("kms_machine", host) {
        draft.license.kms_port = port;
    } else if let Some((host, port)) = host_port(value) {
        draft.license.kms_machine = Some(host);
        draft.license.kms_port = port;
    } else {
        // Localized "not available" words, or a name in a form of its own: kept as printed where it is one word.
        draft.license.kms_machine = Some(host.to_owned()).filter(|name| !name.contains(' '));
        draft.license.kms_port = port;
    }
    if draft.license.kms_port.is_some() {
        draft.quote("kms_port", line.text, line.at);
    }
}

fn kms_ip(draft: &mut Draft, value: &str, line: &Line<'_, '_>) {
    draft.quote("kms_ip", line.text, line.at);
    let address = value.split_whitespace().next().unwrap_or_default().trim_matches(['[', ']']);
    if address.parse::<std::net::IpAddr>().is_ok() {
        draft.license.kms_ip = Some(address.to_owned());
    } else {
        // "not available", in whatever language, is absence; a masked address is not.
        let masked = address.split('.').count() == 4
            && address.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '#'));
        if masked {
            draft.hide("kms_ip");
        } else {
            draft.redacted("kms_ip", value);
        }
    }
}

/// The lines of a host's block. Headings and what no field is kept for are taken, too.
fn host(draft: &mut Draft, message: Message, value: &str, line: &Line<'_, '_>, labels: &Labels) -> bool {
    match message {
        Message::HostEnabled => flag(draft, line, "host_enabled", |d| d.license.host_enabled = true),
        Message::CurrentCount => {
            draft.quote("current_count", line.text, line.at);
            if draft.redacted("current_count", value) {
                return true;
            }
            let count: Option<i64> = value.split_whitespace().next().and_then(|word| word.parse().ok());
            let count = count.or_else(|| numbers(value).first().and_then(|&n| i64::try_from(n).ok()));
            draft.license.current_count = count;
            count.is_some()
        }
        Message::ListeningPort => number(draft, "listening_port", value, line, |d, n| {
            d.license.listening_port = u16::try_from(n).ok();
        }),
        Message::DnsPublishingEnabled => {
            flag(draft, line, "dns_publishing", |d| d.license.dns_publishing = Some(true))
        }
        Message::DnsPublishingDisabled => {
            flag(draft, line, "dns_publishing", |d| d.license.dns_publishing = Some(false))
        }
        Message::Priority => {
            let word = match labels.word(Message::Priority, value) {
                Some(Message::PriorityLow) => "Low",
                Some(_) => "Normal",
                None => value,
            };
            draft.license.kms_priority = Some(word.to_owned());
            draft.quote("kms_priority", line.text, line.at);
            true
        }
        Message::TotalRequests => {
            number(draft, "total_requests", value, line, |d, n| d.license.total_requests = Some(n))
        }
        Message::FailedRequests => {
            number(draft, "failed_requests", value, line, |d, n| d.license.failed_requests = Some(n))
        }
        _ => match requests_state(message) {
            Some(state) => number(draft, "requests_by_status", value, line, |d, n| requests(d, state, n)),
            None => true,
        },
    }
}

fn requests_state(message: Message) -> Option<LicenseStatus> {
    Some(match message {
        Message::RequestsUnlicensed => LicenseStatus::Unlicensed,
        Message::RequestsLicensed => LicenseStatus::Licensed,
        Message::RequestsInitialGrace => LicenseStatus::InitialGrace,
        Message::RequestsExpired => LicenseStatus::OutOfToleranceGrace,
        Message::RequestsNonGenuine => LicenseStatus::NonGenuineGrace,
        Message::RequestsNotification => LicenseStatus::Notification,
        _ => return None,
    })
}

/// Counts the requests of clients in one state.
pub(crate) fn requests(draft: &mut Draft, state: LicenseStatus, count: u64) {
    let requests = draft.license.requests_by_status.get_or_insert_with(RequestsByStatus::default);
    let slot = match state {
        LicenseStatus::Unlicensed => &mut requests.unlicensed,
        LicenseStatus::Licensed => &mut requests.licensed,
        LicenseStatus::InitialGrace => &mut requests.initial_grace,
        LicenseStatus::OutOfToleranceGrace => &mut requests.expired_or_oot,
        LicenseStatus::NonGenuineGrace => &mut requests.non_genuine_grace,
        _ => &mut requests.notification,
    };
    *slot = Some(count);
}
