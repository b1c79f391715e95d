//! Rows of the tables as explanations.

use model::HexCode;

use super::{Explanation, Label, Related, Section, Subject};
use crate::causes::{self, Cause};
use crate::commands::CommandOption;
use crate::error_codes::ErrorCode;
use crate::events::{EventFacts, Log, Provider};
use crate::host_keys::HostKey;
use crate::license_states::LicenseState;
use crate::products::{Application, Product};
use crate::registry::{RegistryKey, RegistryValue, Setting};
use crate::status_flags::StatusFlag;
use crate::tables::Tables;

/// An explanation under construction.
struct Draft<'a> {
    tables: &'a Tables,
    explanation: Explanation,
}

impl<'a> Draft<'a> {
    fn new(
        tables: &'a Tables,
        subject: Subject,
        id: impl Into<String>,
        title: &str,
        cited: &[String],
    ) -> Draft<'a> {
        let explanation = Explanation {
            subject,
            id: id.into(),
            title: title.to_string(),
            sections: Vec::new(),
            related: Vec::new(),
            sources: tables.sources.resolve(cited),
        };
        Draft { tables, explanation }
    }

    /// Adds lines that are there; empty ones are left out.
    fn with(mut self, label: Label, lines: impl IntoIterator<Item = impl Into<String>>) -> Draft<'a> {
        let lines: Vec<String> =
            lines.into_iter().map(Into::into).filter(|line: &String| !line.is_empty()).collect();
        if !lines.is_empty() {
            self.explanation.sections.push(Section { label, lines });
        }
        self
    }

    fn causes(mut self, ids: &[String]) -> Draft<'a> {
        for cause in ids.iter().filter_map(|id| self.tables.causes.find(id)) {
            let title = format!("{} ({})", cause.meaning, cause.rule);
            self.explanation.related.push(Related { subject: Subject::Cause, id: cause.id.clone(), title });
        }
        self
    }

    fn codes(mut self, codes: &[HexCode]) -> Draft<'a> {
        for row in codes.iter().filter_map(|code| self.tables.error_codes.find(*code)) {
            let related =
                Related { subject: Subject::ErrorCode, id: row.code.to_string(), title: row.meaning.clone() };
            self.explanation.related.push(related);
        }
        self
    }

    fn release_names(&self, ids: &[String]) -> Vec<String> {
        ids.iter()
            .map(|id| self.tables.releases.find(id).map_or(id.clone(), |release| release.name.clone()))
            .collect()
    }
}

pub(super) fn error_code(row: &ErrorCode, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::ErrorCode, row.code.to_string(), &row.meaning, &row.source)
        .with(Label::Symbol, [&row.symbol])
        .with(Label::SeenBy, [row.seen_by.join(", ")])
        .with(Label::SeenIn, &row.seen_in)
        .with(Label::Reasons, &row.reasons)
        .with(Label::Remedies, &row.remedies)
        .with(Label::Note, [&row.note])
        .causes(&row.causes)
        .explanation
}

pub(super) fn event(row: &EventFacts, tables: &Tables) -> Explanation {
    let numbered = row.fields.iter().enumerate().map(|(at, field)| format!("{}. {field}", at + 1));
    Draft::new(tables, Subject::Event, row.id.to_string(), &row.meaning, &row.source)
        .with(Label::SeenBy, [&row.seen_by])
        .with(Label::SeenIn, [&row.log])
        .with(Label::Fields, numbered)
        .with(Label::Note, [&row.note])
        .with(Label::Confidence, [&row.confidence])
        .causes(&row.causes)
        .codes(&row.codes)
        .explanation
}

pub(super) fn provider(row: &Provider, tables: &Tables) -> Explanation {
    let title = format!("Provider of the events of volume activation, service {}", row.service);
    Draft::new(tables, Subject::EventLog, row.name.clone(), &title, &row.source)
        .with(Label::Releases, [&row.releases])
        .with(Label::Symbol, [row.guid.to_string()])
        .explanation
}

pub(super) fn log(row: &Log, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::EventLog, row.name.clone(), &row.holds, &row.source).explanation
}

/// The rule of that code; a cause can have one for kmscope's own hosts, too.
pub(super) fn rule(code: &str, row: &Cause, tables: &Tables) -> Explanation {
    let code = if row.rule.eq_ignore_ascii_case(code) { Some(&row.rule) } else { row.own_rule.as_ref() };
    of_cause(Subject::Rule, code.unwrap_or(&row.rule), row, tables)
        .causes(std::slice::from_ref(&row.id))
        .explanation
}

pub(super) fn cause(row: &Cause, tables: &Tables) -> Explanation {
    of_cause(Subject::Cause, &row.id, row, tables).explanation
}

