### Notes of the readers of DNS and network output.

note-nslookup-no-default-server = nslookup said that this machine has no DNS server to ask.
note-named-conf-update = The zone { $zone } allows updates as follows: { $policy }.
