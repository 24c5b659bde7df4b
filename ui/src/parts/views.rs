//! Filters that somebody has kept, those that we offer, and the form that keeps another.

use language::say;
use maud::{Markup, html};

use super::text::foreign;

pub mod fields {
    pub const NAME: &str = "name";
    pub const FILTER: &str = "filter";
}

/// Links to the list that each filter lets through; what is shown now is marked.
pub fn chips(
    saved: &[(String, String)],
    offered: &[(&str, &str)],
    current: &str,
    link: impl Fn(&str) -> String,
) -> Markup {
    let marked = |text: &str| (current == text).then_some("true");
    html! {
        div.chips {
            @for (name, text) in saved { a.button href=(link(text)) aria-current=[marked(text)] { (foreign(name)) } }
            @for (name, text) in offered { a.button href=(link(text)) aria-current=[marked(text)] { (name) } }
        }
    }
}

/// The filter that is shown, kept under a name; an empty filter takes the name away.
pub fn keep(action: &str, filter: &str) -> Markup {
    html! {
        details {
            summary { (say!("Keep this filter")) }
            form.filter method="post" action=(action) {
                input type="hidden" name=(fields::FILTER) value=(filter);
                label {
                    span.unseen { (say!("Name")) }
                    input type="text" name=(fields::NAME) placeholder=(say!("Name")) autocomplete="off" required;
                }
                button { (say!("Keep")) }
                p.quiet { (say!("Everybody sees it. Kept without a filter, the name goes.")) }
            }
        }
    }
}
