//! Which routes, security groups, resources and appliance rules belong together.
//!
//! Resource ids decide where documents carry them. Without ids, what lies in one folder belongs together, and what was
//! given for everything belongs to everything.

use model::azure::{Resource, RouteTable, SecurityGroup};
use model::evidence::Evidence;
use model::{Fact, Source};

use crate::judgement::Place;

/// A place with a name that people know it by.
#[derive(Debug, Clone)]
pub struct NamedPlace<'a> {
    /// Subnet, route table or NIC; else the path of the file.
    pub name: String,
    /// Where its routes, or the subnet, were read.
    pub source: &'a Source,
    /// What decides there.
    pub place: Place<'a>,
}

/// One fact, and what it may be joined with.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Facts of one scope belong together: the folder of the file. Nothing: it belongs to everything.
    pub scope: Option<&'a str>,
    /// The fact.
    pub evidence: &'a Evidence,
}

impl<'a> Told<'a> {
    fn routes(&self) -> Option<&'a RouteTable> {
        match &self.evidence.fact.value {
            Fact::Routes(table) => Some(table),
            _ => None,
        }
    }

    fn group(&self) -> Option<&'a SecurityGroup> {
        match &self.evidence.fact.value {
            Fact::SecurityGroup(group) => Some(group),
            _ => None,
        }
    }

    fn resource(&self) -> Option<&'a Resource> {
        match &self.evidence.fact.value {
            Fact::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    fn shares(&self, other: &Told<'_>) -> bool {
        self.scope.is_none() || other.scope.is_none() || self.scope == other.scope
    }
}

/// Every place that the facts tell of, in their order.
pub fn places<'a>(all: &[Told<'a>]) -> Vec<NamedPlace<'a>> {
    let mut places = Vec::new();
    let subnets: Vec<(&Told<'a>, &'a Resource)> = all
        .iter()
        .filter_map(|told| Some((told, told.resource().filter(|one| is_kind(one, "subnet"))?)))
        .collect();
    for told in all {
        let Some(table) = told.routes() else { continue };
        let users: Vec<&'a Resource> =
            subnets.iter().map(|(_, subnet)| *subnet).filter(|subnet| uses(subnet, table)).collect();
        for subnet in &users {
            places.push(at(all, told, Some(table), Some(subnet), None));
        }
        // Subnets that the table names and no document describes.
        let described = |id: &&String| users.iter().any(|subnet| same(subnet.id.as_deref(), Some(id)));
        for id in table.subnets.iter().filter(|id| !described(id)) {
            places.push(at(all, told, Some(table), None, Some(id)));
        }
        if users.is_empty() && table.subnets.is_empty() {
            places.push(at(all, told, Some(table), None, None));
        }
    }
    let tables: Vec<&Told<'a>> = all.iter().filter(|told| told.routes().is_some()).collect();
    for (told, subnet) in subnets {
        let joined = tables.iter().any(|one| {
            one.routes()
                .is_some_and(|table| uses(subnet, table) || table.subnets.is_empty() && table.id.is_none())
                && one.shares(told)
        });
        if !joined {
            places.push(at(all, told, None, Some(subnet), None));
        }
    }
    // Rules or resources alone: one place of which no more is known.
    let tells = |told: &&Told<'a>| told.group().is_some() || told.resource().is_some();
    if places.is_empty()
        && let Some(first) = all.iter().find(tells)
    {
        places.push(at(all, first, None, None, None));
    }
    places
}

fn at<'a>(
    all: &[Told<'a>],
    told: &Told<'a>,
    routes: Option<&'a RouteTable>,
    subnet: Option<&'a Resource>,
    subnet_id: Option<&'a str>,
) -> NamedPlace<'a> {
    let id = subnet.and_then(|subnet| subnet.id.as_deref()).or(subnet_id);
    let mut place = Place { routes, ..Place::default() };
    for other in all.iter().filter(|other| other.shares(told)) {
        if let Some(group) = other.group()
            && group_is_for(group, subnet, id, all)
        {
            place.groups.push(group);
        } else if let Some(resource) = other.resource()
            && resource_is_for(resource, subnet, id)
        {
            place.resources.push(resource);
        } else if let Fact::Firewall(rule) = &other.evidence.fact.value
            && rule.rule_type.is_some()
        {
            place.appliance.push(rule);
        }
    }
    let of_subnet = subnet.and_then(|subnet| subnet.name.clone()).or_else(|| id.map(last_part));
    let source = &told.evidence.fact.source;
    let name = of_subnet
        .or_else(|| routes.and_then(|table| table.name.clone()))
        .unwrap_or_else(|| source.path.to_string());
    NamedPlace { name, source, place }
}

