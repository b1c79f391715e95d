//! What is known about volume activation, in tables with their sources.

pub mod labels;
