### The words of rules 1xx: discovery and DNS.

## K101: no KMS record

K101-title = The client finds no KMS record in DNS
K101-checked = KMS record in the domains that the client searches
K101-summary = The client got a DNS error which says that no KMS record (_vlmcs._tcp) exists in the domains that it searches. A client without a fixed KMS host finds its host only through this SRV record, so it cannot request activation.
K101-summary-domain = DNS has no SRV record _vlmcs._tcp.{ $domain }: the lookup or the listing of the zone came back without it. A client without a fixed KMS host finds its host only through this record, so clients of this domain cannot request activation.
K101-summary-public-resolver = The lookup of the KMS record went to { $resolver }, a public DNS server, which knows no such record. Public DNS servers do not see internal zones, so the answer does not tell whether the record exists there. Clients must ask a DNS server that knows the internal zone.
K101-remedy-use-internal-dns = Point the client to the internal DNS servers
K101-remedy-publish = Let the KMS host publish its record
K101-remedy-create-record = Create the record by hand
K101-remedy-fix-host = Set the KMS host on the client
K101-missing = There is no lookup of the KMS record and no client error that would show whether the record exists.

## K102: record in another domain

K102-title = The KMS record is in a domain that the client does not search
K102-checked = Domain of the KMS record against the client's DNS suffixes
K102-summary = A KMS record exists in { $published }, but the client searches { $searched }. Discovery asks only for _vlmcs._tcp in the domains of the client's own DNS suffixes, so the client does not find the host. A lookup of the full record name succeeds all the same and does not disprove this.
K102-summary-lookup-domain = A KMS record exists in { $published }, but the KMS lookup domain of the client is set to { $searched }. A lookup domain replaces the DNS suffixes, so discovery asks for _vlmcs._tcp only there and does not find the host.
K102-remedy-publish-there-too = Publish the record in the client's domain too
K102-remedy-lookup-domain = Set the KMS lookup domain on the client
K102-remedy-extend-search-list = Add the domain of the record to the client's suffix search list
K102-missing = A KMS record exists, but the DNS suffixes of the client are not in the evidence.

## K103: no suffix

K103-title = The client has no DNS suffix to search
K103-checked = DNS suffixes of the client
K103-summary = The client has no primary DNS suffix, no connection-specific DNS suffix and no suffix search list. Discovery looks for the KMS record in the domains of these suffixes; without any, there is no domain to ask, and no KMS host is found.
K103-remedy-lookup-domain = Set the KMS lookup domain on the client
K103-remedy-set-suffix = Give the client a suffix search list
K103-missing = The DNS suffixes of the client are not in the evidence.

## K104: no DNS server

K104-title = No DNS server is configured
K104-checked = DNS servers of the network adapters
K104-summary = The machine has no DNS server that it could ask: Windows reports it, or no connected adapter lists one. Without DNS a client cannot find a KMS host, and a KMS host cannot publish its record.
K104-remedy-set-servers = Configure the DNS servers of the site
K104-missing = The DNS configuration of the network adapters is not in the evidence.

## K105: DNS server silent

K105-title = The DNS server does not answer
K105-checked = Answers of the DNS server
K105-summary = { $server-given ->
    [no] Lookups ended without an answer from the DNS server.
   *[yes] Lookups ended without an answer from the DNS server { $server }.
  } Whether the KMS record exists cannot be told from them: the client got no answer at all, neither yes nor no.
K105-remedy-reach-server = Find out why the DNS server does not answer on port 53
K105-remedy-change-server = Give the client a DNS server that answers
K105-missing = There is no lookup that would show whether the DNS server answers.

## K106: host name without address

K106-title = The KMS host name { $host } does not resolve
K106-checked = Address of the KMS host name
K106-summary-registered = The client is set to the KMS host { $host }, and this name does not resolve to an address. A client with a fixed host asks no other one, so it cannot request activation until the name resolves or the setting is removed.
K106-summary-record = Clients are sent to the KMS host { $host }, and this name does not resolve to an address. They know the host's name and cannot connect to it.
K106-summary-not-a-name = The KMS record names “{ $host }” as its host. The target of an SRV record must be a host name; an IP address or a placeholder there cannot be resolved by clients.
K106-remedy-clear-fixed-host = Remove the fixed host and return to discovery
K106-remedy-create-address = Create the address record of the host
K106-remedy-correct-record = Replace the KMS record by one with the right host name
K106-missing = No KMS host name is known: there is no KMS record, no client setting and no client event that names one.

## K107: dead host in DNS

K107-title = A KMS record names { $host }, which is no working KMS host of the site
K107-checked = Machines that the KMS records name
K107-summary-no-host = DNS sends clients to { $host }, but its own output shows a KMS client, or a KMS host that is not activated. Another host is known: { $living }. Clients choose among all records of the same priority, so some of them turn to the wrong machine.
K107-summary-dead = DNS sends clients to { $host }, whose name does not resolve or which does not accept connections. Another host is known: { $living }. Clients choose among all records of the same priority, so some of them turn to a machine that does not answer.
K107-summary-port = The KMS record of { $host } names a port that is closed there, while the KMS host listens on another one. Clients use the port of the record.
K107-summary-stray = DNS sends clients to { $host }, a workstation with a KMS host key of its own and next to no clients in its count. Another host holds the count of the site: { $living }. Clients that turn to the workstation are not activated there, and their requests do not count on the other host.
K107-remedy-remove-record = Delete the record of the machine that does not work, after asking its owner
K107-remedy-add-living = Create a record for the working host
K107-missing = No KMS record is in the evidence.

## K108: publishing failed

K108-title = The KMS host could not publish its DNS record
K108-checked = Publishing of the KMS record by the host
K108-summary = { $domain-given ->
    [no] The KMS host could not write its SRV record
   *[yes] The KMS host could not write its SRV record in { $domain }
  }{ $code-given ->
    [no] {""} (event 12293).
   *[yes] {""} (event 12293, { $code }).
  } No later event 12294 shows success for that domain. Clients that look for the host there find the record only if it was created by hand.
K108-summary-rights = { $domain-given ->
    [no] The DNS server refused
   *[yes] The DNS server refused, for { $domain },
  } the record that the KMS host tried to write (event 12293, { $code }). With secure dynamic updates, a record belongs to the account that created it, and another host may change it only after it was given rights on it. No later event 12294 shows success.
K108-summary-server = { $domain-given ->
    [no] The KMS host could not write its SRV record because its DNS server did not carry out the update
   *[yes] The KMS host could not write its SRV record in { $domain } because its DNS server did not carry out the update
  } (event 12293, { $code }): none is configured, it did not answer, or it failed. No later event 12294 shows success.
K108-remedy-grant-rights = Give the KMS hosts rights on the record
K108-remedy-restart = Repair the way to the DNS server, then restart the licensing service
K108-remedy-create-record = Create the record by hand
K108-missing = The publishing events of the KMS host (12293 and 12294) are not in the evidence.

## K109: publishing switched off

K109-title = The KMS host does not publish its DNS record, and no record for it was found
K109-checked = DNS publishing setting of the KMS host
K109-summary = { $host-given ->
    [no] DNS publishing is disabled on the KMS host,
   *[yes] DNS publishing is disabled on the KMS host { $host },
  } and the evidence shows no SRV record for it. Clients that rely on discovery cannot find this host. Disabled publishing is no fault where clients have a fixed host or a record was created by hand.
K109-remedy-publish = Enable DNS publishing and restart the licensing service
K109-remedy-create-record = Create the record by hand
K109-missing = The DNS publishing setting of the KMS host is not in the evidence.
