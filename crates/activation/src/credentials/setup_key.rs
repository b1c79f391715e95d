//! The setup key: five groups of five characters that name a product and its publisher, the counterpart of a GVLK.
//!
//! 125 bits, the highest first: 3 of version, 8 of application, 12 of product, 12 of the clients that the product
//! demands, 80 of the publisher's fingerprint, and 10 of check, which are the 115 before them modulo 1021.
//! As 1021 is a prime beyond 31 * 32, one wrong character or two swapped neighbours never pass.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::key::Fingerprint;
use super::product::{TWELVE_BITS, activation_id, application_id};

/// The characters, by their values: no I, L, O or U.
pub(super) const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a key.
const LENGTH: usize = 25;
/// The version that is written here.
const VERSION: u8 = 1;
const MODULUS: u128 = 1021;
/// Of these the product keys of Windows and Office consist.
const MICROSOFT: &str = "BCDFGHJKMNPQRTVWXY2346789";

/// What a setup key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SetupKey {
    /// Number of the application.
    pub application: u8,
    /// Number of the product; its lower 12 bits are written.
    pub product: u16,
    /// So many clients the product demands, 1 to 4095; the lower 12 bits are written.
    pub n_policy: u16,
    /// Which publisher to believe.
    pub fingerprint: Fingerprint,
}

/// Why a text is no setup key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupKeyError {
    /// Too few or too many characters.
    #[error("a setup key has {LENGTH} characters, this has {count}")]
    Length {
        /// How many there are; beyond 25 they are not counted on.
        count: usize,
    },
    /// A character that no key has.
    #[error("character {at} is {character:?}, which setup keys do not have")]
    Character {
        /// Which.
        character: char,
        /// From 1, without hyphens.
        at: usize,
    },
    /// A typing error somewhere.
    #[error("the setup key has a typing error: its check does not fit")]
    Check,
    /// Right in itself, and of another kind.
    #[error("the setup key is of version {version}, which this kmscope does not know")]
    Version {
        /// Which.
        version: u8,
    },
    /// Right in itself, and impossible.
    #[error("the setup key demands no clients at all, which none does")]
    Policy,
    /// Looks like a key for Windows or Office.
    #[error("this looks like a Microsoft product key; kmscope does not activate Microsoft products")]
    Microsoft,
}

impl SetupKey {
    /// Id of the application that it names.
    pub fn application_id(&self) -> Uuid {
        application_id(self.fingerprint, self.application)
    }

    /// Id of the product that it names.
    pub fn activation_id(&self) -> Uuid {
        activation_id(self.fingerprint, self.application, self.product & TWELVE_BITS)
    }

    /// The last five characters, by which people and logs name a key.
    pub fn partial(&self) -> String {
        self.to_string().split_off(24)
    }

    fn to_number(self) -> u128 {
        let payload = u128::from(VERSION) << 112
            | u128::from(self.application) << 104
            | u128::from(self.product & TWELVE_BITS) << 92
            | u128::from(self.n_policy & TWELVE_BITS) << 80
            | self.fingerprint.to_number();
        (payload << 10) | (payload % MODULUS)
    }

    fn from_number(number: u128) -> Result<SetupKey, SetupKeyError> {
        let payload = number >> 10;
        if payload % MODULUS != number & 1023 {
            return Err(SetupKeyError::Check);
        }
        let bits = |from: u32, count: u32| (payload >> from) as u16 & ((1 << count) - 1);
        if bits(112, 3) != u16::from(VERSION) {
            return Err(SetupKeyError::Version { version: bits(112, 3) as u8 });
        }
        let key = SetupKey {
            application: bits(104, 8) as u8,
            product: bits(92, 12),
            n_policy: bits(80, 12),
            fingerprint: Fingerprint::from_number(payload),
        };
        if key.n_policy == 0 { Err(SetupKeyError::Policy) } else { Ok(key) }
    }
}

impl fmt::Display for SetupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.to_number();
        for at in 0..LENGTH {
            if at > 0 && at % 5 == 0 {
                f.write_str("-")?;
            }
            let value = (number >> (5 * (LENGTH - 1 - at))) as usize & 31;
            write!(f, "{}", char::from(DIGITS[value]))?;
        }
        Ok(())
    }
}

impl FromStr for SetupKey {
    type Err = SetupKeyError;

    /// Takes what people type: small letters, O for 0, I and L for 1, spaces or any kind of hyphen, or none.
    fn from_str(text: &str) -> Result<SetupKey, SetupKeyError> {
        let mut characters = ['0'; LENGTH];
        let mut count = 0;
        for character in text.chars().filter(|character| !separates(*character)) {
            let place = characters.get_mut(count).ok_or(SetupKeyError::Length { count: LENGTH + 1 })?;
            *place = character;
            count += 1;
        }
        if count < LENGTH {
            return Err(SetupKeyError::Length { count });
        }
        let microsoft = characters.iter().all(|character| MICROSOFT.contains(character.to_ascii_uppercase()));
        match read(&characters) {
            Err(SetupKeyError::Check | SetupKeyError::Version { .. }) if microsoft => {
                Err(SetupKeyError::Microsoft)
            }
            result => result,
        }
    }
}

