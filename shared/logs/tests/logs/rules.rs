//! What the subset takes, what it refuses by name, and that nothing panics.

use logs::line::Line;
use logs::sigma::{Rule, RuleError};
use logs::{json, plain, syslog};
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

/// `lnx_sudo_cve_2019_14287_user` of SigmaHQ: somebody becomes root as the user -1.
const CVE_2019_14287: &str = "
title: Sudo Privilege Escalation CVE-2019-14287 - Builtin
status: test
tags: [attack.privilege-escalation, attack.t1068, attack.t1548.003, cve.2019-14287]
logsource: {product: linux, service: sudo}
detection:
    selection_user:
        USER:
            - '#-*'
            - '#*4294967295'
    condition: selection_user
falsepositives: [Unlikely]
level: critical
";

#[test]
fn a_rule_of_sigma_over_the_fields_of_sudo_speaks_in_every_form_of_the_line() {
    let rule = Rule::parse("x", CVE_2019_14287).expect("it reads");
    assert_eq!(rule.warnings, Vec::<String>::new());
    let said = "bob : TTY=pts/0 ; PWD=/ ; USER=#-1 ; COMMAND=/bin/sh";
    let forwarded = format!("<85>1 2026-11-28T09:00:01Z cam sudo - - -      {said}");
    let object = format!(r#"{{"program":"sudo","message":"{said}"}}"#);
    let mut of_file = Line::of(&format!("Nov 28 09:00:01 cam sudo: {said}"));
    plain::read(&mut of_file);
    let lines = [
        syslog::message(&forwarded).expect("a line"),
        json::parse(&object).expect("a line").remove(0),
        of_file,
    ];
    for line in &lines {
        assert!(rule.matches(line), "{line:?}");
        assert_eq!(line.field("COMMAND"), Some("/bin/sh"));
    }
    let honest = object.replace("#-1", "root");
    assert!(!rule.matches(&json::parse(&honest).expect("a line")[0]));
    let elsewhere = object.replace("\"sudo\"", "\"cron\"");
    let elsewhere = &json::parse(&elsewhere).expect("a line")[0];
    assert_eq!(elsewhere.field("USER"), None, "only sudo is believed");
}

#[test]
fn a_field_that_no_parser_gives_is_warned_of_by_name() {
    let warnings = |detection: &str| rule(detection).expect(detection).warnings;
    let known = "  a: {message|contains: x, user: root, source_ip: null, TTY: x}\n  b: [x]\n  condition: 1 of them";
    assert_eq!(warnings(known), Vec::<String>::new());
    let unknown = "  a:\n    - {message: x, Image|endswith: /sh}\n    - CommandLine: y\n  timeframe: 5m\n  condition: a | count() by uid > 2";
    let said = warnings(unknown);
    let begins: Vec<_> = said
        .iter()
        .filter_map(|it| it.split(": no ").next())
        .collect();
    assert_eq!(
        begins,
        [
            "detection.a.CommandLine",
            "detection.a.Image",
            "detection.condition: uid"
        ]
    );
    let of_sshd = CVE_2019_14287.replace("service: sudo", "service: sshd");
    let of_sshd = Rule::parse("x", &of_sshd).expect("it reads");
    assert_eq!(of_sshd.warnings.len(), 1, "sshd has no such field");
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
