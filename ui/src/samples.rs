//! One sample view per page, for looking at pages and for testing them; the numbers are invented.
//!
//! It is long because it is a list: a page that has no sample here is looked at by no gate. Groups have files of their own.

use maud::Markup;

use crate::layout::{Flash, Role, Shell, Theme, Tone, User};
use crate::links::{self, AuditFilter, DeviceFilter, MeshMode, Range};
use crate::pages::appeal::{AppealView, AppealsView, Bearing, VoteView};
use crate::pages::audit::{self, AuditEntry, AuditView, ChainState, GatewayWord};
use crate::pages::classes::{self, ClassTuning, ClassView};
use crate::pages::described::{self, DescribedView, Own};
use crate::pages::device::verdict::Standing;
use crate::pages::device_new::{self, DeviceNewView, JoinState, JoinView};
use crate::pages::devices::{self, DeviceRow, DevicesView};
use crate::pages::error::{self, ErrorView};
use crate::pages::evidence::{self, EvidenceView, ProofView, SignedPart};
use crate::pages::login::{self, LoginView};
use crate::pages::mesh::{self, LinkState, MeshLink, MeshNode, MeshRotation, MeshView};
use crate::pages::neighbours::NeighboursView;
use crate::pages::observations::ObservationView;
use crate::pages::overview::{
    self, AlertsCard, CoordinatorFacts, Event, Onboarding, OverviewView, Step,
};
use crate::pages::pending::{self, PendingView};
use crate::pages::setup::{self, SetupView};
use crate::parts::chips::StatusCounts;
use crate::parts::form::Field;
use crate::parts::groups::Groups;
use crate::parts::status::Status;
use crate::parts::text::DeviceRef;

mod accounts;
mod alerts;
mod api;
mod commands;
mod findings;
pub mod firmware;
mod neighbours;
mod one_device;
mod privacy;
mod reports;
mod rollouts;
mod rotation;
mod scans;
mod settings;
mod system;

pub use alerts::{alert_row, alert_view, alerts_view};
pub use one_device::device_view;
pub use rollouts::{rollout_view, rollouts_view};
pub use rotation::rotation_view;
pub use scans::scan_view;

pub const NOW_MS: u64 = 1_795_254_000_000;

/// A name that tries everything a device may try.
pub const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)> ' hx-get=/logout \u{202e}</template></hx-partial>";

const NAMES: [&str; 10] = [
    "boiler-room",
    "gate-north",
    "cam-lobby",
    "cam-dock-2",
    "plc-press-1",
    "plc-press-2",
    "meter-main",
    "meter-solar",
    "door-west",
    "gateway-a",
];
const CLASSES: [&str; 5] = ["camera", "plc", "meter", "door", "gateway"];
const CELLS: [&str; 3] = ["Plant floor", "Office", "Yard"];

pub fn shell(path: &str, theme: Theme) -> Shell {
    Shell {
        mesh_name: "Riverside workshop".into(),
        user: Some(User {
            name: "Amina".into(),
            role: Role::Admin,
        }),
        theme,
        flash: None,
        path: path.into(),
        now_ms: NOW_MS,
        demonstration: false,
    }
}

