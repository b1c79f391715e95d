### The words of rules 2xx and 3xx: whether the host can be reached, and what answers there.

## K201: host unreachable

K201-title = The KMS host { $host } cannot be reached
K201-checked = Reachability of the KMS host
K201-summary = { $address-given ->
    [no] Tests get no answer from { $host }:
   *[yes] Tests get no answer from { $host } ({ $address }):
  } it is reported unreachable, does not reply, or the trace ends on the way. The machine is off, has another address, or no route leads to it from the client. Ping is often filtered, so silence alone can also be a firewall in front of a running machine.
K201-remedy-trace = Find out where the path ends
K201-remedy-other-host = Set another KMS host on the client
K201-missing = There is no test that would show whether the KMS host can be reached.

## K202: port blocked

K202-title = TCP port { $port } of the KMS host is blocked
K202-checked = TCP port 1688 of the KMS host
K202-summary-rule = { $rule-given ->
    [no] A firewall rule keeps TCP port { $port } closed:
   *[yes] The firewall rule “{ $rule }” keeps TCP port { $port } closed:
  } it blocks the port, or it is the rule that would allow it and is disabled. { $host-given ->
    [no] Requests of clients do not get through to the KMS host.
   *[yes] Requests of clients do not get through to the KMS host { $host }.
  }
K202-summary-refused = Connections to { $host } on TCP port { $port } are refused. The machine itself, or a firewall in front of it, rejects them, so it is not a matter of name or route. The same refusal appears when the Software Protection service (sppsvc) of the host is not running.
K202-summary-filtered = Connections to { $host } on TCP port { $port } do not succeed, and nothing in the evidence refuses them. A firewall on the host, on the client or between them drops the packets.
K202-summary-some-machines = { $host } serves or accepts other machines, but connections from the machines named here to TCP port { $port } do not succeed. The host and its port are open, so a firewall on these machines, or between them and the host, stops the traffic.
K202-remedy-enable-rule = Enable the built-in firewall rule on the KMS host
K202-remedy-open-path = Allow TCP 1688 on the way from the clients to the KMS host
K202-step-open-path = On every firewall between the clients and the KMS host, allow TCP port { $port } from the clients to the host.
K202-missing = There is no test of TCP port 1688 of the KMS host.

## K203: middlebox

K203-title = A device on the way accepts the connection but does not pass RPC
K203-checked = Devices on the way that answer in the host's place
K203-summary = A TCP connection to { $host } on port { $port } succeeds, but KMS requests to the same host fail. A proxy or a firewall on the way completes the connection itself, or passes only its beginning, and stops the RPC traffic that follows, as an application (HTTP or TLS) rule does. A connection test proves nothing on such a path.
K203-summary-rule-only = The firewall rule for KMS is an application (HTTP or TLS) rule. KMS is RPC over TCP port { $port }, which such a rule does not pass, even where a connection test succeeds. It takes a network rule.
K203-remedy-network-rule = Replace the application rule by a network rule for TCP 1688
K203-remedy-appliance = Pass TCP 1688 through the appliance without inspection
K203-step-appliance = On the appliance, allow TCP port { $port } from the clients to the KMS host at layer 4, without HTTP or TLS inspection and without a proxy.
K203-missing = There is no connection test, no firewall rule and no client event that would show a device on the way.

## K301: not a KMS host

K301-title = What answers on the port is not a KMS host
K301-checked = Service that answers on the KMS port
K301-summary-host = { $host } answers on the KMS port, but not as a KMS host: a probe, the RPC error, or the program that owns the port shows another service. Another program listens there, or the machine is not set up as a KMS host.
K301-summary-unnamed = The machine that clients turn to answers on the KMS port, but not as a KMS host: a probe, the RPC error, or the program that owns the port shows another service. Another program listens there, or the machine is not set up as a KMS host.
K301-remedy-find-listener = Find out what listens on the port
K301-remedy-other-host = Point the client to the real KMS host
K301-missing = Nothing in the evidence shows which service answers on the KMS port.
