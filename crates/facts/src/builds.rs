//! Windows builds: `10.0.17763.6414` as a service version, and the ranges in which tables speak of builds.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A Windows build with its revision, as in `17763.6414`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WindowsBuild {
    /// `17763`
    pub build: u32,
    /// `6414`, where it was printed.
    pub revision: Option<u32>,
}

impl WindowsBuild {
    /// Reads `10.0.17763.6414`, `6.1.7601.17514`, `17763.6414` or `17763`.
    ///
    /// The licensing service carries the version of its own file:
    /// releases that share a code base (19041 to 19045, 22621 and 22631) report the first of them.
    pub fn parse(version: &str) -> Option<WindowsBuild> {
        let mut numbers = Vec::with_capacity(4);
        for part in version.trim().split('.') {
            numbers.push(part.parse::<u32>().ok()?);
        }
        let (build, revision) = match numbers.as_slice() {
            [build] => (*build, None),
            [build, revision] if *build >= SMALLEST_BUILD => (*build, Some(*revision)),
            [_, _, build] => (*build, None),
            [_, _, build, revision] => (*build, Some(*revision)),
            _ => return None,
        };
        (build >= SMALLEST_BUILD).then_some(WindowsBuild { build, revision })
    }
}

/// Windows Vista; a smaller number is no build.
const SMALLEST_BUILD: u32 = 6000;

/// Builds that a row is about: `17763`, `7600-7601`, `26100-` (and later), several separated by `;`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildRanges(Vec<(u32, u32)>);

impl BuildRanges {
    /// Reads the notation of the tables.
    pub fn parse(text: &str) -> Result<BuildRanges, String> {
        let mut ranges = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong =
                || format!("build range {part:?}, expected a form such as 17763, 7600-7601 or 26100-");
            let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
            let range = match part.split_once('-') {
                None => (number(part)?, number(part)?),
                Some((first, last)) if last.trim().is_empty() => (number(first)?, u32::MAX),
                Some((first, last)) => (number(first)?, number(last)?),
            };
            if range.0 > range.1 {
                return Err(wrong());
            }
            ranges.push(range);
        }
        Ok(BuildRanges(ranges))
    }

    /// True when the build is in one of the ranges.
    pub fn contains(&self, build: u32) -> bool {
        self.0.iter().any(|&(first, last)| (first..=last).contains(&build))
    }

    /// True when some build is in both.
    pub fn overlaps(&self, other: &BuildRanges) -> bool {
        self.0.iter().any(|a| other.0.iter().any(|b| a.0 <= b.1 && b.0 <= a.1))
    }

    /// True for rows that are not about Windows builds.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for BuildRanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BuildRanges, D::Error> {
        let text = String::deserialize(deserializer)?;
        BuildRanges::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for WindowsBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.revision {
            Some(revision) => write!(f, "{}.{revision}", self.build),
            None => write!(f, "{}", self.build),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_in_which_windows_prints_its_version() {
        let build = |text| WindowsBuild::parse(text).map(|b| (b.build, b.revision));
        assert_eq!(build("10.0.17763.6414"), Some((17763, Some(6414))));
        assert_eq!(build("6.1.7601.17514"), Some((7601, Some(17514))));
        assert_eq!(build("10.0.20348"), Some((20348, None)));
        assert_eq!(build("17763.1"), Some((17763, Some(1))));
        assert_eq!(build("26100"), Some((26100, None)));
        assert_eq!(build("10.0"), None);
        assert_eq!(build("10.0.x.1"), None);
        assert_eq!(build(""), None);
    }

    #[test]
    fn reads_ranges_and_refuses_what_is_none() {
        let ranges = BuildRanges::parse("17763; 18362-18363; 26100-").unwrap();
        assert!(ranges.contains(17763) && ranges.contains(18363) && ranges.contains(26200));
        assert!(!ranges.contains(17764) && !ranges.contains(26099));
        assert!(BuildRanges::parse("").unwrap().is_empty());
        assert!(BuildRanges::parse("2022").is_ok());
        assert!(BuildRanges::parse("7601-7600").is_err());
        assert!(BuildRanges::parse("about 7").is_err());
    }
}
