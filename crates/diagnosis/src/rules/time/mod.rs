//! 8xx: clocks.

pub mod clock_skew;
