//! The second tab of a device: its readings as charts, its processes and its open ports.

use language::say;
use maud::{Markup, html};

use super::DeviceHeader;
use crate::layout::Shell;
use crate::links::{self, Range};
use crate::parts::chart::{Chart, Line, Point, chart};
use crate::parts::quantity::{Unit, bytes, usage};
use crate::parts::sentence::sentence;
use crate::parts::text::{code, foreign};
use crate::parts::time::ago;

#[derive(Debug, Clone, Default)]
pub struct TelemetryView {
    pub range: Range,
    /// The end of the window, which is `range` long.
    pub until_ms: u64,
    pub cpu_percent: Vec<Point>,
    pub memory_bytes: Vec<Point>,
    pub memory_total: Option<u64>,
    pub temperature_celsius: Vec<Point>,
    pub disks: Vec<Disk>,
    pub interfaces: Vec<Interface>,
    /// When processes and ports were read, and what they were.
    pub snapshot_ms: Option<u64>,
    pub processes: Vec<Process>,
    pub ports: Vec<ListeningPort>,
}

#[derive(Debug, Clone)]
pub struct Disk {
    pub mount: String,
    pub used: u64,
    pub total: u64,
    /// Used bytes over time.
    pub points: Vec<Point>,
}

#[derive(Debug, Clone)]
pub struct Interface {
    pub name: String,
    /// Bytes per second.
    pub received: Vec<Point>,
    pub sent: Vec<Point>,
}

#[derive(Debug, Clone)]
pub struct Process {
    pub name: String,
    /// How many run under this name.
    pub count: u16,
    pub memory_bytes: u64,
}

#[derive(Debug, Clone)]
pub struct ListeningPort {
    pub protocol: String,
    pub address: String,
    pub port: u16,
    pub process: Option<String>,
}

pub fn content(shell: &Shell, header: &DeviceHeader, view: &TelemetryView) -> Markup {
    html! {
        (ranges(header, view.range))
        @if is_empty(view) {
            (crate::parts::text::empty(
                say!("No readings in this range"),
                say!("A node sends its first readings within a minute of joining. Older ones may lie in a longer range."),
                &html! {},
            ))
        } @else {
            div.charts { (charts(view)) }
        }
        (snapshot(shell, view))
    }
}

fn ranges(header: &DeviceHeader, active: Range) -> Markup {
    html! {
        nav.segments.ranges aria-label=(say!("Range")) {
            @for range in Range::ALL {
                a href=(links::device_telemetry(&header.id, range)) aria-current=[(range == active).then_some("true")] { (range.slug()) }
            }
            span.quiet { (say!("times in UTC")) }
        }
    }
}

fn is_empty(view: &TelemetryView) -> bool {
    let series = [
        &view.cpu_percent,
        &view.memory_bytes,
        &view.temperature_celsius,
    ];
    series.iter().all(|points| points.is_empty())
        && view.disks.is_empty()
        && view.interfaces.is_empty()
}

fn charts(view: &TelemetryView) -> Markup {
    let memory = match view.memory_total {
        Some(total) => say!("Memory of {size}", size = bytes(total as f64)),
        None => say!("Memory").to_owned(),
    };
    html! {
        (one(view, "CPU", Unit::Percent, &[("CPU", &view.cpu_percent)]))
        (one(view, &memory, Unit::Bytes, &[(say!("Memory"), &view.memory_bytes)]))
        @if !view.temperature_celsius.is_empty() {
            (one(view, say!("Temperature"), Unit::Celsius, &[(say!("Temperature"), &view.temperature_celsius)]))
        }
        @for interface in &view.interfaces {
            (one(view, &say!("Traffic on {interface}", interface = interface.name), Unit::BytesPerSecond,
                &[(say!("received"), &interface.received), (say!("sent"), &interface.sent)]))
        }
        @for disk in &view.disks {
            div.disk {
                p { (sentence!("Disk {mount} {usage}", mount = code(&disk.mount), usage = usage(&say!("Disk {mount} used", mount = disk.mount), disk.used, disk.total))) }
                @if !disk.points.is_empty() {
                    (one(view, &say!("Used on {mount}", mount = disk.mount), Unit::Bytes, &[(say!("used"), &disk.points)]))
                }
            }
        }
    }
}

fn one(view: &TelemetryView, title: &str, unit: Unit, series: &[(&str, &Vec<Point>)]) -> Markup {
    let lines: Vec<_> = series
        .iter()
        .map(|(label, points)| Line { label, points })
        .collect();
    let from_ms = view.until_ms.saturating_sub(view.range.span_ms());
    chart(&Chart {
        title,
        unit,
        from_ms,
        to_ms: view.until_ms,
        lines: &lines,
    })
}

fn snapshot(shell: &Shell, view: &TelemetryView) -> Markup {
    let Some(at_ms) = view.snapshot_ms else {
        return html! {};
    };
    html! {
        div.columns {
            section.card aria-labelledby="processes-title" {
                h2 #processes-title { (say!("Processes")) span.quiet { (ago(shell.now_ms, at_ms)) } }
                (processes(&view.processes))
            }
            section.card aria-labelledby="ports-title" {
                h2 #ports-title { (say!("Listening ports")) span.quiet { (ago(shell.now_ms, at_ms)) } }
                (ports(&view.ports))
            }
        }
    }
}

fn processes(processes: &[Process]) -> Markup {
    html! {
        @if processes.is_empty() { p.quiet { (say!("None reported.")) } } @else {
            table.cards {
                thead { tr { th scope="col" { (say!("Name")) } th.num scope="col" { (say!("Running")) } th.num scope="col" { (say!("Memory")) } } }
                tbody {
                    @for process in processes {
                        tr {
                            th scope="row" { (foreign(&process.name)) }
                            td.num data-label=(say!("Running")) { (process.count) }
                            td.num data-label=(say!("Memory")) { (bytes(process.memory_bytes as f64)) }
                        }
                    }
                }
            }
        }
    }
}

fn ports(ports: &[ListeningPort]) -> Markup {
    html! {
        @if ports.is_empty() { p.quiet { (say!("None reported.")) } } @else {
            table.cards {
                thead { tr { th scope="col" { (say!("Port")) } th scope="col" { (say!("Address")) } th scope="col" { (say!("Program")) } } }
                tbody {
                    @for port in ports {
                        tr {
                            th scope="row" { (port.port) "/" (foreign(&port.protocol)) }
                            td.mono data-label=(say!("Address")) { (foreign(&port.address)) }
                            td data-label=(say!("Program")) { (crate::parts::text::or_dash(port.process.as_deref())) }
                        }
                    }
                }
            }
        }
    }
}
