//! The Terraform of docs/azure.md: what the document shows beside it is what is found.

use std::fs;
use std::path::Path;

use super::{Folder, run};

/// The fenced blocks of a document, with their marks.
fn blocks(document: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut within = false;
    for line in document.lines() {
        match (within, line.strip_prefix("```")) {
            (false, Some(mark)) => {
                blocks.push((mark.to_owned(), String::new()));
                within = true;
            }
            (true, Some("")) => within = false,
            (true, _) => {
                if let Some((_, text)) = blocks.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            (false, None) => {}
        }
    }
    blocks
}

#[test]
fn the_document_shows_what_is_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/azure.md");
    let blocks = blocks(&fs::read_to_string(path).unwrap());
    let mut count = 0;
    for pair in blocks.windows(2) {
        let [(mark, source), (next, expected)] = pair else { continue };
        if mark != "terraform" {
            continue;
        }
        assert_eq!(next, "text", "what is found stands below: {source}");
        let folder = Folder::new(&format!("document-{count}"));
        folder.file("main.tf", source);
        let output = run(&[folder.path()]);
        let shown = String::from_utf8(output.stdout).unwrap().replace(&format!("{}/", folder.path()), "");
        assert_eq!(&shown, expected, "{source}");
        count += 1;
    }
    assert!(count >= 2, "only {count} examples");
}
