//! The blocks of `/dli` and `/dlv`: one fact per product, client and host blocks included.

use std::sync::Arc;

use facts::labels::{Found, Labels, Message};
use model::license::LicenseCommand;
use model::{Kind, LicenseStatus, Quote};

use super::draft::Draft;
use super::fields::{self, Line, is_product_message};
use super::guess;
use super::values::{channel, is_product_name, numbers};
use crate::documents::list;
use crate::out::Out;
use crate::text::Text;

/// How many lines with text are looked ahead for a line of the same block.
const LOOK_AHEAD: usize = 12;

/// Reads the product blocks that begin at a line.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let labels = super::labels(out);
    let guessing = !starts_block(&labels, text, at);
    if (guessing && !guess::starts_block(text, at)) || is_property_list(text, at) {
        return None;
    }
    let mut reader = Reader::new(text, labels, at, guessing);
    let end = reader.read(at, out);
    (end > at).then_some(end)
}

/// True when a known line begins a block; a name or a description alone must look like a product's.
fn starts_block(labels: &Labels, text: &Text<'_>, at: usize) -> bool {
    let Some(found) = labels.find(text.at(at)).filter(|found| is_product_message(found.message)) else {
        return false;
    };
    let value = found.value();
    match found.message {
        Message::Name => is_product_name(value) || (!value.is_empty() && strong_follows(labels, text, at, 2)),
        Message::Description => channel(value).is_some() || strong_follows(labels, text, at, 2),
        Message::TimeRemaining => numbers(value).len() >= 2,
        Message::LicenseStatus => {
            labels.word(Message::LicenseStatus, value).is_some() || near(labels, text, at)
        }
        Message::EvaluationEnd | Message::Priority => near(labels, text, at),
        // "10.0.19041": other tools print a "version", too, but not behind these words.
        message => !is_weak(message),
    }
}

/// True for texts that other tools print as well, so that they do not begin a block.
fn is_weak(message: Message) -> bool {
    matches!(
        message,
        Message::AdditionalInformation
            | Message::InstallationId
            | Message::AvmaHost
            | Message::AvmaTime
            | Message::MostRecent
            | Message::TokenIlvid
            | Message::TrustedTime
            | Message::DnsPublishingEnabled
            | Message::DnsPublishingDisabled
            | Message::HostCachingEnabled
            | Message::HostCachingDisabled
            | Message::UsesLookupDomain
    )
}

fn near(labels: &Labels, text: &Text<'_>, at: usize) -> bool {
    strong_follows(labels, text, at, 3) || text.command_above(at).is_some_and(|c| c.program() == "slmgr")
}

/// True when one of the next lines with text is one that only slmgr prints.
fn strong_follows(labels: &Labels, text: &Text<'_>, at: usize, lines: usize) -> bool {
    let mut index = at;
    for _ in 0..lines {
        index = text.skip_blank(index + 1);
        if text.line(index).is_none_or(|line| line.command.is_some()) {
            return false;
        }
        if let Some(found) = labels.find(text.at(index)) {
            let message = found.message;
            let described = message == Message::Description && channel(found.value()).is_some();
            let strong = is_product_message(message)
                && !is_weak(message)
                && !matches!(message, Message::Name | Message::Description);
            if described || strong {
                return true;
            }
        }
    }
    false
}

/// True when the line belongs to a list of CIM properties (`Name : value`), which has its own reader.
fn is_property_list(text: &Text<'_>, at: usize) -> bool {
    if !(text.at(at).contains(" : ") || text.at(at).ends_with(" :")) {
        return false;
    }
    const NAMES: [&str; 7] = [
        "LicenseStatus",
        "PartialProductKey",
        "ApplicationID",
        "ProductKeyID",
        "ActivationID",
        "ID",
        "LicenseFamily",
    ];
    list::read_object(text, at).is_some_and(|(object, _)| NAMES.iter().any(|name| object.has(name)))
}

/// True for a line of a display language other than English, whose other lines the table may lack.
fn is_foreign(message: Message, line: &str) -> bool {
    let english = match message {
        Message::PartialKey => "partial product key",
        Message::LicenseStatus => "license status",
        Message::ActivationId => "activation id",
        _ => return false,
    };
    !line.to_lowercase().starts_with(english)
}

struct Reader<'t, 'a> {
    text: &'t Text<'a>,
    labels: Arc<Labels>,
    draft: Draft,
    version: Option<(String, Quote)>,
    /// Lines are read by the shape of their values.
    guessing: bool,
    guessed: Vec<u32>,
    /// The line of a state whose word is in no table.
    strange_status: Option<usize>,
    /// Indentation of the whole block.
    indent: usize,
}