/// Every page under a short name, in every state worth looking at.
pub fn pages(theme: Theme) -> Vec<(&'static str, Markup)> {
    let signed_out = Shell {
        user: None,
        ..shell("/", theme)
    };
    let inside = shell(links::overview(), theme);
    let flash = Flash {
        tone: Tone::Good,
        text: "meter-solar is retired.".into(),
    };
    let flashing = Shell {
        flash: Some(flash),
        ..inside.clone()
    };
    let viewer = User {
        name: "Noor".into(),
        role: Role::Viewer,
    };
    let viewing = Shell {
        user: Some(viewer),
        ..inside.clone()
    };
    let invented = Shell {
        demonstration: true,
        ..inside.clone()
    };
    let mut pages = vec![
        (
            "overview-demonstration",
            overview::page(&invented, &overview_view()),
        ),
        ("setup", setup::page(&signed_out, &setup_view())),
        (
            "setup-expired",
            setup::page(&signed_out, &SetupView::Expired),
        ),
        ("login", login::page(&signed_out, &login_view())),
        ("login-entered", login::entered_page(&signed_out, "/")),
        ("overview", overview::page(&inside, &overview_view())),
        (
            "overview-first",
            overview::page(&inside, &first_overview_view()),
        ),
        ("devices", devices::page(&flashing, &devices_view(50))),
        ("devices-viewer", devices::page(&viewing, &devices_view(3))),
        ("devices-empty", devices::page(&inside, &devices_view(0))),
        ("devices-no-match", devices::page(&inside, &no_match_view())),
        (
            "devices-filter-wrong",
            devices::page(&inside, &wrong_filter_view()),
        ),
        (
            "described",
            described::page(&inside, &described_view(Some(Own::default()))),
        ),
        (
            "classes",
            classes::page(&inside, &[class_view("plc"), class_view("camera")]),
        ),
        ("class", classes::one(&inside, &class_view("plc"))),
        ("class-set", classes::one(&inside, &class_view("camera"))),
        (
            "described-member",
            described::page(&inside, &described_view(None)),
        ),
        ("device-new", device_new::page(&inside, &device_new_view())),
        ("pending", pending::page(&inside, &pending_view())),
        ("mesh", mesh::page(&inside, &mesh_view(42, MeshMode::Map))),
        (
            "mesh-table",
            mesh::page(&inside, &mesh_view(42, MeshMode::Table)),
        ),
        (
            "mesh-large",
            mesh::page(&inside, &mesh_view(900, MeshMode::Map)),
        ),
        (
            "mesh-empty",
            mesh::page(&inside, &mesh_view(0, MeshMode::Map)),
        ),
        ("evidence", evidence::page(&inside, &evidence_view(2))),
        ("evidence-empty", evidence::page(&inside, &evidence_view(0))),
        (
            "evidence-proof",
            evidence::proof_page(&inside, &proof_view(0)),
        ),
        (
            "evidence-proof-admission",
            evidence::proof_page(&inside, &proof_view(1)),
        ),
        ("audit", audit::page(&inside, &audit_view())),
        ("audit-sought", audit::page(&inside, &audit_sought())),
        (
            "error",
            error::page(
                &inside,
                &ErrorView::for_status(404, Some("01JD3ZC6Q9".into())),
            ),
        ),
        (
            "error-signed-out",
            error::page(&signed_out, &ErrorView::for_status(429, None)),
        ),
    ];
    for (name, state) in join_states() {
        pages.push((name, device_new::join_page(&inside, &join_view(state))));
    }
    pages.extend(api::pages(&inside));
    pages.extend(rotation::pages(&inside));
    pages.extend(firmware::pages(&inside));
    pages.extend(rollouts::pages(&inside));
    pages.extend(settings::pages(&inside));
    pages.extend(commands::pages(&inside));
    pages.extend(neighbours::pages(&inside));
    pages.extend(alerts::pages(&inside));
    pages.extend(findings::pages(&inside));
    pages.extend(scans::pages(&inside));
    pages.extend(reports::pages(&inside));
    pages.extend(system::pages(&inside));
    pages.extend(privacy::pages(&inside));
    pages.extend(one_device::pages(&inside));
    pages.extend(accounts::pages(&inside, &signed_out));
    pages
}

pub fn setup_view() -> SetupView {
    let password = Field::wrong("short", "Use at least 15 characters.");
    SetupView::Form {
        token: "tok".into(),
        name: Field::new("amina"),
        password,
        mesh: Field::new("Riverside workshop"),
    }
}

pub fn login_view() -> LoginView {
    let error = "Name or password is wrong.".to_owned();
    LoginView {
        name: "amina".into(),
        error: Some(error),
        next: Some("/devices?status=silent".into()),
        provider: login::Provider::Offered,
        passkeys: login::Passkeys::Offered,
    }
}

