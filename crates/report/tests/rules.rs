//! Every rule has its words: title, summaries and remedies that its source names.

use diagnosis::rules::RULES;
use messages::{Catalogue, Language};

/// Keys that the source of a rule asks for.
fn keys(code: &str, source: &str) -> Vec<String> {
    let made = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut keys = vec![format!("{code}-title")];
    let summaries: Vec<&str> = made.lines().filter_map(variant).collect();
    if summaries.is_empty() {
        keys.push(format!("{code}-summary"));
    }
    keys.extend(summaries.iter().map(|name| format!("{code}-summary-{name}")));
    keys.extend(
        made.split("Remedy::new(").skip(1).filter_map(remedy).map(|name| format!("{code}-remedy-{name}")),
    );
    keys
}

/// `few` of `variant: Some("few"),` and `finding.variant = Some("few");`
fn variant(line: &str) -> Option<&str> {
    let (_, value) = line.split_once("variant")?;
    literal(value.trim_start_matches([':', '=', ' ']).strip_prefix("Some(")?)
}

/// `publish` of `CODE, "publish", Safety::Safe)`
fn remedy(arguments: &str) -> Option<&str> {
    let (_, name) = arguments.split_once(',')?;
    literal(name.trim_start())
}

fn literal(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.split('"').next()
}

#[test]
fn every_rule_has_its_words() {
    let english = Catalogue::new(Language::En);
    let wanted = RULES.iter().flat_map(|rule| keys(rule.code, rule.source));
    let missing: Vec<String> =
        wanted.filter(|key| !key.ends_with('-') && english.find(key, &[]).is_none()).collect();
    assert!(missing.is_empty(), "the catalogue lacks:\n{}", missing.join("\n"));
}

#[test]
fn the_scan_finds_what_a_rule_names() {
    let source = "
        Finding { variant: Some(\"few\"), ..Finding::new(CODE, Cause::CountTooLow, Confidence::Likely) };
        Remedy::new(CODE, \"more\", Safety::Safe)
        #[cfg(test)] Remedy::new(CODE, \"other\", Safety::Safe)";
    assert_eq!(keys("K403", source), ["K403-title", "K403-summary-few", "K403-remedy-more"]);
    assert_eq!(keys("K101", ""), ["K101-title", "K101-summary"]);
}
