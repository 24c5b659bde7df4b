//! One device that may have to be guarded: what is known of it here, and the duty of a guardian.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Deed, Guard, Guarded, Line, Told, guardians};
use crate::class::DeviceClass;
use crate::class::template::Calls;
use crate::heard::{Address, Cite, Device, Happening, Mac, Means, Met, Presence, Watched, What};
use crate::id::DeviceId;
use crate::record::Position;
use crate::time::{Instant, Now, Timestamp};

/// A device that was not met for so long is called.
pub const QUIET: Duration = Duration::from_secs(60);
/// So many calls without an answer, and it is gone.
pub const CALLS: u8 = 3;
/// Between two calls.
pub const PAUSE: Duration = Duration::from_secs(3);

/// A device that cannot be called is gone when nothing was heard for so long.
const UNHEARD: Duration = Duration::from_secs(600);
/// Whoever takes over calls at once, unless it has heard the device within this time.
const FRESH: Duration = Duration::from_secs(10);
/// The first line is written so soon after the duty began, so that it can say how the device was met.
const FIRST_LINE: Duration = Duration::from_secs(4);
/// Between two lines.
const LINE: Duration = Duration::from_secs(60);
/// Lines that are due so soon go into the same record.
const TOGETHER: Duration = Duration::from_secs(10);
/// A device says within this time after it was first heard what it has to say of itself.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// Between two descriptions of one device.
const DESCRIPTION: Duration = Duration::from_secs(30);
/// Heard for less than this, it is nobody's acquaintance.
const ACQUAINTANCE: Duration = Duration::from_secs(10);
/// Silent for longer, it gives its place to others.
const FORGOTTEN: Duration = Duration::from_secs(30 * 86_400);

#[derive(Debug)]
pub(super) struct Charge {
    known: Instant,
    /// Where this node hears it, and where those who told of it are heard.
    heard_on: Option<u32>,
    told_on: Option<u32>,
    /// As it is heard here, and when: by both clocks.
    device: Option<Device>,
    heard: Option<Now>,
    /// As it was last described in the own log.
    described: Option<(Device, Instant)>,
    /// What others told: how to reach it, and how gently.
    reach: (Option<Address>, Option<DeviceClass>),
    /// The newest line of another, and of this node.
    others: Option<(Cite, Timestamp)>,
    own: Option<Line>,
    guardians: Vec<DeviceId>,
    duty: Option<Duty>,
}

/// What a guardian keeps in mind.
#[derive(Debug)]
struct Duty {
    /// Where the next line begins.
    from: Timestamp,
    line: Instant,
    presence: Presence,
    said: Presence,
    met: Option<Met>,
    /// When it was last met in this duty, or else when the duty began.
    quiet_since: Instant,
    calls: u8,
    next_call: Option<Instant>,
}

impl Charge {
    pub(super) const fn new(now: Now) -> Self {
        Self {
            known: now.monotonic,
            heard_on: None,
            told_on: None,
            device: None,
            heard: None,
            described: None,
            reach: (None, None),
            others: None,
            own: None,
            guardians: Vec::new(),
            duty: None,
        }
    }

    pub(super) const fn known_since(&self) -> Instant {
        self.known
    }

    pub(super) const fn heard_on(&self) -> Option<u32> {
        self.heard_on
    }

    pub(super) fn segment(&self) -> Option<u32> {
        self.heard_on.or(self.told_on)
    }

