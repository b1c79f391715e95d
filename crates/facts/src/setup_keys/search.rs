//! Setup keys for what a person types: `2022 dc`, `win10 ent ltsc`, five characters, a whole key.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{SetupKey, is_key_group, is_whole_key};
use crate::tables::Tables;

/// What was found for a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeySearch {
    /// The text as typed; of a whole key only the last five characters, since it may be a secret one.
    pub query: String,
    /// True when the text is a key or its last five characters: then it is looked up, not matched by words.
    pub is_key: bool,
    /// The keys, best match first; for a key at most one.
    pub matches: Vec<SetupKey>,
    /// Words of the table that are close to a word that matched nothing.
    pub suggestions: Vec<String>,
}

/// How far a typing error may be from a word: one edit, two in long words.
const LONG_WORD: usize = 7;

/// A longer word is no word of a product, and comparing it would take time.
const LONGEST_WORD: usize = 32;

/// Finds setup keys; an empty text lists all.
pub fn find(text: &str, tables: &Tables) -> KeySearch {
    let text = text.trim();
    if let Some(last_five) = key_ending(text) {
        let matches = tables.setup_keys.by_last_five(&last_five).into_iter();
        let whole = is_whole_key(text);
        // Two keys that differ end alike only by chance: a whole key must match as a whole.
        let matches: Vec<_> =
            matches.filter(|row| !whole || row.key.eq_ignore_ascii_case(text)).cloned().collect();
        if whole || !matches.is_empty() || words_match_nothing(text, tables) {
            let query = if whole { format!("*****-*****-*****-*****-{last_five}") } else { text.to_string() };
            return KeySearch { query, is_key: true, matches, suggestions: Vec::new() };
        }
    }
    by_words(text, tables)
}

fn key_ending(text: &str) -> Option<String> {
    let last = text.rsplit('-').next()?;
    (is_whole_key(text) || is_key_group(text)).then(|| last.to_ascii_uppercase())
}

fn words_match_nothing(text: &str, tables: &Tables) -> bool {
    by_words(text, tables).matches.is_empty()
}

fn by_words(text: &str, tables: &Tables) -> KeySearch {
    let wanted = words_of_query(text);
    let rows: Vec<(&SetupKey, RowWords)> =
        tables.setup_keys.iter().map(|row| (row, RowWords::of(row))).collect();
    let mut matches: Vec<(usize, &SetupKey)> = Vec::new();
    for (row, words) in &rows {
        if wanted.iter().all(|alternatives| alternatives.iter().any(|word| words.all.contains(word))) {
            matches.push((words.not_asked_for(&wanted), row));
        }
    }
    matches.sort_by_key(|(extra, _)| *extra);
    let suggestions = if matches.is_empty() { near_words(&wanted, &rows) } else { Vec::new() };
    let matches = matches.into_iter().map(|(_, row)| row.clone()).collect();
    KeySearch { query: text.to_string(), is_key: false, matches, suggestions }
}

struct RowWords {
    all: BTreeSet<String>,
    edition: BTreeSet<String>,
}

impl RowWords {
    fn of(row: &SetupKey) -> RowWords {
        let edition: BTreeSet<String> = words(&row.edition).collect();
        let mut all: BTreeSet<String> = edition.clone();
        all.extend(words(&row.family).chain(words(&row.generation)));
        all.extend(row.edition_ids.iter().map(|id| id.to_ascii_lowercase()));
        for (sort, also) in ALSO_CALLED {
            if all.contains(*sort) {
                all.extend(also.iter().map(|word| word.to_string()));
            }
        }
        if row.generation == SAC_WITH_SEVERAL_VERSIONS {
            all.extend(["1903", "1909", "2004"].map(str::to_string));
        }
        RowWords { all, edition }
    }

    /// Words of the edition that the query did not ask for: the fewer, the better the match.
    fn not_asked_for(&self, wanted: &[Vec<String>]) -> usize {
        let asked = |word: &&String| !wanted.iter().any(|alternatives| alternatives.contains(*word));
        let unasked_first_choice =
            wanted.iter().filter(|alternatives| !self.all.contains(&alternatives[0])).count();
        self.edition.iter().filter(|word| !FILLERS.contains(&word.as_str())).filter(asked).count()
            + unasked_first_choice
    }
}

