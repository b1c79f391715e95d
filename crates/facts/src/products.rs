//! Activation ids and application ids that are known to belong to a product.

use std::collections::BTreeMap;

use model::Guid;
use serde::Deserialize;
use toml::Spanned;

use crate::releases::{Release, Releases};
use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One product with its activation id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Activation (SKU) id.
    pub id: Guid,
    /// Name of the product.
    pub name: String,
    /// `kms-client` or `kms-host`.
    pub role: String,
    /// Id of its release, where it belongs to one only.
    #[serde(default)]
    pub release: Option<String>,
    /// `printed` or `reported`.
    pub confidence: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// One application, the unit in which the licensing service counts products.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Application id.
    pub id: Guid,
    /// `Windows` or `Office`.
    pub name: String,
    /// Other ids that stand for it in print.
    #[serde(default)]
    pub also: Vec<Guid>,
    /// What is easily overlooked.
    #[serde(default)]
    pub note: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    application: Vec<Spanned<Application>>,
    #[serde(default)]
    product: Vec<Spanned<Product>>,
}

/// All products and applications by id.
#[derive(Debug, Clone)]
pub struct Products {
    applications: BTreeMap<Guid, Application>,
    products: BTreeMap<Guid, Product>,
}

impl Products {
    pub(crate) fn read(
        table: TableText<'_>,
        sources: &Sources,
        releases: &Releases,
    ) -> Result<Products, TableError> {
        let document: Document = table.parse()?;
        for row in &document.product {
            if let Some(release) = row.get_ref().release.as_ref().filter(|id| releases.find(id).is_none()) {
                let problem = format!("release {release:?} is unknown, expected an id of releases.toml");
                return Err(table.error(row.span().start, problem));
            }
        }
        Ok(Products {
            applications: table.keyed(document.application, sources, |row| row.id, |row| &row.source)?,
            products: table.keyed(document.product, sources, |row| row.id, |row| &row.source)?,
        })
    }

    /// The product with an activation id.
    pub fn find(&self, activation_id: Guid) -> Option<&Product> {
        self.products.get(&activation_id)
    }

    /// The application with an id.
    pub fn application(&self, id: Guid) -> Option<&Application> {
        self.applications.values().find(|a| a.id == id || a.also.contains(&id))
    }

    /// All products in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Product> {
        self.products.values()
    }
}

/// The product with an activation id.
pub fn find(activation_id: Guid) -> Option<&'static Product> {
    tables().products.find(activation_id)
}

/// The release of the product with an activation id.
pub fn release_of(activation_id: Guid) -> Option<&'static Release> {
    let release = find(activation_id)?.release.as_deref()?;
    tables().releases.find(release)
}

/// True when the application with an id is Office.
pub fn is_office(application_id: Guid) -> bool {
    tables().products.application(application_id).is_some_and(|a| a.name == OFFICE)
}

/// Name of the application in the table.
const OFFICE: &str = "Office";

#[cfg(test)]
mod tests {
    use super::*;

    fn guid(text: &str) -> Guid {
        Guid::parse(text).unwrap()
    }

    #[test]
    fn an_activation_id_names_product_and_release() {
        assert_eq!(
            release_of(guid("{34E1AE55-27F8-4950-8877-7A03BE5FB181}")).unwrap().id,
            "windows-server-2019"
        );
        let pro = find(guid("2de67392-b7a7-462a-b1ca-108dd189f588")).unwrap();
        assert_eq!((pro.role.as_str(), pro.release.as_deref()), ("kms-client", None));
        assert!(find(guid("cf67834d-db4a-402c-ab1f-2c134f02b700")).is_none());
    }

    #[test]
    fn both_spellings_of_the_office_application_are_known() {
        assert!(is_office(guid("0ff1ce15-a989-479d-af46-f275c6370663")));
        assert!(is_office(guid("0ff1ce16-a989-479d-af46-f275c6370663")));
        assert!(!is_office(guid("55c92734-d682-4d71-983e-d6ec3f16059f")));
    }

    #[test]
    fn only_reported_products_go_without_a_page() {
        for product in tables().products.iter() {
            assert!(product.confidence == "printed" || product.confidence == "reported", "{}", product.id);
            assert!(product.confidence == "reported" || !product.source.is_empty(), "{}", product.id);
        }
    }
}
