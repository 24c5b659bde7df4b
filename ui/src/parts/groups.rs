//! Where a device stands and the tags that people have put to it, each leading to all that are alike.

use language::say;
use maud::{Markup, html};

use super::text::foreign;
use crate::links;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Empty where nobody has said one.
    pub site: String,
    pub tags: Vec<String>,
}

/// Below a name in a list: no links, so that a row has one target.
pub fn line(groups: &Groups) -> Markup {
    let site = Some(&groups.site).filter(|site| !site.is_empty());
    let words: Vec<&String> = site.into_iter().chain(&groups.tags).collect();
    html! {
        @if !words.is_empty() {
            span.reason.groups hx-ignore {
                @for (number, word) in words.iter().enumerate() {
                    @if number > 0 { " · " }
                    (foreign(word))
                }
            }
        }
    }
}

/// Facts of a device: its site and its tags, and for whoever may change them the way to do so.
pub fn facts(id: &str, groups: &Groups, may_change: bool) -> [(&'static str, Markup); 2] {
    let none = || html! { span.quiet { "–" } };
    let site = html! {
        @if groups.site.is_empty() { (none()) } @else { (alike("site", "==", &groups.site)) }
    };
    let tags = html! {
        @if groups.tags.is_empty() { (none()) }
        @for (number, tag) in groups.tags.iter().enumerate() {
            @if number > 0 { ", " }
            (alike("tag", ":", tag))
        }
        @if may_change { " " a.change href=(links::describe(id)) { (say!("Change site and tags")) } }
    };
    [(say!("device|Site"), site), (say!("Tags"), tags)]
}

fn alike(field: &str, operator: &str, value: &str) -> Markup {
    html! { a href=(links::devices_alike(field, operator, value)) { (foreign(value)) } }
}
