//! The newest lines of a device's log.

use language::say;
use logs::line::Level;
use ui::pages::device::LogsView;
use ui::pages::device::logs::LogLine;

use crate::live::LiveDevice;
use crate::store::logs::StoredLine;
use crate::web::Web;
use crate::web::error::{Flaw, WebError};

/// Lines of one page.
const LINES: usize = 100;

pub fn view(web: &Web, device: &LiveDevice, after: Option<&str>) -> Result<LogsView, WebError> {
    let before = after.map(str::parse::<u64>).transpose();
    let flaw = |_| {
        WebError::Invalid(vec![Flaw::new(
            "after",
            say!("take it from the link to the next page"),
        )])
    };
    let lines = web
        .reader
        .log_lines(&device.device, before.map_err(flaw)?, LINES)?;
    let last = lines
        .last()
        .filter(|last| lines.len() == LINES && last.number > 0);
    Ok(LogsView {
        next: last.map(|last| last.number.to_string()),
        lines: lines.iter().map(line).collect(),
        after: after.map(str::to_owned),
    })
}

fn line(stored: &StoredLine) -> LogLine {
    let line = &stored.line;
    LogLine {
        number: stored.number,
        at_ms: line.at_ms.unwrap_or(stored.received.as_millis()),
        level: line.level.map(Level::word).map(str::to_owned),
        program: line.program.clone(),
        message: line.message.clone(),
        from: line
            .field("source")
            .or(line.field("came_by"))
            .map(str::to_owned),
    }
}
