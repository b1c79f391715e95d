//! Registry exports (`.reg`), version 5 and REGEDIT4, whole or pasted in part.

use model::Place;
use model::windows::RegistryValue;

use super::registry_keys::{self, Skipped, is_kept};
use crate::out::Out;
use crate::text::Text;

/// Bytes of one value that are decoded.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// Reads from the export's header, or from a `[HKEY_...]` line, as far as the export goes.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let first = text.at(at);
    let header = first.starts_with("Windows Registry Editor Version") || first == "REGEDIT4";
    if !header && !first.starts_with("[HKEY_") && !first.starts_with("[-HKEY_") {
        return None;
    }
    let Place::Line(first_line) = text.place(at) else { return None };
    let original = text.original_from(at);
    let mut export = Export { key: None, ansi: first == "REGEDIT4", skipped: Skipped::default() };
    let mut bytes = 0;
    let mut number = first_line;
    let mut lines = original.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        // Continued lines end in a backslash; only hex data is continued.
        let mut whole = line.trim().to_owned();
        let (mut length, mut count) = (line.len(), 1);
        while whole.ends_with('\\') && whole.contains("hex") {
            let Some(more) = lines.next() else { break };
            whole.pop();
            if whole.len() < VALUE_BYTES_MAX * 4 {
                whole.push_str(more.trim());
            } else {
                whole.push(if more.trim_end().ends_with('\\') { '\\' } else { ' ' });
            }
            length += more.len();
            count += 1;
        }
        let is_header = bytes == 0 && header;
        if !is_header && !export.read_line(&whole, Place::Line(number), out) {
            break;
        }
        bytes += length;
        number = number.saturating_add(count);
    }
    if bytes == 0 {
        return None;
    }
    export.skipped.tell(out);
    Some(text.line_after(at, bytes.max(1)))
}

struct Export {
    key: Option<String>,
    ansi: bool,
    skipped: Skipped,
}

impl Export {
    /// Reads a line with its continuations. False if it is not one of an export.
    fn read_line(&mut self, line: &str, place: Place, out: &mut Out) -> bool {
        if line.is_empty() || line.starts_with(';') || line == "\u{feff}" {
            return true;
        }
        if let Some(key) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let deleted = key.strip_prefix('-');
            self.key = Some(deleted.unwrap_or(key).to_owned());
            if deleted.is_some_and(is_kept) {
                let value =
                    RegistryValue { key: self.key.clone(), missing: true, ..RegistryValue::default() };
                registry_keys::push(out, value, place, line);
            }
            return key.starts_with("HKEY_") || deleted.is_some();
        }
        let Some((name, data)) = name_and_data(line) else { return false };
        let Some(key) = self.key.clone() else { return false };
        if !is_kept(&key) {
            self.skipped.add(&key, place);
            return true;
        }
        let value = RegistryValue { key: Some(key), name: Some(name), ..RegistryValue::default() };
        registry_keys::push(out, self.with_data(value, data), place, line);
        true
    }

    fn with_data(&self, value: RegistryValue, data: &str) -> RegistryValue {
        if data == "-" {
            return RegistryValue { missing: true, ..value };
        }
        let (kind, text) = if let Some(text) = data.strip_prefix('"') {
            ("REG_SZ", unescaped(text.strip_suffix('"').unwrap_or(text)))
        } else if let Some(digits) = data.strip_prefix("dword:") {
            let number = u32::from_str_radix(digits.trim(), 16).map(|n| n.to_string());
            ("REG_DWORD", number.unwrap_or_else(|_| digits.to_owned()))
        } else {
            self.hex(data)
        };
        RegistryValue { r#type: Some(kind.to_owned()), data: Some(text), ..value }
    }

    /// `hex:01,02`, `hex(7):61,00,...`
    fn hex(&self, data: &str) -> (&'static str, String) {
        let (head, list) = data.split_once(':').unwrap_or(("", data));
        let number = head.trim_start_matches("hex").trim_matches(['(', ')']);
        let bytes: Vec<u8> = list
            .split(',')
            .filter_map(|byte| u8::from_str_radix(byte.trim().trim_end_matches('\\'), 16).ok())
            .take(VALUE_BYTES_MAX)
            .collect();
        let little = |bytes: &[u8]| bytes.iter().take(8).rev().fold(0u64, |sum, b| sum << 8 | u64::from(*b));
        match number {
            "1" => ("REG_SZ", self.text(&bytes).trim_end_matches('\0').to_owned()),
            "2" => ("REG_EXPAND_SZ", self.text(&bytes).trim_end_matches('\0').to_owned()),
            "7" => {
                let text = self.text(&bytes);
                let lines: Vec<&str> = text.split('\0').filter(|line| !line.is_empty()).collect();
                ("REG_MULTI_SZ", lines.join("\n"))
            }
            "4" => ("REG_DWORD", little(&bytes).to_string()),
            "b" => ("REG_QWORD", little(&bytes).to_string()),
            "0" => ("REG_NONE", hex_digits(&bytes)),
            _ => ("REG_BINARY", hex_digits(&bytes)),
        }
    }

    /// Version 5 writes UTF-16, REGEDIT4 the code page of the machine.
    fn text(&self, bytes: &[u8]) -> String {
        if self.ansi {
            return bytes.iter().map(|&byte| char::from(byte)).collect();
        }
        let units: Vec<u16> =
            bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    }
}

fn hex_digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// `"name"=data` or `@=data`; the name may hold escaped quotes.
fn name_and_data(line: &str) -> Option<(String, &str)> {
    if let Some(data) = line.strip_prefix("@=") {
        return Some(("(Default)".to_owned(), data));
    }
    let rest = line.strip_prefix('"')?;
    let mut escaped = false;
    let end = rest.char_indices().find_map(|(index, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(index)
    })?;
    let data = rest[end + 1..].trim_start().strip_prefix('=')?;
    Some((unescaped(&rest[..end]), data.trim_start()))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}
