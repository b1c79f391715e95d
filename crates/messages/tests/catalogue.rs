//! The catalogue is whole: every key in every language, no stray key, argument or file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast;
use messages::{FILES, Language};

/// What a message asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Needs {
    file: &'static str,
    arguments: BTreeSet<String>,
    references: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every message and term (with its `-`) of a language; panics on syntax errors and on keys that stand twice.
fn messages_of(language: Language) -> BTreeMap<String, Needs> {
    let mut all = BTreeMap::new();
    for file in FILES.iter().filter(|file| file.language == language) {
        let resource = match fluent_syntax::parser::parse(file.text) {
            Ok(resource) => resource,
            Err((_, errors)) => panic!("locales/{language}/{}: {errors:?}", file.name),
        };
        for entry in resource.body {
            let (key, patterns) = match entry {
                ast::Entry::Message(message) => {
                    let values = message.attributes.into_iter().map(|attribute| attribute.value);
                    (message.id.name.to_owned(), message.value.into_iter().chain(values).collect::<Vec<_>>())
                }
                ast::Entry::Term(term) => (format!("-{}", term.id.name), vec![term.value]),
                ast::Entry::Junk { content } => panic!("locales/{language}/{}: {content:?}", file.name),
                _ => continue,
            };
            let mut needs = Needs { file: file.name, ..Needs::default() };
            patterns.iter().for_each(|pattern| walk_pattern(pattern, &mut needs));
            let twice = all.insert(key.clone(), needs);
            assert!(twice.is_none(), "{key} stands twice in {language}, again in {}", file.name);
        }
    }
    all
}

fn walk_pattern(pattern: &ast::Pattern<&str>, needs: &mut Needs) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            walk_expression(expression, needs);
        }
    }
}

fn walk_expression(expression: &ast::Expression<&str>, needs: &mut Needs) {
    match expression {
        ast::Expression::Select { selector, variants } => {
            walk_inline(selector, needs);
            variants.iter().for_each(|variant| walk_pattern(&variant.value, needs));
        }
        ast::Expression::Inline(inline) => walk_inline(inline, needs),
    }
}

fn walk_inline(inline: &ast::InlineExpression<&str>, needs: &mut Needs) {
    use ast::InlineExpression as Inline;
    match inline {
        Inline::VariableReference { id } => drop(needs.arguments.insert(id.name.to_owned())),
        Inline::MessageReference { id, .. } => drop(needs.references.insert(id.name.to_owned())),
        Inline::TermReference { id, .. } => drop(needs.references.insert(format!("-{}", id.name))),
        Inline::FunctionReference { id, .. } => panic!("function {}: the catalogue has none", id.name),
        Inline::Placeable { expression } => walk_expression(expression, needs),
        Inline::StringLiteral { .. } | Inline::NumberLiteral { .. } => {}
    }
}

/// The text of every Rust source of the workspace, by path.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 10, "the workspace's sources were not found");
    found
}

/// Every string literal without escapes, as far as a scan by quotation marks can tell.
fn literals(sources: &[(PathBuf, String)]) -> BTreeSet<&str> {
    let plain = |text: &&str| text.len() < 100 && !text.contains(['\n', ' ', '\\']);
    sources.iter().flat_map(|(_, text)| text.split('"')).filter(plain).collect()
}

#[test]
fn the_list_of_files_is_that_of_the_folders() {
    for language in Language::ALL {
        let folder = root().join("locales").join(language.tag());
        let there: BTreeSet<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: BTreeSet<String> =
            FILES.iter().filter(|file| file.language == language).map(|file| file.name.to_owned()).collect();
        assert_eq!(listed, there, "crates/messages/src/embedded.rs against locales/{language}");
    }
}

#[test]
fn every_language_says_everything_and_nothing_more() {
    let english = messages_of(Language::En);
    let mut wrong = Vec::new();
    for language in [Language::Ja, Language::ZhTw] {
        let other = messages_of(language);
        for (key, needs) in &english {
            if !other.contains_key(key) {
                wrong.push(format!("{language} lacks {key} ({})", needs.file));
            }
        }
        for (key, needs) in &other {
            let Some(original) = english.get(key) else {
                wrong.push(format!("{language} has {key} ({}), which English lacks", needs.file));
                continue;
            };
            for argument in needs.arguments.difference(&original.arguments) {
                wrong.push(format!("{language} {key} uses ${argument}, which English does not have"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn references_lead_somewhere() {
    for language in Language::ALL {
        let all = messages_of(language);
        for (key, needs) in &all {
            for reference in &needs.references {
                assert!(all.contains_key(reference), "{language} {key} refers to {reference}");
            }
        }
    }
}

#[test]
fn every_key_is_used() {
    let sources = sources();
    let literals = literals(&sources);
    let mentioned = |key: &str| literals.contains(key);
    let unused: Vec<String> = messages_of(Language::En)
        .into_keys()
        .filter(|key| !key.starts_with('-') && !mentioned(key))
        .filter(|key| match (rule_part(key), key.strip_prefix("cause-")) {
            (Some((code, name)), _) => !(mentioned(code) && name.is_none_or(mentioned)),
            (None, Some(cause)) => !mentioned(cause),
            (None, None) => true,
        })
        .collect();
    assert!(unused.is_empty(), "no source mentions these keys:\n{}", unused.join("\n"));
}

/// Rule code, and the name that the rule's source must mention, of a key `K###-...`; the frame makes these keys.
fn rule_part(key: &str) -> Option<(&str, Option<&str>)> {
    let (code, part) = key.split_once('-')?;
    let digits = code.strip_prefix('K')?;
    if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match part {
        "title" | "summary" | "missing" | "checked" => Some((code, None)),
        _ => {
            let (kind, name) = part.split_once('-')?;
            matches!(kind, "summary" | "remedy" | "missing" | "step").then_some((code, Some(name)))
        }
    }
}

#[test]
fn every_note_and_cause_has_words() {
    let english = messages_of(Language::En);
    let sources = sources();
    let made = |(path, _): &&(PathBuf, String)| !path.components().any(|part| part.as_os_str() == "tests");
    for (path, text) in sources.iter().filter(made) {
        // Unit tests stand at the end of a file and may invent notes.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in code.split('"').filter(|literal| is_note(literal)) {
            assert!(english.contains_key(literal), "{}: {literal} has no words", path.display());
        }
    }
    let causes = sources.iter().find(|(path, _)| path.ends_with("diagnosis/src/cause.rs"));
    let (_, text) = causes.expect("the causes moved");
    let ids = text.lines().filter_map(|line| line.split_once(" = \"")?.1.strip_suffix("\","));
    let missing: Vec<&str> = ids.filter(|id| !english.contains_key(&format!("cause-{id}"))).collect();
    assert!(missing.is_empty(), "causes without words: {missing:?}");
}

fn is_note(literal: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    literal.strip_prefix("note-").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}
