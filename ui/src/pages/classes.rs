//! Classes of devices: how many there are of each, what the class decides and where that holds, and what people have set.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::class::{class, class_name};
use crate::parts::quantity;
use crate::parts::sentence::{among, sentence};
use crate::parts::text::{code, facts, foreign};

#[derive(Debug, Clone, Default)]
pub struct ClassView {
    pub class: String,
    pub members: u64,
    pub without_node: u64,
    /// Words of the interface, as the next three.
    pub quarantine: String,
    pub scans: String,
    pub calls: String,
    pub telling: String,
    /// Our words; nothing where everything is as usual.
    pub settings: Option<String>,
    pub tunings: Vec<ClassTuning>,
    /// About findings.
    pub decisions: u64,
    /// Each field of a reading with its label.
    pub labels: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct ClassTuning {
    pub rule: String,
    pub effect: String,
    pub why: String,
    pub by: String,
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Devices),
        liveness: Liveness::Still,
    }
}

pub fn page(shell: &Shell, classes: &[ClassView]) -> Markup {
    let all = links::devices(&links::DeviceFilter::default());
    let actions = html! { a.button href=(all) { (say!("Devices")) } };
    let body = html! {
        (heading(&html! { (say!("Classes of devices")) }, &actions))
        p.quiet { (say!("A class decides how a device is treated. What stands here is what is enforced; each class says where.")) }
        table.cards {
            thead {
                tr {
                    th scope="col" { (say!("Class")) }
                    th.num scope="col" { (say!("classes|Members")) }
                    th.num scope="col" { (say!("classes|Without a node")) }
                    th scope="col" { (say!("Quarantine")) }
                    th scope="col" { (say!("Active scans")) }
                    th scope="col" { (say!("classes|Set here")) }
                }
            }
            tbody { @for class in classes { (row(class)) } }
        }
    };
    shell_page(shell, &head(say!("Classes of devices")), &body)
}

fn row(view: &ClassView) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(links::class(&view.class)) { (class(&view.class)) } }
            td.num data-label=(say!("classes|Members")) { (quantity::count(view.members)) }
            td.num data-label=(say!("classes|Without a node")) { (quantity::count(view.without_node)) }
            td data-label=(say!("Quarantine")) { (quarantine(&view.quarantine)) }
            td data-label=(say!("Active scans")) { (scans(&view.scans)) }
            td data-label=(say!("classes|Set here")) { (set(view)) }
        }
    }
}

fn quarantine(word: &str) -> &str {
    among!(word; "never" as "quarantine|never", "exempt" as "quarantine|never, by the charter",
        "by_order" as "quarantine|by a person’s order", "automated" as "quarantine|also by its neighbours")
}

fn scans(word: &str) -> &str {
    among!(word; "open" as "scans|yes", "by_name_only" as "scans|only by its typed name")
}

/// What people have set for the class, in a few words.
fn set(view: &ClassView) -> Markup {
    let tunings = view.tunings.len() as u64;
    html! {
        @if view.settings.is_none() && tunings == 0 && view.decisions == 0 { span.quiet { (say!("classes|as usual")) } }
        @if let Some(settings) = &view.settings { span.reason { (settings) } }
        @if tunings > 0 { span.reason { (count!(tunings, "{n} rule tuned", "{n} rules tuned")) } }
        @if view.decisions > 0 { span.reason { (count!(view.decisions, "{n} decision about findings", "{n} decisions about findings")) } }
    }
}

pub fn one(shell: &Shell, view: &ClassView) -> Markup {
    let title = say!("Class {class}", class = class_name(&view.class));
    let actions = html! {
        a.button href=(links::devices_alike("class", "==", &view.class)) { (say!("Its devices")) }
        a.button href=(links::classes()) { (say!("Classes")) }
    };
    let body = html! {
        (heading(&sentence!("Class {class}", class = class(&view.class)), &actions))
        div.columns {
            section.card { h2 { (say!("What the class decides")) } (decides(view)) }
            section.card { h2 { (say!("What people have set for it")) } (own(view)) }
        }
        section.card {
            h2 { (say!("Labels of its readings")) }
            p.quiet { (say!("A label belongs to the field and is the same for every class: it says how far the field may go. All of a reading is sealed under the key of its device.")) }
            (facts(view.labels.iter().map(|(field, label)| (field.as_str(), html! { (label_word(label)) }))))
        }
    };
    shell_page(shell, &head(&title), &body)
}

fn label_word(word: &str) -> &str {
    among!(word; "public" as "label|public", "internal" as "label|internal", "sensitive" as "label|sensitive", "highly_sensitive" as "label|highly sensitive")
}

fn decides(view: &ClassView) -> Markup {
    let calls = among!(view.calls.as_str(); "any" as "By ARP, by an echo request, or at a port that it offers.",
        "hardware_only" as "By ARP alone: nothing else is sent to it. Each guardian judges that itself.");
    let telling = among!(view.telling.as_str(); "first" as "Before all others: the coordinator gives them what it takes.",
        "otherwise" as "Only where there are too few gateways.");
    facts([
        (
            say!("Quarantine"),
            html! { (quarantine_says(&view.quarantine)) },
        ),
        (say!("Active scans"), html! { (scans_says(&view.scans)) }),
        (say!("Asked whether it is there"), html! { (calls) }),
        (say!("Tells people outside"), html! { (telling) }),
        (
            say!("A new one learns"),
            html! { (say!("From what most of its class do, as far as the node that watches it knows enough of them; otherwise from its own traffic.")) },
        ),
    ])
}

fn quarantine_says(word: &str) -> &str {
    among!(word; "never" as "Never, neither by order nor by its neighbours: people and plants depend on it. Every node judges that itself.",
        "exempt" as "Never: the charter exempts the class. Every node judges that itself.",
        "by_order" as "By a person’s order, for a day at most. Its neighbours alone hold nobody of this class.",
        "automated" as "By a person’s order, and by neighbours that agree: the charter automates the class.")
}

fn scans_says(word: &str) -> &str {
    among!(word; "open" as "Whenever somebody asks for a scan or a schedule does.",
        "by_name_only" as "Only alone, and only if an administrator types its name. Larger targets leave it out: the coordinator spares it, and the node keeps nmap off it.")
}

fn own(view: &ClassView) -> Markup {
    html! {
        (facts([(say!("Settings"), html! {
            @match &view.settings {
                Some(settings) => (settings),
                None => { (say!("Nothing of its own: what is set for the fleet holds, or what is usual.")) },
            }
            " " a href=(links::settings()) { (say!("Settings of devices")) }
        })]))
        @if view.tunings.is_empty() { p.quiet { (say!("No rule is tuned for it.")) } } @else {
            ul { @for tuning in &view.tunings {
                li { (code(&tuning.rule)) (say!(": ")) (foreign(&tuning.effect)) span.reason { (foreign(&tuning.why)) " · " (foreign(&tuning.by)) } }
            } }
        }
        p { a href=(links::rules()) { (say!("Rules")) } }
        @if view.decisions > 0 { p { (count!(view.decisions, "{n} decision about findings", "{n} decisions about findings")) } }
    }
}
