//! How the release of a draft differs from the one before it, for whoever is about to sign.

use language::number::grouped;
use language::{count, say};
use maud::{Markup, html};

use crate::links;
use crate::parts::quantity::bytes;
use crate::parts::sentence::sentence;
use crate::parts::text::{code, foreign, in_english, or_dash};

#[derive(Debug, Clone)]
pub enum Difference {
    /// The draft is of something else.
    NoRelease,
    /// No other release of the product is there.
    First,
    /// The comparison takes longer than a page waits.
    Underway,
    Held(Held),
}

#[derive(Debug, Clone)]
pub struct Held {
    pub from: String,
    pub to: String,
    pub files: Lists,
    pub parts: Lists,
}

/// What became of two lists.
#[derive(Debug, Clone)]
pub enum Lists {
    /// This version came without one.
    NoList(String),
    /// The image of this version is nothing that has files.
    NotAnArchive(String),
    /// Why, in English.
    Broken(String),
    Told(Counts, Vec<Row>),
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub same: u64,
    pub added: u64,
    pub removed: u64,
    pub changed: u64,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub name: String,
    pub before: Option<Content>,
    pub after: Option<Content>,
}

/// What stands under a name on one side.
#[derive(Debug, Clone)]
pub enum Content {
    File {
        bytes: u64,
        /// The beginning of it.
        sha256: String,
    },
    Versions(String),
}

/// Nothing where the draft is of something else than a release.
pub fn section(number: u64, difference: &Difference) -> Markup {
    match difference {
        Difference::NoRelease => html! {},
        Difference::First => card(&html! {
            p { (say!("This is the first release of its product: there is nothing to compare it with.")) }
        }),
        Difference::Underway => card(&html! {
            p { (say!("The two releases are still being compared: images are large, and one comparison is made at a time.")) }
            p { (say!("Do not sign before the difference is shown here.")) " " a href=(links::draft(number)) { (say!("Look again")) } }
        }),
        Difference::Held(held) => card(&self::held(held)),
    }
}

fn card(content: &Markup) -> Markup {
    html! {
        section.card {
            h2 { (say!("What changes")) }
            (content)
        }
    }
}

fn held(held: &Held) -> Markup {
    html! {
        p { (sentence!("Version {to} is compared with version {from}, the one before it.", to = foreign(&held.to), from = foreign(&held.from))) }
        (lists(&held.files, say!("File"), &files_told))
        (lists(&held.parts, say!("firmware|Part"), &parts_told))
    }
}

fn files_told(counts: Counts) -> String {
    let [added, removed, changed, same] = counts.grouped();
    say!(
        "Files: {added} added, {removed} removed, {changed} changed, {same} the same.",
        added,
        removed,
        changed,
        same
    )
}

fn parts_told(counts: Counts) -> String {
    let [added, removed, changed, same] = counts.grouped();
    say!(
        "Parts: {added} added, {removed} removed, {changed} in another version, {same} the same.",
        added,
        removed,
        changed,
        same
    )
}

impl Counts {
    fn grouped(self) -> [String; 4] {
        [self.added, self.removed, self.changed, self.same].map(grouped)
    }

    const fn differing(self) -> u64 {
        self.added + self.removed + self.changed
    }
}

fn lists(lists: &Lists, what: &str, told: &dyn Fn(Counts) -> String) -> Markup {
    html! {
        @match lists {
            Lists::NoList(version) => p { (sentence!("Parts are not compared: version {version} came without a list of them.", version = foreign(version))) },
            Lists::NotAnArchive(version) => p { (sentence!("Files are not compared: the image of version {version} is no tar archive.", version = foreign(version))) },
            Lists::Broken(why) => p { (say!("Not compared:")) " " (in_english(why)) },
            Lists::Told(counts, rows) => {
                p { strong { (told(*counts)) } }
                @if !rows.is_empty() { (table(what, rows)) }
                (more(counts.differing().saturating_sub(rows.len() as u64)))
            }
        }
    }
}

fn table(what: &str, rows: &[Row]) -> Markup {
    html! {
        table.cards {
            thead { tr { th scope="col" { (what) } th scope="col" { (say!("Change")) } th scope="col" { (say!("Before")) } th scope="col" { (say!("After")) } } }
            tbody { @for row in rows { tr {
                th scope="row" { (foreign(&row.name)) }
                td data-label=(say!("Change")) { (change(row)) }
                td data-label=(say!("Before")) { (content(row.before.as_ref())) }
                td data-label=(say!("After")) { (content(row.after.as_ref())) }
            } } }
        }
    }
}

fn change(row: &Row) -> &'static str {
    match (&row.before, &row.after) {
        (None, _) => say!("difference|added"),
        (_, None) => say!("difference|removed"),
        _ => say!("difference|changed"),
    }
}

fn content(content: Option<&Content>) -> Markup {
    match content {
        None => or_dash(None),
        Some(Content::Versions(versions)) => or_dash(Some(versions)),
        Some(Content::File {
            bytes: length,
            sha256,
        }) => html! { span { (bytes(*length as f64)) " " (code(sha256)) } },
    }
}

fn more(more: u64) -> Markup {
    html! {
        @if more > 0 { p.quiet { (count!(more, "and {n} more difference that is not listed here.", "and {n} more differences that are not listed here.")) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::firmware::held_against_the_one_before;

    fn drawn(difference: &Difference) -> String {
        section(3, difference).into_string()
    }

    #[test]
    fn what_is_not_listed_is_counted() {
        let mut held = held_against_the_one_before();
        let all = drawn(&Difference::Held(held.clone()));
        assert!(!all.contains("not listed here"), "{all}");
        let Lists::Told(counts, rows) = &mut held.files else {
            panic!("they were read");
        };
        (counts.changed, counts.same) = (1_200, 1);
        let listed = rows.len() as u64;
        let left = counts.differing() - listed;
        let cut = drawn(&Difference::Held(held));
        let words = format!("and {} more differences", grouped(left));
        assert!(cut.contains(&words), "{words}: {cut}");
    }

    #[test]
    fn a_draft_of_something_else_shows_no_difference() {
        assert_eq!(drawn(&Difference::NoRelease), "");
        assert!(drawn(&Difference::First).contains("first release of its product"));
    }

    #[test]
    fn a_comparison_that_takes_long_is_asked_for_again_by_a_link() {
        let drawn = drawn(&Difference::Underway);
        assert!(drawn.contains("Do not sign before"), "{drawn}");
        assert!(drawn.contains("href=\"/firmware/drafts/3\""), "{drawn}");
    }
}
