//! The tab of a device's traffic: what it usually does, who saw it, what people said of it, and why a flow is allowed.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind};
use crate::parts::quantity::{bytes, count};
use crate::parts::text::{self, DeviceRef, device_link, foreign, or_dash};
use crate::parts::time::{ago, ago_or};

pub mod fields {
    /// A habit in words.
    pub const HABIT: &str = "habit";
    pub const STAGE: &str = "stage";
    /// The text of a MUD file.
    pub const MUD: &str = "mud";
    pub const TO: &str = "to";
    pub const PORT: &str = "port";
    pub const PROTOCOL: &str = "protocol";
}

#[derive(Debug, Clone, Default)]
pub struct ProfileView {
    /// A member's id, `mac:…` or `ip:…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Each member's own profile of it.
    pub vantages: Vec<VantageRow>,
    pub habits: Vec<HabitRow>,
    /// What people said, the newest first.
    pub words: Vec<WordRow>,
    pub why: Option<WhyView>,
    pub ask: WhyForm,
}

#[derive(Debug, Clone)]
pub struct VantageRow {
    pub member: DeviceRef,
    /// `learning`, `trial` or `enforcing`.
    pub stage: &'static str,
    pub since_ms: u64,
    /// The class whose baseline it borrowed.
    pub lent: Option<String>,
    pub flows: u64,
    pub unusual: u64,
    pub sent: u64,
    /// What it usually sends out of its network in a minute.
    pub usual: Option<u64>,
    /// Flows that this member could not judge.
    pub dropped: u64,
    pub told_ms: u64,
}

#[derive(Debug, Clone)]
pub struct HabitRow {
    pub words: String,
    /// `learnt`, `lent`, `declared` or `allowed`.
    pub origin: &'static str,
    pub first_ms: u64,
    pub last_ms: u64,
    pub support: u64,
    pub seen_by: Vec<DeviceRef>,
    /// How many keep a profile of the device.
    pub of: usize,
}

#[derive(Debug, Clone)]
pub struct WordRow {
    pub at_ms: u64,
    pub by: String,
    pub says: String,
    pub member: DeviceRef,
    pub heard: bool,
}

#[derive(Debug, Clone, Default)]
pub struct WhyForm {
    pub to: Field,
    pub port: Field,
    pub protocol: Field,
}

#[derive(Debug, Clone)]
pub struct WhyView {
    /// Our words.
    pub says: String,
    pub grounds: Vec<GroundRow>,
    /// The habit that would allow it, where none does.
    pub would_allow: Option<String>,
}

#[derive(Debug, Clone)]
pub struct GroundRow {
    pub member: DeviceRef,
    pub answer: &'static str,
    pub habit: Option<String>,
    pub origin: Option<&'static str>,
    pub last_ms: Option<u64>,
}

/// The profile of a device without a node, as a page of its own.
pub fn page(shell: &Shell, mac: &str, view: &ProfileView) -> Markup {
    let head = Head {
        title: "Profile of a device without a node",
        nav: Some(Nav::Devices),
        liveness: Liveness::LiveOrReloaded,
    };
    let back = html! { a.button href=(links::neighbour(mac)) { "The device" } };
    let body = html! {
        (heading(&html! { "Traffic of " (foreign(&view.name)) }, &back))
        (content(shell, view))
    };
    shell_page(shell, &head, &body)
}

pub fn content(shell: &Shell, view: &ProfileView) -> Markup {
    if view.vantages.is_empty() {
        return text::empty(
            "Nobody tells of its traffic",
            "A node learns what a device usually does from the frames on its segment, from its kernel's table of connections, or from flow records that a router sends to it.",
            &html! { p { "Give a node on its segment CAP_NET_RAW, or set " code { "flows.listen" } " on one and send NetFlow or IPFIX there." } },
        );
    }
    html! {
        (vantages(shell, view))
        (habits(shell, view))
        (why(shell, view))
        (words(shell, view))
        @if shell.may_change() { (declare(view)) }
    }
}

fn vantages(shell: &Shell, view: &ProfileView) -> Markup {
    html! {
        section.card aria-labelledby="vantages-title" {
            h2 #vantages-title { "Who watches its traffic" span.quiet { "Each keeps a profile of its own: what one learns, another may never see." } }
            table.cards {
                thead { tr {
                    th scope="col" { "Node" } th scope="col" { "Stage" } th.num scope="col" { "Flows" }
                    th.num scope="col" { "Unusual" } th.num scope="col" { "Sent" } th.num scope="col" { "Usual a minute" } th scope="col" { "Told" }
                } }
                tbody { @for row in &view.vantages { (vantage(shell, row)) } }
            }
            @if shell.may_change() { (stages(view)) }
        }
    }
}

fn vantage(shell: &Shell, row: &VantageRow) -> Markup {
    html! {
        tr {
            th scope="row" { (device_link(&row.member)) }
            td data-label="Stage" {
                (row.stage) " since " (ago(shell.now_ms, row.since_ms))
                @if let Some(class) = &row.lent { span.reason { "with the baseline of the class " (foreign(class)) } }
                @if row.dropped > 0 { span.reason { (count(row.dropped)) " flows were too many at once to be judged" } }
            }
            td.num data-label="Flows" { (count(row.flows)) }
            td.num data-label="Unusual" { (count(row.unusual)) }
            td.num data-label="Sent" { (bytes(row.sent as f64)) }
            td.num data-label="Usual a minute" { @match row.usual { Some(usual) => (bytes(usual as f64)), None => "–" } }
            td data-label="Told" { (ago(shell.now_ms, row.told_ms)) }
        }
    }
}

