//! The shared count against real members of etcd: several hosts count like one, whoever is killed or cut off.
#![cfg(feature = "etcd")]

mod cable;
mod counting;
mod faults;
mod members;
mod secured;
