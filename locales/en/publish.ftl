### What kmscope dns publish, remove and record say.

publish-done = { $domain }: changed
publish-unchanged = { $domain }: the record is there, nothing to change
publish-nothing-to-remove = { $domain }: no such record, nothing to remove
publish-would-send = { $domain }: would send to { $server }:
publish-no-zone = { $domain }: the DNS server does not tell which zone { $owner } belongs to ({ $words }). Name a server that knows the zone with --nameserver.
publish-not-read = { $domain }: the primary server { $server } does not tell what is there ({ $words }).
publish-no-answer = { $domain }: the primary server { $server } did not answer the update: { $words }. Updates go over TCP; look at firewalls between here and the server.
publish-done-looked-up = { $domain }: changed. The answer's signature could not be checked (Samba signs such answers wrongly), so the records were looked up: they are as wanted.
publish-no-ticket = { $domain }: no Kerberos ticket for the DNS service on { $server }: { $words }. Get a ticket with kinit as an account that may change { $owner }, and look with klist; the server's name must be the one in its service principal (DNS/name).
publish-ticket-refused = { $domain }: { $server } negotiates no key with this Kerberos ticket ({ $words }). The server needs a key of its own for DNS/name (in BIND, tkey-gssapi-keytab), and the clocks of both must agree within five minutes.
publish-no-kerberos = --gss-tsig: this kmscope is built without Kerberos. Build it with cargo build --release --features gss-tsig (needs libkrb5-dev and libclang-dev), or sign with --tsig.
publish-refused = { $domain }: REFUSED by { $server }: its policy does not let this sender change { $owner }. In BIND, grant the key this name (kmscope dns record prints the line); in Microsoft DNS, the record belongs to another account: delete it, or give this account the right to it; unsigned updates need --tsig or --gss-tsig.
publish-notauth = { $domain }: NOTAUTH from { $server }: it is not the primary server of the zone. Name the primary with --nameserver; look at the MNAME of the zone's SOA record.
publish-badkey = { $domain }: BADKEY from { $server }: it knows no key of this name with this algorithm. Compare name and algorithm with the server's key clause.
publish-badsig = { $domain }: BADSIG from { $server }: the key's name is known, its secret is another one. Copy the secret anew.
publish-badtime = { $domain }: BADTIME from { $server }: the clocks are more than five minutes apart (the server is { $words } s ahead). Set this machine's clock.
publish-notzone = { $domain }: NOTZONE from { $server }: a name of the change lies outside the zone.
publish-changed = { $domain }: somebody else changed { $owner } at the same time, several times over. Nothing was changed; try again.
publish-unverified = { $domain }: { $server } took the update, but its answer is not signed as it should be ({ $words }). Look the record up before you trust it.
publish-code = { $domain }: { $server } answered { $words }.
record-bind = BIND: the record for the zone file, and the policy for the zone that lets one key change this name alone
record-bind-why = allow-update with any would let every machine that reaches the server change every name of the zone.
record-microsoft = Microsoft DNS: PowerShell, or dnscmd
record-azure = Azure Private DNS: the az command line
record-dnsmasq = dnsmasq: a line of its configuration
