//! Client setup keys (GVLKs): by their last five characters, by product, and by words that people type.

mod search;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use search::{KeySearch, find};

use crate::builds::{BuildRanges, WindowsBuild};
use crate::product_name::ProductName;
use crate::releases::ReleaseKind;
use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One setup key as Microsoft publishes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SetupKey {
    /// `Windows Server`, `Windows`, `Windows IoT` or `Office`.
    pub family: String,
    /// As the page groups it: `LTSC 2022`, `11 and 10 (annual / semi-annual)`, `2016`.
    pub generation: String,
    /// Edition as the page names it.
    pub edition: String,
    /// Client, server or Office.
    pub kind: ReleaseKind,
    /// The key.
    pub key: String,
    /// Its last five characters, which slmgr prints.
    pub last_five: String,
    /// What Windows or Office calls the edition.
    #[serde(deserialize_with = "separated")]
    pub edition_ids: Vec<String>,
    /// Builds on which that edition takes this key.
    #[serde(skip_serializing)]
    pub builds: BuildRanges,
    /// Page that publishes the key.
    pub source: String,
    /// Date of that page.
    pub date: String,
}

fn separated<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_string).collect())
}

impl SetupKey {
    /// Family and edition in one line, as in `Windows 11 and 10 (annual / semi-annual) Pro`.
    pub fn full_name(&self) -> String {
        match self.kind {
            ReleaseKind::Client => format!("{} {}, {}", self.family, self.generation, self.edition),
            ReleaseKind::Server if self.generation.starts_with("SAC") => {
                format!("{} ({})", self.edition, self.generation)
            }
            ReleaseKind::Server | ReleaseKind::Office => self.edition.clone(),
        }
    }

    fn is_for(&self, name: &ProductName, build: Option<u32>) -> bool {
        let edition = self.edition_ids.iter().any(|id| id.eq_ignore_ascii_case(&name.edition));
        let fits = self.kind == name.kind && edition;
        match build {
            _ if self.kind == ReleaseKind::Office => fits,
            Some(build) => fits && self.builds.contains(build),
            None => fits && self.builds.overlaps(&name.possible_builds),
        }
    }
}

/// All setup keys, in the order of the table.
#[derive(Debug, Clone)]
pub struct SetupKeys {
    rows: Vec<SetupKey>,
    by_last_five: BTreeMap<String, usize>,
}

impl SetupKeys {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<SetupKeys, TableError> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(table.text.as_bytes());
        let mut rows = Vec::new();
        let mut by_last_five = BTreeMap::new();
        let headers = reader.headers().map_err(|error| csv_error(table, &error))?.clone();
        // Without rows nothing else would look at the columns, and the table would be empty in silence.
        if COLUMNS.iter().any(|column| !headers.iter().any(|header| header == *column)) {
            // The reader counts from the comments above the header.
            let header = table.text.lines().position(|line| !line.is_empty() && !line.starts_with('#'));
            let line = header.map_or(1, |at| at + 1);
            return Err(table.error_at_line(line, format!("expected the columns {}", COLUMNS.join(","))));
        }
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| csv_error(table, &error))? {
            let line = record.position().map_or(1, |position| position.line() as usize);
            let row: SetupKey = record.deserialize(Some(&headers)).map_err(|error| {
                table.error_at_line(line, format!("{error}, expected the columns of the first line"))
            })?;
            check(&row, sources).map_err(|problem| table.error_at_line(line, problem))?;
            if by_last_five.insert(row.last_five.clone(), rows.len()).is_some() {
                return Err(table.error_at_line(line, format!("a second row for {}", row.last_five)));
            }
            rows.push(row);
        }
        Ok(SetupKeys { rows, by_last_five })
    }

    /// All rows in the order of the table: newest first within a family.
    pub fn iter(&self) -> impl Iterator<Item = &SetupKey> {
        self.rows.iter()
    }

    /// The key that ends so; letter case does not matter.
    pub fn by_last_five(&self, last_five: &str) -> Option<&SetupKey> {
        self.by_last_five.get(&last_five.trim().to_ascii_uppercase()).map(|&at| &self.rows[at])
    }

    /// The keys of a product: one when name and version decide, several when they leave it open, none when the
    /// edition has no setup key (Home, evaluation, retail-only).
    pub fn for_product(&self, name: &str, service_version: Option<&str>) -> Vec<&SetupKey> {
        let Some(name) = ProductName::parse(name) else { return Vec::new() };
        let build = service_version.and_then(WindowsBuild::parse).map(|b| b.build);
        self.rows.iter().filter(|row| row.is_for(&name, build)).collect()
    }
}

fn csv_error(table: TableText<'_>, error: &csv::Error) -> TableError {
    let line = error.position().map_or(1, |position| position.line() as usize);
    table.error_at_line(line, error.to_string())
}

fn check(row: &SetupKey, sources: &Sources) -> Result<(), String> {
    if !is_whole_key(&row.key) {
        return Err(format!("key {:?}, expected five groups of five characters", row.key));
    }
    if !row.key.ends_with(&row.last_five) || row.last_five.len() != GROUP {
        return Err(format!(
            "last_five {:?}, expected the last five characters of {}",
            row.last_five, row.key
        ));
    }
    sources.check(std::slice::from_ref(&row.source))
}

/// The columns of the table, in any order.
const COLUMNS: [&str; 10] = [
    "family",
    "generation",
    "edition",
    "kind",
    "key",
    "last_five",
    "edition_ids",
    "builds",
    "source",
    "date",
];

/// Characters in each group of a key.
const GROUP: usize = 5;

/// Characters that occur in product keys.
const KEY_CHARACTERS: &[u8] = b"BCDFGHJKMNPQRTVWXY2346789";

