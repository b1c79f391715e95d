### What kmscope dns audit says of records.

audit-fine = a KMS host
audit-not-tried = nothing wrong seen, not connected
audit-unresolvable = the target has no address
audit-address-unknown = no server tells its address
audit-dead = nobody answers
audit-other-service = something else answers
audit-other-kind = another kind of KMS host than beside it: Windows clients and the site's own clients share this name
audit-rogue = not on the list of allowed hosts
audit-duplicate = another record leads to the same address and port
audit-odd-port = not port 1688
audit-odd-ttl = odd time to live
audit-other-name = its address has another name
audit-other-name-is = { $address } is { $name } by its PTR record
audit-no-zone-file = { $path }: no zone in it; expected a zone file, or a listing by dnscmd /zoneprint or dig axfr
audit-no-origin = { $path }: the zone's name is not in it; put $ORIGIN in front, or name the file after the zone (contoso.com.dns)
audit-no-answer = no answer
audit-summary = { $zones } zones, { $with } with KMS records; { $records } records, { $wrong } of them wrong
