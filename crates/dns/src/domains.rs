//! In which domains a Windows client looks for a KMS host, and in which order.
//!
//! Microsoft's pages tell the order of sources: a fixed host turns discovery off; a lookup domain is the only one that
//! is searched; a host that worked before is tried first; then the primary suffix (of a workgroup machine: the domain
//! from DHCP), then the DNS suffix search list.
//! Not documented is whether the search ends at the first domain with records; here it does, as that is how suffix
//! lists work everywhere else in Windows.
//!
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/common-troubleshooting-procedures-kms-dns>

/// What a client is set to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// `/skms`, policy or registry: name and port.
    pub fixed_host: Option<(String, u16)>,
    /// `/skms-domain`.
    pub lookup_domain: Option<String>,
    /// The host that worked last, with its port, where caching is on.
    pub cached_host: Option<(String, u16)>,
    /// Primary DNS suffix.
    pub primary_suffix: Option<String>,
    /// Connection-specific suffixes from DHCP (option 15) or the adapter.
    pub connection_suffixes: Vec<String>,
    /// DNS suffix search list, where one is set.
    pub search_list: Vec<String>,
}

/// Why a domain is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `/skms-domain`: the only one.
    LookupDomain,
    /// Primary DNS suffix.
    PrimarySuffix,
    /// Suffix of a connection.
    ConnectionSuffix,
    /// Suffix search list.
    SearchList,
    /// A parent of the primary suffix: `nslookup` asks there, the licensing service does not.
    Devolution,
}

/// A domain to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchDomain {
    /// Without a dot at the end.
    pub domain: String,
    /// The first reason for it.
    pub origin: Origin,
}

/// Most domains that are searched; Windows itself takes 50 suffixes.
pub const DOMAINS_MAX: usize = 64;

/// The domains in which the licensing service of such a client searches, in its order; none when a host is fixed.
pub fn searched(settings: &ClientSettings) -> Vec<SearchDomain> {
    if settings.fixed_host.is_some() {
        return Vec::new();
    }
    everywhere(settings)
}

/// As [`searched`], also when a fixed host keeps the client from searching: what it would find if it did.
pub fn everywhere(settings: &ClientSettings) -> Vec<SearchDomain> {
    let mut list = List::default();
    if let Some(domain) = &settings.lookup_domain {
        list.add(domain, Origin::LookupDomain);
        return list.0;
    }
    settings.primary_suffix.iter().for_each(|domain| list.add(domain, Origin::PrimarySuffix));
    settings.connection_suffixes.iter().for_each(|domain| list.add(domain, Origin::ConnectionSuffix));
    settings.search_list.iter().for_each(|domain| list.add(domain, Origin::SearchList));
    list.0
}

/// The domains that `nslookup -type=srv _vlmcs._tcp` tries: the search list, or else the suffixes and the parents of
/// the primary one down to two labels.
pub fn searched_by_nslookup(settings: &ClientSettings) -> Vec<SearchDomain> {
    let mut list = List::default();
    if !settings.search_list.is_empty() {
        settings.search_list.iter().for_each(|domain| list.add(domain, Origin::SearchList));
        return list.0;
    }
    settings.primary_suffix.iter().for_each(|domain| list.add(domain, Origin::PrimarySuffix));
    settings.connection_suffixes.iter().for_each(|domain| list.add(domain, Origin::ConnectionSuffix));
    let mut parent = settings.primary_suffix.as_deref().unwrap_or_default();
    while let Some((_, above)) = parent.split_once('.').filter(|(_, above)| above.contains('.')) {
        list.add(above, Origin::Devolution);
        parent = above;
    }
    list.0
}

#[derive(Default)]
struct List(Vec<SearchDomain>);

impl List {
    fn add(&mut self, domain: &str, origin: Origin) {
        let domain = domain.trim().trim_matches('.').to_lowercase();
        let known = self.0.iter().any(|other| other.domain == domain);
        if !domain.is_empty() && !known && self.0.len() < DOMAINS_MAX {
            self.0.push(SearchDomain { domain, origin });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> ClientSettings {
        ClientSettings {
            primary_suffix: Some("emea.corp.contoso.com".to_owned()),
            connection_suffixes: vec!["branch.contoso.com.".to_owned()],
            search_list: vec!["Contoso.com".to_owned(), "emea.corp.contoso.com".to_owned()],
            ..ClientSettings::default()
        }
    }

    fn names(list: &[SearchDomain]) -> Vec<&str> {
        list.iter().map(|one| one.domain.as_str()).collect()
    }

    #[test]
    fn suffixes_come_in_order_and_once() {
        assert_eq!(
            names(&searched(&member())),
            ["emea.corp.contoso.com", "branch.contoso.com", "contoso.com"]
        );
    }

    #[test]
    fn a_lookup_domain_is_the_only_one_and_a_fixed_host_ends_the_search() {
        let lookup = ClientSettings { lookup_domain: Some("kms.contoso.com".to_owned()), ..member() };
        assert_eq!(names(&searched(&lookup)), ["kms.contoso.com"]);
        let fixed = ClientSettings { fixed_host: Some(("kms01".to_owned(), 1688)), ..member() };
        assert!(searched(&fixed).is_empty());
        assert_eq!(everywhere(&fixed).len(), 3);
    }

    #[test]
    fn nslookup_takes_the_list_or_climbs() {
        assert_eq!(names(&searched_by_nslookup(&member())), ["contoso.com", "emea.corp.contoso.com"]);
        let without = ClientSettings { search_list: Vec::new(), ..member() };
        assert_eq!(
            names(&searched_by_nslookup(&without)),
            ["emea.corp.contoso.com", "branch.contoso.com", "corp.contoso.com", "contoso.com"]
        );
    }
}
