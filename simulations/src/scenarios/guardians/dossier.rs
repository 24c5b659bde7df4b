//! The dossiers as the coordinator's store shows them, and where they have a hole.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use protocol::heard::{Cite, Mac, Watched};
use protocol::id::DeviceId;

use crate::fleet::BEGINNING;
use crate::world::{Dumb, World};

/// A time that nobody answers for may be no longer than it takes to notice a death.
const HOLE_MS: u64 = 20_000;
/// Lines are written once a minute, and a little later where others are due soon.
const UNWRITTEN_MS: u64 = 75_000;

/// One line with its author and where it stands.
#[derive(Debug, Clone, Copy)]
struct Line {
    cite: Cite,
    from_ms: u64,
    until_ms: u64,
    cites: Option<Cite>,
}

/// Why a dossier is not whole.
#[derive(Debug)]
#[expect(
    dead_code,
    reason = "people read it in the words of a check that failed"
)]
pub(super) enum Gap {
    /// There is no line at all.
    Empty(Mac),
    /// Nobody answers for this time.
    Hole {
        mac: Mac,
        from_ms: u64,
        until_ms: u64,
    },
    /// Only one answers for a moment at which two should.
    Single { mac: Mac, at_ms: u64 },
    /// A new guardian's first line names no line before it, or one that is not there.
    Cite { mac: Mac, by: DeviceId },
}

#[derive(Debug)]
pub(super) struct Dossiers(BTreeMap<Mac, Vec<Line>>);

impl Dossiers {
    pub(super) fn read(world: &World) -> Self {
        let mut dossiers: BTreeMap<Mac, Vec<Line>> = BTreeMap::new();
        for (guardian, position, page) in world.store().heard() {
            let cite = Cite {
                guardian: *guardian,
                position: *position,
            };
            let skew_ms = world
                .seat_of(*guardian)
                .map_or(0, |seat| world.skew_ms(seat));
            for watched in &page.watched {
                let line = line(watched, cite, skew_ms);
                dossiers.entry(watched.mac).or_default().push(line);
            }
        }
        for lines in dossiers.values_mut() {
            lines.sort_by_key(|line| (line.from_ms, line.until_ms));
        }
        Self(dossiers)
    }

    pub(super) fn lines(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    pub(super) fn gaps(
        &self,
        world: &World,
        dumb: &[Dumb],
        deaths: &BTreeMap<usize, u64>,
        away_ms: u64,
    ) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for one in dumb {
            let Some(lines) = self.0.get(&one.mac) else {
                gaps.push(Gap::Empty(one.mac));
                continue;
            };
            let died = deaths.iter().find(|(seat, _)| {
                world
                    .ground()
                    .behind(one.switch, world.size())
                    .contains(seat)
            });
            let died_ms = died.map_or(u64::MAX, |(_, at_ms)| *at_ms);
            let end_ms = world.now_ms() - UNWRITTEN_MS;
            gaps.extend(hole(one.mac, lines, end_ms));
            let excused = away_ms.min(died_ms) - UNWRITTEN_MS..died_ms.saturating_add(HOLE_MS);
            gaps.extend(single(one.mac, lines, &excused, end_ms));
            let dead = died.map(|(seat, _)| world.device(*seat));
            gaps.extend(uncited(one.mac, lines, dead));
        }
        gaps
    }
}

fn line(watched: &Watched, cite: Cite, skew_ms: i64) -> Line {
    let true_ms = |wall: u64| {
        wall.saturating_sub(BEGINNING.as_millis())
            .saturating_add_signed(-skew_ms)
    };
    Line {
        cite,
        from_ms: true_ms(watched.from.as_millis()),
        until_ms: true_ms(watched.until.as_millis()),
        cites: watched.cites,
    }
}

/// The first time for which no guardian answers, from the first line on.
fn hole(mac: Mac, lines: &[Line], end_ms: u64) -> Option<Gap> {
    let mut covered_ms = lines.first()?.until_ms;
    for line in lines {
        if line.from_ms > covered_ms + HOLE_MS {
            let (from_ms, until_ms) = (covered_ms, line.from_ms);
            return Some(Gap::Hole {
                mac,
                from_ms,
                until_ms,
            });
        }
        covered_ms = covered_ms.max(line.until_ms);
    }
    let until_ms = end_ms;
    (covered_ms < end_ms).then_some(Gap::Hole {
        mac,
        from_ms: covered_ms,
        until_ms,
    })
}

/// The first second for which fewer than two answer. Left out is the time of which the dead one's lines lie on its disk
/// alone: those that it wrote while nobody was there to collect them, and until it was replaced.
fn single(mac: Mac, lines: &[Line], excused: &Range<u64>, end_ms: u64) -> Option<Gap> {
    let begins: BTreeMap<DeviceId, u64> = lines
        .iter()
        .rev()
        .map(|line| (line.cite.guardian, line.from_ms))
        .collect();
    let mut begins: Vec<u64> = begins.into_values().collect();
    begins.sort_unstable();
    let second_ms = *begins.get(1)?;
    let alone = |at_ms: &u64| {
        let who = lines
            .iter()
            .filter(|line| (line.from_ms..=line.until_ms).contains(at_ms));
        let who: BTreeSet<DeviceId> = who.map(|line| line.cite.guardian).collect();
        who.len() < 2
    };
    let mut moments = (second_ms..end_ms).step_by(1_000);
    let at_ms = moments.find(|at_ms| !excused.contains(at_ms) && alone(at_ms))?;
    Some(Gap::Single { mac, at_ms })
}

/// Whoever writes its first line after another's knows of one that is there. The last lines of a dead guardian may lie on
/// its disk alone, since nobody was there to collect them: then the name of such a line shows what is missing.
fn uncited(mac: Mac, lines: &[Line], dead: Option<DeviceId>) -> Vec<Gap> {
    let places: BTreeSet<(DeviceId, _)> = lines
        .iter()
        .map(|line| (line.cite.guardian, line.cite.position))
        .collect();
    let mut gaps = Vec::new();
    let mut seen = BTreeSet::new();
    let mut by_end: Vec<&Line> = lines.iter().collect();
    by_end.sort_by_key(|line| line.until_ms);
    let first_end_ms = by_end.first().map_or(0, |line| line.until_ms);
    for line in by_end {
        let is_first = seen.insert(line.cite.guardian);
        // Two who begin at the same moment know of no line of each other.
        let late = line.until_ms > first_end_ms + HOLE_MS;
        let missing = line.cites.is_none() && is_first && late;
        let dangling = line
            .cites
            .filter(|cite| Some(cite.guardian) != dead)
            .is_some_and(|cite| !places.contains(&(cite.guardian, cite.position)));
        if missing || dangling {
            let by = line.cite.guardian;
            gaps.push(Gap::Cite { mac, by });
        }
    }
    gaps
}
