//! Settings that are wanted, and devices that do not do it yet.

use maud::Markup;

use super::device_ref;
use crate::layout::Shell;
use crate::pages::settings::{self, NewSettingsView, SettingsView, Straggler, WantedRow};
use crate::parts::form::Field;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let wrong = NewSettingsView {
        scope: Field::wrong("class:robot", "No device is of this class."),
        record: Field::wrong("soon", "Write a number of seconds."),
        accounts: Field::default(),
        online: Field::wrong("wash", "That cannot be commanded."),
    };
    vec![
        ("settings", settings::page(inside, &settings_view(&[2, 9]))),
        ("settings-done", settings::page(inside, &settings_view(&[]))),
        ("settings-none", settings::page(inside, &usual())),
        (
            "settings-new",
            settings::new_page(inside, &NewSettingsView::default()),
        ),
        ("settings-wrong", settings::new_page(inside, &wrong)),
    ]
}

fn settings_view(behind: &[usize]) -> SettingsView {
    let wanted = [
        ("fleet", "accounts every 7200 s"),
        ("class:meter", "a reading every 300 s"),
        (
            "cell:<b>hall</b> 2",
            "a reading every 30 s, accounts every 3600 s",
        ),
    ];
    SettingsView {
        wanted: wanted
            .map(|(scope, words)| WantedRow {
                scope: scope.to_owned(),
                words: words.to_owned(),
            })
            .into(),
        devices: 48,
        in_step: 48 - behind.len(),
        stragglers: behind
            .iter()
            .map(|&number| Straggler {
                device: device_ref(number),
                online: number != 9,
                wanted: "a reading every 300 s".to_owned(),
                obeyed: "as usual".to_owned(),
            })
            .collect(),
    }
}

fn usual() -> SettingsView {
    SettingsView {
        wanted: Vec::new(),
        devices: 3,
        in_step: 3,
        stragglers: Vec::new(),
    }
}
