//! Each way in which a threat model can be wrong is found, and a right one is left alone.

use std::collections::BTreeMap;

use threats::check::{Problem, problems};
use threats::model::Model;
use threats::tree::Tree;

const ROW: &str = "| WIRE-1 | T | `Message::Head` on `port:mesh`, `secret:key` | A1 | a forged head | `shared/protocol/src/admission.rs::judge` | `a_forged_head_is_refused`, `fuzz:frame`, `sim:liars`, `model:quorum`, `ops/demo` | none | held |";
const REGISTRY: &str = "| `port:mesh` | `node/src/run.rs::run` |\n| `secret:key` | `shared/protocol/src/admission.rs::judge` |";

fn tree() -> BTreeMap<String, String> {
    [
        ("shared/protocol/src/message.rs", "pub enum Message {\n    Head(Head),\n}\n"),
        ("shared/protocol/src/admission.rs", "pub fn judge() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a_forged_head_is_refused() {}\n}\n"),
        ("node/src/run.rs", "fn run() { swarm.listen_on(address); }\n"),
        ("fuzz/fuzz_targets/frame.rs", ""),
        ("simulations/src/scenarios/liars.rs", "const NAME: &str = \"liars\";"),
        ("simulations/src/models/quorum.rs", "const MODEL: Model = Model { name: \"quorum\" };"),
        ("ops/demo", "#!/usr/bin/env bash"),
        ("docs/cryptography.md", "| `secret:key` | Ed25519 | a year | another | deleted |"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

fn judged(model: &str) -> Vec<Problem> {
    judged_in(model, tree())
}

fn judged_in(model: &str, tree: BTreeMap<String, String>) -> Vec<Problem> {
    problems(
        &Model::parse(&format!("{model}\n{REGISTRY}")),
        &Tree::of(tree),
    )
}

#[test]
fn a_model_that_the_tree_bears_out_has_no_problem() {
    assert_eq!(judged(ROW), []);
}

#[test]
fn a_secret_that_the_inventory_of_keys_leaves_out_is_found() {
    let mut tree = tree();
    tree.insert(
        "docs/cryptography.md".into(),
        "`secret:key` is secret".into(),
    );
    let found = judged_in(ROW, tree);
    assert_eq!(found, [Problem::SecretWithoutLife("secret:key".into())]);
}

#[test]
fn a_repeated_id_is_found() {
    assert_eq!(
        judged(&format!("{ROW}\n{ROW}")),
        [Problem::Twice("WIRE-1".into())]
    );
}

#[test]
fn code_that_was_renamed_is_found() {
    let found = judged(&ROW.replace("::judge", "::judged"));
    assert_eq!(
        found,
        [Problem::NoSuchCode {
            owner: "WIRE-1".into(),
            code: "shared/protocol/src/admission.rs::judged".into()
        }]
    );
}

#[test]
fn each_kind_of_test_must_exist() {
    for name in [
        "a_forged_head_is_refused",
        "fuzz:frame",
        "sim:liars",
        "model:quorum",
        "ops/demo",
    ] {
        let model = ROW.replace(&format!("`{name}`"), &format!("`{name}s`, `{name}`"));
        assert_eq!(
            judged(&model),
            [Problem::NoSuchTest {
                id: "WIRE-1".into(),
                test: format!("{name}s")
            }]
        );
    }
}

#[test]
fn a_function_that_is_no_test_does_not_count() {
    let found = judged(&ROW.replace("`a_forged_head_is_refused`", "`judge`"));
    assert_eq!(
        found,
        [Problem::NoSuchTest {
            id: "WIRE-1".into(),
            test: "judge".into()
        }]
    );
}

#[test]
fn a_new_message_needs_a_row() {
    let mut tree = tree();
    tree.insert(
        "shared/protocol/src/message.rs".into(),
        "pub enum Message {\n    Head(Head),\n    Beat,\n}\n".into(),
    );
    assert_eq!(
        judged_in(ROW, tree),
        [Problem::MessageUnnamed("Beat".into())]
    );
}

#[test]
fn a_message_file_that_moved_is_found() {
    let mut tree = tree();
    tree.remove("shared/protocol/src/message.rs");
    assert_eq!(judged_in(ROW, tree), [Problem::NoMessages]);
}

#[test]
fn a_new_fuzz_target_needs_a_row() {
    let mut tree = tree();
    tree.insert("fuzz/fuzz_targets/certificate.rs".into(), String::new());
    assert_eq!(
        judged_in(ROW, tree),
        [Problem::FuzzTargetUnnamed("certificate".into())]
    );
}

#[test]
fn a_new_listener_needs_a_port() {
    let mut tree = tree();
    tree.insert(
        "coordinator/src/web.rs".into(),
        "fn serve() { TcpListener::bind(people) }".into(),
    );
    assert_eq!(
        judged_in(ROW, tree),
        [Problem::PortUnlisted("coordinator/src/web.rs".into())]
    );
}

#[test]
fn a_listener_inside_tests_needs_none() {
    let mut tree = tree();
    tree.insert(
        "coordinator/src/web.rs".into(),
        "#[cfg(test)]\nmod tests { fn f() { TcpListener::bind(x) } }".into(),
    );
    assert_eq!(judged_in(ROW, tree), []);
}

#[test]
fn a_port_or_a_secret_without_a_row_is_found() {
    let found = judged(&ROW.replace("`port:mesh`, `secret:key`", "the wire"));
    assert_eq!(
        found,
        [
            Problem::EntryUnnamed("port:mesh".into()),
            Problem::EntryUnnamed("secret:key".into())
        ]
    );
}

#[test]
fn held_without_code_or_test_is_found() {
    let found = judged("| WIRE-2 | T | x | A1 | y | care | by eye | none | held |");
    let silent: Vec<_> = found
        .iter()
        .filter(|problem| matches!(problem, Problem::Silent { .. }))
        .collect();
    assert_eq!(silent.len(), 2);
}

#[test]
fn what_is_accepted_or_open_says_why() {
    for state in ["accepted", "open"] {
        let row = format!("| WIRE-2 | T | x | A1 | y | none | none | small | {state} |");
        assert_eq!(
            judged(&format!("{ROW}\n{row}")),
            [Problem::NoReason("WIRE-2".into(), state.into())]
        );
        let row = row.replace(
            "small",
            "small, because the attacker already owns the device",
        );
        assert_eq!(judged(&format!("{ROW}\n{row}")), []);
    }
}

#[test]
fn an_unknown_state_and_a_missing_cell_are_found() {
    assert_eq!(
        judged(&ROW.replace("held", "fine")),
        [Problem::State {
            id: "WIRE-1".into(),
            state: "fine".into()
        }]
    );
    let short = "| WIRE-2 | T | x | A1 | y | none | held |";
    assert_eq!(
        judged(&format!("{ROW}\n{short}")),
        [Problem::Malformed(short.into())]
    );
}

#[test]
fn an_empty_model_is_no_model() {
    assert!(problems(&Model::parse(""), &Tree::of(tree())).contains(&Problem::Empty));
}
