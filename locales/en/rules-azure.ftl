### The words of rules 7xx: Azure.

## K701: forced tunnel

K701-title = KMS traffic leaves Azure through a gateway
K701-checked = Route to Azure's KMS
K701-summary = { $prefix-given ->
    [no] The route that applies to Azure's KMS
   *[yes] The route { $prefix }, which applies to Azure's KMS,
  } leads to a VPN or ExpressRoute gateway. The request then reaches Azure's KMS from an address that is not a public address of Azure, and is not served. These addresses need routes of their own with next hop Internet: { $addresses }.
K701-remedy-add-routes = Add a /32 route with next hop Internet for every KMS address
K701-missing = The effective routes of the network interface, or a connection test from the machine, are not in the evidence.

## K702: superseded addresses in the route table

K702-title = The routes exempt only superseded KMS addresses
K702-checked = KMS addresses that the routes exempt
K702-summary = The route table sends only the superseded KMS address ({ $old }) straight to the Internet. The addresses of Azure's KMS changed between July 2022 and March 2023, and those in use today leave another way: { $addresses }. Machines that were activated before go on for up to 180 days, so the fault shows late.
K702-remedy-add-routes = Add routes for the current KMS addresses and keep the old one

## K703: superseded addresses in the firewall

K703-title = The firewall rule names only superseded KMS addresses
K703-checked = KMS addresses in firewall rules
K703-summary = The rule for TCP 1688 names a KMS address from before the change of 2022 and none of those in use today. Requests to the current addresses do not match it: { $addresses }.
K703-remedy-network-rule = Put every current KMS address into the network rule

## K704: mistyped address

K704-title = An exemption for KMS names a wrong address: { $wrong }
K704-checked = Wrong addresses in exemptions for KMS
K704-summary = A route, a rule or a list for KMS names { $wrong }. The KMS of this Azure cloud has no such endpoint.{ $meant-given ->
    [no] {""}
   *[yes] {" "}The entry looks like a misprint of { $meant }, which is not named there.
  } It does not exempt the traffic to KMS.
K704-remedy-add-routes = Replace the wrong address by the real KMS addresses

## K705: no outbound path

K705-title = The subnet has no path to the Internet
K705-checked = Outbound path of the subnet
K705-summary-private-subnet = The subnet is private (no default outbound access), and the evidence shows no NAT gateway, public IP address or outbound rule. Nothing leaves for the Internet, so Azure's KMS cannot be reached. A route alone does not help.
K705-summary-internal-load-balancer = The machine is behind a Standard internal load balancer, and the evidence shows no NAT gateway, public IP address or outbound rule. Such a machine has no outbound access, so Azure's KMS cannot be reached. A route alone does not help.
K705-summary-dropped = A route with next hop None applies to an address of Azure's KMS. Azure drops this traffic, so the KMS cannot be reached.
K705-remedy-nat-gateway = Attach a NAT gateway to the subnet

## K706: NSG denies

K706-title = A network security group denies TCP 1688 to Azure's KMS
K706-checked = Outbound rules of the network security groups
K706-summary-tag = The outbound rule “{ $rule }” denies the service tag AzurePlatformLKM. Azure passes licensing traffic by itself unless a rule denies this tag, so the rule stops KMS activation.
K706-summary-default-route = The outbound rule “{ $rule }” denies the traffic to Azure's KMS. Azure normally passes licensing traffic by itself, but a user-defined default route turns this off, and the rules of the network security group then apply.
K706-remedy-allow = Allow TCP 1688 to the KMS addresses with a higher priority than the deny
K706-missing = The rules of the network security groups, or the routes that decide whether these rules apply, are not in the evidence.

## K707: shared address

K707-title = Connections to Azure's KMS are reset or succeed only in part
K707-checked = Resets of connections to Azure's KMS
K707-summary = Some connections to Azure's KMS are reset or lost, and the evidence shows no wrong route. This is seen where many machines share one public address, as behind a NAT gateway. Microsoft documents no limit, and a firewall on the way can also cause resets.
K707-remedy-more-addresses = Add public addresses to the NAT gateway

## K708: instance metadata

K708-title = Azure instance metadata cannot be reached or verified
K708-checked = Azure Instance Metadata Service
K708-summary-unreachable = The machine cannot reach the Azure Instance Metadata Service (169.254.169.254). Windows Server Datacenter: Azure Edition needs its attested document besides KMS activation; without it the watermark stays even when activation succeeds.
K708-summary-certificate = The certificate of the attested document from the Azure Instance Metadata Service cannot be verified. Windows Server Datacenter: Azure Edition needs this document besides KMS activation; without it the watermark stays even when activation succeeds.
K708-summary-other-edition = The Azure Instance Metadata Service (169.254.169.254) cannot be reached, or its document cannot be verified. Only Windows Server Datacenter: Azure Edition needs it for activation, and the evidence does not show that edition.
K708-remedy-bypass-proxy = Let 169.254.169.254 bypass the proxy
K708-remedy-certificates = Install the missing intermediate certificates and updates
