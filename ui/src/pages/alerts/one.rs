//! One alert: which rule, its values against the baseline, who saw it, what would make it stop, and what to do about it.

use language::say;
use maud::{Markup, html};

use super::{AlertRow, StateView, row, times, whose};
use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter, LivePage};
use crate::live;
use crate::parts::class::class_name;
use crate::parts::form::{Field, Input, summary};
use crate::parts::quantity::count;
use crate::parts::sentence::sentence;
use crate::parts::severity::{Severity, badge};
use crate::parts::text::{
    DeviceRef, code, device_link, facts, foreign, in_english, or_dash, told, told_or_dash,
};
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
    /// Whoever did it, where the rule speaks of somebody else than the device.
    pub origins: Vec<OriginRow>,
    /// How many watch the traffic that it is about.
    pub could_see: Option<usize>,
    pub done: Option<DoneView>,
    pub before: Option<u64>,
    /// Others of the same incident.
    pub beside: Vec<AlertRow>,
    /// Whether somebody has switched the rule off for this device.
    pub is_off: bool,
    /// The habit that would have allowed it.
    pub normal: Option<NormalView>,
    pub form: ActForm,
    pub tune: TuneForm,
    /// Who can be assigned.
    pub people: Vec<String>,
}

/// A habit that people may call normal, and whose it would be.
#[derive(Debug, Clone)]
pub struct NormalView {
    /// A member's id, `mac:…` or `ip:…`.
    pub holder: String,
    pub habit: String,
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
pub struct OriginRow {
    pub from: String,
    pub first_ms: u64,
    pub last_ms: u64,
    pub count: u32,
    /// The newest of what it said.
    pub said: Option<String>,
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
    let title = say!("Alert {number}", number = view.row.number);
    let head = Head {
        title: &title,
        nav: Some(Nav::Alerts),
        liveness: Liveness::Live,
    };
    let actions =
        html! { a.button href=(links::alerts(&AlertFilter::default())) { (say!("Alerts")) } };
    let body = html! {
        (live::connect(&LivePage::Alert { id: view.row.number }))
        (heading(&html! { (title) }, &actions))
        (summary(&[
            (fields::WHY, &view.form.why), (fields::TO, &view.form.to), (fields::LENGTH, &view.form.length),
        ]))
        div #alert { (content(shell, view)) }
        @if shell.may_change() {
            @if let Some(normal) = &view.normal { (normal_card(view.row.number, normal)) }
            section.card { h2 { (say!("What to do")) } (acts(view)) }
            section.card { h2 { (say!("Tune the rule")) } (tune(view)) }
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
        (sentence!("{times}, first {first}, last {last}", times = times(alert.count), first = stamp(alert.first_ms), last = ago(shell.now_ms, alert.last_ms)))
    };
    html! {
        section.card {
            h2 { (badge(alert.severity)) " " (in_english(&alert.title)) }
            p { (in_english(&alert.says)) }
            @if view.is_off { p.notice.calm { (say!("Somebody has switched this rule off for this device: nothing more is counted.")) } }
            (facts([
                (say!("Device"), html! { (whose(alert)) @if let Some(class) = &view.class { " (" (class_name(class)) ")" } }),
                (say!("Seen"), seen),
                (say!("State"), state(shell, view)),
                (say!("Incident"), html! { a href=(links::alerts(&AlertFilter::incident(alert.incident))) { (alert.incident) } }),
                (say!("Cause"), view.cause.as_deref().map_or_else(|| or_dash(None), in_english)),
            ]))
            @if let Some(before) = view.before {
                p.quiet { (sentence!("The same was closed before: {link}.", link = html! { a href=(links::alert(before)) { (say!("alert {number}", number = before)) } })) }
            }
        }
        section.card {
            h2 { (say!("Rule")) }
            (facts([
                (say!("Name"), code(&view.rule)),
                (say!("word|Says"), in_english(&alert.title)),
                ("MITRE ATT&CK", or_dash(view.attack.as_deref())),
            ]))
        }
        (values(&view.values))
        @if !view.origins.is_empty() { (origins(shell, &view.origins)) }
        (witnesses(shell, view))
        section.card { h2 { (say!("What would make it stop")) } p { (in_english(&view.stops)) } }
        @if !view.beside.is_empty() { (beside(shell, &view.beside)) }
    }
}

fn state(shell: &Shell, view: &AlertView) -> Markup {
    html! {
        (view.row.state.words())
        @if let Some(done) = &view.done {
            (sentence!(", by {name} {when}", name = foreign(&done.by), when = ago(shell.now_ms, done.at_ms)))
            @if let Some(why) = &done.why { (sentence!(": {why}", why = foreign(why))) }
        }
    }
}

fn values(rows: &[ValueRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("What was seen, and what is usual")) }
            @if rows.is_empty() {
                p.quiet { (say!("The rule needs no figure: that it happened is enough.")) }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("What")) } th scope="col" { (say!("Usually")) } th scope="col" { (say!("Seen")) } } }
                    tbody { @for value in rows { tr {
                        th scope="row" { (in_english(&value.what)) }
                        td data-label=(say!("Usually")) { (told_or_dash(value.usual.as_deref())) }
                        td data-label=(say!("Seen")) { strong { (seen(value)) } }
                    } } }
                }
            }
        }
    }
}

/// A field of a line is what somebody else wrote; a figure, which has what is usual beside it, is said by us.
fn seen(value: &ValueRow) -> Markup {
    match value.usual {
        Some(_) => told(&value.seen),
        None => foreign(&value.seen),
    }
}

