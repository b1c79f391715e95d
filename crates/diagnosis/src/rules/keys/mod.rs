//! 6xx: keys and editions.

pub mod edition_not_volume;
pub mod evaluation_edition;
pub mod oem_bios_slic;
pub mod wrong_edition_key;
pub mod wrong_key_channel;
