//! One device: a header that says what is known and how, and four tabs below it.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, page as shell_page};
use crate::links::{self, AlertFilter, LivePage, Range};
use crate::live;
use crate::pages::appeal::AppealView;
use crate::parts::alike::alike;
use crate::parts::class::class;
use crate::parts::sentence::sentence;
use crate::parts::status::Status;
use crate::parts::text::{DeviceRef, foreign};
use seat::SeatView;
use suspicion::{QuarantineView, SuspicionView};
use verdict::{Returned, Silence, Testimony, Word};

pub mod logs;
pub mod peers;
pub mod profile;
pub mod seat;
pub mod summary;
pub mod suspicion;
pub mod telemetry;
pub mod verdict;

pub use logs::LogsView;
pub use peers::PeersView;
pub use profile::ProfileView;
pub use summary::SummaryView;
pub use telemetry::TelemetryView;

#[derive(Debug, Clone)]
pub struct DeviceView {
    pub header: DeviceHeader,
    pub tab: Tab,
}

#[derive(Debug, Clone)]
pub struct DeviceHeader {
    pub id: String,
    pub name: String,
    /// Others whose names look like its own.
    pub alike: Vec<DeviceRef>,
    pub class: String,
    pub cell: String,
    pub status: Status,
    /// Our words: on what the status rests, and what would change it.
    pub why: String,
    pub since_ms: Option<u64>,
    pub last_seen_ms: Option<u64>,
    pub knowledge: Knowledge,
    /// When the metadata that it holds ended, by its own word.
    pub stale_since_ms: Option<u64>,
    /// If it is silent.
    pub silence: Option<Silence>,
    /// How its latest silence ended.
    pub returned: Option<Returned>,
    /// What its witnesses hold against it together.
    pub testimony: Testimony,
    /// If it is in quarantine.
    pub quarantine: Option<QuarantineView>,
    /// If too few gateways have seen that it was admitted.
    pub seat: Option<SeatView>,
    /// What some of its witnesses report of it, without proof.
    pub suspicion: Option<SuspicionView>,
    /// How strangers tried it.
    pub appeal: Option<AppealView>,
    /// Who watches it, and what each of them says.
    pub witnesses: Vec<Witness>,
    /// The proof that convicts it.
    pub evidence: Option<String>,
}

/// How the state shown is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge {
    Claimed,
    SeenBy { witnesses: u32, of: u32 },
    Proven,
    HardwareProven,
    StaleSince { at_ms: u64 },
    NotVisible,
}

#[derive(Debug, Clone)]
pub struct Witness {
    pub device: DeviceRef,
    pub word: Word,
    pub heard_ms: Option<u64>,
    /// By what it heard the device.
    pub evidence: EvidenceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    LivenessProbe,
    ReceivedTraffic,
    LanBroadcast,
    TwoSidedCounters,
    ActiveScan,
    AttestationAnswer,
    LogContradiction,
}

#[derive(Debug, Clone)]
pub enum Tab {
    Summary(Box<SummaryView>),
    Telemetry(Box<TelemetryView>),
    Peers(PeersView),
    Logs(LogsView),
    Profile(Box<ProfileView>),
}

impl EvidenceKind {
    pub fn words(self) -> &'static str {
        match self {
            Self::LivenessProbe => say!("answered a probe"),
            Self::ReceivedTraffic => say!("received its traffic"),
            Self::LanBroadcast => say!("heard it on the LAN"),
            Self::TwoSidedCounters => say!("counters of both ends"),
            Self::ActiveScan => say!("active scan"),
            Self::AttestationAnswer => say!("attestation answer"),
            Self::LogContradiction => say!("its log contradicts itself"),
        }
    }
}

pub fn page(shell: &Shell, view: &DeviceView) -> Markup {
    let header = &view.header;
    let head = Head {
        title: &header.name,
        nav: Some(Nav::Devices),
        liveness: Liveness::Live,
    };
    let body = html! {
        (live::connect(&stream(view)))
        div #device-header { (device_header(shell, header)) }
        (tabs(view))
        div #device-tab { (tab(shell, view)) }
        @if let Tab::Summary(summary) = &view.tab {
            (suspicion::quarantine_zone(shell, header))
            (summary::danger_zone(shell, header, summary))
        }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &DeviceView) -> Markup {
    html! {
        (live::partial("device-header", &device_header(shell, &view.header)))
        @if !matches!(view.tab, Tab::Logs(_) | Tab::Profile(_)) { (live::partial("device-tab", &tab(shell, view))) }
    }
}

pub fn device_header(shell: &Shell, header: &DeviceHeader) -> Markup {
    html! {
        div.heading {
            h1 { (foreign(&header.name)) }
            p.quiet.class-and-cell { (sentence!("{class} in {cell}", class = class(&header.class), cell = foreign(&header.cell))) }
            @if header.status == Status::Pending && shell.may_change() {
                div.actions { a.button.primary href=(links::approve(&header.id)) { (say!("Compare and approve")) } }
            }
        }
        (alike(&header.alike))
        (verdict::card(shell, header))
    }
}

/// The tab's content, without the forms that must survive updates.
pub fn tab(shell: &Shell, view: &DeviceView) -> Markup {
    match &view.tab {
        Tab::Summary(summary) => summary::content(shell, summary),
        Tab::Telemetry(telemetry) => telemetry::content(shell, &view.header, telemetry),
        Tab::Peers(peers) => peers::content(shell, peers),
        Tab::Logs(logs) => logs::content(shell, &view.header.id, logs),
        Tab::Profile(profile) => profile::content(shell, profile),
    }
}

fn stream(view: &DeviceView) -> LivePage<'_> {
    let id = &view.header.id;
    match &view.tab {
        Tab::Summary(_) => LivePage::DeviceSummary { id },
        Tab::Telemetry(telemetry) => LivePage::DeviceTelemetry {
            id,
            range: telemetry.range,
        },
        Tab::Peers(_) => LivePage::DevicePeers { id },
        // Lines are read where they stand: a page that moves under the reader helps nobody.
        Tab::Logs(_) | Tab::Profile(_) => LivePage::DeviceHeader { id },
    }
}

fn tabs(view: &DeviceView) -> Markup {
    let id = &view.header.id;
    let tabs = [
        (
            say!("Summary"),
            links::device(id),
            matches!(view.tab, Tab::Summary(_)),
        ),
        (
            say!("Telemetry"),
            links::device_telemetry(id, Range::default()),
            matches!(view.tab, Tab::Telemetry(_)),
        ),
        (
            say!("Peers"),
            links::device_peers(id),
            matches!(view.tab, Tab::Peers(_)),
        ),
        (
            say!("Profile"),
            links::device_profile(id),
            matches!(view.tab, Tab::Profile(_)),
        ),
        (
            say!("Logs"),
            links::device_logs(id, None),
            matches!(view.tab, Tab::Logs(_)),
        ),
        (
            say!("Alerts"),
            links::alerts(&AlertFilter {
                device: Some(id.clone()),
                ..AlertFilter::all()
            }),
            false,
        ),
    ];
    html! {
        nav.tabs aria-label=(say!("About this device")) {
            ul {
                @for (name, url, active) in tabs {
                    li { a href=(url) aria-current=[active.then_some("page")] { (name) } }
                }
            }
        }
    }
}
