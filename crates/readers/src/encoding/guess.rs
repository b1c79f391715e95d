//! Which code page wrote these bytes? Every candidate reads them, and the most sensible text wins.
//!
//! Three things weigh: sequences that the code page does not have, letters where the language has none
//! (a capital in the middle of a word, a symbol between letters), and words that Windows tools print.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::oem::{self, OemCodePage};
use super::words::{self, Language};

/// A code page that bytes may be in.
#[derive(Debug, Clone, Copy)]
pub(super) enum CodePage {
    /// One that `encoding_rs` knows.
    Web(&'static Encoding),
    /// One of ours.
    Oem(&'static OemCodePage),
}

impl CodePage {
    /// Name, as in `windows-1252` or `IBM850`.
    pub(super) fn name(self) -> &'static str {
        match self {
            // The decoder is the superset; what Windows calls 936 is GBK.
            CodePage::Web(encoding) if encoding == encoding_rs::GB18030 => "GBK",
            CodePage::Web(encoding) => encoding.name(),
            CodePage::Oem(page) => page.name,
        }
    }

    /// The text; what the page does not have becomes replacement characters.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            CodePage::Web(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            CodePage::Oem(page) => page.decode(bytes),
        }
    }

    /// True when one byte is one character.
    pub(super) fn is_single_byte(self) -> bool {
        match self {
            CodePage::Web(encoding) => encoding.is_single_byte(),
            CodePage::Oem(_) => true,
        }
    }
}

/// How a candidate is judged.
enum Judge {
    /// Letters of the best fitting language.
    Letters(&'static [Language]),
    /// How common the character of a lead and a trail byte is, and words.
    Pairs(fn(&[u8]) -> (usize, f64), &'static [&'static str]),
}

/// The candidates, the likelier first: with equal scores the earlier wins.
const CANDIDATES: &[(CodePage, Judge)] = &[
    (CodePage::Web(encoding_rs::WINDOWS_1252), Judge::Letters(words::WESTERN)),
    (CodePage::Oem(&oem::IBM850), Judge::Letters(words::WESTERN)),
    (CodePage::Web(encoding_rs::WINDOWS_1250), Judge::Letters(words::CENTRAL)),
    (CodePage::Oem(&oem::IBM852), Judge::Letters(words::CENTRAL)),
    (CodePage::Web(encoding_rs::WINDOWS_1251), Judge::Letters(words::CYRILLIC)),
    (CodePage::Web(encoding_rs::IBM866), Judge::Letters(words::CYRILLIC)),
    (CodePage::Web(encoding_rs::WINDOWS_1254), Judge::Letters(words::TURKISH)),
    (CodePage::Oem(&oem::IBM857), Judge::Letters(words::TURKISH)),
    (CodePage::Web(encoding_rs::SHIFT_JIS), Judge::Pairs(shift_jis, words::JAPANESE)),
    (CodePage::Web(encoding_rs::GB18030), Judge::Pairs(gbk, words::CHINESE_SIMPLIFIED)),
    (CodePage::Web(encoding_rs::BIG5), Judge::Pairs(big5, words::CHINESE_TRADITIONAL)),
    (CodePage::Web(encoding_rs::EUC_KR), Judge::Pairs(euc_kr, words::KOREAN)),
    (CodePage::Oem(&oem::IBM437), Judge::Letters(words::WESTERN)),
];

/// How many bytes of lines beyond ASCII are weighed.
const SAMPLE_MAX: usize = 16 * 1024;
/// What a sequence weighs that the code page does not have.
const INVALID: f64 = -3.0;
/// What a known word weighs, per byte beyond ASCII.
const WORD: f64 = 1.5;
/// How much an earlier guess for the same file weighs, per byte.
const LOYALTY: f64 = 0.4;

/// The likeliest code page of bytes that are not UTF-8.
pub(super) fn code_page(bytes: &[u8], before: Option<CodePage>) -> CodePage {
    let sample = sample(bytes);
    let foreign = sample.iter().filter(|byte| !byte.is_ascii()).count().max(1);
    let mut best = (f64::NEG_INFINITY, CANDIDATES[0].0);
    for (page, judge) in CANDIDATES {
        let text = page.decode(&sample);
        let total = match judge {
            Judge::Letters(languages) => languages
                .iter()
                .map(|language| letters(&text, language) + words(&text, language.words))
                .fold(f64::NEG_INFINITY, f64::max),
            Judge::Pairs(weigh, known) => pairs(&sample, *weigh) + words(&text, known),
        };
        let loyal = before.is_some_and(|before| before.name() == page.name());
        let score = total / foreign as f64 + if loyal { LOYALTY } else { 0.0 };
        if score > best.0 {
            best = (score, *page);
        }
    }
    best.1
}

/// The first lines that are not UTF-8.
fn sample(bytes: &[u8]) -> Vec<u8> {
    let mut sample = Vec::new();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if std::str::from_utf8(line).is_err() {
            let room = SAMPLE_MAX.saturating_sub(sample.len());
            sample.extend_from_slice(&line[..line.len().min(room)]);
            if sample.len() >= SAMPLE_MAX {
                break;
            }
        }
    }
    sample
}

