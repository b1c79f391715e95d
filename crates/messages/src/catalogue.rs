//! Look-up of texts by key, with fallback to English.

use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::embedded::FILES;
use crate::language::Language;

/// Beside every text argument `x`, a text may ask `x-given`: `no` where `x` is empty, else `yes`.
const GIVEN: &str = "-given";

/// What goes into a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument<'a> {
    /// Words, shown as they are.
    Text(&'a str),
    /// A number, which the text may inflect by.
    Number(i64),
}

/// The texts of one language, and English behind it.
pub struct Catalogue {
    language: Language,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Catalogue {
    /// The texts that are compiled in.
    pub fn new(language: Language) -> Catalogue {
        let embedded = FILES.iter().map(|file| (file.language, file.text));
        Catalogue::build(language, embedded)
    }

    /// The compiled-in texts with further texts over them, which win over those with the same key.
    pub fn with(language: Language, texts: &[(Language, &str)]) -> Result<Catalogue, SyntaxErrors> {
        for (language, text) in texts {
            if let Err((_, errors)) = FluentResource::try_new((*text).to_owned()) {
                let errors = errors.iter().map(|error| format!("{language}: {error}")).collect();
                return Err(SyntaxErrors(errors));
            }
        }
        let embedded = FILES.iter().map(|file| (file.language, file.text));
        Ok(Catalogue::build(language, embedded.chain(texts.iter().copied())))
    }

    fn build<'a>(language: Language, texts: impl Iterator<Item = (Language, &'a str)> + Clone) -> Catalogue {
        let mut chain = vec![language];
        if language != Language::En {
            chain.push(Language::En);
        }
        let bundle = |language: Language| {
            bundle(language, texts.clone().filter(|(l, _)| *l == language).map(|(_, text)| text))
        };
        Catalogue { language, bundles: chain.into_iter().map(bundle).collect() }
    }

    /// The language of the texts.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key. A key that no language has is shown itself, with its arguments, so that nothing is lost.
    pub fn text(&self, key: &str, args: &[(&str, Argument<'_>)]) -> String {
        self.find(key, args).unwrap_or_else(|| bare(key, args))
    }

    /// The text of a key that takes no arguments.
    pub fn label(&self, key: &str) -> String {
        self.text(key, &[])
    }

    /// The text of a key, if there is one.
    pub fn find(&self, key: &str, args: &[(&str, Argument<'_>)]) -> Option<String> {
        self.format(key, args).map(|(text, _)| text)
    }

    /// The text of a key, if there is one that says all it has to say with these arguments.
    pub fn find_complete(&self, key: &str, args: &[(&str, Argument<'_>)]) -> Option<String> {
        self.format(key, args).filter(|(_, complete)| *complete).map(|(text, _)| text)
    }

    fn format(&self, key: &str, args: &[(&str, Argument<'_>)]) -> Option<(String, bool)> {
        let (bundle, pattern) = self.bundles.iter().find_map(|bundle| {
            let message = bundle.get_message(key)?;
            Some((bundle, message.value()?))
        })?;
        let mut values = FluentArgs::with_capacity(2 * args.len());
        for (name, argument) in args {
            values.set(*name, value(*argument));
            // Fluent cannot select on an empty text: `{ $host-given -> [no] … *[yes] … }` does.
            if let Argument::Text(text) = argument {
                values.set(format!("{name}{GIVEN}"), if text.is_empty() { "no" } else { "yes" });
            }
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        Some((text, errors.is_empty()))
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalogue({})", self.language)
    }
}

fn value(argument: Argument<'_>) -> FluentValue<'_> {
    match argument {
        Argument::Text(text) => FluentValue::String(text.into()),
        Argument::Number(number) => number.into(),
    }
}

fn bare(key: &str, args: &[(&str, Argument<'_>)]) -> String {
    let shown: Vec<String> = args
        .iter()
        .map(|(name, argument)| match argument {
            Argument::Text(text) => format!("{name}={text}"),
            Argument::Number(number) => format!("{name}={number}"),
        })
        .collect();
    if shown.is_empty() { key.to_owned() } else { format!("{key} ({})", shown.join(", ")) }
}

/// The texts of one language. What is malformed is left out here and fails the catalogue's test.
fn bundle<'a>(language: Language, texts: impl Iterator<Item = &'a str>) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks around arguments would end up in copied commands, in JSON and on terminals that show them.
    bundle.set_use_isolating(false);
    for text in texts {
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(text.to_owned());
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A text that is not Fluent syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxErrors(Vec<String>);

impl fmt::Display for SyntaxErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed messages: {}", self.0.join("; "))
    }
}

impl std::error::Error for SyntaxErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(language: Language) -> Catalogue {
        Catalogue::with(
            language,
            &[
                (Language::En, "greeting = Hello, { $name }\nonly-en = English\n"),
                (Language::En, "files = { $n ->\n [one] one file\n *[other] { $n } files\n }\n"),
                (Language::ZhTw, "greeting = { $name }，您好\n"),
            ],
        )
        .unwrap()
    }

    #[test]
    fn falls_back_to_english() {
        let chinese = catalogue(Language::ZhTw);
        assert_eq!(chinese.text("greeting", &[("name", Argument::Text("PC7"))]), "PC7，您好");
        assert_eq!(chinese.label("only-en"), "English");
    }

    #[test]
    fn a_missing_key_loses_nothing() {
        let english = catalogue(Language::En);
        let args = [("a", Argument::Text("x")), ("b", Argument::Number(2))];
        assert_eq!(english.text("no-such-key", &args), "no-such-key (a=x, b=2)");
        assert_eq!(english.find("no-such-key", &args), None);
        assert_eq!(english.find_complete("greeting", &[]), None);
    }

    #[test]
    fn numbers_inflect_and_arguments_stand_bare() {
        let english = catalogue(Language::En);
        assert_eq!(english.text("files", &[("n", Argument::Number(1))]), "one file");
        assert_eq!(english.text("files", &[("n", Argument::Number(12_000))]), "12000 files");
        let text = english.text("greeting", &[("name", Argument::Text("{ $name }\u{202e}"))]);
        assert_eq!(text, "Hello, { $name }\u{202e}");
    }

    #[test]
    fn a_text_may_ask_whether_an_argument_says_anything() {
        let text = "host = The host{ $name-given ->\n [no] {\"\"}\n *[yes] {\"\"} { $name }\n }.\n";
        let english = Catalogue::with(Language::En, &[(Language::En, text)]).unwrap();
        assert_eq!(english.text("host", &[("name", Argument::Text("kms1"))]), "The host kms1.");
        let unnamed = [("name", Argument::Text(""))];
        assert_eq!(english.find_complete("host", &unnamed), Some("The host.".to_owned()));
    }

    #[test]
    fn malformed_texts_are_refused() {
        assert!(Catalogue::with(Language::En, &[(Language::En, "broken = { $\n")]).is_err());
    }

    #[test]
    fn catalogues_travel_between_threads() {
        fn travels<T: Send + Sync>(_: &T) {}
        travels(&catalogue(Language::Ja));
    }
}
