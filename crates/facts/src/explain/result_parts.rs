//! The parts of a result code that no table knows.

use model::HexCode;
use serde::Serialize;

/// A result code taken apart, with the commands that show Windows' own text for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResultParts {
    /// The code.
    pub code: HexCode,
    /// True for a failure.
    pub failure: bool,
    /// Who defined the code, where the number is well known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<&'static str>,
    /// The Win32 code that it wraps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub win32_code: Option<u32>,
    /// Commands that show the text.
    pub look_up: Vec<String>,
}

/// Facility of wrapped Win32 codes.
const WIN32: u32 = 7;

impl ResultParts {
    /// Takes a code apart.
    pub fn of(code: HexCode) -> ResultParts {
        let facility = (code.value() >> 16) & 0x7FF;
        let is_hresult = code.value() >> 28 == 0x8;
        let win32_code = (is_hresult && facility == WIN32).then_some(code.value() & 0xFFFF);
        let mut look_up = vec![format!("slui.exe 0x2a {code}"), format!("cscript ospp.vbs /ddescr:{code}")];
        look_up.extend(win32_code.map(|code| format!("net helpmsg {code}")));
        ResultParts {
            code,
            failure: code.is_failure(),
            facility: facility_name(code.value()),
            win32_code,
            look_up,
        }
    }
}

fn facility_name(code: u32) -> Option<&'static str> {
    match code >> 16 {
        0x8007 => Some("Win32"),
        0x8009 => Some("security (certificates)"),
        0x8019 => Some("HTTP"),
        0x8024 => Some("Windows Update"),
        0xC002 => Some("RPC (NTSTATUS)"),
        0xC004 | 0x4004 => Some("software licensing"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_win32_code_is_taken_out() {
        let parts = ResultParts::of(HexCode::new(0x8007_054B));
        assert_eq!((parts.facility, parts.win32_code, parts.failure), (Some("Win32"), Some(1355), true));
        let parts = ResultParts::of(HexCode::new(0xC004_F999));
        assert_eq!((parts.facility, parts.win32_code), (Some("software licensing"), None));
        assert_eq!(parts.look_up[0], "slui.exe 0x2a 0xC004F999");
    }
}
