//! KMS host key groups: which host activates which product, and what it needs for that.

use std::collections::BTreeMap;

use model::Guid;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::builds::WindowsBuild;
use crate::releases::{ReleaseKind, Releases};
use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::{Tables, tables};

/// One group of host keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HostKey {
    /// `windows-server-2022`
    pub id: String,
    /// Name of the group.
    pub name: String,
    /// `server`, `client-only` or `office`.
    pub kind: String,
    /// Words of the Description line, such as `VOLUME_KMS_WS22`.
    pub channels: Vec<String>,
    /// `16` in `Office 16, VOLUME_KMS channel`.
    #[serde(default)]
    pub office: Option<u32>,
    /// How sure the channel is: `printed`, `seen` or `inferred`.
    pub channel_confidence: String,
    /// Activation id of the host product.
    #[serde(default)]
    pub activation_id: Option<Guid>,
    /// Releases on which it can be installed; empty when not known.
    pub hosted_on: Vec<String>,
    /// Releases that it activates.
    pub activates: Vec<String>,
    /// Releases for which the table cannot decide.
    #[serde(default)]
    pub partly: Vec<String>,
    /// Releases that it does not activate.
    #[serde(default)]
    pub excludes: Vec<String>,
    /// What is easily overlooked.
    #[serde(default)]
    pub note: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// An update that a host needs before it activates newer releases.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HostUpdate {
    /// Release of the host.
    pub host: String,
    /// Releases that need the update.
    pub to_activate: Vec<String>,
    /// Number of the update.
    pub kb: u32,
    /// When it came out; empty when not known.
    #[serde(default)]
    pub issued: String,
    /// True when any later cumulative update does as well.
    #[serde(default)]
    pub or_later: bool,
    /// Revision of the build that the update brings.
    #[serde(default)]
    pub revision: Option<u32>,
    /// What is easily overlooked.
    #[serde(default)]
    pub note: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

impl HostUpdate {
    /// `KB5003646 (2021-06-08) or later`
    pub fn describe(&self) -> String {
        let issued = if self.issued.is_empty() { String::new() } else { format!(" ({})", self.issued) };
        let later = if self.or_later { " or later" } else { "" };
        format!("KB{}{issued}{later}", self.kb)
    }
}

/// Whether a host activates a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers<'a> {
    /// It does.
    Yes,
    /// Its key does not cover the product.
    No,
    /// Its key covers the product once this update is installed; whether it is, the build does not tell.
    ///
    /// A weak sign: a key of the product's own group could not have been installed without the update.
    NeedsUpdate(&'a HostUpdate),
    /// The tables do not say.
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    host_key: Vec<Spanned<HostKey>>,
    #[serde(default)]
    update: Vec<Spanned<HostUpdate>>,
}

/// All groups and updates.
#[derive(Debug, Clone)]
pub struct HostKeys {
    groups: BTreeMap<String, HostKey>,
    updates: Vec<HostUpdate>,
}

impl HostKeys {
    pub(crate) fn read(
        table: TableText<'_>,
        sources: &Sources,
        releases: &Releases,
    ) -> Result<HostKeys, TableError> {
        let document: Document = table.parse()?;
        for row in &document.host_key {
            let group = row.get_ref();
            let named =
                [&group.hosted_on, &group.activates, &group.partly, &group.excludes].into_iter().flatten();
            check_releases(named, releases).map_err(|problem| table.error(row.span().start, problem))?;
        }
        let groups = table.keyed(document.host_key, sources, |row| row.id.clone(), |row| &row.source)?;
        let mut updates = Vec::new();
        for row in document.update {
            let start = row.span().start;
            let update = row.into_inner();
            let named = update.to_activate.iter().chain([&update.host]);
            check_releases(named, releases).map_err(|problem| table.error(start, problem))?;
            sources.check(&update.source).map_err(|problem| table.error(start, problem))?;
            updates.push(update);
        }
        Ok(HostKeys { groups, updates })
    }

    /// The group with an id.
    pub fn find(&self, id: &str) -> Option<&HostKey> {
        self.groups.get(id)
    }

