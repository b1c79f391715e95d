//! Our questions in etcd's words, none newer than version 3.4.

use activation::journal::Contact;
use etcd_client::{
    Compare, CompareOp, GetOptions, GetResponse, ResponseHeader, Txn, TxnOp, TxnOpResponse, TxnResponse,
};

use super::fault::Fault;
use crate::error::ClusterError;
use crate::record;
use crate::tally::{Chore, Key, Page, What};

/// Most keys in one answer: about 200 KB.
pub(super) const PAGE: i64 = 1500;

/// Most changes in one transaction; etcd takes 128 if nothing else is said.
pub(super) const BATCH: usize = 100;

/// All keys of a folder that were written at a revision or later; 0 for all.
pub(super) fn range(folder: &str, since: i64) -> GetOptions {
    GetOptions::new().with_range(record::end(folder)).with_limit(PAGE).with_min_mod_revision(since)
}

/// Writes a contact, unless a later one of its machine is there, and reads what has changed.
pub(super) fn count(folder: &str, contact: &Contact, since: i64) -> Txn {
    let read = || TxnOp::get(folder, Some(range(folder, since)));
    let (later, put) = later_and_put(folder, contact);
    Txn::new().when([later]).and_then([read()]).or_else([put, read()])
}

/// Writes contacts, each unless a later one of its machine is there.
pub(super) fn bring(folder: &str, contacts: &[Contact]) -> Txn {
    let each = contacts.iter().map(|contact| {
        let (later, put) = later_and_put(folder, contact);
        TxnOp::txn(Txn::new().when([later]).or_else([put]))
    });
    Txn::new().and_then(each.collect::<Vec<_>>())
}

/// Times have a fixed width, so the greater value is the later one. Of a key that does not exist, nothing is greater.
fn later_and_put(folder: &str, contact: &Contact) -> (Compare, TxnOp) {
    let (key, value) = (record::key(folder, contact.cmid), record::value(contact));
    (Compare::value(key.clone(), CompareOp::Greater, value.clone()), TxnOp::put(key, value, None))
}

/// Changes keys, each unless somebody has written it since it was read.
pub(super) fn tidy(folder: &str, chores: &[Chore]) -> Txn {
    let each = chores.iter().map(|chore| {
        let key = record::key(folder, chore.cmid);
        let as_read = Compare::mod_revision(key.clone(), CompareOp::Equal, chore.revision);
        let change = match chore.what {
            What::Remove => TxnOp::delete(key, None),
            What::SetBack(contact) => TxnOp::put(key, record::value(&contact), None),
        };
        TxnOp::txn(Txn::new().when([as_read]).and_then([change]))
    });
    Txn::new().and_then(each.collect::<Vec<_>>())
}

/// The page in the answer to [`count`].
pub(super) fn answer(response: TxnResponse) -> Result<Page, Fault> {
    match response.op_responses().last() {
        Some(TxnOpResponse::Get(read)) => page(response.header(), read),
        _ => Err(Fault::Final(ClusterError::Strange("no keys"))),
    }
}

/// The page in an answer, with the header that it came with.
pub(super) fn page(header: Option<&ResponseHeader>, read: &GetResponse) -> Result<Page, Fault> {
    let header = header.ok_or(Fault::Final(ClusterError::Strange("no header")))?;
    let keys = read.kvs().iter().map(|key| Key {
        name: key.key().to_vec(),
        value: key.value().to_vec(),
        revision: key.mod_revision(),
    });
    Ok(Page {
        cluster: header.cluster_id(),
        revision: header.revision(),
        total: usize::try_from(read.count()).unwrap_or(usize::MAX),
        more: read.more(),
        keys: keys.collect(),
    })
}
