//! What is asked of the running coordinator, and what it answers: one line of JSON each.

use std::path::PathBuf;

use protocol::coordinator::Replacement;
use protocol::ledger::Entry;
use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::alerts::{AlertAsked, DeliveryAsked, LogsAsked};
use super::audit::AuditWish;
use super::commands::CommandAsked;
use super::ddi::{DdiAsked, DdiDevice};
use super::people::{AccessAsked, KeyedAsked, PeopleAsked};
use super::profiles::ProfileAsked;
use super::releases::{BundleDocument, DraftTold, Staged, WishAsked};
use super::reports::ReportAsked;
use super::scans::ScanAsked;
use crate::access::TokenDocument;
use crate::accounts::PersonDocument;
use crate::audit::{EntryDocument, VerdictDocument};
use crate::backup::BackupDocument;
use crate::bulletin::document::{AlertDocument, TuningDocument};
use crate::command::document::CommandDocument;
use crate::compliance::Judged;
use crate::delivery::document::DeliveryDocument;
use crate::deputies::Deputy;
use crate::evidence::Kept;
use crate::keyed::KeyedDocument;
use crate::logbook::document::{LineDocument, RulesDocument};
use crate::profiles::document::{ProfileDocument, WhyDocument};
use crate::releases::comparison::document::ComparisonDocument;
use crate::releases::document::{DraftDocument, ReleaseDocument, RepositoryDocument};
use crate::report::document::{ReportDocument, ReportScheduleDocument};
use crate::risk::asked::{RiskAsked, RiskTold};
use crate::rollouts::document::RolloutDocument;
use crate::rollouts::wish::Wish;
use crate::scans::document::{JobDocument, ScheduleDocument};
use crate::settings::{Periods, SettingsDocument};
use crate::{live, rotation};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    SetupToken,
    /// What the mesh is called; renamed where a name is given.
    MeshName {
        name: Option<String>,
    },
    MakeToken {
        name: String,
        class: String,
        cell: String,
        life_s: u64,
    },
    /// All of them, or those that a filter lets through; a filter can be named that was kept.
    Devices {
        #[serde(default)]
        filter: Option<String>,
    },
    Retire {
        device: String,
        reason: String,
    },
    /// Puts a device into quarantine.
    Quarantine {
        device: String,
        reason: String,
    },
    /// Ends a quarantine.
    Clear {
        device: String,
        reason: String,
    },
    Evidence,
    /// One proof, with all that it needs to verify elsewhere.
    ExportEvidence {
        id: String,
    },
    /// What an administrator has to sign for, to revoke a device.
    PlaceOfRevocation {
        device: String,
    },
    /// The key by which the root names a device.
    KeyOf {
        device: String,
    },
    /// A withdrawal that an administrator has signed, in base 64.
    Revoke {
        withdrawal: String,
    },
    /// Documents of the root, to be put into force: a succession in base 64.
    Succeed {
        documents: String,
    },
    /// How far the last rotation has come.
    Rotation,
    /// Admits a device that shows this code.
    Approve {
        code: String,
        name: String,
        class: String,
        cell: String,
    },
    SetDeputies {
        url: String,
        secret: Option<String>,
    },
    ShowDeputies,
    ClearDeputies,
    TestDeputies,
    /// A release whose files lie in the targets folder.
    PrepareRelease {
        product: String,
        version: String,
        counter: u64,
        hardware: Vec<String>,
        image: Staged,
        sbom: Option<Staged>,
    },
    /// Anything else that people have to sign.
    Prepare(WishAsked),
    Draft {
        number: u64,
    },
    /// A signature file, in base 64.
    AddSignature {
        number: u64,
        signature: String,
    },
    Publish {
        number: u64,
    },
    Discard {
        number: u64,
    },
    Releases,
    Repository,
    Compare {
        product: String,
        from: String,
        to: String,
    },
    /// Devices without a node.
    Ddi(DdiAsked),
    PlanRollout {
        wish: Wish,
        start: bool,
    },
    /// What may be said: see [`protocol::rollout::Word`].
    TellRollout {
        id: u64,
        word: String,
    },
    Rollouts,
    Rollout {
        id: u64,
    },
    /// What a stick carries of a release, for so many days.
    Bundle {
        product: String,
        version: String,
        days: u64,
    },
    Alert(AlertAsked),
    Delivery(DeliveryAsked),
    Logs(LogsAsked),
    /// Of devices: what is wanted, and what they do.
    Settings,
    Profile(ProfileAsked),
    /// Nothing where what was said to the scope is taken back.
    PrepareSettings {
        scope: String,
        settings: Option<Periods>,
    },
    /// Of scans, advisories and findings.
    Risk(RiskAsked),
    /// A feed in the intake folder, for administrators to sign.
    PrepareFeed {
        file: String,
    },
    /// Of scans that nodes make.
    Scan(ScanAsked),
    /// Of commands to devices.
    Command(CommandAsked),
    /// What the interface for programs answers.
    Interface {
        method: String,
        path: String,
        body: String,
    },
    /// Everything in one encrypted file.
    Backup {
        file: PathBuf,
        passphrase: String,
    },
    /// A backup was put back, on this machine, to try it.
    Restored {
        file: PathBuf,
        done: BackupDocument,
    },
    /// Of the audit log.
    Audit(AuditWish),
    /// Of reports.
    Report(ReportAsked),
    /// Of people who may log in.
    People(PeopleAsked),
    /// Of tokens for programs.
    Access(AccessAsked),
    /// Of devices with a key of their own.
    Keyed(KeyedAsked),
}

