//! Passing quickly over long stretches of text that no reader knows: books, logs of other programs, listings.
//!
//! Asking every reader at every line is what small evidence deserves; a hundred megabytes of something else do not.
//! After many lines that nobody claimed, only lines with a sign of evidence are offered to the readers, together
//! with their neighbours: a word that only our subject has, or the punctuation that tools print and prose does not.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use crate::text::Text;

/// So many lines in succession that nobody claimed make a stretch foreign. Most evidence is shorter as a whole.
const UNCLAIMED_LINES: usize = 1_000;

/// Lines above and below a telling word that are offered too: its block may begin, or go on, there.
const LINES_ABOVE: usize = 6;
const LINES_BELOW: usize = 3;

/// A line that came so often, with the same line below it, and was refused, is not offered again in the stretch.
const REFUSALS: u8 = 16;

/// Different lines that are remembered for that.
const REFUSED_LINES_MAX: usize = 4096;

/// Longer lines are offered without a look.
const LINE_BYTES_MAX: usize = 4096;

/// What a line shows of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    /// Punctuation: the line and the one above it, the header of a table.
    Punctuation,
    /// A word of the subject.
    Word,
}

/// The walk's memory of the stretch that it is in.
#[derive(Debug)]
pub(crate) struct Foreign {
    unclaimed: usize,
    /// Signs of the lines `from` to `signs_end`, by their index modulo the length.
    signs: [Sign; LINES_ABOVE + 2],
    signs_end: usize,
    /// Lines before this one are offered because of a word above them.
    offered_until: usize,
    /// How often a line, with the one below it, was offered within this stretch for nothing.
    refused: HashMap<u64, u8>,
}

impl Foreign {
    pub(crate) fn new() -> Foreign {
        Foreign {
            unclaimed: 0,
            signs: [Sign::None; LINES_ABOVE + 2],
            signs_end: 0,
            offered_until: 0,
            refused: HashMap::new(),
        }
    }

    /// A reader claimed a block.
    pub(crate) fn claimed(&mut self) {
        self.unclaimed = 0;
        self.refused.clear();
    }

    /// Nobody wanted the line.
    pub(crate) fn unclaimed(&mut self) {
        self.unclaimed += 1;
    }

    /// True for a line within a foreign stretch that shows, with its neighbours, no sign of evidence.
    pub(crate) fn passes_over(&mut self, text: &Text<'_>, at: usize) -> bool {
        self.unclaimed >= UNCLAIMED_LINES
            && (!self.near_sign(text, at) || self.was_refused(text.at(at), text.at(at + 1)))
    }

    /// True for a line that was offered often enough; counts this time too.
    fn was_refused(&mut self, line: &str, next: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (line, next).hash(&mut hasher);
        let hash = hasher.finish();
        if self.refused.len() >= REFUSED_LINES_MAX && !self.refused.contains_key(&hash) {
            return false;
        }
        let times = self.refused.entry(hash).or_default();
        *times = times.saturating_add(1);
        *times > REFUSALS
    }

    fn near_sign(&mut self, text: &Text<'_>, at: usize) -> bool {
        let slots = self.signs.len();
        for index in self.signs_end.max(at)..=at + LINES_ABOVE {
            self.signs[index % slots] = text.line(index).map_or(Sign::None, |line| {
                if line.command.is_some() { Sign::Word } else { sign(&line.text) }
            });
        }
        self.signs_end = at + LINES_ABOVE + 1;
        let has = |index: usize, wanted| self.signs[index % slots] == wanted;
        if has(at, Sign::Word) {
            self.offered_until = at + 1 + LINES_BELOW;
        }
        at < self.offered_until
            || has(at, Sign::Punctuation)
            || has(at + 1, Sign::Punctuation)
            || (at..=at + LINES_ABOVE).any(|index| has(index, Sign::Word))
    }
}

fn sign(line: &str) -> Sign {
    if line.len() > LINE_BYTES_MAX || Words::get().any_in(line.as_bytes()) {
        Sign::Word
    } else if !is_dated(line.as_bytes()) && is_punctuated(line.as_bytes()) {
        Sign::Punctuation
    } else {
        Sign::None
    }
}

/// True for the lines of a log that begin with a date: whatever else they hold, no block of a tool begins so.
fn is_dated(line: &[u8]) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        line.get(range).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_digit))
    };
    let mark = |at: usize| line.get(at).is_some_and(|byte| matches!(byte, b'-' | b'/'));
    digits(0..4) && mark(4) && digits(5..7) && mark(7) && digits(8..10)
}

/// True for lines with the marks of structured output, or with letters that the words below are not written in.
fn is_punctuated(line: &[u8]) -> bool {
    let starts_so = line.first().is_some_and(|byte| b"-=\"'#;*>.".contains(byte));
    starts_so
        || line.last().is_some_and(|byte| matches!(byte, b':'))
        || line.iter().any(|&byte| matches!(CLASSES[usize::from(byte)], Class::Mark))
        || line.windows(2).any(|pair| match CLASSES[usize::from(pair[0])] {
            Class::Colon => pair[1] == b' ' || pair[1] == b':',
            Class::Comma => pair[1] != b' ' && !pair[1].is_ascii_digit(),
            _ => false,
        })
        || line
            .windows(3)
            .any(|three| three[1] == b'.' && three[0].is_ascii_digit() && three[2].is_ascii_digit())
}

