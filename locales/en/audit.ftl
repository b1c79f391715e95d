### What kmscope dns audit says of records.

audit-fine = a KMS host
audit-unresolvable = the target has no address
audit-address-unknown = no server tells its address
audit-dead = nobody answers
audit-other-service = something else answers
audit-rogue = not on the list of allowed hosts
audit-duplicate = another record leads to the same address and port
audit-odd-port = not port 1688
audit-odd-ttl = odd time to live
audit-no-answer = no answer
audit-summary = { $zones } zones, { $with } with KMS records; { $records } records, { $wrong } of them wrong