fn stages(view: &ProfileView) -> Markup {
    html! {
        form method="post" action=(links::profile_word(&view.id, "stage")) {
            p {
                button name=(fields::STAGE) value="enforcing" { "Approve: enforce it" } " "
                button name=(fields::STAGE) value="trial" { "Back to trial" } " "
                button name=(fields::STAGE) value="learning" { "Learn again" }
            }
        }
        p.quiet { "Enforced means that whatever no habit allows is called denied and is an alert of weight." }
    }
}

fn habits(shell: &Shell, view: &ProfileView) -> Markup {
    html! {
        section.card aria-labelledby="habits-title" {
            h2 #habits-title { "What is normal" span.quiet { (count(view.habits.len() as u64)) " habits" } }
            @if view.habits.is_empty() { p.quiet { "Nothing was learnt yet." } } @else {
                table.cards {
                    thead { tr {
                        th scope="col" { "Habit" } th scope="col" { "From" } th scope="col" { "First" } th scope="col" { "Last" }
                        th.num scope="col" { "Flows" } th scope="col" { "Seen by" }
                    } }
                    tbody { @for row in &view.habits { (habit(shell, view, row)) } }
                }
            }
            @if shell.may_change() {
                form method="post" action=(links::profile_word(&view.id, "allow")) {
                    (Input::text(fields::HABIT, "This is normal too").hint("In words, such as: out tcp maker.com 443").render(&Field::default()))
                    button.primary { "This is normal" }
                }
            }
        }
    }
}

fn habit(shell: &Shell, view: &ProfileView, row: &HabitRow) -> Markup {
    let may_undo = shell.may_change() && row.origin == "allowed";
    html! {
        tr {
            th.mono scope="row" { (foreign(&row.words)) }
            td data-label="From" {
                (row.origin)
                @if may_undo {
                    form method="post" action=(links::profile_word(&view.id, "undo")) {
                        input type="hidden" name=(fields::HABIT) value=(row.words);
                        button { "Undo" }
                    }
                }
            }
            td data-label="First" { (ago(shell.now_ms, row.first_ms)) }
            td data-label="Last" { (ago(shell.now_ms, row.last_ms)) }
            td.num data-label="Flows" { (count(row.support)) }
            td data-label="Seen by" { (row.seen_by.len()) " of " (row.of) }
        }
    }
}

/// The page itself: of a member, or of a device without a node.
fn asked_at(id: &str) -> String {
    if let Some(mac) = id.strip_prefix("mac:") {
        links::neighbour_profile(mac)
    } else if id.contains(':') {
        links::neighbour_profile(id)
    } else {
        links::device_profile(id)
    }
}

fn why(shell: &Shell, view: &ProfileView) -> Markup {
    let ask = &view.ask;
    html! {
        section.card aria-labelledby="why-title" {
            h2 #why-title { "Why" span.quiet { "May it speak with somebody, and by which habit?" } }
            form.filter method="get" action=(asked_at(&view.id)) {
                (Input::text(fields::TO, "A name or an address").render(&ask.to))
                (Input::text(fields::PORT, "Port").render(&ask.port))
                (Input::text(fields::PROTOCOL, "Protocol").optional().hint("tcp unless you say udp").render(&ask.protocol))
                button { "Why" }
            }
            @if let Some(why) = &view.why { (answer(shell, view, why)) }
        }
    }
}

fn answer(shell: &Shell, view: &ProfileView, why: &WhyView) -> Markup {
    html! {
        p role="status" { strong { (foreign(&why.says)) } }
        table.cards {
            thead { tr { th scope="col" { "Node" } th scope="col" { "Says" } th scope="col" { "By the habit" } th scope="col" { "Last" } } }
            tbody { @for ground in &why.grounds {
                tr {
                    th scope="row" { (device_link(&ground.member)) }
                    td data-label="Says" { (ground.answer) }
                    td.mono data-label="By the habit" { (or_dash(ground.habit.as_deref())) @if let Some(origin) = ground.origin { span.quiet { " " (origin) } } }
                    td data-label="Last" { (ago_or(shell.now_ms, ground.last_ms, "never")) }
                }
            } }
        }
        @if let (Some(habit), true) = (&why.would_allow, shell.may_change()) {
            form method="post" action=(links::profile_word(&view.id, "allow")) {
                input type="hidden" name=(fields::HABIT) value=(habit);
                button { "This is normal: " (foreign(habit)) }
            }
        }
    }
}

fn words(shell: &Shell, view: &ProfileView) -> Markup {
    html! {
        @if !view.words.is_empty() {
            section.card aria-labelledby="words-title" {
                h2 #words-title { "What people said" }
                table.cards {
                    thead { tr { th scope="col" { "Word" } th scope="col" { "By" } th scope="col" { "When" } th scope="col" { "To" } th scope="col" { "Heard" } } }
                    tbody { @for row in &view.words {
                        tr {
                            th scope="row" { (foreign(&row.says)) }
                            td data-label="By" { (foreign(&row.by)) }
                            td data-label="When" { (ago(shell.now_ms, row.at_ms)) }
                            td data-label="To" { (device_link(&row.member)) }
                            td data-label="Heard" { @if row.heard { "yes, its log says so" } @else { "on its way" } }
                        }
                    } }
                }
            }
        }
    }
}

fn declare(view: &ProfileView) -> Markup {
    html! {
        section.card aria-labelledby="mud-title" {
            h2 #mud-title { "MUD (RFC 8520)" }
            p { a href=(links::profile_mud(&view.id)) { "Download the profile as a MUD file" } }
            form.steps-form method="post" action=(links::profile_word(&view.id, "declare")) {
                (Input::text(fields::MUD, "The maker's MUD file").kind(Kind::Lines).render(&Field::default()))
                button { "Add what it allows" }
            }
        }
    }
}
