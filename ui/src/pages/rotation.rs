//! The admission key and the root replaced: the steps that lead to it, and how far it has come.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, LivePage, MeshMode};
use crate::live;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::sentence::sentence;
use crate::parts::status::{Status, badge, icon};
use crate::parts::text::{self, DeviceRef, device_link};
use crate::parts::time::{ago, ago_or, until};

pub mod fields {
    /// How many days memberships by the former key open doors.
    pub const DAYS: &str = "days";
    pub const DOCUMENTS: &str = "documents";
    pub const CONFIRM: &str = "confirm";
}

/// How far the last replacement has come.
#[derive(Debug, Clone)]
pub struct RotationView {
    /// The charter in force.
    pub charter: u32,
    /// Nothing where this charter is the first one.
    pub progress: Option<Progress>,
}

#[derive(Debug, Clone)]
pub struct Progress {
    pub issued_ms: u64,
    /// Until when memberships by the former admission key open doors, if that key was replaced.
    pub until_ms: Option<u64>,
    pub members: usize,
    pub done: usize,
    /// Those that do not hold the charter and a new membership yet.
    pub stragglers: Vec<Straggler>,
}

#[derive(Debug, Clone)]
pub struct Straggler {
    pub device: DeviceRef,
    pub status: Status,
    pub heard_ms: Option<u64>,
}

/// The three steps to a replacement.
#[derive(Debug, Clone)]
pub struct ReplaceView {
    /// The charter in force.
    pub charter: u32,
    pub days: Field,
    pub proposed: Option<ProposedView>,
    pub documents: Field,
    pub confirm: Field,
}

/// A charter that waits for the root's signature.
#[derive(Debug, Clone)]
pub struct ProposedView {
    pub charter: u32,
    pub made_ms: u64,
    /// Its file's name.
    pub file: String,
}

pub fn page(shell: &Shell, view: &RotationView) -> Markup {
    let head = Head {
        title: say!("Rotation"),
        nav: Some(Nav::Mesh),
        liveness: Liveness::LiveOrReloaded,
    };
    let actions = html! {
        a.button href=(links::mesh(MeshMode::default(), None)) { (say!("Mesh")) }
        @if shell.may_govern() { a.button.primary href=(links::rotation_new()) { (say!("Replace keys")) } }
    };
    let body = html! {
        (live::connect(&LivePage::Rotation))
        (heading(&html! { (say!("Rotation")) }, &actions))
        div #rotation-progress { (content(shell, view)) }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &RotationView) -> Markup {
    live::partial("rotation-progress", &content(shell, view))
}

fn content(shell: &Shell, view: &RotationView) -> Markup {
    let Some(progress) = &view.progress else {
        return text::empty(
            say!("Nothing was rotated yet"),
            say!(
                "The first charter is in force. When the admission key or the root is replaced, this page shows who has heard of it."
            ),
            &html! {},
        );
    };
    html! {
        section.card {
            h2 { (say!("Charter {number}", number = view.charter)) }
            (bar(progress))
            (text::facts([
                (say!("Signed by the root"), ago(shell.now_ms, progress.issued_ms)),
                (say!("Former memberships"), former(shell, progress)),
            ]))
        }
        @if !progress.stragglers.is_empty() { (stragglers(shell, progress)) }
    }
}

/// The words come first: the bar only repeats them.
fn bar(progress: &Progress) -> Markup {
    let waits = !progress.stragglers.is_empty();
    html! {
        p.join-state.(if waits { "waiting" } else { "good" }) role="status" {
            @if waits { span.pulse aria-hidden="true" {} } @else { (icon(Status::Online)) }
            span {
                @if waits { (say!("{part} of {whole} devices are done, {left} to go.", part = progress.done, whole = progress.members, left = progress.stragglers.len())) }
                @else { (say!("{part} of {whole} devices are done.", part = progress.done, whole = progress.members)) }
            }
        }
        progress.rotated max=(progress.members.max(1)) value=(progress.done) aria-label=(say!("Devices that are done")) {}
    }
}

fn former(shell: &Shell, progress: &Progress) -> Markup {
    html! {
        @match progress.until_ms {
            None => (say!("this charter has kept the admission key")),
            Some(until_ms) if until_ms > shell.now_ms => (sentence!("open doors; that ends {when}", when = until(shell.now_ms, until_ms)))
            Some(until_ms) => (sentence!("open no door any more; that ended {when}", when = ago(shell.now_ms, until_ms)))
        }
    }
}

fn stragglers(shell: &Shell, progress: &Progress) -> Markup {
    html! {
        section.card {
            h2 { (say!("Waiting for")) }
            p.quiet { (say!("A device is done once it holds the charter and its new membership. One that is off hears of both when it is back; after the overlap only neighbours that hold its new membership let it in.")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Status")) } th scope="col" { (say!("Heard")) } } }
                tbody {
                    @for straggler in &progress.stragglers {
                        tr {
                            th scope="row" { (device_link(&straggler.device)) }
                            td data-label=(say!("Status")) { (badge(straggler.status)) }
                            td data-label=(say!("Heard")) { (ago_or(shell.now_ms, straggler.heard_ms, say!("never"))) }
                        }
                    }
                }
            }
        }
    }
}

pub fn replace_page(shell: &Shell, view: &ReplaceView) -> Markup {
    let head = Head {
        title: say!("Replace keys"),
        nav: Some(Nav::Mesh),
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { (say!("Replace the admission key or the root")) }, &html! {
            a.button href=(links::rotation()) { (say!("Progress")) }
        }))
        (summary(&[(fields::DAYS, &view.days), (fields::DOCUMENTS, &view.documents), (fields::CONFIRM, &view.confirm)]))
        p { (say!("Charter {number} is in force. Only the offline root can replace it, and the coordinator never sees the root's words: this page makes a file, you sign it elsewhere, and bring one line back. No link drops, and memberships are signed anew by themselves.", number = view.charter)) }
        (propose(view))
        (sign(shell, view))
        (put_into_force(shell, view))
    };
    shell_page(shell, &head, &body)
}

