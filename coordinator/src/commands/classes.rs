//! `classes`: what each class of devices means, and what is set for it.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use super::api::ask;
use super::say;
use crate::classes::ClassDocument;

#[derive(Debug, Deserialize)]
struct Told {
    items: Vec<ClassDocument>,
}

pub(super) async fn run(dir: &Path, as_json: bool) -> anyhow::Result<()> {
    let body = ask(dir, "GET", "/api/v1/classes", String::new()).await?;
    if as_json {
        return Ok(say(format_args!("{}", body.trim_end()))?);
    }
    let told: Told = serde_json::from_str(&body).context("the answer")?;
    say(format_args!(
        "class     members  others  quarantine  scans         calls          tells      set"
    ))?;
    told.items.iter().try_for_each(print)?;
    Ok(())
}

fn print(class: &ClassDocument) -> std::io::Result<()> {
    let settings = match class.settings {
        Some(_) => "settings ",
        None => "",
    };
    let tunings = match class.tunings.len() {
        0 => String::new(),
        count => format!("{count} tunings"),
    };
    say(format_args!(
        "{:<9} {:>7} {:>7}  {:<11} {:<13} {:<14} {:<10} {settings}{tunings}",
        class.class,
        class.members,
        class.without_node,
        class.quarantine,
        class.scans,
        class.calls,
        class.telling,
    ))
}