pub fn overview_view() -> OverviewView {
    let events = [
        (4, Tone::Bad, Some(2), "went silent: the device or its link"),
        (
            31,
            Tone::Quiet,
            None,
            "8 devices were cut off, and never stopped.",
        ),
        (
            95,
            Tone::Bad,
            None,
            "8 devices behind one switch went silent together.",
        ),
        (
            340,
            Tone::Notice,
            Some(4),
            "changed a watched file: /etc/passwd",
        ),
        (1_900, Tone::Notice, Some(8), "asks to join from 10.0.0.23"),
        (4_100, Tone::Quiet, Some(7), "was retired by Amina"),
        (9_000, Tone::Good, Some(9), "joined as gateway in Yard"),
    ];
    let event = |(age, tone, device, text): (u64, Tone, Option<usize>, &str)| Event {
        at_ms: NOW_MS - age * 1000,
        tone,
        device: device.map(device_ref),
        text: text.into(),
    };
    OverviewView {
        counts: StatusCounts {
            online: 45,
            degraded: 1,
            silent: 1,
            pending: 1,
            never_heard: 0,
            retired: 2,
        },
        onboarding: None,
        alerts: AlertsCard {
            open: 3,
            rows: vec![alert_row(1), alert_row(2), alert_row(5)],
        },
        events: events.into_iter().map(event).collect(),
        coordinator: coordinator_facts(),
        risk: Some(findings::risk_card()),
    }
}

fn first_overview_view() -> OverviewView {
    let onboarding = Onboarding {
        device_added: Step::Done,
        device_live: Step::Open,
        silence_seen: Step::Open,
    };
    let counts = StatusCounts {
        never_heard: 1,
        ..StatusCounts::default()
    };
    OverviewView {
        counts,
        onboarding: Some(onboarding),
        alerts: AlertsCard::default(),
        events: Vec::new(),
        coordinator: coordinator_facts(),
        risk: None,
    }
}

fn coordinator_facts() -> CoordinatorFacts {
    CoordinatorFacts {
        version: "0.1.0".into(),
        mesh_id: "b3:7f1c9a04e2d8".into(),
        address: "10.0.0.2:7700".into(),
        started_ms: NOW_MS - 93_000_000,
        nodes_connected: 46,
        records_stored: 1_284_113,
        store_bytes: 412_000_000,
        memory_bytes: Some(58_000_000),
        disk: Some((31_000_000_000, 120_000_000_000)),
    }
}

pub fn devices_view(rows: usize) -> DevicesView {
    let counts = overview_view().counts;
    DevicesView {
        stale: if rows == 0 { 0 } else { 2 },
        counts: if rows == 0 {
            StatusCounts::default()
        } else {
            counts
        },
        filter: DeviceFilter::default(),
        classes: CLASSES.map(str::to_owned).to_vec(),
        rows: (0..rows).map(device_row).collect(),
        neighbours: if rows < 50 {
            NeighboursView::default()
        } else {
            neighbours::neighbours_view(8)
        },
        matching: rows as u64,
        wrong: None,
        saved: match rows {
            0 => Vec::new(),
            _ => vec![(HOSTILE.into(), "tag:floor2".into())],
        },
        next: (rows >= 50).then(|| "c3".to_owned()),
    }
}

fn no_match_view() -> DevicesView {
    let filter = DeviceFilter {
        status: Some(Status::Silent.slug().into()),
        search: Some("nothing".into()),
        ..DeviceFilter::default()
    };
    DevicesView {
        filter,
        rows: Vec::new(),
        next: None,
        ..devices_view(3)
    }
}

/// A filter that is none, with what is wrong with it.
fn wrong_filter_view() -> DevicesView {
    DevicesView {
        filter: DeviceFilter {
            filter: Some("clas==camera".into()),
            ..DeviceFilter::default()
        },
        wrong: Some("column 1: there is no field clas; did you mean class?".into()),
        rows: Vec::new(),
        next: None,
        ..devices_view(3)
    }
}

fn groups() -> Groups {
    Groups {
        site: "Riverside".into(),
        tags: vec!["floor2".into(), HOSTILE.into()],
    }
}

