### The words of rules 9xx: hosts and clients for a site's own software.

## K901: licence not in force

K901-title = The licence of the host for the site's own software is not in force
K901-checked = Licence of the host for the site's own software
K901-summary-by-host = { $host-given ->
    [no] The host
   *[yes] { $host }
  } has a licence for { $product } that is over, has not begun, or was revoked by the publisher. It runs, and refuses every client of the product until it gets one that is in force.
K901-summary-by-client = A host for the site's own software refused with 0xC004F041: its licence for the product is over, has not begun, or was revoked by the publisher. It runs, and refuses every client of the product until it gets one that is in force.
K901-summary-revoked = The publisher revoked the licence of the host that activated this client. The client knows it and is in its non-genuine grace period; a host whose licence is in force makes it well again.
K901-remedy-renew = Let the publisher renew the licence, and reload it
K901-remedy-replace = After a revocation: let the publisher license a new host in its place

## K902: product not in the licence

K902-title = The licence of the host does not hold the client's product
K902-checked = Products in the licence of the host for the site's own software
K902-summary = The host for the site's own software refuses with a code which says that its licence does not hold the product that asks{ $clients ->
    [0] .
    [one] {""}; { $clients } client is affected in the evidence.
   *[other] {""}; { $clients } clients are affected in the evidence.
  } If the client reached a host of another publisher, the code is the same.
K902-summary-named = The host for the site's own software refuses with a code which says that its licence does not hold the product that asks. The licence holds { $covered }; the client asks for { $product }. If the client reached a host of another publisher, the code is the same.
K902-remedy-licence = Let the publisher issue a licence that holds the product, and reload it
K902-remedy-other-host = Send the client to a host whose licence holds its product

## K903: the other kind of host

K903-title = Clients are led to a KMS host of the other kind
K903-checked = Kind of the KMS hosts that clients are led to
K903-summary-windows = DNS leads Windows clients to { $host }, a host for the site's own software. It refuses them at once, so no Windows or Office client is activated there, and no host for them was found. Records of the two kinds of hosts belong in different domains.
K903-summary-windows-both = DNS leads Windows clients to { $host }, too, which is a host for the site's own software and refuses them{ $living-given ->
    [no] .
   *[yes] {""}; { $living } serves them.
  } They go on to the next record, so this costs them time. Records of the two kinds of hosts belong in different domains.
K903-summary-windows-fixed = This Windows client is set to { $host }, a host for the site's own software, which refuses Windows and Office. A fixed host turns discovery off, so the client asks no other one.
K903-summary-own = DNS leads the clients of the site's own software to { $host }, a KMS host for Windows and Office, and no host of their own was found. They are refused there.
K903-summary-own-both = DNS leads the clients of the site's own software to { $host }, too, which is a KMS host for Windows and Office and refuses them{ $living-given ->
    [no] .
   *[yes] {""}; { $living } serves them.
  } They go on to the next record, so this costs them time. Records of the two kinds of hosts belong in different domains.
K903-summary-own-fixed = This client of the site's own software is set to { $host }, a KMS host for Windows and Office, which refuses it. A fixed host turns discovery off, so the client asks no other one.
K903-summary-log = The log of a host for the site's own software tells of { $clients ->
    [one] a Windows or Office client
   *[other] Windows or Office clients at { $clients } addresses
  } that came to it and had to be refused. A record or a fixed host leads them there. Whoever looks for KMS hosts on the network leaves the same line.
K903-summary-log-both = The log of a host for the site's own software tells of { $clients ->
    [one] a Windows or Office client
   *[other] Windows or Office clients at { $clients } addresses
  } that came to it and had to be refused. A host of their own is known, too, so they lose time and not their activation. Whoever looks for KMS hosts on the network leaves the same line.
K903-remedy-other-domain = Publish the host for the site's own software in a domain that Windows clients do not search
K903-remedy-windows-fixed = Give the Windows clients a fixed host
K903-remedy-own-fixed = Give the clients of the site's own software a fixed host

## K904: not this publisher's answer

K904-title = A client does not believe the answer of its host
K904-checked = Signatures of the answers to clients of the site's own software
K904-summary = { $host-given ->
    [no] The client got an answer from its host
   *[yes] The client got an answer from { $host }
  } and does not believe it (0x8007000D). The host is licensed by another publisher than the one whose setup key the client holds, or its licence was revoked or is over, or something on the way changes or forges answers. An answer that is not believed changes nothing on the client.
K904-remedy-compare = Compare the publisher of the client's key with the one that licensed the host
K904-remedy-setup-key = Give the client a setup key of the publisher that licensed the host

## K905: the host does not run

K905-title = The host for the site's own software does not serve
K905-checked = Service of the host for the site's own software
K905-summary-stopped = The host for the site's own software does not run. Nobody listens on its port, and its clients are not activated or renewed.
K905-summary-unwell = The host for the site's own software runs and keeps its answers back: { $health }. It gives no answer that it could forget.
K905-remedy-start = Start the service
K905-remedy-look-at-log = Look at its log
