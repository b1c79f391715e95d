//! One object with named fields, whatever shape it was printed in.

use model::{Place, Quote};

/// The shape in which an object was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `Name : value` lines (Format-List).
    List,
    /// Columns below a line of dashes (Format-Table, az -o table).
    Table,
    /// A row of comma, semicolon or tab separated values.
    Csv,
    /// A JSON object; nested fields have dotted names.
    Json,
}

/// A field and the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name as printed.
    pub name: String,
    /// Value as text; a list has one element per line.
    pub value: String,
    /// Where the value stands.
    pub place: Place,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its fields in the order printed.
    pub fields: Vec<Field>,
    /// Where it begins.
    pub place: Place,
    /// Its shape.
    pub shape: Shape,
}

impl Object {
    /// The field with a name, letter case aside.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The value of the first of these names that is present and not empty.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The value of a field that is present and not empty, trimmed.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.field(name).map(|field| field.value.trim()).filter(|value| !value.is_empty())
    }

    /// True when a field of that name is present, even if empty.
    pub fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// True when all names are present.
    pub fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// A quote of a field, recorded under the name that the fact has for it.
    pub fn quote(&self, name: &str, fact_field: &'static str) -> Option<Quote> {
        let field = self.field(name)?;
        let text = format!("{}: {}", field.name, field.value.replace('\n', ", "));
        Some(Quote::new(fact_field, field.place.clone(), &text))
    }
}
