//! The languages of the catalogue, and which of them somebody wants.

use std::fmt;
use std::str::FromStr;

use unic_langid::LanguageIdentifier;

/// A language that the catalogue speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// English, the language that all others fall back to.
    #[default]
    En,
    /// Japanese.
    Ja,
    /// Traditional Chinese as used in Taiwan.
    ZhTw,
}

/// Environment variables that name the language of messages, the strongest first (POSIX; `LANGUAGE` is GNU's list).
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// Regions where Chinese is written in traditional characters.
const TRADITIONAL_REGIONS: [&str; 3] = ["TW", "HK", "MO"];

impl Language {
    /// Every language, English first.
    pub const ALL: [Language; 3] = [Language::En, Language::Ja, Language::ZhTw];

    /// The tag, which is also the name of the folder under `locales/`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ja => "ja",
            Language::ZhTw => "zh-TW",
        }
    }

    /// The language for a tag or a POSIX locale: `ja`, `ja_JP.eucJP`, `zh-Hant-HK`, `zh_TW.UTF-8@radical`.
    ///
    /// Simplified Chinese is nobody's second choice for Traditional, nor the other way round: `zh`, `zh-CN` and
    /// `zh-Hans-TW` give nothing.
    pub fn from_locale(locale: &str) -> Option<Language> {
        let tag = locale.split(['.', '@']).next().unwrap_or_default().trim();
        if matches!(tag, "C" | "POSIX") {
            return Some(Language::En);
        }
        let id: LanguageIdentifier = tag.parse().ok()?;
        let traditional = match id.script.as_ref().map(|script| script.as_str()) {
            Some(script) => script == "Hant",
            None => id.region.as_ref().is_some_and(|region| TRADITIONAL_REGIONS.contains(&region.as_str())),
        };
        match id.language.as_str() {
            "en" => Some(Language::En),
            "ja" => Some(Language::Ja),
            "zh" if traditional => Some(Language::ZhTw),
            _ => None,
        }
    }

    /// The first wish that can be met; English when none can.
    pub fn negotiate<'a>(wishes: impl IntoIterator<Item = &'a str>) -> Language {
        wishes.into_iter().find_map(Language::from_locale).unwrap_or_default()
    }

    /// The language of an environment, whose variables the caller looks up.
    ///
    /// The strongest variable that is set decides the locale. GNU's `LANGUAGE` may list better wishes, unless the
    /// locale is `C`.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = VARIABLES.iter().find_map(|name| set(name)).unwrap_or_default();
        let plain = matches!(locale.split('.').next(), Some("C" | "POSIX"));
        let list = set("LANGUAGE").filter(|_| !plain && !locale.is_empty()).unwrap_or_default();
        Language::negotiate(list.split(':').filter(|wish| !wish.is_empty()).chain([locale.as_str()]))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A language was asked for that the catalogue does not speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLanguage(String);

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no messages in language {:?}; there are en, ja and zh-TW", self.0)
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Language, UnknownLanguage> {
        Language::from_locale(text).ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tags_and_posix_locales() {
        for (locale, language) in [
            ("en", Some(Language::En)),
            ("en_US.UTF-8", Some(Language::En)),
            ("C.UTF-8", Some(Language::En)),
            ("ja", Some(Language::Ja)),
            ("ja_JP.eucJP", Some(Language::Ja)),
            ("JA-jp", Some(Language::Ja)),
            ("zh-TW", Some(Language::ZhTw)),
            ("zh_TW.UTF-8", Some(Language::ZhTw)),
            ("zh_TW.big5@radical", Some(Language::ZhTw)),
            ("zh-Hant", Some(Language::ZhTw)),
            ("zh-Hant-CN", Some(Language::ZhTw)),
            ("zh-HK", Some(Language::ZhTw)),
            ("zh", None),
            ("zh-CN", None),
            ("zh-Hans-TW", None),
            ("de_DE", None),
            ("", None),
            ("../../etc", None),
        ] {
            assert_eq!(Language::from_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn the_strongest_variable_wins() {
        let from = |set: &[(&str, &str)]| {
            Language::from_environment(|name| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(from(&[]), Language::En);
        assert_eq!(from(&[("LANG", "ja_JP.UTF-8")]), Language::Ja);
        assert_eq!(from(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")]), Language::Ja);
        assert_eq!(from(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "zh_TW.UTF-8")]), Language::ZhTw);
        assert_eq!(from(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "de_DE.UTF-8")]), Language::En);
        assert_eq!(from(&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de:zh_TW:ja")]), Language::ZhTw);
        assert_eq!(from(&[("LANG", "C.UTF-8"), ("LANGUAGE", "ja")]), Language::En);
    }
}
