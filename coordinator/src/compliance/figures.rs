//! What the store and the mesh show at this moment, and what follows for each kind of evidence.

use language::{Word, count, say, word};
use ui::links::{self, AlertFilter, AuditFilter, DeviceFilter};

use super::{Evidence, Standing};

/// How old a scan or a feed may be to count, in days.
const FRESH_DAYS: u64 = 30;

/// How old a backup may be, and how old the last one that was put back, in days.
const BACKED_UP_DAYS: u64 = 30;
const RESTORED_DAYS: u64 = 365;

/// A backup that was made or put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backed {
    pub file: String,
    /// When, as a day.
    pub day: String,
    pub days_ago: u64,
    /// What its rows hash to.
    pub state: String,
}

impl Backed {
    fn is_within(backed: Option<&Self>, days: u64) -> bool {
        backed.is_some_and(|backed| backed.days_ago <= days)
    }
}

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
    /// The newest backup that was made, and the newest that was put back.
    pub backup: Option<Backed>,
    pub restored: Option<Backed>,
}

impl Figures {
    pub(super) fn standing(&self, evidence: Evidence) -> Standing {
        let devices = || links::devices(&DeviceFilter::default());
        let alerts = || links::alerts(&AlertFilter::default());
        let audit = || links::audit(&AuditFilter::default(), None);
        match evidence {
            Evidence::Inventory => shown(
                self.members > 0,
                say!(
                    "{members} members, {neighbours} heard beside them",
                    members = self.members,
                    neighbours = self.neighbours
                ),
                devices(),
                word!("Let a first device join."),
            ),
            Evidence::AuditLog => shown(
                self.audit_entries > 0 && self.audit_whole,
                count!(
                    self.audit_entries,
                    "{n} entry, the chain holds",
                    "{n} entries, the chain holds"
                ),
                audit(),
                word!(
                    "Find out what broke the audit log: palisade-coordinator audit verify names the entry."
                ),
            ),
            Evidence::Countersigned => shown(
                self.countersigned > 0,
                count!(
                    self.countersigned,
                    "{n} gateway agrees",
                    "{n} gateways agree"
                ),
                audit(),
                word!(
                    "Name gateways with palisade-coordinator offices gateways, so that somebody else vouches for the log."
                ),
            ),
            Evidence::Roles => shown(
                self.people > 1 && self.roles > 1,
                say!(
                    "{people} people in {roles} roles",
                    people = self.people,
                    roles = self.roles
                ),
                links::audit(
                    &AuditFilter {
                        action: "user.".to_owned(),
                        ..AuditFilter::default()
                    },
                    None,
                ),
                word!("Give everybody an account of their own, in the least role that will do."),
            ),
            Evidence::Findings => shown(
                self.feed_days.is_some_and(|days| days <= FRESH_DAYS),
                count!(self.findings_open, "{n} open finding", "{n} open findings"),
                links::findings("", None),
                word!(
                    "Import a feed of advisories that is not older than 30 days: palisade-coordinator feed import."
                ),
            ),
            Evidence::Feed => shown(
                self.feed_days.is_some_and(|days| days <= FRESH_DAYS),
                count!(
                    self.feed_days.unwrap_or_default(),
                    "the oldest source is {n} day old",
                    "the oldest source is {n} days old"
                ),
                links::findings("", None),
                word!(
                    "Import a feed of advisories that is not older than 30 days: palisade-coordinator feed import."
                ),
            ),
            Evidence::Scans => shown(
                self.scans_fresh > 0,
                count!(
                    self.scans_fresh,
                    "{n} scan within 30 days",
                    "{n} scans within 30 days"
                ),
                links::scans().to_owned(),
                word!("Scan the devices, or schedule it: palisade-coordinator scan start --every."),
            ),
            Evidence::Alerts => shown(
                self.rules > 0 && self.members > 0,
                say!(
                    "{alerts}, {open} of them open, by {rules}",
                    alerts = count!(self.alerts, "{n} alert", "{n} alerts"),
                    open = self.alerts_open,
                    rules = count!(self.rules, "{n} rule", "{n} rules")
                ),
                alerts(),
                word!("Let a first device join."),
            ),
            Evidence::Delivery => shown(
                self.channels > 0,
                count!(self.channels, "{n} channel", "{n} channels"),
                links::delivery().to_owned(),
                word!("Name somebody who is told of alerts, in delivery.toml."),
            ),
            Evidence::Logs => shown(
                self.rules > 0 && self.members > 0,
                count!(
                    self.rules,
                    "{n} rule judges log lines and events",
                    "{n} rules judge log lines and events"
                ),
                links::rules().to_owned(),
                word!("Let a first device join, and send its log lines."),
            ),
            Evidence::SignedUpdates => shown(
                self.releases > 0,
                count!(self.releases, "{n} signed release", "{n} signed releases"),
                links::firmware().to_owned(),
                word!(
                    "Publish firmware that somebody has signed off the coordinator: palisade-coordinator release prepare."
                ),
            ),
            Evidence::Rollouts => shown(
                self.rollouts > 0,
                count!(self.rollouts, "{n} rollout", "{n} rollouts"),
                links::rollouts().to_owned(),
                word!(
                    "Bring a release to the devices ring by ring: palisade-coordinator rollout plan."
                ),
            ),
            Evidence::Retirement => shown(
                self.retired > 0,
                count!(self.retired, "{n} device shut out", "{n} devices shut out"),
                links::devices_with_status("retired"),
                word!(
                    "Nothing was retired yet: device retire --wipe shuts a device out and has it wipe its keys."
                ),
            ),
            Evidence::Silence => shown(
                self.online > 0,
                say!(
                    "{online} online, {silent} silent, each judged by its witnesses",
                    online = self.online,
                    silent = self.silent
                ),
                devices(),
                word!("Let a first device join."),
            ),
            Evidence::SignedRecords => shown(
                self.records > 0,
                count!(
                    self.records,
                    "{n} record, each signed by its device",
                    "{n} records, each signed by its device"
                ),
                devices(),
                word!("Let a first device report."),
            ),
            Evidence::Encryption => shown(
                self.online > 0,
                count!(
                    self.online,
                    "{n} link under Noise, pages under TLS 1.3",
                    "{n} links under Noise, pages under TLS 1.3"
                ),
                links::mesh(links::MeshMode::Table, None),
                word!("Let a first device join."),
            ),
            Evidence::Retention => shown(
                self.records > 0,
                count!(
                    self.records,
                    "{n} record, dropped after its time",
                    "{n} records, dropped after their time"
                ),
                devices(),
                word!("Let a first device report."),
            ),
            Evidence::Export => shown(
                self.records > 0,
                count!(
                    crate::privacy::KEPT.len(),
                    "{n} kind of data, exported, erased or kept for a reason",
                    "{n} kinds of data, each exported, erased or kept for a reason"
                ),
                links::privacy().to_owned(),
                word!("Let a first device report."),
            ),
            Evidence::Backup => shown(
                Backed::is_within(self.backup.as_ref(), BACKED_UP_DAYS),
                self.backup.as_ref().map_or_else(String::new, |made| {
                    say!(
                        "{file} of {day}, state {state}",
                        file = made.file,
                        day = made.day,
                        state = made.state
                    )
                }),
                backups(),
                word!(
                    "Make a backup at least once a month, and keep it off this machine: palisade-coordinator backup FILE."
                ),
            ),
            Evidence::Restore => shown(
                Backed::is_within(self.restored.as_ref(), RESTORED_DAYS),
                self.restored.as_ref().map_or_else(String::new, |back| {
                    say!(
                        "{file} put back on {day}, state {state}",
                        file = back.file,
                        day = back.day,
                        state = back.state
                    )
                }),
                backups(),
                word!(
                    "Put a backup back at least once a year: palisade-coordinator restore FILE --try."
                ),
            ),
            Evidence::NotMet(would) => Standing::NotMet {
                would: would.now().to_owned(),
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
            backup: Some(Backed::sample(2)),
            restored: Some(Backed::sample(90)),
        }
    }
}

impl Backed {
    fn sample(days_ago: u64) -> Self {
        Self {
            file: "north.plsdbak".to_owned(),
            day: "2026-11-26".to_owned(),
            days_ago,
            state: "81c2f0aa52e1".to_owned(),
        }
    }
}

/// What the audit log says of backups.
fn backups() -> String {
    let filter = AuditFilter {
        action: "backup.".to_owned(),
        ..AuditFilter::default()
    };
    links::audit(&filter, None)
}

fn shown(holds: bool, figure: String, link: String, would: Word) -> Standing {
    match holds {
        true => Standing::Met { figure, link },
        false => Standing::NotMet {
            would: would.now().to_owned(),
        },
    }
}
