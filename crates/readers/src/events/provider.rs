//! Who wrote a record: the licensing service under its several names, or somebody else.

use super::info;

/// Whether a record is the licensing service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// One of the names of the licensing service of Windows or Office.
    Licensing,
    /// Another program; VSS, for one, uses the same event ids.
    Other,
    /// No name, or one that was blanked out or cut off.
    Unknown,
}

/// Provider names and event sources of the licensing services, in lower case.
///
/// Vista and Server 2008 write as "Licensing-SLC", Windows 7 and later as "SPP"; the Key Management Service log
/// has a source of its own, and Office 2010 and 2013 bring their own service to Windows 7.
const NAMES: [&str; 9] = [
    "microsoft-windows-security-spp",
    "security-spp",
    "software protection platform service",
    "office software protection platform service",
    "microsoft-windows-security-licensing-slc",
    "security-licensing-slc",
    "software licensing service",
    "kmsrequests",
    "software protection platform",
];

/// Beginnings of the names of the licensing service's smaller providers (its user interface).
const FAMILIES: [&str; 2] = ["microsoft-windows-security-spp-", "microsoft-windows-security-licensing-"];

/// Provider GUIDs, which some collectors store in place of the name.
const GUIDS: [&str; 2] = ["e23b33b0-c8c9-472c-a5f9-f2bdfea0f156", "1fd7c1d2-d037-4620-8d29-b2c7e5fcc13a"];

/// Shortest beginning of a name that a narrow table column may leave ("Software Protecti...").
const CUT_NAME_MIN: usize = 12;

/// The longest beginning that a licensing provider shares with a stranger: "Microsoft-Windows-Security-".
const SHARED_PREFIX: &str = "microsoft-windows-security-";

/// Judges a provider name, as printed.
pub(super) fn origin(name: &str) -> Origin {
    let name = name.trim().trim_matches(['"', '\'', '{', '}']).to_lowercase();
    if name.is_empty() || crate::text::is_placeholder(&name) {
        return Origin::Unknown;
    }
    if NAMES.contains(&name.as_str()) || GUIDS.contains(&name.as_str()) {
        return Origin::Licensing;
    }
    if FAMILIES.iter().any(|family| name.starts_with(family)) {
        return Origin::Licensing;
    }
    match name.strip_suffix("...").or_else(|| name.strip_suffix('…')) {
        Some(cut) => origin_of_cut(cut.trim_end()),
        None => Origin::Other,
    }
}

fn origin_of_cut(cut: &str) -> Origin {
    if !NAMES.iter().any(|name| name.starts_with(cut)) {
        return Origin::Other;
    }
    if cut.len() < CUT_NAME_MIN || SHARED_PREFIX.starts_with(cut) {
        return Origin::Unknown;
    }
    Origin::Licensing
}

/// True when running text names the licensing service.
pub(super) fn is_named_in(text: &str) -> bool {
    let lower = text.to_lowercase();
    NAMES.iter().take(8).any(|name| lower.contains(name))
}

/// Judges a record without a provider name by its id and its words.
pub(super) fn origin_by_words(id: Option<u32>, text: &str) -> Origin {
    if text.lines().any(|line| info::find(line).is_some()) {
        return Origin::Licensing;
    }
    let lower = text.to_lowercase();
    const STRANGERS: [&str; 9] = [
        "vss",
        "shadow copy",
        "schattenkopie",
        "clichés instantanés",
        "copia de sombra",
        "copia shadow",
        "シャドウ",
        "卷影",
        "msiinstaller",
    ];
    if STRANGERS.iter().any(|word| lower.contains(word)) {
        return Origin::Other;
    }
    const OWN: [&str; 12] = [
        "software protection",
        "softwareprotection",
        "key management service",
        "kms",
        "slui.exe",
        "sppuinotify",
        "sppsvc",
        "55c92734-d682-4d71-983e-d6ec3f16059f",
        "0ff1ce15-a989-479d-af46-f275c6370663",
        "59a52881-a989-479d-af46-f275c6370663",
        "software licensing",
        "_vlmcs",
    ];
    if OWN.iter().any(|word| lower.contains(word)) {
        return Origin::Licensing;
    }
    match id {
        Some(12288..=12294 | 8196 | 8198 | 8200 | 8208 | 8209 | 8229 | 12304..=12312) => Origin::Licensing,
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_generation_and_no_stranger() {
        for name in [
            "Microsoft-Windows-Security-SPP",
            "Security-SPP",
            "Software Protection Platform Service",
            "Office Software Protection Platform Service",
            "Microsoft-Windows-Security-Licensing-SLC",
            "KmsRequests",
            "{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}",
            "Software Protecti...",
        ] {
            assert_eq!(origin(name), Origin::Licensing, "{name}");
        }
        for name in ["VSS", "MsiInstaller", "Microsoft-Windows-Security-Auditing", "ESENT"] {
            assert_eq!(origin(name), Origin::Other, "{name}");
        }
        for name in ["", "<source>", "Microsoft-Windows...", "Micro…"] {
            assert_eq!(origin(name), Origin::Unknown, "{name}");
        }
    }

    #[test]
    fn without_a_name_the_words_decide() {
        assert_eq!(origin_by_words(Some(12289), "Volume Shadow Copy Service error"), Origin::Other);
        assert_eq!(origin_by_words(Some(1003), "Windows installed something"), Origin::Unknown);
        assert_eq!(origin_by_words(Some(8198), "hr=0x8007007B"), Origin::Licensing);
    }
}
