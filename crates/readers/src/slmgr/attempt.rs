//! `/ato`, and the answers of the options that change something.

use facts::labels::{Labels, Message};
use model::license::{ActivationResult, KmsMachineSource, LicenseCommand};
use model::windows::CommandFailure;
use model::{Fact, Guid, HexCode, Kind};

use super::draft::Draft;
use super::error_line::{self, ErrorLine};
use super::fields::{self, Line};
use super::values::{is_product_name, numbers};
use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// Reads an attempt to activate, or the answer to an option that changes something.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    // /dti ends with where to find telephone numbers; the file's name is the same in every language.
    if text.at(at).contains("sppui\\phone.inf") {
        return Some(at + 1);
    }
    let labels = super::labels(out);
    activating(&labels, text, at, out).or_else(|| answer(&labels, text, at, out))
}

/// `Activating Windows(R), Professional edition (id) ...`, taken apart.
struct Heading<'a> {
    name: &'a str,
    id: &'a str,
    /// What stands behind it in the same line.
    rest: &'a str,
}

/// The heading in any language: a product's name, then an id in brackets, then dots.
fn heading<'a>(labels: &Labels, line: &'a str) -> Option<Heading<'a>> {
    let dots =
        line.rfind("...").map(|at| at + 3).or_else(|| line.rfind('…').map(|at| at + '…'.len_utf8()))?;
    let (head, rest) = line.split_at(dots);
    let open = head.rfind(['(', '（'])?;
    let inner = head[open..].trim_start_matches(['(', '（']);
    let id = inner.split([')', '）']).next().unwrap_or_default().trim();
    if Guid::parse(id).is_none() && !is_hidden_id(id) {
        return None;
    }
    let known = labels.find(head).filter(|found| found.message == Message::Activating);
    let name = match &known {
        Some(found) => found.value(),
        None => {
            // No table has this language: the name begins with the product's family, which is not translated.
            let before = head[..open].trim();
            let start =
                ["Windows", "Office ", "Microsoft "].iter().filter_map(|word| before.find(word)).min()?;
            before[start..].trim()
        }
    };
    (known.is_some() || is_product_name(name)).then_some(Heading { name, id, rest: rest.trim() })
}

fn is_hidden_id(id: &str) -> bool {
    is_placeholder(id) || id.contains('*') || id.starts_with('<')
}

fn activating(labels: &Labels, text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    let joined;
    let (heading, mut next) = match heading(labels, line) {
        Some(heading) => (heading, at + 1),
        None => {
            // A message box breaks the line before the bracket.
            let second = text.at(at + 1);
            if line.len() > 400 || !second.starts_with(['(', '（']) {
                return None;
            }
            joined = format!("{line} {second}");
            (heading(labels, &joined)?, at + 2)
        }
    };
    let mut draft = Draft::new(LicenseCommand::Activate, text.place(at));
    draft.license.name = Some(heading.name.to_owned());
    draft.quote("name", text, at);
    draft.quote("activation_id", text, at);
    draft.license.activation_id = Guid::parse(heading.id);
    if draft.license.activation_id.is_none() {
        draft.hide("activation_id");
    }
    let rest = heading.rest.to_owned();
    if rest.is_empty() {
        next = outcome(labels, text, next, &mut draft, out).unwrap_or(next);
    } else if labels.find(&rest).is_some_and(|found| found.message == Message::Activated) {
        succeeded(&mut draft, text, at);
    } else if let Some(error) = error_line::parse_text(labels, &rest) {
        failed(&mut draft, &error, text, at);
    }
    draft.push(Kind::Slmgr, out);
    Some(next)
}

/// The line behind the heading that tells how the attempt ended.
fn outcome(labels: &Labels, text: &Text<'_>, at: usize, draft: &mut Draft, out: &mut Out) -> Option<usize> {
    let at = text.skip_blank(at);
    if text.line(at).is_none_or(|line| line.command.is_some()) {
        return None;
    }
    if labels.find(text.at(at)).is_some_and(|found| found.message == Message::Activated) {
        succeeded(draft, text, at);
        return Some(at + 1);
    }
    let (error, next) = error_line::parse(labels, text, at)?;
    failed(draft, &error, text, at);
    error_line::tell_rights(&error, text, at, out);
    Some(next)
}

fn succeeded(draft: &mut Draft, text: &Text<'_>, at: usize) {
    draft.license.activation_result = Some(ActivationResult::Success);
    draft.quote("activation_result", text, at);
}

fn failed(draft: &mut Draft, error: &ErrorLine, text: &Text<'_>, at: usize) {
    draft.license.activation_result = Some(ActivationResult::Failure);
    draft.quote("activation_result", text, at);
    error.apply(draft, text, at);
}

