//! The texts that slmgr.vbs prints, per display language, and finding out which of them a line is.
//!
//! slmgr.vbs takes its texts by resource name (`L_MsgCurrentCount`) from the slmgr.ini of the display language.
//! The table here has the same shape, so a machine's own slmgr.ini can be laid over it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use model::LicenseStatus;
use serde::Deserialize;

mod message;
mod quick_table;
mod start;
mod template;

pub use message::Message;
use start::Start;
use template::{INDEX_CHARS, Template};

/// Seeded afresh in every process, as the texts of a machine's own slmgr.ini are added to the table's.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

const TABLE: &str = include_str!("../tables/labels.toml");

/// Texts of all languages, indexed for look-up by line.
///
/// Texts are sorted by how they begin, and made comparable only when a line begins so: a bundle has the texts of one
/// or two languages, the table those of twenty.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Labels and whole lines by their start.
    starts: Map<Start, Alike>,
    /// Words that stand for a value behind a label.
    words: Map<Message, Words>,
    /// Texts with values inside, by the first characters of what stands before the first value.
    templates: Map<[char; INDEX_CHARS], Vec<(Template, Message)>>,
    /// Texts that begin with a value.
    open_templates: Vec<(Template, Message)>,
}

/// Texts that begin alike.
#[derive(Debug, Clone, Default)]
struct Alike {
    texts: Vec<Text>,
    by_key: OnceLock<Map<(Part, String), Message>>,
}

/// How a part of a text is kept: shared where it is the table's, copied where it is not.
type Keep<'t> = fn(&'t str) -> Cow<'static, str>;

fn owned(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

/// What a text is of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    /// What stands before the colon.
    Label,
    /// All of it.
    Line,
}

#[derive(Debug, Clone)]
struct Text {
    part: Part,
    text: Cow<'static, str>,
    message: Message,
    /// A machine's own text, which wins over those of the table.
    wins: bool,
}

impl Alike {
    fn find(&self, part: Part, text: &str) -> Option<Message> {
        let by_key = self.by_key.get_or_init(|| {
            let mut by_key = Map::default();
            for text in &self.texts {
                put(&mut by_key, (text.part, key(&text.text)), text.message, text.wins);
            }
            by_key
        });
        by_key.get(&(part, key(text))).copied()
    }
}

/// The words of one group.
#[derive(Debug, Clone, Default)]
struct Words {
    texts: Vec<(Cow<'static, str>, Message, bool)>,
    by_key: OnceLock<Map<String, Message>>,
}

impl Words {
    fn find(&self, text: &str) -> Option<Message> {
        let by_key = self.by_key.get_or_init(|| {
            let mut by_key = Map::default();
            for (word, message, wins) in &self.texts {
                put(&mut by_key, key(word), *message, *wins);
                let short = key(before_bracket(word));
                if !short.is_empty() {
                    by_key.entry(short).or_insert(*message);
                }
            }
            by_key
        });
        by_key.get(&key(text)).copied()
    }
}

/// The first text with a key keeps it, unless one that wins comes later.
fn put<K: std::hash::Hash + Eq>(map: &mut Map<K, Message>, key: K, message: Message, wins: bool) {
    if wins {
        map.insert(key, message);
    } else {
        map.entry(key).or_insert(message);
    }
}

/// A line that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// Which text it is.
    pub message: Message,
    /// What stood behind the label, or in the text's gaps.
    pub values: Vec<&'a str>,
}

impl<'a> Found<'a> {
    /// The first value; empty if there is none.
    pub fn value(&self) -> &'a str {
        self.values.first().copied().unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
struct Table {
    language: Vec<Language>,
}

/// The texts of one display language.
#[derive(Debug, Default, PartialEq, Deserialize)]
struct Language {
    tag: String,
    source: String,
    /// Met in public sources.
    #[serde(default)]
    quoted: BTreeMap<String, Vec<String>>,
    /// Not confirmed by a public source: good for reading, not for printing.
    #[serde(default)]
    recalled: BTreeMap<String, Vec<String>>,
}

/// The built-in table of all languages.
pub fn builtin() -> &'static Arc<Labels> {
    static LABELS: OnceLock<Arc<Labels>> = OnceLock::new();
    LABELS.get_or_init(|| {
        let mut labels = Labels::default();
        // What is quoted wins over what is only recalled; both over later languages.
        if let Some(entries) = quick_table::read(TABLE) {
            let messages: Map<&str, Message> = Message::ALL.iter().map(|m| (m.resource(), *m)).collect();
            for entry in &entries {
                if let Some(&message) = messages.get(entry.name) {
                    match &entry.text {
                        Cow::Borrowed(text) => labels.add(message, text, Cow::Borrowed, false),
                        Cow::Owned(text) => labels.add(message, text, owned, false),
                    }
                }
            }
            return Arc::new(labels);
        }
        for language in languages() {
            for (name, texts) in language.quoted.iter().chain(&language.recalled) {
                if let Some(message) = Message::from_resource(name) {
                    texts.iter().for_each(|text| labels.add(message, text, owned, false));
                }
            }
        }
        Arc::new(labels)
    })
}

