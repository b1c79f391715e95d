//! Objects of the OSLicense module and of the licensing CIM classes.

mod cim;
mod wmic;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[wmic::read_list, wmic::read_table];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[cim::read];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[
    &["LicenseStatus"],
    &["PartialProductKey"],
    &["LicenseStatusReason"],
    &["KeyManagementServiceMachine"],
    &["KeyManagementServiceCurrentCount"],
    &["DiscoveredKeyManagementServiceMachineName"],
    &["ClientMachineID"],
    &["GracePeriodRemaining"],
];

#[cfg(test)]
mod tests;