fn class_view(class: &str) -> ClassView {
    let fragile = class == "plc";
    let word = |of_fragile: &str, other: &str| if fragile { of_fragile } else { other }.to_owned();
    let tuning = ClassTuning {
        rule: "new_destination".into(),
        effect: "low".into(),
        why: HOSTILE.into(),
        by: "amina".into(),
    };
    ClassView {
        class: class.into(),
        members: 12,
        without_node: 3,
        quarantine: word("never", "automated"),
        scans: word("by_name_only", "open"),
        calls: word("hardware_only", "any"),
        telling: "otherwise".into(),
        settings: (!fragile).then(|| "a reading every 30 s".to_owned()),
        tunings: if fragile { Vec::new() } else { vec![tuning] },
        decisions: u64::from(!fragile),
        labels: vec![
            ("cpu_permille".into(), "internal".into()),
            ("processes".into(), "sensitive".into()),
        ],
    }
}

fn described_view(own: Option<Own>) -> DescribedView {
    DescribedView {
        id: "mac:00:17:88:00:01:00".into(),
        name: HOSTILE.into(),
        back: links::neighbour("00:17:88:00:01:00"),
        site: Field::new("Riverside"),
        tags: Field::wrong(
            "floor2, ".to_owned() + HOSTILE,
            "Tag 2: the text is longer than 64 bytes; a tag is one line of at most 64 bytes.",
        ),
        own,
        sites: vec!["Riverside".into(), HOSTILE.into()],
        classes: CLASSES.map(str::to_owned).to_vec(),
    }
}

pub fn device_row(number: usize) -> DeviceRow {
    let status = status(number);
    let unheard = matches!(status, Status::Pending | Status::NeverHeard);
    let cpu = |step: u64| {
        let wave = (step * 7 + number as u64 * 13) % 23;
        (!(step == 20 && number.is_multiple_of(4)))
            .then_some(4.0 + wave as f64 + if step == 31 { 40.0 } else { 0.0 })
    };
    DeviceRow {
        id: format!("01JD{number:04}"),
        name: if number == 11 {
            HOSTILE.into()
        } else {
            name(number)
        },
        status,
        reason: match status {
            Status::Silent => Some("device or its link; 5 of 8 witnesses agree".into()),
            Status::Degraded => Some("stands still for up to 4.9 s".into()),
            Status::Pending => Some("waits for approval".into()),
            _ => None,
        },
        class: CLASSES[number % 5].into(),
        cell: CELLS[number % 3].into(),
        groups: match number % 6 {
            1 => groups(),
            _ => Groups::default(),
        },
        version: (!unheard).then(|| "0.1.0".into()),
        address: Some(format!("10.0.{}.{}", number % 3, number + 10)),
        last_seen_ms: (!unheard).then(|| NOW_MS - 1000 * (number as u64 * number as u64 % 9_000)),
        cpu_percent: if unheard {
            Vec::new()
        } else {
            (0..40).map(cpu).collect()
        },
    }
}

pub fn device_new_view() -> DeviceNewView {
    DeviceNewView {
        name: Field::wrong("boiler-room", "A device of this name exists."),
        class: Field::new("plc"),
        cell: Field::default(),
        classes: CLASSES.map(str::to_owned).to_vec(),
        cells: CELLS.map(str::to_owned).to_vec(),
    }
}

pub fn join_view(state: JoinState) -> JoinView {
    let secret =
        "plsd1_AQoAAAIeFGJ7kD2vX0mQ8rT5nW1sYcU4hLzE6pRb9gKfVt3xMjNqSwPaCdHi7y2uOe8lZrB5oG4";
    JoinView {
        token: "tk1".into(),
        name: "boiler-room".into(),
        class: "plc".into(),
        cell: "Plant floor".into(),
        join_string: (!matches!(state, JoinState::Expired)).then(|| secret.into()),
        expires_ms: NOW_MS + 3_480_000,
        state,
    }
}

