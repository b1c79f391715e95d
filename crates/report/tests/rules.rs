//! Every rule has its words: title, summaries and remedies that its source names.

use diagnosis::rules::RULES;
use messages::{Catalogue, Language};

/// Keys that the source of a rule asks for, as far as a scan can tell; the scenarios show the rest.
fn keys(code: &str, source: &str) -> Vec<String> {
    let made = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut keys = vec![format!("{code}-title"), format!("{code}-checked")];
    let variants: Vec<&str> = made.split("variant").skip(1).filter_map(set_to).collect();
    let always = variants.iter().any(|value| !value.contains("=> None") && !value.contains("then_some"));
    if !always {
        keys.push(format!("{code}-summary"));
    }
    let names = variants.iter().flat_map(|expression| values(expression));
    keys.extend(names.map(|name| format!("{code}-summary-{name}")));
    keys.extend(
        made.split("Remedy::new(").skip(1).filter_map(remedy).map(|name| format!("{code}-remedy-{name}")),
    );
    if made.contains("collecting::unknown(") {
        keys.push(format!("{code}-missing"));
    }
    let steps = made.split('"').filter(|literal| literal.starts_with(&format!("{code}-step-")));
    keys.extend(steps.map(str::to_owned));
    keys
}

/// What a variant is set to: the statement after ` = `, or the line after `: "` or `: Some("` in a struct.
fn set_to(after: &str) -> Option<&str> {
    match after.strip_prefix(" = ") {
        Some(statement) => statement.split(';').next(),
        None => {
            let value = after.strip_prefix(": ")?.lines().next()?;
            (value.starts_with('"') || value.starts_with("Some(\"")).then_some(value)
        }
    }
}

/// Literals that stand where an expression gives its value, not those that it hands to calls.
fn values(expression: &str) -> Vec<&str> {
    const GIVES: [&str; 5] = ["", "=>", "{", "Some(", "then_some("];
    let parts: Vec<&str> = expression.split('"').collect();
    let gives =
        |before: &str| GIVES.iter().any(|end| before == *end || (!end.is_empty() && before.ends_with(end)));
    parts.chunks_exact(2).filter(|pair| gives(pair[0].trim_end())).map(|pair| pair[1]).collect()
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
        finding.variant = Some(match many {
            true => \"many\",
            false => \"more\",
        });
        Remedy::new(CODE, \"more\", Safety::Safe).step(Shell::Text, [\"K403-step-ask\"])
        #[cfg(test)] Remedy::new(CODE, \"other\", Safety::Safe)";
    let found = [
        "K403-title",
        "K403-checked",
        "K403-summary-few",
        "K403-summary-many",
        "K403-summary-more",
        "K403-remedy-more",
        "K403-step-ask",
    ];
    assert_eq!(keys("K403", source), found);
    assert_eq!(keys("K101", ""), ["K101-title", "K101-checked", "K101-summary"]);
    let sometimes = "finding.variant = several.then_some(\"several\"); collecting::unknown(\"K405\", &[])";
    let found = ["K405-title", "K405-checked", "K405-summary", "K405-summary-several", "K405-missing"];
    assert_eq!(keys("K405", sometimes), found);
}
