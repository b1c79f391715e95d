//! ospp.vbs of every Office generation: `/dstatus`, `/act`, and the options that change something.

use model::license::{ActivationResult, KmsMachineSource, LicenseCommand};
use model::windows::CommandFailure;
use model::{Fact, HexCode, Kind, LicenseStatus, Place, Timestamp};

use super::draft::Draft;
use super::fields::{Line, machine};
use super::values::{channel, numbers, partial_key};
use crate::out::Out;
use crate::text::{Text, label_value};

/// Reads the output of ospp.vbs that begins at a line.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !starts(text, at) {
        return None;
    }
    let mut reader = Reader::new(text, at);
    let end = reader.read(at, out);
    Some(end)
}

fn starts(text: &Text<'_>, at: usize) -> bool {
    let line = text.at(at);
    if line.starts_with("---Processing---") {
        return true;
    }
    const LABELS: [&str; 8] = [
        "ERROR CODE: 0x",
        "ERROR DESCRIPTION:",
        "SKU ID:",
        "LICENSE NAME:",
        "LICENSE DESCRIPTION:",
        "LICENSE STATUS:",
        "REMAINING GRACE:",
        "PRODUCT ID:",
    ];
    LABELS.iter().any(|label| line.starts_with(label))
        || line.starts_with("Last 5 characters of installed product key:")
        || line.starts_with("Installed product key detected - attempting to activate")
        || line.starts_with("KMS machine registry override defined:")
        || line == "<Product activation successful>"
}

struct Reader<'t, 'a> {
    text: &'t Text<'a>,
    draft: Draft,
    /// The command line, in lower case, when a prompt shows it.
    command: String,
    /// Within `---Processing---` and `---Exiting---`, where every line is ospp's.
    framed: bool,
    activating: bool,
}

impl<'t, 'a> Reader<'t, 'a> {
    fn new(text: &'t Text<'a>, at: usize) -> Reader<'t, 'a> {
        let command = text.command_above(at).map(|command| command.line.clone()).unwrap_or_default();
        let draft = Draft::new(LicenseCommand::Display, text.place(at));
        Reader { text, draft, command, framed: false, activating: false }
    }

    fn read(&mut self, at: usize, out: &mut Out) -> usize {
        let text = self.text;
        let mut index = at;
        let mut end = at + 1;
        while index < text.len() {
            let Some(line) = text.line(index).filter(|line| line.command.is_none()) else { break };
            let content: &str = &line.text;
            if content.is_empty() {
                index += 1;
                continue;
            }
            if content.starts_with("---Exiting") {
                end = index + 1;
                break;
            }
            if content.starts_with("---Processing") {
                if self.framed {
                    break;
                }
                self.framed = true;
            } else if is_rule(content) {
                self.flush(out);
            } else if let Some(next) = self.line(index, out) {
                index = next;
                end = next;
                continue;
            } else if self.framed {
                self.note(index, out);
            } else {
                break;
            }
            index += 1;
            end = index;
        }
        self.flush(out);
        end
    }

    /// Reads one line; returns the index behind it, or nothing for a line that is not known.
    fn line(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let text = self.text;
        let line = text.at(at);
        if self.draft.is_empty() {
            self.draft.place = text.place(at);
        }
        if let Some(done) = self.sentence(line, at, out) {
            return Some(done);
        }
        let (label, value) = label_value(line)?;
        let name = label.to_lowercase();
        if self.begins_next_product(&name) {
            self.flush(out);
            self.draft.place = text.place(at);
        }
        self.labelled(&name, value, at)
    }

    /// The rules between products get lost in pastes; a label that a product has once begins the next one.
    fn begins_next_product(&self, name: &str) -> bool {
        let license = &self.draft.license;
        match name {
            "product id" => license.name.is_some() || license.license_status.is_some(),
            "sku id" => license.activation_id.is_some() || license.license_status.is_some(),
            "license name" => license.name.is_some(),
            "license status" => license.license_status.is_some(),
            _ => false,
        }
    }

