//! `palisade-coordinator api`: the whole interface for programs, from this machine's terminal.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use super::say;
use crate::control::{self, Answer, Request};

/// Asks what docs/api.md says, as whoever owns this machine: `api devices?status=silent`.
#[derive(Debug, Args)]
pub struct Api {
    /// What stands behind /api/v1/, or a whole path.
    path: String,
    /// Posts this JSON document; `-` reads it from standard input.
    #[arg(long)]
    post: Option<PathBuf>,
}

pub(super) async fn run(dir: &Path, api: &Api) -> anyhow::Result<()> {
    let path = if api.path.starts_with('/') {
        api.path.clone()
    } else {
        format!("/api/v1/{}", api.path)
    };
    let (method, body) = match &api.post {
        None => ("GET", String::new()),
        Some(file) => ("POST", read(file)?),
    };
    let body = ask(dir, method, &path, body).await?;
    if !body.is_empty() {
        say(format_args!("{}", body.trim_end()))?;
    }
    Ok(())
}

/// What the interface answers the owner of the machine; a refusal is an error in its words.
pub(super) async fn ask(
    dir: &Path,
    method: &str,
    path: &str,
    body: String,
) -> anyhow::Result<String> {
    let request = Request::Interface {
        method: method.to_owned(),
        path: path.to_owned(),
        body,
    };
    let Answer::Interface { status, body } = control::ask(dir, &request).await? else {
        anyhow::bail!("the coordinator answered something else");
    };
    anyhow::ensure!(status < 400, "{}", why(&body));
    Ok(body)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The sentence of a problem document, and what is wrong with each part.
pub(super) fn why(body: &str) -> String {
    let Ok(problem) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    let mut lines = vec![problem["detail"].as_str().unwrap_or(body).to_owned()];
    for part in problem["errors"].as_array().into_iter().flatten() {
        let text = |name: &str| part[name].as_str().unwrap_or_default();
        let place = [text("pointer"), text("parameter")].concat();
        lines.push(format!("{place}: {}", text("detail")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_in_words() {
        let body =
            r#"{"detail":"it does not fit","errors":[{"pointer":"/why","detail":"say why"}]}"#;
        assert_eq!(why(body), "it does not fit\n/why: say why");
        assert_eq!(why("gone"), "gone");
    }
}
