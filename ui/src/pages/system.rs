//! How the coordinator itself is: each part with a judgement, and what to do where something is to be done.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::status::{Status, icon};
use crate::parts::text::{foreign, with_commands};

#[derive(Debug, Clone)]
pub struct SystemView {
    /// The gravest of all rows.
    pub judgement: Judgement,
    pub rows: Vec<SystemRow>,
}

#[derive(Debug, Clone)]
pub struct SystemRow {
    pub title: String,
    pub judgement: Judgement,
    pub says: String,
    pub remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    Fine,
    Look,
    Act,
}

impl Judgement {
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => say!("judgement|Fine"),
            Self::Look => say!("judgement|Look at it"),
            Self::Act => say!("judgement|Act"),
        }
    }

    /// The mark that devices in a like state have.
    const fn mark(self) -> Status {
        match self {
            Self::Fine => Status::Online,
            Self::Look => Status::Degraded,
            Self::Act => Status::Silent,
        }
    }
}

pub fn page(shell: &Shell, view: &SystemView) -> Markup {
    let head = Head {
        title: say!("System"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { (say!("System")) }, &html! { a.button href=(links::system()) { (say!("Look again")) } }))
        (whole(view))
        table.cards {
            thead { tr { th scope="col" { (say!("Part")) } th scope="col" { (say!("Stands")) } th scope="col" { (say!("Says")) } th scope="col" { (say!("What to do")) } } }
            tbody {
                @for row in &view.rows {
                    tr {
                        th scope="row" { (row.title) }
                        td data-label=(say!("Stands")) { (badge(row.judgement)) }
                        td data-label=(say!("Says")) { (foreign(&row.says)) }
                        td data-label=(say!("What to do")) { (with_commands(row.remedy.as_deref().unwrap_or("–"))) }
                    }
                }
            }
        }
        p.quiet { (say!("Everything that is kept is checked once a night, and after an unclean stop; a check that finds something raises an alert.")) }
    };
    shell_page(shell, &head, &body)
}

fn whole(view: &SystemView) -> Markup {
    let count = |judgement| {
        view.rows
            .iter()
            .filter(|row| row.judgement == judgement)
            .count()
    };
    let (acts, looks) = (count(Judgement::Act), count(Judgement::Look));
    let class = match view.judgement {
        Judgement::Fine => "good",
        Judgement::Look => "waiting",
        Judgement::Act => "bad",
    };
    html! {
        p.join-state.(class) role="status" {
            (icon(view.judgement.mark()))
            @if acts + looks == 0 {
                span { (say!("The coordinator is well: nothing is to be done.")) }
            } @else {
                span { (say!("{acts} to act on, {looks} to look at, {fine} fine.", acts = acts, looks = looks, fine = view.rows.len() - acts - looks)) }
            }
        }
    }
}

/// Mark and word together.
fn badge(judgement: Judgement) -> Markup {
    let mark = judgement.mark();
    html! { span.status.(mark.slug()) { (icon(mark)) (judgement.word()) } }
}
