//! The XML report of OpenVAS (Greenbone): results by host and port, with the CVE ids they name.

use std::collections::BTreeMap;
use std::net::IpAddr;

use thiserror::Error;

use super::{
    Completeness, Host, HostState, Port, PortKey, PortState, Scan, ScanResult, Scanner, is_cve,
};
use crate::limits;
use crate::shown::{block, line};
use crate::time::Moment;
use crate::xml::{self, Element, Ending, Piece, XmlError};

/// Why a file is no report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenVasError {
    #[error("{0}")]
    Xml(#[from] XmlError),
    #[error(
        "this is no report of OpenVAS: it starts with <{0}> where <report> is expected (export it as XML)"
    )]
    NotReport(String),
}

/// Reads a report in the form "XML"; one that breaks off gives the results that are complete and says so.
pub fn import(bytes: &[u8]) -> Result<Scan, OpenVasError> {
    let (pieces, ending) = xml::items(bytes, is_item)?;
    let mut report = Report::default();
    let mut is_report = false;
    for piece in &pieces {
        match piece {
            Piece::Opened(element) if element.name == "report" => is_report = true,
            Piece::Opened(element) if !is_report && !is_wrapper(&element.name) => {
                return Err(OpenVasError::NotReport(line(&element.name, 40)));
            }
            Piece::Opened(_) => {}
            Piece::Item(item) => report.item(item),
        }
    }
    match is_report {
        true => Ok(report.scan(ending)),
        false => Err(OpenVasError::NotReport("get_reports_response".into())),
    }
}

/// What was read of a report so far.
#[derive(Default)]
struct Report {
    task: String,
    version: String,
    started: Option<Moment>,
    finished: Option<Moment>,
    hosts: BTreeMap<IpAddr, Host>,
    results: usize,
    left_out: u64,
}

fn is_wrapper(name: &str) -> bool {
    matches!(name, "get_reports_response" | "envelope")
}

fn is_item(path: &[String], name: &str) -> bool {
    match path.last().map(String::as_str) {
        Some("report") => !matches!(name, "report" | "results" | "ports" | "result"),
        Some("results") => name == "result",
        Some("ports") => true,
        _ => false,
    }
}

impl Report {
    fn item(&mut self, item: &Element) {
        let text = item.text.trim();
        match item.name.as_str() {
            "result" => self.result(item),
            "port" => self.port(item),
            "host" => {
                if let Some(host) = item.text_of("ip").and_then(|ip| ip.parse().ok()) {
                    self.host(host);
                }
            }
            "task" => {
                self.task = line(item.text_of("name").unwrap_or_default(), limits::LINE_CHARS);
            }
            "gmp" | "omp" => {
                self.version = line(
                    item.text_of("version").unwrap_or_default(),
                    limits::WORD_CHARS,
                );
            }
            "scan_start" => self.started = Moment::parse(text),
            "scan_end" => self.finished = Moment::parse(text),
            _ => {}
        }
    }

    fn host(&mut self, ip: IpAddr) -> Option<&mut Host> {
        if self.hosts.len() >= limits::HOSTS && !self.hosts.contains_key(&ip) {
            self.left_out += 1;
            return None;
        }
        Some(self.hosts.entry(ip).or_insert_with(|| Host {
            state: HostState::Up,
            addresses: vec![ip],
            ..Host::default()
        }))
    }

    fn port(&mut self, item: &Element) {
        let ip = item.text_of("host").and_then(|ip| ip.parse().ok());
        if let (Some(key), Some(ip)) = (port_key(&item.text), ip)
            && let Some(host) = self.host(ip)
            && host.ports.len() < limits::PORTS
        {
            host.ports.entry(key).or_insert_with(open);
        }
    }

    fn result(&mut self, item: &Element) {
        let host = item.child("host");
        let Some(ip) = host.and_then(|host| host.text.trim().parse().ok()) else {
            self.left_out += 1;
            return;
        };
        self.results += 1;
        if self.results > limits::RESULTS {
            self.left_out += 1;
            return;
        }
        let name = host
            .and_then(|host| host.text_of("hostname"))
            .map(|name| line(name, limits::WORD_CHARS));
        let result = result(item);
        let Some(host) = self.host(ip) else { return };
        if let Some(name) = name.filter(|name| !host.names.contains(name))
            && host.names.len() < limits::ADDRESSES
        {
            host.names.push(name);
        }
        if let Some(key) = result.port
            && host.ports.len() < limits::PORTS
        {
            host.ports.entry(key).or_insert_with(open);
        }
        host.results.push(result);
    }

    fn scan(self, ending: Ending) -> Scan {
        Scan {
            scanner: Scanner::OpenVas,
            version: self.version,
            command: self.task,
            started: self.started,
            finished: self.finished,
            completeness: match ending {
                Ending::Cut(bytes) => Completeness::Cut { bytes },
                Ending::Whole if self.left_out > 0 => Completeness::Capped {
                    left_out: self.left_out,
                },
                Ending::Whole => Completeness::Whole,
            },
            stats: None,
            hosts: self.hosts.into_values().collect(),
        }
    }
}

fn open() -> Port {
    Port {
        state: PortState::Open,
        reason: "reported".into(),
        service: None,
        scripts: Vec::new(),
        greetings: Vec::new(),
    }
}

