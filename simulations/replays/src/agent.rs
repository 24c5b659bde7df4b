//! `agent`: what the lookout of a node costs, in memory and in time of one core: a thousand flows a second, then floods.
//!
//! Frames are made up and go the way of a node's own, from the header to profiles and rules, in virtual time: nothing is
//! asked of a network. `ops/bench-flows` measures the same on real nodes.

use std::fs;

use hearing::capture::{Link, Packet};
use hearing::flow::Nets;
use hearing::frame::Frame;
use hearing::moment::Moment;
use lookout::lookout::{Lookout, Settings};

use crate::traffic::segment;

/// What goal G18 must reach: megabytes added, and percent of one core at a thousand flows a second.
const MUST_MB: f64 = 8.0;
const MUST_PERCENT: f64 = 3.0;
/// Packets of one flow.
const STEPS: u64 = 10;
/// Profiles are told of so often, in frames.
const PAGES: u64 = 100_000;
/// Habits of a page, as nodes tell them.
const HABITS: usize = 12;

/// How long each part goes on, in virtual seconds.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    pub usual_s: u64,
    pub flood_s: u64,
}

impl Default for Length {
    fn default() -> Self {
        Self {
            usual_s: 300,
            flood_s: 10,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Metrics {
    /// At a thousand flows a second of ten packets each, from two hundred devices.
    pub usual: Cost,
    /// A hundred thousand new flows a second from one source, and from as many as there are packets.
    pub flood: Cost,
    pub invented_sources: Cost,
    pub must_added_mb: f64,
    pub must_percent_of_a_core: f64,
    /// Whether this program was built to be fast; the figures of another say nothing of the time.
    pub optimised: bool,
    /// Whether the usual load stays below both, and the floods below the first.
    pub holds: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Cost {
    pub frames: u64,
    pub us_a_frame: f64,
    /// Of one core, were the frames to come as fast as they say.
    pub percent_of_a_core: f64,
    /// Pages of this process that were not there before.
    pub added_mb: f64,
    pub flows: u64,
    pub devices: usize,
}

/// Measures on this machine; whatever else runs in this process counts as well.
pub fn agent(length: Length) -> Metrics {
    let usual = run(length.usual_s * 1_000 * STEPS, 1_000 / STEPS, usual);
    let flood_frames = length.flood_s * 100_000;
    let flood = run(flood_frames, 10, |number| {
        segment(0x0a00_0042, 0x0b00_0000 | number as u32, (1, 23), 2)
    });
    let invented_sources = run(flood_frames, 10, |number| {
        segment(0x0a00_0000 | number as u32, 0x0b00_0001, (1, 23), 2)
    });
    let fits = |cost: &Cost| cost.added_mb <= MUST_MB;
    Metrics {
        usual,
        flood,
        invented_sources,
        must_added_mb: MUST_MB,
        must_percent_of_a_core: MUST_PERCENT,
        optimised: !cfg!(debug_assertions),
        holds: [&usual, &flood, &invented_sources].into_iter().all(fits)
            && usual.percent_of_a_core <= MUST_PERCENT,
    }
}

/// A frame of a thousand flows a second.
fn usual(number: u64) -> Vec<u8> {
    let (flow, step) = (number / STEPS, number % STEPS);
    let client = 0x0a00_0002 + (flow % 200) as u32;
    let server = 0x5db8_d800 + (flow % 40) as u32;
    let port = 20_000 + (flow % 40_000) as u16;
    match step {
        0 => segment(client, server, (port, 443), 0x02),
        1 => segment(server, client, (443, port), 0x12),
        8 => segment(client, server, (port, 443), 0x11),
        9 => segment(server, client, (443, port), 0x11),
        _ => segment(client, server, (port, 443), 0x10),
    }
}

fn run(frames: u64, every_us: u64, make: impl Fn(u64) -> Vec<u8>) -> Cost {
    let before_kb = resident_kb();
    let mut lookout = Lookout::new(&Settings::default(), Nets::private(), Vec::new());
    let before_s = cpu_s();
    let mut most_kb = before_kb;
    for number in 0..frames {
        hear(&mut lookout, number * every_us, &make(number));
        if number % PAGES == 0 {
            lookout.firings().for_each(drop);
            lookout.pages(HABITS);
            most_kb = most_kb.max(resident_kb());
        }
    }
    let spent = cpu_s() - before_s;
    most_kb = most_kb.max(resident_kb());
    let totals = lookout.totals();
    let virtual_s = (frames * every_us) as f64 / 1e6;
    Cost {
        frames,
        us_a_frame: spent * 1e6 / frames.max(1) as f64,
        percent_of_a_core: 100.0 * spent / virtual_s,
        added_mb: most_kb.saturating_sub(before_kb) as f64 / 1_024.0,
        flows: totals.flows,
        devices: totals.devices,
    }
}

fn hear(lookout: &mut Lookout, after_us: u64, bytes: &[u8]) {
    let at = Moment::from_micros(1_700_000_000_000_000 + after_us);
    let packet = Packet {
        at,
        link: Link::RawIp,
        bytes,
        wire_bytes: 60,
    };
    if let Ok(frame) = Frame::of(&packet) {
        lookout.hear(at, &frame);
    }
}

fn resident_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1);
    let pages = pages.and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4
}

/// Seconds that this thread has had a core, whatever else the machine does.
fn cpu_s() -> f64 {
    let status = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = status.split(' ').next();
    let nanos = nanos.and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or(f64::NAN) / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_flows_a_second_are_a_thousand_flows_and_a_flood_keeps_to_its_bounds() {
        let length = Length {
            usual_s: 10,
            flood_s: 1,
        };
        let found = agent(length);
        assert_eq!((found.usual.frames, found.usual.flows), (100_000, 10_000));
        assert_eq!(found.usual.devices, lookout::limits::DEVICES);
        assert_eq!(found.flood.flows, 100_000);
        assert!(found.invented_sources.devices <= lookout::limits::DEVICES);
        assert_eq!(found.optimised, !cfg!(debug_assertions));
        assert!(found.usual.percent_of_a_core > 0.0, "{found:?}");
    }
}
