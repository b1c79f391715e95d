//! Registry keys as PowerShell objects (`Get-ItemProperty`), as lists, tables or JSON.

use model::windows::RegistryValue;

use super::registry_keys::{self, Skipped, is_kept};
use crate::documents::{Object, Shape};
use crate::out::Out;

/// Properties that PowerShell adds to every registry object.
const ADDED: [&str; 5] = ["PSPath", "PSParentPath", "PSChildName", "PSDrive", "PSProvider"];

/// Value names that stand for themselves when the path was not selected.
const TELLING: [&str; 5] =
    ["KeyManagementServiceName", "DisableDnsPublishing", "DnsDomainPublishList", "SkipRearm", "NV Domain"];

/// Value names that licensing objects have too: kept beside one of the former.
const BESIDE: [&str; 3] =
    ["KeyManagementServicePort", "KeyManagementServiceLookupDomain", "KeyManagementServiceListeningPort"];

/// Reads an object that is a registry key, or a row of its access control list. False if it is neither.
pub(super) fn read(object: &Object, out: &mut Out) -> bool {
    if let (Some(rights), Some(who)) = (object.get("RegistryRights"), object.get("IdentityReference")) {
        return read_permission(rights, who, object, out);
    }
    // A long path is wrapped by the console.
    let path = object.get("PSPath").map(|path| path.replace('\n', ""));
    let key = path.as_deref().and_then(|path| path.split_once("Registry::")).map(|(_, key)| key.to_owned());
    if key.is_none() && !(path.is_none() && TELLING.iter().any(|name| object.has(name))) {
        return false;
    }
    let mut skipped = Skipped::default();
    for field in &object.fields {
        let added = ADDED
            .iter()
            .any(|name| field.name.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)));
        if added
            || (key.is_none()
                && !TELLING.iter().chain(&BESIDE).any(|name| field.name.eq_ignore_ascii_case(name)))
        {
            continue;
        }
        if key.as_deref().is_some_and(|key| !is_kept(key)) {
            skipped.add(key.as_deref().unwrap_or_default(), field.place.clone());
            continue;
        }
        let value = RegistryValue {
            key: key.clone(),
            name: Some(field.name.clone()),
            data: Some(data(&field.value, object.shape)),
            ..RegistryValue::default()
        };
        let line = format!("{} : {}", field.name, field.value.replace('\n', ", "));
        registry_keys::push(out, value, field.place.clone(), &line);
    }
    skipped.tell(out);
    true
}

/// One row of `(Get-Acl KEY).Access`, told as a value named `(Permissions)`.
fn read_permission(rights: &str, who: &str, object: &Object, out: &mut Out) -> bool {
    let access = object.get("AccessControlType").unwrap_or("Allow");
    let line = format!("{who} {access} {rights}");
    let value = RegistryValue {
        name: Some("(Permissions)".to_owned()),
        data: Some(line.clone()),
        ..RegistryValue::default()
    };
    registry_keys::push(out, value, object.place.clone(), &line);
    true
}

/// `{a, b}` is a list; in JSON the lines are there already.
fn data(value: &str, shape: Shape) -> String {
    match value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(list) if shape != Shape::Json => {
            list.split(", ").map(str::trim).filter(|item| !item.is_empty()).collect::<Vec<_>>().join("\n")
        }
        _ => value.to_owned(),
    }
}
