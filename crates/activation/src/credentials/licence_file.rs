//! The licence file of a host: what its publisher granted, and perhaps the host's private key, as a text file.

use std::collections::BTreeSet;
use std::fmt::Write;

use data_encoding::BASE64;
use serde::Deserialize;
use toml::Spanned;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::chain::Chain;
use super::document::{DocumentError, SCHEMA, check_schema, from_base64, line_of, quoted, read};
use super::encoding::DecodeError;
use super::grant::{GrantError, SignedGrant};
use super::key::{HostKey, KeyError, PublicKey};
use super::name::{NameError, check_name};
use super::revocations::SignedRevocations;

/// Everything that a host needs to give leases; the counterpart of an installed KMS host key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostLicence {
    /// Name of the publisher.
    pub publisher: String,
    /// The publisher's root key.
    pub root: PublicKey,
    /// One grant for each product, all of one host: they share licence, serial number and host key.
    pub grants: Vec<SignedGrant>,
    /// The publisher's list when the licence was issued.
    pub revocations: Option<SignedRevocations>,
    /// The host's private key, unless the host has made and kept its own.
    pub host_key: Option<HostKey>,
}

/// Why a licence file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenceFileError {
    /// Not TOML, other fields, another version.
    #[error("{0}")]
    Document(#[from] DocumentError),
    /// The publisher's name.
    #[error("line {line}: publisher: {source}")]
    Publisher {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        source: NameError,
    },
    /// A key.
    #[error("line {line}: {field}: {source}")]
    Key {
        /// From 1.
        line: usize,
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        source: KeyError,
    },
    /// Not base64.
    #[error("line {line}: {field}: this is not base64")]
    Base64 {
        /// From 1.
        line: usize,
        /// Which.
        field: &'static str,
    },
    /// Base64 of something else.
    #[error("line {line}: {field}: {source}")]
    Decode {
        /// From 1.
        line: usize,
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A grant that the root key did not sign.
    #[error("line {line}: grants: {source}")]
    Grant {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        source: GrantError,
    },
    /// A list that the root key did not sign.
    #[error("line {line}: revocations: the list was not signed by this publisher")]
    Revocations {
        /// From 1.
        line: usize,
    },
    /// Grants of several hosts.
    #[error("line {line}: grants: this one is of another host than the first")]
    Mixed {
        /// From 1.
        line: usize,
    },
    /// Two grants for a product.
    #[error("line {line}: grants: {product} has been granted in a line before")]
    Twice {
        /// From 1.
        line: usize,
        /// Name of the product.
        product: String,
    },
    /// A private key that is not the grants'.
    #[error("line {line}: host_key: the grants are for another key")]
    OtherKey {
        /// From 1.
        line: usize,
    },
    /// Nothing is granted.
    #[error("the file holds no grant")]
    Empty,
}

/// The fields as they stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    schema: Spanned<u32>,
    publisher: Spanned<String>,
    root: Spanned<String>,
    host_key: Option<Spanned<String>>,
    revocations: Option<Spanned<String>>,
    #[serde(default)]
    grants: Vec<Spanned<String>>,
}

impl HostLicence {
    /// Reads a licence file. All signatures have been checked then, dates have not.
    pub fn read(text: &str) -> Result<HostLicence, LicenceFileError> {
        let fields: Fields = read(text)?;
        check_schema(text, &fields.schema)?;
        let line = |at: usize| line_of(text, at);
        let publisher = fields.publisher.get_ref();
        check_name(publisher).map_err(|source| LicenceFileError::Publisher {
            line: line(fields.publisher.span().start),
            source,
        })?;
        let key =
            |at: usize, field| move |source| LicenceFileError::Key { line: line_of(text, at), field, source };
        let root: PublicKey = fields.root.get_ref().parse().map_err(key(fields.root.span().start, "root"))?;
        let grants = read_grants(text, &fields.grants, &root)?;
        let host_key = match fields.host_key {
            Some(written) => {
                let at = written.span().start;
                let written = Zeroizing::new(written.into_inner());
                let host_key = HostKey::from_base64(&written).map_err(key(at, "host_key"))?;
                if grants.iter().any(|signed| signed.grant.host_key != host_key.public()) {
                    return Err(LicenceFileError::OtherKey { line: line(at) });
                }
                Some(host_key)
            }
            None => None,
        };
        let revocations =
            fields.revocations.as_ref().map(|written| read_revocations(text, written, &root)).transpose()?;
        Ok(HostLicence { publisher: publisher.clone(), root, grants, revocations, host_key })
    }

