//! Evidence as the bytes that a machine would have written.

/// The bytes of a text in the encoding and with the line ends that the words ask for.
pub(crate) fn materialise(content: &str, how: &str) -> Result<Vec<u8>, String> {
    let mut encoding = "utf-8";
    let mut text = content.to_owned();
    for word in how.split_whitespace() {
        match word {
            "crlf" => text = text.replace("\r\n", "\n").replace('\n', "\r\n"),
            "lf" => text = text.replace("\r\n", "\n"),
            other => encoding = other,
        }
    }
    let (encoding, mark) = match encoding.strip_suffix("-bom") {
        Some(encoding) => (encoding, true),
        None => (encoding, false),
    };
    if mark {
        text.insert(0, '\u{feff}');
    }
    readers::encode(&text, encoding).ok_or_else(|| match readers::encode("", encoding) {
        Some(_) => format!("characters that {encoding} does not have"),
        None => format!("unknown encoding {encoding}"),
    })
}