    /// All groups in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &HostKey> {
        self.groups.values()
    }

    /// All updates in the order of the table.
    pub fn updates(&self) -> impl Iterator<Item = &HostUpdate> {
        self.updates.iter()
    }

    /// The group whose Description line says this channel, as in `VOLUME_KMS_WS19` (with or without " channel").
    pub fn by_channel(&self, channel: &str) -> Option<&HostKey> {
        let channel = channel.trim().trim_end_matches("channel").trim_end();
        self.iter().find(|group| group.channels.iter().any(|c| c.eq_ignore_ascii_case(channel)))
    }

    /// The group of an Office host product, from its name or description (`Office 16, ...`).
    pub fn by_office_name(&self, name: &str) -> Option<&HostKey> {
        let mut words = name.split_whitespace();
        words.next().filter(|word| word.eq_ignore_ascii_case("office"))?;
        let number: u32 = words.next()?.trim_end_matches(',').parse().ok()?;
        self.iter().find(|group| group.office == Some(number))
    }

    /// Whether a host with a key of this group activates a release.
    ///
    /// `host` is the Windows build of the host and decides about updates; without it, and with a host that is
    /// a client release, a needed update cannot be seen and the answer is [`Covers::Yes`].
    pub fn covers(
        &self,
        group: &str,
        host: Option<(ReleaseKind, WindowsBuild)>,
        release: &str,
        releases: &Releases,
    ) -> Covers<'_> {
        let Some(group) = self.find(group) else { return Covers::Unknown };
        let named = |list: &[String]| list.iter().any(|id| id == release);
        if named(&group.excludes) {
            return Covers::No;
        }
        if !named(&group.activates) {
            return Covers::Unknown;
        }
        let Some((kind, build)) = host else { return Covers::Yes };
        let Some(host) = releases.of_build(kind, build.build) else { return Covers::Yes };
        match self.missing_update(&host.id, build, release) {
            Some(update) => Covers::NeedsUpdate(update),
            None => Covers::Yes,
        }
    }

    fn missing_update(&self, host: &str, build: WindowsBuild, release: &str) -> Option<&HostUpdate> {
        let needed =
            self.updates.iter().filter(|u| u.host == host && u.to_activate.iter().any(|id| id == release));
        needed.into_iter().find(|update| match (update.revision, build.revision) {
            (Some(brings), Some(has)) => has < brings,
            _ => true,
        })
    }
}

fn check_releases<'a>(named: impl Iterator<Item = &'a String>, releases: &Releases) -> Result<(), String> {
    for id in named {
        if releases.find(id).is_none() {
            return Err(format!("release {id:?} is unknown, expected an id of releases.toml"));
        }
    }
    Ok(())
}

/// The group with a channel; see [`HostKeys::by_channel`].
pub fn by_channel(channel: &str) -> Option<&'static HostKey> {
    tables().host_keys.by_channel(channel)
}

/// The group of an Office host product; see [`HostKeys::by_office_name`].
pub fn by_office_name(name: &str) -> Option<&'static HostKey> {
    tables().host_keys.by_office_name(name)
}

/// Whether a host with a key of this group activates a release; see [`HostKeys::covers`].
pub fn covers(group: &str, host: Option<(ReleaseKind, WindowsBuild)>, release: &str) -> Covers<'static> {
    let tables: &'static Tables = tables();
    tables.host_keys.covers(group, host, release, &tables.releases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(version: &str) -> Option<(ReleaseKind, WindowsBuild)> {
        Some((ReleaseKind::Server, WindowsBuild::parse(version).unwrap()))
    }

    fn kb(covers: Covers<'_>) -> Option<u32> {
        match covers {
            Covers::NeedsUpdate(update) => Some(update.kb),
            _ => None,
        }
    }

    #[test]
    fn a_channel_names_its_group() {
        assert_eq!(by_channel("VOLUME_KMS_WS19").unwrap().id, "windows-server-2019");
        assert_eq!(by_channel("volume_kms_ws22 channel").unwrap().id, "windows-server-2022");
        assert!(by_channel("VOLUME_KMSCLIENT").is_none());
        assert!(by_channel("VOLUME_KMS").is_none());
        assert_eq!(by_office_name("Office 16, OfficeKMSHostVL_KMS_Host edition").unwrap().id, "office-2016");
        assert!(by_office_name("Windows(R), ServerStandard edition").is_none());
    }

    #[test]
    fn an_older_key_does_not_cover_a_newer_product() {
        assert_eq!(covers("windows-server-2016", None, "windows-server-2022"), Covers::No);
        assert_eq!(covers("windows-server-2022", None, "windows-server-2025"), Covers::No);
        assert_eq!(covers("windows-10", None, "windows-server-2016"), Covers::No);
        assert_eq!(covers("windows-server-2022", server("10.0.20348.1"), "windows-server-2022"), Covers::Yes);
        assert_eq!(covers("windows-server-2025", None, "windows-7"), Covers::Yes);
        assert_eq!(covers("office-2019", None, "office-2021"), Covers::No);
        assert_eq!(covers("office-2021", None, "office-2021"), Covers::Yes);
    }

    #[test]
    fn a_newer_key_on_an_older_host_needs_an_update() {
        let host = |version| covers("windows-server-2022", server(version), "windows-server-2022");
        assert_eq!(kb(host("10.0.17763.1")), Some(5003646));
        assert_eq!(kb(host("10.0.17763")), Some(5003646));
        assert_eq!(host("10.0.17763.6414"), Covers::Yes);
        assert_eq!(
            kb(covers("windows-server-2025", server("10.0.20348.1"), "windows-server-2025")),
            Some(5034765)
        );
    }

    #[test]
    fn what_the_pages_leave_open_stays_open() {
        assert_eq!(covers("windows-server-2019", None, "windows-11"), Covers::Unknown);
        assert_eq!(covers("windows-server-2016", None, "windows-11"), Covers::Unknown);
        assert_eq!(covers("windows-server-2019", None, "office-2016"), Covers::Unknown);
        assert_eq!(covers("no-such-group", None, "windows-11"), Covers::Unknown);
    }
}
