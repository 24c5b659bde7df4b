//! Prints what THREAT_MODEL.md claims and the tree does not have, and what the tree has and no row names.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use threats::check::problems;
use threats::model::Model;
use threats::tree::Tree;

fn main() -> anyhow::Result<ExitCode> {
    let root = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let tree =
        Tree::read(&root).with_context(|| format!("reading the tree at {}", root.display()))?;
    let model = Model::parse(
        tree.text("THREAT_MODEL.md")
            .context("THREAT_MODEL.md is missing")?,
    );
    let found = problems(&model, &tree);
    for problem in &found {
        eprintln!("threats: {problem}");
    }
    if found.is_empty() {
        println!("threats: {} rows hold against the tree", model.rows.len());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("threats: {} problems", found.len());
    Ok(ExitCode::FAILURE)
}
