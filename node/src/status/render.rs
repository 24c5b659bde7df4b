//! The status as a few lines for a person.

use std::fmt::Write as _;

use super::{Coordinator, Direction, Judge, Place, Status};
use crate::wipe::Retired;

impl Status {
    /// The status for a person, against the present time.
    pub fn render_human(&self, now_ms: u64) -> String {
        let mut text = String::new();
        self.render(&mut text, now_ms)
            .expect("writing into a String cannot fail");
        text
    }

    fn render(&self, out: &mut String, now_ms: u64) -> std::fmt::Result {
        writeln!(
            out,
            "{} ({}, {}, cell {})",
            self.name, self.device, self.class, self.cell
        )?;
        writeln!(out, "as of        {}", ago(self.written_ms, now_ms))?;
        match &self.coordinator {
            Coordinator::Connected { since_ms, address } => {
                writeln!(
                    out,
                    "coordinator  connected to {address} for {}",
                    lasting(*since_ms, now_ms)
                )?;
            }
            Coordinator::Disconnected { since_ms } => {
                writeln!(
                    out,
                    "coordinator  not connected for {}",
                    lasting(*since_ms, now_ms)
                )?;
            }
        }
        let unlinked = if self.unlinked {
            ", begun without word from a witness"
        } else {
            ""
        };
        writeln!(out, "incarnation  {}{unlinked}", self.incarnation)?;
        let (last, stored) = (self.last_record, self.acknowledged);
        writeln!(
            out,
            "records      {} newest, {} stored, {} waiting",
            Shown(last),
            Shown(stored),
            self.backlog
        )?;
        writeln!(
            out,
            "membership   {}",
            until(self.membership_until_ms, now_ms)
        )?;
        if let Some(since_ms) = self.stale_since_ms {
            writeln!(
                out,
                "repository   stale for {}: the last good goes on, no new order is taken",
                lasting(since_ms, now_ms)
            )?;
        }
        self.render_rows(out, now_ms)
    }

    fn render_rows(&self, out: &mut String, now_ms: u64) -> std::fmt::Result {
        let watch = &self.watch;
        writeln!(
            out,
            "watched by   {} devices, watches {}, holds {} to be down (--explain tells more)",
            watch.witnesses.len(),
            watch.subjects.len(),
            watch.down.len()
        )?;
        writeln!(out, "hears        {}", self.hearing.in_short())?;
        for link in &self.links {
            let arrow = match link.direction {
                Direction::Inbound => "from",
                Direction::Outbound => "to",
            };
            let name = link.name.as_deref().unwrap_or(&link.device);
            writeln!(
                out,
                "link         {arrow} {name} at {} for {}",
                link.address,
                lasting(link.since_ms, now_ms)
            )?;
        }
        for refusal in &self.refusals {
            let (who, reason, at) = (&refusal.who, &refusal.reason, ago(refusal.at_ms, now_ms));
            match refusal.by {
                Judge::Us => writeln!(out, "refused      {who}: {reason}, {at}")?,
                Judge::Them => writeln!(out, "refused by   {who}: {reason}, {at}")?,
            }
        }
        Ok(())
    }
}

struct Shown(Option<Place>);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(Place {
                incarnation,
                sequence,
            }) => write!(f, "{incarnation}.{sequence}"),
            None => f.write_str("none"),
        }
    }
}

/// What `palisade-node status` says of a device that an administrator has retired.
pub fn retired(retired: &Retired, now_ms: u64) -> String {
    let (name, device, reason) = (&retired.name, &retired.device, &retired.reason);
    let ordered = ago(retired.ordered_ms, now_ms);
    let wiped = match retired.wiped_ms {
        Some(at_ms) => format!("keys and journal wiped {}", ago(at_ms, now_ms)),
        None => "keys and journal are not all gone: palisade-node run goes on".to_owned(),
    };
    format!("{name} ({device}) was retired by an administrator {ordered}: {reason}\n{wiped}")
}

fn ago(at_ms: u64, now_ms: u64) -> String {
    format!("{} ago", lasting(at_ms, now_ms))
}

pub(super) fn lasting(since_ms: u64, now_ms: u64) -> String {
    span(now_ms.saturating_sub(since_ms))
}

fn until(at_ms: u64, now_ms: u64) -> String {
    match at_ms.checked_sub(now_ms) {
        Some(left) => format!("ends in {}", span(left)),
        None => format!("over for {}", lasting(at_ms, now_ms)),
    }
}

fn span(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