/// A group with users is for those; one without is for all that it lies beside.
fn group_is_for(
    group: &SecurityGroup,
    subnet: Option<&Resource>,
    id: Option<&str>,
    all: &[Told<'_>],
) -> bool {
    let named = |user: &String| {
        same(id, Some(user)) || nics_in(all, id).any(|nic| same(nic.id.as_deref(), Some(user)))
    };
    let chosen = |resource: &Resource| {
        group.id.is_some() && same(resource.security_group.as_deref(), group.id.as_deref())
    };
    if group.used_by.iter().any(named) || subnet.is_some_and(chosen) || nics_in(all, id).any(chosen) {
        return true;
    }
    let has_users = !group.used_by.is_empty() || all.iter().filter_map(Told::resource).any(chosen);
    !has_users || id.is_none() && subnet.is_none()
}

fn nics_in<'a>(all: &[Told<'a>], subnet: Option<&str>) -> impl Iterator<Item = &'a Resource> {
    all.iter()
        .filter_map(Told::resource)
        .filter(move |one| is_kind(one, "nic") && one.subnets.iter().any(|own| same(subnet, Some(own))))
}

/// A resource of another subnet says nothing of this one.
fn resource_is_for(resource: &Resource, subnet: Option<&Resource>, id: Option<&str>) -> bool {
    if let Some(own) = subnet
        && is_kind(resource, "subnet")
    {
        return std::ptr::eq(resource, own);
    }
    if is_kind(resource, "subnet") && id.is_some() {
        return same(resource.id.as_deref(), id);
    }
    let elsewhere = id.is_some()
        && matches!(resource.resource.as_deref(), Some("nic" | "nat-gateway"))
        && !resource.subnets.is_empty()
        && !resource.subnets.iter().any(|own| same(id, Some(own)));
    !elsewhere
}

fn uses(subnet: &Resource, table: &RouteTable) -> bool {
    same(subnet.route_table.as_deref(), table.id.as_deref())
        || table.subnets.iter().any(|id| same(subnet.id.as_deref(), Some(id)))
}

/// Ids are compared without regard to letter case, as Azure does; what is not told equals nothing.
fn same(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other))
}

fn is_kind(resource: &Resource, kind: &str) -> bool {
    resource.resource.as_deref() == Some(kind)
}

fn last_part(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}

#[cfg(test)]
mod tests {
    use model::azure::SecurityGroup as Group;
    use model::{Kind, Observed, Place as Where};

    use super::*;

    fn evidence(fact: Fact) -> Evidence {
        let source = Source { path: "t.json".into(), place: Where::Line(1) };
        Evidence { kind: Kind::AzureRoutes, fact: Observed { value: fact, source, quotes: Vec::new() } }
    }

    fn table(id: &str, subnets: &[&str]) -> Evidence {
        evidence(Fact::Routes(RouteTable {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            subnets: subnets.iter().map(|id| (*id).to_owned()).collect(),
            ..RouteTable::default()
        }))
    }

    fn subnet(name: &str, table: &str, group: &str) -> Evidence {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        evidence(Fact::Resource(Box::new(Resource {
            resource: Some("subnet".to_owned()),
            name: Some(name.to_owned()),
            id: Some(format!("/vnets/v/subnets/{name}")),
            route_table: text(table),
            security_group: text(group),
            ..Resource::default()
        })))
    }

    fn group(id: &str) -> Evidence {
        evidence(Fact::SecurityGroup(Group {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            ..Group::default()
        }))
    }

    /// Name, groups and resources of each place.
    fn told(facts: &[(Option<&str>, Evidence)]) -> Vec<(String, usize, usize)> {
        let all: Vec<Told<'_>> =
            facts.iter().map(|(scope, evidence)| Told { scope: *scope, evidence }).collect();
        places(&all)
            .iter()
            .map(|one| (one.name.clone(), one.place.groups.len(), one.place.resources.len()))
            .collect()
    }

    #[test]
    fn ids_join_a_subnet_with_its_table_and_its_group() {
        let facts = [
            (Some("a"), table("/rt/One", &[])),
            (Some("a"), table("/rt/two", &["/vnets/v/subnets/c"])),
            (Some("a"), subnet("a", "/RT/one", "/nsg/x")),
            (Some("a"), subnet("b", "", "")),
            (Some("a"), group("/nsg/X")),
        ];
        let place = |name: &str, groups, resources| (name.to_owned(), groups, resources);
        assert_eq!(told(&facts), [place("a", 1, 1), place("c", 0, 0), place("b", 0, 1)]);
    }

    #[test]
    fn without_ids_a_folder_and_what_was_given_for_all_belong_together() {
        let facts = [
            (Some("a"), table("", &[])),
            (Some("b"), table("", &[])),
            (Some("a"), group("")),
            (None, group("")),
            (Some("a"), subnet("s", "", "")),
        ];
        let place = |groups, resources| ("t.json".to_owned(), groups, resources);
        assert_eq!(told(&facts), [place(2, 1), place(1, 0)]);
    }
}
