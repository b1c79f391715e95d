//! The KMS system end to end: publisher, hosts and clients as processes of the program as it is built.

mod activation;
mod impacket;
mod killed;
#[allow(dead_code)]
#[path = "../live/named.rs"]
mod named;
mod stage;
mod wire;
