//! Prints what docs/asvs.csv claims and the tree does not have, and which requirement has no line.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use threats::asvs::{FILE, problems};
use threats::tree::Tree;

fn main() -> anyhow::Result<ExitCode> {
    let root = std::env::args_os().nth(1);
    let root = root.map_or_else(|| PathBuf::from("."), PathBuf::from);
    let tree = Tree::read(&root);
    let tree = tree.with_context(|| format!("reading the tree at {}", root.display()))?;
    let text = tree
        .text(FILE)
        .with_context(|| format!("{FILE} is missing"))?;
    let (found, tally) = problems(text, &tree);
    for problem in &found {
        eprintln!("asvs: {problem}");
    }
    let (met, aside, open) = (tally.met, tally.not_applicable, tally.not_met);
    println!("asvs: {met} met, {aside} not applicable, {open} not met");
    Ok(match found.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
