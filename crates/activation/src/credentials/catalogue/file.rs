//! The catalogue as a file: `publisher.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use toml::Spanned;
use uuid::Uuid;

use super::{Catalogue, IssuedHost};
use crate::Moment;
use crate::credentials::document::{DocumentError, SCHEMA, check_schema, line_of, read};
use crate::credentials::key::{KeyError, PublicKey};
use crate::credentials::name::{NameError, check_name};
use crate::credentials::product::{Product, ProductError};

const HEAD: &str = "# Products and host licences of a kmscope publisher. There is no secret in it.\n\
                    # The commands of \"kmscope publisher\" write it anew: comments of your own do not stay.\n";

/// Why a catalogue can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFileError {
    /// Not TOML, other fields, another version.
    #[error("{0}")]
    Document(#[from] DocumentError),
    /// A name.
    #[error("line {line}: {source}")]
    Name {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        source: NameError,
    },
    /// A key.
    #[error("line {line}: {source}")]
    Key {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A product.
    #[error("line {line}: {source}")]
    Product {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        source: ProductError,
    },
    /// A product whose ids are not those of its numbers, or whose application has two numbers or names.
    #[error("line {line}: the product's ids do not fit this publisher and its numbers")]
    Foreign {
        /// From 1.
        line: usize,
    },
    /// A date.
    #[error("line {line}: {date:?} is no time, as in 2027-01-31T23:59:59Z")]
    Date {
        /// From 1.
        line: usize,
        /// Which.
        date: String,
    },
    /// A number or name that stood before.
    #[error("line {line}: this number or name stands twice")]
    Twice {
        /// From 1.
        line: usize,
    },
    /// A host whose numbers contradict each other, or with a product that is not in the file.
    #[error("line {line}: {what}")]
    Host {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    schema: Spanned<u32>,
    publisher: Spanned<String>,
    root: Spanned<String>,
    revocation_number: u32,
    #[serde(default, rename = "product")]
    products: Vec<Spanned<ProductFields>>,
    #[serde(default, rename = "host")]
    hosts: Vec<Spanned<HostFields>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductFields {
    number: u16,
    name: String,
    application_number: u8,
    application: String,
    application_id: Uuid,
    activation_id: Uuid,
    n_policy: u32,
    grace_days: u32,
    validity_days: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostFields {
    serial: u32,
    licence: String,
    host_number: u16,
    host_limit: u16,
    host_key: String,
    products: Vec<String>,
    not_before: String,
    not_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<u32>,
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    publisher: &'a str,
    root: PublicKey,
    revocation_number: u32,
    product: Vec<ProductFields>,
    host: Vec<HostFields>,
}

impl Catalogue {
    /// Reads a catalogue; all in it fits together then.
    pub fn read(text: &str) -> Result<Catalogue, CatalogueFileError> {
        let fields: Fields = read(text)?;
        check_schema(text, &fields.schema)?;
        let line = |at: usize| line_of(text, at);
        let publisher = fields.publisher.get_ref();
        check_name(publisher).map_err(|source| CatalogueFileError::Name {
            line: line(fields.publisher.span().start),
            source,
        })?;
        let root: PublicKey = fields
            .root
            .get_ref()
            .parse()
            .map_err(|source| CatalogueFileError::Key { line: line(fields.root.span().start), source })?;
        let mut catalogue = Catalogue {
            publisher: publisher.clone(),
            root,
            revocation_number: fields.revocation_number,
            products: Vec::with_capacity(fields.products.len()),
            hosts: Vec::with_capacity(fields.hosts.len()),
        };
        read_products(text, fields.products, &mut catalogue)?;
        read_hosts(text, fields.hosts, &mut catalogue)?;
        Ok(catalogue)
    }

    /// Writes it.
    pub fn write(&self) -> String {
        let written = Written {
            schema: SCHEMA,
            publisher: &self.publisher,
            root: self.root,
            revocation_number: self.revocation_number,
            product: self.products.iter().map(ProductFields::of).collect(),
            host: self.hosts.iter().map(HostFields::of).collect(),
        };
        // Numbers, texts and lists of them: TOML can tell them all.
        format!("{HEAD}{}", toml::to_string(&written).unwrap_or_default())
    }
}

impl ProductFields {
    fn of(product: &Product) -> ProductFields {
        ProductFields {
            number: product.number,
            name: product.name.clone(),
            application_number: product.application_number,
            application: product.application_name.clone(),
            application_id: product.application_id,
            activation_id: product.activation_id,
            n_policy: product.n_policy,
            grace_days: product.grace_days,
            validity_days: product.validity_days,
        }
    }

    fn into_product(self) -> Product {
        Product {
            number: self.number,
            name: self.name,
            application_number: self.application_number,
            application_name: self.application,
            application_id: self.application_id,
            activation_id: self.activation_id,
            n_policy: self.n_policy,
            grace_days: self.grace_days,
            validity_days: self.validity_days,
        }
    }
}

impl HostFields {
    fn of(host: &IssuedHost) -> HostFields {
        HostFields {
            serial: host.serial,
            licence: host.licence.clone(),
            host_number: host.host_number,
            host_limit: host.host_limit,
            host_key: host.host_key.to_string(),
            products: host.products.clone(),
            not_before: host.not_before.to_string(),
            not_after: host.not_after.to_string(),
            revoked_at: host.revoked_at.map(|at| at.to_string()),
            replaces: host.replaces,
        }
    }
}

fn read_products(
    text: &str,
    written: Vec<Spanned<ProductFields>>,
    catalogue: &mut Catalogue,
) -> Result<(), CatalogueFileError> {
    let publisher = catalogue.root.fingerprint();
    let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
    let (mut by_number, mut by_name) = (BTreeMap::new(), BTreeMap::new());
    for written in written {
        let line = line_of(text, written.span().start);
        let product = written.into_inner().into_product();
        product.check().map_err(|source| CatalogueFileError::Product { line, source })?;
        let (number, name) = (product.application_number, product.application_name.clone());
        let known_name = by_number.entry(number).or_insert_with(|| name.clone());
        let known_number = by_name.entry(name.clone()).or_insert(number);
        if !product.belongs_to(publisher) || *known_name != name || *known_number != number {
            return Err(CatalogueFileError::Foreign { line });
        }
        if !numbers.insert(product.number) || !names.insert(product.name.clone()) {
            return Err(CatalogueFileError::Twice { line });
        }
        catalogue.products.push(product);
    }
    Ok(())
}

fn read_hosts(
    text: &str,
    written: Vec<Spanned<HostFields>>,
    catalogue: &mut Catalogue,
) -> Result<(), CatalogueFileError> {
    let mut serials = BTreeSet::new();
    let products: BTreeSet<&str> = catalogue.products.iter().map(|product| product.name.as_str()).collect();
    let mut hosts = Vec::with_capacity(written.len());
    for written in written {
        let line = line_of(text, written.span().start);
        let host = read_host(line, written.into_inner())?;
        if !serials.insert(host.serial) {
            return Err(CatalogueFileError::Twice { line });
        }
        if host.products.is_empty() || !host.products.iter().all(|name| products.contains(name.as_str())) {
            return Err(CatalogueFileError::Host { line, what: "the host's products are not in this file" });
        }
        hosts.push(host);
    }
    if catalogue.revocation_number == 0 && hosts.iter().any(|host| host.revoked_at.is_some()) {
        let line = line_of(text, text.find("revocation_number").unwrap_or(0));
        return Err(CatalogueFileError::Host { line, what: "revoked hosts need a revocation_number" });
    }
    catalogue.hosts = hosts;
    Ok(())
}

fn read_host(line: usize, fields: HostFields) -> Result<IssuedHost, CatalogueFileError> {
    let moment = |text: String| match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok(Moment(at.as_second())),
        Err(_) => Err(CatalogueFileError::Date { line, date: text }),
    };
    check_name(&fields.licence).map_err(|source| CatalogueFileError::Name { line, source })?;
    let host_key =
        fields.host_key.parse().map_err(|source: KeyError| CatalogueFileError::Key { line, source })?;
    let host = IssuedHost {
        serial: fields.serial,
        licence: fields.licence,
        host_number: fields.host_number,
        host_limit: fields.host_limit,
        host_key,
        products: fields.products,
        not_before: moment(fields.not_before)?,
        not_after: moment(fields.not_after)?,
        revoked_at: fields.revoked_at.map(moment).transpose()?,
        replaces: fields.replaces,
    };
    if host.host_number == 0 || host.host_number > host.host_limit {
        return Err(CatalogueFileError::Host { line, what: "the host's number is beyond its limit" });
    }
    if host.not_before > host.not_after {
        return Err(CatalogueFileError::Host { line, what: "the host's licence ends before it begins" });
    }
    Ok(host)
}
