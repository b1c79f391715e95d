//! Keys negotiated with the Kerberos ticket of this session, for DNS servers that take no other signature.
//!
//! The tickets are the system's library's business: it reads the cache (`KRB5CCNAME`) and asks the domain's key
//! distribution centre. It is linked only where kmscope is built with the feature `gss-tsig`.

use std::time::Duration;

use dns::gss::{NegotiatedKey, SecurityContext, TkeyError, key_name, tkey_answer, tkey_question};
use tokio::time::timeout;

use crate::lookup::{Random, exchange_over_tcp};
use crate::update::{UpdateFailure, Zone};

/// A security context of some library.
pub type Context = Box<dyn SecurityContext + Send>;

/// Whether this build knows Kerberos.
pub const BUILT_IN: bool = cfg!(feature = "gss-tsig");

/// Messages after which a server that always wants one more is given up.
const ROUNDS_MAX: usize = 8;

/// A context for the DNS service on a server, by the server's full name.
#[cfg(feature = "gss-tsig")]
pub fn context(server: &str) -> Result<Context, String> {
    library::Ticket::new(server).map(|ticket| Box::new(ticket) as Context)
}

/// Kerberos is not part of this build.
#[cfg(not(feature = "gss-tsig"))]
pub fn context(_server: &str) -> Result<Context, String> {
    Err("this kmscope is built without Kerberos; build it with --features gss-tsig".to_owned())
}

/// Negotiates a key with the primary server of a zone; `now` is in seconds since 1970.
///
/// The library may ask the domain for a ticket, so its steps run beside the other work and within `patience` each.
pub async fn negotiate(
    zone: &Zone,
    context: Context,
    random: &Random,
    now: u64,
    patience: Duration,
) -> Result<NegotiatedKey<Context>, UpdateFailure> {
    let name = key_name(u32::from(random.id()) << 16 | u32::from(random.id()));
    let mut context = context;
    let mut received: Option<Vec<u8>> = None;
    for _ in 0..ROUNDS_MAX {
        let work = tokio::task::spawn_blocking(move || {
            let step = context.step(received.as_deref());
            (context, step)
        });
        let step = match timeout(patience, work).await {
            Err(_) => return Err(UpdateFailure::NoTicket("the domain gave no ticket in time".to_owned())),
            Ok(Err(error)) => return Err(UpdateFailure::NoTicket(error.to_string())),
            Ok(Ok((same, step))) => {
                context = same;
                step.map_err(UpdateFailure::NoTicket)?
            }
        };
        let Some(token) = step else { break };
        let id = random.id();
        let too_long = || UpdateFailure::NoTicket("the ticket does not fit into a message".to_owned());
        let question = tkey_question(&name, &token, id, now).ok_or_else(too_long)?;
        let answer = match timeout(patience, exchange_over_tcp(zone.primary, &question)).await {
            Err(_) => return Err(UpdateFailure::NoAnswer("no answer in time".to_owned())),
            Ok(Err(error)) => return Err(UpdateFailure::NoAnswer(error.to_string())),
            Ok(Ok(answer)) => answer,
        };
        let token = tkey_answer(&answer, id).map_err(|error| match error {
            TkeyError::Nonsense(_) => UpdateFailure::NoAnswer(error.to_string()),
            TkeyError::Code(_) | TkeyError::Refused(_) => UpdateFailure::TicketRefused(error.to_string()),
        })?;
        if context.is_complete() && token.is_empty() {
            break;
        }
        received = Some(token);
    }
    if context.is_complete() {
        Ok(NegotiatedKey::new(name, context))
    } else {
        Err(UpdateFailure::TicketRefused("the negotiation came to no end".to_owned()))
    }
}

/// The Kerberos library of this system.
#[cfg(feature = "gss-tsig")]
mod library {
    use dns::gss::SecurityContext;
    use libgssapi::context::{ClientCtx, CtxFlags, SecurityContext as _};
    use libgssapi::name::Name;
    use libgssapi::oid::{GSS_MECH_SPNEGO, GSS_NT_HOSTBASED_SERVICE, GSS_NT_KRB5_PRINCIPAL};

    /// The library ends its words with zero bytes here and there.
    fn words(error: libgssapi::error::Error) -> String {
        error.to_string().replace('\0', "")
    }

