//! What is kept, and devices that were retired.

use maud::Markup;

use super::HOSTILE;
use crate::layout::Shell;
use crate::pages::privacy::{self, KeptRow, PrivacyView, RetiredRow};
use crate::parts::form::Field;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let wrong = PrivacyView {
        device: Field::new("0011223344556677"),
        name: Field::wrong("cam", "Type the name of the device, as its page shows it."),
        ..view(2)
    };
    vec![
        ("privacy", privacy::page(inside, &view(2))),
        ("privacy-none", privacy::page(inside, &view(0))),
        ("privacy-wrong", privacy::page(inside, &wrong)),
    ]
}

fn view(retired: usize) -> PrivacyView {
    let row = |what, class, kept, erasure: &str| KeptRow {
        what,
        class,
        kept,
        erasure: erasure.to_owned(),
    };
    PrivacyView {
        rows: vec![
            row(
                "Records as devices signed them",
                "highly_sensitive",
                "14 days",
                "stays as it was signed; the key that opens it is destroyed",
            ),
            row(
                "Figures by the hour",
                "internal",
                "400 days",
                "goes with the device",
            ),
            row(
                "Who did what",
                "sensitive",
                "for good",
                "stays: whoever changes something answers for it",
            ),
        ],
        retired: (0..retired)
            .map(|number| RetiredRow {
                id: format!("{number}011223344556677"),
                name: if number == 0 {
                    HOSTILE.to_owned()
                } else {
                    "meter-solar".to_owned()
                },
                erased: number == 1,
            })
            .collect(),
        device: Field::default(),
        name: Field::default(),
        why: Field::default(),
    }
}