fn languages() -> Vec<Language> {
    // The table is part of the program and a test reads it; a broken one would leave only the shapes of values.
    toml::from_str::<Table>(TABLE).map(|table| table.language).unwrap_or_default()
}

/// Tags and sources of the languages in the built-in table.
pub fn language_sources() -> Vec<(String, String)> {
    languages().into_iter().map(|language| (language.tag, language.source)).collect()
}

/// The resource and its text, if a line of slmgr.ini defines one that matters here.
///
/// Lines are `L_MsgProductName="Name: "`, with or without quotes.
pub fn ini_line(line: &str) -> Option<(Message, &str)> {
    let (name, value) = line.trim().trim_start_matches('\u{feff}').split_once('=')?;
    let message = Message::from_resource(name.trim())?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    (!value.trim().is_empty()).then_some((message, value))
}

impl Labels {
    /// Lays one text of a machine's slmgr.ini over the table.
    pub fn lay_over(&mut self, message: Message, text: &str) {
        self.add(message, text, owned, true);
    }

    fn add<'t>(&mut self, message: Message, text: &'t str, keep: Keep<'t>, wins: bool) {
        let split = split_label(text);
        if let Some(group) = message.group() {
            // "License Status: Licensed": the label is the group's, the rest one of its words.
            let (label, word) = split.unwrap_or(("", text));
            if !label.is_empty() {
                self.begin(Text { part: Part::Label, text: keep(label), message: group, wins });
            }
            let words = self.words.entry(group).or_default();
            words.by_key.take();
            words.texts.push((keep(word), message, wins));
            return;
        }
        match split {
            Some((label, rest)) if is_value(rest) => {
                self.begin(Text { part: Part::Label, text: keep(label), message, wins });
            }
            _ if text.contains('%') => {
                if let Some(template) = Template::new(text) {
                    let list = match template.index_key() {
                        Some(start) => self.templates.entry(start).or_default(),
                        None => &mut self.open_templates,
                    };
                    if wins { list.insert(0, (template, message)) } else { list.push((template, message)) }
                }
            }
            _ => self.begin(Text { part: Part::Line, text: keep(text), message, wins }),
        }
    }

    fn begin(&mut self, text: Text) {
        let alike = self.starts.entry(Start::of(&text.text)).or_default();
        alike.by_key.take();
        alike.texts.push(text);
    }

    /// Which text a line is, if it is one.
    pub fn find<'a>(&self, line: &'a str) -> Option<Found<'a>> {
        if line.len() > LINE_LENGTH_MAX {
            return None;
        }
        if let Some(message) =
            self.starts.get(&Start::of(line)).and_then(|alike| alike.find(Part::Line, line))
        {
            return Some(Found { message, values: Vec::new() });
        }
        match self.find_label(line) {
            // Some whole texts begin as every error line does.
            Some(error) if error.message == Message::Error => Some(self.find_template(line).unwrap_or(error)),
            label => label.or_else(|| self.find_template(line)),
        }
    }

    /// The label before a line's first colon, if it is one.
    pub fn find_label<'a>(&self, line: &'a str) -> Option<Found<'a>> {
        let (label, value) = split_label(line)?;
        let message = self.starts.get(&Start::of(label))?.find(Part::Label, label)?;
        Some(Found { message, values: vec![value.trim()] })
    }

    fn find_template<'a>(&self, line: &'a str) -> Option<Found<'a>> {
        let listed = template::index_key_of(line).and_then(|start| self.templates.get(&start));
        listed.into_iter().flatten().chain(&self.open_templates).find_map(|(template, message)| {
            template.matches(line).map(|values| Found { message: *message, values })
        })
    }

    /// The word behind a label that has only a few values: activation type, priority, licence state.
    pub fn word(&self, group: Message, value: &str) -> Option<Message> {
        let words = self.words.get(&group)?;
        // "Additional grace period (KMS license expired": pastes and older scripts cut or lack the part in brackets.
        words.find(value).or_else(|| words.find(before_bracket(value)))
    }

    /// The licence state that a word means.
    pub fn license_status(&self, value: &str) -> Option<LicenseStatus> {
        self.word(Message::LicenseStatus, value).and_then(Message::license_status)
    }
}

/// Longest line that is looked up; texts of slmgr.vbs are far shorter.
const LINE_LENGTH_MAX: usize = 2048;

fn before_bracket(text: &str) -> &str {
    text.split(['(', '（']).next().unwrap_or_default()
}

/// True when a whole value stands behind the colon: nothing, `%COUNT%`, `0x%ERRCODE%`.
fn is_value(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.strip_prefix("0x").unwrap_or(rest).starts_with('%')
}

/// Splits at the first colon, ASCII or full-width.
fn split_label(text: &str) -> Option<(&str, &str)> {
    let at = text.find([':', '：'])?;
    let rest = text[at..].strip_prefix([':', '：']).unwrap_or_default();
    let label = text[..at].trim();
    (!label.is_empty() && label.len() <= 200).then_some((label, rest))
}

