//! The causes that kmscope can name; their ids are a contract with scripts.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! causes {
    ($( $name:ident = $id:literal, )*) => {
        /// A cause. Its id never changes; what each means is told in the rule catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the ids below say it; the rule files explain each")]
        pub enum Cause { $( $name, )* }

        impl Cause {
            /// Every cause.
            pub const ALL: &'static [Cause] = &[ $( Cause::$name, )* ];

            /// The id, as in `srv-missing`.
            pub fn id(self) -> &'static str {
                match self { $( Cause::$name => $id, )* }
            }
        }
    };
}

causes! {
    SrvMissing = "srv-missing",
    SrvWrongSuffix = "srv-wrong-suffix",
    NoDnsSuffix = "no-dns-suffix",
    NoDnsServer = "no-dns-server",
    DnsServerUnreachable = "dns-server-unreachable",
    HostNameUnresolvable = "host-name-unresolvable",
    RogueOrDeadKmsHostInDns = "rogue-or-dead-kms-host-in-dns",
    DnsPublishFailed = "dns-publish-failed",
    DnsPublishDisabled = "dns-publish-disabled",
    HostUnreachable = "host-unreachable",
    PortBlocked = "port-blocked",
    FirewallWrongRuleType = "firewall-wrong-rule-type",
    RpcNotKms = "rpc-not-kms",
    HostNotActivated = "host-not-activated",
    HostServiceStopped = "host-service-stopped",
    HostKeyTooOld = "host-key-too-old",
    CountTooLow = "count-too-low",
    DuplicateCmid = "duplicate-cmid",
    TooManyHosts = "too-many-hosts",
    StaleRegisteredKmsName = "stale-registered-kms-name",
    WrongKeyChannel = "wrong-key-channel",
    WrongEditionKey = "wrong-edition-key",
    EvaluationEdition = "evaluation-edition",
    EditionNotVolume = "edition-not-volume",
    OemBiosSlic = "oem-bios-slic",
    ClockSkew = "clock-skew",
    NotElevated = "not-elevated",
    RegistryPermissions = "registry-permissions",
    DcomPermissions = "dcom-permissions",
    TokensCorrupt = "tokens-corrupt",
    NotGenuineUpdate = "not-genuine-update",
    GraceOrNotificationOnly = "grace-or-notification-only",
    AdBasedActivation = "ad-based-activation",
    ForcedTunnel = "forced-tunnel",
    AzureOldIpRoute = "azure-old-ip-route",
    AzureOldIpFirewall = "azure-old-ip-firewall",
    AzureWrongIp = "azure-wrong-ip",
    AzureNoOutbound = "azure-no-outbound",
    AzureNsgDeny = "azure-nsg-deny",
    AzureNatSharedAddress = "azure-nat-shared-address",
    ImdsUnreachable = "imds-unreachable",
    NotAFault = "not-a-fault",
    OwnPublisherMismatch = "own-publisher-mismatch",
}

impl Cause {
    /// The cause with an id.
    pub fn from_id(id: &str) -> Option<Cause> {
        Cause::ALL.iter().copied().find(|cause| cause.id() == id)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_lead_back_to_their_cause() {
        for cause in Cause::ALL {
            assert_eq!(Cause::from_id(cause.id()), Some(*cause));
        }
        assert_eq!(Cause::from_id("no-such-cause"), None);
    }

    #[test]
    fn every_cause_has_a_rule_and_the_codes_are_in_order() {
        let rules = crate::rules::RULES;
        let mut causes: Vec<Cause> = rules.iter().map(|rule| rule.cause).collect();
        causes.sort();
        // Our own host has rules of its own for causes that a genuine one has, too.
        causes.dedup();
        let mut all = Cause::ALL.to_vec();
        all.sort();
        assert_eq!(causes, all);
        assert!(rules.is_sorted_by(|left, right| left.code < right.code));
    }
}
