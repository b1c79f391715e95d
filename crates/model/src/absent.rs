//! Leaving absent fields out of the JSON: absent is not zero, and not empty text either.

use std::collections::BTreeMap;

/// A value that may be absent and is then not serialised.
pub(crate) trait Absent {
    /// True when nothing was seen.
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Absent for BTreeMap<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// A flag line of the evidence: `false` means that the line was not seen.
impl Absent for bool {
    fn is_absent(&self) -> bool {
        !*self
    }
}

/// Serde's `skip_serializing_if` for every field of a fact.
pub(crate) fn is_absent<T: Absent>(value: &T) -> bool {
    value.is_absent()
}

/// Declares a fact: every field may be absent, has a default, and is skipped in JSON when absent.
macro_rules! fact_struct {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "crate::absent::is_absent")]
                pub $field: $type,
            )*
        }
    };
}
pub(crate) use fact_struct;