fn read(characters: &[char; LENGTH]) -> Result<SetupKey, SetupKeyError> {
    let mut number = 0;
    for (at, character) in characters.iter().enumerate() {
        let value =
            digit_value(*character).ok_or(SetupKeyError::Character { character: *character, at: at + 1 })?;
        number = number << 5 | u128::from(value);
    }
    SetupKey::from_number(number)
}

fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}')
}

/// The value of a character as people type it.
pub(super) fn digit_value(character: char) -> Option<u8> {
    let upper = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let upper = u8::try_from(upper).ok()?;
    DIGITS.iter().position(|digit| *digit == upper).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::testing::{product, root};

    fn parse(text: &str) -> Result<SetupKey, SetupKeyError> {
        text.parse()
    }

    #[test]
    fn a_literal_key() {
        let key = product().setup_key(root().public().fingerprint());
        assert_eq!(key.to_string(), "40G04-0S8M4-KH9PJ-94MCF-RJWQ0");
        assert_eq!(key.partial(), "RJWQ0");
        assert_eq!(key.application_id().to_string(), "eccaae42-ddfe-8a96-ba3d-db33b2d814e9");
        assert_eq!(key.activation_id().to_string(), "d0f27bda-881c-8b6c-b22e-521f88641464");
        let lowest = SetupKey { application: 0, product: 0, n_policy: 1, fingerprint: Fingerprint([0; 10]) };
        assert_eq!(lowest.to_string(), "40000-01000-00000-00000-000E1");
        let highest =
            SetupKey { application: 255, product: 4095, n_policy: 4095, fingerprint: Fingerprint([255; 10]) };
        assert_eq!(highest.to_string(), "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ0V");
    }

    #[test]
    fn read_as_people_type_it() {
        let key = product().setup_key(root().public().fingerprint());
        let text = key.to_string();
        let typed = text.to_lowercase().replace('0', "o").replace('1', "l");
        for text in
            [typed.clone(), typed.replace('-', ""), typed.replace('-', " \u{2013} "), format!("\t{text}\n")]
        {
            assert_eq!(parse(&text), Ok(key), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_says_why() {
        let good = product().setup_key(root().public().fingerprint()).to_string();
        assert_eq!(parse(""), Err(SetupKeyError::Length { count: 0 }));
        assert_eq!(parse(&good[..28]), Err(SetupKeyError::Length { count: 24 }));
        assert_eq!(parse(&format!("{good}0")), Err(SetupKeyError::Length { count: 26 }));
        let with_u = format!("{}U", &good[..28]);
        assert_eq!(parse(&with_u), Err(SetupKeyError::Character { character: 'U', at: 25 }));
        assert_eq!(parse("00000-00000-00000-00000-00000"), Err(SetupKeyError::Version { version: 0 }));
        // Letters that Microsoft's keys have, in no key's order.
        assert_eq!(parse("BBBBB-CCCCC-DDDDD-FFFFF-GGGGN"), Err(SetupKeyError::Microsoft));
        assert_eq!(parse("bbbbb-ccccc-ddddd-fffff-ggggn"), Err(SetupKeyError::Microsoft));
        assert_eq!(parse("BBBBB-CCCCC-DDDDD-FFFFF-GGGG0"), Err(SetupKeyError::Check));
        let no_clients =
            SetupKey { application: 1, product: 1, n_policy: 0, fingerprint: Fingerprint([0; 10]) };
        assert_eq!(parse(&no_clients.to_string()), Err(SetupKeyError::Policy));
    }

    fn keys() -> impl Strategy<Value = SetupKey> {
        (any::<u8>(), 0u16..=4095, 1u16..=4095, any::<[u8; 10]>()).prop_map(
            |(application, product, n_policy, bytes)| SetupKey {
                application,
                product,
                n_policy,
                fingerprint: Fingerprint(bytes),
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn there_and_back(key in keys()) {
            prop_assert_eq!(parse(&key.to_string()), Ok(key));
        }

        #[test]
        fn every_wrong_character_is_found(key in keys()) {
            let good: Vec<char> = key.to_string().replace('-', "").chars().collect();
            for at in 0..LENGTH {
                for digit in DIGITS.iter().map(|digit| char::from(*digit)) {
                    let mut wrong = good.clone();
                    wrong[at] = digit;
                    let read = parse(&wrong.iter().collect::<String>());
                    prop_assert_eq!(read.is_ok(), wrong == good, "{} at {}", digit, at);
                }
            }
        }

        #[test]
        fn every_swap_of_neighbours_is_found(key in keys()) {
            let good: Vec<char> = key.to_string().replace('-', "").chars().collect();
            for at in 1..LENGTH {
                let mut wrong = good.clone();
                wrong.swap(at - 1, at);
                prop_assert_eq!(parse(&wrong.iter().collect::<String>()).is_ok(), wrong == good, "at {}", at);
            }
        }
    }
}
