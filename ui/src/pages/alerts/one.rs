//! One alert: which rule, its values against the baseline, who saw it, what would make it stop, and what to do about it.

use maud::{Markup, html};

use super::{AlertRow, StateView, row, times, whose};
use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter, LivePage};
use crate::live;
use crate::parts::form::{Field, Input, summary};
use crate::parts::severity::{Severity, badge};
use crate::parts::text::{DeviceRef, code, device_link, facts, foreign, or_dash};
use crate::parts::time::{ago, stamp};

pub mod fields {
    pub const WORD: &str = "word";
    pub const WHY: &str = "why";
    pub const TO: &str = "to";
    pub const LENGTH: &str = "for";
    pub const OF: &str = "of";
    pub const EFFECT: &str = "effect";
    pub const RULE: &str = "rule";
}

#[derive(Debug, Clone)]
pub struct AlertView {
    pub row: AlertRow,
    /// The rule's stable name.
    pub rule: String,
    /// A technique of MITRE ATT&CK.
    pub attack: Option<String>,
    pub class: Option<String>,
    pub stops: String,
    pub cause: Option<String>,
    pub values: Vec<ValueRow>,
    pub witnesses: Vec<WitnessRow>,
    /// How many watch the traffic that it is about.
    pub could_see: Option<usize>,
    pub done: Option<DoneView>,
    pub before: Option<u64>,
    /// Others of the same incident.
    pub beside: Vec<AlertRow>,
    /// Whether somebody has switched the rule off for this device.
    pub is_off: bool,
    pub form: ActForm,
    pub tune: TuneForm,
    /// Who can be assigned.
    pub people: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct ValueRow {
    pub what: String,
    pub usual: Option<String>,
    pub seen: String,
}

#[derive(Debug, Clone)]
pub struct WitnessRow {
    pub device: DeviceRef,
    pub at_ms: u64,
    /// The record in which it says so.
    pub record: Option<String>,
}

#[derive(Debug, Clone)]
pub struct DoneView {
    pub by: String,
    pub at_ms: u64,
    pub why: Option<String>,
}

/// What was typed into the form of acts, and what was wrong with it.
#[derive(Debug, Clone, Default)]
pub struct ActForm {
    pub why: Field,
    pub to: Field,
    pub length: Field,
}

/// The same of the form that tunes the rule.
#[derive(Debug, Clone, Default)]
pub struct TuneForm {
    pub of: Field,
    pub effect: Field,
    pub why: Field,
    pub length: Field,
}

pub fn page(shell: &Shell, view: &AlertView) -> Markup {
    let title = format!("Alert {}", view.row.number);
    let head = Head {
        title: &title,
        nav: Some(Nav::Alerts),
        liveness: Liveness::Live,
    };
    let actions = html! { a.button href=(links::alerts(&AlertFilter::default())) { "Alerts" } };
    let body = html! {
        (live::connect(&LivePage::Alert { id: view.row.number }))
        (heading(&html! { (title) }, &actions))
        (summary(&[
            (fields::WHY, &view.form.why), (fields::TO, &view.form.to), (fields::LENGTH, &view.form.length),
        ]))
        div #alert { (content(shell, view)) }
        @if shell.may_change() {
            section.card { h2 { "What to do" } (acts(view)) }
            section.card { h2 { "Tune the rule" } (tune(view)) }
        }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &AlertView) -> Markup {
    live::partial("alert", &content(shell, view))
}

fn content(shell: &Shell, view: &AlertView) -> Markup {
    let alert = &view.row;
    let seen = html! {
        (times(alert.count)) ", first " (stamp(alert.first_ms)) ", last " (ago(shell.now_ms, alert.last_ms))
    };
    html! {
        section.card {
            h2 { (badge(alert.severity)) " " (foreign(&alert.title)) }
            p { (foreign(&alert.says)) }
            @if view.is_off { p.notice.calm { "Somebody has switched this rule off for this device: nothing more is counted." } }
            (facts([
                ("Device", html! { (whose(alert)) @if let Some(class) = &view.class { " (" (class) ")" } }),
                ("Seen", seen),
                ("State", state(shell, view)),
                ("Incident", html! { a href=(links::alerts(&AlertFilter::incident(alert.incident))) { (alert.incident) } }),
                ("Cause", or_dash(view.cause.as_deref())),
            ]))
            @if let Some(before) = view.before {
                p.quiet { "The same was closed before: " a href=(links::alert(before)) { "alert " (before) } "." }
            }
        }
        section.card {
            h2 { "Rule" }
            (facts([
                ("Name", code(&view.rule)),
                ("Says", foreign(&alert.title)),
                ("MITRE ATT&CK", or_dash(view.attack.as_deref())),
            ]))
        }
        (values(&view.values))
        (witnesses(shell, view))
        section.card { h2 { "What would make it stop" } p { (foreign(&view.stops)) } }
        @if !view.beside.is_empty() { (beside(shell, &view.beside)) }
    }
}

fn state(shell: &Shell, view: &AlertView) -> Markup {
    html! {
        (view.row.state.words())
        @if let Some(done) = &view.done {
            ", by " (foreign(&done.by)) " " (ago(shell.now_ms, done.at_ms))
            @if let Some(why) = &done.why { ": " (foreign(why)) }
        }
    }
}

fn values(rows: &[ValueRow]) -> Markup {
    html! {
        section.card {
            h2 { "What was seen, and what is usual" }
            @if rows.is_empty() {
                p.quiet { "The rule needs no figure: that it happened is enough." }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { "What" } th scope="col" { "Usually" } th scope="col" { "Seen" } } }
                    tbody { @for value in rows { tr {
                        th scope="row" { (foreign(&value.what)) }
                        td data-label="Usually" { (or_dash(value.usual.as_deref())) }
                        td data-label="Seen" { strong { (foreign(&value.seen)) } }
                    } } }
                }
            }
        }
    }
}