/// True for five groups of five key characters.
pub(crate) fn is_whole_key(text: &str) -> bool {
    text.split('-').count() == 5 && text.split('-').all(is_key_group)
}

/// True for five characters that can end a key.
pub(crate) fn is_key_group(text: &str) -> bool {
    text.len() == GROUP && text.bytes().all(|byte| KEY_CHARACTERS.contains(&byte.to_ascii_uppercase()))
}

/// The published key that ends so.
pub fn by_last_five(last_five: &str) -> Option<&'static SetupKey> {
    tables().setup_keys.by_last_five(last_five)
}

/// True when a published setup key ends so: the machine has a GVLK, whatever else it says.
pub fn is_known_last_five(last_five: &str) -> bool {
    by_last_five(last_five).is_some()
}

/// The keys of a product; see [`SetupKeys::for_product`].
pub fn for_product(name: &str, service_version: Option<&str>) -> Vec<&'static SetupKey> {
    tables().setup_keys.for_product(name, service_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, version: &str) -> Vec<&'static str> {
        let version = Some(version).filter(|v| !v.is_empty());
        for_product(name, version).iter().map(|k| k.last_five.as_str()).collect()
    }

    #[test]
    fn the_last_five_characters_name_a_key() {
        assert_eq!(by_last_five("t83gx").unwrap().edition, "Pro");
        assert_eq!(by_last_five(" YP6DF ").unwrap().edition, "Windows Server 2025 Datacenter");
        assert!(by_last_five("3V66Q").is_none());
        assert!(by_last_five("").is_none());
    }

    #[test]
    fn name_and_version_choose_the_key() {
        for (name, version, last_five) in [
            ("Windows(R), ServerDatacenter edition", "10.0.20348.2322", "6VM33"),
            ("Windows(R), ServerStandard edition", "10.0.17763.6414", "J464C"),
            ("Windows(R), ServerStandardACor edition", "10.0.17763.1", "724CC"),
            ("Windows(R), ServerTurbine edition", "10.0.26100.1", "8MCRC"),
            ("Windows(R), ServerDatacenterCor edition", "10.0.26100.1742", "YP6DF"),
            ("Windows(R), ServerSolution edition", "6.3.9600.16384", "M4FWM"),
            ("Windows(R), EnterpriseS edition", "10.0.10240.16384", "76DF9"),
            ("Windows(R), EnterpriseS edition", "10.0.14393.0", "QJ4BJ"),
            ("Windows(R), EnterpriseS edition", "10.0.19041.1", "J462D"),
            ("Windows(R), IoTEnterpriseS edition", "10.0.26100.1", "PDQGT"),
            ("Windows(R), Professional edition", "10.0.22621.1", "T83GX"),
            ("Windows(R), Professional edition", "6.3.9600.17400", "9D6T9"),
            ("Windows(R), Enterprise edition", "6.2.9200.16384", "CWCK7"),
            ("Windows(R) 7, Enterprise edition", "6.1.7601.17514", "HVTHH"),
            ("Windows(R) 7, Professional edition", "", "GPDD4"),
            ("Windows Server(R), ServerEnterprise edition", "6.1.7600.16385", "CPX3Y"),
            ("Windows Server(R) 2008, ServerEnterprise edition", "6.0.6002.18005", "X4Q6V"),
            ("Windows(TM) Vista, Business edition", "6.0.6002.18005", "2V3X8"),
            ("Office 16, Office16ProPlusVL_KMS_Client edition", "10.0.19041.1", "WFG99"),
            ("Office 16, Office16StandardVL_MAK edition", "", "DRTFM"),
            ("Office 19, Office19ProPlus2019VL_KMS_Client_AE edition", "", "6MWKP"),
            ("Office 24, Office24VisioPro2024VL_KMS_Client_AE edition", "", "YY89G"),
        ] {
            assert_eq!(key(name, version), [last_five], "{name} {version}");
        }
    }

    #[test]
    fn without_a_version_several_keys_stay_open() {
        let open = key("Windows(R), ServerDatacenter edition", "");
        assert!(open.contains(&"6VM33") && open.contains(&"63DFG") && !open.contains(&"7M648"), "{open:?}");
        assert_eq!(key("Windows Server(R), ServerStandard edition", "").len(), 2);
    }

    #[test]
    fn editions_without_a_setup_key_get_none() {
        for name in [
            "Windows(R), Core edition",
            "Windows(R), ServerStandardEval edition",
            "Windows(R), EnterpriseEval edition",
            "Windows(R), ServerRdsh edition",
            "Office 16, Office16ProPlusR_Retail edition",
            "Office 16, Office16ProjectProXC2RVL_KMS_ClientC2R edition",
            "not a product",
        ] {
            assert_eq!(key(name, "10.0.19041.1"), [""; 0], "{name}");
        }
        assert_eq!(key("Windows(R), ServerStandard edition", "10.0.15063.0"), [""; 0]);
    }

    #[test]
    fn the_table_is_whole_and_without_two_keys_for_one_product() {
        let keys: Vec<&SetupKey> = tables().setup_keys.iter().collect();
        assert_eq!(keys.len(), 130);
        for (at, row) in keys.iter().enumerate() {
            assert!(!row.edition_ids.is_empty(), "{}", row.key);
            assert_eq!(row.builds.is_empty(), row.kind == ReleaseKind::Office, "{}", row.key);
            for other in &keys[at + 1..] {
                let same_edition = row.edition_ids.iter().any(|id| other.edition_ids.contains(id));
                let same_product = same_edition && row.kind == other.kind;
                assert!(!same_product || !row.builds.overlaps(&other.builds), "{} {}", row.key, other.key);
                assert!(row.key != other.key);
            }
        }
    }
}
