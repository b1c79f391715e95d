//! Product names as slmgr and ospp print them: `Windows(R), ServerDatacenter edition`.

use crate::builds::BuildRanges;
use crate::releases::ReleaseKind;

/// A product name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductName {
    /// Client, server or Office.
    pub kind: ReleaseKind,
    /// `ServerDatacenter`, `EnterpriseS`, `Office16ProPlusVL`: without the licence's suffix.
    pub edition: String,
    /// `16` in `Office 16, ...`.
    pub office: Option<u32>,
    /// What the family in front of the comma leaves open when no version is known.
    pub possible_builds: BuildRanges,
}

/// Enterprise multi-session is a client, although its edition id starts as a server's.
const CLIENT_WITH_SERVER_NAME: &str = "ServerRdsh";

/// What Office appends to the edition for the sort of licence.
const OFFICE_LICENCE_SUFFIXES: [&str; 3] = ["_KMS_", "_MAK", "-"];

impl ProductName {
    /// Takes `<family>, <edition> edition` apart; the last word may be absent.
    pub fn parse(text: &str) -> Option<ProductName> {
        let (family, rest) = text.split_once(',')?;
        let family = family.trim();
        let edition = rest.split_whitespace().next()?;
        if !edition.is_ascii() || !edition.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        if let Some(number) = office_number(family) {
            let edition = without_licence_suffix(edition).to_string();
            let possible_builds = BuildRanges::default();
            return Some(ProductName {
                kind: ReleaseKind::Office,
                edition,
                office: Some(number),
                possible_builds,
            });
        }
        if !family.to_ascii_lowercase().starts_with("windows") {
            return None;
        }
        let server = edition.starts_with("Server") && !edition.starts_with(CLIENT_WITH_SERVER_NAME);
        let kind = if server { ReleaseKind::Server } else { ReleaseKind::Client };
        let possible_builds = BuildRanges::parse(builds_of_family(family)).unwrap_or_default();
        Some(ProductName { kind, edition: edition.to_string(), office: None, possible_builds })
    }
}

fn office_number(family: &str) -> Option<u32> {
    let mut words = family.split_whitespace();
    words.next().filter(|word| word.eq_ignore_ascii_case("office"))?;
    words.next()?.parse().ok()
}

fn without_licence_suffix(edition: &str) -> &str {
    let end = OFFICE_LICENCE_SUFFIXES.iter().filter_map(|suffix| edition.find(suffix)).min();
    &edition[..end.unwrap_or(edition.len())]
}

/// Up to Windows 7 the family carries the generation; since Windows 8 it is `Windows(R)` for all.
fn builds_of_family(family: &str) -> &'static str {
    let plain = family.replace("(R)", "").replace("(TM)", "").replace('®', "").to_ascii_lowercase();
    let words: Vec<&str> = plain.split_whitespace().collect();
    match words.as_slice() {
        [_, "vista"] | [_, _, "vista"] => "6000-6003",
        [_, "7"] => "7600-7601",
        [.., "2008", "r2"] => "7600-7601",
        [.., "2008"] => "6001-6003",
        [_, "server"] => "6001-6003; 7600-7601",
        ["windows"] => "9200-",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_of_all_generations_apart() {
        let parts = |text| ProductName::parse(text).map(|n| (n.kind, n.edition));
        let some = |kind, edition: &str| Some((kind, edition.to_string()));
        assert_eq!(
            parts("Windows(R), ServerDatacenter edition"),
            some(ReleaseKind::Server, "ServerDatacenter")
        );
        assert_eq!(parts("Windows(R) 7, Enterprise edition"), some(ReleaseKind::Client, "Enterprise"));
        assert_eq!(parts("Windows(R), ServerRdsh edition"), some(ReleaseKind::Client, "ServerRdsh"));
        assert_eq!(
            parts("Office 19, Office19ProPlus2019VL_KMS_Client_AE edition"),
            some(ReleaseKind::Office, "Office19ProPlus2019VL")
        );
        assert_eq!(
            parts("Office 16, Office16ProPlusVL_MAK edition"),
            some(ReleaseKind::Office, "Office16ProPlusVL")
        );
        assert_eq!(parts("Contoso Studio, Standard edition"), None);
        assert_eq!(parts("Windows"), None);
        assert_eq!(parts("Windows, "), None);
    }

    #[test]
    fn the_family_narrows_the_build() {
        let builds = |text| ProductName::parse(text).unwrap().possible_builds;
        assert!(builds("Windows(R) 7, Professional edition").contains(7601));
        assert!(!builds("Windows(R), Professional edition").contains(7601));
        let server = builds("Windows Server(R), ServerStandard edition");
        assert!(server.contains(6002) && server.contains(7601) && !server.contains(9200));
    }
}
