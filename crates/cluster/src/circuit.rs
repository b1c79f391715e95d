//! After a call has failed, the next ones fail at once for a while, and then one of them tries.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::ClusterError;

/// Whether calls are tried.
#[derive(Debug, Default)]
pub(crate) struct Circuit {
    broken: Option<Broken>,
}

#[derive(Debug)]
struct Broken {
    until: Instant,
    reason: String,
}

impl Circuit {
    /// Lets a call through, or tells when the next one will be. The first that is let through again keeps the others
    /// out for as long as it may take itself; should it be given up, the next one tries after that.
    pub(crate) fn enter(&mut self, now: Instant, longest_call: Duration) -> Result<(), ClusterError> {
        let Some(broken) = &mut self.broken else { return Ok(()) };
        if now < broken.until {
            return Err(ClusterError::Paused {
                again_in: broken.until.duration_since(now),
                reason: broken.reason.clone(),
            });
        }
        broken.until = now + longest_call;
        Ok(())
    }

    /// A call got its answer.
    pub(crate) fn close(&mut self) {
        self.broken = None;
    }

    /// A call failed.
    pub(crate) fn open(&mut self, now: Instant, pause: Duration, reason: &ClusterError) {
        self.broken = Some(Broken { until: now + pause, reason: reason.to_string() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_call_tries_after_the_pause() {
        let mut circuit = Circuit::default();
        let start = Instant::now();
        assert_eq!(circuit.enter(start, 2 * SECOND), Ok(()));
        let reason = ClusterError::Unreachable { reason: "connection refused".to_owned() };
        circuit.open(start, SECOND, &reason);
        let paused = circuit.enter(start, 2 * SECOND).unwrap_err();
        assert_eq!(
            paused.to_string(),
            "the etcd cluster is asked again in 1000 ms: no etcd member answers: connection refused"
        );
        assert_eq!(circuit.enter(start + SECOND, 2 * SECOND), Ok(()));
        assert!(circuit.enter(start + SECOND, 2 * SECOND).is_err(), "another one is trying");
        assert_eq!(circuit.enter(start + 3 * SECOND, 2 * SECOND), Ok(()), "that one was given up");
        circuit.close();
        assert_eq!(circuit.enter(start + 3 * SECOND, 2 * SECOND), Ok(()));
    }
}
