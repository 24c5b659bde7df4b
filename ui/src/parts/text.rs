//! Text that a device or a stranger chose, and the links and notes built from it.

use language::{Language, present::present, written};
use maud::{Markup, html};

use crate::links;

/// A device as other pages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRef {
    pub id: String,
    pub name: String,
}

/// Text from outside: escaped, kept from steering the direction of what surrounds it, and never read by htmx.
pub fn foreign(text: &str) -> Markup {
    html! { bdi hx-ignore { (text) } }
}

/// The same in a fixed-width face: addresses, digests, paths.
pub fn code(text: &str) -> Markup {
    html! { code hx-ignore { (text) } }
}

/// A sentence of ours that was written down in English: in another language where that knows it, and marked where not.
pub fn in_english(text: &str) -> Markup {
    if let Some(translated) = written::now(text) {
        return html! { bdi hx-ignore { (with_commands(&translated)) } };
    }
    let marked = present() != Language::English;
    html! { bdi hx-ignore lang=[marked.then_some("en")] { (text) } }
}

/// What the coordinator or a device says in a sentence of ours, in the language of the page where that knows it.
pub fn told(text: &str) -> Markup {
    foreign(&written::spoken(text))
}

/// The same where there may be none.
pub fn told_or_dash(text: Option<&str>) -> Markup {
    or_dash(text.map(written::spoken).as_deref())
}

/// Words of our own in which commands and settings stand between backticks.
pub fn with_commands(text: &str) -> Markup {
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { (code(part)) } @else { (part) }
        }
    }
}

/// A value that may be unknown.
pub fn or_dash(value: Option<&str>) -> Markup {
    html! {
        @match value.filter(|value| !value.is_empty()) {
            Some(value) => (foreign(value)),
            None => span.quiet { "–" },
        }
    }
}

pub fn device_link(device: &DeviceRef) -> Markup {
    html! { a href=(links::device(&device.id)) { (foreign(&device.name)) } }
}

/// What a list says when there is nothing in it, and what to do about it.
pub fn empty(title: &str, detail: &str, action: &Markup) -> Markup {
    html! {
        div.empty {
            p.empty-title { (title) }
            p { (detail) }
            (action)
        }
    }
}

/// A list of short facts.
pub fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, Markup)>) -> Markup {
    html! {
        dl.facts {
            @for (label, value) in facts {
                div { dt { (label) } dd { (value) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_between_backticks_are_set_apart_and_escaped() {
        let drawn = with_commands("Run `backup --into <DIR>`, then look.").into_string();
        assert_eq!(
            drawn,
            "Run <code hx-ignore>backup --into &lt;DIR&gt;</code>, then look."
        );
        assert_eq!(
            with_commands("Nothing to do.").into_string(),
            "Nothing to do."
        );
    }
}
