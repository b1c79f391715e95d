### What kmscope azure says of routes, rules and endpoints.

azure-no-routes = { $path }: no Azure routes found, expected effective routes or a route table as az, PowerShell, the portal, ARM or Terraform print them
azure-no-rules = { $path }: no security rules found, expected a network security group or the effective rules of a NIC
azure-no-resources = { $path }: no subnet, NIC, load balancer, NAT gateway or firewall rules found
azure-why-internet = goes straight to the Internet
azure-why-forced-tunnel = goes to the gateway and leaves from an address of the site, not of Azure
azure-why-appliance = goes to an appliance, which must pass TCP 1688 by a network rule and leave from an Azure public address
azure-why-dropped = is dropped by a route with next hop None
azure-why-inside-network = stays inside the virtual network or a peered one
azure-why-shared = is shared between routes of equal rank that lead to different places
azure-why-service-tag = a route to a service tag may hold the address
azure-why-route-table-alone = the table alone does not decide; the routes of Azure itself, of BGP or of the user are not shown
azure-why-no-route = no route shown matches, the list is probably incomplete
azure-why-unknown-next-hop = the next hop type is missing or not known
azure-why-no-routes = no routes are known
azure-why-nat-gateway = a NAT gateway gives an Azure public address
azure-why-public-address = the machine has a public address of its own
azure-why-others-without-address = another machine of the subnet has none
azure-why-load-balancer = a public load balancer gives an Azure public address
azure-why-private-subnet = the subnet is private: no default outbound access, and no NAT gateway, public address or outbound rule
azure-why-internal-load-balancer = behind a Standard internal load balancer there is no outbound access without a NAT gateway or outbound rule
azure-why-default-outbound = default outbound access is assumed, as no subnet, NIC or load balancer was given
azure-why-nsg-platform-rule = rule { $rule } denies it, the platform's own rule for TCP 1688 lets it pass all the same
azure-why-nsg-denied = rule { $rule } denies it, and a user-defined default route switches the platform's own rule for TCP 1688 off
azure-why-nsg-tag = rule { $rule } denies the service tag AzurePlatformLKM, which switches licensing off
azure-why-nsg-routes-unknown = rule { $rule } denies it; whether the platform's own rule for TCP 1688 is on depends on the routes
azure-why-nsg-others-only = rule { $rule } allows other KMS addresses only; what denies the rest is not shown
azure-why-nsg-unclear = a security rule that may deny it names something that cannot be judged
azure-why-appliance-allows = its network rules let TCP 1688 pass
azure-why-appliance-old = its rules allow superseded addresses only
azure-why-appliance-wrong = its rules allow an address that never was a KMS endpoint
azure-why-appliance-application-rule = only an application rule names the KMS, which waits for HTTP or TLS and stops it
azure-why-appliance-blocks = one of its rules blocks it
azure-why-appliance-silent = none of its rules shown is about the KMS
azure-why-appliance-source = whether it leaves from an Azure public address is not shown
azure-why-incomplete = a part of the file could not be read, and could hold a route that decides otherwise
azure-odd-prefix = the prefix { $prefix } is neither an IP prefix nor a service tag; the route was left out
azure-odd-host-bits = the prefix { $prefix } has bits set behind its length; they were cut off
azure-odd-next-hop = the next hop type of the route for { $prefix } is not known
azure-odd-appliance = the route for { $prefix } names no address of the appliance
azure-odd-contradiction = two user-defined routes for { $prefix } lead to different places
azure-dated-before = These are the routes of instructions from before { $until }.
azure-dated-between = These are the routes of instructions from { $since } to { $until }.
azure-dated-current = These are the routes that Microsoft's instructions ask for today.
azure-before = before the change: { $verdict }
azure-not-required = not needed by machines of today
azure-beats = beats { $route }
azure-service = { $title }: { $verdict }, { $stopped } of { $all } addresses
azure-moves-nothing = The change moves nothing.
azure-moves-endpoints = The change moves nothing but KMS endpoints:
azure-moves-more = The change moves more than KMS endpoints:
azure-since = since { $date }
azure-until = until { $date }
azure-services-heading = Update services that need an Azure address, too
azure-wrong-heading = Addresses that never were an endpoint
azure-timeline-heading = History
azure-fix-several = { $path }: holds several subnets or none of this name, expected the routes of one, or a name given by --subnet
azure-fix-nothing = Every endpoint is reached from an Azure public address already; there is nothing to change.
azure-fix-private-subnet = no route can mend this: the subnet is private and has no outbound path. Add a NAT gateway to it (az network vnet subnet update --nat-gateway), or a public load balancer with outbound rules
azure-fix-internal-load-balancer = no route can mend this: behind a Standard internal load balancer nothing leaves. Add a NAT gateway to the subnet, or a public load balancer with outbound rules
azure-fix-security-rule = no route can mend this: the security rule { $rule } stops TCP 1688. Allow TCP 1688 to the KMS addresses by a rule with a lower number
azure-fix-table-not-named = the subnet has a route table, whose name is not in the evidence; a new one would take its place. Name it by --route-table (az network vnet subnet show --query routeTable.id)
azure-fix-no-location = a new route table of the classic model needs its region, expected --location
azure-fix-bad-name = "{ $name }" is no name of an Azure resource, expected letters, digits, hyphens, underscores and dots
azure-fix-not-enough = routes alone would not be enough; azure check says what else decides
azure-lint-tunnel = this route sends { $addresses } to a gateway, from where Azure's KMS does not answer; add /32 routes to them with next hop Internet
azure-lint-appliance = this route sends { $addresses } to an appliance; it has to pass TCP 1688 by a network rule and leave from an Azure public address
azure-lint-dropped = this route drops { $addresses }; add /32 routes to them with next hop Internet
azure-lint-old-routes = only superseded KMS addresses are exempted; add { $addresses }
azure-lint-wrong-address = { $address } never was a KMS endpoint; { $meant } was probably meant
azure-lint-no-endpoint = { $address } never was a KMS endpoint
azure-lint-denied = rule { $rule } stops TCP 1688 to Azure's KMS
azure-lint-may-be-denied = rule { $rule } stops TCP 1688 to Azure's KMS in subnets with a user-defined default route
azure-lint-application-rule = an application rule waits for HTTP or TLS and stops KMS; use a network rule for TCP 1688
azure-lint-old-firewall = the rules allow superseded KMS addresses only
azure-lint-wrong-firewall = the rule allows an address that never was a KMS endpoint
azure-lint-firewall-blocks = the rule blocks Azure's KMS
azure-lint-private = the subnet is private, and no NAT gateway is declared for it: its machines need one, or a public address, to be activated
azure-lint-unresolved = the prefix { $prefix } is not written out here, so the table is judged without it
azure-lint-summary = { $errors ->
    [one] { $errors } error
   *[other] { $errors } errors
}, { $warnings ->
    [one] { $warnings } warning
   *[other] { $warnings } warnings
}
azure-fix-route-not-named = the table has a route for { $prefix } that leads elsewhere, and its name is not in the evidence; give the routes of the table (az network route-table show)
