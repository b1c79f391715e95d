### The KMS system for a site's own software: host, client, slmgr.

system-host-runs = KMS host of { $publisher }, listening on port { $port }
system-host-stopped = The host does not run. Last request: { $last }
system-host-unwell = Not well: { $problem }
system-host-product = { $name }: { $count } of { $needed } machines needed, { $total } requests ({ $failed } refused), licence until { $until }
system-host-not-in-force = { $name }: the licence is not in force; requests are refused. Have the publisher renew it (kmscope publisher renew-host), or give a new one if it was revoked (replace-host), then: kmscope host reload
system-installed = Wrote { $path }. Start it with: systemd-sysusers && systemctl daemon-reload && systemctl enable --now { $unit }
system-backed-up = Wrote { $path }
system-restored = Put the copy into { $path }
system-kept-aside = The journal from before is { $path }
system-reloaded = The host has read its licence and its options again
system-needs-restart = Only a restart changes: { $options }
system-revocations-taken = The host has the list of revoked hosts
system-none-runs = no service runs in { $path }
system-no-client = there is no client in { $path }
system-remote-needs-key = give the user (any name) and the control key of the service behind the machine's name
system-client-activated = { $name } is activated until { $until }, by { $host }
system-client-not-activated = { $name } is not activated: { $state }
system-client-why = Why: { $code } { $meaning }
system-client-grace = The present state ends at { $until }
system-client-next = Next attempt: { $at }
system-client-not-running = The agent does not run; start it with: kmscope client run
system-client-kept = This is what the client keeps; only its own account may ask the agent
system-client-in-use = the client in { $path } is in use by another kmscope, which cannot be asked: try again when it has ended
