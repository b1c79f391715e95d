//! Records of zone files for the audit, through the readers that `diagnose` uses.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use dns::{Answer, Srv};
use messages::Argument;
use model::{DnsAnswer, Fact, SrvRecord};
use probe::audit::{Known, Source};
use probe::lookup::Asked;
use readers::Limits;

use crate::console::Console;

/// Time to live of records that state none: what Microsoft's server gives a zone's records by itself.
const DEFAULT_TTL_SECONDS: u32 = 3600;

/// What files told.
#[derive(Default)]
pub(crate) struct Told {
    /// Records by domain, with the file.
    pub known: Vec<Known>,
    /// Addresses by name in lower case.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
}

/// Reads all files; one that is no zone is an error.
pub(crate) fn read_all(files: &[PathBuf], console: &Console) -> anyhow::Result<Told> {
    let mut told = Told::default();
    for path in files {
        let shown = path.to_string_lossy();
        let of_path = |key: &str| console.text(key, &[("path", Argument::Text(&shown))]);
        let bytes = fs::read(path).with_context(|| of_path("cli-error-read"))?;
        let file = readers::read_bytes(&shown, &with_origin(&bytes, path), &Limits::default());
        let answers: Vec<&DnsAnswer> = file
            .facts
            .iter()
            .filter_map(|evidence| match &evidence.fact.value {
                Fact::Dns(answer) => Some(&**answer),
                _ => None,
            })
            .collect();
        let mut domains: BTreeMap<String, Vec<Srv>> = BTreeMap::new();
        for answer in &answers {
            // A zone without KMS records is told, too.
            if let Some(zone) = answer.zone.as_ref().filter(|zone| !zone.is_empty()) {
                domains.entry(zone.to_lowercase()).or_default();
            }
            for record in answer.records.iter().filter(|record| record.is_vlmcs()) {
                let Some(domain) = record.domain().filter(|domain| !domain.is_empty()) else {
                    bail!(of_path("audit-no-origin"));
                };
                domains.entry(domain).or_default().extend(srv(record));
            }
            for host in &answer.hosts {
                if let (Some(name), Some(address)) = (&host.name, &host.address)
                    && let Ok(address) = address.parse()
                {
                    told.hosts.entry(name.trim_end_matches('.').to_lowercase()).or_default().push(address);
                }
            }
        }
        if domains.is_empty() {
            bail!(of_path("audit-no-zone-file"));
        }
        let source = Source::File(shown.clone().into_owned());
        let zones: Vec<String> = answers
            .iter()
            .filter_map(|answer| answer.zone.as_ref())
            .map(|zone| zone.to_lowercase())
            .collect();
        let zone_of = |domain: &str| {
            let holds = |zone: &&String| {
                domain
                    .strip_suffix(zone.as_str())
                    .is_some_and(|below| below.is_empty() || below.ends_with('.'))
            };
            zones
                .iter()
                .filter(holds)
                .max_by_key(|zone| zone.len())
                .cloned()
                .unwrap_or_else(|| domain.to_owned())
        };
        let known = |(domain, srv): (String, Vec<Srv>)| Known {
            zone: zone_of(&domain),
            domain,
            source: source.clone(),
            asked: Asked::Answered(Answer::listed(srv)),
        };
        told.known.extend(domains.into_iter().map(known));
    }
    Ok(told)
}

/// The record as DNS has it; one without a target or with numbers that DNS has not is left out.
fn srv(record: &SrvRecord) -> Option<Srv> {
    let number = |value: Option<u32>| value.map_or(Some(0), |value| u16::try_from(value).ok());
    Some(Srv {
        priority: number(record.priority)?,
        weight: number(record.weight)?,
        port: record.port.map_or(Some(rpc::KMS_PORT), |port| u16::try_from(port).ok())?,
        target: record.target.as_ref()?.trim_end_matches('.').to_owned(),
        ttl: record.ttl.map_or(Some(DEFAULT_TTL_SECONDS), |ttl| u32::try_from(ttl).ok())?,
    })
}

/// The text under the zone's name. Files of Microsoft's server name it in a comment and in their own name alone
/// (`contoso.com.dns`), those of others in the server's configuration.
fn with_origin<'a>(bytes: &'a [u8], path: &Path) -> Cow<'a, [u8]> {
    let text = String::from_utf8_lossy(bytes);
    let is_zone =
        text.lines().any(|line| line.starts_with('@') || line.contains(" SOA ") || line.contains("\tSOA"));
    if !is_zone || text.lines().any(|line| line.trim_start().starts_with("$ORIGIN")) {
        return Cow::Borrowed(bytes);
    }
    let told =
        text.lines().take_while(|line| line.starts_with(';') || line.trim().is_empty()).find_map(|line| {
            let (_, rest) = line.split_once("Database file ")?;
            rest.split_once(" for ")?.1.split_whitespace().next()
        });
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bare = name.strip_prefix("db.").unwrap_or(&name);
    let bare = [".dns", ".zone", ".db", ".txt"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
    let is_name = |name: &&str| name.contains('.') && dns::question::full_name(name).is_ok();
    match told.filter(|name| is_name(name)).or(Some(bare).filter(is_name)) {
        Some(origin) => [format!("$ORIGIN {origin}.\n").as_bytes(), bytes].concat().into(),
        None => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_its_comment_or_its_file() {
        let named = |text: &str, file: &str| {
            let bytes = with_origin(text.as_bytes(), Path::new(file)).into_owned();
            String::from_utf8(bytes).unwrap().lines().next().unwrap_or_default().to_owned()
        };
        let microsoft = ";\n;  Database file fabrikam.com.dns for fabrikam.com zone.\n;\n\n@ IN SOA dc1 admin 1 2 3 4 5\n";
        assert_eq!(named(microsoft, "export.dns"), "$ORIGIN fabrikam.com.");
        let bare = "@ IN SOA ns1 admin 1 2 3 4 5\n";
        assert_eq!(named(bare, "/etc/bind/db.contoso.com"), "$ORIGIN contoso.com.");
        assert_eq!(named(bare, "contoso.com.dns"), "$ORIGIN contoso.com.");
        assert_eq!(named(bare, "zone.txt"), bare.trim_end());
        assert_eq!(
            named("$ORIGIN lab.example.\n@ IN SOA a b 1 2 3 4 5\n", "contoso.com.dns"),
            "$ORIGIN lab.example."
        );
        assert_eq!(named("Windows IP Configuration\n", "contoso.com.dns"), "Windows IP Configuration");
    }
}
