//! What is to be fixed, over all devices: the worst first, with every figure that its place comes from.

use language::{count, number::decimal, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, query};
use crate::parts::form::{Field, Input};
use crate::parts::paging::{Paging, paging};
use crate::parts::quantity::count;
use crate::parts::sentence::among;
use crate::parts::text::{self, foreign, with_commands};
use crate::parts::views;

pub mod device;
pub mod libraries;
pub mod one;

/// One page of findings.
#[derive(Debug, Clone)]
pub struct FindingsView {
    /// In the filter language, with what is wrong with it.
    pub filter: Field,
    pub rows: Vec<FindingRow>,
    pub matching: u64,
    /// Beyond what the filter lets through.
    pub after: Option<String>,
    pub next: Option<String>,
    pub feed: FeedView,
    pub fleet: Option<ScoreView>,
    /// Filters that somebody has kept, by name.
    pub saved: Vec<(String, String)>,
}

#[derive(Debug, Clone, Default)]
pub struct FindingRow {
    pub id: String,
    pub title: String,
    /// `critical` to `none`.
    pub level: &'static str,
    /// The day since which it is known to be exploited.
    pub exploited: Option<String>,
    pub ransomware: bool,
    /// The day until which CISA asks to have it fixed.
    pub due: Option<String>,
    /// In percent, with who says so.
    pub likelihood: Option<(f64, &'static str)>,
    pub exposure: &'static str,
    pub cvss: Option<f64>,
    pub open: u64,
    pub devices: u64,
}

/// How old what is known about vulnerabilities is.
#[derive(Debug, Clone, Default)]
pub struct FeedView {
    /// Each source with its age in days; none where nothing was imported.
    pub sources: Vec<(String, u64)>,
    pub advisories: u64,
    pub signed: bool,
}

/// A score whose parts add up: what is left and what is lost make 100.
#[derive(Debug, Clone, Default)]
pub struct ScoreView {
    pub tenths: u32,
    pub parts: Vec<PartView>,
    /// Moments in milliseconds, with tenths of points.
    pub trend: Vec<(u64, u32)>,
}

#[derive(Debug, Clone, Default)]
pub struct PartView {
    pub name: &'static str,
    pub lost_tenths: u32,
    pub reason: String,
    pub remedy: Option<String>,
}

pub fn page(shell: &Shell, view: &FindingsView) -> Markup {
    let head = Head {
        title: say!("Findings"),
        nav: Some(Nav::Findings),
        liveness: Liveness::Still,
    };
    let actions = html! {
        a.button href=(links::scans()) { (say!("Scans")) }
        a.button href=(links::libraries("")) { (say!("Libraries")) }
    };
    let body = html! {
        (heading(&html! { (say!("Findings")) }, &actions))
        (feed(&view.feed))
        @if let Some(fleet) = &view.fleet { (device::score(shell, say!("Security score of the fleet"), fleet)) }
        (filter(view))
        @if shell.may_change() { (views::keep(links::views(), &view.filter.value)) }
        div #finding-list { (list(view)) }
    };
    shell_page(shell, &head, &body)
}

/// The answer to the filter when htmx asks.
pub fn list(view: &FindingsView) -> Markup {
    let filter = view.filter.value.as_str();
    let first = view.after.as_ref().map(|_| links::findings(filter, None));
    let next = view.next.as_ref();
    let next = next.map(|next| links::findings(filter, Some(next)));
    html! {
        @if let Some(error) = &view.filter.error {
            p.notice.bad role="alert" { (say!("The filter: {error}", error = error)) }
        } @else if view.rows.is_empty() {
            (nothing(view))
        } @else {
            table.cards {
                caption { (count!(view.matching, "{n} finding", "{n} findings")) }
                thead {
                    tr {
                        th scope="col" { (say!("Finding")) }
                        th scope="col" { (say!("Exploited")) }
                        th scope="col" { (say!("Likelihood")) }
                        th scope="col" { (say!("Reached from")) }
                        th scope="col" { (say!("Severity")) }
                        th.num scope="col" { (say!("findings|Open")) }
                        th scope="col" { (say!("What it is")) }
                    }
                }
                tbody { @for row in &view.rows { (finding_row(row)) } }
            }
            (paging(&Paging { first, next }))
            p.quiet { (say!("First what is known to be exploited, then what is probable and can be reached, then what is severe.")) }
        }
    }
}

fn finding_row(row: &FindingRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(links::finding(&row.id)) { (foreign(&row.id)) } }
            td data-label=(say!("Exploited")) {
                @match &row.exploited {
                    Some(day) => {
                        strong.bad-word { (say!("Yes")) }
                        span.reason { (since(day, row)) }
                    }
                    None => span.quiet { (say!("not known")) },
                }
            }
            td data-label=(say!("Likelihood")) { (likelihood(row.likelihood)) }
            td data-label=(say!("Reached from")) { (row.exposure) }
            td data-label=(say!("Severity")) { (level(row.level)) @if let Some(cvss) = row.cvss { " " (decimal(cvss, 1)) } }
            td.num data-label=(say!("findings|Open")) { (count(row.open)) @if row.devices > row.open { span.reason { (say!("of {whole}", whole = count(row.devices))) } } }
            td data-label=(say!("What it is")) { (foreign(&row.title)) }
        }
    }
}

