//! What a publisher has: the products, and every host licence that was issued, as a text file that people can read.
//!
//! A licence allows a number of hosts. A host counts against it from its issue until it is revoked or has ended.

mod file;

use super::encoding::DecodeError;
use super::grant::Grant;
use super::key::{PublicKey, RootKey};
use super::licence_file::HostLicence;
use super::name::{NameError, check_name};
use super::product::{DAYS_MAX, Product, ProductError, TWELVE_BITS};
use super::revocations::{Revocations, SERIALS_MAX, SignedRevocations};
use crate::Moment;
use crate::moment::DAY;

pub use file::CatalogueFileError;

/// Hosts of a licence, unless it says otherwise; as many as a KMS host key allows.
pub const HOST_LIMIT: u16 = 6;

/// Products and issued licences of a publisher. Every change goes through a method, which makes it whole or not at
/// all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Name of the publisher.
    pub publisher: String,
    /// The root key that signs.
    pub root: PublicKey,
    /// How often the list of revocations has changed.
    pub revocation_number: u32,
    /// In the order in which they were added.
    pub products: Vec<Product>,
    /// In the order in which they were issued.
    pub hosts: Vec<IssuedHost>,
}

/// One issued host licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedHost {
    /// Its serial number, from 1.
    pub serial: u32,
    /// Name of the licence.
    pub licence: String,
    /// Which of the licence's hosts it is, from 1.
    pub host_number: u16,
    /// How many hosts the licence allowed when this one was issued.
    pub host_limit: u16,
    /// The host's public key.
    pub host_key: PublicKey,
    /// Names of the products.
    pub products: Vec<String>,
    /// From when.
    pub not_before: Moment,
    /// Until when.
    pub not_after: Moment,
    /// When it was withdrawn.
    pub revoked_at: Option<Moment>,
    /// Serial number of the licence whose place it took.
    pub replaces: Option<u32>,
}

impl IssuedHost {
    /// Neither revoked nor ended: it counts against its licence.
    pub fn is_active(&self, now: Moment) -> bool {
        self.revoked_at.is_none() && now <= self.not_after
    }
}

/// Terms of a product; what is absent stays as it is, or is the default of a new product.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Name of its application; of a new product, the publisher's name.
    pub application: Option<String>,
    /// So many clients must have asked.
    pub n_policy: Option<u32>,
    /// Days without activation.
    pub grace_days: Option<u32>,
    /// Days of an activation.
    pub validity_days: Option<u32>,
}

/// What a host licence is to be.
#[derive(Debug, Clone)]
pub struct Order {
    /// Name of the licence.
    pub licence: String,
    /// Names of the products; all, if empty.
    pub products: Vec<String>,
    /// How many hosts the licence allows; as its last host, or six, if absent.
    pub host_limit: Option<u16>,
    /// The host's public key.
    pub host_key: PublicKey,
    /// Until when.
    pub not_after: Moment,
}

