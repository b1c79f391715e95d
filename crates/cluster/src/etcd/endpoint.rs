//! Endpoints and certificates, checked before anything is asked.

use etcd_client::{Certificate, TlsOptions};

use crate::error::ClusterError;
use crate::options::{Options, Tls};

/// What a PEM file with certificates holds at least once.
const PEM_CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// The address of a member: `etcd1:2379`, or with `http://` or `https://` before it, as the options demand.
pub(super) fn url(endpoint: &str, options: &Options) -> Result<String, ClusterError> {
    let wrong = |reason: &str| {
        Err(ClusterError::Endpoint { endpoint: endpoint.to_owned(), reason: reason.to_owned() })
    };
    let (scheme, address) = match (endpoint.split_once("://"), &options.tls) {
        (Some((scheme, address)), _) => (scheme, address),
        (None, Some(_)) => ("https", endpoint),
        (None, None) => ("http", endpoint),
    };
    match (scheme, &options.tls) {
        ("https", None) => return wrong("https needs the certificate of the authority"),
        ("http", Some(_)) => return wrong("certificates are given, but http does not use them"),
        ("https" | "http", _) => {}
        _ => return wrong("it begins neither with http:// nor with https://"),
    }
    let address = address.strip_suffix('/').unwrap_or(address);
    let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    if address.contains(['/', '@', '?', '#']) || !matches!(port, Some(Ok(1..))) {
        return wrong("it is no host with a port, such as etcd1:2379");
    }
    Ok(format!("{scheme}://{address}"))
}

/// The certificates in the words of the client.
pub(super) fn tls_options(tls: &Tls) -> Result<TlsOptions, ClusterError> {
    if !tls.authorities.windows(PEM_CERTIFICATE.len()).any(|window| window == PEM_CERTIFICATE) {
        return Err(ClusterError::Certificate("no certificate of an authority is in it"));
    }
    let options = TlsOptions::new().ca_certificate(Certificate::from_pem(&tls.authorities));
    Ok(match &tls.identity {
        Some(own) => options.identity(etcd_client::Identity::from_pem(&own.certificate, &own.key)),
        None => options,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_as_admins_write_them() {
        let plain = Options::default();
        let with_tls =
            Options { tls: Some(Tls { authorities: Vec::new(), identity: None }), ..Options::default() };
        assert_eq!(url("etcd1:2379", &plain).as_deref(), Ok("http://etcd1:2379"));
        assert_eq!(url("etcd1:2379", &with_tls).as_deref(), Ok("https://etcd1:2379"));
        assert_eq!(url("http://[2001:db8::1]:2379/", &plain).as_deref(), Ok("http://[2001:db8::1]:2379"));
        for (wrong, options) in [
            ("https://etcd1:2379", &plain),
            ("http://etcd1:2379", &with_tls),
            ("etcd1", &plain),
            ("http://etcd1", &plain),
            ("etcd1:0", &plain),
            ("tcp://etcd1:2379", &plain),
            ("http://user@etcd1:2379", &plain),
            ("http://etcd1:2379/v3", &plain),
            ("", &plain),
        ] {
            assert!(matches!(url(wrong, options), Err(ClusterError::Endpoint { .. })), "{wrong}");
        }
    }
}
