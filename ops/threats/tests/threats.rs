//! THREAT_MODEL.md against this very tree.

use std::path::Path;

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