    fn sentence(&mut self, line: &str, at: usize, out: &mut Out) -> Option<usize> {
        let lower = line.to_lowercase();
        if lower.starts_with("installed product key detected") {
            self.flush(out);
            self.activating = true;
        } else if lower.contains("product activation successful") {
            self.draft.license.activation_result = Some(ActivationResult::Success);
            self.draft.quote("activation_result", self.text, at);
            self.activating = true;
        } else if lower.starts_with("successfully applied setting")
            || lower.contains("installation successful")
            || lower.contains("uninstall successful")
            || lower.contains("rearm successful")
        {
            self.change(at, out);
        } else if lower.starts_with("<no ") || lower.starts_with("no installed product key") {
            let failure = CommandFailure {
                command: Some(self.command.clone()).filter(|command| !command.is_empty()),
                error_text: Some(line.trim_matches(['<', '>']).to_owned()),
                ..CommandFailure::default()
            };
            out.push(Kind::Ospp, Fact::Command(failure), self.text.place(at), Vec::new());
        } else if lower.contains("not available")
            && (lower.contains("dns auto-discovery") || lower.contains("kms name"))
        {
            self.draft.license.discovery_unavailable = true;
            self.draft.quote("discovery_unavailable", self.text, at);
        } else if !(lower.starts_with("to view the activation event history")
            || lower.starts_with("notice:")
            || lower.starts_with("for more information")
            || lower.starts_with("microsoft office")
            || lower.starts_with("no beta"))
        {
            return None;
        }
        Some(at + 1)
    }

    /// A setting was applied: the command line says which.
    fn change(&mut self, at: usize, out: &mut Out) {
        let mut draft = Draft::new(LicenseCommand::Change, self.text.place(at));
        draft.quote("command", self.text, at);
        let lower = self.command.to_lowercase();
        if let Some(from) = lower.find("/sethst:") {
            let host = self.command.get(from + 8..).unwrap_or_default();
            let host = host.split_whitespace().next().unwrap_or_default().trim_matches('"');
            machine(&mut draft, host, KmsMachineSource::Registered, &Line::new(self.text, at));
        } else if let Some(from) = lower.find("/setprt:") {
            draft.license.kms_port = numbers(&lower[from..]).first().and_then(|&n| u16::try_from(n).ok());
        }
        draft.push(Kind::Ospp, out);
    }

    fn labelled(&mut self, name: &str, value: &str, at: usize) -> Option<usize> {
        let text = self.text;
        let line = Line::new(text, at);
        let draft = &mut self.draft;
        let mut next = at + 1;
        let field = match name {
            "product id" | "beta expiration" => return Some(next),
            "sku id" => {
                draft.license.activation_id = draft.guid("activation_id", value);
                "activation_id"
            }
            "license name" => {
                draft.license.name = hidden_or(draft, "name", value);
                "name"
            }
            "license description" => {
                draft.license.channel = channel(value);
                draft.license.description = hidden_or(draft, "description", value);
                "description"
            }
            "license status" => {
                draft.license.license_status = status(value);
                "license_status"
            }
            "error code" => {
                draft.license.error_code = HexCode::find(value).map(|(code, _)| code);
                if draft.license.license_status == Some(LicenseStatus::Notification) {
                    draft.license.notification_reason = draft.license.error_code;
                }
                "error_code"
            }
            "error description" => {
                let (whole, end) = wrapped(text, value, next);
                draft.license.error_text = Some(whole);
                next = end;
                "error_text"
            }
            "remaining grace" => {
                grace(draft, value, &line);
                "expiration_min"
            }
            "last 5 characters of installed product key" => {
                draft.license.partial_product_key =
                    hidden_or(draft, "partial_product_key", value).map(|key| partial_key(&key).to_owned());
                "partial_product_key"
            }
            "activation type configuration" | "volume activation type" => {
                let word = match value.to_ascii_uppercase().as_str() {
                    "ALL" => "All".to_owned(),
                    "TOKEN" => "Token".to_owned(),
                    _ => value.to_owned(),
                };
                draft.license.configured_activation_type = Some(word);
                "configured_activation_type"
            }
            "kms machine name from dns" => {
                machine(draft, value, KmsMachineSource::Dns, &line);
                return Some(next);
            }
            "activation interval" => {
                draft.license.activation_interval_min = numbers(value).first().copied();
                "activation_interval_min"
            }
            "renewal interval" => {
                draft.license.renewal_interval_min = numbers(value).first().copied();
                "renewal_interval_min"
            }
            "kms host caching" => {
                draft.license.host_caching = Some(!value.to_lowercase().starts_with("dis"));
                "host_caching"
            }
            "client machine id (cmid)" | "client machine id" | "cmid" => {
                draft.license.cmid = draft.guid("cmid", value);
                "cmid"
            }
            "evaluation enddate" | "evaluation end date" => {
                draft.license.evaluation_end = Some(Timestamp::parse(value));
                "evaluation_end"
            }
            "kms srv record lookup domain"
            | "kms lookup domain"
            | "kms srv record lookup domain override" => {
                draft.license.kms_lookup_domain = hidden_or(draft, "kms_lookup_domain", value);
                "kms_lookup_domain"
            }
            "computer" | "computer name" => {
                draft.license.computer = hidden_or(draft, "computer", value);
                "computer"
            }
            _ if name.contains("override") && name.contains("kms") => {
                machine(draft, value, KmsMachineSource::Registered, &line);
                return Some(next);
            }
            _ => return None,
        };
        draft.quote(field, text, at);
        Some(next)
    }

