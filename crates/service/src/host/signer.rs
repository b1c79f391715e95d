//! Signs answers together: a signature costs more than all the rest of an answer, and one signature serves all that
//! wait.
//!
//! Whoever comes when nobody is signing becomes the signer. It first lets the tasks run that are ready, so that their
//! answers gather; then it signs what has gathered, its own among it. What has come meanwhile is signed by a task of
//! its own, so that nobody signs for others for ever.

use std::sync::{Arc, Mutex};

use activation::credentials::BATCH_MAX;
use activation::host::{Reply, Unsigned};
use rpc::activation::Answer;
use tokio::sync::oneshot;

use super::shared::locked;

/// Answers that wait for their signature.
#[derive(Debug, Default)]
struct Gathered {
    waiting: Vec<(Unsigned, oneshot::Sender<Answer>)>,
    /// Somebody will sign what waits.
    signing: bool,
}

/// Signs the answers of one host.
#[derive(Debug, Clone, Default)]
pub(super) struct Signer(Arc<Mutex<Gathered>>);

impl Signer {
    /// Signs an answer. Nothing when the service ends meanwhile.
    pub(super) async fn sign(&self, reply: Reply) -> Option<Answer> {
        let unsigned = match reply {
            Reply::Refused(code) => return Some(Answer::Refused(code)),
            Reply::Lease(unsigned) => *unsigned,
        };
        let (sender, receiver) = oneshot::channel();
        let first = {
            let mut gathered = locked(&self.0);
            gathered.waiting.push((unsigned, sender));
            !std::mem::replace(&mut gathered.signing, true)
        };
        if first {
            tokio::task::yield_now().await;
            if self.sign_some() {
                let others = self.clone();
                tokio::spawn(async move { while others.sign_some() {} });
            }
        }
        receiver.await.ok()
    }

    /// Signs what waits, up to a batch. True when there is more to be signed by the caller.
    fn sign_some(&self) -> bool {
        let batch: Vec<_> = {
            let mut gathered = locked(&self.0);
            let count = gathered.waiting.len().min(BATCH_MAX);
            gathered.waiting.drain(..count).collect()
        };
        let (unsigned, senders): (Vec<Unsigned>, Vec<oneshot::Sender<Answer>>) = batch.into_iter().unzip();
        for (answer, sender) in Unsigned::sign_all(unsigned).into_iter().zip(senders) {
            // Who no longer waits has lost its connection.
            let _ = sender.send(answer);
        }
        let mut gathered = locked(&self.0);
        gathered.signing = !gathered.waiting.is_empty();
        gathered.signing
    }
}
