//! The record to create by hand, for the DNS servers that sites have.

use crate::answer::Srv;

/// A DNS server's own way of taking a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// A zone file, and the policy that lets a host's key change this name alone.
    Bind,
    /// Microsoft DNS: PowerShell and dnscmd.
    Microsoft,
    /// Azure Private DNS.
    Azure,
    /// dnsmasq.
    Dnsmasq,
}

/// What is to be created.
#[derive(Debug, Clone)]
pub struct ByHand<'a> {
    /// The domain of the clients.
    pub domain: &'a str,
    /// The record.
    pub record: &'a Srv,
    /// Name of the key that may update it.
    pub key: &'a str,
    /// Resource group of the private zone.
    pub resource_group: &'a str,
}

/// Lines to copy.
pub fn lines(server: Server, what: &ByHand<'_>) -> Vec<String> {
    let Srv { priority, weight, port, target, ttl } = what.record;
    let domain = what.domain.trim_matches('.');
    match server {
        Server::Bind => vec![
            format!("_vlmcs._tcp.{domain}. {ttl} IN SRV {priority} {weight} {port} {target}."),
            format!("update-policy {{ grant {} name _vlmcs._tcp.{domain}. SRV; }};", what.key),
        ],
        Server::Microsoft => vec![
            format!(
                "Add-DnsServerResourceRecord -Srv -ZoneName {domain} -Name _vlmcs._tcp -DomainName {target} -Priority {priority} -Weight {weight} -Port {port} -TimeToLive {}",
                time_span(*ttl)
            ),
            format!("dnscmd /recordadd {domain} _vlmcs._tcp {ttl} SRV {priority} {weight} {port} {target}."),
        ],
        Server::Azure => vec![
            format!(
                "az network private-dns record-set srv create --resource-group {group} --zone-name {domain} --name _vlmcs._tcp --ttl {ttl}",
                group = what.resource_group
            ),
            format!(
                "az network private-dns record-set srv add-record --resource-group {group} --zone-name {domain} --record-set-name _vlmcs._tcp --priority {priority} --weight {weight} --port {port} --target {target}",
                group = what.resource_group
            ),
        ],
        Server::Dnsmasq => vec![format!("srv-host=_vlmcs._tcp.{domain},{target},{port},{priority},{weight}")],
    }
}

/// Seconds as PowerShell writes a time span: days, hours, minutes, seconds.
fn time_span(seconds: u32) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    format!("{days}.{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_own_way() {
        let record =
            Srv { priority: 0, weight: 10, port: 1688, target: "kms01.contoso.com".to_owned(), ttl: 3600 };
        let what =
            ByHand { domain: "contoso.com.", record: &record, key: "kms-key", resource_group: "dns-rg" };
        assert_eq!(
            lines(Server::Bind, &what),
            [
                "_vlmcs._tcp.contoso.com. 3600 IN SRV 0 10 1688 kms01.contoso.com.",
                "update-policy { grant kms-key name _vlmcs._tcp.contoso.com. SRV; };"
            ]
        );
        assert!(lines(Server::Microsoft, &what)[0].ends_with("-TimeToLive 0.01:00:00"));
        assert_eq!(
            lines(Server::Microsoft, &what)[1],
            "dnscmd /recordadd contoso.com _vlmcs._tcp 3600 SRV 0 10 1688 kms01.contoso.com."
        );
        assert_eq!(
            lines(Server::Dnsmasq, &what),
            ["srv-host=_vlmcs._tcp.contoso.com,kms01.contoso.com,1688,0,10"]
        );
        assert!(lines(Server::Azure, &what)[1].contains("--target kms01.contoso.com"));
    }
}
