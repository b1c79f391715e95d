//! Presentation contexts: what a bind offers, and what is answered to each.

use std::fmt;

use crate::bytes::{Reader, Writer};
use crate::pdu::ReadError;
use crate::syntax::SyntaxId;

/// An interface that a client wants to use, with the encodings that it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationContext {
    /// Chosen by the client.
    pub id: u16,
    /// The interface.
    pub abstract_syntax: SyntaxId,
    /// Its encodings, the preferred one first.
    pub transfer_syntaxes: Vec<SyntaxId>,
}

/// The answer to one context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextResult {
    /// Yes or no, and why.
    pub verdict: ContextVerdict,
    /// The chosen encoding; [`SyntaxId::NONE`] where there is none.
    pub transfer_syntax: SyntaxId,
}

/// Yes or no, and why (C706 12.6.3.1 `p_cont_def_result_t`, MS-RPCE 2.2.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextVerdict {
    /// The interface is here.
    Accepted,
    /// The server's own code did not want it, with the reason as sent.
    UserRejection(u16),
    /// The runtime did not: reason 0, or one that is not known.
    ProviderRejection(u16),
    /// Reason 1: no such interface here.
    AbstractSyntaxNotSupported,
    /// Reason 2: the interface is here, in none of these encodings.
    TransferSyntaxesNotSupported,
    /// Reason 3.
    LocalLimitExceeded,
    /// The answer to an offer of features, with those that both sides know.
    Features(u16),
    /// A result that is not known, with its reason.
    Other(u16, u16),
}

impl ContextVerdict {
    fn from_numbers(result: u16, reason: u16) -> ContextVerdict {
        match (result, reason) {
            // The reason of an acceptance says nothing and is zero.
            (0, 0) => ContextVerdict::Accepted,
            (1, reason) => ContextVerdict::UserRejection(reason),
            (2, 1) => ContextVerdict::AbstractSyntaxNotSupported,
            (2, 2) => ContextVerdict::TransferSyntaxesNotSupported,
            (2, 3) => ContextVerdict::LocalLimitExceeded,
            (2, reason) => ContextVerdict::ProviderRejection(reason),
            (3, features) => ContextVerdict::Features(features),
            (result, reason) => ContextVerdict::Other(result, reason),
        }
    }

    fn numbers(self) -> (u16, u16) {
        match self {
            ContextVerdict::Accepted => (0, 0),
            ContextVerdict::UserRejection(reason) => (1, reason),
            ContextVerdict::ProviderRejection(reason) => (2, reason),
            ContextVerdict::AbstractSyntaxNotSupported => (2, 1),
            ContextVerdict::TransferSyntaxesNotSupported => (2, 2),
            ContextVerdict::LocalLimitExceeded => (2, 3),
            ContextVerdict::Features(features) => (3, features),
            ContextVerdict::Other(result, reason) => (result, reason),
        }
    }

    /// True for an acceptance, also for one with a reason that means nothing.
    pub fn is_accepted(self) -> bool {
        matches!(self, ContextVerdict::Accepted | ContextVerdict::Other(0, _))
    }
}

impl fmt::Display for ContextVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContextVerdict::Accepted => f.write_str("accepted"),
            ContextVerdict::UserRejection(reason) => write!(f, "user rejection, reason {reason}"),
            ContextVerdict::ProviderRejection(reason) => write!(f, "provider rejection, reason {reason}"),
            ContextVerdict::AbstractSyntaxNotSupported => f.write_str("abstract syntax not supported"),
            ContextVerdict::TransferSyntaxesNotSupported => f.write_str("transfer syntaxes not supported"),
            ContextVerdict::LocalLimitExceeded => f.write_str("local limit exceeded"),
            ContextVerdict::Features(features) => write!(f, "features {features:#x}"),
            ContextVerdict::Other(result, reason) => write!(f, "result {result}, reason {reason}"),
        }
    }
}

impl PresentationContext {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<PresentationContext, ReadError> {
        let id = reader.u16("context id")?;
        let count = reader.u8("number of transfer syntaxes")?;
        reader.u8("reserved byte of a context")?;
        let abstract_syntax = SyntaxId::read(reader)?;
        let transfer_syntaxes =
            (0..count).map(|_| SyntaxId::read(reader)).collect::<Result<Vec<_>, ReadError>>()?;
        Ok(PresentationContext { id, abstract_syntax, transfer_syntaxes })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.u16(self.id);
        // More than 255 cannot be said; nobody knows more than three.
        let syntaxes = &self.transfer_syntaxes[..self.transfer_syntaxes.len().min(u8::MAX.into())];
        out.u8(syntaxes.len() as u8);
        out.u8(0);
        self.abstract_syntax.write(out);
        syntaxes.iter().for_each(|syntax| syntax.write(out));
    }
}

impl ContextResult {
    /// An acceptance with the chosen encoding.
    pub fn accepted(transfer_syntax: SyntaxId) -> ContextResult {
        ContextResult { verdict: ContextVerdict::Accepted, transfer_syntax }
    }

    /// A refusal.
    pub fn refused(verdict: ContextVerdict) -> ContextResult {
        ContextResult { verdict, transfer_syntax: SyntaxId::NONE }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<ContextResult, ReadError> {
        let result = reader.u16("result")?;
        let reason = reader.u16("reason")?;
        let transfer_syntax = SyntaxId::read(reader)?;
        Ok(ContextResult { verdict: ContextVerdict::from_numbers(result, reason), transfer_syntax })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        let (result, reason) = self.verdict.numbers();
        out.u16(result);
        out.u16(reason);
        self.transfer_syntax.write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_numbers_is_kept() {
        for result in 0..6 {
            for reason in 0..6 {
                assert_eq!(ContextVerdict::from_numbers(result, reason).numbers(), (result, reason));
            }
        }
        assert!(ContextVerdict::from_numbers(0, 7).is_accepted());
        assert!(!ContextVerdict::from_numbers(2, 1).is_accepted());
    }
}
