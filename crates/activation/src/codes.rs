//! Result codes of the exchange, as hosts and clients of the field know them.

/// The host does not hold what the product needs; stands in the host's event.
pub const NOT_COVERED: u32 = 0xC004_F015;
/// The same refusal as the client is told it.
pub const NOT_COVERED_CLIENT: u32 = 0xC004_F042;
/// The host itself is not activated: its licence is over or revoked.
pub const HOST_NOT_ACTIVATED: u32 = 0xC004_F041;
/// Client and host are more than four hours apart.
pub const CLOCK_SKEW: u32 = 0xC004_F06C;
/// The host's count is below what the client needs.
pub const COUNT_TOO_LOW: u32 = 0xC004_F038;
/// No host could be reached.
pub const NO_HOST: u32 = 0xC004_F074;
/// No setup key is installed.
pub const NO_KEY: u32 = 0xC004_F014;
/// The answer is not what a host of this publisher would send: `ERROR_INVALID_DATA`.
pub const RESPONSE_NOT_VALID: u32 = 0x8007_000D;
/// Another way of activation is set: `ERROR_NOT_SUPPORTED`.
pub const NOT_ALLOWED: u32 = 0x8007_0032;
/// A request that no client sends: no machine id, or another version.
pub const INVALID_REQUEST: u32 = 0x8007_0057;
/// The rearms are used up.
pub const REARMS_USED_UP: u32 = 0xC004_D307;
/// A setup key that is none.
pub const INVALID_KEY: u32 = 0xC004_F050;
/// No domain has a record of the service.
pub const NAME_DOES_NOT_EXIST: u32 = 0x8007_232B;
/// The name exists, without records of the service.
pub const NO_RECORDS: u32 = 0x8007_251D;
/// A volume client that no host has activated, or that none holds any longer.
pub const NOT_BOUND: u32 = 0xC004_F056;
