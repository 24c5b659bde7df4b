//! Releases of firmware: what is published, what waits for signatures, and who signs.

pub mod difference;

use language::{count, say};
use maud::{Markup, html};

use self::difference::Difference;
use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, DeviceFilter};
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::quantity::count;
use crate::parts::sentence::sentence;
use crate::parts::text::{self, code, foreign, with_commands};
use crate::parts::time::{ago, stamp};

pub mod fields {
    pub const SIGNATURE: &str = "signature";
}

#[derive(Debug, Clone)]
pub struct FirmwareView {
    /// Devices whose metadata has ended, as they say.
    pub stale: u64,
    pub publication: Publication,
    /// By product, the newest first.
    pub releases: Vec<ReleaseRow>,
    pub drafts: Vec<DraftRow>,
}

/// Whether the timestamp that devices are served has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    Fresh,
    Ended,
}

#[derive(Debug, Clone)]
pub struct ReleaseRow {
    pub product: String,
    pub version: String,
    pub counter: u64,
    pub hardware: String,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Debug, Clone)]
pub struct DraftRow {
    pub number: u64,
    pub purpose: String,
    pub made_ms: u64,
    pub complete: bool,
}

#[derive(Debug, Clone)]
pub struct DraftView {
    pub draft: DraftRow,
    pub difference: Difference,
    pub papers: Vec<PaperRow>,
    pub needs: Vec<NeedRow>,
    pub signature: Field,
}

/// One document to sign.
#[derive(Debug, Clone)]
pub struct PaperRow {
    pub role: String,
    pub version: u64,
    pub sha256: String,
    /// Its file's name.
    pub file: String,
}

/// Keys of which enough have to sign; by the ids that the signing program shows.
#[derive(Debug, Clone)]
pub struct NeedRow {
    pub role: String,
    pub by: String,
    pub threshold: u32,
    pub signed: Vec<String>,
    pub missing: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct RepositoryView {
    pub roles: Vec<RoleRow>,
    /// The root of the mesh, and the one that is served.
    pub root: u64,
    pub served_root: u64,
}

#[derive(Debug, Clone)]
pub struct RoleRow {
    pub role: String,
    pub online: bool,
    pub version: u64,
    pub expires_ms: Option<u64>,
    pub threshold: u32,
    pub keys: Vec<String>,
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Firmware),
        liveness: Liveness::Still,
    }
}

pub fn page(shell: &Shell, view: &FirmwareView) -> Markup {
    let body = html! {
        (heading(&html! { (say!("Firmware")) }, &actions(shell)))
        @if view.stale > 0 { (stale(view)) }
        @if !view.drafts.is_empty() { (drafts(shell, &view.drafts)) }
        @if view.releases.is_empty() {
            (text::empty(say!("Nothing is released yet"), say!("An image is taken in here, or on this coordinator's machine with palisade-coordinator release prepare; it is signed elsewhere, and published once enough people have signed."), &html! {}))
        } @else { (releases(&view.releases)) }
    };
    shell_page(shell, &head(say!("Firmware")), &body)
}

fn actions(shell: &Shell) -> Markup {
    html! {
        @if shell.may_change() { a.button.primary href=(links::release_new()) { (say!("New release")) } }
        a.button href=(links::repository()) { (say!("Who signs")) }
    }
}

fn stale(view: &FirmwareView) -> Markup {
    let filter = DeviceFilter::default().with_metadata(Some(links::STALE));
    let why = match view.publication {
        Publication::Fresh => {
            say!(
                "What is published has not ended: their clocks are ahead, nobody reaches them, or somebody keeps it from them."
            )
        }
        Publication::Ended => {
            say!("What is published has ended too: nothing newer is there for anybody.")
        }
    };
    html! {
        section.card {
            h2 { (say!("Stale metadata")) }
            p {
                a href=(links::devices(&filter)) { (count!(view.stale, "{n} device", "{n} devices")) }
                " "
                @if view.stale == 1 { (say!("holds metadata that has ended, and takes no new order.")) }
                @else { (say!("hold metadata that has ended, and take no new order.")) }
                " " (why)
            }
        }
    }
}

