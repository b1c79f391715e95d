//! A text to be: its key in the message catalogue and what goes into it.

/// What goes into a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words of the evidence or of a table, shown as they are.
    Text(String),
    /// A number, formatted and inflected by the catalogue.
    Number(i64),
}

/// Arguments by name.
pub type Args = Vec<(&'static str, Value)>;

/// A text of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Key in the catalogue, as in `K101-title`.
    pub key: String,
    /// Arguments by name.
    pub args: Args,
}

impl Message {
    /// A text without arguments.
    pub fn new(key: impl Into<String>) -> Message {
        Message { key: key.into(), args: Vec::new() }
    }

    /// A text with arguments.
    pub fn with(key: impl Into<String>, args: Args) -> Message {
        Message { key: key.into(), args }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

macro_rules! number {
    ($($type:ty),*) => { $( impl From<$type> for Value {
        fn from(number: $type) -> Value {
            Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
        }
    } )* };
}
number!(i64, u64, u32, i32, u16, usize);
