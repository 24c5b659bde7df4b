//! A coordinator that is well, and one that needs somebody.

use maud::Markup;

use super::HOSTILE;
use crate::layout::Shell;
use crate::pages::system::{self, Judgement, SystemRow, SystemView};

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    vec![
        ("system", system::page(inside, &needy())),
        ("system-well", system::page(inside, &well())),
    ]
}

fn row(title: &str, judgement: Judgement, says: &str, remedy: Option<&str>) -> SystemRow {
    SystemRow {
        title: title.to_owned(),
        judgement,
        says: says.to_owned(),
        remedy: remedy.map(str::to_owned),
    }
}

fn needy() -> SystemView {
    use Judgement::{Act, Fine, Look};
    SystemView {
        judgement: Act,
        rows: vec![
            row(
                "What is kept",
                Act,
                "Checked 3 h ago: a row cannot be read: table records.",
                Some(
                    "Copy the store before anything else, look at the disk, and restore the newest backup (docs/schema.md says what each means).",
                ),
            ),
            row(
                "Backup",
                Look,
                "Made 12 days ago.",
                Some(
                    "Run `palisade-coordinator backup`, keep the file elsewhere, and restore one now and then.",
                ),
            ),
            row("Disk", Fine, "61 GiB of 100 GiB are free.", None),
            row(
                "Telling people",
                Act,
                HOSTILE,
                Some("Look at Delivery, and try the channel there."),
            ),
            row("Version", Fine, "0.1.0, running for 25 h.", None),
        ],
    }
}

fn well() -> SystemView {
    SystemView {
        judgement: Judgement::Fine,
        rows: vec![row(
            "Disk",
            Judgement::Fine,
            "61 GiB of 100 GiB are free.",
            None,
        )],
    }
}
