//! Adding a device: name it, get one line to run on it, and watch it arrive.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, page as shell_page};
use crate::links::{self, LivePage};
use crate::live;
use crate::parts::class::class;
use crate::parts::form::{Field, Input, summary};
use crate::parts::qr::qr;
use crate::parts::sentence::sentence;
use crate::parts::status::{Status, icon};
use crate::parts::text::{DeviceRef, code, device_link, facts, foreign};
use crate::parts::time::until;

pub mod fields {
    pub const NAME: &str = "name";
    pub const CLASS: &str = "class";
    pub const CELL: &str = "cell";
}

#[derive(Debug, Clone, Default)]
pub struct DeviceNewView {
    pub name: Field,
    pub class: Field,
    pub cell: Field,
    /// Classes and cells in use, offered while typing.
    pub classes: Vec<String>,
    pub cells: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct JoinView {
    /// Public id of the token, as it stands in the URL.
    pub token: String,
    pub name: String,
    pub class: String,
    pub cell: String,
    /// `plsd1_…`; nothing once it may no longer be shown.
    pub join_string: Option<String>,
    pub expires_ms: u64,
    pub state: JoinState,
}

#[derive(Debug, Clone)]
pub enum JoinState {
    Waiting,
    Connected { address: String },
    Online { device: DeviceRef },
    Expired,
}

/// Starts the node program with a join string.
pub fn join_line(join_string: &str) -> String {
    format!("palisade-node join {join_string}")
}

pub fn page(shell: &Shell, view: &DeviceNewView) -> Markup {
    let head = Head {
        title: say!("Add device"),
        nav: Some(Nav::Devices),
        liveness: Liveness::Still,
    };
    let body = html! {
        section.card.narrow {
            h1 { (say!("Add device")) }
            p { (say!("You get one line to run on the device. It works once, for one hour.")) }
            (form(view))
        }
    };
    shell_page(shell, &head, &body)
}

/// The form alone, as the empty device list shows it.
pub fn form(view: &DeviceNewView) -> Markup {
    let name = Input::text(fields::NAME, say!("Name"))
        .hint(say!("What people will call it, such as “Boiler room”."));
    let class = Input::text(fields::CLASS, say!("Class"))
        .choices(&view.classes)
        .hint(say!("Decides rules and scans: camera, plc, meter, server."));
    let cell = Input::text(fields::CELL, say!("Cell"))
        .choices(&view.cells)
        .hint(say!("The site or network segment it lives in."));
    html! {
        (summary(&[(fields::NAME, &view.name), (fields::CLASS, &view.class), (fields::CELL, &view.cell)]))
        form.add-device method="post" action=(links::device_new()) {
            (name.render(&view.name))
            (class.render(&view.class))
            (cell.render(&view.cell))
            button.primary { (say!("Make join line")) }
        }
    }
}

pub fn join_page(shell: &Shell, view: &JoinView) -> Markup {
    let head = Head {
        title: say!("Join a device"),
        nav: Some(Nav::Devices),
        liveness: Liveness::LiveOrReloaded,
    };
    let body = html! {
        (live::connect(&LivePage::Join { token: &view.token }))
        section.card.join {
            h1 { (sentence!("Join {name}", name = foreign(&view.name))) }
            @match &view.join_string {
                Some(join_string) => (line(join_string)),
                None => p.notice.notable {
                    (sentence!("The line was shown once and is not kept. If it is lost, {link}.", link = html! { a href=(links::device_new()) { (say!("make a new one")) } })) },
            }
            div #join-state role="status" { (state(view)) }
            div.scan {
                @if let Some(join_string) = &view.join_string { (qr(join_string, say!("QR code of the join string"))) }
                div {
                    @if view.join_string.is_some() { p.quiet { (sentence!("Or scan: the code holds the part that begins with {start}.", start = html! { code { "plsd1_" } })) } }
                    div #join-facts { (join_facts(shell, view)) }
                }
            }
        }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the join page, as one message of its event stream.
pub fn join_live(shell: &Shell, view: &JoinView) -> Markup {
    html! {
        (live::partial("join-state", &state(view)))
        (live::partial("join-facts", &join_facts(shell, view)))
    }
}

/// How far the join has come.
pub fn state(view: &JoinView) -> Markup {
    let pulse = html! { span.pulse aria-hidden="true" {} };
    let (tone, sign, words) = match &view.state {
        JoinState::Waiting => (
            "waiting",
            pulse,
            html! { (say!("Waiting for the device to connect…")) },
        ),
        JoinState::Connected { address } => (
            "waiting",
            pulse,
            sentence!(
                "Connected from {address}; waiting until its neighbours hear it.",
                address = code(address)
            ),
        ),
        JoinState::Online { device } => (
            "good",
            icon(Status::Online),
            sentence!("{device} is online.", device = device_link(device)),
        ),
        JoinState::Expired => (
            "bad",
            icon(Status::Silent),
            sentence!(
                "The line has expired unused. {link}.",
                link = html! { a href=(links::device_new()) { (say!("Make a new one")) } }
            ),
        ),
    };
    html! { p.join-state.(tone) { (sign) span { (words) } } }
}

fn join_facts(shell: &Shell, view: &JoinView) -> Markup {
    facts([
        (say!("Class"), class(&view.class)),
        (say!("Cell"), foreign(&view.cell)),
        (say!("Line expires"), until(shell.now_ms, view.expires_ms)),
    ])
}

fn line(join_string: &str) -> Markup {
    html! {
        p { (say!("Run this on the device. It carries the address of the coordinator, its key to check, and a secret that works once.")) }
        div.copy {
            pre #join-line tabindex="0" aria-label=(say!("Join line")) { code { (join_line(join_string)) } }
            button type="button" data-copy="join-line" data-copied=(say!("Copied")) hidden { (say!("Copy")) }
        }
    }
}
