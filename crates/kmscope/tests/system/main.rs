//! The KMS system end to end: publisher, hosts and clients as processes of the program as it is built.

mod activation;
mod clock;
mod control;
mod disk;
mod hostile;
mod http;
mod impacket;
mod killed;
mod licence;
mod limits;
#[allow(dead_code)]
#[path = "../live/named.rs"]
mod named;
mod publishing;
mod stage;
mod wire;
