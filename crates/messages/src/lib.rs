//! The message catalogue: every text that people read, by key and language.
//!
//! Texts live in `locales/<language>/*.ftl` (Fluent) and are compiled into the program.
//! A key that a language lacks is taken from English; Traditional Chinese never falls back to Simplified.

mod catalogue;
mod embedded;
mod language;
mod notes;

pub use catalogue::{Argument, Catalogue, SyntaxErrors};
pub use embedded::{FILES, File};
pub use language::{Language, UnknownLanguage};
pub use notes::fill_notes;