fn since(day: &str, row: &FindingRow) -> String {
    let mut says = say!("since {day}", day = day);
    if row.ransomware {
        says.push_str(say!(", by ransomware"));
    }
    if let Some(due) = &row.due {
        says.push_str(&say!(", due {day}", day = due));
    }
    says
}

pub(crate) fn likelihood(likelihood: Option<(f64, &'static str)>) -> Markup {
    html! {
        @match likelihood {
            Some((percent, by)) => { (decimal(percent, 1)) " %" span.reason { (by) } }
            None => span.quiet { "–" },
        }
    }
}

pub(crate) fn level_word(word: &'static str) -> &'static str {
    among!(word; "critical" as "level|critical", "high" as "level|high", "medium" as "level|medium", "low" as "level|low", "none" as "level|none")
}

/// The level as a word, in bold where it presses.
pub(crate) fn level(word: &'static str) -> Markup {
    let shown = level_word(word);
    html! {
        @if matches!(word, "critical" | "high") { strong.bad-word { (shown) } } @else { (shown) }
    }
}

fn filter(view: &FindingsView) -> Markup {
    let url = links::findings("", None);
    let value = view.filter.value.as_str();
    html! {
        form.filter role="search" method="get" action=(url) hx-get=(url) hx-target="#finding-list" hx-swap="innerMorph"
            hx-replace-url="true" hx-trigger="submit" hx-sync="this:replace" {
            label {
                span.unseen { (say!("Filter")) }
                input type="search" name=(query::SEARCH) value=(value) placeholder="exploited==yes && class:camera"
                    autocomplete="off" spellcheck="false";
            }
            button { (say!("Filter")) }
            @if !value.is_empty() { a.button.plain href=(url) { (say!("Clear")) } }
        }
        (views::chips(&view.saved, &offered(), value, |text| links::findings(text, None)))
    }
}

/// Filters that most people want.
fn offered() -> [(&'static str, &'static str); 4] {
    [
        (say!("findings|Open"), "state==open"),
        (say!("findings|Exploited"), "state==open && exploited==yes"),
        (say!("Weak services"), "state==open && kind==service"),
        (say!("findings|Closed"), "state==closed"),
    ]
}

pub(crate) fn feed(feed: &FeedView) -> Markup {
    html! {
        @if feed.sources.is_empty() {
            p.notice.notable {
                (with_commands(say!("Nothing is known about vulnerabilities yet: bring in a feed on the coordinator's machine with `palisade-coordinator feed import FILE`.")))
            }
        } @else {
            p.quiet #feed-age {
                (count!(feed.advisories, "{n} advisory", "{n} advisories")) @if feed.signed { (say!(", signed by administrators")) } (say!(": "))
                @for (number, (source, days)) in feed.sources.iter().enumerate() {
                    @if number > 0 { ", " }
                    (source) " " (count!(*days, "{n} day old", "{n} days old"))
                }
                "."
            }
        }
    }
}

fn nothing(view: &FindingsView) -> Markup {
    match view.filter.value.is_empty() {
        true => text::empty(
            say!("Nothing is found"),
            say!("Import a scan or a bill of materials, or let a node scan its segment."),
            &html! { a.button href=(links::scans()) { (say!("Scans")) } },
        ),
        false => text::empty(
            say!("No finding matches"),
            say!("Nothing fits the filter."),
            &html! { a.button href=(links::findings("", None)) { (say!("Show all findings")) } },
        ),
    }
}

/// The form with which somebody accepts a finding or says that it does not apply.
pub mod fields {
    pub const VERDICT: &str = "verdict";
    pub const JUSTIFICATION: &str = "justification";
    pub const REASON: &str = "reason";
    pub const SCOPE: &str = "scope";
    pub const UNTIL: &str = "until";
}

/// What was typed into it.
#[derive(Debug, Clone, Default)]
pub struct DecisionForm {
    pub verdict: Field,
    pub justification: Field,
    pub reason: Field,
    pub scope: Field,
    pub until: Field,
}

pub(crate) fn decision_form(id: &str, form: &DecisionForm, why: &[String]) -> Markup {
    let choices = ["accepted".to_owned(), "not_affected".to_owned()];
    let verdict = Input::text(fields::VERDICT, say!("Verdict")).choices(&choices).hint(
        say!("`accepted`: the risk is known and borne. `not_affected`: it does not apply here, and say why below."),
    );
    let justification = Input::text(fields::JUSTIFICATION, say!("Why it is not affected"))
        .choices(why)
        .optional()
        .hint(say!(
            "A word of CycloneDX such as `code_not_present`; only with `not_affected`."
        ));
    let reason = Input::text(fields::REASON, say!("Reason"))
        .hint(say!("A sentence for whoever reads it later."));
    let scope = Input::text(fields::SCOPE, say!("For"))
        .hint(say!("`fleet`, `class:camera` or `device:ID`."));
    let until = Input::text(fields::UNTIL, say!("Until")).optional().hint(
        say!("A number of days, or a date like 2027-03-01; open again from then on. Empty for no end."),
    );
    html! {
        form.steps-form method="post" action=(links::finding(id)) {
            (verdict.render(&form.verdict))
            (justification.render(&form.justification))
            (reason.render(&form.reason))
            (scope.render(&form.scope))
            (until.render(&form.until))
            button.primary { (say!("Decide")) }
        }
    }
}
