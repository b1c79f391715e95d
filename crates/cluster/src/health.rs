//! How the cluster is, for `status`.

use std::time::Duration;

use crate::error::ClusterError;

/// The cluster as this host sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// How long a question took that a majority must confirm, or why it got no answer.
    pub majority: Result<Duration, ClusterError>,
    /// Every endpoint, in the order in which they were given.
    pub members: Vec<MemberHealth>,
}

impl Health {
    /// False when endpoints belong to different clusters: then hosts count apart.
    pub fn is_one_cluster(&self) -> bool {
        let mut clusters = self.members.iter().filter_map(|member| member.state.as_ref().ok());
        let first = clusters.next().map(|member| member.cluster);
        clusters.all(|member| Some(member.cluster) == first)
    }
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberHealth {
    /// As it was given.
    pub endpoint: String,
    /// What it says of itself, or why it says nothing.
    pub state: Result<Member, ClusterError>,
}

/// What a member says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Version of etcd.
    pub version: String,
    /// Its id.
    pub id: u64,
    /// The id of its cluster.
    pub cluster: u64,
    /// Whom it takes for the leader.
    pub leader: Option<u64>,
    /// Bytes of its database; etcd refuses to write when the quota is reached, 2 GB if nothing else is said.
    pub database_bytes: u64,
}

impl Member {
    /// True for the leader.
    pub fn is_leader(&self) -> bool {
        self.leader == Some(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_two_clusters_are_noticed() {
        let member = |cluster| MemberHealth {
            endpoint: "http://etcd:2379".to_owned(),
            state: Ok(Member {
                version: "3.4.23".to_owned(),
                id: 1,
                cluster,
                leader: Some(1),
                database_bytes: 0,
            }),
        };
        let silent = MemberHealth {
            endpoint: "http://etcd:2379".to_owned(),
            state: Err(ClusterError::Unreachable { reason: "connection refused".to_owned() }),
        };
        let health = |members| Health { majority: Ok(Duration::from_millis(1)), members };
        assert!(health(vec![silent.clone(), member(1), silent.clone(), member(1)]).is_one_cluster());
        assert!(!health(vec![member(1), silent.clone(), member(2)]).is_one_cluster());
        assert!(health(vec![silent]).is_one_cluster());
    }
}
