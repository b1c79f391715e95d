//! What the codes of the exchange mean, in one sentence each.

use std::borrow::Cow;

use crate::codes;

/// The machine is no KMS host.
pub(super) const NOT_A_HOST: u32 = 0xC004_F039;
/// The machine has no such product.
pub(super) const PRODUCT_NOT_FOUND: u32 = 0xC004_F066;
/// `ERROR_ACCESS_DENIED`.
pub(super) const ACCESS_DENIED: u32 = 0x8007_0005;
/// `ERROR_INVALID_DATA`.
pub(super) const INVALID_DATA: u32 = 0x8007_000D;
/// `ERROR_INVALID_PARAMETER`.
pub(super) const INVALID_PARAMETER: u32 = 0x8007_0057;
/// `ERROR_NOT_SUPPORTED`.
pub(super) const NOT_SUPPORTED: u32 = 0x8007_0032;
/// Grace time is over: the reason behind `(grace time expired)`.
pub(super) const GRACE_EXPIRED: u32 = 0xC004_F009;
/// Not genuine: the reason behind `(non-genuine)`.
pub(super) const NOT_GENUINE: u32 = 0xC004_F200;

/// The sentence of a code.
pub fn sentence(code: u32) -> Cow<'static, str> {
    Cow::Borrowed(match code {
        codes::NOT_COVERED => "The licence of the KMS host does not cover this product.",
        codes::NOT_COVERED_CLIENT => {
            "The Key Management Service (KMS) that was asked cannot be used: its licence does not cover this product."
        }
        codes::HOST_NOT_ACTIVATED => {
            "The Key Management Service (KMS) is not activated: its licence has ended, has not begun, or was revoked."
        }
        codes::CLOCK_SKEW => {
            "The clocks of this computer and of the KMS host differ by more than four hours."
        }
        codes::COUNT_TOO_LOW => {
            "The computer could not be activated. The count reported by the Key Management Service (KMS) is insufficient."
        }
        codes::NO_HOST => {
            "The computer could not be activated. No Key Management Service (KMS) could be contacted. The log of the \
             client names every host that was tried."
        }
        codes::NO_KEY => "No setup key is installed. Install one with /ipk.",
        codes::RESPONSE_NOT_VALID => {
            "The computer could not be activated. What the KMS host answered is not valid: it was not signed for this \
             computer in the name of the setup key's publisher."
        }
        codes::NOT_ALLOWED => {
            "The configured activation type does not allow KMS activation. Change it with /act-type."
        }
        ACCESS_DENIED => {
            "Access denied: the requested action requires elevated privileges. Run it as root, or as the account of the \
             service."
        }
        INVALID_PARAMETER => "The parameter is incorrect.",
        codes::REARMS_USED_UP => "The rearms of this computer are used up.",
        codes::INVALID_KEY => "The setup key is not valid.",
        codes::NAME_DOES_NOT_EXIST => {
            "DNS name does not exist: no domain that was searched has a _vlmcs._tcp record."
        }
        codes::NO_RECORDS => {
            "No records found for DNS query: the name _vlmcs._tcp exists without SRV records."
        }
        codes::NOT_BOUND => "The computer is not, or no longer, activated by a KMS host.",
        NOT_A_HOST => "The Key Management Service (KMS) is not enabled on this computer.",
        PRODUCT_NOT_FOUND => "No product with this activation ID is installed.",
        _ => return Cow::Owned(format!("Run \"kmscope explain 0x{code:08X}\" to display the error text.")),
    })
}
