//! A diagnosis in words.
//!
//! [`Document`] is the report as scripts read it (its serde shape is the documented JSON), and what every other
//! format is rendered from. The same report gives the same bytes.

pub mod compose;
pub mod document;
pub mod html;
pub mod json;
pub mod markdown;
pub mod moment;
mod schema;
pub mod text;
pub mod visible;
mod words;

pub use document::Document;
pub use schema::schema;
pub use text::TextOptions;
