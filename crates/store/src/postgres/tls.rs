//! TLS to the database, as far as the URL's `sslmode` verifies.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::AddressError;

/// How far a connection is secured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// What is verified.
    pub verify: Verify,
    /// Certificate and key of this side.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// What is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Verify {
    /// Nothing but that the other side is the same throughout; whoever is in between can read along.
    #[default]
    Nothing,
    /// That an authority of this file signed the certificate, for whomever.
    Authority(PathBuf),
    /// And that it is one for the server's name.
    Full(PathBuf),
}

impl Security {
    /// What makes connections; files are read again for each, as certificates are renewed.
    pub fn connector(&self) -> Result<MakeRustlsConnect, AddressError> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match &self.verify {
            Verify::Nothing => Arc::new(Lenient { provider: provider.clone(), roots: None }),
            Verify::Authority(path) => {
                Arc::new(Lenient { provider: provider.clone(), roots: Some(roots(path)?) })
            }
            Verify::Full(path) => {
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots(path)?), provider.clone())
                    .build()
                    .map_err(|error| unreadable(path, error))?
            }
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions that it was built with")
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let loaded = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error))?;
                builder
                    .with_client_auth_cert(certificates(certificate)?, loaded)
                    .map_err(|error| unreadable(certificate, error))?
            }
        };
        Ok(MakeRustlsConnect::new(config))
    }
}

fn unreadable(path: &Path, problem: impl ToString) -> AddressError {
    AddressError::File { path: path.display().to_string(), problem: problem.to_string() }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, AddressError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, error))?;
    read.collect::<Result<_, _>>().map_err(|error| unreadable(path, error))
}

fn roots(path: &Path) -> Result<RootCertStore, AddressError> {
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(certificates(path)?);
    if taken == 0 { Err(unreadable(path, "there is no certificate in it")) } else { Ok(roots) }
}

/// Verifies the authority at most, and whether the other side has the key of its certificate in any case.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    roots: Option<RootCertStore>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            let algorithms = self.provider.signature_verification_algorithms.all;
            let certificate = ParsedCertificate::try_from(end_entity)?;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
