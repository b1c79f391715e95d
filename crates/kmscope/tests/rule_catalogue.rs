//! `docs/rules.md` is made from the rules' own files. `UPDATE_DOCS=1` renews it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use diagnosis::rules::{RULES, Rule};

const HEAD: &str = "# Rules\n\nEvery fault that kmscope knows.\n<!-- Made from the rules' source files; renew it with \
                    UPDATE_DOCS=1 cargo test -p kmscope --test rule_catalogue -->\n\n";

/// The `//!` lines of a rule's file, its headings one level lower.
fn chapter(rule: &Rule) -> String {
    let mut out = String::new();
    for line in rule.source.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        let level = if line.starts_with('#') { "#" } else { "" };
        let _ = writeln!(out, "{level}{line}");
        if line.starts_with("# ") {
            let _ = writeln!(out, "\nCause `{}`.", rule.cause);
        }
    }
    out.trim_end().to_owned()
}

fn catalogue() -> String {
    let mut out = HEAD.to_owned();
    let _ = writeln!(out, "| rule | cause |\n|---|---|");
    for rule in RULES {
        let _ = writeln!(out, "| {} | `{}` |", rule.code, rule.cause);
    }
    for rule in RULES {
        let _ = write!(out, "\n{}\n", chapter(rule));
    }
    out
}

#[test]
fn the_catalogue_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let made = catalogue();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there.replace("\r\n", "\n") == made,
        "docs/rules.md is not what the rules say; renew it with UPDATE_DOCS=1"
    );
}

#[test]
fn every_rule_explains_itself() {
    const HEADINGS: [&str; 5] = [
        "## What it means",
        "## How it is recognised",
        "## What fixes it",
        "## When it misleads",
        "## Sources",
    ];
    for rule in RULES {
        let docs: Vec<&str> = rule.source.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
        assert!(
            docs.first().is_some_and(|title| title.starts_with(&format!("# {}: ", rule.code))),
            "{}",
            rule.code
        );
        for heading in HEADINGS {
            assert!(docs.contains(&heading), "{} lacks {heading:?}", rule.code);
        }
    }
}
