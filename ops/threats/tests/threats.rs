//! THREAT_MODEL.md against this very tree.

use std::path::Path;

use threats::asvs;
use threats::check::problems;
use threats::model::Model;
use threats::tree::Tree;

#[test]
fn the_threat_model_holds_against_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::read(&root).expect("the repository can be read");
    let model = Model::parse(
        tree.text("THREAT_MODEL.md")
            .expect("THREAT_MODEL.md stands at the root"),
    );
    let found: Vec<String> = problems(&model, &tree)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_line_for_each_requirement_holds_against_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::read(&root).expect("the repository can be read");
    let (found, tally) = asvs::problems(tree.text(asvs::FILE).expect("it is there"), &tree);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(tally.met + tally.not_applicable + tally.not_met, 217);
}
