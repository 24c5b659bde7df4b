//! What a device wrote into its log: the newest lines first, each as it came.

use language::say;
use maud::{Markup, html};

use crate::layout::Shell;
use crate::links;
use crate::parts::paging::{Paging, paging};
use crate::parts::sentence::sentence;
use crate::parts::text::{self, code, foreign, or_dash};
use crate::parts::time::stamp;

#[derive(Debug, Clone, Default)]
pub struct LogsView {
    pub lines: Vec<LogLine>,
    /// Cursor of this page, and of the next (older) one.
    pub after: Option<String>,
    pub next: Option<String>,
}

#[derive(Debug, Clone)]
pub struct LogLine {
    pub number: u64,
    /// By the device's clock, or when it came where the line says no time.
    pub at_ms: u64,
    pub level: Option<String>,
    pub program: Option<String>,
    pub message: String,
    /// The log in which it stood, or how it came.
    pub from: Option<String>,
}

pub fn content(_: &Shell, id: &str, view: &LogsView) -> Markup {
    if view.lines.is_empty() {
        let how = html! { p { (sentence!("{command} makes the key with which somebody does.", command = code("palisade-coordinator logs key DEVICE"))) } };
        return text::empty(
            say!("No lines"),
            say!(
                "The device's node brings its journal and its files where node.toml names them under tail, or somebody sends lines to /logs/send."
            ),
            &how,
        );
    }
    let first = view.after.as_ref().map(|_| links::device_logs(id, None));
    let next = view.next.as_deref();
    let next = next.map(|after| links::device_logs(id, Some(after)));
    html! {
        table.cards.audit {
            thead { tr { th scope="col" { (say!("Time (UTC)")) } th scope="col" { (say!("Level")) } th scope="col" { (say!("Program")) } th scope="col" { (say!("Message")) } th scope="col" { (say!("From")) } } }
            tbody { @for line in &view.lines { tr id={ "line-" (line.number) } {
                th scope="row" { (stamp(line.at_ms)) }
                td data-label=(say!("Level")) { (or_dash(line.level.as_deref())) }
                td data-label=(say!("Program")) { (or_dash(line.program.as_deref())) }
                td data-label=(say!("Message")) { (foreign(&line.message)) }
                td data-label=(say!("From")) { (or_dash(line.from.as_deref())) }
            } } }
        }
        (paging(&Paging { first, next }))
    }
}
