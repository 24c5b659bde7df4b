//! One filter language for pages, interface and command line: `class==camera && tag:floor2 && last_heard<5m`.

use std::fmt;

use thiserror::Error;

mod evaluate;
mod lexer;
mod parser;

pub use evaluate::{Fields, Value};

/// A filter that was checked against the fields that there are. It prints as text that reads back as the same filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(pub(crate) Node);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Is(Comparison),
}

/// `field operator value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) field: String,
    pub(crate) operator: Operator,
    pub(crate) literal: Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    /// `:`, for text "has it in itself", for a set "has this element".
    Has,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(i64),
    /// In seconds: 90s, 5m, 2h, 7d, 4w.
    Duration(u64),
    Truth(Truth),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
}

/// What kind of values a field has; it decides which operators and values go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Compared without regard to case.
    Text,
    Number,
    /// How long ago: `last_heard<5m`.
    Age,
    /// Words: `tag:floor2`.
    Set,
    /// `yes` or `no`.
    Truth,
}

/// The fields that a filter may name, in the order in which they are offered.
pub type Schema = [(&'static str, Kind)];

/// The fields of devices, which pages, interface and command line share.
pub const DEVICE_FIELDS: &Schema = &[
    ("name", Kind::Text),
    ("class", Kind::Text),
    // As lists and the interface say it: online, degraded, silent, stopped, enrolled, retired; there, gone, unwatched.
    ("status", Kind::Text),
    ("site", Kind::Text),
    ("cell", Kind::Text),
    ("tag", Kind::Set),
    ("vendor", Kind::Text),
    // What the board or the machine calls itself, and the version of its node.
    ("model", Kind::Text),
    ("version", Kind::Text),
    ("address", Kind::Text),
    // Of a device without a node.
    ("mac", Kind::Text),
    ("guardians", Kind::Number),
    // The ids of what is open on it, how many they are, and whole points: what stands behind the point is cut off.
    ("finding", Kind::Set),
    ("findings", Kind::Number),
    ("score", Kind::Number),
    ("last_heard", Kind::Age),
    ("first_heard", Kind::Age),
    ("last_scan", Kind::Age),
    ("node", Kind::Truth),
];

/// The fields of findings, for the same three.
pub const FINDING_FIELDS: &Schema = &[
    ("id", Kind::Text),
    ("title", Kind::Text),
    // cve, service or difference.
    ("kind", Kind::Text),
    // none, low, medium, high or critical.
    ("level", Kind::Text),
    // open or closed.
    ("state", Kind::Text),
    ("exploited", Kind::Truth),
    ("ransomware", Kind::Truth),
    ("due", Kind::Truth),
    // Percent, and whole points: what stands behind the point is cut off.
    ("epss", Kind::Number),
    ("cvss", Kind::Number),
    ("devices", Kind::Number),
    ("class", Kind::Set),
    ("cell", Kind::Set),
    ("tag", Kind::Set),
    ("device", Kind::Set),
];

/// Why a text is no filter, and where. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column {column}: {problem}")]
pub struct FilterError {
    pub column: usize,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("the filter is longer than {} bytes", crate::limits::FILTER_BYTES)]
    Long,
    #[error(
        "parentheses and negations stand more than {} deep",
        crate::limits::FILTER_DEPTH
    )]
    Deep,
    #[error("the filter has more than {} comparisons", crate::limits::FILTER_TERMS)]
    Many,
    #[error("{0:?} means nothing here")]
    Character(char),
    #[error("a quotation mark is missing at the end of the text")]
    Unquoted,
    #[error("write {0} here")]
    Expected(&'static str),
    #[error("there is no field {name}; {hint}")]
    Field { name: String, hint: String },
    #[error("after {field} write one of {operators}")]
    Operator {
        field: &'static str,
        operators: &'static str,
    },
    #[error("{field} is compared with {wanted}")]
    Value {
        field: &'static str,
        wanted: &'static str,
    },
}

