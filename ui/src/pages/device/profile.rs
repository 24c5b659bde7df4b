//! The tab of a device's traffic: what it usually does, who saw it, what people said of it, and why a flow is allowed.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::class::class as class_of;
use crate::parts::form::{Field, Input, Kind};
use crate::parts::quantity::{bytes, count};
use crate::parts::sentence::{among, sentence};
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
        title: say!("Profile of a device without a node"),
        nav: Some(Nav::Devices),
        liveness: Liveness::LiveOrReloaded,
    };
    let back = html! { a.button href=(links::neighbour(mac)) { (say!("The device")) } };
    let body = html! {
        (heading(&sentence!("Traffic of {name}", name = foreign(&view.name)), &back))
        (content(shell, view))
    };
    shell_page(shell, &head, &body)
}

pub fn content(shell: &Shell, view: &ProfileView) -> Markup {
    if view.vantages.is_empty() {
        return text::empty(
            say!("Nobody tells of its traffic"),
            say!(
                "A node learns what a device usually does from the frames on its segment, from its kernel's table of connections, or from flow records that a router sends to it."
            ),
            &html! { p { (sentence!("Give a node on its segment CAP_NET_RAW, or set {setting} on one and send NetFlow or IPFIX there.", setting = html! { code { "flows.listen" } })) } },
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
            h2 #vantages-title { (say!("Who watches its traffic")) span.quiet { (say!("Each keeps a profile of its own: what one learns, another may never see.")) } }
            table.cards {
                thead { tr {
                    th scope="col" { (say!("Node")) } th scope="col" { (say!("Stage")) } th.num scope="col" { (say!("Flows")) }
                    th.num scope="col" { (say!("Unusual")) } th.num scope="col" { (say!("Sent")) } th.num scope="col" { (say!("Usual a minute")) } th scope="col" { (say!("Told")) }
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
            td data-label=(say!("Stage")) {
                (sentence!("{stage} since {when}", stage = stage(row.stage), when = ago(shell.now_ms, row.since_ms)))
                @if let Some(class) = &row.lent { span.reason { (sentence!("with the baseline of the class {class}", class = class_of(class))) } }
                @if row.dropped > 0 { span.reason { (count!(row.dropped, "{n} flow was too many at once to be judged", "{n} flows were too many at once to be judged")) } }
            }
            td.num data-label=(say!("Flows")) { (count(row.flows)) }
            td.num data-label=(say!("Unusual")) { (count(row.unusual)) }
            td.num data-label=(say!("Sent")) { (bytes(row.sent as f64)) }
            td.num data-label=(say!("Usual a minute")) { @match row.usual { Some(usual) => (bytes(usual as f64)), None => "–" } }
            td data-label=(say!("Told")) { (ago(shell.now_ms, row.told_ms)) }
        }
    }
}

fn stage(word: &'static str) -> &'static str {
    among!(word; "learning" as "stage|learning", "trial" as "stage|trial", "enforcing" as "stage|enforcing")
}

fn origin(word: &'static str) -> &'static str {
    among!(word; "learnt" as "habit|learnt", "lent" as "habit|lent", "declared" as "habit|declared", "allowed" as "habit|allowed")
}

fn answered(word: &'static str) -> &'static str {
    among!(word;
        "allowed" as "answer|allowed", "unusual" as "answer|unusual", "denied" as "answer|denied",
        "learning" as "answer|learning", "unknown" as "answer|unknown",
    )
}

fn stages(view: &ProfileView) -> Markup {
    html! {
        form method="post" action=(links::profile_word(&view.id, "stage")) {
            p {
                button name=(fields::STAGE) value="enforcing" { (say!("Approve: enforce it")) } " "
                button name=(fields::STAGE) value="trial" { (say!("Back to trial")) } " "
                button name=(fields::STAGE) value="learning" { (say!("Learn again")) }
            }
        }
        p.quiet { (say!("Enforced means that whatever no habit allows is called denied and is an alert of weight.")) }
    }
}

fn habits(shell: &Shell, view: &ProfileView) -> Markup {
    html! {
        section.card aria-labelledby="habits-title" {
            h2 #habits-title { (say!("What is normal")) span.quiet { (count!(view.habits.len(), "{n} habit", "{n} habits")) } }
            @if view.habits.is_empty() { p.quiet { (say!("Nothing was learnt yet.")) } } @else {
                table.cards {
                    thead { tr {
                        th scope="col" { (say!("Habit")) } th scope="col" { (say!("habit|From")) } th scope="col" { (say!("First")) } th scope="col" { (say!("Last")) }
                        th.num scope="col" { (say!("Flows")) } th scope="col" { (say!("Seen by")) }
                    } }
                    tbody { @for row in &view.habits { (habit(shell, view, row)) } }
                }
            }
            @if shell.may_change() {
                form method="post" action=(links::profile_word(&view.id, "allow")) {
                    (Input::text(fields::HABIT, say!("This is normal too")).hint(say!("In words, such as: out tcp maker.com 443")).render(&Field::default()))
                    button.primary { (say!("This is normal")) }
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
            td data-label=(say!("habit|From")) {
                (origin(row.origin))
                @if may_undo {
                    form method="post" action=(links::profile_word(&view.id, "undo")) {
                        input type="hidden" name=(fields::HABIT) value=(row.words);
                        button { (say!("Undo")) span.unseen { (say!(": ")) (foreign(&row.words)) } }
                    }
                }
            }
            td data-label=(say!("First")) { (ago(shell.now_ms, row.first_ms)) }
            td data-label=(say!("Last")) { (ago(shell.now_ms, row.last_ms)) }
            td.num data-label=(say!("Flows")) { (count(row.support)) }
            td data-label=(say!("Seen by")) { (say!("{some} of {all}", some = row.seen_by.len(), all = row.of)) }
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
            h2 #why-title { (say!("Why")) span.quiet { (say!("May it speak with somebody, and by which habit?")) } }
            form.filter method="get" action=(asked_at(&view.id)) {
                (Input::text(fields::TO, say!("A name or an address")).render(&ask.to))
                (Input::text(fields::PORT, say!("Port")).render(&ask.port))
                (Input::text(fields::PROTOCOL, say!("Protocol")).optional().hint(say!("tcp unless you say udp")).render(&ask.protocol))
                button { (say!("Why")) }
            }
            @if let Some(why) = &view.why { (answer(shell, view, why)) }
        }
    }
}

fn answer(shell: &Shell, view: &ProfileView, why: &WhyView) -> Markup {
    html! {
        p role="status" { strong { (foreign(&why.says)) } }
        table.cards {
            thead { tr { th scope="col" { (say!("Node")) } th scope="col" { (say!("word|Says")) } th scope="col" { (say!("By the habit")) } th scope="col" { (say!("Last")) } } }
            tbody { @for ground in &why.grounds {
                tr {
                    th scope="row" { (device_link(&ground.member)) }
                    td data-label=(say!("word|Says")) { (answered(ground.answer)) }
                    td.mono data-label=(say!("By the habit")) { (or_dash(ground.habit.as_deref())) @if let Some(from) = ground.origin { span.quiet { " " (origin(from)) } } }
                    td data-label=(say!("Last")) { (ago_or(shell.now_ms, ground.last_ms, say!("never"))) }
                }
            } }
        }
        @if let (Some(habit), true) = (&why.would_allow, shell.may_change()) {
            form method="post" action=(links::profile_word(&view.id, "allow")) {
                input type="hidden" name=(fields::HABIT) value=(habit);
                button { (sentence!("This is normal: {habit}", habit = foreign(habit))) }
            }
        }
    }
}

fn words(shell: &Shell, view: &ProfileView) -> Markup {
    html! {
        @if !view.words.is_empty() {
            section.card aria-labelledby="words-title" {
                h2 #words-title { (say!("What people said")) }
                table.cards {
                    thead { tr { th scope="col" { (say!("Word")) } th scope="col" { (say!("By")) } th scope="col" { (say!("When")) } th scope="col" { (say!("To")) } th scope="col" { (say!("Heard")) } } }
                    tbody { @for row in &view.words {
                        tr {
                            th scope="row" { (foreign(&row.says)) }
                            td data-label=(say!("By")) { (foreign(&row.by)) }
                            td data-label=(say!("When")) { (ago(shell.now_ms, row.at_ms)) }
                            td data-label=(say!("To")) { (device_link(&row.member)) }
                            td data-label=(say!("Heard")) { @if row.heard { (say!("yes, its log says so")) } @else { (say!("on its way")) } }
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
            h2 #mud-title { (say!("MUD (RFC 8520)")) }
            p { a href=(links::profile_mud(&view.id)) { (say!("Download the profile as a MUD file")) } }
            form.steps-form method="post" action=(links::profile_word(&view.id, "declare")) {
                (Input::text(fields::MUD, say!("The maker's MUD file")).kind(Kind::Lines).render(&Field::default()))
                button { (say!("Add what it allows")) }
            }
        }
    }
}
