//! A client's documented behaviour, with hosts around it: facts of KMS clients and hosts, one by one.

mod activating;
mod identity;
mod trust;
mod which_host;