/// A text without the differences that do not matter: letter case, kinds and number of spaces, brackets' width,
/// kinds of apostrophe, and a full stop at the end.
fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    if text.is_ascii() {
        for byte in text.trim().bytes() {
            match if byte == b'\t' || byte == b'`' { plain(char::from(byte)) } else { char::from(byte) } {
                ' ' if key.ends_with(' ') => {}
                c => key.push(c.to_ascii_lowercase()),
            }
        }
        let end = key.trim_end_matches(['.', ' ', ':', '!']).len();
        key.truncate(end);
        return key;
    }
    for c in text.trim().chars() {
        match plain(c) {
            ' ' if key.ends_with(' ') => {}
            c if c.is_ascii() => key.push(c.to_ascii_lowercase()),
            c if has_no_case(c) => key.push(c),
            c => key.extend(c.to_lowercase()),
        }
    }
    let end = key.trim_end_matches(['.', '。', ' ', ':', '!']).len();
    key.truncate(end);
    key
}

/// The scripts of East Asia, which make up most of the table's characters.
fn has_no_case(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}')
}

fn plain(c: char) -> char {
    match c {
        '\u{a0}' | '\u{202f}' | '\u{3000}' | '\t' => ' ',
        '：' => ':',
        '（' => '(',
        '）' => ')',
        '’' | '‘' | '´' | '`' => '\'',
        '‑' | '–' => '-',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table: Table = toml::from_str(TABLE).unwrap();
        assert!(table.language.len() >= 15);
        for language in &table.language {
            assert!(!language.source.is_empty(), "{} has no source", language.tag);
            for (name, texts) in language.quoted.iter().chain(&language.recalled) {
                assert!(Message::from_resource(name).is_some(), "{}: {name}", language.tag);
                assert!(texts.iter().all(|t| !t.trim().is_empty()), "{}: {name}", language.tag);
            }
            assert!(
                !language.quoted.keys().any(|name| language.recalled.get(name).is_some_and(|recalled| {
                    recalled.iter().any(|text| language.quoted[name].contains(text))
                })),
                "{}: a text is listed twice",
                language.tag
            );
        }
    }

    #[test]
    fn english_has_every_message() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let english = table.language.iter().find(|language| language.tag == "en").unwrap();
        let missing: Vec<_> = Message::ALL
            .iter()
            .filter(|m| m.group().is_some() || !m.is_group())
            .filter(|m| !english.quoted.contains_key(m.resource()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_label_means_the_same_in_every_language_that_has_it() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let mut seen: HashMap<String, (Message, String)> = HashMap::new();
        for language in &table.language {
            for (name, texts) in language.quoted.iter().chain(&language.recalled) {
                let message = Message::from_resource(name).unwrap();
                for text in texts {
                    if message.group().is_some() {
                        continue;
                    }
                    let (first, tag) =
                        seen.entry(key(text)).or_insert((message, language.tag.clone())).clone();
                    assert_eq!(first, message, "{text:?} in {tag} and {}", language.tag);
                }
            }
        }
    }

    #[test]
    fn finds_labels_words_lines_and_templates() {
        let labels = builtin();
        let found = labels.find("许可证状态：已授权").unwrap();
        assert_eq!(found, Found { message: Message::LicenseStatus, values: vec!["已授权"] });
        assert_eq!(labels.license_status(found.value()), Some(LicenseStatus::Licensed));
        assert_eq!(
            labels.license_status("Additional grace period (KMS license"),
            Some(LicenseStatus::OutOfToleranceGrace)
        );
        assert_eq!(labels.find("DNS publishing disabled").unwrap().message, Message::DnsPublishingDisabled);
        let found = labels
            .find("Key Management Service machine name set to kms01.contoso.com:1688 successfully.")
            .unwrap();
        assert_eq!((found.message, found.value()), (Message::KmsNameSet, "kms01.contoso.com:1688"));
        let found = labels.find("Activating Windows(R), Professional edition (2de67392) ...").unwrap();
        assert_eq!(found.values, ["Windows(R), Professional edition", "2de67392"]);
        assert!(labels.find("Server:  dc01.contoso.com").is_none());
    }

    #[test]
    fn a_machines_own_ini_is_laid_over_the_table() {
        let ini = "[MESSAGES]\r\nL_MsgKmsCurrentCount=\"Deiseil an-dràsta: \"\r\nL_MsgLicenseStatusLicensed_1=\"Staid: Le cead\"\r\n";
        let mut labels = Labels::clone(builtin());
        ini.lines().filter_map(ini_line).for_each(|(message, text)| labels.lay_over(message, text));
        assert_eq!(labels.find("Deiseil an-dràsta: 12").unwrap().message, Message::CurrentCount);
        assert_eq!(labels.find("Staid: Le cead").unwrap().message, Message::LicenseStatus);
        assert_eq!(labels.license_status("Le cead"), Some(LicenseStatus::Licensed));
        assert!("key=value\nother".lines().all(|line| ini_line(line).is_none()));
    }
}
