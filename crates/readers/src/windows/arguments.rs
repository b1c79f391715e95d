//! The words of a command line, quotes honoured.

/// Splits at white space outside double and single quotes; the quotes are taken off.
pub(super) fn words(line: &str) -> Vec<String> {
    const WORDS_MAX: usize = 64;
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            Some(_) => word.push(c),
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => {
                if !word.is_empty() && words.len() < WORDS_MAX {
                    words.push(std::mem::take(&mut word));
                }
            }
            None => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The word behind one of these options, letter case aside.
pub(super) fn option(words: &[String], names: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)))?;
    words.get(at + 1).cloned()
}