    pub(super) fn view(&self, mac: Mac) -> Guarded<'_> {
        Guarded {
            mac,
            device: self.device.as_ref(),
            guardians: &self.guardians,
            presence: self.duty.as_ref().map(|duty| duty.presence),
        }
    }

    /// Whether it was heard so briefly, or so long ago, that another may have its place.
    pub(super) fn is_fleeting(&self, now: Now) -> bool {
        let Some(device) = &self.device else {
            return self.others.is_none() && self.own.is_none();
        };
        let heard = self.heard.map_or(self.known, |heard| heard.monotonic);
        device.last.since(device.first) < ACQUAINTANCE || now.monotonic.since(heard) >= FORGOTTEN
    }

    /// Says whether others should know.
    pub(super) fn hear(&mut self, segment: u32, device: Device, now: Now) -> bool {
        let age = now.wall.since(device.last);
        let heard = Now {
            monotonic: now.monotonic - age,
            wall: device.last.min(now.wall),
        };
        let is_newer = self.heard.is_none_or(|before| before.wall < heard.wall);
        let reach = (address_of(&device), Some(device.class));
        let is_news = self.heard_on != Some(segment) || self.reach != reach;
        self.reach = (reach.0.or(self.reach.0), reach.1);
        self.heard_on = Some(segment);
        self.device = Some(device);
        if is_newer {
            self.heard = Some(heard);
            if let Some(duty) = &mut self.duty {
                duty.meet(Means::Heard, heard);
            }
        }
        is_news
    }

    pub(super) fn told(&mut self, by: DeviceId, segment: u32, told: &Told) {
        self.told_on.get_or_insert(segment);
        if self.device.is_none() {
            // Of two who tell differently the gentler is believed.
            let gentle = |class: &DeviceClass| is_gentle(*class);
            let class = self.reach.1.filter(gentle).unwrap_or(told.class);
            self.reach = (told.address.or(self.reach.0), Some(class));
        }
        if let Some(line) = told.line {
            let cite = Cite {
                guardian: by,
                position: line.position,
            };
            self.others = Some(Guard::newer(self.others, (cite, line.until)));
        }
    }

    /// What others are to know, if this node hears the device or has written of it.
    pub(super) fn tell(&self, mac: Mac) -> Option<Told> {
        let known = self.heard_on.is_some() || self.own.is_some();
        known.then(|| Told {
            mac,
            address: self.reach.0,
            class: self.reach.1.unwrap_or(DeviceClass::Other),
            line: self.own,
        })
    }

    /// It belongs to a member.
    pub(super) fn leave(&mut self) {
        (self.duty, self.guardians) = (None, Vec::new());
    }

    pub(super) fn assign(
        &mut self,
        mac: Mac,
        panel: &[DeviceId],
        me: DeviceId,
        living: &BTreeSet<DeviceId>,
        now: Now,
    ) {
        let is_lost = |one: &DeviceId| *one != me && !living.contains(one);
        let cited = self.others.map(|(cite, _)| cite.guardian);
        let bereft = self.guardians.iter().chain(&cited).any(is_lost);
        self.guardians = guardians(mac, panel);
        if !self.guardians.contains(&me) {
            // The last line is written first.
            if let Some(duty) = &mut self.duty {
                duty.line = now.monotonic;
            }
            return;
        }
        if self.duty.is_none() {
            self.begin(bereft, now);
        }
    }

    fn begin(&mut self, bereft: bool, now: Now) {
        let recent = now.wall.saturating_sub(QUIET);
        let heard = self.heard.filter(|heard| heard.wall >= recent);
        let fresh = heard.filter(|heard| now.monotonic.since(heard.monotonic) < FRESH);
        let met = heard.map(|heard| Met {
            at: heard.wall,
            means: Means::Heard,
        });
        let call = bereft && fresh.is_none();
        self.duty = Some(Duty {
            from: heard.map_or(now.wall, |heard| heard.wall),
            line: now.monotonic + FIRST_LINE,
            presence: if met.is_some() {
                Presence::There
            } else {
                Presence::Unmet
            },
            said: Presence::Unmet,
            met,
            quiet_since: heard.map_or(now.monotonic, |heard| heard.monotonic),
            calls: 0,
            next_call: call.then_some(now.monotonic),
        });
    }

    pub(super) fn met(&mut self, means: Means, now: Now) {
        if let Some(duty) = &mut self.duty {
            duty.meet(means, now);
        }
    }

    /// Calls it, if that is due and there is a way that its class allows.
    pub(super) fn call(
        &mut self,
        mac: Mac,
        able: &dyn Fn(Means) -> bool,
        now: Now,
    ) -> Option<Deed> {
        let ways: Vec<Means> = self.ways().into_iter().filter(|way| able(*way)).collect();
        let (address, ports) = (self.reach.0, self.ports());
        let duty = self.duty.as_mut()?;
        if duty.next_call.is_none() && now.monotonic.since(duty.quiet_since) >= QUIET {
            duty.next_call = Some(now.monotonic);
        }
        duty.next_call.filter(|due| *due <= now.monotonic)?;
        let Some((address, way)) =
            address.zip(ways.get(usize::from(duty.calls) % ways.len().max(1)))
        else {
            duty.wait_for_a_word(now);
            return None;
        };
        if duty.calls == CALLS {
            duty.give_up(now);
        }
        duty.calls += 1;
        let pause = if duty.presence == Presence::Gone {
            QUIET
        } else {
            PAUSE
        };
        duty.next_call = Some(now.monotonic + pause);
        Some(Deed::Call {
            mac,
            address,
            means: *way,
            ports,
        })
    }

    /// As its class allows: controllers and medical devices are asked for their hardware address and nothing else.
    fn ways(&self) -> Vec<Means> {
        let v4 = self.reach.0.is_some_and(|address| address.ip().is_ipv4());
        let mut ways = Vec::new();
        if v4 {
            ways.push(Means::Arp);
        }
        if !self.reach.1.is_some_and(is_gentle) {
            ways.push(Means::Icmp);
            if !self.ports().is_empty() {
                ways.push(Means::Tcp);
            }
        }
        ways
    }

    fn ports(&self) -> Vec<u16> {
        let device = self.device.as_ref();
        device
            .map(|device| device.ports.clone())
            .unwrap_or_default()
    }

    /// That it is gone, or back.
    pub(super) fn turned(&mut self, mac: Mac, now: Now) -> Option<Happening> {
        let duty = self.duty.as_mut()?;
        let before = std::mem::replace(&mut duty.said, duty.presence);
        let what = match (before, duty.presence) {
            (Presence::There | Presence::Unmet, Presence::Gone) => What::Gone { mac },
            (Presence::Gone, Presence::There) => What::Back { mac },
            _ => return None,
        };
        duty.line = now.monotonic;
        Some(Happening { at: now.wall, what })
    }

    pub(super) const fn is_on_duty(&self) -> bool {
        self.duty.is_some()
    }

    /// The next line, if it is due, or if others are and it soon would be.
    pub(super) fn line(
        &mut self,
        mac: Mac,
        me: DeviceId,
        with_others: bool,
        now: Now,
    ) -> Option<Watched> {
        let duty = self.duty.as_mut()?;
        let margin = if with_others {
            TOGETHER
        } else {
            Duration::ZERO
        };
        if duty.line > now.monotonic + margin {
            return None;
        }
        let others = self.others.map(|(cite, _)| cite);
        let own = self.own.map(|line| Cite {
            guardian: me,
            position: line.position,
        });
        let line = Watched {
            mac,
            from: duty.from,
            until: now.wall.max(duty.from),
            presence: duty.presence,
            met: duty.met,
            cites: others.or(own),
        };
        duty.from = line.until;
        duty.line = now.monotonic + LINE;
        if !self.guardians.contains(&me) {
            self.duty = None;
        }
        Some(line)
    }

    pub(super) fn said(&mut self, position: Position, until: Timestamp) {
        self.own = Some(Line { position, until });
    }

    /// What is to be said of it: nothing while it introduces itself, or if all was said.
    pub(super) fn description(&self, now: Now) -> Option<&Device> {
        let device = self.device.as_ref()?;
        let due = match &self.described {
            None => now.monotonic.since(self.known) >= INTRODUCTION,
            Some((said, at)) => {
                now.monotonic.since(*at) >= DESCRIPTION && !said.says_the_same(device)
            }
        };
        due.then_some(device)
    }

    pub(super) fn was_described(&mut self, now: Now) {
        self.described = self.device.clone().map(|device| (device, now.monotonic));
    }
}

impl Duty {
    fn meet(&mut self, means: Means, at: Now) {
        if self.met.is_some_and(|met| met.at >= at.wall) {
            return;
        }
        self.met = Some(Met { at: at.wall, means });
        (self.presence, self.calls, self.next_call) = (Presence::There, 0, None);
        self.quiet_since = self.quiet_since.max(at.monotonic);
    }

    fn give_up(&mut self, now: Now) {
        self.presence = Presence::Gone;
        self.next_call = Some(now.monotonic + QUIET);
    }

    /// There is no way to call it.
    fn wait_for_a_word(&mut self, now: Now) {
        self.next_call = None;
        if now.monotonic.since(self.quiet_since) >= UNHEARD {
            self.presence = Presence::Gone;
        }
    }
}

/// IPv4 first: that is what ARP asks for.
fn address_of(device: &Device) -> Option<Address> {
    let mut addresses = device.addresses.iter();
    let v4 = addresses.clone().find(|address| address.ip().is_ipv4());
    v4.or_else(|| addresses.next()).copied()
}

const fn is_gentle(class: DeviceClass) -> bool {
    matches!(class.template().calls, Calls::HardwareOnly)
}