impl Filter {
    /// Reads a filter over these fields. An empty text is the filter that everything passes.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, FilterError> {
        parser::parse(text, schema).map(Self)
    }

    /// Whether it compares one of these fields: what is dear to read is read for a filter that asks for it.
    pub fn asks(&self, fields: &[&str]) -> bool {
        asks(&self.0, fields)
    }

    /// Whether it lets everything through because it says nothing.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Node::All(members) if members.is_empty())
    }

    /// Whether something passes. A field without a value passes no comparison, only a negation of one.
    pub fn passes(&self, fields: &impl Fields) -> bool {
        evaluate::passes(&self.0, fields)
    }
}

fn asks(node: &Node, fields: &[&str]) -> bool {
    match node {
        Node::All(members) | Node::Any(members) => members.iter().any(|one| asks(one, fields)),
        Node::Not(inner) => asks(inner, fields),
        Node::Is(comparison) => fields.contains(&comparison.field.as_str()),
    }
}

impl Operator {
    fn word(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Has => ":",
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(&self.0, f)
    }
}

fn write_node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (members, between) = match node {
        Node::All(members) => (members, " && "),
        Node::Any(members) => (members, " || "),
        Node::Not(inner) => {
            f.write_str("!")?;
            return write_member(inner, f);
        }
        Node::Is(comparison) => return write_comparison(comparison, f),
    };
    for (at, member) in members.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        write_member(member, f)?;
    }
    Ok(())
}

/// A part of a larger filter: in parentheses only where it joins others, so that printing never nests deeper than reading.
fn write_member(member: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match member {
        Node::All(_) | Node::Any(_) => {
            f.write_str("(")?;
            write_node(member, f)?;
            f.write_str(")")
        }
        member => write_node(member, f),
    }
}

fn write_comparison(comparison: &Comparison, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}{}", comparison.field, comparison.operator.word())?;
    match &comparison.literal {
        Literal::Text(text) if !text.is_empty() && text.chars().all(lexer::is_bare) => {
            f.write_str(text)
        }
        Literal::Text(text) => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Literal::Number(number) => write!(f, "{number}"),
        Literal::Duration(seconds) => f.write_str(&duration(*seconds)),
        Literal::Truth(Truth::Yes) => f.write_str("yes"),
        Literal::Truth(Truth::No) => f.write_str("no"),
    }
}

