//! Releases of firmware: what is published, what waits for signatures, and who signs.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, DeviceFilter};
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::quantity::count;
use crate::parts::text::{self, code, foreign};
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
        (heading(&html! { "Firmware" }, &actions(shell)))
        @if view.stale > 0 { (stale(view)) }
        @if !view.drafts.is_empty() { (drafts(shell, &view.drafts)) }
        @if view.releases.is_empty() {
            (text::empty("Nothing is released yet", "An image is taken in here, or on this coordinator's machine with palisade-coordinator release prepare; it is signed elsewhere, and published once enough people have signed.", &html! {}))
        } @else { (releases(&view.releases)) }
    };
    shell_page(shell, &head("Firmware"), &body)
}

fn actions(shell: &Shell) -> Markup {
    html! {
        @if shell.may_change() { a.button.primary href=(links::release_new()) { "New release" } }
        a.button href=(links::repository()) { "Who signs" }
    }
}

fn stale(view: &FirmwareView) -> Markup {
    let filter = DeviceFilter::default().with_metadata(Some(links::STALE));
    let why = match view.publication {
        Publication::Fresh => {
            "What is published has not ended: their clocks are ahead, nobody reaches them, or somebody keeps it from them."
        }
        Publication::Ended => {
            "What is published has ended too: nothing newer is there for anybody."
        }
    };
    html! {
        section.card {
            h2 { "Stale metadata" }
            p {
                a href=(links::devices(&filter)) {
                    (count(view.stale)) @if view.stale == 1 { " device" } @else { " devices" }
                }
                @if view.stale == 1 { " holds" } @else { " hold" } " metadata that has ended, and "
                @if view.stale == 1 { "takes" } @else { "take" } " no new order. " (why)
            }
        }
    }
}

fn drafts(shell: &Shell, drafts: &[DraftRow]) -> Markup {
    html! {
        section.card {
            h2 { "Waiting for signatures" }
            table.cards {
                thead { tr { th scope="col" { "Draft" } th scope="col" { "State" } th scope="col" { "Made" } } }
                tbody { @for draft in drafts { tr {
                    th scope="row" { a href=(links::draft(draft.number)) { (foreign(&draft.purpose)) } }
                    td data-label="State" { (state(draft)) }
                    td data-label="Made" { (ago(shell.now_ms, draft.made_ms)) }
                } } }
            }
        }
    }
}

fn state(draft: &DraftRow) -> &'static str {
    if draft.complete {
        "can be published"
    } else {
        "lacks signatures"
    }
}

fn releases(releases: &[ReleaseRow]) -> Markup {
    html! {
        table.cards {
            thead { tr { th scope="col" { "Release" } th scope="col" { "Counter" } th scope="col" { "Hardware" }
                th scope="col" { "Bytes" } th scope="col" { "SHA-256" } } }
            tbody { @for release in releases { tr {
                th scope="row" { (foreign(&release.product)) " " (foreign(&release.version)) }
                td data-label="Counter" { (count(release.counter)) }
                td data-label="Hardware" { (foreign(&release.hardware)) }
                td data-label="Bytes" { (count(release.bytes)) }
                td data-label="SHA-256" { (code(&release.sha256)) }
            } } }
        }
    }
}

pub fn draft_page(shell: &Shell, view: &DraftView) -> Markup {
    let title = format!("Draft {}", view.draft.number);
    let body = html! {
        (heading(&html! { (title) }, &html! { a.button href=(links::firmware()) { "Firmware" } }))
        (summary(&[(fields::SIGNATURE, &view.signature)]))
        p { (foreign(&view.draft.purpose)) ", made " (ago(shell.now_ms, view.draft.made_ms)) ": " (state(&view.draft)) "." }
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
            h2 { "To sign" }
            p { "Carry each file to a machine of your own and read there what it says: " code { "palisade-sign show FILE" } ". Its last line has to be the SHA-256 that stands here." }
            table.cards {
                thead { tr { th scope="col" { "File" } th scope="col" { "Role" } th scope="col" { "Version" } th scope="col" { "SHA-256" } } }
                tbody { @for paper in &view.papers { tr {
                    th scope="row" { a href=(links::draft_paper(view.draft.number, &paper.role)) download=(paper.file) { (paper.file) } }
                    td data-label="Role" { (paper.role) }
                    td data-label="Version" { (paper.version) }
                    td data-label="SHA-256" { (code(&paper.sha256)) }
                } } }
            }
        }
    }
}

