//! Figures by name, in the order of the names.

use serde::Serialize;
use serde_json::{Map, Value};

/// What one yardstick measured; a set's figure lies below the figure's name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Metrics(Map<String, Value>);

impl Metrics {
    /// The figure with this name, where it is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// The figure of one data set.
    pub fn of_set(&self, name: &str, set: &str) -> Option<f64> {
        self.0.get(name)?.get(set)?.as_f64()
    }

    pub(crate) fn set(&mut self, name: &str, figure: f64) {
        self.0.insert(name.to_owned(), rounded(figure));
    }

    pub(crate) fn set_for(&mut self, name: &str, set: &str, figure: f64) {
        self.put(name, set, rounded(figure));
    }

    pub(crate) fn set_text(&mut self, name: &str, set: &str, text: &str) {
        self.put(name, set, Value::String(text.to_owned()));
    }

    fn put(&mut self, name: &str, set: &str, value: Value) {
        let sets = self
            .0
            .entry(name)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(sets) = sets {
            sets.insert(set.to_owned(), value);
        }
    }
}

/// Four digits after the point; what is not finite has no figure.
fn rounded(figure: f64) -> Value {
    serde_json::Number::from_f64((figure * 1e4).round() / 1e4).map_or(Value::Null, Value::Number)
}