fn propose(view: &ReplaceView) -> Markup {
    let days = Input::text(fields::DAYS, say!("Overlap in days")).hint(
        say!("How long a membership by the former key still opens doors: longer than any device stays off. 1 to 365."),
    );
    html! {
        section.card {
            h2 { (say!("1. Make a file to sign")) }
            p { (say!("It proposes a fresh admission key, which is made here and waits. A file that was made before is void from then on.")) }
            form.steps-form method="post" action=(links::rotation_proposal()) {
                (days.render(&view.days))
                button { (say!("Make the file")) }
            }
        }
    }
}

fn sign(shell: &Shell, view: &ReplaceView) -> Markup {
    html! {
        section.card {
            h2 { (say!("2. Sign it where the recovery words are")) }
            @match &view.proposed {
                None => p.quiet { (say!("There is no file yet: make it first.")) },
                Some(proposed) => {
                    p { (sentence!("Charter {number} was proposed {when}. Carry {file} to a machine without network that has this program, and enter the words there.", number = html! { (proposed.charter) }, when = ago(shell.now_ms, proposed.made_ms), file = html! { a href=(links::rotation_proposal()) download=(proposed.file) { (proposed.file) } })) }
                    (command("sign-line", say!("For another admission key"), &format!("palisade-coordinator root sign {}", proposed.file)))
                    (command("replace-line", say!("For another root, with words of its own"), &format!("palisade-coordinator root replace {}", proposed.file)))
                }
            }
        }
    }
}

fn command(id: &str, label: &str, line: &str) -> Markup {
    html! {
        p { (label) (say!(":")) }
        div.copy {
            pre id=(id) tabindex="0" aria-label=(label) { code { (line) } }
            button type="button" data-copy=(id) data-copied=(say!("Copied")) hidden { (say!("Copy")) }
        }
    }
}

fn put_into_force(shell: &Shell, view: &ReplaceView) -> Markup {
    let documents = Input::text(fields::DOCUMENTS, say!("Signed line"))
        .kind(Kind::Lines)
        .hint(say!(
            "The one line that the command has printed, all of it."
        ));
    let hint = say!("Type {name} to confirm.", name = shell.mesh_name);
    let confirm = Input::text(fields::CONFIRM, say!("Name of the mesh")).hint(&hint);
    html! {
        section.card.danger-zone {
            h2 { (say!("3. Put it into force")) }
            p { (say!("Every device takes it over, and nothing takes it back but another charter of the root.")) }
            form method="post" action=(links::rotation()) {
                (documents.render(&view.documents))
                (confirm.render(&view.confirm))
                button.danger { (say!("Put into force")) }
            }
        }
    }
}
