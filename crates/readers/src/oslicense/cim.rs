//! SoftwareLicensingProduct, SoftwareLicensingService, their Office twins, and what the OSLicense module makes of them.

use facts::labels;
use model::license::{ActivationResult, KmsMachineSource, LicenseCommand};
use model::{Fact, HexCode, Kind, LicenseStatus, Timestamp};

use crate::documents::Object;
use crate::out::Out;
use crate::slmgr::{Draft, channel, host_port, without_colon_port};

/// Properties that only licensing objects have; one is enough to know one by.
const TELLING: [&str; 21] = [
    "LicenseStatus",
    "LicenseStatusReason",
    "PartialProductKey",
    "GracePeriodRemaining",
    "ProductKeyID",
    "ProductKeyChannel",
    "LicenseFamily",
    "ClientMachineID",
    "VLActivationInterval",
    "VLActivationTypeEnabled",
    "IsKeyManagementServiceMachine",
    "KeyManagementServiceMachine",
    "KeyManagementServicePort",
    "KeyManagementServiceCurrentCount",
    "KeyManagementServiceListeningPort",
    "KeyManagementServiceTotalRequests",
    "KeyManagementServiceDnsPublishing",
    "KeyManagementServiceHostCaching",
    "DiscoveredKeyManagementServiceMachineName",
    "ADActivationObjectName",
    "RemainingWindowsReArmCount",
];

/// True for the name of a property of these classes.
pub(super) fn is_telling(name: &str) -> bool {
    TELLING.iter().any(|telling| telling.eq_ignore_ascii_case(name))
}

/// Reads one object. Products without a key that never were in use are left out, and counted in a note.
pub(super) fn read(object: &Object, out: &mut Out) -> bool {
    if result_object(object, out) {
        return true;
    }
    let count = object.fields.iter().filter(|field| is_telling(&field.name)).count();
    // A registry value may be called like a property; an object with one column needs the company of a name.
    if count == 0 || object.has("event_id") || object.has("ProviderName") || object.has("TimeCreated") {
        return false;
    }
    let mut reader = Reader { object, draft: Draft::new(LicenseCommand::Display, object.place.clone()) };
    reader.product();
    reader.state();
    reader.client();
    reader.host();
    let draft = reader.draft;
    let status = draft.license.license_status;
    let is_product = object.has("LicenseStatus") || object.has("PartialProductKey");
    let keyless = object.has("PartialProductKey")
        && draft.license.partial_product_key.is_none()
        && !draft.license.redacted.iter().any(|name| name == "partial_product_key");
    if is_product
        && keyless
        && matches!(status, None | Some(LicenseStatus::Unlicensed))
        && has_product(object)
    {
        count_skipped(object, out);
        return true;
    }
    let mut draft = draft;
    if is_product && keyless && has_product(object) {
        draft.license.not_in_use = true;
    }
    if draft.is_empty() {
        return false;
    }
    draft.push(Kind::Oslicense, out);
    true
}

fn has_product(object: &Object) -> bool {
    object.first(&["Name", "Description", "ID", "ActivationID"]).is_some()
}

/// One note for all products of a file that have no key.
fn count_skipped(object: &Object, out: &mut Out) {
    const KEY: &str = "note-license-without-key";
    if let Some(note) = out.notes.iter_mut().rev().find(|note| note.key == KEY) {
        if let Some((_, count)) = note.args.iter_mut().find(|(name, _)| *name == "count") {
            *count = (count.parse::<u64>().unwrap_or(0) + 1).to_string();
        }
        return;
    }
    out.note(KEY, vec![("count", "1".to_owned())], object.place.clone());
}