/// One-line answers of slmgr.vbs.
fn answer(labels: &Labels, text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let found = labels.find(text.at(at))?;
    let value = found.value();
    let line = Line::new(text, at);
    let mut draft = Draft::new(LicenseCommand::Change, text.place(at));
    match found.message {
        Message::Activated => {
            draft.license.command = Some(LicenseCommand::Activate);
            succeeded(&mut draft, text, at);
        }
        Message::KeyInstalled => {
            let key = value.rsplit('-').next().unwrap_or_default().trim();
            if super::values::is_partial_key(key) && !draft.redacted("partial_product_key", key) {
                draft.license.partial_product_key = Some(key.to_owned());
            } else {
                draft.hide("partial_product_key");
            }
            // The line holds the whole key: it is not quoted.
        }
        Message::KmsNameSet if value.starts_with(':') => {
            // Only the port was set.
            draft.license.kms_port = value[1..].trim().parse().ok();
            draft.quote("kms_port", text, at);
        }
        Message::KmsNameSet => fields::machine(&mut draft, value, KmsMachineSource::Registered, &line),
        Message::LookupDomainSet => {
            if !draft.redacted("kms_lookup_domain", value) {
                draft.license.kms_lookup_domain = Some(value.to_owned());
            }
            draft.quote("kms_lookup_domain", text, at);
        }
        Message::HostCachingEnabled | Message::HostCachingDisabled => {
            draft.license.host_caching = Some(found.message == Message::HostCachingEnabled);
            draft.quote("host_caching", text, at);
        }
        Message::DnsPublishingEnabled | Message::DnsPublishingDisabled => {
            draft.license.dns_publishing = Some(found.message == Message::DnsPublishingEnabled);
            draft.quote("dns_publishing", text, at);
        }
        Message::PrioritySetLow | Message::PrioritySetNormal => {
            let low = found.message == Message::PrioritySetLow;
            draft.license.kms_priority = Some(if low { "Low" } else { "Normal" }.to_owned());
            draft.quote("kms_priority", text, at);
        }
        Message::PortSet => {
            draft.license.listening_port = numbers(value).first().and_then(|&n| u16::try_from(n).ok());
            draft.quote("listening_port", text, at);
        }
        Message::RenewalSet => {
            draft.license.renewal_interval_min = numbers(value).first().copied();
            draft.quote("renewal_interval_min", text, at);
        }
        Message::ActivationSet => {
            draft.license.activation_interval_min = numbers(value).first().copied();
            draft.quote("activation_interval_min", text, at);
        }
        Message::CommandCompleted => {
            // dnscmd and others say the same; a restart is asked for only behind /rearm.
            let rearm = labels
                .find(text.at(text.skip_blank(at + 1)))
                .is_some_and(|next| next.message == Message::PleaseRestart);
            if !rearm && !after_slmgr(text, at) {
                return None;
            }
        }
        Message::KeyUninstalled
        | Message::KeyCleared
        | Message::KmsNameCleared
        | Message::LookupDomainCleared
        | Message::ActivationTypeSet
        | Message::LicenseFileInstalled
        | Message::Reinstalled
        | Message::ConfirmationDeposited => draft.quote("command", text, at),
        Message::Unrecognized
        | Message::InvalidOptions
        | Message::OptionNeeds
        | Message::InvalidData
        | Message::ActivationIdNotFound
        | Message::PriorityOfHosts
        | Message::PublishingOfHosts
        | Message::PortOfHosts
        | Message::RenewalOfHosts
        | Message::ActivationOfHosts => {
            let failure = CommandFailure {
                command: text.command_above(at).map(|command| command.line.clone()),
                error_text: Some(text.at(at).to_owned()),
                ..CommandFailure::default()
            };
            out.push(Kind::Slmgr, Fact::Command(failure), text.place(at), Vec::new());
            return Some(at + 1);
        }
        // Told by the fact before them, or by none.
        Message::PleaseRestart
        | Message::KmsRestartNeeded
        | Message::Reinstalling
        | Message::OverridesLookupDomain
        | Message::UsesMachineName
        | Message::UsesLookupDomain
        | Message::MostRecent => return Some(at + 1),
        Message::InstallationId => return Some(at + 1),
        _ => return None,
    }
    draft.push(Kind::Slmgr, out);
    Some(at + 1)
}

fn after_slmgr(text: &Text<'_>, at: usize) -> bool {
    text.command_above(at).is_some_and(|command| command.program() == "slmgr")
}

/// Keeps codes comparable: a code of success is no error.
pub(super) fn is_error(code: HexCode) -> bool {
    code.is_failure()
}
