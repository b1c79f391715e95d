//! Evidence is hostile until shown otherwise: it must not drive the terminal, the browser or the ticket.

mod fixture;

use fixture::{catalogue, document, fault, hostile};
use messages::Language;
use report::visible::{ARGUMENT_MAX, is_dangerous};
use report::{Document, TextOptions, html, json, markdown, text};
use serde_json::Value;

fn rendered(render: impl Fn(&Document, &messages::Catalogue) -> String) -> Vec<String> {
    Language::ALL
        .into_iter()
        .map(|language| {
            let catalogue = catalogue(language);
            render(&document(&hostile(), &catalogue), &catalogue)
        })
        .collect()
}

fn assert_harmless(text: &str) {
    let bad = text.chars().find(|&c| c != '\n' && (c.is_control() || (is_dangerous(c) && c != '\u{2060}')));
    assert_eq!(bad, None);
    let longest = text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count()).max();
    assert!(longest <= Some(ARGUMENT_MAX), "a name was not cut: {longest:?}");
}

#[test]
fn the_terminal_obeys_nothing() {
    for verbose in [false, true] {
        let options = TextOptions { verbose, ..TextOptions::default() };
        for shown in rendered(|document, catalogue| text::render(document, catalogue, &options)) {
            assert_harmless(&shown);
            assert!(shown.contains('␛') && shown.contains("<U+202E>"));
            // Only our own headings stand at the beginning of a line.
            assert!(!shown.lines().any(|line| line.starts_with("# heading")));
        }
    }
}

#[test]
fn the_browser_sees_only_our_tags() {
    let kinds = |page: &str| {
        let tags: std::collections::BTreeSet<String> = page
            .split('<')
            .skip(1)
            .map(|tag| {
                tag.split(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '!')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        tags
    };
    let catalogue = catalogue(Language::En);
    let plain = kinds(&html::render(&document(&fault(), &catalogue), &catalogue));
    for page in rendered(html::render) {
        assert_harmless(&page);
        let mut allowed = plain.clone();
        allowed.extend(["details", "/details", "summary", "/summary"].map(str::to_owned));
        let found = kinds(&page);
        assert!(found.is_subset(&allowed), "{:?}", found.difference(&allowed).collect::<Vec<_>>());
        assert_eq!(page.matches("<style>").count(), 1);
        assert!(!page.contains("<script") && !page.contains("href=\"javascript"));
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for page in rendered(html::render) {
        for word in ["src=", "url(", "@import", "<link", "<iframe", "<object", "<form", " onload=", " style="]
        {
            let own = page.replace("&lt;img src=x", "");
            assert!(!own.contains(word), "{word}");
        }
    }
}

#[test]
fn the_ticket_keeps_evidence_in_its_place() {
    for ticket in rendered(markdown::render) {
        assert_harmless(&ticket);
        let mut fence: Option<String> = None;
        for line in ticket.lines() {
            let ticks: String = line.chars().take_while(|c| *c == '`').collect();
            match &fence {
                Some(open) if line == open => fence = None,
                Some(_) => {}
                None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
                None => {
                    let prose = without_code(line);
                    assert!(!prose.contains('<') || prose.contains("<https://learn.microsoft.com"), "{line}");
                    assert!(!prose.contains("](") || prose.contains("\\]("), "{line}");
                    assert!(!line.starts_with("# heading") && !prose.contains("@everyone"), "{line}");
                }
            }
        }
        assert_eq!(fence, None, "a fence stays open");
    }
}

/// A line without its code spans, as CommonMark reads them.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let escaped = rest[..start].ends_with('\\');
        let ticks = if escaped { 1 } else { rest[start..].chars().take_while(|c| *c == '`').count() };
        out.push_str(&rest[..start]);
        rest = &rest[start + ticks..];
        if !escaped {
            rest = &rest[closing(rest, ticks)..];
        }
    }
    out + rest
}

/// Where the code span of `ticks` backticks ends; 0 where it does not.
fn closing(text: &str, ticks: usize) -> usize {
    let mut at = 0;
    while let Some(start) = text[at..].find('`') {
        let run = text[at + start..].chars().take_while(|c| *c == '`').count();
        at += start + run;
        if run == ticks {
            return at;
        }
    }
    0
}

#[test]
fn json_keeps_the_words_and_obeys_nothing() {
    for shown in rendered(|document, _| json::render(document)) {
        assert_harmless(&shown);
        let parsed: Value = serde_json::from_str(&shown).unwrap();
        let quotes = parsed["findings"][0]["evidence"].as_array().unwrap();
        assert!(quotes.iter().any(|quote| quote["text"] == "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m"));
        assert!(parsed["machines"][1]["name"].as_str().unwrap().ends_with('…'));
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let once = rendered(|document, catalogue| html::render(document, catalogue) + &json::render(document));
    let twice = rendered(|document, catalogue| html::render(document, catalogue) + &json::render(document));
    assert_eq!(once, twice);
}

#[test]
fn long_lists_are_bounded() {
    let mut report = fault();
    let (entry, machine) = (report.timeline[0].clone(), report.machines[0].clone());
    report.timeline =
        (0..50_000).map(|n| diagnosis::report::TimelineEntry { at: n, ..entry.clone() }).collect();
    report.machines = vec![machine; 50_000];
    report.curves[0].points = (0..50_000).map(|n| (n, 10)).collect();
    let catalogue = catalogue(Language::En);
    let document = document(&report, &catalogue);
    let verbose = TextOptions { verbose: true, ..TextOptions::default() };
    assert!(text::render(&document, &catalogue, &TextOptions::default()).len() < 20_000);
    assert!(text::render(&document, &catalogue, &verbose).len() < 1_000_000);
    assert!(markdown::render(&document, &catalogue).len() < 100_000);
    assert!(html::render(&document, &catalogue).len() < 2_000_000);
}