    /// Writes the file. It is as secret as the host's key in it.
    pub fn write(&self) -> Zeroizing<String> {
        // Room for all of it, so that no copy of the key stays behind when it grows.
        let size: usize = self.grants.iter().map(|signed| 2 * signed.to_bytes().len() + 512).sum();
        let list = self.revocations.as_ref().map(|list| BASE64.encode(&list.to_bytes()));
        let mut out =
            Zeroizing::new(String::with_capacity(4096 + size + list.as_ref().map_or(0, |list| list.len())));
        let secret = if self.host_key.is_some() { " Keep it secret: the host's key is in it." } else { "" };
        push(&mut out, format_args!("# Host licence for kmscope.{secret}\n"));
        push(&mut out, format_args!("schema = {SCHEMA}\n"));
        push(&mut out, format_args!("publisher = {}\n", quoted(&self.publisher)));
        push(&mut out, format_args!("root = \"{}\"\n", self.root));
        if let Some(key) = &self.host_key {
            push(&mut out, format_args!("host_key = \"{}\"\n", *key.to_base64()));
        }
        if let Some(list) = list {
            push(&mut out, format_args!("revocations = \"{list}\"\n"));
        }
        out.push_str("grants = [\n");
        for signed in &self.grants {
            let grant = &signed.grant;
            push(
                &mut out,
                format_args!(
                    "  # {}: {}, host {} of {}, serial {}, until {}\n  \"{}\",\n",
                    grant.licence,
                    grant.product.name,
                    grant.host_number,
                    grant.host_limit,
                    grant.serial,
                    grant.not_after,
                    BASE64.encode(&signed.to_bytes()),
                ),
            );
        }
        out.push_str("]\n");
        out
    }

    /// What a host sends along with leases for a product, if it may activate that.
    pub fn chain(&self, activation_id: Uuid) -> Option<Chain> {
        let signed = self.grants.iter().find(|signed| signed.grant.product.activation_id == activation_id)?;
        Some(Chain { root: self.root, grant: signed.clone() })
    }
}

/// Writing to a text does not fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn read_grants(
    text: &str,
    written: &[Spanned<String>],
    root: &PublicKey,
) -> Result<Vec<SignedGrant>, LicenceFileError> {
    let mut grants: Vec<SignedGrant> = Vec::new();
    let mut products = BTreeSet::new();
    for written in written {
        let line = line_of(text, written.span().start);
        let bytes =
            from_base64(written.get_ref()).ok_or(LicenceFileError::Base64 { line, field: "grants" })?;
        let signed = SignedGrant::from_bytes(&bytes).map_err(|source| LicenceFileError::Decode {
            line,
            field: "grants",
            source,
        })?;
        signed.verify(root).map_err(|source| LicenceFileError::Grant { line, source })?;
        let grant = &signed.grant;
        let alike = |first: &SignedGrant| {
            let first = &first.grant;
            (first.serial, first.host_key, first.host_number, &first.licence)
                == (grant.serial, grant.host_key, grant.host_number, &grant.licence)
        };
        if !grants.first().is_none_or(alike) {
            return Err(LicenceFileError::Mixed { line });
        }
        if !products.insert(grant.product.activation_id) {
            return Err(LicenceFileError::Twice { line, product: grant.product.name.clone() });
        }
        grants.push(signed);
    }
    if grants.is_empty() { Err(LicenceFileError::Empty) } else { Ok(grants) }
}