fn join_states() -> [(&'static str, JoinState); 4] {
    [
        ("join-waiting", JoinState::Waiting),
        (
            "join-connected",
            JoinState::Connected {
                address: "10.0.0.7".into(),
            },
        ),
        (
            "join-online",
            JoinState::Online {
                device: device_ref(0),
            },
        ),
        ("join-expired", JoinState::Expired),
    ]
}

pub fn pending_view() -> PendingView {
    PendingView {
        alike: vec![device_ref(1), device_ref(4)],
        id: "01JD0008".into(),
        claimed_name: HOSTILE.into(),
        code: "4PK9 7TWM XQ2H".into(),
        address: "10.0.0.23".into(),
        requested_ms: NOW_MS - 64_000,
        key_fingerprint: "SHA256:4f9a:11c0:7e2b:d03c".into(),
        name: Field::new("door-west"),
        class: Field::new("door"),
        cell: Field::default(),
        classes: CLASSES.map(str::to_owned).to_vec(),
        cells: CELLS.map(str::to_owned).to_vec(),
    }
}

pub fn mesh_view(nodes: usize, mode: MeshMode) -> MeshView {
    let id = |number: usize| format!("01JD{number:04}");
    let node = |number| MeshNode {
        id: id(number),
        name: if number == 11 {
            HOSTILE.into()
        } else {
            name(number)
        },
        cell: CELLS[number * number % 7 % 3].into(),
        status: status(number),
        silence: is_silent(number).then(|| "device or its link; 5 of 8 witnesses agree".to_owned()),
        standing: if is_silent(number) {
            Standing::Certified
        } else {
            Standing::Open
        },
    };
    let link = |(from, step): (usize, usize)| MeshLink {
        from: id(from),
        to: id((from * step + step) % nodes.max(1)),
        state: if is_silent((from * step + step) % nodes.max(1)) {
            LinkState::Unheard
        } else {
            LinkState::Heard
        },
        heard_ms: NOW_MS - 3_000,
    };
    let links = (0..nodes)
        .filter(|from| !is_silent(*from))
        .flat_map(|from| [(from, 2), (from, 3)])
        .map(link)
        .collect();
    MeshView {
        mode,
        cell: None,
        nodes: (0..nodes).map(node).collect(),
        links,
        rotation: (nodes > 1).then(|| MeshRotation {
            charter: 2,
            members: nodes,
            done: nodes - 1,
            stragglers: vec![HOSTILE.into()],
        }),
    }
}

/// What was sought is not there, and one of the days is none.
fn audit_sought() -> AuditView {
    AuditView {
        entries: Vec::new(),
        filter: AuditFilter {
            actor: HOSTILE.into(),
            from: "2026-11-20".into(),
            until: "soon".into(),
            ..AuditFilter::default()
        },
        gateways: vec![GatewayWord {
            device: device_ref(2),
            at_ms: NOW_MS - 4_000_000,
            entries: 200,
            disagrees: Some(
                "It has countersigned 200 entries: 10 at the end of the log at least are gone."
                    .into(),
            ),
        }],
        flaw: Some("`until` is no time: write 2026-11-27 or 2026-11-27T08:00:00Z.".into()),
        ..audit_view()
    }
}

pub fn audit_view() -> AuditView {
    let entry =
        |number: u64, action: &str, object: &str, before: Option<&str>, after: Option<&str>| {
            AuditEntry {
                number,
                at_ms: NOW_MS - (200 - number) * 47_000,
                actor: "amina".into(),
                action: action.into(),
                object: object.into(),
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
                address: Some("10.0.0.50".into()),
                request_id: Some(format!("01JD3ZC6{number}")),
            }
        };
    AuditView {
        entries: vec![
            entry(
                190,
                "device.retire",
                "meter-solar",
                Some("active"),
                Some("retired"),
            ),
            entry(
                189,
                "device.approve",
                HOSTILE,
                Some("pending"),
                Some("active"),
            ),
            entry(
                188,
                "join_token.create",
                "boiler-room",
                None,
                Some("expires in 1 h"),
            ),
            entry(187, "user.log_in", "amina", None, None),
        ],
        filter: AuditFilter::default(),
        gateways: vec![GatewayWord {
            device: device_ref(1),
            at_ms: NOW_MS - 8_000,
            entries: 190,
            disagrees: None,
        }],
        flaw: None,
        chain: ChainState::Holds {
            entries: 190,
            head: "b3:94d0c1e7aa51f2".into(),
            checked_ms: NOW_MS - 40_000,
        },
        after: Some("190".into()),
        next: Some("186".into()),
    }
}

fn status(number: usize) -> Status {
    match number {
        2 => Status::Silent,
        4 => Status::Degraded,
        8 => Status::Pending,
        9 => Status::NeverHeard,
        7 => Status::Retired,
        _ => Status::Online,
    }
}

fn is_silent(number: usize) -> bool {
    status(number) == Status::Silent
}

fn name(number: usize) -> String {
    match number / NAMES.len() {
        0 => NAMES[number].to_owned(),
        round => format!("{}-{round}", NAMES[number % NAMES.len()]),
    }
}

fn device_ref(number: usize) -> DeviceRef {
    DeviceRef {
        id: format!("01JD{number:04}"),
        name: name(number),
    }
}

/// The range every telemetry sample covers.
pub(crate) const RANGE: Range = Range::Day;

fn evidence_view(proofs: usize) -> EvidenceView {
    EvidenceView {
        proofs: (0..proofs).map(proof_view).collect(),
        observations: (0..proofs).map(observation).collect(),
        appeals: AppealsView {
            automation: "A committee may hold a suspected device for a day, if it is of class camera, sensor."
                .into(),
            appeals: (0..proofs).map(appeal).collect(),
        },
    }
}

fn appeal(number: usize) -> AppealView {
    let vote = |place: usize| {
        let (says, bearing) = match place % 5 {
            0 => ("it has no vote yet", Bearing::None),
            1 => (
                "it answered, and nothing was wrong with what it sent",
                Bearing::For,
            ),
            _ => (
                "it sent what no honest program makes, to this member too",
                Bearing::Against,
            ),
        };
        VoteView {
            member: device_ref(place + 1),
            says: says.into(),
            at_ms: (bearing != Bearing::None).then_some(NOW_MS - 30_000),
            bearing,
        }
    };
    AppealView {
        device: device_ref(number),
        weight: "18 of 31 strangers saw it themselves; 21 hold it, and 24 have voted.".into(),
        held: false,
        votes: (0..31).map(vote).collect(),
        clears: "Somebody clears it here or on a gateway's console; otherwise it ends by itself after a day."
            .into(),
    }
}

fn observation(number: usize) -> ObservationView {
    ObservationView {
        sender: device_ref(number),
        receiver: DeviceRef {
            id: "badqmbieambac".into(),
            name: HOSTILE.into(),
        },
        says: "The sender says that it sent 108 frames (42.1 KiB); the receiver counted 1093 frames (401 KiB). No loss explains more.".into(),
        at_ms: NOW_MS - 1_800_000 * (number as u64 + 1),
        times: 3,
    }
}

/// The first convicts a device, any other one the admission key.
fn proof_view(number: usize) -> ProofView {
    let named = |name: &str| DeviceRef {
        id: "badqmbieambac".into(),
        name: name.into(),
    };
    let part = |age_ms: u64, digit: &str| SignedPart {
        at_ms: NOW_MS - age_ms,
        digest: digit.repeat(64),
    };
    let device = (number == 0).then(|| named(HOSTILE));
    let says = match device {
        Some(_) => format!(
            "device badqmbieambac ({HOSTILE}) signed two heads that follow the same head, record 52 of start 3 and record 0 of start 4"
        ),
        None => "the admission key of this mesh signed two different entries for one place of the identity log, 41".to_owned(),
    };
    ProofView {
        id: "9f".repeat(32),
        at_ms: NOW_MS - 70_000,
        device,
        says,
        remedy: "two copies of this device run, its disk was set back, or whoever holds its key lies: find out which, then enrol the device again".into(),
        brought_by: (number == 0).then(|| named("gate-north")),
        parts: vec![part(80_000, "4"), part(75_000, "b")],
        bytes: 737,
    }
}
