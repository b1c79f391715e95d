//! The host daemon and the client agent: sockets, clock and control around the state machines.