const SAC_WITH_SEVERAL_VERSIONS: &str = "SAC 1809 to 20H2";

/// Words that make no difference between editions.
const FILLERS: [&str; 5] = ["windows", "for", "edition", "based", "systems"];

/// Words that a row answers to beside its own.
const ALSO_CALLED: &[(&str, &[&str])] = &[
    ("pro", &["professional"]),
    ("professional", &["pro"]),
    ("sac", &["semi", "annual", "channel"]),
    ("datacenter", &["datacentre"]),
    ("iot", &["iotenterprise"]),
];

/// What people type, and the words of the table that they mean, the first one first choice.
const ABBREVIATIONS: &[(&str, &[&str])] = &[
    ("dc", &["datacenter"]),
    ("dtc", &["datacenter"]),
    ("std", &["standard"]),
    ("ent", &["enterprise"]),
    ("ess", &["essentials"]),
    ("edu", &["education"]),
    ("win", &["windows"]),
    ("w", &["windows"]),
    ("srv", &["server"]),
    ("svr", &["server"]),
    ("serv", &["server"]),
    ("pro+", &["plus"]),
    ("proplus", &["plus"]),
    ("wks", &["workstations"]),
    ("workstation", &["workstations"]),
    ("ltsb", &["ltsb", "ltsc"]),
    ("ltsc", &["ltsc", "ltsb"]),
    ("ms", &["windows", "office"]),
    ("skype", &["skype"]),
    ("mp", &["multipoint"]),
    ("ppt", &["powerpoint"]),
];

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '+'))
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| !word.is_empty())
}

/// The words of a query, each with what it may stand for.
fn words_of_query(text: &str) -> Vec<Vec<String>> {
    words(text)
        .flat_map(|word| taken_apart(&word))
        .filter(|word| !FILLER_OF_QUERY.contains(&word.as_str()))
        .map(meanings)
        .collect()
}

/// Words of a query that say nothing about the product.
const FILLER_OF_QUERY: [&str; 10] =
    ["gvlk", "kms", "key", "keys", "microsoft", "edition", "client", "setup", "r", "the"];

fn meanings(word: String) -> Vec<String> {
    match ABBREVIATIONS.iter().find(|(short, _)| *short == word) {
        Some((_, long)) => long.iter().map(|word| word.to_string()).collect(),
        None => vec![word],
    }
}

/// `win10` is two words, and so are `2012r2` and `ws2019`; `20h2` and `2k12` are not.
fn taken_apart(word: &str) -> Vec<String> {
    if word.len() > LONGEST_WORD {
        return vec![word.to_string()];
    }
    if let Some(year) = word.strip_suffix("r2").filter(|rest| !rest.is_empty()) {
        return taken_apart(year).into_iter().chain(["r2".to_string()]).collect();
    }
    if let Some(digits) =
        word.strip_prefix("2k").filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
    {
        return vec![format!("20{digits:0>2}")];
    }
    for (prefix, meaning) in GLUED {
        let rest = word.strip_prefix(prefix).unwrap_or_default();
        if !rest.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit()) {
            return meaning.iter().map(|m| m.to_string()).chain(taken_apart(rest)).collect();
        }
    }
    vec![word.to_string()]
}

/// What stands before a number without a space; longer ones first.
const GLUED: &[(&str, &[&str])] = &[
    ("windows", &["windows"]),
    ("server", &["server"]),
    ("office", &["office"]),
    ("ltsc", &["ltsc"]),
    ("ltsb", &["ltsb"]),
    ("win", &["windows"]),
    ("srv", &["server"]),
    ("ws", &["windows", "server"]),
    ("w", &["windows"]),
    ("o", &["office"]),
];

