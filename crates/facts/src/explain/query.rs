//! The text that somebody typed, in the forms in which it can be looked up.

use model::HexCode;

use super::Subject;

/// One question, without the words that only say what is asked for.
pub(super) struct Query {
    text: String,
    script: Option<&'static str>,
    subjects: &'static [Subject],
}

/// Digits of a whole result code.
const CODE_DIGITS: usize = 8;

/// Leading words that say what kind of thing follows.
const LEADING_WORDS: &[(&str, &[Subject])] = &[
    ("event id", &[Subject::Event]),
    ("eventid", &[Subject::Event]),
    ("event", &[Subject::Event, Subject::EventLog]),
    ("license status", &[Subject::LicenseState]),
    ("licence status", &[Subject::LicenseState]),
    ("license state", &[Subject::LicenseState]),
    ("licence state", &[Subject::LicenseState]),
    ("status", &[Subject::LicenseState, Subject::StatusFlags]),
    ("state", &[Subject::LicenseState]),
    ("flags", &[Subject::StatusFlags]),
    ("flag", &[Subject::StatusFlags]),
    ("rule", &[Subject::Rule]),
    ("cause", &[Subject::Cause]),
    ("error code", &[Subject::ErrorCode]),
    ("error", &[Subject::ErrorCode]),
    ("code", &[Subject::ErrorCode]),
];

/// How the scripts are written in front of an option.
const SCRIPTS: &[(&str, &str)] =
    &[("slmgr.vbs", "slmgr"), ("slmgr", "slmgr"), ("ospp.vbs", "ospp"), ("ospp", "ospp")];

impl Query {
    pub(super) fn parse(what: &str) -> Query {
        let what = what.trim();
        let (subjects, text) = LEADING_WORDS
            .iter()
            .find_map(|(words, subjects)| Some((*subjects, after_words(what, words)?)))
            .unwrap_or((&[], what));
        let (script, text) = option_of_script(text).unwrap_or((None, text));
        Query { text: text.trim().to_string(), script, subjects }
    }

    /// The text without leading words.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text in lower case, its words joined by hyphens, as cause ids are written.
    pub(super) fn hyphenated(&self) -> String {
        let words: Vec<&str> = self.text.split([' ', '_', '-']).filter(|word| !word.is_empty()).collect();
        words.join("-").to_lowercase()
    }

    /// True when the leading words, if any, ask for this kind of thing.
    pub(super) fn asks_for(&self, subject: Subject) -> bool {
        let of_script = match self.script {
            Some("slmgr") => subject == Subject::SlmgrOption,
            Some(_) => subject == Subject::OsppOption,
            None => true,
        };
        of_script && (self.subjects.is_empty() || self.subjects.contains(&subject))
    }

    /// The result codes that the text can be: with or without `0x`, as a signed decimal, or within a sentence.
    pub(super) fn codes(&self) -> Vec<HexCode> {
        let digits = self.text.bytes().all(|b| b.is_ascii_hexdigit());
        let whole = HexCode::parse(&self.text);
        let bare = || {
            HexCode::parse(&format!("0x{}", self.text)).filter(|_| digits && self.text.len() == CODE_DIGITS)
        };
        let decimal = || HexCode::from_decimal(&self.text).filter(|code| code.is_failure());
        let within = || HexCode::find(&self.text).map(|(code, _)| code);
        whole.or_else(bare).or_else(decimal).or_else(within).map(as_usual).into_iter().collect()
    }

    /// The text as a plain number.
    pub(super) fn number(&self) -> Option<u32> {
        self.text.parse().ok().filter(|_| self.text.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The names of options that the text can be: with a stroke, or the bare word.
    pub(super) fn options(&self) -> Option<String> {
        let word = self.text.split_whitespace().next()?;
        let name = word.trim_start_matches(['/', '-']).split(':').next()?;
        let is_alone = self.text == word || word.starts_with(['/', '-']);
        (is_alone && !name.is_empty()).then(|| name.to_string())
    }
}

/// `0x4000008` in eight digits.
fn as_usual(code: HexCode) -> HexCode {
    HexCode::new(code.value())
}

/// The rest behind leading words, when there is one.
fn after_words<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let head = text.get(..words.len())?;
    let rest = text.get(words.len()..)?;
    let rest = rest.strip_prefix([' ', ':', '='])?.trim();
    (head.eq_ignore_ascii_case(words) && !rest.is_empty()).then_some(rest)
}

/// `cscript //nologo slmgr.vbs /skms host` names script and option.
fn option_of_script(text: &str) -> Option<(Option<&'static str>, &str)> {
    let lower = text.to_ascii_lowercase();
    let (written, script) = SCRIPTS.iter().find(|(written, _)| lower.contains(written))?;
    let rest = text.get(lower.find(written)? + written.len()..)?.trim();
    rest.starts_with(['/', '-']).then_some((Some(*script), rest))
}

/// `HKEY_LOCAL_MACHINE\...` for `HKLM\...`.
pub(super) fn with_long_hive(path: &str) -> String {
    path.replacen("HKLM\\", "HKEY_LOCAL_MACHINE\\", 1).replacen("HKU\\", "HKEY_USERS\\", 1)
}
