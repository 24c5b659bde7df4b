//! Controls of standards beside what this mesh shows for them: a figure with the page that shows it, or what would meet it.
//!
//! This is evidence for whoever audits, not a certificate: a control that asks for more than a program can show says so.

mod en303645;
mod figures;
mod gdpr;
mod hipaa;
mod iec62443;
mod iso27001;

use language::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use figures::{Backed, Figures};

/// One standard.
#[derive(Debug, Clone, Copy)]
pub struct Framework {
    /// As an address names it.
    pub slug: &'static str,
    pub name: &'static str,
    pub controls: &'static [Control],
}

/// One control, and what shows how it stands.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    pub id: &'static str,
    pub title: Word,
    pub evidence: Evidence,
}

/// Where the evidence for a control comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Every member with its identity, and what is heard beside them.
    Inventory,
    /// The audit log is whole.
    AuditLog,
    /// Gateways have countersigned it.
    Countersigned,
    /// People with roles of their own.
    Roles,
    /// Findings are known from a feed that is not old.
    Findings,
    Feed,
    /// Scans within the last thirty days.
    Scans,
    /// Alerts are raised and answered.
    Alerts,
    /// Somebody is told of alerts.
    Delivery,
    /// Log lines of devices are taken and judged.
    Logs,
    /// Firmware is signed off the coordinator.
    SignedUpdates,
    /// Rollouts go ring by ring.
    Rollouts,
    /// Devices are shut out for good.
    Retirement,
    /// Silence is noticed.
    Silence,
    /// Every record is signed by its device.
    SignedRecords,
    /// Keys, sessions and links are encrypted.
    Encryption,
    /// Data goes after its time.
    Retention,
    /// Everything of a device or a person can be exported, and what a device said can be erased.
    Export,
    /// A backup of this coordinator was made not long ago.
    Backup,
    /// One was put back, and held what it said.
    Restore,
    /// No program of ours shows this; what would.
    NotMet(Word),
}

/// How a control stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    Met { figure: String, link: String },
    NotMet { would: String },
}

/// A control with how it stands at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Control")]
pub struct Judged {
    pub framework: String,
    pub id: String,
    pub title: String,
    #[serde(flatten)]
    pub standing: Standing,
}

pub const ALL: [Framework; 5] = [
    iso27001::FRAMEWORK,
    iec62443::FRAMEWORK,
    en303645::FRAMEWORK,
    hipaa::FRAMEWORK,
    gdpr::FRAMEWORK,
];

impl Framework {
    pub fn find(slug: &str) -> Option<Self> {
        ALL.into_iter().find(|framework| framework.slug == slug)
    }

    pub fn judged(&self, figures: &Figures) -> Vec<Judged> {
        let controls = self.controls.iter();
        let judged = controls.map(|control| Judged {
            framework: self.name.to_owned(),
            id: control.id.to_owned(),
            title: control.title.now().to_owned(),
            standing: figures.standing(control.evidence),
        });
        judged.collect()
    }
}

impl Standing {
    pub fn is_met(&self) -> bool {
        matches!(self, Self::Met { .. })
    }
}

const fn control(id: &'static str, title: Word, evidence: Evidence) -> Control {
    Control {
        id,
        title,
        evidence,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_control_is_named_once_and_what_nothing_shows_says_what_would() {
        for framework in ALL {
            let ids: BTreeSet<&str> = framework
                .controls
                .iter()
                .map(|control| control.id)
                .collect();
            assert_eq!(ids.len(), framework.controls.len(), "{}", framework.name);
            for control in framework.controls {
                if let Evidence::NotMet(would) = control.evidence {
                    let would = would.now();
                    assert!(would.ends_with('.') && would.len() > 10, "{}", control.id);
                }
            }
        }
    }

    /// Nothing is green without a link to the page that shows it, and an empty mesh shows next to nothing.
    #[test]
    fn nothing_is_met_without_a_figure_and_a_page_that_shows_it() {
        for figures in [Figures::default(), Figures::ample()] {
            for judged in ALL.iter().flat_map(|framework| framework.judged(&figures)) {
                match judged.standing {
                    Standing::Met { figure, link } => {
                        assert!(
                            figure.contains(|letter: char| letter.is_ascii_digit()),
                            "{figure}"
                        );
                        assert!(link.starts_with('/'), "{} {link}", judged.id);
                    }
                    Standing::NotMet { would } => assert!(would.ends_with('.'), "{would}"),
                }
            }
        }
        let met = |figures: &Figures| {
            let judged = ALL.iter().flat_map(|framework| framework.judged(figures));
            judged.filter(|judged| judged.standing.is_met()).count()
        };
        let (nothing, ample) = (met(&Figures::default()), met(&Figures::ample()));
        assert!(nothing < ample / 3, "{nothing} of {ample}");
    }
}
