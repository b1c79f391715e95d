### What kmscope publisher says.

publisher-made = Publisher { $name } with the fingerprint { $fingerprint }
publisher-file-key = the root key, sealed with the passphrase. Keep a copy elsewhere: without it nothing can be licensed again.
publisher-file-catalogue = the products and the issued licences. Keep a copy of the newest.
publisher-file-public = the public key
publisher-rotated = { $path } opens with the new passphrase only. Copies of the old file still open with the old one.
publisher-written = Written to { $path }
publisher-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
  }
publisher-list = Revocation list { $number } with { $count ->
    [one] { $count } licence
   *[other] { $count } licences
  }
publisher-host = serial { $serial }: host { $number } of { $limit } of licence { $licence } until { $end }: { $products }
publisher-host-revoked = serial { $serial }: host { $number } of { $limit } of licence { $licence }, revoked at { $revoked }: { $products }
publisher-label-application = application
publisher-label-application-id = application id
publisher-label-activation-id = activation id
publisher-label-clients = clients needed
publisher-label-grace = grace
publisher-label-validity = validity
publisher-ask = Passphrase of the root key:
publisher-ask-new = New passphrase of the root key:
publisher-ask-again = The same again:
publisher-error-passphrase = the passphrase is empty: give one with --passphrase-file, in KMSCOPE_PASSPHRASE, on the terminal, or as the first line of standard input
publisher-error-new-passphrase = the new passphrase is empty: give one with --new-passphrase-file, in KMSCOPE_NEW_PASSPHRASE, on the terminal, or as the next line of standard input
publisher-error-differ = the two passphrases differ
publisher-error-there = { $path } is there already, and is not overwritten
publisher-error-none = { $path } is no publisher's folder: make one with kmscope publisher init
publisher-error-from = { $path } is not for the host key of serial { $serial }
publisher-error-key-lost = { $path } holds the private key of a host, which the new licence would not: take the key over with --from { $path }, or write to another file