impl<'t, 'a> Reader<'t, 'a> {
    fn new(text: &'t Text<'a>, labels: Arc<Labels>, at: usize, guessing: bool) -> Reader<'t, 'a> {
        let draft = Draft::new(LicenseCommand::Display, text.place(at));
        let indent = text.line(at).map_or(0, |line| line.indent);
        Reader {
            text,
            labels,
            draft,
            version: None,
            guessing,
            guessed: Vec::new(),
            strange_status: None,
            indent,
        }
    }

    /// Reads to the end of the blocks; returns the index behind it.
    fn read(&mut self, at: usize, out: &mut Out) -> usize {
        let text = self.text;
        let mut index = at;
        let mut end = at;
        while index < text.len() {
            if text.is_blank(index) {
                index += 1;
                continue;
            }
            if text.line(index).is_some_and(|line| line.command.is_some()) {
                break;
            }
            let Some(next) = self.line(index, out) else { break };
            index = next;
            end = next;
        }
        self.flush(index.min(text.len().saturating_sub(1)), out);
        end
    }

    /// Reads one line (with its continuation); returns the index behind it, or nothing where the block ends.
    fn line(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let labels = self.labels.clone();
        let line = self.text.at(at);
        if let Some(found) = labels.find(line).filter(|found| is_product_message(found.message)) {
            return self.known(&found, at, out);
        }
        if self.starts_anew(at) {
            self.flush(at, out);
        }
        if self.is_activation_advice(at) {
            let advice = Found { message: Message::PleaseActivate, values: Vec::new() };
            return self.known(&advice, at, out);
        }
        if self.guessing || self.is_sandwiched(at) {
            return self.unknown(at, out);
        }
        None
    }

    fn line_at(&self, at: usize) -> Line<'t, 'a> {
        let indented = self.text.line(at).is_some_and(|line| line.indent > self.indent);
        Line { text: self.text, at, indented }
    }

    fn known(&mut self, found: &Found<'_>, at: usize, out: &mut Out) -> Option<usize> {
        if self.begins_next_product(found.message) {
            self.flush(at, out);
        }
        if self.draft.is_empty() {
            self.draft.place = self.text.place(at);
        }
        self.guessing |= is_foreign(found.message, self.text.at(at));
        if found.message == Message::ServiceVersion {
            let quote = Quote::new("service_version", self.text.place(at), self.text.at(at));
            self.version = Some((found.value().to_owned(), quote)).filter(|(value, _)| !value.is_empty());
            return Some(at + 1);
        }
        // Host lines that change something (`/sdns`) look like those of a block; they need one around them.
        let (joined, next) = self.joined_value(found, at);
        let values = joined.as_deref().map_or_else(|| found.values.clone(), |value| vec![value]);
        let whole = Found { message: found.message, values };
        let line = Line::new(self.text, at);
        let understood = fields::set(&mut self.draft, &whole, &line, &self.labels);
        if !understood && found.message == Message::LicenseStatus {
            self.strange_status = Some(at);
        } else if !understood {
            self.note_value(at, out);
        }
        Some(next)
    }

    /// A value that a narrow window cut: the rest stands alone in the next line.
    fn joined_value(&self, found: &Found<'_>, at: usize) -> (Option<String>, usize) {
        let value = found.value();
        let rest = self.text.at(at + 1);
        let plain = !rest.is_empty()
            && !rest.contains(char::is_whitespace)
            && !rest.contains('：')
            && self.text.line(at + 1).is_some_and(|line| line.command.is_none());
        if !plain || value.is_empty() {
            return (None, at + 1);
        }
        let joined = format!("{value}{rest}");
        let fits = match found.message {
            Message::ActivationId | Message::ApplicationId | Message::Cmid => {
                model::Guid::parse(value).is_none() && model::Guid::parse(&joined).is_some()
            }
            Message::UseLicenseUrl
            | Message::ValidationUrl
            | Message::ProcessorUrl
            | Message::MachineUrl
            | Message::KeyUrl => {
                value.starts_with("http") && !rest.ends_with(':') && self.labels.find(rest).is_none()
            }
            Message::ExtendedPid | Message::KmsPid | Message::InstallationId => {
                rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
            }
            _ => false,
        };
        if fits { (Some(joined), at + 2) } else { (None, at + 1) }
    }

    fn begins_next_product(&self, message: Message) -> bool {
        let license = &self.draft.license;
        match message {
            Message::ServiceVersion => !self.draft.is_empty() || self.version.is_some(),
            Message::Name => !self.draft.is_empty(),
            Message::Description => license.description.is_some() || license.license_status.is_some(),
            Message::ActivationId => license.activation_id.is_some(),
            Message::PartialKey => license.partial_product_key.is_some(),
            Message::LicenseStatus => license.license_status.is_some(),
            Message::Cmid => license.cmid.is_some(),
            _ => false,
        }
    }

    /// In an unknown language: a second name or description begins the next product.
    fn starts_anew(&self, at: usize) -> bool {
        let license = &self.draft.license;
        self.guessing
            && (license.description.is_some() || license.license_status.is_some())
            && guess::starts_block(self.text, at)
    }

