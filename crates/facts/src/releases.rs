//! Releases of Windows and Office, recognised from a product's name and the version of its licensing service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::builds::{BuildRanges, WindowsBuild};
use crate::product_name::ProductName;
use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// What a release is, which decides its minimum count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseKind {
    /// Windows for a workstation.
    Client,
    /// Windows Server.
    Server,
    /// Office, Project and Visio.
    Office,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// `windows-server-2022`
    pub id: String,
    /// `Windows Server 2022`
    pub name: String,
    /// Client, server or Office.
    pub kind: ReleaseKind,
    /// Its builds.
    #[serde(default)]
    pub builds: BuildRanges,
    /// Editions by which it differs from another release of the same build; empty: all others.
    #[serde(default)]
    pub editions: Vec<String>,
    /// `16` in `Office 16, ...`.
    #[serde(default)]
    pub office: Option<u32>,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    release: Vec<Spanned<Release>>,
}

/// All releases by id.
#[derive(Debug, Clone)]
pub struct Releases(BTreeMap<String, Release>);

impl Releases {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<Releases, TableError> {
        let document: Document = table.parse()?;
        table.keyed(document.release, sources, |row| row.id.clone(), |row| &row.source).map(Releases)
    }

    /// The release with an id.
    pub fn find(&self, id: &str) -> Option<&Release> {
        self.0.get(id)
    }

    /// All releases in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Release> {
        self.0.values()
    }

    /// The release of a product, from its name and the version of the licensing service on its machine.
    ///
    /// `None` when the name is not understood, or when the version is needed to decide and is not known.
    pub fn of_product(&self, name: &str, service_version: Option<&str>) -> Option<&Release> {
        let name = ProductName::parse(name)?;
        let build = service_version.and_then(WindowsBuild::parse).map(|b| b.build);
        let mut fitting: Vec<&Release> = self.iter().filter(|release| release.fits(&name, build)).collect();
        let of_edition = fitting.iter().any(|release| release.names_edition(&name.edition));
        fitting.retain(|r| if of_edition { r.names_edition(&name.edition) } else { r.editions.is_empty() });
        match fitting.as_slice() {
            [release] => Some(release),
            _ => None,
        }
    }

    /// The Windows release of a build; servers and clients share builds.
    pub fn of_build(&self, kind: ReleaseKind, build: u32) -> Option<&Release> {
        self.iter().find(|r| r.kind == kind && r.editions.is_empty() && r.builds.contains(build))
    }
}

impl Release {
    fn fits(&self, name: &ProductName, build: Option<u32>) -> bool {
        if name.kind != self.kind {
            return false;
        }
        if self.kind == ReleaseKind::Office {
            return self.office == name.office;
        }
        match build {
            Some(build) => self.builds.contains(build),
            None => self.builds.overlaps(&name.possible_builds),
        }
    }

    fn names_edition(&self, edition: &str) -> bool {
        self.editions.iter().any(|e| e.eq_ignore_ascii_case(edition))
    }
}

/// The release with an id.
pub fn find(id: &str) -> Option<&'static Release> {
    tables().releases.find(id)
}

/// The release of a product; see [`Releases::of_product`].
pub fn of_product(name: &str, service_version: Option<&str>) -> Option<&'static Release> {
    tables().releases.of_product(name, service_version)
}

/// The Windows release of a build; see [`Releases::of_build`].
pub fn of_build(kind: ReleaseKind, build: u32) -> Option<&'static Release> {
    tables().releases.of_build(kind, build)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str, version: &str) -> Option<&'static str> {
        of_product(name, Some(version).filter(|v| !v.is_empty())).map(|r| r.id.as_str())
    }

    #[test]
    fn name_and_version_make_a_release() {
        assert_eq!(
            id("Windows(R), ServerDatacenter edition", "10.0.20348.2322"),
            Some("windows-server-2022")
        );
        assert_eq!(id("Windows(R), Professional edition", "10.0.19041.1"), Some("windows-10"));
        assert_eq!(id("Windows(R), Professional edition", "10.0.26100.1"), Some("windows-11"));
        assert_eq!(id("Windows(R), EnterpriseS edition", "10.0.26100.1"), Some("windows-11-ltsc-2024"));
        assert_eq!(id("Windows(R), EnterpriseS edition", "10.0.17763.1"), Some("windows-10-ltsc-2019"));
        assert_eq!(id("Windows(R), ServerStandardACor edition", "10.0.17763.1"), Some("windows-server-sac"));
        assert_eq!(id("Windows(R) 7, Professional edition", ""), Some("windows-7"));
        assert_eq!(id("Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", ""), Some("office-2021"));
    }

    #[test]
    fn what_is_not_decided_is_not_guessed() {
        assert_eq!(id("Windows(R), Professional edition", ""), None);
        assert_eq!(id("Windows Server(R), ServerStandard edition", ""), None);
        assert_eq!(id("Windows(R), ServerStandard edition", "10.0.15063.1"), None);
        assert_eq!(id("Office 97, Whatever edition", ""), None);
    }
}