/// Why a catalogue is not changed, or nothing is signed from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// A name.
    #[error("{what} {name:?}: {source}")]
    Name {
        /// Of what.
        what: &'static str,
        /// Which.
        name: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// A comma in a product's name, where lists of names have theirs.
    #[error("the name of a product has no comma")]
    Comma,
    /// Terms out of range.
    #[error("{0}")]
    Product(#[from] ProductError),
    /// The ids of a product hang on its application.
    #[error("{product} belongs to the application {application}; under another it would be another product")]
    OtherApplication {
        /// Which.
        product: String,
        /// Its application.
        application: String,
    },
    /// All numbers are taken.
    #[error("there are no numbers left for another {what}")]
    Full {
        /// For what.
        what: &'static str,
    },
    /// No such product.
    #[error("there is no product {name:?}; there {known}")]
    UnknownProduct {
        /// Which.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// Nothing to license.
    #[error("there are no products yet: add one with \"publisher product\"")]
    NoProducts,
    /// No host is allowed, so none can be issued.
    #[error("a licence allows at least one host")]
    NoHosts,
    /// One host too many.
    #[error("the licence {licence:?} allows {limit} hosts, and has them: {hosts}")]
    Limit {
        /// Which.
        licence: String,
        /// How many.
        limit: u16,
        /// The hosts that it has.
        hosts: String,
    },
    /// Every host has a key of its own, and a lost key is never used again.
    #[error("the host key has been licensed with serial {serial}; each host needs a key of its own")]
    KnownKey {
        /// By which licence.
        serial: u32,
    },
    /// An end in the past.
    #[error("the end {0} has passed")]
    Past(Moment),
    /// An end that nobody will see.
    #[error("the end {0} is more than a hundred years ahead")]
    Far(Moment),
    /// An end before the one that was promised.
    #[error("the licence with serial {serial} already holds until {not_after}")]
    Earlier {
        /// Which.
        serial: u32,
        /// Its end.
        not_after: Moment,
    },
    /// No such licence.
    #[error("there is no host licence with serial {0}")]
    UnknownSerial(u32),
    /// It was withdrawn.
    #[error("the host licence with serial {serial} was revoked at {at}")]
    Revoked {
        /// Which.
        serial: u32,
        /// When.
        at: Moment,
    },
    /// The root key is another publisher's.
    #[error("the root key is not that of this catalogue")]
    OtherRoot,
    /// What is to be signed breaks a limit.
    #[error("{0}")]
    Unsignable(#[from] DecodeError),
}

impl Catalogue {
    /// A publisher without products.
    pub fn new(publisher: &str, root: PublicKey) -> Result<Catalogue, CatalogueError> {
        named("publisher", publisher)?;
        let publisher = publisher.to_string();
        Ok(Catalogue { publisher, root, revocation_number: 0, products: Vec::new(), hosts: Vec::new() })
    }

    /// The product of a name.
    pub fn product(&self, name: &str) -> Result<&Product, CatalogueError> {
        self.products.iter().find(|product| product.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.products.iter().map(|product| product.name.as_str()).collect();
            let known = match names.as_slice() {
                [] => "are none yet".to_string(),
                [one] => format!("is {one}"),
                many => format!("are {}", many.join(", ")),
            };
            CatalogueError::UnknownProduct { name: name.to_string(), known }
        })
    }

    /// Adds a product, or changes the terms of one. Licences that were issued keep the terms that they were issued
    /// with, until they are renewed.
    pub fn put_product(&mut self, name: &str, terms: &Terms) -> Result<&Product, CatalogueError> {
        named("product", name)?;
        if name.contains(',') {
            return Err(CatalogueError::Comma);
        }
        let known = self.products.iter().position(|product| product.name == name);
        let mut product = match known {
            Some(at) => self.products[at].clone(),
            None => self.new_product(name, terms)?,
        };
        if terms.application.as_ref().is_some_and(|other| *other != product.application_name) {
            let application = product.application_name;
            return Err(CatalogueError::OtherApplication { product: name.to_string(), application });
        }
        product.n_policy = terms.n_policy.unwrap_or(product.n_policy);
        product.grace_days = terms.grace_days.unwrap_or(product.grace_days);
        product.validity_days = terms.validity_days.unwrap_or(product.validity_days);
        product.check()?;
        let at = known.unwrap_or(self.products.len());
        match known {
            Some(at) => self.products[at] = product,
            None => self.products.push(product),
        }
        Ok(&self.products[at])
    }

    fn new_product(&self, name: &str, terms: &Terms) -> Result<Product, CatalogueError> {
        let application = terms.application.as_ref().unwrap_or(&self.publisher);
        named("application", application)?;
        let highest = self.products.iter().map(|product| product.number).max().unwrap_or(0);
        if highest >= TWELVE_BITS {
            return Err(CatalogueError::Full { what: "product" });
        }
        let known = self.products.iter().find(|product| product.application_name == *application);
        let application_number = match known {
            Some(product) => product.application_number,
            None => {
                let highest =
                    self.products.iter().map(|product| product.application_number).max().unwrap_or(0);
                highest.checked_add(1).ok_or(CatalogueError::Full { what: "application" })?
            }
        };
        Ok(Product::new(self.root.fingerprint(), highest + 1, name, application_number, application))
    }

    /// The issued licence with a serial number.
    pub fn host(&self, serial: u32) -> Result<&IssuedHost, CatalogueError> {
        self.hosts.iter().find(|host| host.serial == serial).ok_or(CatalogueError::UnknownSerial(serial))
    }

    /// Enters a new host of a licence, if the licence has room for it.
    pub fn issue(&mut self, order: Order, now: Moment) -> Result<&IssuedHost, CatalogueError> {
        named("licence", &order.licence)?;
        let products = self.ordered(&order.products)?;
        let last = self.hosts.iter().rev().find(|host| host.licence == order.licence);
        let limit = order.host_limit.or(last.map(|host| host.host_limit)).unwrap_or(HOST_LIMIT);
        let host_number = self.free_number(&order.licence, limit, now)?;
        let host = IssuedHost {
            serial: self.next_serial()?,
            licence: order.licence,
            host_number,
            host_limit: limit,
            host_key: self.unused(order.host_key)?,
            products,
            not_before: now,
            not_after: ahead(order.not_after, now)?,
            revoked_at: None,
            replaces: None,
        };
        Ok(self.enter(host))
    }

    /// Withdraws a licence. The list of revocations has a new number then.
    pub fn revoke(&mut self, serial: u32, now: Moment) -> Result<&IssuedHost, CatalogueError> {
        if self.revoked().count() >= SERIALS_MAX {
            return Err(CatalogueError::Full { what: "revocation" });
        }
        let number = self.revocation_number.checked_add(1);
        let number = number.ok_or(CatalogueError::Full { what: "list of revocations" })?;
        let host = self.valid_host(serial)?;
        host.revoked_at = Some(now);
        self.revocation_number = number;
        self.host(serial)
    }

    /// Withdraws the licence of a lost host, and enters one with the same products and end for a new key in its
    /// place, which does not count against the limit again.
    pub fn replace(
        &mut self,
        serial: u32,
        host_key: PublicKey,
        now: Moment,
    ) -> Result<&IssuedHost, CatalogueError> {
        let lost = self.valid_host(serial)?.clone();
        ahead(lost.not_after, now)?;
        let host = IssuedHost {
            serial: self.next_serial()?,
            host_key: self.unused(host_key)?,
            not_before: now,
            replaces: Some(serial),
            ..lost
        };
        self.revoke(serial, now)?;
        Ok(self.enter(host))
    }

    /// A later end for the same host and key. One that had ended must find room in its licence again.
    pub fn renew(
        &mut self,
        serial: u32,
        not_after: Moment,
        now: Moment,
    ) -> Result<&IssuedHost, CatalogueError> {
        let mut host = self.valid_host(serial)?.clone();
        if ahead(not_after, now)? <= host.not_after {
            return Err(CatalogueError::Earlier { serial, not_after: host.not_after });
        }
        if !host.is_active(now) {
            host.host_number = self.free_number(&host.licence, host.host_limit, now)?;
        }
        host.not_after = not_after;
        *self.valid_host(serial)? = host;
        self.host(serial)
    }

    /// The licence file of an issued host, with the products' terms of today and the newest list of revocations, if
    /// there ever was one. The host's private key is not known here.
    pub fn licence(&self, serial: u32, root: &RootKey, now: Moment) -> Result<HostLicence, CatalogueError> {
        self.check_root(root)?;
        let host = self.host(serial)?;
        if let Some(at) = host.revoked_at {
            return Err(CatalogueError::Revoked { serial, at });
        }
        let mut grants = Vec::with_capacity(host.products.len());
        for name in &host.products {
            let grant = Grant {
                licence: host.licence.clone(),
                serial,
                host_number: host.host_number,
                host_limit: host.host_limit,
                host_key: host.host_key,
                product: self.product(name)?.clone(),
                not_before: host.not_before,
                not_after: host.not_after,
            };
            grants.push(grant.sign(root)?);
        }
        let revocations = match self.revocation_number {
            0 => None,
            _ => Some(self.revocations(root, now)?),
        };
        let publisher = self.publisher.clone();
        Ok(HostLicence { publisher, root: self.root, grants, revocations, host_key: None })
    }

    /// The signed list of all that was withdrawn.
    pub fn revocations(&self, root: &RootKey, now: Moment) -> Result<SignedRevocations, CatalogueError> {
        self.check_root(root)?;
        let serials = self.revoked().collect();
        Ok(Revocations { number: self.revocation_number, issued_at: now, serials }.sign(root)?)
    }

    fn check_root(&self, root: &RootKey) -> Result<(), CatalogueError> {
        if root.public() == self.root { Ok(()) } else { Err(CatalogueError::OtherRoot) }
    }

    fn revoked(&self) -> impl Iterator<Item = u32> {
        self.hosts.iter().filter(|host| host.revoked_at.is_some()).map(|host| host.serial)
    }

    fn valid_host(&mut self, serial: u32) -> Result<&mut IssuedHost, CatalogueError> {
        let host = self.hosts.iter_mut().find(|host| host.serial == serial);
        let host = host.ok_or(CatalogueError::UnknownSerial(serial))?;
        match host.revoked_at {
            Some(at) => Err(CatalogueError::Revoked { serial, at }),
            None => Ok(host),
        }
    }

    fn ordered(&self, names: &[String]) -> Result<Vec<String>, CatalogueError> {
        if self.products.is_empty() {
            return Err(CatalogueError::NoProducts);
        }
        names.iter().try_for_each(|name| self.product(name).map(drop))?;
        let wanted = |product: &&Product| names.is_empty() || names.contains(&product.name);
        Ok(self.products.iter().filter(wanted).map(|product| product.name.clone()).collect())
    }

    /// The lowest number that no active host of the licence has.
    fn free_number(&self, licence: &str, limit: u16, now: Moment) -> Result<u16, CatalogueError> {
        if limit == 0 {
            return Err(CatalogueError::NoHosts);
        }
        let active = || self.hosts.iter().filter(|host| host.licence == licence && host.is_active(now));
        let free = (1..=limit).find(|number| active().all(|host| host.host_number != *number));
        let free = free.filter(|_| active().count() < usize::from(limit));
        free.ok_or_else(|| {
            let told = |host: &IssuedHost| format!("serial {} until {}", host.serial, host.not_after);
            let hosts = active().map(told).collect::<Vec<_>>().join(", ");
            CatalogueError::Limit { licence: licence.to_string(), limit, hosts }
        })
    }

    fn next_serial(&self) -> Result<u32, CatalogueError> {
        let highest = self.hosts.iter().map(|host| host.serial).max().unwrap_or(0);
        highest.checked_add(1).ok_or(CatalogueError::Full { what: "host licence" })
    }

    fn unused(&self, key: PublicKey) -> Result<PublicKey, CatalogueError> {
        match self.hosts.iter().find(|host| host.host_key == key) {
            Some(host) => Err(CatalogueError::KnownKey { serial: host.serial }),
            None => Ok(key),
        }
    }

    fn enter(&mut self, host: IssuedHost) -> &IssuedHost {
        let at = self.hosts.len();
        self.hosts.push(host);
        &self.hosts[at]
    }
}

fn named(what: &'static str, name: &str) -> Result<(), CatalogueError> {
    check_name(name).map_err(|source| CatalogueError::Name { what, name: name.to_string(), source })
}

fn ahead(end: Moment, now: Moment) -> Result<Moment, CatalogueError> {
    if end <= now {
        return Err(CatalogueError::Past(end));
    }
    let far = end.since(now) > i64::from(DAYS_MAX) * DAY;
    if far { Err(CatalogueError::Far(end)) } else { Ok(end) }
}

#[cfg(test)]
mod tests;