impl Request {
    /// Asks to put documents of the root into force.
    pub fn succeed(documents: &[Entry]) -> Self {
        Self::Succeed {
            documents: rotation::to_text(documents),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Answer {
    MeshName {
        name: String,
    },
    SetupToken {
        url: String,
    },
    Join {
        join: String,
        expires_ms: u64,
    },
    ApiToken {
        token: String,
    },
    Devices {
        items: Vec<Device>,
    },
    Evidence {
        items: Vec<Kept>,
    },
    Dossier {
        name: String,
        bytes: String,
    },
    PlaceOfRevocation {
        mesh: String,
        device: String,
        /// What the device is called.
        name: String,
        log_index: u64,
    },
    KeyOf {
        device: String,
        /// In hexadecimal.
        key: String,
    },
    /// What was signed was for a place that is taken now.
    LogHasGrown,
    Rotation {
        rotation: Option<Progress>,
    },
    Deputies {
        url: Option<String>,
        /// Only where it was just made.
        secret: Option<String>,
        items: Vec<Deputy>,
    },
    Taken {
        by: String,
    },
    Draft(DraftTold),
    Published {
        purpose: String,
    },
    Releases {
        items: Vec<ReleaseDocument>,
        drafts: Vec<DraftDocument>,
    },
    Comparison(ComparisonDocument),
    Rollouts {
        items: Vec<RolloutDocument>,
    },
    Rollout(Box<RolloutDocument>),
    Settings(SettingsDocument),
    Profile(ProfileDocument),
    Why(WhyDocument),
    Mud {
        mud: String,
    },
    /// To how many members a word goes.
    Told {
        members: usize,
    },
    Alerts {
        items: Vec<AlertDocument>,
    },
    Alert(Box<AlertDocument>),
    Tunings {
        items: Vec<TuningDocument>,
    },
    Rules(RulesDocument),
    LogKey {
        key: String,
    },
    LogLines {
        items: Vec<LineDocument>,
    },
    Delivery(Box<DeliveryDocument>),
    Risk(Box<RiskTold>),
    Scans {
        items: Vec<JobDocument>,
        schedules: Vec<ScheduleDocument>,
    },
    Commands {
        items: Vec<CommandDocument>,
    },
    /// What came of a command on one device.
    CommandResult {
        text: String,
    },
    Bundle(BundleDocument),
    Repository(RepositoryDocument),
    AuditEntries {
        items: Vec<EntryDocument>,
        /// Where the next question goes on.
        next: Option<u64>,
    },
    Interface {
        status: u16,
        body: String,
    },
    AuditVerdict(VerdictDocument),
    Backup(BackupDocument),
    Reports {
        items: Vec<ReportDocument>,
        schedules: Vec<ReportScheduleDocument>,
    },
    /// One report, its file in base 64.
    Report {
        report: ReportDocument,
        file: String,
    },
    Compliance {
        items: Vec<Judged>,
    },
    People {
        items: Vec<PersonDocument>,
    },
    Invited {
        name: String,
        url: String,
        expires_ms: u64,
    },
    ApiTokens {
        items: Vec<TokenDocument>,
    },
    DeviceKey {
        id: String,
        api_key: String,
        tag: String,
    },
    KeyedDevices {
        items: Vec<KeyedDocument>,
    },
    DdiToken {
        token: String,
    },
    DdiDevices {
        items: Vec<DdiDevice>,
    },
    Done,
    Refused {
        why: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub status: String,
    pub class: String,
    pub cell: String,
    /// Members run one.
    pub node: bool,
    pub site: String,
    pub tags: Vec<String>,
    pub last_heard_ms: Option<u64>,
    /// If an administrator has ordered it to wipe itself.
    pub wipe: Option<Wipe>,
}

/// How far an order to wipe has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Wipe {
    Ordered,
    Confirmed { at_ms: u64 },
}

impl Wipe {
    pub(super) fn of(wipe: live::Wipe) -> Self {
        match wipe {
            live::Wipe::Ordered => Self::Ordered,
            live::Wipe::Confirmed { at } => Self::Confirmed {
                at_ms: at.as_millis(),
            },
        }
    }
}

/// How far a rotation has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub charter: u32,
    pub issued_ms: u64,
    /// Until when memberships by the former admission key open doors.
    pub until_ms: Option<u64>,
    pub members: usize,
    pub done: usize,
    pub stragglers: Vec<String>,
}

impl Progress {
    pub fn of(rotation: &Replacement) -> Self {
        Self {
            charter: rotation.charter,
            issued_ms: rotation.issued.as_millis(),
            until_ms: rotation.until.map(Timestamp::as_millis),
            members: rotation.members,
            done: rotation.done,
            stragglers: rotation
                .stragglers
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}
