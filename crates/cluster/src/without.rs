//! A build without etcd: the same names, and a clear word instead of a connection.

use std::convert::Infallible;

use activation::Moment;
use activation::journal::Contact;
use uuid::Uuid;

use crate::error::ClusterError;
use crate::health::Health;
use crate::options::Options;

/// The count of all hosts; there is none in this build.
#[derive(Debug, Clone)]
pub struct SharedCount(Infallible);

/// Says that this build has no etcd.
pub async fn connect(endpoints: &[String], options: Options) -> Result<SharedCount, ClusterError> {
    let _ = (endpoints, options);
    Err(ClusterError::NotBuilt)
}

impl SharedCount {
    /// Never called in this build.
    pub async fn count(
        &self,
        _application: Uuid,
        _cmid: Uuid,
        _n_policy: u32,
        _now: Moment,
    ) -> Result<u32, ClusterError> {
        match self.0 {}
    }

    /// Never called in this build.
    pub async fn bring(&self, _application: Uuid, _contacts: &[Contact]) -> Result<(), ClusterError> {
        match self.0 {}
    }

    /// Never called in this build.
    pub async fn contacts(&self, _application: Uuid) -> Result<Vec<Contact>, ClusterError> {
        match self.0 {}
    }

    /// Never called in this build.
    pub async fn health(&self) -> Health {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn says_how_to_get_it() {
        let error = connect(&["etcd1:2379".to_owned()], Options::default()).await.unwrap_err();
        assert_eq!(error.to_string(), "this build has no etcd; build with --features etcd");
    }
}