/// `Success, ErrorCode, ErrorMessage, Operation` of the OSLicense module's commands that act.
fn result_object(object: &Object, out: &mut Out) -> bool {
    let Some(success) = object.get("Success").and_then(boolean) else { return false };
    if !(object.has("Operation") || object.has("ErrorMessage") || object.has("ErrorCode")) {
        return false;
    }
    let code = object.get("ErrorCode").and_then(code);
    let operation = object.get("Operation").unwrap_or_default();
    let licensing = ["activ", "clear", "set", "install", "kms", "rearm", "license"];
    let lower = operation.to_lowercase();
    let known = licensing.iter().any(|word| lower.contains(word));
    let spp = code.is_some_and(|code| matches!(code.value() >> 16, 0xC004 | 0x4004));
    if !known && !spp {
        return false;
    }
    let attempt = operation.is_empty() || lower.contains("activ");
    let command = if attempt { LicenseCommand::Activate } else { LicenseCommand::Change };
    let mut draft = Draft::new(command, object.place.clone());
    if attempt {
        let result = if success { ActivationResult::Success } else { ActivationResult::Failure };
        draft.license.activation_result = Some(result);
        draft.quotes.extend(object.quote("Success", "activation_result"));
    }
    draft.license.error_code = code;
    draft.quotes.extend(object.quote("ErrorCode", "error_code").filter(|_| code.is_some()));
    draft.license.error_text = object.get("ErrorMessage").map(str::to_owned);
    draft.quotes.extend(object.quote("ErrorMessage", "error_text"));
    draft.push(Kind::Oslicense, out);
    if let Some(code) = code.filter(|code| matches!(code.value(), 0x8007_0005 | 0xC004_F025 | 0x8004_1003)) {
        let failure = model::windows::CommandFailure {
            command: Some(operation.to_owned()).filter(|o| !o.is_empty()),
            error_code: Some(code),
            error_text: object.get("ErrorMessage").map(str::to_owned),
            access_denied: true,
        };
        out.push(Kind::Oslicense, Fact::Command(failure), object.place.clone(), Vec::new());
    }
    true
}

struct Reader<'o> {
    object: &'o Object,
    draft: Draft,
}

