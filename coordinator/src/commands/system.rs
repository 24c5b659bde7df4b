//! `system`: how the coordinator itself is, and what to do about it.

use std::path::Path;

use anyhow::Context as _;

use super::say;
use crate::control::{self, Answer, Request};
use crate::system::SystemDocument;

pub(super) async fn run(dir: &Path, as_json: bool) -> anyhow::Result<()> {
    let request = Request::Interface {
        method: "GET".to_owned(),
        path: "/api/v1/system".to_owned(),
        body: String::new(),
    };
    let Answer::Interface { status, body } = control::ask(dir, &request).await? else {
        anyhow::bail!("the coordinator answered something else");
    };
    anyhow::ensure!(
        status == 200,
        "the coordinator could not look at itself: {body}"
    );
    if as_json {
        return Ok(say(format_args!("{}", body.trim_end()))?);
    }
    let document: SystemDocument = serde_json::from_str(&body).context("the answer")?;
    for line in lines(&document) {
        say(format_args!("{line}"))?;
    }
    Ok(())
}

fn lines(document: &SystemDocument) -> Vec<String> {
    let mut lines = Vec::new();
    for item in &document.items {
        let word = item.judgement.word();
        lines.push(format!("{word:<5} {:<27} {}", item.title, item.says));
        let remedy = item.remedy.as_ref();
        lines.extend(remedy.map(|remedy| format!("      {remedy}")));
    }
    lines.push(format!("altogether: {}", document.judgement.word()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::figures::Figures;
    use protocol::time::Timestamp;

    #[test]
    fn what_is_to_be_done_stands_below_what_it_is_about() {
        let document = SystemDocument::of(Figures::default(), Timestamp::from_millis(0));
        let lines = lines(&document);
        let backup = lines
            .iter()
            .position(|line| line.starts_with("look  Backup"));
        let below = &lines[backup.expect("a line") + 1];
        assert!(
            below.starts_with("      Run `palisade-coordinator backup`"),
            "{below}"
        );
        assert_eq!(lines.last().map(String::as_str), Some("altogether: look"));
    }
}
