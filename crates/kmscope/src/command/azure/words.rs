//! Reasons and verdicts in words of the catalogue.

use azure::appliance::ApplianceReason;
use azure::judgement::Why;
use azure::nsg::NsgReason;
use azure::oddities::Oddity;
use azure::outbound::{Lack, Outbound, Path};
use azure::verdict::{Reason, Verdict};
use facts::azure_endpoints::RouteSet;
use messages::Argument;

use crate::console::Console;

/// `works`, `fails`, `depends`: the same in JSON and in every language.
pub(super) fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Works => "works",
        Verdict::Fails => "fails",
        Verdict::Depends => "depends",
    }
}

/// One reason as a clause; nothing where there is nothing to say.
pub(super) fn why(one: &Why, console: &Console) -> Option<String> {
    let key = match one {
        Why::Route(reason) => route_key(*reason),
        Why::NoRoutes => "azure-why-no-routes",
        Why::Outbound(Outbound::Available(path, _)) => match path {
            Path::NatGateway => "azure-why-nat-gateway",
            Path::PublicAddress => "azure-why-public-address",
            Path::PublicLoadBalancer => "azure-why-load-balancer",
        },
        Why::Outbound(Outbound::Missing(lack, _)) => match lack {
            Lack::PrivateSubnet => "azure-why-private-subnet",
            Lack::StandardInternalLoadBalancer => "azure-why-internal-load-balancer",
        },
        Why::Outbound(Outbound::Unknown) => "azure-why-default-outbound",
        Why::OthersWithoutAddress => "azure-why-others-without-address",
        Why::Group(NsgReason::Allowed, _) => return None,
        Why::Group(reason, rule) => {
            let rule = rule.as_deref().unwrap_or("-");
            return Some(console.text(group_key(*reason), &[("rule", Argument::Text(rule))]));
        }
        Why::Appliance(reason) => match reason {
            ApplianceReason::Allowed => "azure-why-appliance-allows",
            ApplianceReason::SupersededOnly => "azure-why-appliance-old",
            ApplianceReason::WrongAddress => "azure-why-appliance-wrong",
            ApplianceReason::ApplicationRule => "azure-why-appliance-application-rule",
            ApplianceReason::Blocked => "azure-why-appliance-blocks",
            ApplianceReason::NotCovered => "azure-why-appliance-silent",
        },
        Why::ApplianceSourceUnknown => "azure-why-appliance-source",
    };
    Some(console.text(key, &[]))
}

fn route_key(reason: Reason) -> &'static str {
    match reason {
        Reason::Internet => "azure-why-internet",
        Reason::ForcedTunnel => "azure-why-forced-tunnel",
        Reason::Appliance => "azure-why-appliance",
        Reason::Dropped => "azure-why-dropped",
        Reason::InsideNetwork => "azure-why-inside-network",
        Reason::Shared => "azure-why-shared",
        Reason::ServiceTag => "azure-why-service-tag",
        Reason::RouteTableAlone => "azure-why-route-table-alone",
        Reason::NoRoute => "azure-why-no-route",
        Reason::UnknownNextHop => "azure-why-unknown-next-hop",
    }
}

fn group_key(reason: NsgReason) -> &'static str {
    match reason {
        // Told by nobody: see above.
        NsgReason::Allowed | NsgReason::PlatformRule => "azure-why-nsg-platform-rule",
        NsgReason::DeniedWithoutPlatformRule => "azure-why-nsg-denied",
        NsgReason::DeniedLicensingTag => "azure-why-nsg-tag",
        NsgReason::DeniedRoutesUnknown => "azure-why-nsg-routes-unknown",
        NsgReason::AllowsOtherAddressesOnly => "azure-why-nsg-others-only",
        NsgReason::Unclear => "azure-why-nsg-unclear",
    }
}

/// What is strange about a route.
pub(super) fn oddity(one: Oddity, prefix: &str, console: &Console) -> String {
    let key = match one {
        Oddity::UnreadablePrefix => "azure-odd-prefix",
        Oddity::HostBits(_) => "azure-odd-host-bits",
        Oddity::UnknownNextHop => "azure-odd-next-hop",
        Oddity::ApplianceWithoutAddress => "azure-odd-appliance",
        Oddity::Contradiction { .. } => "azure-odd-contradiction",
    };
    console.text(key, &[("prefix", Argument::Text(prefix))])
}

/// When documents asked for a set of routes.
pub(super) fn dated(set: &RouteSet, console: &Console) -> String {
    match (set.since.as_deref(), set.until.as_deref()) {
        (None, Some(until)) => console.text("azure-dated-before", &[("until", Argument::Text(until))]),
        (Some(since), Some(until)) => console.text(
            "azure-dated-between",
            &[("since", Argument::Text(since)), ("until", Argument::Text(until))],
        ),
        _ => console.text("azure-dated-current", &[]),
    }
}
