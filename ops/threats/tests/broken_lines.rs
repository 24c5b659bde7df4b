//! Lines of docs/asvs.csv that do not hold, each told by its own problem.

use std::collections::BTreeMap;

use threats::asvs::{AsvsProblem, problems, required};
use threats::tree::Tree;

fn tree() -> Tree {
    let test = "#[test]\nfn it_holds() {}\n".to_owned();
    Tree::of(BTreeMap::from([("node/src/a.rs".to_owned(), test)]))
}

/// A file in which everything holds, with one line changed.
fn with(id: &str, line: &str) -> Vec<AsvsProblem> {
    let mut text = "id,level,state,shown_by,why\n".to_owned();
    for (known, level) in required() {
        match known == id {
            true => text.push_str(line),
            false => text.push_str(&format!("{known},{level},met,it_holds,so it does")),
        }
        text.push('\n');
    }
    problems(&text, &tree()).0
}

#[test]
fn each_way_to_be_wrong_is_told() {
    let id = "V1.1.1".to_owned();
    assert_eq!(required().len(), 217);
    assert_eq!(with(&id, "V1.1.1,2,met,it_holds,so it does, truly"), []);
    assert_eq!(with(&id, "V1.1.1,2,n/a,,there is none"), []);
    assert_eq!(with(&id, ""), [AsvsProblem::Missing(id.clone())]);
    let unknown = AsvsProblem::Unknown("V10.1.1".to_owned());
    assert!(with(&id, "V10.1.1,2,met,it_holds,so").contains(&unknown));
    assert_eq!(
        with(&id, "V1.1.1,2,met,it_stands,so it does"),
        [AsvsProblem::NoSuchTest {
            id: id.clone(),
            test: "it_stands".to_owned()
        }]
    );
    assert_eq!(
        with(&id, "V1.1.1,2,almost,it_holds,so it does"),
        [AsvsProblem::State {
            id: id.clone(),
            state: "almost".to_owned()
        }]
    );
    assert_eq!(
        with(&id, "V1.1.1,2,met,,so it does"),
        [AsvsProblem::Unshown(id.clone())]
    );
    assert_eq!(
        with(&id, "V1.1.1,2,not met,,"),
        [AsvsProblem::Silent(id.clone())]
    );
    let twice = with(&id, "V1.1.1,2,met,it_holds,so\nV1.1.1,2,met,it_holds,so");
    assert_eq!(twice, [AsvsProblem::Twice(id.clone())]);
    assert!(matches!(
        with(&id, "V1.1.1,1,met,it_holds,so")[..],
        [AsvsProblem::Level { .. }]
    ));
    assert!(with(&id, "V1.1.1").contains(&AsvsProblem::Malformed("V1.1.1".to_owned())));
}
