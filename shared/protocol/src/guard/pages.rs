//! The pages of a node's own log about devices that run none: as much on each as a record holds.

use super::{Deed, Guard};
use crate::cbor;
use crate::heard::{Happening, Heard, Mac, Watched, What};
use crate::limits;
use crate::statement::Statement;
use crate::time::Now;

/// Pages of one look: a node that comes to a large segment describes it in the course of minutes.
const PAGES: usize = 3;

impl Guard {
    pub(super) fn write(&mut self, now: Now, deeds: &mut Vec<Deed>) {
        let page = || Heard {
            since: self.since.wall,
            ..Heard::default()
        };
        let mut pages = Vec::new();
        if std::mem::take(&mut self.ears_unsaid) {
            let ears = self.ears.clone();
            pages.push(Heard { ears, ..page() });
        }
        let empty = page();
        let events = self.events_to_say();
        for events in events.chunks(limits::HAPPENINGS_PER_RECORD) {
            let events = events.to_vec();
            pages.push(Heard {
                events,
                ..empty.clone()
            });
        }
        for lines in self.lines(now).chunks(limits::WATCHED_PER_RECORD) {
            let watched = lines.to_vec();
            pages.push(Heard {
                watched,
                ..empty.clone()
            });
        }
        self.describe(&empty, now, &mut pages);
        deeds.extend(pages.into_iter().map(Deed::Say));
    }

    fn describe(&mut self, empty: &Heard, now: Now, pages: &mut Vec<Heard>) {
        let hardware = self.hardware();
        let mut page = empty.clone();
        let mut full = 0;
        for (mac, charge) in &mut self.charges {
            let Some(device) = charge.description(now).filter(|_| !hardware.contains(mac)) else {
                continue;
            };
            page.devices.push(device.clone());
            if !fits(&page) {
                let device = page.devices.pop();
                pages.push(std::mem::replace(&mut page, empty.clone()));
                full += 1;
                if full == PAGES {
                    break;
                }
                page.devices.extend(device);
            }
            charge.was_described(now);
        }
        if !page.devices.is_empty() {
            pages.push(page);
        }
    }

    fn lines(&mut self, now: Now) -> Vec<Watched> {
        let me = self.me;
        let mut lines: Vec<Watched> = Vec::new();
        for with_others in [false, true] {
            if with_others && lines.is_empty() {
                break;
            }
            let due = self.charges.iter_mut();
            let due = due.filter_map(|(mac, charge)| charge.line(*mac, me, with_others, now));
            lines.extend(due.collect::<Vec<_>>());
        }
        lines
    }

    /// Guardians say what happened to their devices; whoever sees a member's hardware in it says so too.
    fn events_to_say(&mut self) -> Vec<Happening> {
        let hardware = self.hardware();
        let is_on_duty = |mac: &Mac| self.charges.get(mac).is_some_and(super::Charge::is_on_duty);
        let is_ours = |mac: &Mac| hardware.contains(mac) || self.is_own(*mac);
        let wanted = |what: &What| match what.about() {
            (None, _) => true,
            (Some(mac), None) => is_on_duty(&mac),
            (Some(mac), Some(other)) => [mac, other]
                .iter()
                .any(|mac| is_on_duty(mac) || is_ours(mac)),
        };
        let mut events: Vec<_> = self.events.iter().copied().collect();
        events.retain(|event| wanted(&event.what));
        self.events.clear();
        if let events_unsaid @ 1.. = std::mem::take(&mut self.unsaid)
            && let Some(last) = events.last().copied()
        {
            events.push(Happening {
                at: last.at,
                what: What::Unsaid {
                    events: events_unsaid,
                },
            });
        }
        events
    }
}

fn fits(page: &Heard) -> bool {
    page.devices.len() <= limits::HEARD_PER_RECORD
        && cbor::length(&Statement::Heard(page.clone())) <= limits::BODY_BYTES
}
