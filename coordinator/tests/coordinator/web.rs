//! The web side through its router, over a store in memory and a run loop that only obeys.

#[path = "web/accounts.rs"]
mod accounts;
#[path = "web/alerts.rs"]
mod alerts_shown;
#[path = "web/audited.rs"]
mod audited;
#[path = "web/bringing.rs"]
mod bringing;
#[path = "web/commands.rs"]
mod commands;
#[path = "web/delivery.rs"]
mod delivery;
#[path = "web/differences.rs"]
mod differences;
#[path = "web/doors.rs"]
mod doors;
#[path = "web/drafts.rs"]
mod drafts;
#[path = "web/entrance.rs"]
mod entrance;
#[path = "web/evidence.rs"]
mod evidence;
#[path = "web/factors.rs"]
mod factors;
#[path = "web/findings.rs"]
mod findings;
#[path = "web/fleet.rs"]
mod fleet;
#[path = "web/framing.rs"]
mod framing;
#[path = "web/groups.rs"]
mod groups;
#[path = "web/interface.rs"]
mod interface;
#[path = "web/keyed.rs"]
mod keyed_devices;
#[path = "web/languages.rs"]
mod languages;
#[path = "web/logs.rs"]
mod logs_sent;
#[path = "web/mesh.rs"]
pub mod mesh;
#[path = "web/naughty.rs"]
mod naughty;
#[path = "web/observations.rs"]
mod observations;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/passkeys.rs"]
mod passkeys;
#[path = "web/privacy.rs"]
mod privacy;
#[path = "web/programs.rs"]
mod programs;
#[path = "web/quarantine.rs"]
mod quarantine;
#[path = "web/refusals.rs"]
mod refusals;
#[path = "web/releases.rs"]
mod releases;
#[path = "web/reports.rs"]
mod reports;
#[path = "web/rig.rs"]
pub mod rig;
#[path = "web/rollouts.rs"]
mod rollouts;
#[path = "web/rotation.rs"]
mod rotation;
#[path = "web/scans.rs"]
mod scans;
#[path = "web/seat.rs"]
mod seat;
#[path = "web/secure_logs.rs"]
mod secure_logs;
#[path = "web/settings.rs"]
mod settings;
#[path = "web/silence.rs"]
mod silence;
#[path = "web/staleness.rs"]
mod staleness;
#[path = "web/streams.rs"]
mod streams;
#[path = "web/system.rs"]
mod system;
#[path = "web/timing.rs"]
mod timing;
#[path = "web/tokens.rs"]
mod tokens;
#[path = "web/wiping.rs"]
mod wiping;
