//! How a report looks, in every language and format.

mod fixture;

use fixture::{catalogue, clear, document, fault, undecided};
use messages::Language;
use report::{TextOptions, html, json, markdown, text};

#[test]
fn a_fault_in_every_language_and_format() {
    for language in Language::ALL {
        let catalogue = catalogue(language);
        let document = document(&fault(), &catalogue);
        let name = |format| format!("fault-{language}-{format}");
        insta::assert_snapshot!(name("json"), json::render(&document));
        insta::assert_snapshot!(name("text"), text::render(&document, &catalogue, &TextOptions::default()));
        insta::assert_snapshot!(name("html"), without_style(&html::render(&document, &catalogue)));
        insta::assert_snapshot!(name("markdown"), markdown::render(&document, &catalogue));
    }
}

#[test]
fn a_terminal_with_colour_and_all_details() {
    let catalogue = catalogue(Language::En);
    let document = document(&fault(), &catalogue);
    let options = TextOptions { width: 120, color: true, verbose: true };
    insta::assert_snapshot!(text::render(&document, &catalogue, &options).replace('\u{1b}', "␛"));
}

#[test]
fn clear_and_undecided_on_the_terminal() {
    for language in Language::ALL {
        let catalogue = catalogue(language);
        for (name, report) in [("clear", clear()), ("undecided", undecided())] {
            let document = document(&report, &catalogue);
            let text = text::render(&document, &catalogue, &TextOptions::default());
            insta::assert_snapshot!(format!("{name}-{language}-text"), text);
        }
    }
}

/// The page without its style sheet, which would hide what changed.
fn without_style(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    format!("{head}<style>…</style>{body}")
}