fn of_cause<'a>(subject: Subject, id: &str, row: &Cause, tables: &'a Tables) -> Draft<'a> {
    let mut draft = Draft::new(tables, subject, id, &row.meaning, &row.source)
        .with(Label::Symbol, [if subject == Subject::Rule { &row.id } else { &row.rule }])
        .with(Label::Family, [causes::family(if subject == Subject::Rule { id } else { &row.rule })])
        .with(Label::Sign, [&row.sign]);
    let signs = tables.error_codes.iter().filter(|code| code.causes.contains(&row.id));
    let signs: Vec<HexCode> = signs.map(|code| code.code).collect();
    draft = draft.codes(&signs);
    draft.causes(&row.explained_by)
}

pub(super) fn license_state(row: &LicenseState, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::LicenseState, row.number.to_string(), &row.name, &row.source)
        .with(Label::Meaning, [&row.meaning])
        .with(Label::SeenIn, row.printed.iter().map(|text| format!("printed as \"{text}\"")))
        .explanation
}

pub(super) fn option(row: &CommandOption, tables: &Tables) -> Explanation {
    let subject = if row.script == "slmgr" { Subject::SlmgrOption } else { Subject::OsppOption };
    let id = format!("{} /{}", row.script, row.name);
    let script = tables.commands.script(&row.script);
    let mut releases = Vec::new();
    if !row.since.is_empty() {
        releases.push(format!("since {}", row.since));
    }
    releases.push(row.until.clone());
    let separator = if row.script == "ospp" && !row.arguments.is_empty() { ":" } else { " " };
    let mut draft = Draft::new(tables, subject, id.clone(), &row.does, &row.source)
        .with(Label::Usage, [format!("{id}{separator}{}", row.arguments).trim_end().to_string()])
        .with(Label::SeenBy, [&row.role])
        .with(Label::Elevated, [&row.elevated])
        .with(Label::Releases, releases)
        .with(Label::Registry, &row.registry)
        .with(Label::Method, [&row.method])
        .with(Label::Note, [&row.note])
        .with(Label::Meaning, script.map(|script| script.line.clone()));
    for name in row.registry.iter().filter_map(|name| tables.registry.find(name)) {
        let related =
            Related { subject: Subject::RegistryValue, id: name.name.clone(), title: name.meaning.clone() };
        draft.explanation.related.push(related);
    }
    draft.causes(&row.causes).explanation
}

pub(super) fn registry_value(row: &RegistryValue, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::RegistryValue, row.name.clone(), &row.meaning, &row.source)
        .with(Label::DataType, [&row.data_type])
        .with(Label::SeenBy, [&row.scope])
        .with(Label::Default, [&row.default])
        .with(Label::SetBy, &row.set_by)
        .with(Label::Releases, [&row.releases])
        .with(Label::Note, [&row.note])
        .causes(&row.causes)
        .explanation
}

pub(super) fn registry_key(row: &RegistryKey, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::RegistryKey, row.path.clone(), &row.releases, &row.source).explanation
}

pub(super) fn setting(row: &Setting, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::Setting, row.name.clone(), &row.meaning, &row.source)
        .with(Label::Symbol, [&row.title])
        .explanation
}

pub(super) fn status_flags(value: HexCode, flags: &[&StatusFlag], tables: &Tables) -> Explanation {
    let meanings: Vec<&str> = flags.iter().map(|flag| flag.meaning.as_str()).collect();
    let mut cited: Vec<String> = flags.iter().flat_map(|flag| flag.source.clone()).collect();
    cited.dedup();
    let lines = flags.iter().map(|flag| format!("{} {} ({})", flag.value, flag.symbol, flag.severity));
    let causes: Vec<String> = flags.iter().flat_map(|flag| flag.causes.clone()).collect();
    Draft::new(tables, Subject::StatusFlags, value.to_string(), &meanings.join("; "), &cited)
        .with(Label::SeenIn, ["events 12288 and 12289"])
        .with(Label::Symbol, lines)
        .causes(&causes)
        .explanation
}

pub(super) fn product(row: &Product, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::Product, row.id.to_string(), &row.name, &row.source)
        .with(Label::SeenBy, [&row.role])
        .with(Label::Confidence, [&row.confidence])
        .explanation
}

pub(super) fn application(row: &Application, tables: &Tables) -> Explanation {
    Draft::new(tables, Subject::Application, row.id.to_string(), &row.name, &row.source)
        .with(Label::Note, [&row.note])
        .explanation
}

pub(super) fn host_key(row: &HostKey, tables: &Tables) -> Explanation {
    let title = format!("KMS host key of the group {}", row.name);
    let id = row.channels.first().unwrap_or(&row.id).clone();
    let draft = Draft::new(tables, Subject::HostKey, id, &title, &row.source);
    let (activates, hosted_on) = (draft.release_names(&row.activates), draft.release_names(&row.hosted_on));
    draft
        .with(Label::Activates, activates)
        .with(Label::HostedOn, hosted_on)
        .with(Label::Confidence, [format!("channel name {}", row.channel_confidence)])
        .with(Label::Note, [&row.note])
        .explanation
}