fn needs(view: &DraftView) -> Markup {
    html! {
        section.card {
            h2 { "Signatures" }
            table.cards {
                thead { tr { th scope="col" { "Role" } th scope="col" { "Signatures" } th scope="col" { "Keys that signed" } th scope="col" { "Keys that may still sign" } } }
                tbody { @for need in &view.needs { tr {
                    th scope="row" { (need.role) " by the keys of " (need.by) }
                    td data-label="Signatures" { (need.signed.len()) " of " (need.threshold) }
                    td data-label="Keys that signed" { (keys(&need.signed)) }
                    td data-label="Keys that may still sign" { (keys(&need.missing)) }
                } } }
            }
        }
    }
}

fn keys(keys: &[String]) -> Markup {
    html! {
        @if keys.is_empty() { span.quiet { "none" } }
        @for key in keys { (code(key)) " " }
    }
}

fn collect(view: &DraftView) -> Markup {
    let signature = Input::text(fields::SIGNATURE, "Signature file")
        .kind(Kind::Lines)
        .hint("All that is in the file that palisade-sign has written.");
    html! {
        section.card {
            h2 { "Add a signature" }
            form.steps-form method="post" action=(links::draft(view.draft.number)) {
                (signature.render(&view.signature))
                button { "Add" }
            }
        }
    }
}

fn publish(view: &DraftView) -> Markup {
    html! {
        section.card.danger-zone {
            h2 { "Publish" }
            p { "From then on devices may take it. A release is never taken back, only followed by one with a higher counter." }
            form method="post" action=(links::draft_publish(view.draft.number)) { button.danger { "Publish" } }
        }
    }
}

fn discard(view: &DraftView) -> Markup {
    html! {
        section.card {
            h2 { "Discard" }
            p { "The draft goes, with the signatures on it and the files that nothing else names." }
            form method="post" action=(links::draft_discard(view.draft.number)) { button { "Discard this draft" } }
        }
    }
}

pub fn repository_page(shell: &Shell, view: &RepositoryView) -> Markup {
    let body = html! {
        (heading(&html! { "Who signs" }, &html! { a.button href=(links::firmware()) { "Firmware" } }))
        @if view.root != view.served_root {
            p.notice.calm { "Root " (view.root) " is in force and root " (view.served_root) " is served: run " code { "palisade-coordinator repository renew" } "." }
        }
        p { "What devices may install is signed by people, off this machine. This coordinator holds two keys, which only say which documents are the newest." }
        table.cards {
            thead { tr { th scope="col" { "Role" } th scope="col" { "Version" } th scope="col" { "Ends" } th scope="col" { "Must sign" } th scope="col" { "Keys" } } }
            tbody { @for role in &view.roles { tr {
                th scope="row" { (role.role) }
                td data-label="Version" { (role.version) }
                td data-label="Ends" { (ends(shell, role.expires_ms)) }
                td data-label="Must sign" { (role.threshold) " of " (role.keys.len()) @if role.online { ", online" } }
                td data-label="Keys" { (keys(&role.keys)) }
            } } }
        }
    };
    shell_page(shell, &head("Who signs"), &body)
}

fn ends(shell: &Shell, expires_ms: Option<u64>) -> Markup {
    html! {
        @match expires_ms {
            None => "not published",
            Some(at) if at <= shell.now_ms => { strong { "ended " (ago(shell.now_ms, at)) } }
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
