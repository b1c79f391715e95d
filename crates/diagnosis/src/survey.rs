//! Questions about a case that many rules ask.
