//! What the subset takes, what it refuses by name, and that nothing panics.

use logs::line::Line;
use logs::sigma::{Rule, RuleError};
use logs::{json, syslog};
use proptest::prelude::*;

fn rule(detection: &str) -> Result<Rule, RuleError> {
    Rule::parse(
        "x",
        &format!("title: A rule\ntags: [attack.t1110.001]\ndetection:\n{detection}\n"),
    )
}

fn matches(detection: &str, message: &str) -> bool {
    rule(detection)
        .expect(detection)
        .matches(&Line::of(message))
}

fn field(detection: &str) -> String {
    match rule(detection) {
        Err(RuleError::Field { field, .. }) => field,
        Err(RuleError::Yaml(_)) => "yaml".to_owned(),
        other => panic!("{detection} gave {other:?}"),
    }
}

#[test]
fn selections_lists_keywords_and_modifiers_mean_what_sigma_says() {
    let all = "  a:\n    message|contains|all: [one, two]\n  condition: a";
    assert!(matches(all, "two and ONE") && !matches(all, "one"));
    let any = "  a:\n    message|startswith: [one, two]\n  condition: a";
    assert!(matches(any, "two more") && !matches(any, "no two"));
    let maps = "  a:\n    - message|endswith: one\n    - message: two\n  condition: a";
    assert!(matches(maps, "no one") && matches(maps, "two") && !matches(maps, "two more"));
    let words = "  keywords: [one, two]\n  condition: keywords";
    assert!(matches(words, "it was one") && !matches(words, "neither of them"));
    let regex = "  a:\n    message|re: '^a+$'\n  condition: a";
    assert!(matches(regex, "aaa") && !matches(regex, "AAA"));
    let spelled = "  keywords: [no, y]\n  condition: keywords";
    assert!(matches(spelled, "it says no") && !matches(spelled, "false"));
    let missing = "  a:\n    user: null\n  condition: a";
    assert!(matches(missing, "nobody"));
}

#[test]
fn conditions_bind_as_sigma_says() {
    let parts = "  a: [x]\n  b: [y]\n  c: [z]\n  condition: ";
    let holds = |condition: &str, message: &str| matches(&format!("{parts}{condition}"), message);
    assert!(holds("a or b and c", "x") && !holds("(a or b) and c", "x"));
    assert!(holds("not a and b", "y") && !holds("not (a or b)", "y"));
    assert!(holds("1 of them", "z") && !holds("all of them", "x y"));
    assert!(holds("all of them", "x y z"));
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    assert_eq!(
        field("  a: {message|cidr: x}\n  condition: a"),
        "detection.a.message|cidr"
    );
    assert_eq!(field("  a: [x]\n  condition: b"), "detection.condition");
    assert_eq!(
        field("  a: [x]\n  condition: a | max(x) > 3"),
        "detection.condition"
    );
    assert_eq!(
        field("  a: [x]\n  condition: a | count() > 3"),
        "detection.timeframe"
    );
    assert_eq!(
        field("  a: [x]\n  timeframe: 5m\n  condition: a"),
        "detection.timeframe"
    );
    assert_eq!(
        field("  a: [x]\n  timeframe: 9d\n  condition: a | count() > 3"),
        "detection.timeframe"
    );
    assert_eq!(
        field("  a: {message|re: '('}\n  condition: a"),
        "detection.a.message|re"
    );
    assert_eq!(
        field(&format!("  a: [x]\n  condition: {}a", "not ".repeat(40))),
        "detection.condition"
    );
    assert_eq!(field("  a: [x]\n  condition: (a"), "detection.condition");
    assert_eq!(
        field("  a: [x]\n  condition: [a, a]"),
        "detection.condition"
    );
}

#[test]
fn a_technique_is_read_from_the_tags() {
    let rule = rule("  a: [x]\n  condition: a").expect("it reads");
    assert_eq!(rule.attack.as_deref(), Some("T1110.001"));
}

#[test]
fn aliases_that_multiply_are_refused_and_not_expanded() {
    let mut text = String::from("title: x\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", "));
    }
    text += "detection:\n  a: *a11\n  condition: a\n";
    assert!(Rule::parse("x", &text).is_err());
}

proptest! {
    #[test]
    fn no_bytes_panic(text in "\\PC{0,400}") {
        let _ = json::parse(&text);
        let _ = syslog::parse(&text);
        let _ = Rule::parse("x", &text);
        let _ = rule(&format!("  a: [x]\n  condition: {text}"));
    }

    #[test]
    fn no_structured_data_panics(data in "[\\[\\]\" =\\\\a-z@-]{0,80}") {
        let _ = syslog::message(&format!("<13>1 - - - - - {data}"));
    }
}