fn origins(shell: &Shell, rows: &[OriginRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Where it came from")) }
            table.cards {
                thead { tr { th scope="col" { (say!("habit|From")) } th scope="col" { (say!("First")) } th scope="col" { (say!("Last")) }
                    th.num scope="col" { (say!("Times")) } th scope="col" { (say!("Said last")) } } }
                tbody { @for row in rows { tr {
                    th.mono scope="row" { (foreign(&row.from)) }
                    td data-label=(say!("First")) { (ago(shell.now_ms, row.first_ms)) }
                    td data-label=(say!("Last")) { (ago(shell.now_ms, row.last_ms)) }
                    td.num data-label=(say!("Times")) { (count(row.count.into())) }
                    td data-label=(say!("Said last")) { @if let Some(said) = &row.said { (foreign(said)) } @else { (or_dash(None)) } }
                } } }
            }
        }
    }
}

fn witnesses(shell: &Shell, view: &AlertView) -> Markup {
    let rows = &view.witnesses;
    html! {
        section.card {
            h2 {
                (say!("Who saw it"))
                @if let Some(of) = view.could_see { span.quiet { (say!("seen by {some} of {all} that watch its traffic", some = rows.len(), all = of)) } }
            }
            @if rows.is_empty() {
                p.quiet { (say!("The coordinator itself: nobody else has said so.")) }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("When")) } th scope="col" { (say!("Record")) } } }
                    tbody { @for witness in rows { tr {
                        th scope="row" { (device_link(&witness.device)) }
                        td data-label=(say!("When")) { (ago(shell.now_ms, witness.at_ms)) }
                        td.mono data-label=(say!("Record")) { (or_dash(witness.record.as_deref())) }
                    } } }
                }
            }
        }
    }
}

fn normal_card(number: u64, normal: &NormalView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Is this normal?")) }
            p { (sentence!("This would allow it from now on: {habit}. It can be taken back on the page of the device's traffic.", habit = code(&normal.habit))) }
            form method="post" action=(links::profile_word(&normal.holder, "allow")) {
                input type="hidden" name="habit" value=(normal.habit);
                input type="hidden" name="alert" value=(number);
                button.primary { (say!("This is normal")) }
            }
        }
    }
}

fn beside(shell: &Shell, rows: &[AlertRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("In the same incident")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Alert")) } th scope="col" { (say!("Severity")) } th scope="col" { (say!("Device")) }
                    th scope="col" { (say!("State")) } th scope="col" { (say!("Seen")) } th scope="col" { (say!("Last")) } } }
                tbody { @for alert in rows { (row(shell, alert)) } }
            }
        }
    }
}

fn acts(view: &AlertView) -> Markup {
    let over = matches!(view.row.state, StateView::Closed | StateView::FalsePositive);
    let why = Input::text(fields::WHY, say!("Why")).optional();
    let why = why.hint(say!(
        "Needed for a snooze and for a false positive; others read it."
    ));
    let to = Input::text(fields::TO, say!("To"))
        .optional()
        .choices(&view.people);
    let length = Input::text(fields::LENGTH, say!("For")).optional();
    let length = length.hint(say!("30m, 8h or 7d."));
    let button = |word: &'static str, label: &'static str| {
        html! { button name=(fields::WORD) value=(word) { (label) } }
    };
    html! {
        form.steps-form method="post" action=(links::alert(view.row.number)) {
            (why.render(&view.form.why))
            @if over {
                p { (button("reopen", say!("Open it again"))) }
            } @else {
                p {
                    button.primary name=(fields::WORD) value="acknowledge" { (say!("Acknowledge")) }
                    " " (button("close", say!("Close")))
                    " " (button("false_positive", say!("False positive")))
                    @if view.row.state != StateView::Open { " " (button("reopen", say!("Open it again"))) }
                }
                (to.render(&view.form.to))
                p { (button("assign", say!("Assign"))) }
                (length.render(&view.form.length))
                p { (button("snooze", say!("Snooze"))) }
            }
        }
    }
}

fn tune(view: &AlertView) -> Markup {
    let mut scopes = vec![("everybody".to_owned(), say!("every device").to_owned())];
    if let Some(class) = &view.class {
        scopes.insert(0, (format!("class:{class}"), say!("every {class}", class)));
    }
    if let Some(device) = &view.row.device {
        scopes.insert(
            0,
            (
                format!("device:{}", device.id),
                say!("this device only").to_owned(),
            ),
        );
    }
    html! {
        form.steps-form method="post" action=(links::alert_tune(view.row.number)) {
            div.field {
                label for="tune-of" { (say!("For")) }
                select id="tune-of" name=(fields::OF) {
                    @for (value, label) in &scopes { option value=(value) selected[*value == view.tune.of.value] { (label) } }
                }
                (error(&view.tune.of))
            }
            div.field {
                label for="tune-effect" { (say!("Severity from here on")) }
                select id="tune-effect" name=(fields::EFFECT) {
                    option value="off" { (say!("Off: nothing is kept of it")) }
                    @for severity in Severity::ALL {
                        option value=(severity.slug()) selected[severity.slug() == view.tune.effect.value] { (severity.word()) }
                    }
                }
                (error(&view.tune.effect))
            }
            (labelled("tune-length", fields::LENGTH, say!("How long"), say!("8h, 7d or 90d, a year at most. Then the rule is as it was."), &view.tune.length))
            (labelled("tune-why", fields::WHY, say!("Why"), say!("Others read it in the list of tunings."), &view.tune.why))
            button { (say!("Tune it")) }
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
