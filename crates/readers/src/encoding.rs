//! From the bytes of a Windows text file to text.

/// A decoded text.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub text: String,
    /// Name of the encoding, as in `UTF-16LE`.
    pub label: String,
}

/// Decodes text; what no encoding explains becomes replacement characters.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if let Some((encoding, skip)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[skip..]);
        return Decoded { text: text.into_owned(), label: encoding.name().to_owned() };
    }
    Decoded { text: String::from_utf8_lossy(bytes).into_owned(), label: "UTF-8".to_owned() }
}
