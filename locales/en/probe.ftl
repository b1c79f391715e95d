### What kmscope probe says of a connection.

probe-kms = KMS host: the KMS interface was accepted
probe-own-host = KMS host for a site's own software (kmscope host): it accepts its own clients and refuses Windows clients
probe-other-rpc = an RPC server without the KMS interface ({ $answer })
probe-bind-nak = an RPC server that refuses the bind ({ $reason })
probe-odd-rpc = an RPC server that does not answer the bind ({ $what })
probe-malformed = a broken answer ({ $error })
probe-other-protocol = no RPC server: it answers in another protocol ({ $protocol })
probe-closed = accepts the connection and closes it without an answer
probe-reset = accepts the connection and then resets it
probe-silent = accepts the connection and says nothing
probe-incomplete = accepts the connection and does not finish its answer
probe-filtered = no answer: a filter on the way, or the machine is off
probe-refused = refused: the machine is there, nothing listens on the port
probe-reset-at-connect = reset while connecting
probe-no-route = no route ({ $error })
probe-not-tried = could not be tried ({ $error })
probe-no-address = the name has no address
probe-lookup-timeout = the name was not resolved in time
probe-connected = connected in { $connect } ms
probe-connected-answered = connected in { $connect } ms, answered in { $answer } ms
probe-statistics = { $connected } of { $tried } connected ({ $loss } % lost); minimum { $minimum } ms, median { $median } ms, maximum { $maximum } ms
probe-statistics-none = none of { $tried } connected
probe-sent = sent
probe-received = received
