//! As much of Rust's surface as the check needs: definitions, tests and the variants of an enum.

const KEYWORDS: [&str; 9] = [
    "fn",
    "struct",
    "enum",
    "const",
    "static",
    "mod",
    "trait",
    "type",
    "macro_rules!",
];

/// Whether the source defines `item`; of `Type::method` both must be defined, or the type be what the method belongs to.
pub fn defines(source: &str, item: &str) -> bool {
    item.split("::")
        .all(|name| source.lines().any(|line| line_defines(line, name)) || implements(source, name))
}

fn line_defines(line: &str, name: &str) -> bool {
    let mut words = words(line);
    while let Some(word) = words.next() {
        if KEYWORDS.contains(&word) {
            return words.next() == Some(name);
        }
    }
    // A variant of an enum stands alone on its line.
    first_identifier(line) == Some(name)
        && name.starts_with(|letter: char| letter.is_ascii_uppercase())
}

fn implements(source: &str, name: &str) -> bool {
    source
        .lines()
        .map(str::trim_start)
        .any(|line| line.starts_with("impl") && words(line).any(|word| word == name))
}

/// Names of functions that a test attribute precedes.
pub fn tests(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut attributed = false;
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[") && attribute_is_test(line) {
            attributed = true;
        } else if attributed && let Some(name) = function_name(line) {
            names.push(name.to_owned());
            attributed = false;
        }
    }
    names
}

fn attribute_is_test(line: &str) -> bool {
    let path: String = line[2..]
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || "_:".contains(*letter))
        .collect();
    path == "test" || path.ends_with("::test")
}

fn function_name(line: &str) -> Option<&str> {
    let mut words = words(line);
    words.find(|word| *word == "fn")?;
    words.next()
}

/// The variants of `enum name`, or nothing when the source has no such enum.
pub fn variants(source: &str, name: &str) -> Option<Vec<String>> {
    let mut lines = source.lines();
    lines.find(|line| {
        let mut words = words(line);
        words.any(|word| word == "enum")
            && words.next() == Some(name)
            && line.trim_end().ends_with('{')
    })?;
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for line in lines {
        let code = line.split("//").next().unwrap_or_default();
        if depth == 0 {
            if code.trim_start().starts_with('}') {
                return Some(found);
            }
            found.extend(first_identifier(code).map(str::to_owned));
        }
        depth += opened(code);
        depth = depth.saturating_sub(closed(code));
    }
    None
}

fn opened(code: &str) -> usize {
    code.matches(['{', '(', '[']).count()
}

fn closed(code: &str) -> usize {
    code.matches(['}', ')', ']']).count()
}

fn first_identifier(code: &str) -> Option<&str> {
    let code = code.trim_start();
    let end = code
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(code.len());
    let word = &code[..end];
    word.starts_with(char::is_alphabetic).then_some(word)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    let code = if line.trim_start().starts_with("//") {
        ""
    } else {
        line
    };
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '!')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod checks {
    use super::*;

    const SOURCE: &str = "
pub struct Admission { floor: u32 }
impl Admission {
    /// fn ghost
    pub(crate) async fn judge<T>(&self) {}
}
pub const MAX_PEERS: usize = 22;
#[derive(Debug)]
pub enum Message {
    /// The newest head.
    Head(SignedHead),
    Beat { inc: u32, // trailing
           seq: u32 },
    #[cbor(n(2))]
    Ask,
}
#[cfg(test)]
mod tests {
    #[test]
    fn a_head_is_refused() {}
    #[tokio::test(start_paused = true)]
    async fn a_beat_is_answered() {}
    fn not_a_test() {}
}
";

    #[test]
    fn functions_constants_types_and_methods_are_definitions() {
        for item in [
            "judge",
            "Admission",
            "Admission::judge",
            "MAX_PEERS",
            "Message",
            "Message::Beat",
        ] {
            assert!(defines(SOURCE, item), "{item}");
        }
        for item in ["ghost", "floor", "Admission::forgive", "MAX"] {
            assert!(!defines(SOURCE, item), "{item}");
        }
    }

    #[test]
    fn only_functions_under_a_test_attribute_are_tests() {
        assert_eq!(tests(SOURCE), ["a_head_is_refused", "a_beat_is_answered"]);
    }

    #[test]
    fn variants_are_read_without_their_fields() {
        assert_eq!(
            variants(SOURCE, "Message").expect("the enum is there"),
            ["Head", "Beat", "Ask"]
        );
        assert_eq!(variants(SOURCE, "Missing"), None);
    }
}
