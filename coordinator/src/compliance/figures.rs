//! What the store and the mesh show at this moment, and what follows for each kind of evidence.

use ui::links::{self, AlertFilter, AuditFilter, DeviceFilter};

use super::{Evidence, Standing};

/// How old a scan or a feed may be to count, in days.
const FRESH_DAYS: u64 = 30;

/// Figures from the store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    pub members: usize,
    /// Devices without a node that are heard.
    pub neighbours: usize,
    pub online: usize,
    pub silent: usize,
    pub retired: usize,
    pub records: u64,
    pub audit_entries: u64,
    pub audit_whole: bool,
    /// Gateways whose countersignature agrees.
    pub countersigned: usize,
    pub people: usize,
    /// Roles that somebody has.
    pub roles: usize,
    pub findings_open: usize,
    /// Days of the oldest source; nothing without a feed.
    pub feed_days: Option<u64>,
    pub scans_fresh: usize,
    pub alerts_open: usize,
    pub alerts: usize,
    pub channels: usize,
    pub rules: usize,
    pub releases: usize,
    pub rollouts: usize,
}

impl Figures {
    pub(super) fn standing(&self, evidence: Evidence) -> Standing {
        let devices = || links::devices(&DeviceFilter::default());
        let alerts = || links::alerts(&AlertFilter::default());
        let audit = || links::audit(&AuditFilter::default(), None);
        match evidence {
            Evidence::Inventory => shown(
                self.members > 0,
                format!(
                    "{} members, {} heard beside them",
                    self.members, self.neighbours
                ),
                devices(),
                "Let a first device join.",
            ),
            Evidence::AuditLog => shown(
                self.audit_entries > 0 && self.audit_whole,
                format!("{} entries, the chain holds", self.audit_entries),
                audit(),
                "Find out what broke the audit log: palisade-coordinator audit verify names the entry.",
            ),
            Evidence::Countersigned => shown(
                self.countersigned > 0,
                format!("{} gateways agree", self.countersigned),
                audit(),
                "Name gateways with palisade-coordinator offices gateways, so that somebody else vouches for the log.",
            ),
            Evidence::Roles => shown(
                self.people > 1 && self.roles > 1,
                format!("{} people in {} roles", self.people, self.roles),
                links::audit(
                    &AuditFilter {
                        action: "user.".to_owned(),
                        ..AuditFilter::default()
                    },
                    None,
                ),
                "Give everybody an account of their own, in the least role that will do.",
            ),
            Evidence::Findings => shown(
                self.feed_days.is_some_and(|days| days <= FRESH_DAYS),
                format!("{} open findings", self.findings_open),
                links::findings("", None),
                "Import a feed of advisories that is not older than 30 days: palisade-coordinator feed import.",
            ),
            Evidence::Feed => shown(
                self.feed_days.is_some_and(|days| days <= FRESH_DAYS),
                format!(
                    "the oldest source is {} days old",
                    self.feed_days.unwrap_or_default()
                ),
                links::findings("", None),
                "Import a feed of advisories that is not older than 30 days: palisade-coordinator feed import.",
            ),
            Evidence::Scans => shown(
                self.scans_fresh > 0,
                format!("{} scans within 30 days", self.scans_fresh),
                links::scans().to_owned(),
                "Scan the devices, or schedule it: palisade-coordinator scan start --every.",
            ),
            Evidence::Alerts => shown(
                self.rules > 0 && self.members > 0,
                format!(
                    "{} alerts, {} of them open, by {} rules",
                    self.alerts, self.alerts_open, self.rules
                ),
                alerts(),
                "Let a first device join.",
            ),
            Evidence::Delivery => shown(
                self.channels > 0,
                format!("{} channels", self.channels),
                links::delivery().to_owned(),
                "Name somebody who is told of alerts, in delivery.toml.",
            ),
            Evidence::Logs => shown(
                self.rules > 0 && self.members > 0,
                format!("{} rules judge log lines and events", self.rules),
                links::rules().to_owned(),
                "Let a first device join, and send its log lines.",
            ),
            Evidence::SignedUpdates => shown(
                self.releases > 0,
                format!("{} signed releases", self.releases),
                links::firmware().to_owned(),
                "Publish firmware that somebody has signed off the coordinator: palisade-coordinator release prepare.",
            ),
            Evidence::Rollouts => shown(
                self.rollouts > 0,
                format!("{} rollouts", self.rollouts),
                links::rollouts().to_owned(),
                "Bring a release to the devices ring by ring: palisade-coordinator rollout plan.",
            ),
            Evidence::Retirement => shown(
                self.retired > 0,
                format!("{} devices shut out", self.retired),
                links::devices_with_status("retired"),
                "Nothing was retired yet: device retire --wipe shuts a device out and has it wipe its keys.",
            ),
            Evidence::Silence => shown(
                self.online > 0,
                format!(
                    "{} online, {} silent, each judged by its witnesses",
                    self.online, self.silent
                ),
                devices(),
                "Let a first device join.",
            ),
            Evidence::SignedRecords => shown(
                self.records > 0,
                format!("{} records, each signed by its device", self.records),
                devices(),
                "Let a first device report.",
            ),
            Evidence::Encryption => shown(
                self.online > 0,
                format!("{} links under Noise, pages under TLS 1.3", self.online),
                links::mesh(links::MeshMode::Table, None),
                "Let a first device join.",
            ),
            Evidence::Retention => shown(
                self.records > 0,
                format!("{} records, dropped after their time", self.records),
                devices(),
                "Let a first device report.",
            ),
            Evidence::Export => shown(
                self.records > 0,
                format!(
                    "{} kinds of data, each exported, erased or kept for a reason",
                    crate::privacy::KEPT.len()
                ),
                links::privacy().to_owned(),
                "Let a first device report.",
            ),
            Evidence::NotMet(would) => Standing::NotMet {
                would: would.to_owned(),
            },
        }
    }

    /// A mesh that shows everything, for samples and tests.
    pub fn ample() -> Self {
        Self {
            members: 48,
            neighbours: 31,
            online: 45,
            silent: 2,
            retired: 1,
            records: 1_204_331,
            audit_entries: 190,
            audit_whole: true,
            countersigned: 2,
            people: 4,
            roles: 3,
            findings_open: 12,
            feed_days: Some(3),
            scans_fresh: 5,
            alerts_open: 2,
            alerts: 31,
            channels: 2,
            rules: 40,
            releases: 3,
            rollouts: 2,
        }
    }
}

fn shown(holds: bool, figure: String, link: String, would: &str) -> Standing {
    match holds {
        true => Standing::Met { figure, link },
        false => Standing::NotMet {
            would: would.to_owned(),
        },
    }
}
