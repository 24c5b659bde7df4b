//! `demo`: a coordinator's folder with an invented week in it, made through the doors that a real one goes through.
//!
//! Devices are enrolled by the coordinator's own machine and every record is signed, checked and stored as one that
//! came over a link; releases are prepared, signed and published; people act on alerts. What happens follows from a
//! seed, but for the keys of the coordinator, which are as random as any.

mod findings;
pub(crate) mod people;
mod seats;
pub(crate) mod site;
mod traffic;
mod trouble;
mod updates;
mod week;

use std::path::Path;
use std::time::Duration;

use coordinator::bulletin::Bulletin;
use coordinator::demonstration::{self, Mark};
use coordinator::logbook::Logbook;
use coordinator::orders::Orders;
use coordinator::releases::Releases;
use coordinator::risk::Risk;
use protocol::time::Timestamp;

use people::Login;
use site::Site;

/// Devices below which there would be no room for what happens.
pub const DEVICES_AT_LEAST: usize = 12;
const DAY: Duration = Duration::from_secs(86_400);

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub devices: usize,
    pub days: u64,
    pub seed: u64,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub members: usize,
    pub without_node: usize,
    pub records: u64,
    pub alerts: usize,
    pub findings: usize,
    pub audit: u64,
    /// Names of people, and the one password of all of them.
    pub login: Login,
}

/// Fills an empty folder; `now` is when the week ends.
pub async fn fill(dir: &Path, wish: &Wish, now: Timestamp) -> anyhow::Result<Made> {
    anyhow::ensure!(
        wish.devices >= DEVICES_AT_LEAST,
        "a demonstration needs {DEVICES_AT_LEAST} devices at least"
    );
    anyhow::ensure!((1..=14).contains(&wish.days), "choose 1 to 14 days");
    let start = now.saturating_sub(DAY * u32::try_from(wish.days)?);
    let mut site = Site::found(dir, wish, (start, now))?;
    let (reader, writer) = (site.store.reader(), site.store.writer());
    let login = people::arrive(&writer, start)?;
    site.enrol_all()?;
    let (orders, _nobody) = Orders::channel();
    let releases = Releases::new(&site.paths, reader.clone(), writer.clone(), orders)?;
    releases.take_up()?;
    updates::release(&releases, &site).await?;
    let live = site.live.subscribe();
    let (bulletin, _heard) = Bulletin::open(reader.clone(), writer.clone(), live.clone())?;
    let logbook = Logbook::open(None, writer.clone(), bulletin.clone());
    week::pass(&mut site, &bulletin, &logbook, &releases, now)?;
    trouble::answer(&bulletin, &writer, start, now)?;
    let risk = Risk::new(reader.clone(), writer.clone(), live);
    risk.load()?;
    findings::arrive(&risk, &site, now)?;
    demonstration::mark(&writer, &site.mark(wish, now))?;
    let counts = reader.counts()?;
    Ok(Made {
        members: site.seats.len(),
        without_node: site.strangers.len(),
        records: counts.records,
        alerts: reader.bulletin()?.alerts.len(),
        findings: risk.index().findings.len(),
        audit: counts.audit,
        login,
    })
}

impl Site {
    fn mark(&self, wish: &Wish, now: Timestamp) -> Mark {
        let silent = self.seats.iter().filter(|seat| seat.falls_silent);
        Mark {
            seed: wish.seed,
            days: wish.days,
            until_ms: now.as_millis(),
            silent: silent.map(|seat| seat.name.to_string()).collect(),
        }
    }
}

fn name(text: &str) -> protocol::text::Name {
    protocol::text::Name::new(text).expect("a short word is a name")
}

/// What somebody did, for the audit log.
fn act(at: Timestamp, who: &str, action: &str, object: &str) -> coordinator::store::audit::Act {
    coordinator::store::audit::Act {
        time: at,
        actor: name(who),
        action: name(action),
        object: protocol::text::Path::new(object).expect("a short line"),
        before: None,
        after: None,
        address: Some(name("10.20.0.15")),
        request: None,
    }
}