impl Reader<'_> {
    /// The value of a property: present, and not one of the words for "none".
    fn value(&mut self, property: &str, field: &'static str) -> Option<String> {
        let value = self.object.get(property)?;
        let value = value.trim_matches(['"', '\'']).trim();
        if value.is_empty() || ["N/A", "Not Set", "null", "$null", "(null)"].contains(&value) {
            return None;
        }
        self.draft.quotes.extend(self.object.quote(property, field));
        if self.draft.redacted(field, value) {
            return None;
        }
        Some(value.to_owned())
    }

    fn text(&mut self, properties: &[&str], field: &'static str) -> Option<String> {
        properties.iter().find_map(|property| self.value(property, field))
    }

    fn number<T: std::str::FromStr>(&mut self, property: &str, field: &'static str) -> Option<T> {
        let value = self.value(property, field)?;
        value.replace([',', '\u{a0}'], "").parse().ok()
    }

    fn product(&mut self) {
        self.draft.license.computer =
            self.text(&["PSComputerName", "__SERVER", "Node", "CSName", "SystemName"], "computer");
        self.draft.license.name = self.text(&["Name", "ProductName"], "name");
        self.draft.license.description = self.value("Description", "description");
        self.draft.license.channel = self.draft.license.description.as_deref().and_then(channel);
        if self.draft.license.channel.is_some() {
            self.draft.quotes.extend(self.object.quote("Description", "channel"));
        }
        let id = self.text(&["ActivationID", "ID"], "activation_id");
        self.draft.license.activation_id = id.and_then(|id| model::Guid::parse(&id));
        let id = self.value("ApplicationID", "application_id");
        self.draft.license.application_id = id.and_then(|id| model::Guid::parse(&id));
        self.draft.license.extended_pid = self.text(&["ProductKeyID", "ExtendedPID"], "extended_pid");
        self.draft.license.partial_product_key = self.value("PartialProductKey", "partial_product_key");
        self.draft.license.product_key_channel = self.value("ProductKeyChannel", "product_key_channel");
        self.draft.license.use_license_url = self.value("UseLicenseURL", "use_license_url");
        self.draft.license.service_version = self.value("Version", "service_version");
        self.draft.license.ad_activation_object =
            self.value("ADActivationObjectName", "ad_activation_object");
        let kind = self.value("VLActivationTypeEnabled", "configured_activation_type");
        self.draft.license.configured_activation_type = kind.map(|kind| match kind.as_str() {
            "0" => "All".to_owned(),
            "1" => "AD".to_owned(),
            "2" => "KMS".to_owned(),
            "3" => "Token".to_owned(),
            _ => kind,
        });
    }

    fn state(&mut self) {
        let status = self.value("LicenseStatus", "license_status");
        self.draft.license.license_status = status.as_deref().and_then(license_status);
        let reason = self.value("LicenseStatusReason", "notification_reason").as_deref().and_then(code);
        if self.draft.license.license_status == Some(LicenseStatus::Notification) {
            self.draft.license.notification_reason = reason;
        } else {
            // The reason of a state that is no notification: 0 and 0x4004F040 are no errors, others are told as a code.
            self.draft.license.error_code = reason.filter(|reason| reason.is_failure());
        }
        let licensed = self.draft.license.license_status == Some(LicenseStatus::Licensed);
        let field = if licensed { "expiration_min" } else { "time_remaining_min" };
        let minutes: Option<u64> = self.number("GracePeriodRemaining", field);
        // Zero minutes of a licensed product: it is licensed for good, or a host.
        match (licensed, minutes) {
            (true, Some(0)) => {}
            (true, minutes) => self.draft.license.expiration_min = minutes,
            (false, minutes) => self.draft.license.time_remaining_min = minutes,
        }
        self.draft.license.evaluation_end = self.time("EvaluationEndDate", "evaluation_end");
        self.draft.license.trusted_time = self.time("TrustedTime", "trusted_time");
        for name in ["RemainingWindowsReArmCount", "RemainingAppReArmCount"] {
            let field = if name.contains("App") { "app_rearm" } else { "windows_rearm" };
            let count = self.number(name, field);
            if field == "app_rearm" {
                self.draft.license.app_rearm = count;
            } else {
                self.draft.license.windows_rearm = count;
            }
        }
        self.draft.license.sku_rearm = self.number("RemainingSkuReArmCount", "sku_rearm");
    }

    /// A date; 1601 stands for none.
    fn time(&mut self, property: &str, field: &'static str) -> Option<Timestamp> {
        let time = Timestamp::parse(&self.value(property, field)?);
        let is_none = time.civil().is_some_and(|civil| civil.year() <= 1601);
        (!is_none).then_some(time)
    }

    fn client(&mut self) {
        let cmid = self.value("ClientMachineID", "cmid");
        self.draft.license.cmid = cmid.and_then(|id| model::Guid::parse(&id));
        self.draft.license.kms_lookup_domain =
            self.value("KeyManagementServiceLookupDomain", "kms_lookup_domain");
        self.machine("KeyManagementServiceMachine", "KeyManagementServicePort", KmsMachineSource::Registered);
        if self.draft.license.kms_machine_source.is_none() {
            self.machine(
                "DiscoveredKeyManagementServiceMachineName",
                "DiscoveredKeyManagementServiceMachinePort",
                KmsMachineSource::Dns,
            );
        }
        self.draft.license.kms_ip = self
            .value("DiscoveredKeyManagementServiceMachineIpAddress", "kms_ip")
            .filter(|address| address.parse::<std::net::IpAddr>().is_ok());
        self.draft.license.kms_extended_pid =
            self.value("KeyManagementServiceProductKeyID", "kms_extended_pid");
        let interval = self.number("VLActivationInterval", "activation_interval_min");
        self.draft.license.activation_interval_min = interval.filter(|&minutes: &u64| minutes != NOT_SET);
        let interval = self.number("VLRenewalInterval", "renewal_interval_min");
        self.draft.license.renewal_interval_min = interval.filter(|&minutes: &u64| minutes != NOT_SET);
        let caching = self.value("KeyManagementServiceHostCaching", "host_caching");
        self.draft.license.host_caching = caching.as_deref().and_then(boolean);
    }

    fn machine(&mut self, name: &str, port: &str, source: KmsMachineSource) {
        let hidden = self.draft.license.redacted.len();
        let machine = self.value(name, "kms_machine");
        let redacted = self.draft.license.redacted.len() > hidden;
        if machine.is_none() && !redacted {
            return;
        }
        self.draft.license.kms_machine_source = Some(source);
        self.draft.quotes.extend(self.object.quote(name, "kms_machine_source"));
        let number: Option<u16> = self.number(port, "kms_port").filter(|&port| port != 0);
        self.draft.license.kms_port = number;
        if let Some(machine) = machine {
            let (host, inline) = host_port(&machine).unwrap_or_else(|| {
                let (host, port) = without_colon_port(&machine);
                (host.to_owned(), port)
            });
            self.draft.license.kms_machine = Some(host);
            self.draft.license.kms_port = number.or(inline);
        }
    }

    fn host(&mut self) {
        let is_host = self.value("IsKeyManagementServiceMachine", "host_enabled");
        let is_host = is_host.as_deref().and_then(boolean).unwrap_or(false);
        self.draft.license.host_enabled = is_host;
        let count: Option<i64> = self.number("KeyManagementServiceCurrentCount", "current_count");
        // An unsigned property prints "none" as 4294967295.
        self.draft.license.current_count = count.map(|n| if n == i64::from(u32::MAX) { -1 } else { n });
        let port: Option<u16> = self.number("KeyManagementServiceListeningPort", "listening_port");
        self.draft.license.listening_port =
            port.map(|port| if port == 0 && is_host { 1688 } else { port }).filter(|&p| p != 0);
        let publishing = self.value("KeyManagementServiceDnsPublishing", "dns_publishing");
        self.draft.license.dns_publishing = publishing.as_deref().and_then(boolean);
        let low = self.value("KeyManagementServiceLowPriority", "kms_priority");
        self.draft.license.kms_priority =
            low.as_deref().and_then(boolean).map(|low| if low { "Low" } else { "Normal" }.to_owned());
        self.draft.license.total_requests = self.count("KeyManagementServiceTotalRequests", "total_requests");
        self.draft.license.failed_requests =
            self.count("KeyManagementServiceFailedRequests", "failed_requests");
        let states = [
            ("KeyManagementServiceUnlicensedRequests", LicenseStatus::Unlicensed),
            ("KeyManagementServiceLicensedRequests", LicenseStatus::Licensed),
            ("KeyManagementServiceOOBGraceRequests", LicenseStatus::InitialGrace),
            ("KeyManagementServiceOOTGraceRequests", LicenseStatus::OutOfToleranceGrace),
            ("KeyManagementServiceNonGenuineGraceRequests", LicenseStatus::NonGenuineGrace),
            ("KeyManagementServiceNotificationRequests", LicenseStatus::Notification),
        ];
        for (name, state) in states {
            if let Some(count) = self.count(name, "requests_by_status") {
                crate::slmgr::count_requests(&mut self.draft, state, count);
            }
        }
    }

    /// A counter; an unsigned -1 means that the machine is no host.
    fn count(&mut self, property: &str, field: &'static str) -> Option<u64> {
        self.number(property, field).filter(|&count: &u64| count != NOT_SET)
    }
}

/// An unsigned property that is not set.
const NOT_SET: u64 = u32::MAX as u64;

/// A state by its number, or in the words of the machine's language.
fn license_status(value: &str) -> Option<LicenseStatus> {
    let number = value.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    number.and_then(LicenseStatus::from_number).or_else(|| labels::builtin().license_status(value)).or_else(
        || match value.to_ascii_uppercase().replace([' ', '-', '_'], "").as_str() {
            "OOBGRACE" | "OOBGRACEPERIOD" => Some(LicenseStatus::InitialGrace),
            "OOTGRACE" | "OOTGRACEPERIOD" => Some(LicenseStatus::OutOfToleranceGrace),
            "NONGENUINEGRACE" => Some(LicenseStatus::NonGenuineGrace),
            "EXTENDEDGRACE" => Some(LicenseStatus::ExtendedGrace),
            _ => None,
        },
    )
}

fn code(value: &str) -> Option<HexCode> {
    HexCode::parse(value)
        .or_else(|| HexCode::from_decimal(value))
        .or_else(|| HexCode::find(value).map(|(code, _)| code))
}

fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "enabled" => Some(true),
        "false" | "0" | "no" | "disabled" => Some(false),
        _ => None,
    }
}
