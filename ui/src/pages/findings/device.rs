//! One device as findings see it, with or without a node: its score with the parts, and what is found on it.

use language::{count, number::decimal, say};
use maud::{Markup, html};

use super::one::state;
use super::{FeedView, PartView, ScoreView, feed, level};
use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::chart::{Chart, Line, Point, chart};
use crate::parts::class::class;
use crate::parts::groups::{self, Groups};
use crate::parts::quantity::Unit;
use crate::parts::sentence::sentence;
use crate::parts::text::{code, empty, facts, foreign, in_english, or_dash};
use crate::parts::time::ago_or;

#[derive(Debug, Clone)]
pub struct DeviceFindingsView {
    pub id: String,
    pub name: String,
    pub class: String,
    pub cell: String,
    pub vendor: String,
    pub groups: Groups,
    pub addresses: Vec<String>,
    pub exposure: &'static str,
    pub has_node: bool,
    pub last_scan_ms: Option<u64>,
    pub has_sbom: bool,
    pub score: ScoreView,
    pub feed: FeedView,
    pub rows: Vec<DeviceFindingRow>,
    /// Findings that are not shown, because there are too many.
    pub more: u64,
    /// Vulnerabilities that nobody can rule out.
    pub undecided: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct DeviceFindingRow {
    pub id: String,
    pub title: String,
    pub level: &'static str,
    pub exploited: bool,
    pub place: String,
    pub evidence: String,
    pub state: &'static str,
    pub next_step: String,
}

pub fn page(shell: &Shell, view: &DeviceFindingsView) -> Markup {
    let title = say!("Findings on {name}", name = view.name);
    let head = Head {
        title: &title,
        nav: Some(Nav::Findings),
        liveness: Liveness::Still,
    };
    let actions = html! {
        @if view.has_node { a.button href=(links::device(&view.id)) { (say!("Device")) } }
        @if shell.may_change() { a.button.primary href=(links::scan_new(Some(&view.id))) { (say!("Scan it")) } }
    };
    let title = sentence!("Findings on {name}", name = foreign(&view.name));
    let body = html! {
        (heading(&title, &actions))
        (feed(&view.feed))
        div.columns {
            (score(shell, say!("Security score"), &view.score))
            section.card { h2 { (say!("What it is")) } (what(shell, view)) }
        }
        section.card { h2 { (say!("Findings")) } (found(view)) }
        @if !view.undecided.is_empty() {
            section.card {
                h2 { (say!("Cannot be ruled out")) }
                p { (say!("A version is not known, so nobody can say whether these apply:")) " " (foreign(&view.undecided.join(", "))) }
            }
        }
    };
    shell_page(shell, &head, &body)
}

/// The number, the parts that add up to it, and how it went.
pub(crate) fn score(shell: &Shell, title: &str, score: &ScoreView) -> Markup {
    html! {
        section.card {
            h2 { (title) }
            p.score { strong { (points(score.tenths)) } " " (say!("of 100")) }
            div.table-scroll tabindex="0" role="region" aria-label=(title) {
                table {
                    thead { tr { th scope="col" { (say!("Part")) } th.num scope="col" { (say!("Lost")) } th scope="col" { (say!("Why")) } } }
                    tbody { @for part in &score.parts { (part_row(part)) } }
                }
            }
            (trend(shell, score))
        }
    }
}

fn part_row(part: &PartView) -> Markup {
    html! {
        tr {
            th scope="row" { (part.name) }
            td.num { @if part.lost_tenths > 0 { "−" (points(part.lost_tenths)) } @else { "0" } }
            td { (in_english(&part.reason)) @if let Some(remedy) = &part.remedy { span.reason { (in_english(remedy)) } } }
        }
    }
}

fn points(tenths: u32) -> String {
    decimal(f64::from(tenths) / 10.0, 1)
}

fn trend(shell: &Shell, score: &ScoreView) -> Markup {
    let Some((first, _)) = score.trend.first() else {
        return html! {};
    };
    let points: Vec<Point> = score
        .trend
        .iter()
        .map(|(at_ms, tenths)| Point {
            at_ms: *at_ms,
            value: Some(f64::from(*tenths) / 10.0),
        })
        .collect();
    let lines = [Line {
        label: say!("Score"),
        points: &points,
    }];
    chart(&Chart {
        title: say!("Score by day"),
        unit: Unit::Percent,
        from_ms: *first,
        to_ms: shell.now_ms.max(first + 86_400_000),
        lines: &lines,
    })
}

fn what(shell: &Shell, view: &DeviceFindingsView) -> Markup {
    let [site, tags] = groups::facts(&view.id, &view.groups, shell.may_change());
    facts([
        (say!("Id"), code(&view.id)),
        (say!("Class"), class(&view.class)),
        (say!("Cell"), or_dash(Some(&view.cell))),
        (say!("Maker"), or_dash(Some(&view.vendor))),
        site,
        tags,
        (say!("Addresses"), or_dash(Some(&view.addresses.join(", ")))),
        (say!("Reached from"), html! { (view.exposure) }),
        (
            say!("Node"),
            html! { @if view.has_node { (say!("yes")) } @else { (say!("none")) } },
        ),
        (
            say!("Last scan"),
            ago_or(shell.now_ms, view.last_scan_ms, say!("never")),
        ),
        (
            say!("Bill of materials"),
            html! { @if view.has_sbom { (say!("bill|known")) } @else { (say!("bill|not known")) } },
        ),
    ])
}

fn found(view: &DeviceFindingsView) -> Markup {
    if view.rows.is_empty() {
        return empty(
            say!("Nothing is found on it"),
            say!("A scan and a bill of materials tell more."),
            &html! {},
        );
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Finding")) } th scope="col" { (say!("Level")) } th scope="col" { (say!("State")) } th scope="col" { (say!("Where")) } th scope="col" { (say!("Seen")) } th scope="col" { (say!("Next step")) } } }
            tbody {
                @for row in &view.rows {
                    tr {
                        th scope="row" { a href=(links::finding(&row.id)) { (foreign(&row.id)) } span.reason { (foreign(&row.title)) } }
                        td data-label=(say!("Level")) { (level(row.level)) @if row.exploited { span.reason { (say!("exploited")) } } }
                        td data-label=(say!("State")) { (state(row.state)) }
                        td data-label=(say!("Where")) { (foreign(&row.place)) }
                        td data-label=(say!("Seen")) { (foreign(&row.evidence)) }
                        td data-label=(say!("Next step")) { (foreign(&row.next_step)) }
                    }
                }
            }
        }
        @if view.more > 0 { p.quiet { (count!(view.more, "{n} more is not shown here; the list of findings has them all.", "{n} more are not shown here; the list of findings has them all.")) } }
    }
}