fn read_revocations(
    text: &str,
    written: &Spanned<String>,
    root: &PublicKey,
) -> Result<SignedRevocations, LicenceFileError> {
    let (line, field) = (line_of(text, written.span().start), "revocations");
    let bytes = from_base64(written.get_ref()).ok_or(LicenceFileError::Base64 { line, field })?;
    let signed = SignedRevocations::from_bytes(&bytes).map_err(|source| LicenceFileError::Decode {
        line,
        field,
        source,
    })?;
    if signed.verify(root) { Ok(signed) } else { Err(LicenceFileError::Revocations { line }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::credentials::testing::{grant, host, product, root};
    use crate::credentials::{Grant, Product, Revocations, RootKey};

    fn licence() -> HostLicence {
        let second = Product::new(root().public().fingerprint(), 2, "Draw \"2\" \\", 1, "Contoso");
        let second = Grant { product: second, ..grant().grant }.sign(&root()).unwrap();
        let list = Revocations { number: 1, issued_at: Moment(0), serials: [7].into() };
        HostLicence {
            publisher: "Contoso \"Soft\\ware\"".to_string(),
            root: root().public(),
            grants: vec![grant(), second],
            revocations: Some(list.sign(&root()).unwrap()),
            host_key: Some(host()),
        }
    }

    #[test]
    fn there_and_back() {
        let full = licence();
        assert_eq!(HostLicence::read(&full.write()), Ok(full.clone()));
        let bare = HostLicence { revocations: None, host_key: None, ..full };
        assert_eq!(HostLicence::read(&bare.write()), Ok(bare));
        assert_eq!(licence().chain(product().activation_id).map(|chain| chain.grant), Some(grant()));
        assert_eq!(licence().chain(Uuid::nil()), None);
    }

    #[test]
    fn windows_line_ends_are_no_harm() {
        assert_eq!(HostLicence::read(&licence().write().replace('\n', "\r\n")), Ok(licence()));
    }

    /// What is said of a licence file after a change.
    fn error_after(from: &str, to: &str) -> String {
        let text = licence().write();
        assert!(text.contains(from), "{from}");
        HostLicence::read(&text.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_line_and_field_and_no_secret() {
        let key = host().to_base64();
        assert_eq!(
            error_after("schema = 1", "schema = 2"),
            "line 2: schema 2 is not known to this kmscope, only 1"
        );
        assert_eq!(
            error_after("publisher = ", "publishers = "),
            "line 3: unknown field `publishers`, expected one of `schema`, `publisher`, `root`, `host_key`, `revocations`, `grants`"
        );
        assert_eq!(
            error_after("\"Contoso ", "\" "),
            "line 3: publisher: a name is not empty, and has no spaces before or behind it"
        );
        assert_eq!(
            error_after("root = \"i", "root = \""),
            "line 4: root: a key is 32 bytes in base64, which are 44 characters"
        );
        let torn = error_after(&format!("\"{}\"", *key), &format!("\"{}", *key));
        assert!(torn.starts_with("line 5: ") && !torn.contains(&**key), "{torn}");
        let other = HostKey::from_seed([9; 32]).to_base64();
        assert_eq!(error_after(&key, &other), "line 5: host_key: the grants are for another key");
        assert_eq!(
            error_after("revocations = \"", "revocations = \"A"),
            "line 6: revocations: this is not base64"
        );
        assert_eq!(
            error_after("revocations = \"S01T", "revocations = \"S01U"),
            "line 6: revocations: this is no list of revocations of this version"
        );
        assert_eq!(
            error_after("S01TZ3JudDEAAAAB", "S01TZ3JudDEAAAAC"),
            "line 9: grants: the grant was not signed by this publisher"
        );
        assert_eq!(error_after("S01TZ3JudDEAAAAB", ""), "line 9: grants: this is no grant of this version");
        let text = licence().write();
        let cut = text.split("grants").next().unwrap_or_default();
        assert_eq!(HostLicence::read(cut), Err(LicenceFileError::Empty));
    }

    #[test]
    fn grants_of_two_hosts_or_twice_are_refused() {
        let first = grant();
        let other = Grant { serial: 2, ..licence().grants[1].grant.clone() }.sign(&root()).unwrap();
        let mixed = HostLicence { grants: vec![first.clone(), other], ..licence() };
        assert_eq!(HostLicence::read(&mixed.write()), Err(LicenceFileError::Mixed { line: 11 }));
        let twice = HostLicence { grants: vec![first.clone(), first], ..licence() };
        let product = "Paint".to_string();
        assert_eq!(HostLicence::read(&twice.write()), Err(LicenceFileError::Twice { line: 11, product }));
        let stranger = RootKey::from_seed([9; 32]);
        let list = Revocations { number: 1, issued_at: Moment(0), serials: [7].into() };
        let foreign = HostLicence { revocations: Some(list.sign(&stranger).unwrap()), ..licence() };
        assert_eq!(HostLicence::read(&foreign.write()), Err(LicenceFileError::Revocations { line: 6 }));
    }

    #[test]
    fn truncated_files_are_refused() {
        let text = licence().write();
        // Without the last end of line the file is still whole.
        for length in (0..text.len() - 1).filter(|length| text.is_char_boundary(*length)) {
            assert!(HostLicence::read(&text[..length]).is_err(), "{length}");
        }
    }
}
