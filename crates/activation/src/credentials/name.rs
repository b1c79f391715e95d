//! Names of publishers, licences, products and applications.

/// Most characters of a name.
pub const NAME_MAX: usize = 64;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or spaces at an end.
    #[error("a name is not empty, and has no spaces before or behind it")]
    Blank,
    /// Too long.
    #[error("a name has at most {NAME_MAX} characters")]
    Long,
    /// Something that no screen shows, or that turns the direction of reading.
    #[error("a name has no control characters")]
    Control,
}

/// A name has 1 to 64 characters, no spaces at its ends, no control characters and nothing else that lets it look
/// like another text.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() || name.trim() != name {
        return Err(NameError::Blank);
    }
    if name.chars().nth(NAME_MAX).is_some() {
        return Err(NameError::Long);
    }
    if name.chars().any(disturbs) {
        return Err(NameError::Control);
    }
    Ok(())
}

/// Control characters, ends of lines and paragraphs, marks of direction, and what has no width.
fn disturbs(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_is_none() {
        for good in ["Contoso", "Contoso, Ltd.", "契約", "a b", &"é".repeat(64)] {
            assert_eq!(check_name(good), Ok(()), "{good:?}");
        }
        for (bad, why) in [
            ("", NameError::Blank),
            (" a", NameError::Blank),
            ("a\u{a0}", NameError::Blank),
            ("a\tb", NameError::Control),
            ("a\u{202e}b", NameError::Control),
            ("a\u{85}b", NameError::Control),
            (&"é".repeat(65), NameError::Long),
        ] {
            assert_eq!(check_name(bad), Err(why), "{bad:?}");
        }
    }
}