/// The largest unit that says it exactly.
fn duration(seconds: u64) -> String {
    let units = [(604_800, 'w'), (86_400, 'd'), (3600, 'h'), (60, 'm')];
    let exact = units
        .into_iter()
        .find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    match exact {
        Some((unit, letter)) => format!("{}{letter}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> String {
        Filter::parse(text, DEVICE_FIELDS).unwrap_err().to_string()
    }

    #[test]
    fn errors_point_at_the_column_and_say_what_to_write() {
        for (text, expected) in [
            (
                "clas==camera",
                "column 1: there is no field clas; did you mean class?",
            ),
            (
                "class==camera && zzz:1",
                "column 18: there is no field zzz; fields are name, class, status, site, cell, tag, vendor, model, version, address, mac, guardians, finding, findings, score, last_heard, first_heard, last_scan, node",
            ),
            (
                "class<camera",
                "column 6: after class write one of ==, !=, :",
            ),
            ("tag==floor2", "column 4: after tag write one of :"),
            (
                "last_heard<5",
                "column 12: last_heard is compared with a duration: 90s, 5m, 2h, 7d or 4w",
            ),
            (
                "score>high",
                "column 7: score is compared with a whole number",
            ),
            ("node==1", "column 7: node is compared with yes or no"),
            ("class==", "column 8: write a value here"),
            ("class==a class==b", "column 10: write && or || here"),
            ("(class==a", "column 10: write ) here"),
            ("class==a)", "column 9: write && or || here"),
            (
                "class==\"a",
                "column 8: a quotation mark is missing at the end of the text",
            ),
            (
                "é==a",
                "column 1: there is no field é; fields are name, class, status, site, cell, tag, vendor, model, version, address, mac, guardians, finding, findings, score, last_heard, first_heard, last_scan, node",
            ),
            ("class==a & tag:b", "column 10: '&' means nothing here"),
            ("&& tag:b", "column 1: write a field, ! or ( here"),
        ] {
            assert_eq!(error(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_length_and_number_have_their_limits() {
        assert!(error(&"(".repeat(500)).contains("deep"));
        assert!(error(&"!".repeat(500)).contains("deep"));
        assert!(error(&"a".repeat(5000)).contains("longer"));
        assert!(error(&vec!["tag:a"; 200].join("||")).contains("comparisons"));
    }

    #[test]
    fn a_filter_prints_as_it_reads() {
        for (text, printed) in [
            (
                "class==camera && tag:floor2 && last_heard<5m",
                "class==camera && tag:floor2 && last_heard<5m",
            ),
            (
                "class == \"a b\"||(tag:x&&!node==yes)",
                "class==\"a b\" || (tag:x && !node==yes)",
            ),
            ("last_heard<3600s", "last_heard<1h"),
            ("", ""),
            ("name:\"\\\"\\\\\"", "name:\"\\\"\\\\\""),
        ] {
            let filter = Filter::parse(text, DEVICE_FIELDS).unwrap();
            assert_eq!(filter.to_string(), printed);
        }
    }

    #[test]
    fn a_filter_knows_which_fields_it_asks_for() {
        let filter = Filter::parse("class==camera && !(tag:a || score>3)", DEVICE_FIELDS).unwrap();
        assert!(filter.asks(&["score"]) && filter.asks(&["address", "tag"]));
        assert!(!filter.asks(&["version"]) && !filter.is_empty());
        assert!(Filter::parse(" ", DEVICE_FIELDS).unwrap().is_empty());
    }

    #[test]
    fn as_many_negations_as_are_read_are_read_again() {
        let text = format!("{}node==no", "!".repeat(crate::limits::FILTER_DEPTH));
        let filter = Filter::parse(&text, DEVICE_FIELDS).unwrap();
        assert_eq!(filter.to_string(), text);
    }

    fn comparison() -> impl Strategy<Value = Node> {
        let text = prop_oneof![
            "[a-z0-9._:/-]{1,6}",
            any::<String>().prop_map(|text| text.chars().take(8).collect())
        ];
        prop_oneof![
            (
                text,
                prop_oneof![
                    Just(Operator::Equal),
                    Just(Operator::NotEqual),
                    Just(Operator::Has)
                ]
            )
                .prop_map(|(text, operator)| ("class", operator, Literal::Text(text))),
            any::<i64>().prop_map(|number| ("score", Operator::AtLeast, Literal::Number(number))),
            (0_u64..10_000_000).prop_map(|seconds| (
                "last_heard",
                Operator::Less,
                Literal::Duration(seconds)
            )),
            prop_oneof![Just(Truth::Yes), Just(Truth::No)].prop_map(|truth| (
                "node",
                Operator::Equal,
                Literal::Truth(truth)
            )),
        ]
        .prop_map(|(field, operator, literal)| {
            Node::Is(Comparison {
                field: field.into(),
                operator,
                literal,
            })
        })
    }

    fn tree() -> impl Strategy<Value = Node> {
        comparison().prop_recursive(3, 12, 3, |inner| {
            let is_all = |node: &Node| matches!(node, Node::All(_));
            let is_any = |node: &Node| matches!(node, Node::Any(_));
            prop_oneof![
                proptest::collection::vec(
                    inner
                        .clone()
                        .prop_filter("joined", move |node| !is_all(node)),
                    2..4
                )
                .prop_map(Node::All),
                proptest::collection::vec(
                    inner
                        .clone()
                        .prop_filter("joined", move |node| !is_any(node)),
                    2..4
                )
                .prop_map(Node::Any),
                inner.prop_map(|node| Node::Not(Box::new(node))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same(node in tree()) {
            let filter = Filter(node);
            prop_assert_eq!(Filter::parse(&filter.to_string(), DEVICE_FIELDS).unwrap(), filter);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), wild in "(class|tag|score|last_heard|node|==|<=|:|!|\\(|\\)|&&|\\|\\||\"|[a-z0-9]| ){0,20}") {
            for text in [text, wild] {
                if let Ok(filter) = Filter::parse(&text, DEVICE_FIELDS) {
                    prop_assert_eq!(Filter::parse(&filter.to_string(), DEVICE_FIELDS).unwrap(), filter);
                }
            }
        }
    }
}
