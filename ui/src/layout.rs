//! The shell around every page: head, top bar, live state, flash, and the main region.

use language::present::present;
use language::say;
use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::links::{self, AlertFilter, AuditFilter, DeviceFilter, MeshMode};
use crate::parts::sentence::sentence;
use crate::parts::text::foreign;

/// What a page needs to know beside its own view.
#[derive(Debug, Clone)]
pub struct Shell {
    pub mesh_name: String,
    /// Nobody on the pages before login.
    pub user: Option<User>,
    pub theme: Theme,
    /// Shown once, in the live region.
    pub flash: Option<Flash>,
    /// Local path and query of the page, to return to after a change of theme.
    pub path: String,
    pub now_ms: u64,
    /// Whether everything that is shown was invented.
    pub demonstration: bool,
}

#[derive(Debug, Clone)]
pub struct User {
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Viewer,
    Auditor,
    Operator,
    Admin,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

#[derive(Debug, Clone)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Notice,
    Quiet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    Overview,
    Devices,
    Mesh,
    Alerts,
    Firmware,
    Rollouts,
    Findings,
    Evidence,
    Reports,
    Audit,
}

/// Whether a page changes while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    Still,
    Live,
    /// Live, and reloaded every few seconds where scripts are off.
    LiveOrReloaded,
}

#[derive(Debug)]
pub struct Head<'a> {
    pub title: &'a str,
    pub nav: Option<Nav>,
    pub liveness: Liveness,
}

/// Field names of the form in the user menu.
pub mod fields {
    pub const THEME: &str = "theme";
    pub const NEXT: &str = "next";
}

/// The region that announces "saved" and the like; live messages may target it.
pub const FLASH: &str = "flash";

const HTMX_CONFIG: &str = r#"{"extensions":"sse","includeIndicatorCSS":false,"history":"reload","defaultTimeout":15000,"morphIgnore":["data-htmx-powered","open"]}"#;

impl Shell {
    /// Whether to offer actions that change devices. The server decides again on each request.
    pub fn may_change(&self) -> bool {
        self.user
            .as_ref()
            .is_some_and(|user| matches!(user.role, Role::Operator | Role::Admin))
    }

    /// Whether to offer what changes the whole mesh. The server decides again on each request.
    pub fn may_govern(&self) -> bool {
        let role = self.user.as_ref().map(|user| user.role);
        role == Some(Role::Admin)
    }
}

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => say!("viewer"),
            Self::Auditor => say!("auditor"),
            Self::Operator => say!("operator"),
            Self::Admin => say!("admin"),
        }
    }
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    pub fn parse(slug: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.slug() == slug)
            .unwrap_or_default()
    }

    /// The value of the cookie and of `data-theme`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => say!("theme|Auto"),
            Self::Light => say!("theme|Light"),
            Self::Dark => say!("theme|Dark"),
        }
    }
}

impl Tone {
    pub fn slug(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Notice => "notable",
            Self::Quiet => "calm",
        }
    }
}

pub fn page(shell: &Shell, head: &Head<'_>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(present().tag()) data-theme=(shell.theme.slug()) {
            head { (metadata(shell, head)) }
            body.signed-out[shell.user.is_none()] {
                a.skip href="#main" { (say!("Skip to content")) }
                header.top { (top_bar(shell, head)) }
                @if shell.demonstration { (demonstration()) }
                main #main tabindex="-1" {
                    div.flash id=(FLASH) role="status" { @if let Some(flash) = &shell.flash { (notice(flash)) } }
                    (body)
                }
                @if shell.user.is_some() { (scripts()) }
            }
        }
    }
}

/// On every page, so that no picture of one is taken for the real thing.
fn demonstration() -> Markup {
    html! { p.notice.notable.demonstration role="note" { strong { (say!("Demonstration data.")) } " " (say!("Every device, alert and figure here was invented, and no device runs.")) } }
}

/// A message for the flash region.
pub fn notice(flash: &Flash) -> Markup {
    html! { p.notice.(flash.tone.slug()) { (flash.text) } }
}

/// The heading of a page with its actions at the far end.
pub fn heading(title: &Markup, actions: &Markup) -> Markup {
    html! {
        div.heading {
            h1 { (title) }
            div.actions { (actions) }
        }
    }
}

fn metadata(shell: &Shell, head: &Head<'_>) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { (head.title) " · " (shell.mesh_name) " · Palisade" }
        link rel="icon" type="image/svg+xml" href=(assets::url(assets::FAVICON));
        link rel="stylesheet" href=(assets::url(assets::APP_CSS));
        meta name="htmx-config" content=(HTMX_CONFIG);
        @if head.liveness == Liveness::LiveOrReloaded {
            noscript { meta http-equiv="refresh" content="5"; }
        }
    }
}