fn drafts(shell: &Shell, drafts: &[DraftRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Waiting for signatures")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Draft")) } th scope="col" { (say!("State")) } th scope="col" { (say!("Made")) } } }
                tbody { @for draft in drafts { tr {
                    th scope="row" { a href=(links::draft(draft.number)) { (foreign(&draft.purpose)) } }
                    td data-label=(say!("State")) { (state(draft)) }
                    td data-label=(say!("Made")) { (ago(shell.now_ms, draft.made_ms)) }
                } } }
            }
        }
    }
}

fn state(draft: &DraftRow) -> &'static str {
    if draft.complete {
        say!("can be published")
    } else {
        say!("lacks signatures")
    }
}

fn releases(releases: &[ReleaseRow]) -> Markup {
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Release")) } th scope="col" { (say!("Counter")) } th scope="col" { (say!("Hardware")) }
                th scope="col" { (say!("Bytes")) } th scope="col" { ("SHA-256") } } }
            tbody { @for release in releases { tr {
                th scope="row" { (foreign(&release.product)) " " (foreign(&release.version)) }
                td data-label=(say!("Counter")) { (count(release.counter)) }
                td data-label=(say!("Hardware")) { (foreign(&release.hardware)) }
                td data-label=(say!("Bytes")) { (count(release.bytes)) }
                td data-label=("SHA-256") { (code(&release.sha256)) }
            } } }
        }
    }
}

pub fn draft_page(shell: &Shell, view: &DraftView) -> Markup {
    let title = say!("Draft {number}", number = view.draft.number);
    let body = html! {
        (heading(&html! { (title) }, &html! { a.button href=(links::firmware()) { (say!("Firmware")) } }))
        (summary(&[(fields::SIGNATURE, &view.signature)]))
        p { (sentence!("{purpose}, made {when}: {state}.", purpose = foreign(&view.draft.purpose), when = ago(shell.now_ms, view.draft.made_ms), state = html! { (state(&view.draft)) })) }
        (difference::section(view.draft.number, &view.difference))
        (papers(view))
        (needs(view))
        @if shell.may_change() { (collect(view)) }
        @if shell.may_govern() && view.draft.complete { (publish(view)) }
        @if shell.may_change() { (discard(view)) }
    };
    shell_page(shell, &head(&title), &body)
}

fn papers(view: &DraftView) -> Markup {
    html! {
        section.card {
            h2 { (say!("To sign")) }
            p { (with_commands(say!("Carry each file to a machine of your own and read there what it says: `palisade-sign show FILE`. Its last line has to be the SHA-256 that stands here."))) }
            table.cards {
                thead { tr { th scope="col" { (say!("File")) } th scope="col" { (say!("Role")) } th scope="col" { (say!("Version")) } th scope="col" { ("SHA-256") } } }
                tbody { @for paper in &view.papers { tr {
                    th scope="row" { a href=(links::draft_paper(view.draft.number, &paper.role)) download=(paper.file) { (paper.file) } }
                    td data-label=(say!("Role")) { (paper.role) }
                    td data-label=(say!("Version")) { (paper.version) }
                    td data-label=("SHA-256") { (code(&paper.sha256)) }
                } } }
            }
        }
    }
}

fn needs(view: &DraftView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Signatures")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Role")) } th scope="col" { (say!("Signatures")) } th scope="col" { (say!("Keys that signed")) } th scope="col" { (say!("Keys that may still sign")) } } }
                tbody { @for need in &view.needs { tr {
                    th scope="row" { (say!("{role} by the keys of {other}", role = need.role, other = need.by)) }
                    td data-label=(say!("Signatures")) { (say!("{part} of {whole}", part = need.signed.len(), whole = need.threshold)) }
                    td data-label=(say!("Keys that signed")) { (keys(&need.signed)) }
                    td data-label=(say!("Keys that may still sign")) { (keys(&need.missing)) }
                } } }
            }
        }
    }
}