    /// "Please use slmgr.vbs /ato to ... KMS client information ..." in any language.
    fn is_activation_advice(&self, at: usize) -> bool {
        let line = self.text.at(at);
        line.contains("slmgr.vbs /ato") && line.contains("KMS") && !self.draft.is_empty()
    }

    /// True when lines of the same block go on below.
    fn is_sandwiched(&self, at: usize) -> bool {
        let mut index = at;
        for _ in 0..LOOK_AHEAD {
            index = self.text.skip_blank(index + 1);
            let Some(line) = self.text.line(index).filter(|line| line.command.is_none()) else {
                return false;
            };
            if let Some(found) = self.labels.find(&line.text) {
                let message = found.message;
                if matches!(message, Message::ServiceVersion | Message::Name | Message::Description) {
                    return false;
                }
                if message == Message::Error || message == Message::Activating {
                    return false;
                }
                if is_product_message(message) {
                    return !self.begins_next_product(message);
                }
            }
        }
        false
    }

    /// A line that no table has: by its shape, or told in a note.
    fn unknown(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let line = self.line_at(at);
        if self.draft.is_empty() {
            self.draft.place = self.text.place(at);
        }
        if guess::set(&mut self.draft, &line).is_some() {
            self.remember(at);
            if self.draft.license.service_version.is_some() && self.draft.is_empty() {
                let value = self.draft.license.service_version.take().unwrap_or_default();
                self.version =
                    Some((value, Quote::new("service_version", self.text.place(at), self.text.at(at))));
            }
            // Once most of a block had to be guessed, its end must be, too.
            self.guessing |= self.guessed.len() >= 3;
            return Some(at + 1);
        }
        if guess::switch(&mut self.draft, &line) {
            self.remember(at);
            return Some(at + 1);
        }
        if !self.goes_on(at) {
            return None;
        }
        self.note_value(at, out);
        Some(at + 1)
    }

    /// True when one of the next few lines can be read, by a table or by its shape.
    fn goes_on(&self, at: usize) -> bool {
        let mut index = at;
        for _ in 0..3 {
            index = self.text.skip_blank(index + 1);
            let Some(line) = self.text.line(index).filter(|line| line.command.is_none()) else {
                return false;
            };
            if self.labels.find(&line.text).is_some_and(|found| is_product_message(found.message)) {
                return true;
            }
            let mut draft = self.draft.clone();
            if guess::set(&mut draft, &self.line_at(index)).is_some() {
                return true;
            }
        }
        false
    }

    /// The state from what the script prints only in that state, when its word is in no table.
    fn conclude_status(&mut self, out: &mut Out) {
        let license = &mut self.draft.license;
        let strange = self.strange_status.take();
        if license.license_status.is_some() || (strange.is_none() && self.guessed.is_empty()) {
            return;
        }
        // Volume activation runs out only while licensed, and only then is a client's block shown.
        if license.expiration_min.is_some() {
            let sure = strange.is_some() || license.cmid.is_some();
            license.license_status = sure.then_some(LicenseStatus::Licensed);
        } else if license.notification_reason.is_some() {
            license.license_status = Some(LicenseStatus::Notification);
        }
        match (strange, license.license_status) {
            (Some(at), Some(_)) => self.remember(at),
            (Some(at), None) => self.note_value(at, out),
            (None, _) => {}
        }
    }

    fn remember(&mut self, at: usize) {
        if let Some(line) = self.text.line(at) {
            self.guessed.push(line.number);
        }
    }

    fn note_value(&self, at: usize, out: &mut Out) {
        let number = self.text.line(at).map_or(0, |line| line.number).to_string();
        let shown: String = self.text.at(at).chars().take(80).collect();
        let args = vec![("first", number.clone()), ("last", number), ("text", shown)];
        out.note("note-not-understood", args, self.text.place(at));
    }

    /// Hands over the product read so far, with the service's version, and begins the next one.
    fn flush(&mut self, next: usize, out: &mut Out) {
        self.conclude_status(out);
        let fresh = Draft::new(LicenseCommand::Display, self.text.place(next));
        let mut draft = std::mem::replace(&mut self.draft, fresh);
        let guessed = std::mem::take(&mut self.guessed);
        if let Some((version, quote)) = &self.version {
            draft.license.service_version = Some(version.clone());
            draft.quotes.push(quote.clone());
            if draft.is_empty() {
                draft.place = quote.place.clone();
            }
        }
        if !guessed.is_empty() {
            let lines: Vec<String> = guessed.iter().map(u32::to_string).collect();
            let args = vec![("lines", lines.join(", "))];
            out.note("note-label-guessed", args, draft.place.clone());
        }
        if !draft.is_empty() || draft.license.service_version.is_some() {
            draft.push(Kind::Slmgr, out);
        }
    }
}