/// At the end of the body and not deferred: htmx starts when the document is complete, or at once
/// when it is, and the extension must be there by then.
fn scripts() -> Markup {
    html! {
        @for name in [assets::HTMX_JS, assets::SSE_JS, assets::APP_JS] { script src=(assets::url(name)) {} }
    }
}

fn top_bar(shell: &Shell, head: &Head<'_>) -> Markup {
    html! {
        a.brand href=(links::overview()) {
            (mark())
            span { "Palisade" }
        }
        @if let Some(user) = &shell.user {
            span.mesh-name { (foreign(&shell.mesh_name)) }
            (navigation(head.nav))
            @if head.liveness != Liveness::Still { (live_state()) }
            (user_menu(shell, user))
        }
    }
}

/// The menu opens the list beside it, which a wide screen shows in any case; neither needs a script.
fn navigation(active: Option<Nav>) -> Markup {
    let entries = [
        (
            Nav::Overview,
            say!("Overview"),
            links::overview().to_owned(),
        ),
        (
            Nav::Devices,
            say!("Devices"),
            links::devices(&DeviceFilter::default()),
        ),
        (
            Nav::Mesh,
            say!("Mesh"),
            links::mesh(MeshMode::default(), None),
        ),
        (
            Nav::Alerts,
            say!("Alerts"),
            links::alerts(&AlertFilter::default()),
        ),
        (
            Nav::Firmware,
            say!("Firmware"),
            links::firmware().to_owned(),
        ),
        (
            Nav::Rollouts,
            say!("Rollouts"),
            links::rollouts().to_owned(),
        ),
        (Nav::Findings, say!("Findings"), links::findings("", None)),
        (
            Nav::Evidence,
            say!("Evidence"),
            links::evidence().to_owned(),
        ),
        (Nav::Reports, say!("Reports"), links::reports().to_owned()),
        (
            Nav::Audit,
            say!("Audit"),
            links::audit(&AuditFilter::default(), None),
        ),
    ];
    html! {
        details.menu { summary { (say!("Menu")) } }
        nav.main aria-label=(say!("Main")) {
            ul {
                @for (nav, name, url) in entries {
                    li { a href=(url) aria-current=[(active == Some(nav)).then_some("page")] { (name) } }
                }
            }
        }
    }
}

/// Revealed by the script that keeps it true; without one there is nothing live to show.
fn live_state() -> Markup {
    html! {
        div.live #live data-state="connecting" hidden
            data-connecting=(say!("Connecting")) data-live=(say!("live|Live")) data-paused=(say!("Paused"))
            data-reconnecting=(say!("Reconnecting")) data-signed-out=(say!("Signed out"))
            data-pause=(say!("Pause")) data-resume=(say!("Resume")) {
            span.dot aria-hidden="true" {}
            span #live-word { (say!("Connecting")) }
            button.plain #live-pause type="button" aria-pressed="false" { (say!("Pause")) }
        }
    }
}

fn user_menu(shell: &Shell, user: &User) -> Markup {
    html! {
        details.user {
            summary { span.user-name { (foreign(&user.name)) } }
            div.popup {
                p.quiet { (sentence!("Signed in as {name}, {role}", name = html! { strong { (foreign(&user.name)) } }, role = user.role.word())) }
                p { a href=(links::account()) { (say!("Account")) }
                    @if matches!(user.role, Role::Admin | Role::Auditor) { " · " a href=(links::people()) { (say!("People")) } " · " a href=(links::privacy()) { (say!("Data")) } } }
                form method="post" action=(links::theme()) {
                    input type="hidden" name=(fields::NEXT) value=(shell.path);
                    fieldset.segments {
                        legend { (say!("Theme")) }
                        @for theme in Theme::ALL {
                            button name=(fields::THEME) value=(theme.slug())
                                aria-pressed=(if theme == shell.theme { "true" } else { "false" }) { (theme.word()) }
                        }
                    }
                }
                p { a href=(links::system()) { (say!("System")) } " · " a href=(links::api()) { (say!("Interface for programs")) } }
                form method="post" action=(links::logout()) { button.wide { (say!("Log out")) } }
            }
        }
    }
}

/// Four stakes, one of them awake.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            path.stakes d="M2 22V8l2-3 2 3v14zM8 22V5l2-3 2 3v17zM20 22V9l1.500-3 1.500 3v13z" {}
            path.awake d="M14 22V8l2-3 2 3v14z" {}
        }
    }
}
