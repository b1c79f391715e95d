//! Chance from the operating system.

use activation::Chance;

/// The system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without random numbers every nonce would be known beforehand; better no service than such a one.
        getrandom::fill(bytes).expect("the operating system gives no random numbers");
    }
}
