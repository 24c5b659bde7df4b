//! Prints what a frame costs: `cargo run --profile quick -p replays --example flood`.
//!
//! A hundred thousand new connections a second, then a usual load of a thousand flows a second with ten packets each.

use std::fs;

use detect::rules::{Parameters, Rules};
use hearing::capture::{Link, Packet};
use hearing::flow::Nets;
use hearing::moment::Moment;
use lookout::observe::Watch;
use replays::traffic::segment;

fn resident_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4
}

/// Seconds that this program has had a core, whatever else the machine does.
fn cpu_s() -> f64 {
    let status = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = status
        .split(' ')
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or(f64::NAN) / 1e9
}

fn run(name: &str, count: u64, every_us: u64, make: impl Fn(u64) -> Vec<u8>) {
    let before_kb = resident_kb();
    let mut watch = Watch::new(Nets::private(), Rules::new(&Parameters::default()));
    let mut verdicts = 0;
    let before_s = cpu_s();
    for number in 0..count {
        let bytes = make(number);
        let at = Moment::from_micros(1_700_000_000_000_000 + number * every_us);
        let packet = Packet {
            at,
            link: Link::RawIp,
            bytes: &bytes,
            wire_bytes: 60,
        };
        verdicts += watch.take(&packet).len();
    }
    let spent = cpu_s() - before_s;
    let virtual_s = (count * every_us) as f64 / 1e6;
    println!(
        "{name}: {:.2} us a frame, {:.1} % of a core, {} KiB added, {verdicts} verdicts",
        spent * 1e6 / count as f64,
        100.0 * spent / virtual_s,
        resident_kb().saturating_sub(before_kb)
    );
}

fn main() {
    run("flood of 100,000 new flows/s", 1_000_000, 10, |number| {
        let number = number as u32;
        segment(0x0a00_0042, 0x0b00_0000 | number, (1, 23), 2)
    });
    run("flood from invented sources", 1_000_000, 10, |number| {
        let number = number as u32;
        segment(0x0a00_0000 | number, 0x0b00_0001, (1, 23), 2)
    });
    run("1,000 flows/s of ten packets", 300_000, 100, |number| {
        let (flow, step) = (number / 10, number % 10);
        let client = 0x0a00_0000 | (flow % 200) as u32;
        let ports = (20_000 + (flow % 40_000) as u16, 443);
        match step {
            0 => segment(client, 0x5db8_d822, ports, 0x02),
            1 => segment(0x5db8_d822, client, (443, ports.0), 0x12),
            8 => segment(client, 0x5db8_d822, ports, 0x11),
            9 => segment(0x5db8_d822, client, (443, ports.0), 0x11),
            _ => segment(client, 0x5db8_d822, ports, 0x10),
        }
    });
}