    /// A context with this session's ticket.
    pub(super) struct Ticket {
        context: ClientCtx,
        /// The same service under the name that no resolver rewrites; used when the first is not known.
        by_principal: Option<ClientCtx>,
    }

    impl Ticket {
        pub(super) fn new(server: &str) -> Result<Ticket, String> {
            // RFC 3645 3.1.1: both sides prove themselves, replays are noticed. Servers of Active Directory and BIND
            // want the negotiating mechanism, not bare Kerberos.
            let flags =
                CtxFlags::GSS_C_MUTUAL_FLAG | CtxFlags::GSS_C_REPLAY_FLAG | CtxFlags::GSS_C_INTEG_FLAG;
            let new = |name| ClientCtx::new(None, name, flags, Some(GSS_MECH_SPNEGO));
            let service = format!("DNS@{server}");
            let principal = format!("DNS/{server}");
            Ok(Ticket {
                context: new(Name::new(service.as_bytes(), Some(GSS_NT_HOSTBASED_SERVICE)).map_err(words)?),
                by_principal: Name::new(principal.as_bytes(), Some(GSS_NT_KRB5_PRINCIPAL)).ok().map(new),
            })
        }
    }

    impl SecurityContext for Ticket {
        fn step(&mut self, token: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
            let owned = |token: Option<libgssapi::util::Buf>| {
                token.map(|token| token.to_vec()).filter(|token| !token.is_empty())
            };
            let other = self.by_principal.take().filter(|_| token.is_none());
            match (self.context.step(token, None), other) {
                (Ok(token), _) => Ok(owned(token)),
                (Err(first), None) => Err(words(first)),
                (Err(first), Some(mut other)) => match other.step(None, None) {
                    Ok(token) => {
                        self.context = other;
                        Ok(owned(token))
                    }
                    Err(_) => Err(words(first)),
                },
            }
        }

        fn is_complete(&self) -> bool {
            self.context.is_complete()
        }

        fn sign(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
            self.context.get_mic(text).map(|mic| mic.to_vec()).map_err(words)
        }

        fn verify(&mut self, text: &[u8], signature: &[u8]) -> Result<(), String> {
            self.context.verify_mic(text, signature).map_err(words)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;
    use crate::lookup::read_message;

    /// A context of so many tokens.
    struct Steps(usize);

    impl SecurityContext for Steps {
        fn step(&mut self, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
            if self.0 == 0 {
                return Ok(None);
            }
            self.0 -= 1;
            Ok(Some(b"token".to_vec()))
        }
        fn is_complete(&self) -> bool {
            self.0 == 0
        }
        fn sign(&mut self, _: &[u8]) -> Result<Vec<u8>, String> {
            Ok(Vec::new())
        }
        fn verify(&mut self, _: &[u8], _: &[u8]) -> Result<(), String> {
            Ok(())
        }
    }

    /// A server that sends each question back as its answer, with a code.
    async fn echo(code: u8) -> Zone {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let primary: SocketAddr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut message = read_message(&mut stream).await.unwrap();
                message[2] |= 0x80;
                message[3] |= code;
                (message[7], message[11]) = (1, 0);
                let length = (message.len() as u16).to_be_bytes();
                stream.write_all(&[&length[..], &message].concat()).await.unwrap();
            }
        });
        Zone { name: dns::Name::root(), primary_name: "ns1.contoso.com".to_owned(), primary }
    }

    async fn negotiated(steps: usize, code: u8) -> Result<NegotiatedKey<Context>, UpdateFailure> {
        let random = Random::new(|| 7);
        negotiate(&echo(code).await, Box::new(Steps(steps)), &random, 1_790_000_000, Duration::from_secs(20))
            .await
    }

    #[tokio::test]
    async fn tokens_go_to_and_fro_until_both_are_content() {
        assert_eq!(negotiated(1, 0).await.map(|key| key.name()), Ok("kmscope-458759".to_owned()));
        assert!(negotiated(3, 0).await.is_ok());
    }

    #[tokio::test]
    async fn endless_wishes_and_refusals_end_it() {
        for (steps, code) in [(100, 0), (1, 5)] {
            let failure = negotiated(steps, code).await.map(|key| key.name()).unwrap_err();
            assert!(matches!(failure, UpdateFailure::TicketRefused(_)), "{failure:?}");
        }
    }
}
