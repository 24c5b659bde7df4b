//! The judgement: every claim of the model that the tree does not bear out, and everything in the tree without a row.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::model::{Model, Row, quoted};
use crate::tree::Tree;

/// Calls that open a listening socket; a shipped file with one of them needs a `port:` entry.
const LISTENING: [&str; 4] = [
    "TcpListener::bind",
    "UnixListener::bind",
    ".listen_on(",
    "bind_rustls(",
];

/// Keys and secrets with how each is made, replaced and destroyed.
const INVENTORY: &str = "docs/cryptography.md";

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("the model has no rows")]
    Empty,
    #[error("this line begins like a threat and does not have nine cells: {0}")]
    Malformed(String),
    #[error("{0} stands twice")]
    Twice(String),
    #[error("{id}: the state `{state}` is neither held, accepted nor open")]
    State { id: String, state: String },
    #[error("{id}: {cell} is empty")]
    Silent { id: String, cell: &'static str },
    #[error("{0}: a row that is {1} says why in its residual risk (\"because …\")")]
    NoReason(String, String),
    #[error("{owner}: {code} does not exist")]
    NoSuchCode { owner: String, code: String },
    #[error("{id}: there is no test, fuzz target, scenario, model or script {test}")]
    NoSuchTest { id: String, test: String },
    #[error("no row names the wire message `Message::{0}`")]
    MessageUnnamed(String),
    #[error("shared/protocol/src/message.rs has no enum Message")]
    NoMessages,
    #[error("no row names the fuzz target `fuzz:{0}`")]
    FuzzTargetUnnamed(String),
    #[error("no row names `{0}`")]
    EntryUnnamed(String),
    #[error("there is no list of {0}")]
    NoRegistry(&'static str),
    #[error("{0} has no row in docs/cryptography.md, which says how its life begins and ends")]
    SecretWithoutLife(String),
    #[error("{0} opens a listening socket and no entry of the ports names it")]
    PortUnlisted(String),
}

pub fn problems(model: &Model, tree: &Tree) -> Vec<Problem> {
    let mut found = Vec::new();
    if model.rows.is_empty() {
        found.push(Problem::Empty);
    }
    found.extend(model.malformed.iter().cloned().map(Problem::Malformed));
    found.extend(repeated(model));
    for row in &model.rows {
        found.extend(row_problems(row, tree));
    }
    found.extend(registry_problems(model, tree));
    found.extend(uncovered(model, tree));
    found.extend(lifeless(model, tree));
    found
}

/// Secrets that the inventory of keys leaves out.
fn lifeless(model: &Model, tree: &Tree) -> Vec<Problem> {
    let inventory = tree.text(INVENTORY).unwrap_or_default();
    let secrets = model.entries.iter().map(|entry| &entry.tag);
    secrets
        .filter(|tag| tag.starts_with("secret:") && !inventory.contains(&format!("| `{tag}` |")))
        .cloned()
        .map(Problem::SecretWithoutLife)
        .collect()
}

fn repeated(model: &Model) -> Vec<Problem> {
    let tags = model.entries.iter().map(|entry| &entry.tag);
    let ids = model.rows.iter().map(|row| &row.id).chain(tags);
    let mut seen = BTreeSet::new();
    ids.filter(|id| !seen.insert(*id))
        .cloned()
        .map(Problem::Twice)
        .collect()
}

fn row_problems(row: &Row, tree: &Tree) -> Vec<Problem> {
    let mut found = Vec::new();
    match row.state.as_str() {
        "held" => found.extend(silent_cells(row)),
        "accepted" | "open" if !row.residual.contains("because") => {
            found.push(Problem::NoReason(row.id.clone(), row.state.clone()));
        }
        "accepted" | "open" => {}
        state => found.push(Problem::State {
            id: row.id.clone(),
            state: state.to_owned(),
        }),
    }
    found.extend(missing_code(&row.id, &row.mitigation, tree));
    let unknown = quoted(&row.tests).filter(|test| !exists(test, tree));
    found.extend(unknown.map(|test| Problem::NoSuchTest {
        id: row.id.clone(),
        test: test.to_owned(),
    }));
    found
}

/// A row that is held names the code that holds it and the test that shows it.
fn silent_cells(row: &Row) -> impl Iterator<Item = Problem> {
    let named_code = code_paths(&row.mitigation).next().is_some();
    let named_test = quoted(&row.tests).next().is_some();
    [(named_code, "mitigation"), (named_test, "test ids")]
        .into_iter()
        .filter(|(named, _)| !named)
        .map(|(_, cell)| Problem::Silent {
            id: row.id.clone(),
            cell,
        })
}

fn missing_code(owner: &str, cell: &str, tree: &Tree) -> Vec<Problem> {
    code_paths(cell)
        .filter(|(path, item)| !tree.has_item(path, item))
        .map(|(path, item)| Problem::NoSuchCode {
            owner: owner.to_owned(),
            code: format!("{path}::{item}"),
        })
        .collect()
}

/// `path::item` between back-ticks, where the path has a folder or an extension.
fn code_paths(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    quoted(cell)
        .filter_map(|token| token.split_once("::"))
        .filter(|(path, _)| path.contains(['/', '.']))
}

pub(crate) fn exists(test: &str, tree: &Tree) -> bool {
    if let Some(target) = test.strip_prefix("fuzz:") {
        tree.has_fuzz_target(target)
    } else if let Some(scenario) = test.strip_prefix("sim:") {
        tree.has_scenario(scenario)
    } else if let Some(model) = test.strip_prefix("model:") {
        tree.has_model(model)
    } else if test.contains('/') {
        tree.text(test).is_some()
    } else {
        tree.has_test(test)
    }
}

fn registry_problems(model: &Model, tree: &Tree) -> Vec<Problem> {
    let mut found = Vec::new();
    for (prefix, name) in [("port:", "ports"), ("secret:", "secrets")] {
        if !model
            .entries
            .iter()
            .any(|entry| entry.tag.starts_with(prefix))
        {
            found.push(Problem::NoRegistry(name));
        }
    }
    for entry in &model.entries {
        if code_paths(&entry.code).next().is_none() {
            found.push(Problem::Silent {
                id: entry.tag.clone(),
                cell: "code",
            });
        }
        found.extend(missing_code(&entry.tag, &entry.code, tree));
    }
    let listed = |file: &str| {
        let ports = model
            .entries
            .iter()
            .filter(|entry| entry.tag.starts_with("port:"));
        ports
            .flat_map(|entry| code_paths(&entry.code))
            .any(|(path, _)| path == file)
    };
    let unlisted = tree
        .shipped_files_with(&LISTENING)
        .filter(|file| !listed(file));
    found.extend(unlisted.map(|file| Problem::PortUnlisted(file.to_owned())));
    found
}

fn uncovered(model: &Model, tree: &Tree) -> Vec<Problem> {
    let named = |word: &str| model.rows.iter().any(|row| row.names(word));
    let mut found = Vec::new();
    match tree.messages() {
        None => found.push(Problem::NoMessages),
        Some(messages) => {
            let unnamed = messages
                .into_iter()
                .filter(|message| !named(&format!("Message::{message}")));
            found.extend(unnamed.map(Problem::MessageUnnamed));
        }
    }
    let unnamed = tree
        .fuzz_targets()
        .filter(|target| !named(&format!("fuzz:{target}")));
    found.extend(unnamed.map(|target| Problem::FuzzTargetUnnamed(target.to_owned())));
    let unnamed = model.entries.iter().filter(|entry| !named(&entry.tag));
    found.extend(unnamed.map(|entry| Problem::EntryUnnamed(entry.tag.clone())));
    found
}