fn near_words(wanted: &[Vec<String>], rows: &[(&SetupKey, RowWords)]) -> Vec<String> {
    let vocabulary: BTreeSet<&String> = rows.iter().flat_map(|(_, words)| &words.all).collect();
    let unknown = wanted
        .iter()
        .map(|alternatives| &alternatives[0])
        .filter(|word| !vocabulary.contains(word) && word.len() <= LONGEST_WORD);
    let mut near: Vec<(usize, String)> = Vec::new();
    for word in unknown {
        let allowed = if word.chars().count() >= LONG_WORD { 2 } else { 1 };
        for known in &vocabulary {
            let distance = strsim::damerau_levenshtein(word, known);
            if distance <= allowed && known.len() > 1 {
                near.push((distance, known.to_string()));
            }
        }
    }
    near.sort();
    near.into_iter().map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tables;

    fn first(text: &str) -> String {
        find(text, tables()).matches.first().map(|row| row.last_five.clone()).unwrap_or_default()
    }

    #[test]
    fn words_in_any_order_and_abbreviations_find_the_key() {
        for (text, last_five) in [
            ("2022 dc", "6VM33"),
            ("datacenter 2022", "6VM33"),
            ("2022 azure", "KHMXV"),
            ("win10 ent ltsc", "J462D"),
            ("win10 ltsc 2021", "J462D"),
            ("win10 ltsc 2016", "QJ4BJ"),
            ("LTSB 2015", "76DF9"),
            ("win 11 pro", "T83GX"),
            ("w10 enterprise", "2YT43"),
            ("Windows 8.1 Pro", "9D6T9"),
            ("windows 8 pro", "J8CK4"),
            ("win7 pro", "GPDD4"),
            ("2012r2 std", "MDVJX"),
            ("server 2012 standard", "92BT4"),
            ("ws2019 essentials", "YY726"),
            ("srv 2k16 dc", "8XDDG"),
            ("2008 standard", "BFGM2"),
            ("server version 1909 dc", ""),
            ("server 1909 dc", "CWH2D"),
            ("office 2019 proplus", "6MWKP"),
            ("office 2021 standard", "78VT3"),
            ("visio pro 2016", "RJRJK"),
            ("iot", "PDQGT"),
            ("EnterpriseSN 2015", "D69TJ"),
            ("pro for workstations", "6Q84J"),
        ] {
            assert_eq!(first(text), last_five, "{text}");
        }
    }

    #[test]
    fn a_key_is_looked_up_as_a_key() {
        let found = find("w269n-wfgwx-yvc9b-4j6c9-t83gx", tables());
        assert_eq!(found.matches.len(), 1);
        assert!(found.is_key && found.query.ends_with("-T83GX") && !found.query.contains("w269n"));
        assert_eq!(find("T83gx", tables()).matches[0].edition, "Pro");
        let unknown = find("3V66Q", tables());
        assert!(unknown.is_key && unknown.matches.is_empty());
        let other = find("BBBBB-BBBBB-BBBBB-BBBBB-T83GX", tables());
        assert!(other.is_key && other.matches.is_empty());
    }

    #[test]
    fn typing_errors_get_a_suggestion_and_no_key() {
        let found = find("2022 datacentr", tables());
        assert!(found.matches.is_empty());
        assert_eq!(found.suggestions.first().map(String::as_str), Some("datacenter"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}") {
            let found = find(&text, tables());
            proptest::prop_assert!(found.matches.is_empty() || found.suggestions.is_empty());
        }

        #[test]
        fn every_key_is_found_by_its_last_five_and_by_its_names(at in 0usize..130) {
            let row = tables().setup_keys.iter().nth(at).expect("130 rows");
            proptest::prop_assert_eq!(&find(&row.last_five, tables()).matches[0], row);
            let words = format!("{} {} {}", row.edition, row.generation, row.family);
            let keys: Vec<String> = find(&words, tables()).matches.into_iter().map(|found| found.key).collect();
            proptest::prop_assert!(keys.contains(&row.key), "{} finds {:?}", words, keys);
        }
    }

    #[test]
    fn a_long_text_is_answered_without_delay_or_overflow() {
        let found = find(&"r2".repeat(200_000), tables());
        assert!(found.matches.is_empty() && found.suggestions.is_empty());
    }

    #[test]
    fn an_empty_text_lists_all() {
        assert_eq!(find("", tables()).matches.len(), 130);
    }
}
