//! The host publishes its own SRV record, by the same way as `kmscope dns publish`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use activation::publishing::Publication;
use dns::publish::{Wanted, publish};
use dns::tsig::{Key, Signer};
use dns::{Srv, service_name};
use probe::lookup::Random;
use probe::update::{UpdateFailure, current, locate, send};

/// `DNS_ERROR_RCODE_REFUSED`.
const REFUSED: u32 = 0x8007_232D;
/// `DNS_ERROR_RCODE_NOTAUTH`.
const NOT_AUTH: u32 = 0x8007_2331;
/// `DNS_ERROR_RCODE_NOTZONE`.
const NOT_ZONE: u32 = 0x8007_2332;
/// `DNS_ERROR_RCODE_BADSIG`.
const BAD_SIG: u32 = 0x8007_2338;
/// `DNS_ERROR_RCODE_BADKEY`.
const BAD_KEY: u32 = 0x8007_2339;
/// `DNS_ERROR_RCODE_BADTIME`.
const BAD_TIME: u32 = 0x8007_233A;
/// `DNS_ERROR_RCODE_NXRRSET`: what the update demands is no longer so.
const CHANGED: u32 = 0x8007_2330;
/// `DNS_ERROR_NO_DNS_SERVERS`.
const NO_DNS_SERVERS: u32 = 0x8007_267C;
/// `DNS_ERROR_RCODE_SERVER_FAILURE`.
const SERVER_FAILURE: u32 = 0x8007_232A;
/// `DNS_ERROR_INVALID_NAME`: a domain or host that is no name.
const INVALID_NAME: u32 = 0x8007_007B;
/// `ERROR_TIMEOUT`.
const TIMED_OUT: u32 = 0x8007_05B4;

/// Time to live of the record, in seconds. Not documented for Microsoft's hosts; an hour lets a move be seen soon.
const TTL_SECONDS: u32 = 3600;

/// How often an update is tried when somebody else changes the records at the same time.
const TRIES: usize = 3;

/// Where and how updates go.
#[derive(Debug, Clone)]
pub struct Updates {
    /// The server that is asked for the zone.
    pub nameserver: Option<SocketAddr>,
    /// The key that signs.
    pub key: Option<Arc<Key>>,
    /// For one question.
    pub patience: Duration,
    /// Source of message ids.
    pub random: Arc<Random>,
}

impl Updates {
    /// Publishes a record, or finds it published. The failure is a code for event 12293, with words for the log.
    pub async fn publish(&self, publication: &Publication, now: u64) -> Result<(), (u32, String)> {
        let Some(nameserver) = self.nameserver else {
            return Err((NO_DNS_SERVERS, "no DNS server is set".to_owned()));
        };
        let name = |error: dns::question::NameError| (INVALID_NAME, error.to_string());
        let owner = service_name(&publication.domain).map_err(name)?;
        let record = Srv {
            priority: publication.priority,
            weight: publication.weight,
            port: publication.port,
            target: publication.target.trim_end_matches('.').to_owned(),
            ttl: TTL_SECONDS,
        };
        let wanted = Wanted { record, addresses: Vec::new() };
        let mut last = (CHANGED, "the records change all the time".to_owned());
        for _ in 0..TRIES {
            let zone = locate(nameserver, &owner, self.patience, &self.random).await.map_err(|f| told(&f))?;
            let current =
                current(&zone, &owner, None, self.patience, &self.random).await.map_err(|f| told(&f))?;
            let Some(change) = publish(&zone.name, &owner, &current, &wanted).map_err(name)? else {
                return Ok(());
            };
            let signer = self.key.as_deref().map(|key| key as &dyn Signer);
            match send(&zone, &change, signer, self.random.id(), now, self.patience).await {
                Ok(()) => return Ok(()),
                Err(UpdateFailure::Changed) => last = told(&UpdateFailure::Changed),
                Err(failure) => return Err(told(&failure)),
            }
        }
        Err(last)
    }
}

/// The code and the words of a failed update.
fn told(failure: &UpdateFailure) -> (u32, String) {
    let (code, words) = match failure {
        UpdateFailure::NoZone(words) => (SERVER_FAILURE, format!("the zone is not found: {words}")),
        UpdateFailure::NotRead(words) => (SERVER_FAILURE, format!("the records can't be read: {words}")),
        UpdateFailure::NoAnswer(words) => (TIMED_OUT, words.clone()),
        UpdateFailure::Refused => (REFUSED, "the server refuses the update".to_owned()),
        UpdateFailure::NotAuth => {
            (NOT_AUTH, "the server is not the primary of the zone, or wants a key".to_owned())
        }
        UpdateFailure::BadKey => (BAD_KEY, "the server does not know the key".to_owned()),
        UpdateFailure::BadSig => (BAD_SIG, "the server has another secret under the key's name".to_owned()),
        UpdateFailure::BadTime(_) => (BAD_TIME, "the clocks of host and server are too far apart".to_owned()),
        UpdateFailure::NotZone => (NOT_ZONE, "a name lies outside the zone".to_owned()),
        UpdateFailure::Changed => (CHANGED, "somebody else changed the records".to_owned()),
        UpdateFailure::NoTicket(words)
        | UpdateFailure::TicketRefused(words)
        | UpdateFailure::Unverified(words)
        | UpdateFailure::Code(words) => (SERVER_FAILURE, words.clone()),
    };
    (code, words)
}
