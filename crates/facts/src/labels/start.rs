//! The first characters of a text, in the form in which texts are looked up.

use super::plain;

/// Characters that are compared.
const CHARS: usize = 4;

/// How a text begins: enough to say of most lines, without a copy, that no text is equal to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Start([char; CHARS]);

impl Start {
    /// The start of a text. Texts with equal keys have equal starts.
    pub(super) fn of(text: &str) -> Start {
        let mut start = ['\0'; CHARS];
        let mut filled = 0;
        for c in text.trim().chars() {
            let c = plain(c);
            // Spaces are counted once, and these signs fall away at the end of a key: what follows is not compared.
            if matches!(c, ' ' | '.' | '。' | ':' | '!') {
                break;
            }
            if c.is_ascii() || super::has_no_case(c) {
                if filled == CHARS {
                    return Start(start);
                }
                start[filled] = c.to_ascii_lowercase();
                filled += 1;
                continue;
            }
            for lower in c.to_lowercase() {
                if filled == CHARS {
                    return Start(start);
                }
                start[filled] = lower;
                filled += 1;
            }
        }
        Start(start)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key;
    use super::*;

    #[test]
    fn equal_keys_have_equal_starts() {
        for (left, right) in [
            ("DNS publishing disabled", " dns  publishing disabled."),
            ("Name: ", "name"),
            ("名前：", "名前:"),
            ("a b c", "A\u{a0}b\tc !"),
            ("ﬁx", "ﬁX"),
        ] {
            assert_eq!(key(left), key(right));
            assert_eq!(Start::of(left), Start::of(right), "{left}");
        }
        assert_ne!(Start::of("Name"), Start::of("Nam"));
    }
}