#[derive(Clone, Copy)]
enum Class {
    Plain,
    Mark,
    Colon,
    Comma,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'=' | b'|' | b'\t' | b'@' | b'_' => Class::Mark,
            128..=255 => Class::Mark,
            b':' => Class::Colon,
            b',' | b';' => Class::Comma,
            _ => Class::Plain,
        };
        byte += 1;
    }
    classes
};

/// Words of the subject, in ASCII letters; letter case does not matter.
const WORDS: &[&str] = &[
    "kms",
    "slmgr",
    "ospp",
    "slui",
    "sppsvc",
    "vlmcs",
    "licens",
    "licenc",
    "lizenz",
    "licenz",
    "licenti",
    "activat",
    "activac",
    "aktivier",
    "attivaz",
    "aktywac",
    "activer",
    "aktivac",
    "etkinle",
    "gvlk",
    "product key",
    "rearm",
    "grace period",
    "0x0",
    "0x4",
    "0x8",
    "0xc",
    "0x1",
    "_tcp",
    "1688",
    "12288",
    "12289",
    "12290",
    "12291",
    "12292",
    "12293",
    "12294",
    "8198",
    "8208",
    "hkey_",
    "hklm",
    "nslookup",
    "ipconfig",
    "w32tm",
    "tracert",
    "psping",
    "tcping",
    "portqry",
    "netsh",
    "dnscmd",
    "netstat",
    "test-netconnection",
    "resolve-dnsname",
    "ping ",
    "ping:",
    "pinging",
    "pingar",
    "telnet",
    "rpcping",
    "azure",
    "vnet",
    "next hop",
    "nexthop",
    "load balanc",
    "nat gateway",
    "private subnet",
    "169.254.",
    "firewall",
    "time skew",
    "denied",
    "verweigert",
    "denegado",
    "negato",
    "geweigerd",
    "odmowa",
    "nekad",
    "engellendi",
    "dns",
    "nxdomain",
    "servfail",
    "nameserver",
    "non-existent",
    "not recognized",
    "unreachable",
    "refused",
    "ethernet",
    "cmid",
    "c0de",
    "event id",
    "ip address",
];

/// The words, found by their first three letters.
struct Words {
    /// One bit for each start of a word.
    starts: Box<[u64; (1 << START_BITS) / 64]>,
    by_start: Vec<(u16, &'static [u8])>,
}

/// Five bits of each of three bytes; letters of either case have the same.
const START_BITS: usize = 15;

impl Words {
    fn get() -> &'static Words {
        static BUILT: OnceLock<Words> = OnceLock::new();
        BUILT.get_or_init(|| {
            let mut starts = Box::new([0; (1 << START_BITS) / 64]);
            let mut by_start = Vec::new();
            for word in WORDS {
                let start = word.bytes().take(3).fold(0, start_with);
                starts[usize::from(start) / 64] |= 1 << (start % 64);
                by_start.push((start, word.as_bytes()));
            }
            by_start.sort_unstable();
            Words { starts, by_start }
        })
    }

    fn any_in(&self, line: &[u8]) -> bool {
        let mut start = 0;
        for (at, &byte) in line.iter().enumerate() {
            start = start_with(start, byte);
            let listed = self.starts[usize::from(start) / 64] & 1 << (start % 64) != 0;
            if listed && at >= 2 && self.word_at(start, &line[at - 2..]) {
                return true;
            }
        }
        false
    }

    fn word_at(&self, start: u16, line: &[u8]) -> bool {
        let from = self.by_start.partition_point(|(other, _)| *other < start);
        self.by_start[from..]
            .iter()
            .take_while(|(other, _)| *other == start)
            .any(|(_, word)| line.get(..word.len()).is_some_and(|piece| piece.eq_ignore_ascii_case(word)))
    }
}

fn start_with(start: u16, byte: u8) -> u16 {
    (start << 5 | u16::from(byte & 31)) & ((1 << START_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_shows_no_sign_and_output_of_tools_does() {
        for line in [
            "The quick brown fox jumps over the lazy dog, and 3,000 others watch.",
            "It was half past 10:30 when they came home - tired but happy.",
            "\u{41}n ordinary sentence; nothing else",
        ] {
            assert_eq!(sign(line), Sign::None, "{line}");
        }
        for line in [
            "Server:  dc01.contoso.com",
            "Id,TimeCreated,Message",
            "-- ---",
            "ライセンスの状態",
            "a = b",
            "x 10.0.0.4",
        ] {
            assert_ne!(sign(line), Sign::None, "{line}");
        }
        assert_eq!(sign("run SLMGR now"), Sign::Word);
        assert_eq!(sign("kms"), Sign::Word);
    }

    #[test]
    fn a_paste_within_a_long_foreign_text_is_found_with_its_first_line() {
        let filler = "Nothing of note happened on this day either\n".repeat(3 * UNCLAIMED_LINES);
        let paste = "ping kms01\n\nPinging kms01.contoso.com [192.0.2.10] with 32 bytes of data:\n\
                     Reply from 192.0.2.10: bytes=32 time<1ms TTL=128\n\n\
                     Ping statistics for 192.0.2.10:\n    Packets: Sent = 1, Received = 1, Lost = 0 (0% loss),\n";
        let whole = format!("{filler}{paste}{filler}");
        let file = crate::read_bytes("t", whole.as_bytes(), &crate::Limits::default());
        assert_eq!(file.facts.len(), 1, "{:?}", file.notes);
    }
}