fn keys(keys: &[String]) -> Markup {
    html! {
        @if keys.is_empty() { span.quiet { (say!("keys|none")) } }
        @for key in keys { (code(key)) " " }
    }
}

fn collect(view: &DraftView) -> Markup {
    let signature = Input::text(fields::SIGNATURE, say!("Signature file"))
        .kind(Kind::Lines)
        .hint(say!(
            "All that is in the file that `palisade-sign` has written."
        ));
    html! {
        section.card {
            h2 { (say!("Add a signature")) }
            form.steps-form method="post" action=(links::draft(view.draft.number)) {
                (signature.render(&view.signature))
                button { (say!("Add")) }
            }
        }
    }
}

fn publish(view: &DraftView) -> Markup {
    html! {
        section.card.danger-zone {
            h2 { (say!("Publish")) }
            p { (say!("From then on devices may take it. A release is never taken back, only followed by one with a higher counter.")) }
            form method="post" action=(links::draft_publish(view.draft.number)) { button.danger { (say!("Publish")) } }
        }
    }
}

fn discard(view: &DraftView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Discard")) }
            p { (say!("The draft goes, with the signatures on it and the files that nothing else names.")) }
            form method="post" action=(links::draft_discard(view.draft.number)) { button { (say!("Discard this draft")) } }
        }
    }
}

pub fn repository_page(shell: &Shell, view: &RepositoryView) -> Markup {
    let body = html! {
        (heading(&html! { (say!("Who signs")) }, &html! { a.button href=(links::firmware()) { (say!("Firmware")) } }))
        @if view.root != view.served_root {
            p.notice.calm { (with_commands(&say!("Root {root} is in force and root {served} is served: run `palisade-coordinator repository renew`.", root = view.root, served = view.served_root))) }
        }
        p { (say!("What devices may install is signed by people, off this machine. This coordinator holds two keys, which only say which documents are the newest.")) }
        table.cards {
            thead { tr { th scope="col" { (say!("Role")) } th scope="col" { (say!("Version")) } th scope="col" { (say!("Ends")) } th scope="col" { (say!("Must sign")) } th scope="col" { (say!("Keys")) } } }
            tbody { @for role in &view.roles { tr {
                th scope="row" { (role.role) }
                td data-label=(say!("Version")) { (role.version) }
                td data-label=(say!("Ends")) { (ends(shell, role.expires_ms)) }
                td data-label=(say!("Must sign")) { (say!("{part} of {whole}", part = role.threshold, whole = role.keys.len())) @if role.online { (say!(", online")) } }
                td data-label=(say!("Keys")) { (keys(&role.keys)) }
            } } }
        }
    };
    shell_page(shell, &head(say!("Who signs")), &body)
}

fn ends(shell: &Shell, expires_ms: Option<u64>) -> Markup {
    html! {
        @match expires_ms {
            None => (say!("not published")),
            Some(at) if at <= shell.now_ms => { strong { (sentence!("ended {when}", when = ago(shell.now_ms, at))) } }
            Some(at) => (stamp(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Theme;
    use crate::samples;

    #[test]
    fn devices_with_ended_metadata_are_counted_with_what_it_means() {
        let shell = samples::shell("/firmware", Theme::Auto);
        let drawn = |stale, publication| {
            let view = FirmwareView {
                stale,
                publication,
                releases: Vec::new(),
                drafts: Vec::new(),
            };
            page(&shell, &view).into_string()
        };
        assert!(!drawn(0, Publication::Fresh).contains("Stale metadata"));
        let kept = drawn(3, Publication::Fresh);
        assert!(kept.contains("3 devices") && kept.contains("somebody keeps it from them"));
        assert!(kept.contains("/devices?metadata=stale"), "{kept}");
        let ended = drawn(1, Publication::Ended);
        assert!(
            ended.contains("1 device<") && ended.contains("has ended too"),
            "{ended}"
        );
    }
}
