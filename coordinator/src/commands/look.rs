//! What pages show of one thing, at the terminal: the interface's document, as lines for people or as it is.

use std::path::Path;

use serde_json::{Value, json};
use ui::links::encode;

use super::{api, say};

#[derive(Debug, clap::Subcommand)]
pub(super) enum View {
    /// Lists filters that were kept under names.
    List {
        /// devices or findings.
        #[arg(long, default_value = "devices")]
        of: String,
    },
    /// Keeps a filter under a name; without a filter the name is forgotten.
    Keep {
        name: String,
        #[arg(default_value = "")]
        filter: String,
        /// devices or findings.
        #[arg(long, default_value = "devices")]
        of: String,
    },
}

/// What is looked at, by its address below /api/v1/.
pub(super) async fn at(dir: &Path, as_json: bool, path: &str) -> anyhow::Result<()> {
    let body = api::ask(dir, "GET", &format!("/api/v1/{path}"), String::new()).await?;
    shown(&body, as_json)
}

pub(super) async fn view(dir: &Path, as_json: bool, view: &View) -> anyhow::Result<()> {
    match view {
        View::List { of } => at(dir, as_json, &format!("views?of={}", encode(of))).await,
        View::Keep { name, filter, of } => {
            let asked = json!({ "name": name, "filter": filter, "of": of });
            let body = api::ask(dir, "POST", "/api/v1/views", asked.to_string()).await?;
            shown(&body, as_json)
        }
    }
}

fn shown(body: &str, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return Ok(say(format_args!("{}", body.trim_end()))?);
    }
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    for line in lines(&document, "") {
        say(format_args!("{line}"))?;
    }
    Ok(())
}

/// A line for each value, by its name within the document; what is not known is left out.
fn lines(value: &Value, name: &str) -> Vec<String> {
    let below = |key: &str| match name {
        "" => key.to_owned(),
        name => format!("{name}.{key}"),
    };
    match value {
        Value::Null => Vec::new(),
        Value::Object(parts) => {
            let parts = parts.iter();
            parts
                .flat_map(|(key, part)| lines(part, &below(key)))
                .collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(at, item)| lines(item, &below(&at.to_string())))
                .collect()
        }
        Value::String(text) => vec![format!("{name}: {}", text.escape_debug())],
        other => vec![format!("{name}: {other}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_line_and_none_breaks_out_of_it() {
        let document = json!({
            "name": "pump\n\u{1b}[2J", "since": null, "linked": true,
            "witnesses": [{ "id": "a", "late": 2 }, { "id": "b" }],
        });
        let told = [
            "linked: true",
            "name: pump\\n\\u{1b}[2J",
            "witnesses.0.id: a",
            "witnesses.0.late: 2",
            "witnesses.1.id: b",
        ];
        let mut found = lines(&document, "");
        found.sort_unstable();
        assert_eq!(found, told);
    }
}
