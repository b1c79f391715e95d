//! Shapes that many tools share: property lists, tables, CSV and JSON, all seen as objects with named fields.
//!
//! A reader of objects does not care in which of these shapes PowerShell or Azure printed them.

pub mod csv_rows;
pub mod json;
pub mod list;
pub mod object;
pub mod table;

pub use object::{Field, Object, Shape};
