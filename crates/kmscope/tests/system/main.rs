//! The KMS system end to end: publisher, hosts and clients as processes of the program as it is built.
//!
//! Services are stopped by signals here, so this needs Unix.
#![cfg(unix)]

mod activation;
#[cfg(feature = "etcd")]
#[path = "../../../cluster/tests/etcd/cable.rs"]
mod cable;
mod calls;
mod clients;
mod clock;
mod control;
mod disk;
mod full_disk;
mod hostile;
mod http;
mod impacket;
mod killed;
mod licence;
mod limits;
mod load;
mod machine;
#[cfg(feature = "etcd")]
#[allow(dead_code)]
#[path = "../../../cluster/tests/etcd/members.rs"]
mod members;
#[allow(dead_code)]
#[path = "../live/named.rs"]
mod named;
#[cfg(feature = "etcd")]
mod one_count;
#[allow(dead_code)]
#[path = "../../../rpc/tests/peers/mod.rs"]
mod peers;
mod postgres;
mod publishing;
mod reload;
mod rights;
#[path = "../../../store/tests/common/server.rs"]
#[allow(dead_code)]
mod server;
mod stage;
mod walkthrough;
mod wire;
