//! A table that is read when it is first asked.

use std::ops::Deref;
use std::sync::OnceLock;

/// A table that is there, or that will be read on first use: most commands look into few of them.
#[derive(Debug, Clone)]
pub struct Lazy<T> {
    table: OnceLock<T>,
    read: fn() -> T,
}

impl<T> Lazy<T> {
    /// A table that is read on first use.
    pub(crate) fn later(read: fn() -> T) -> Lazy<T> {
        Lazy { table: OnceLock::new(), read }
    }
}

impl<T> From<T> for Lazy<T> {
    fn from(table: T) -> Lazy<T> {
        // Never called: the table is there.
        Lazy { table: OnceLock::from(table), read: || unreachable!("the table is there") }
    }
}

impl<T> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.table.get_or_init(self.read)
    }
}