fn result(item: &Element) -> ScanResult {
    let empty = Element::default();
    let nvt = item.child("nvt").unwrap_or(&empty);
    let tags = tags(nvt.text_of("tags").unwrap_or_default());
    let tag = |name| tags.get(name).copied().unwrap_or_default();
    let severity = item
        .text_of("severity")
        .or_else(|| nvt.text_of("cvss_base"));
    let quality = item.child("qod").and_then(|qod| qod.text_of("value"));
    let title = item
        .text_of("name")
        .or_else(|| nvt.text_of("name"))
        .unwrap_or_default();
    ScanResult {
        port: item.text_of("port").and_then(port_key),
        test: line(nvt.attribute("oid").unwrap_or_default(), limits::WORD_CHARS),
        title: line(title, limits::LINE_CHARS),
        summary: block(
            item.text_of("description")
                .unwrap_or_else(|| tag("summary")),
            limits::SUMMARY_CHARS,
        ),
        solution: block(
            nvt.text_of("solution").unwrap_or_else(|| tag("solution")),
            limits::SUMMARY_CHARS,
        ),
        ids: ids(nvt),
        severity_tenths: severity.map_or(0, tenths),
        quality: quality
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
            .min(100),
    }
}

/// CVE ids of both forms: a list in `<cve>` of old reports, `<ref type="cve">` of current ones.
fn ids(nvt: &Element) -> Vec<String> {
    let refs = nvt.all("refs").flat_map(|refs| refs.all("ref"));
    let of_refs = refs.filter(|found| {
        found
            .attribute("type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("cve"))
    });
    let of_refs = of_refs.filter_map(|found| found.attribute("id"));
    let of_list = nvt
        .all("cve")
        .flat_map(|list| list.text.split([',', ' ', '\n']));
    let mut ids: Vec<String> = of_refs
        .chain(of_list)
        .map(|id| id.trim().to_ascii_uppercase())
        .filter(|id| is_cve(id))
        .take(limits::RESULT_IDS)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// `summary=…|solution=…` as old reports have it.
fn tags(text: &str) -> BTreeMap<&str, &str> {
    text.split('|')
        .take(32)
        .filter_map(|tag| tag.split_once('='))
        .collect()
}

/// `22/tcp`, `ssh (22/tcp)`; `general/tcp` is no port.
fn port_key(text: &str) -> Option<PortKey> {
    let text = text.trim();
    let inner = text
        .rsplit_once('(')
        .map_or(text, |(_, rest)| rest.trim_end_matches(')'));
    inner.trim().parse().ok()
}

/// `7.5` as 75; what is negative (a log, a false positive) is 0.
fn tenths(text: &str) -> u8 {
    let value: f64 = text.trim().parse().unwrap_or(0.0);
    // The range is checked, so the cast loses nothing but the fraction.
    match (0.0..=10.0).contains(&value) {
        true => (value * 10.0).round() as u8,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<report id="1" format_id="a" content_type="text/xml"><task id="t"><name>Outer</name></task>
<report id="1"><gmp><version>22.4</version></gmp><task id="t"><name>Floor 2</name></task>
<scan_start>2026-01-02T03:04:05Z</scan_start>
<ports max="10"><count>1</count><port>80/tcp<host>10.0.0.9</host><severity>5</severity></port></ports>
<results max="100" start="1"><result id="r"><name>Telnet &lt;b&gt;</name>
<host>10.0.0.9<asset asset_id="x"/><hostname>cam.lan</hostname></host><port>23/tcp</port>
<nvt oid="1.3.6.1.4.1.25623.1.0.108522"><cvss_base>4.8</cvss_base><tags>summary=old|solution=none</tags>
<refs><ref type="cve" id="CVE-2014-0160"/><ref type="url" id="http://x"/></refs><cve>CVE-2014-0160, NOCVE</cve>
<solution type="Mitigation">Use SSH.</solution></nvt><threat>Medium</threat><severity>4.8</severity><qod><value>70</value></qod>
<description>seen</description></result><result><host>10.0.0.9</host><port>general/tcp</port></result></results>
<scan_end>2026-01-02T04:00:00Z</scan_end></report></report>"#;

    #[test]
    fn results_ports_and_ids_of_a_report_are_read() {
        let scan = import(REPORT.as_bytes()).unwrap();
        assert_eq!(scan.completeness, Completeness::Whole);
        assert_eq!(
            (scan.command.as_str(), scan.version.as_str()),
            ("Floor 2", "22.4")
        );
        let host = &scan.hosts[0];
        assert_eq!(host.names, ["cam.lan"]);
        let ports: Vec<String> = host.ports.keys().map(ToString::to_string).collect();
        assert_eq!(ports, ["23/tcp", "80/tcp"]);
        assert_eq!(host.results[0].ids, ["CVE-2014-0160"]);
        assert_eq!(host.results[0].title, "Telnet <b>");
        assert_eq!(host.results[0].severity_tenths, 48);
        assert_eq!(host.results[0].quality, 70);
        assert_eq!(host.results[1].port, None);
    }

    #[test]
    fn a_report_that_breaks_off_says_so_and_another_file_is_refused() {
        let cut = REPORT.find("<result><host>").unwrap();
        let scan = import(&REPORT.as_bytes()[..cut]).unwrap();
        assert_eq!(scan.completeness, Completeness::Cut { bytes: cut as u64 });
        assert_eq!(scan.hosts[0].results.len(), 1);
        assert_eq!(
            import(b"<nmaprun/>").unwrap_err(),
            OpenVasError::NotReport("nmaprun".into())
        );
    }

    #[test]
    fn severities_outside_the_scale_are_nothing() {
        assert_eq!(
            (tenths("10.0"), tenths("-1"), tenths("NaN"), tenths("99")),
            (100, 0, 0, 0)
        );
    }
}