    fn note(&self, at: usize, out: &mut Out) {
        let number = self.text.line(at).map_or(0, |line| line.number).to_string();
        let shown: String = self.text.at(at).chars().take(80).collect();
        let args = vec![("first", number.clone()), ("last", number), ("text", shown)];
        out.note("note-not-understood", args, self.text.place(at));
    }

    fn flush(&mut self, out: &mut Out) {
        let fresh = Draft::new(LicenseCommand::Display, Place::Line(1));
        let mut draft = std::mem::replace(&mut self.draft, fresh);
        let activating = std::mem::take(&mut self.activating);
        if draft.is_empty() {
            self.activating = activating;
            return;
        }
        let only_code = draft.license.name.is_none() && draft.license.license_status.is_none();
        // /ddescr explains a code; nothing failed here.
        if only_code && self.command.to_lowercase().contains("/ddescr") {
            return;
        }
        let attempt = activating || (only_code && draft.license.error_code.is_some());
        if self.command.to_lowercase().contains("/dhistory") {
            draft.license.command = Some(LicenseCommand::History);
        } else if attempt {
            draft.license.command = Some(LicenseCommand::Activate);
            let failed = draft.license.error_code.is_some_and(HexCode::is_failure);
            if draft.license.activation_result.is_none() && failed {
                draft.license.activation_result = Some(ActivationResult::Failure);
            }
        }
        draft.push(Kind::Ospp, out);
    }
}

fn is_rule(line: &str) -> bool {
    line.len() >= 10 && line.bytes().all(|b| b == b'-')
}

fn hidden_or(draft: &mut Draft, field: &'static str, value: &str) -> Option<String> {
    let hidden = draft.redacted(field, value);
    (!hidden && !value.is_empty()).then(|| value.to_owned())
}

/// The state between dashes, or as a bare word.
fn status(value: &str) -> Option<LicenseStatus> {
    let word = value.trim_matches(['-', ' ']).to_ascii_uppercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "LICENSED" => LicenseStatus::Licensed,
        "UNLICENSED" => LicenseStatus::Unlicensed,
        "OOB_GRACE" | "OOBGRACE" | "GRACE" => LicenseStatus::InitialGrace,
        "OOT_GRACE" | "OOTGRACE" => LicenseStatus::OutOfToleranceGrace,
        "NON_GENUINE_GRACE" | "NONGENUINEGRACE" => LicenseStatus::NonGenuineGrace,
        "NOTIFICATIONS" | "NOTIFICATION" => LicenseStatus::Notification,
        "EXTENDED_GRACE" | "EXTENDEDGRACE" => LicenseStatus::ExtendedGrace,
        _ => return None,
    })
}

/// `165 days  (237240 minute(s) before expiring)`
fn grace(draft: &mut Draft, value: &str, line: &Line<'_, '_>) {
    let all = numbers(value);
    let (days, minutes) = (all.first().copied(), all.get(1).copied());
    if draft.license.license_status == Some(LicenseStatus::Licensed) {
        draft.license.expiration_days = days;
        draft.license.expiration_min = minutes;
        draft.quote("expiration_days", line.text, line.at);
    } else {
        draft.license.time_remaining_days = days;
        draft.license.time_remaining_min = minutes;
        draft.quote("time_remaining_days", line.text, line.at);
        draft.quote("time_remaining_min", line.text, line.at);
    }
}

/// A description with the lines it was wrapped over.
fn wrapped(text: &Text<'_>, value: &str, next: usize) -> (String, usize) {
    let mut whole = value.to_owned();
    let mut index = next;
    while !whole.ends_with('.') && index < next + 4 {
        let more = text.at(index);
        let plain = !more.is_empty()
            && !more.starts_with(['-', '<'])
            && !more.contains(": ")
            && text.line(index).is_some_and(|line| line.command.is_none());
        if !plain {
            break;
        }
        whole.push(' ');
        whole.push_str(more);
        index += 1;
    }
    (whole, index)
}