fn witnesses(shell: &Shell, view: &AlertView) -> Markup {
    let rows = &view.witnesses;
    html! {
        section.card {
            h2 {
                "Who saw it"
                @if let Some(of) = view.could_see { span.quiet { "seen by " (rows.len()) " of " (of) " that watch its traffic" } }
            }
            @if rows.is_empty() {
                p.quiet { "The coordinator itself: nobody else has said so." }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { "Device" } th scope="col" { "When" } th scope="col" { "Record" } } }
                    tbody { @for witness in rows { tr {
                        th scope="row" { (device_link(&witness.device)) }
                        td data-label="When" { (ago(shell.now_ms, witness.at_ms)) }
                        td.mono data-label="Record" { (or_dash(witness.record.as_deref())) }
                    } } }
                }
            }
        }
    }
}

fn beside(shell: &Shell, rows: &[AlertRow]) -> Markup {
    html! {
        section.card {
            h2 { "In the same incident" }
            table.cards {
                thead { tr { th scope="col" { "Alert" } th scope="col" { "Severity" } th scope="col" { "Device" }
                    th scope="col" { "State" } th scope="col" { "Seen" } th scope="col" { "Last" } } }
                tbody { @for alert in rows { (row(shell, alert)) } }
            }
        }
    }
}

fn acts(view: &AlertView) -> Markup {
    let over = matches!(view.row.state, StateView::Closed | StateView::FalsePositive);
    let why = Input::text(fields::WHY, "Why").optional();
    let why = why.hint("Needed for a snooze and for a false positive; others read it.");
    let to = Input::text(fields::TO, "To")
        .optional()
        .choices(&view.people);
    let length = Input::text(fields::LENGTH, "For").optional();
    let length = length.hint("30m, 8h or 7d.");
    let button = |word: &'static str, label: &'static str| {
        html! { button name=(fields::WORD) value=(word) { (label) } }
    };
    html! {
        form.steps-form method="post" action=(links::alert(view.row.number)) {
            (why.render(&view.form.why))
            @if over {
                p { (button("reopen", "Open it again")) }
            } @else {
                p {
                    button.primary name=(fields::WORD) value="acknowledge" { "Acknowledge" }
                    " " (button("close", "Close"))
                    " " (button("false_positive", "False positive"))
                    @if view.row.state != StateView::Open { " " (button("reopen", "Open it again")) }
                }
                (to.render(&view.form.to))
                p { (button("assign", "Assign")) }
                (length.render(&view.form.length))
                p { (button("snooze", "Snooze")) }
            }
        }
    }
}

fn tune(view: &AlertView) -> Markup {
    let mut scopes = vec![("everybody".to_owned(), "every device".to_owned())];
    if let Some(class) = &view.class {
        scopes.insert(0, (format!("class:{class}"), format!("every {class}")));
    }
    if let Some(device) = &view.row.device {
        scopes.insert(
            0,
            (
                format!("device:{}", device.id),
                "this device only".to_owned(),
            ),
        );
    }
    html! {
        form.steps-form method="post" action=(links::alert_tune(view.row.number)) {
            div.field {
                label for="tune-of" { "For" }
                select id="tune-of" name=(fields::OF) {
                    @for (value, label) in &scopes { option value=(value) selected[*value == view.tune.of.value] { (label) } }
                }
                (error(&view.tune.of))
            }
            div.field {
                label for="tune-effect" { "Severity from here on" }
                select id="tune-effect" name=(fields::EFFECT) {
                    option value="off" { "Off: nothing is kept of it" }
                    @for severity in Severity::ALL {
                        option value=(severity.slug()) selected[severity.slug() == view.tune.effect.value] { (severity.word()) }
                    }
                }
                (error(&view.tune.effect))
            }
            (labelled("tune-length", fields::LENGTH, "How long", "8h, 7d or 90d, a year at most. Then the rule is as it was.", &view.tune.length))
            (labelled("tune-why", fields::WHY, "Why", "Others read it in the list of tunings.", &view.tune.why))
            button { "Tune it" }
        }
    }
}

/// A field whose name stands on the page twice, under an id of its own.
fn labelled(id: &str, name: &str, label: &str, hint: &str, field: &Field) -> Markup {
    let hint_id = format!("{id}-hint");
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) name=(name) type="text" value=(field.value) autocomplete="off" required
                aria-invalid=[field.error.as_ref().map(|_| "true")] aria-describedby=(hint_id);
            (error(field))
            p.hint id=(hint_id) { (hint) }
        }
    }
}

fn error(field: &Field) -> Markup {
    html! { @if let Some(error) = &field.error { p.error { (error) } } }
}