/// Words weigh by their bytes beyond ASCII, each word a few times at most.
fn words(text: &str, known: &[&str]) -> f64 {
    const TIMES_MAX: usize = 4;
    let weigh = |word: &&str| {
        let foreign = word.chars().filter(|c| !c.is_ascii()).count();
        text.matches(*word).take(TIMES_MAX).count() as f64 * foreign as f64 * WORD
    };
    known.iter().map(weigh).sum()
}

/// How well the characters beyond ASCII fit a language.
fn letters(text: &str, language: &Language) -> f64 {
    // Each character is judged with its neighbours; the table saves searching the alphabet for each.
    let own: BTreeMap<char, ()> = language.letters.chars().map(|c| (c, ())).collect();
    let mut total = 0.0;
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        if !c.is_ascii() {
            let after = chars.peek().copied().unwrap_or(' ');
            total += letter(c, before, after, own.contains_key(&c));
        }
        before = c;
    }
    total
}

fn letter(c: char, before: char, after: char, own: bool) -> f64 {
    if matches!(c, '\u{80}'..='\u{9f}' | '\u{fffd}') {
        return INVALID;
    }
    let capital_inside = c.is_uppercase() && before.is_lowercase();
    if c.is_alphabetic() && !matches!(c, 'ª' | 'º') {
        let mut weight = if own { 1.0 } else { -0.4 };
        if capital_inside {
            weight -= 1.4;
        }
        return weight;
    }
    let between_letters = before.is_alphabetic() && after.is_lowercase();
    let base = match c {
        '\u{a0}' | '«' | '»' | '–' | '—' | '…' | '‘' | '’' | '“' | '”' | '„' | '®' | '©' | '™' | '°'
        | '§' | '¿' | '¡' | '€' | '•' | '·' | '№' | 'º' | 'ª' => 0.4,
        '─'..='╿' | '█' | '░' | '▒' | '▓' | '▀' | '▄' if !between_letters => 0.1,
        _ => -1.0,
    };
    if between_letters && !matches!(c, '’' | '·') { base - 1.4 } else { base }
}

/// The sum over double-byte characters, as a weigher for the bytes in front tells length and weight.
fn pairs(bytes: &[u8], weigh: fn(&[u8]) -> (usize, f64)) -> f64 {
    let mut total = 0.0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii() {
            at += 1;
            continue;
        }
        let (length, weight) = weigh(&bytes[at..]);
        total += weight;
        at += length.max(1);
    }
    total
}

/// Weights of a character of two bytes: everyday, punctuation, seldom, and hardly ever.
const COMMON: f64 = 2.0;
const PUNCTUATION: f64 = 1.5;
const SELDOM: f64 = -0.8;
const RARE: f64 = -2.5;

fn shift_jis(bytes: &[u8]) -> (usize, f64) {
    let trail = bytes.get(1).copied().unwrap_or(0);
    match bytes[0] {
        0xa1..=0xdf => (1, -0.3),
        0x81..=0x9f | 0xe0..=0xfc if matches!(trail, 0x40..=0x7e | 0x80..=0xfc) => (
            2,
            match bytes[0] {
                0x81 => PUNCTUATION,
                0x82 | 0x83 | 0x88..=0x97 => COMMON,
                0x84..=0x87 | 0x98..=0x9f | 0xe0..=0xea => SELDOM,
                _ => RARE,
            },
        ),
        _ => (1, INVALID),
    }
}

fn gbk(bytes: &[u8]) -> (usize, f64) {
    let trail = bytes.get(1).copied().unwrap_or(0);
    let four =
        |i: usize, range: std::ops::RangeInclusive<u8>| bytes.get(i).is_some_and(|b| range.contains(b));
    match (bytes[0], trail) {
        (0x81..=0xfe, 0x30..=0x39) if four(2, 0x81..=0xfe) && four(3, 0x30..=0x39) => (4, SELDOM),
        (0xa1 | 0xa3, 0xa1..=0xfe) => (2, PUNCTUATION),
        (0xb0..=0xd7, 0xa1..=0xfe) => (2, COMMON),
        (0xa2 | 0xa4..=0xaf | 0xd8..=0xf7, 0xa1..=0xfe) => (2, SELDOM),
        (0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe) => (2, RARE),
        _ => (1, INVALID),
    }
}

fn big5(bytes: &[u8]) -> (usize, f64) {
    let trail = bytes.get(1).copied().unwrap_or(0);
    match (bytes[0], trail) {
        (0xa1..=0xf9, 0x40..=0x7e | 0xa1..=0xfe) => (
            2,
            match bytes[0] {
                0xa1 | 0xa2 => PUNCTUATION,
                0xa4..=0xc6 => COMMON,
                0xa3 | 0xc9..=0xf9 => SELDOM,
                _ => RARE,
            },
        ),
        _ => (1, INVALID),
    }
}

fn euc_kr(bytes: &[u8]) -> (usize, f64) {
    let trail = bytes.get(1).copied().unwrap_or(0);
    match (bytes[0], trail) {
        (0xa1..=0xa3, 0xa1..=0xfe) => (2, PUNCTUATION),
        // A little more than in GBK, whose most common characters include all of these and more:
        // a Chinese text would hold others too.
        (0xb0..=0xc8, 0xa1..=0xfe) => (2, COMMON + 0.05),
        (0xca..=0xfd, 0xa1..=0xfe) => (2, SELDOM),
        (0x81..=0xc6, 0x41..=0x5a | 0x61..=0x7a | 0x81..=0xfe) => (2, SELDOM),
        _ => (1, INVALID),
    }
}
