//! A device's figures over time, and what ran on it last.

use std::time::Duration;

use language::say;
use protocol::statement::host::{Port, Process, Reach, Reading, Transport};
use protocol::time::Timestamp;
use ui::links::Range;
use ui::pages::device::TelemetryView;
use ui::pages::device::telemetry::{self, Disk, Interface, ListeningPort};
use ui::parts::chart::Point;

use crate::live::LiveDevice;
use crate::store::samples::metric::Metric;
use crate::web::error::WebError;
use crate::web::{Web, wall};

/// Points of one line.
const POINTS: usize = 180;
/// Seconds between two readings of a node.
const PERIOD_S: f64 = 10.0;
/// A line is broken where points are missing for this many steps.
const GAP_STEPS: u64 = 3;

pub fn view(web: &Web, device: &LiveDevice, range: Range) -> Result<TelemetryView, WebError> {
    let latest = web.reader.latest(&device.device)?;
    let reading = latest.reading.map(|reading| reading.value);
    let until = wall();
    let line = |metric, scale: f64| line(web, device, metric, range, until, scale);
    let [received, sent] = [
        line(Metric::ReceivedBytes, 1.0 / PERIOD_S)?,
        line(Metric::SentBytes, 1.0 / PERIOD_S)?,
    ];
    let fullest = line(Metric::DiskUsedPermille, 1.0 / 1000.0)?;
    let processes = latest.processes.as_ref();
    Ok(TelemetryView {
        range,
        until_ms: until.as_millis(),
        cpu_percent: line(Metric::CpuPermille, 0.1)?,
        memory_bytes: line(Metric::MemoryUsedKib, 1024.0)?,
        memory_total: reading
            .as_ref()
            .map(|reading| reading.memory_total_kib * 1024),
        temperature_celsius: line(Metric::TemperatureMc, 0.001)?,
        disks: reading
            .as_ref()
            .map(|reading| disks(reading, &fullest))
            .unwrap_or_default(),
        interfaces: interfaces(received, sent),
        snapshot_ms: processes.map(|processes| processes.time.as_millis()),
        processes: processes
            .map(|said| said.value.iter().map(process).collect())
            .unwrap_or_default(),
        ports: latest
            .ports
            .map(|said| said.value.iter().map(port).collect())
            .unwrap_or_default(),
    })
}

fn line(
    web: &Web,
    device: &LiveDevice,
    metric: Metric,
    range: Range,
    until: Timestamp,
    scale: f64,
) -> Result<Vec<Point>, WebError> {
    let from = until.saturating_sub(Duration::from_millis(range.span_ms()));
    let series = web
        .reader
        .series(&device.device, metric, from, until, POINTS)?;
    let known = series
        .iter()
        .map(|point| (point.time.as_millis(), point.mean as f64 * scale));
    Ok(with_gaps(
        &known.collect::<Vec<_>>(),
        range.span_ms() / POINTS as u64,
    ))
}

/// A point without a value wherever the line must not be drawn through.
fn with_gaps(known: &[(u64, f64)], step_ms: u64) -> Vec<Point> {
    let mut points = Vec::with_capacity(known.len());
    let mut before: Option<u64> = None;
    for &(at_ms, value) in known {
        if let Some(before) = before.filter(|before| at_ms - before > step_ms * GAP_STEPS) {
            points.push(Point {
                at_ms: before + step_ms,
                value: None,
            });
        }
        points.push(Point {
            at_ms,
            value: Some(value),
        });
        before = Some(at_ms);
    }
    points
}

/// Only the fullest disk has a past: the store keeps its share.
fn disks(reading: &Reading, fullest: &[Point]) -> Vec<Disk> {
    let share = |disk: &protocol::statement::host::Disk| {
        u128::from(disk.used_mib) * 1000 / u128::from(disk.total_mib.max(1))
    };
    let most = reading.disks.iter().map(share).max();
    let line = |total: u64| {
        let bytes = |point: &Point| Point {
            value: point.value.map(|share| share * total as f64),
            ..*point
        };
        fullest.iter().map(bytes).collect()
    };
    let disk = |disk: &protocol::statement::host::Disk| {
        let total = disk.total_mib.saturating_mul(1 << 20);
        Disk {
            mount: disk.mount.to_string(),
            used: disk.used_mib.saturating_mul(1 << 20),
            total,
            points: if Some(share(disk)) == most {
                line(total)
            } else {
                Vec::new()
            },
        }
    };
    reading.disks.iter().map(disk).collect()
}

/// The store keeps the sums over all interfaces.
fn interfaces(received: Vec<Point>, sent: Vec<Point>) -> Vec<Interface> {
    if received.is_empty() && sent.is_empty() {
        return Vec::new();
    }
    let all = Interface {
        name: say!("all interfaces").to_owned(),
        received,
        sent,
    };
    vec![all]
}

fn process(process: &Process) -> telemetry::Process {
    telemetry::Process {
        name: process.name.to_string(),
        count: process.count,
        memory_bytes: process.memory_kib.saturating_mul(1024),
    }
}

fn port(port: &Port) -> ListeningPort {
    let protocol = match port.transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    };
    let address = match port.reach {
        Reach::Loopback => say!("this device only"),
        Reach::Network => say!("the network"),
    };
    ListeningPort {
        protocol: protocol.to_owned(),
        address: address.to_owned(),
        port: port.number,
        process: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_readings_are_missing() {
        let points = with_gaps(&[(0, 1.0), (10, 2.0), (100, 3.0)], 10);
        let values: Vec<_> = points.iter().map(|point| point.value).collect();
        assert_eq!(values, [Some(1.0), Some(2.0), None, Some(3.0)]);
    }
}
