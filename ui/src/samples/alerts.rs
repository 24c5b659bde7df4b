//! Alerts in every state, one of them with all of its evidence, rules, and who is told.

use maud::Markup;

use super::{HOSTILE, NOW_MS, device_ref};
use crate::layout::{Role, Shell, User};
use crate::links::AlertFilter;
use crate::pages::alerts::one::{
    self, ActForm, AlertView, DoneView, NormalView, OriginRow, TuneForm, ValueRow, WitnessRow,
};
use crate::pages::alerts::rules::{self, RuleRow, RulesView, TuningRow};
use crate::pages::alerts::{self, AlertRow, AlertsView, StateView};
use crate::pages::delivery::{self, ChannelRow, DeliveryView, LetterRow, RouteRow};
use crate::pages::welcome::{self, WelcomeView};
use crate::parts::form::Field;
use crate::parts::severity::Severity;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let viewer = User {
        name: "Noor".into(),
        role: Role::Viewer,
    };
    let viewing = Shell {
        user: Some(viewer),
        ..inside.clone()
    };
    let mut wrong = alert_view();
    wrong.form.why = Field::wrong("", "Say why, in a line, so that others can follow it.");
    wrong.row.state = StateView::FalsePositive;
    let quiet = AlertsView {
        rows: Vec::new(),
        matching: 0,
        ..alerts_view()
    };
    vec![
        ("alerts", alerts::page(inside, &alerts_view())),
        ("alerts-viewer", alerts::page(&viewing, &alerts_view())),
        ("alerts-quiet", alerts::page(inside, &quiet)),
        ("alert", one::page(inside, &alert_view())),
        ("alert-wrong", one::page(inside, &wrong)),
        ("alert-viewer", one::page(&viewing, &alert_view())),
        ("rules", rules::page(inside, &rules_view())),
        ("rules-none", rules::page(inside, &RulesView::default())),
        ("welcome", welcome::page(inside, &welcome_view())),
        (
            "welcome-none",
            welcome::page(inside, &WelcomeView::default()),
        ),
        ("delivery", delivery::page(inside, &delivery_view())),
        (
            "delivery-none",
            delivery::page(inside, &DeliveryView::default()),
        ),
    ]
}

pub fn alerts_view() -> AlertsView {
    let states = [
        StateView::Open,
        StateView::Acknowledged,
        StateView::Assigned("Amina".into()),
        StateView::Snoozed {
            until_ms: NOW_MS + 3_600_000,
        },
        StateView::Closed,
        StateView::FalsePositive,
    ];
    let rows = states.into_iter().zip(1..).map(|(state, number)| AlertRow {
        state,
        ..alert_row(number)
    });
    AlertsView {
        open: Severity::ALL.map(|severity| (severity, u64::from(severity == Severity::High) * 3)),
        filter: AlertFilter::default(),
        matching: 6,
        rows: rows.collect(),
        next: Some("1795254000000-3".into()),
        last_ms: Some(NOW_MS - 40_000),
        told_to_nobody: true,
    }
}

pub fn alert_row(number: u64) -> AlertRow {
    let place = usize::try_from(number).unwrap_or_default();
    AlertRow {
        number,
        severity: Severity::ALL[place % 5],
        title: "Failed logins".into(),
        says: if number == 2 {
            HOSTILE.into()
        } else {
            "Failed password for root from 203.0.113.9 port 4021 ssh2".into()
        },
        device: (number != 5).then(|| device_ref(place)),
        state: StateView::Open,
        count: 7 * u32::try_from(place).unwrap_or_default() - 6,
        first_ms: NOW_MS - 900_000,
        last_ms: NOW_MS - 4_000 * number,
        incident: 12,
        seen_by: 1,
        about: None,
    }
}

pub fn alert_view() -> AlertView {
    AlertView {
        row: alert_row(2),
        rule: "failed_logins".into(),
        attack: Some("T1110".into()),
        class: Some("camera".into()),
        stops: "Nobody tries a wrong password any more for five minutes. Shut the port to where the attempts come from, or allow keys only.".into(),
        cause: Some("address 203.0.113.9".into()),
        values: vec![
            ValueRow {
                what: "lines in 5 min".into(),
                usual: Some("4 at most".into()),
                seen: "5 or more".into(),
            },
            ValueRow {
                what: "user".into(),
                usual: None,
                seen: HOSTILE.into(),
            },
        ],
        origins: vec![OriginRow {
            from: "203.0.113.9".into(),
            first_ms: NOW_MS - 600_000,
            last_ms: NOW_MS - 8_000,
            count: 7,
            said: Some(HOSTILE.into()),
        }],
        could_see: Some(8),
        witnesses: vec![WitnessRow {
            device: device_ref(2),
            at_ms: NOW_MS - 8_000,
            record: Some("3/117".into()),
        }],
        done: Some(DoneView {
            by: "Amina".into(),
            at_ms: NOW_MS - 60_000,
            why: Some("the new scanner".into()),
        }),
        before: Some(1),
        beside: vec![alert_row(3)],
        is_off: true,
        normal: Some(NormalView {
            holder: "mac:02:00:00:00:00:07".into(),
            habit: "out tcp c2.example.org 443".into(),
        }),
        form: ActForm::default(),
        tune: TuneForm::default(),
        people: vec!["amina".into(), "noor".into()],
    }
}

fn rules_view() -> RulesView {
    RulesView {
        tunings: vec![TuningRow {
            number: 4,
            rule: "failed_logins".into(),
            of: "class:camera".into(),
            effect: "low".into(),
            why: HOSTILE.into(),
            by: "Amina".into(),
            until_ms: NOW_MS + 7 * 86_400_000,
        }],
        rules: vec![RuleRow {
            name: "failed_logins".into(),
            title: "Failed logins".into(),
            severity: "high".into(),
            attack: Some("T1110".into()),
            source: "logs",
            warnings: vec!["detection.tries.user_name: no parser gives this field, so it is there only where a device sends it in JSON or in structured data".into()],
        }],
        refused: vec![(
            "rules/ours.yml".into(),
            "detection.condition: there is no selection `x`".into(),
        )],
    }
}

fn welcome_view() -> WelcomeView {
    let delivery = delivery_view();
    WelcomeView {
        error: delivery.error,
        channels: delivery.channels,
    }
}

fn delivery_view() -> DeliveryView {
    DeliveryView {
        error: Some("delivery.toml: route.hours: write hours as 22:00-06:30".into()),
        warnings: vec!["route night has no recipient: what it takes is told to nobody".into()],
        channels: vec![ChannelRow {
            name: "ops-mail".into(),
            kind: "mail".into(),
            to: "ops@hub.example".into(),
            last_ms: Some(NOW_MS - 90_000),
            error: Some("the mail server did not take it: 450 4.2.1 try later".into()),
            waiting: 1,
        }],
        routes: vec![RouteRow {
            name: "day".into(),
            takes: "medium and above".into(),
            when: "at any time".into(),
            to: "ops-mail".into(),
        }],
        quiet: Some(("22:00-06:00".into(), "critical".into())),
        letters: vec![LetterRow {
            at_ms: NOW_MS - 90_000,
            channel: "ops-mail".into(),
            subject: format!("Palisade: high: Failed logins on {HOSTILE} (20 times)"),
            state: "sent".into(),
            error: None,
        }],
    }
}
