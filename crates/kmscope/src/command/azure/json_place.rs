//! The line on which a JSON pointer leads: people and code scanning go by lines.

/// The line, counted from 1, where the value of a pointer begins. Nothing if the document does not hold it.
pub(super) fn line_of(text: &str, pointer: &str) -> Option<u32> {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    for step in &steps {
        scan.enter(step)?;
    }
    let before = &text.as_bytes()[..scan.at];
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).ok().map(|lines| lines + 1)
}

/// A place in a document, at the beginning of a value.
struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_whitespace() || byte == 0xEF || byte == 0xBB || byte == 0xBF)
        {
            self.at += 1;
        }
    }

    /// Goes to an element of the array, or to a field's value of the object, that begins here.
    fn enter(&mut self, step: &str) -> Option<()> {
        let is_array = match self.peek()? {
            b'[' => true,
            b'{' => false,
            _ => return None,
        };
        self.at += 1;
        let mut index = 0usize;
        loop {
            self.space();
            if is_array {
                if matches!(self.peek()?, b']') {
                    return None;
                }
                if step.parse() == Ok(index) {
                    return Some(());
                }
            } else {
                if self.peek()? != b'"' {
                    return None;
                }
                let start = self.at;
                self.skip()?;
                let key: String = serde_json::from_slice(self.bytes.get(start..self.at)?).ok()?;
                self.space();
                if self.peek()? != b':' {
                    return None;
                }
                self.at += 1;
                self.space();
                if key == step {
                    return Some(());
                }
            }
            self.skip()?;
            self.space();
            if self.peek()? != b',' {
                return None;
            }
            self.at += 1;
            index += 1;
        }
    }

    /// Goes behind the value that begins here, however deep it is.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if depth == 0 => return Some(()),
                b',' | b':' => self.at += 1,
                byte if byte.is_ascii_whitespace() => {
                    self.at += 1;
                }
                // A number or a word.
                _ => {
                    while self.peek().is_some_and(|byte| !b",:]} \t\r\n".contains(&byte)) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\n  \"a/b\": [1, \"x]\\\"\",\n    {\n \"c\": null,\n \"d~e\":\n {}}\n  ],\n  \"z\": true\n}\n";

    #[test]
    fn a_pointer_leads_to_its_line() {
        let of = |pointer: &str| line_of(TEXT, pointer);
        assert_eq!([of(""), of("/a~1b"), of("/a~1b/1"), of("/a~1b/2")], [Some(1), Some(2), Some(2), Some(3)]);
        assert_eq!([of("/a~1b/2/c"), of("/a~1b/2/d~0e"), of("/z")], [Some(4), Some(6), Some(8)]);
        assert_eq!([of("/none"), of("/a~1b/9"), of("/z/0"), of("/a~1b/2/c/x")], [None; 4]);
    }

    #[test]
    fn broken_documents_end() {
        for length in 0..TEXT.len() {
            if TEXT.is_char_boundary(length) {
                line_of(&TEXT[..length], "/a~1b/2/d~0e");
                line_of(&TEXT[length..], "/z");
            }
        }
        let deep = "[".repeat(100_000);
        assert_eq!(line_of(&deep, "/1"), None);
    }
}
