//! What a file is, by its first bytes: text, an event log, a zip file, or something that is not read.

/// Bytes of a file's head that are looked at.
pub(crate) const HEAD_LENGTH: usize = 4096;

/// The shape of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text in some encoding.
    Text,
    /// A Windows event log.
    EventLog,
    /// A zip file, perhaps an Office document.
    Zip,
    /// Compressed with gzip.
    Gzip,
    /// An archive of tar.
    Tar,
    /// An archive that is not read: its name.
    Archive(&'static str),
    /// Neither text nor a log: its name.
    NotText(&'static str),
}

/// Beginnings of files and what they tell.
const MAGIC: &[(&[u8], Shape)] = &[
    (b"ElfFile\0", Shape::EventLog),
    (b"PK\x03\x04", Shape::Zip),
    (b"PK\x05\x06", Shape::Zip),
    (b"PK\x07\x08PK\x03\x04", Shape::Zip),
    (b"\x1f\x8b", Shape::Gzip),
    (b"MSCF", Shape::Archive("cab")),
    (b"7z\xbc\xaf\x27\x1c", Shape::Archive("7z")),
    (b"Rar!\x1a\x07", Shape::Archive("rar")),
    (b"\xfd7zXZ\0", Shape::Archive("xz")),
    (b"BZh", Shape::Archive("bzip2")),
    (b"\x28\xb5\x2f\xfd", Shape::Archive("zstd")),
    (b"MSWIM\0\0\0", Shape::Archive("wim")),
    (b"\x89PNG\r\n\x1a\n", Shape::NotText("png image")),
    (b"\xff\xd8\xff", Shape::NotText("jpeg image")),
    (b"GIF8", Shape::NotText("gif image")),
    (b"%PDF-", Shape::NotText("pdf document")),
    (b"{\\rtf", Shape::NotText("rtf document")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Shape::NotText("old Office document or saved mail")),
    (b"regf", Shape::NotText("registry hive")),
    (b"MDMP", Shape::NotText("crash dump")),
    (b"PAGEDU", Shape::NotText("crash dump")),
    (b"SQLite format 3\0", Shape::NotText("database")),
    (b"\xd4\xc3\xb2\xa1", Shape::NotText("network capture")),
    (b"\x0a\x0d\x0d\x0a", Shape::NotText("network capture")),
    (b"GMBU", Shape::NotText("network capture")),
    (b"\x7fELF", Shape::NotText("program")),
    (b"\0\0\x01\0", Shape::NotText("icon")),
    (b"ITSF", Shape::NotText("help file")),
];

/// The shape of the file that begins with these bytes.
pub(crate) fn of(head: &[u8]) -> Shape {
    if let Some((_, shape)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return *shape;
    }
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    if at(257, b"ustar") {
        return Shape::Tar;
    }
    if at(4, b"LfLe") {
        return Shape::NotText("event log of Windows XP or Server 2003");
    }
    let dos_program = head.starts_with(b"MZ") && head.iter().take(HEAD_LENGTH).any(|&byte| byte == 0);
    let bitmap = head.starts_with(b"BM") && at(6, &[0, 0, 0, 0]);
    if dos_program {
        Shape::NotText("program")
    } else if bitmap {
        Shape::NotText("bitmap image")
    } else if is_binary(head) {
        Shape::NotText("binary data")
    } else {
        Shape::Text
    }
}

/// True for bytes that are text in no encoding: too many control characters, wherever they stand.
fn is_binary(head: &[u8]) -> bool {
    const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
    if head.is_empty() || UTF_16_MARKS.iter().any(|mark| head.starts_with(mark)) {
        return false;
    }
    let is_control =
        |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x08 | 0x07 | 0x1a | 0x1b);
    let mut zeros = [0usize; 2];
    let mut other = 0;
    for (i, &byte) in head.iter().enumerate() {
        if byte == 0 {
            zeros[i % 2] += 1;
        } else if is_control(byte) {
            other += 1;
        }
    }
    let (less, more) = (zeros[0].min(zeros[1]), zeros[0].max(zeros[1]));
    let utf_16 = more > 0 && less * 4 <= more && more * 64 >= head.len();
    if utf_16 {
        // High bytes of Cyrillic (04), Greek (03), kana (30) and others are control characters here.
        return other * 2 > head.len();
    }
    // Text first and zeros behind it is a log that was allocated ahead, or text with UTF-16 appended.
    let text_first = head.iter().take(256).all(|&byte| byte != 0);
    let zeros = if text_first { 0 } else { less + more };
    // Random bytes hold one control character in ten.
    (zeros + other) * 20 > head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_text_from_junk() {
        let utf_16: Vec<u8> =
            "Имя: Windows\r\nСостояние: да\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for text in [b"License Status: Licensed\r\n".as_slice(), b"", &utf_16, b"PK is not a zip", b"f\x81r"]
        {
            assert_eq!(of(text), Shape::Text);
        }
        let noise: Vec<u8> = (0..2048u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(of(&noise), Shape::NotText("binary data"));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Shape::NotText("png image"));
        assert_eq!(of(b"MZ\x90\0\x03"), Shape::NotText("program"));
        assert_eq!(of(b"MZONE 1\r\n"), Shape::Text);
    }
}
