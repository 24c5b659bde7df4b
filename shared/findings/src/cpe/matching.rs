//! How one name relates to another (NISTIR 7696, section 6): attribute by attribute, then as a whole.

use super::{Cpe, Letter, Value, letters};

/// What a source name is to a target name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The source names more: a pattern that the target fits.
    Superset,
    Equal,
    /// The source names less.
    Subset,
    /// They share nothing.
    Disjoint,
    /// The target has wildcards, which the specification does not compare; or attributes pull both ways.
    Undefined,
}

/// Relates names by table 6-4: disjoint when one attribute is, else all of one kind or equal.
pub fn relation(source: &Cpe, target: &Cpe) -> Relation {
    let pairs = source
        .0
        .iter()
        .zip(&target.0)
        .map(|(source, target)| values(source, target));
    let mut whole = Relation::Equal;
    for pair in pairs {
        whole = match (whole, pair) {
            (_, Relation::Disjoint) => return Relation::Disjoint,
            (whole, Relation::Equal) => whole,
            (Relation::Equal, pair) => pair,
            (whole, pair) if whole == pair => whole,
            _ => Relation::Undefined,
        };
    }
    whole
}

/// Relates two values by table 6-2.
pub(crate) fn values(source: &Value, target: &Value) -> Relation {
    if let Value::Text(text) = target
        && letters(text).any(|letter| !matches!(letter, Letter::Plain(_)))
    {
        return Relation::Undefined;
    }
    match (source, target) {
        (source, target) if source == target => Relation::Equal,
        (Value::Any, _) => Relation::Superset,
        (_, Value::Any) => Relation::Subset,
        (Value::Na, _) | (_, Value::Na) => Relation::Disjoint,
        (Value::Text(pattern), Value::Text(text)) => match fits(pattern, text) {
            true => Relation::Superset,
            false => Relation::Disjoint,
        },
    }
}

/// Whether a text fits a pattern whose wildcards stand at its ends; each `?` takes at most one character.
fn fits(pattern: &str, text: &str) -> bool {
    let pattern: Vec<Letter> = letters(pattern).collect();
    let text: Vec<Letter> = letters(text).collect();
    let is_plain = |letter: &Letter| matches!(letter, Letter::Plain(_));
    let start = pattern.iter().position(is_plain).unwrap_or(pattern.len());
    let end = pattern
        .iter()
        .rposition(is_plain)
        .map_or(start, |at| at + 1);
    let core = &pattern[start..end];
    let room = |ends: &[Letter]| match ends.contains(&Letter::Many) {
        true => usize::MAX,
        false => ends.len(),
    };
    let (before, after) = (room(&pattern[..start]), room(&pattern[end..]));
    if core.is_empty() {
        return text.len() <= before.saturating_add(after);
    }
    let mut windows = text.windows(core.len()).enumerate();
    windows
        .any(|(at, window)| window == core && at <= before && text.len() - at - core.len() <= after)
}

#[cfg(test)]
mod tests {
    use Relation::{Disjoint, Equal, Subset, Superset, Undefined};

    use super::*;

    fn value(text: &str) -> Value {
        let cpe: Cpe = format!("cpe:2.3:a:{text}:*:*:*:*:*:*:*:*:*")
            .parse()
            .unwrap();
        cpe.0[1].clone()
    }

    #[test]
    fn attributes_relate_as_table_6_2_says() {
        for (row, source, target, expected) in [
            (1, "*", "*", Equal),
            (2, "*", "-", Superset),
            (3, "*", "i", Superset),
            (4, "*", "m*", Undefined),
            (5, "-", "*", Subset),
            (6, "-", "-", Equal),
            (7, "-", "i", Disjoint),
            (8, "-", "m*", Undefined),
            (9, "i", "i", Equal),
            (10, "i", "k", Disjoint),
            (11, "i", "m*", Undefined),
            (12, "i", "-", Disjoint),
            (13, "i", "*", Subset),
            (14, "m*", "mine", Superset),
            (14, "m*", "yours", Disjoint),
            (15, "m*", "*", Subset),
            (16, "m*", "-", Disjoint),
            (17, "m*", "n*", Undefined),
        ] {
            assert_eq!(
                values(&value(source), &value(target)),
                expected,
                "row {row}: {source} {target}"
            );
        }
    }

    #[test]
    fn wildcards_fit_as_the_specification_has_them() {
        for (pattern, text, expected) in [
            ("8.*", "8.0.6001", true),
            ("8.*", "9.0", false),
            ("*ssh*", "openssh_server", true),
            ("sp?", "sp1", true),
            ("sp?", "sp", true),
            ("sp?", "sp12", false),
            ("sp??", "sp12", true),
            ("??", "ab", true),
            ("??", "abc", false),
            ("*c", "abc", true),
            ("a\\*", "ab", false),
            ("a\\*", "a\\*", true),
        ] {
            let relation = values(&value(pattern), &value(text));
            assert_eq!(
                relation != Disjoint,
                expected,
                "{pattern} {text}: {relation:?}"
            );
        }
    }

    #[test]
    fn names_relate_as_the_examples_of_section_6_3_do() {
        let relate = |source: &str, target: &str| {
            relation(&source.parse().unwrap(), &target.parse().unwrap())
        };
        // Example 1 of section 7.3: the same product in another release.
        let generic = "cpe:2.3:a:adobe:*:9.*:*:PalmOS:*:*:*:*:*";
        assert_eq!(
            relate(generic, "cpe:2.3:a:adobe:reader:9.3.2:-:-:*:*:*:*:*"),
            Disjoint
        );
        assert_eq!(
            relate(
                "cpe:2.3:a:adobe:reader:9.*:*:*:*:*:*:*:*",
                "cpe:2.3:a:adobe:reader:9.3.2:-:*:*:*:*:*:*"
            ),
            Superset
        );
        assert_eq!(
            relate(
                "cpe:2.3:a:adobe:reader:9.3:*:*:*:*:*:*:*",
                "cpe:2.3:a:adobe:reader:*:-:*:*:*:*:*:*"
            ),
            Undefined
        );
        assert_eq!(
            relate(
                "cpe:2.3:a:adobe:reader:9.3:*:*:*:*:*:*:*",
                "cpe:2.3:a:adobe:reader:*:*:*:*:*:*:*:*"
            ),
            Subset
        );
    }
}
