//! Whether something passes a filter.

use std::time::Duration;

use super::{Comparison, Literal, Node, Operator, Truth};

/// What can be filtered: gives the values of its fields by name.
pub trait Fields {
    /// The value of a field of the schema; none when it has none.
    fn field(&self, name: &str) -> Option<Value<'_>>;
}

/// The value of one field, of the kind that the schema says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Text(&'a str),
    /// A text of which something has several: one that fits is enough, and `!=` holds where none is alike.
    Texts(Vec<String>),
    Number(i64),
    /// How long ago it was; whoever asks knows the time.
    Age(Duration),
    Set(Vec<&'a str>),
    Truth(Truth),
}

pub(super) fn passes(node: &Node, fields: &impl Fields) -> bool {
    match node {
        Node::All(members) => members.iter().all(|member| passes(member, fields)),
        Node::Any(members) => members.iter().any(|member| passes(member, fields)),
        Node::Not(inner) => !passes(inner, fields),
        Node::Is(comparison) => fields
            .field(&comparison.field)
            .is_some_and(|value| holds(comparison, &value)),
    }
}

fn holds(comparison: &Comparison, value: &Value<'_>) -> bool {
    match (value, &comparison.literal) {
        (Value::Text(text), Literal::Text(wanted)) => match comparison.operator {
            Operator::Has => text.to_lowercase().contains(&wanted.to_lowercase()),
            Operator::NotEqual => !is_alike(text, wanted),
            _ => is_alike(text, wanted),
        },
        (Value::Texts(texts), Literal::Text(_)) => {
            let one = |text: &String| holds(comparison, &Value::Text(text));
            match comparison.operator {
                Operator::NotEqual => !texts.is_empty() && texts.iter().all(one),
                _ => texts.iter().any(one),
            }
        }
        (Value::Set(words), Literal::Text(wanted)) => {
            words.iter().any(|word| is_alike(word, wanted))
        }
        (Value::Number(number), Literal::Number(wanted)) => {
            compare(comparison.operator, number, wanted)
        }
        (Value::Age(age), Literal::Duration(wanted)) => {
            compare(comparison.operator, age, &Duration::from_secs(*wanted))
        }
        (Value::Truth(truth), Literal::Truth(wanted)) => {
            (truth == wanted) == (comparison.operator == Operator::Equal)
        }
        _ => false,
    }
}

fn is_alike(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

fn compare<T: Ord>(operator: Operator, a: &T, b: &T) -> bool {
    match operator {
        Operator::Equal => a == b,
        Operator::NotEqual => a != b,
        Operator::Less => a < b,
        Operator::AtMost => a <= b,
        Operator::Greater => a > b,
        Operator::AtLeast => a >= b,
        Operator::Has => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DEVICE_FIELDS, Filter};
    use super::*;

    struct Camera;

    impl Fields for Camera {
        fn field(&self, name: &str) -> Option<Value<'_>> {
            Some(match name {
                "class" => Value::Text("Camera"),
                "address" => Value::Texts(vec!["fe80::1".into(), "10.0.0.7".into()]),
                "tag" => Value::Set(vec!["floor2", "East"]),
                "score" => Value::Number(71),
                "last_heard" => Value::Age(Duration::from_secs(240)),
                "node" => Value::Truth(Truth::No),
                _ => return None,
            })
        }
    }

    #[test]
    fn comparisons_hold_as_they_read() {
        for (text, expected) in [
            ("class==camera && tag:floor2 && last_heard<5m", true),
            ("class==camera && last_heard<4m", false),
            ("last_heard<=4m", true),
            ("last_heard>1m", true),
            ("class:AMER", true),
            ("class!=printer", true),
            ("tag:east", true),
            ("tag:floor", false),
            ("address==fe80::1", true),
            ("address==10.0.0.7 && address:10.0.", true),
            ("address!=10.0.0.7", false),
            ("address!=10.0.0.8", true),
            ("score>=71 && score<72 && score!=70", true),
            ("node==no", true),
            ("node!=no", false),
            ("!(tag:floor2)", false),
            ("class==printer || class==camera && tag:floor2", true),
            ("(class==printer || class==camera) && tag:floor3", false),
            ("", true),
            ("vendor==acme", false),
            ("vendor!=acme", false),
            ("!vendor==acme", true),
        ] {
            let filter = Filter::parse(text, DEVICE_FIELDS).unwrap();
            assert_eq!(filter.passes(&Camera), expected, "{text}");
        }
    }
}
