### The words of rules 4xx: the KMS host and its count.

## K401: host not activated

K401-title = The KMS host itself is not activated
K401-checked = Activation of the KMS host itself
K401-summary-by-host = { $host-given ->
    [no] The machine
   *[yes] { $host }
  } has a KMS host key, but its license status is { $state }, not Licensed. A KMS host must be activated with Microsoft once; before that it activates no client.
K401-summary-by-client = The client was told that the KMS host it reached is not activated (0xC004F041). A KMS host must be activated with Microsoft once; before that it activates no client.
K401-remedy-activate-online = Activate the KMS host over the Internet
K401-remedy-activate-by-telephone = Activate the KMS host by telephone
K401-missing = The license status of the KMS host is not in the evidence.

## K402: service not running

K402-title = The Software Protection service of the KMS host is not running
K402-checked = Software Protection service of the KMS host
K402-summary-stopped = The Software Protection service (sppsvc) { $host-given ->
    [no] of the KMS host
   *[yes] of { $host }
  } is stopped. While it is stopped, nobody listens on the KMS port, and connections of clients fail. On a client this service stops by itself, which is normal; on a KMS host it must run.
K402-summary-disabled = The Software Protection service (sppsvc) { $host-given ->
    [no] of the KMS host
   *[yes] of { $host }
  } is disabled, so it does not start. Nobody listens on the KMS port, and connections of clients fail.
K402-summary-failed = { $host-given ->
    [no] The KMS host
   *[yes] { $host }
  } logged event 12291 or 12292: the Key Management Service, or its timer, could not be initialized. A host in this state does not serve its clients.
K402-remedy-start = Start the service and set its start type to automatic (delayed)
K402-missing = The state of the Software Protection service on the KMS host is not in the evidence.

## K403: host key or updates too old

K403-title = The KMS host does not cover the client's product
K403-checked = KMS host key and updates against the products of the clients
K403-summary = The KMS host answers, but refuses with a code which says that its host key or its updates do not cover the product that asks{ $clients ->
    [0] .
    [one] {""}; { $clients } client is affected in the evidence.
   *[other] {""}; { $clients } clients are affected in the evidence.
  } The host key is of an older or another product group, or the host lacks the update for the newer product. If the client reached a host that is not meant for it, the code is the same.
K403-summary-named = The KMS host answers, but refuses with a code which says that its host key or its updates do not cover the product that asks. The host's channel is { $channel }; the client runs { $product }. The host key is of an older or another product group, or the host lacks the update for the newer product.
K403-remedy-update-host = Install the current updates on the KMS host
K403-remedy-new-host-key = Install and activate a KMS host key that covers the product
K403-remedy-other-host = Send the client to a KMS host that covers its product
K403-missing = Neither the host's key and updates nor an answer of the host to its clients is in the evidence.

## K404: count too low

K404-title = The count of the KMS host is too low
K404-checked = Count of the KMS host against what its clients need
K404-summary-numbers = The KMS host counts { $count ->
    [one] { $count } machine
   *[other] { $count } machines
  }, and { $needed } are needed. Windows clients need a count of 25, Windows Server and Office a count of 5. The host works; it activates once enough different machines have asked within 30 days.
K404-summary-count = The KMS host counts { $count ->
    [one] { $count } machine
   *[other] { $count } machines
  }, which is not enough. Windows clients need a count of 25, Windows Server and Office a count of 5. The host works; it activates once enough different machines have asked within 30 days.
K404-summary-code = The KMS host answered that its count is too low (0xC004F038). Windows clients need a count of 25, Windows Server and Office a count of 5. The host works; it activates once enough different machines have asked within 30 days.
K404-summary-own-numbers = The host counts { $count ->
    [one] { $count } machine
   *[other] { $count } machines
  }, and { $needed } are needed. The publisher sets the number for each product. The host works; it activates once enough different machines have asked within 30 days.
K404-summary-own-code = The host answered that its count is too low (0xC004F038). The publisher sets the number of machines for each product. The host works; it activates once enough different machines have asked within 30 days.
K404-remedy-look-at-host = Look at the count and at the log of the KMS host
K404-remedy-more-machines = Let more machines send a request
K404-remedy-other-method = Use a MAK or Active Directory-based activation where there are too few machines
K404-missing = Neither the count of the KMS host nor its answers to clients are in the evidence.

## K405: shared client machine ID

K405-title = Several machines share one client machine ID (CMID)
K405-checked = Client machine IDs (CMID) that several machines share
K405-summary = { $machines } machines send the same client machine ID { $cmid }. The KMS host counts by this ID, so it takes them for one machine and its count is up to { $lost } lower than the number of machines. Machines get the same ID when they are cloned from an image that was not generalized.
K405-summary-several = { $cmids } client machine IDs are each shared by several machines; { $cmid } alone by { $machines }. The KMS host counts by this ID, so its count is up to { $lost } lower than the number of machines. Machines get the same ID when they are cloned from an image that was not generalized.
K405-summary-own = { $machines } machines send the same client machine ID { $cmid }. The host counts by this ID, so it takes them for one machine and its count is up to { $lost } lower than the number of machines. The ID is in the folder of the kmscope client; machines get the same one when that folder is copied, as in an image.
K405-remedy-rearm = Reset the licensing state of every clone but one
K405-remedy-generalize-image = Generalize the image with Sysprep, without SkipRearm
K405-missing = The client machine IDs are not in the evidence: neither the log of the KMS host nor the output of clients.

## K406: several hosts

K406-title = The count is spread over { $hosts } KMS hosts
K406-checked = Number of KMS hosts that share the requests
K406-summary = KMS hosts do not share their counts. Each of { $hosts } hosts stays below { $needed } ({ $counts }), while together they count { $sum }. The clients spread over all hosts in DNS, so none of them reaches the number that is needed.
K406-summary-own = Hosts do not share their counts unless they are given one cluster. Each of { $hosts } hosts stays below { $needed } ({ $counts }), while together they count { $sum }. The clients spread over all hosts in DNS, so none of them reaches the number that is needed.
K406-remedy-one-record = Leave one KMS host in DNS
K406-remedy-retire-host = Turn the surplus host back into a KMS client
K406-remedy-forget-cached-host = Let clients forget the host that they have cached
K406-missing = The counts of the KMS hosts, or the records that name them, are not in the evidence.
