//! One host of nmap's output with its ports, services and scripts.

use super::super::greeting::{self, Greeting};
use super::super::{
    ExtraPorts, Host, HostState, Mac, Method, OsGuess, Port, PortKey, PortState, Script, Service,
    Transport, Tunnel,
};
use super::{answers, word};
use crate::limits;
use crate::shown::{block, line};
use crate::time::Moment;
use crate::xml::Element;

/// A host, and how much of it was left out.
pub(super) fn read(item: &Element) -> (Host, u64) {
    let status = item.child("status");
    let mut host = Host {
        state: match status.and_then(|status| status.attribute("state")) {
            Some("up") => HostState::Up,
            Some("down") => HostState::Down,
            Some("skipped") => HostState::Skipped,
            _ => HostState::Unknown,
        },
        reason: status
            .map(|status| word(status, "reason"))
            .unwrap_or_default(),
        distance: item.child("distance").and_then(|at| at.number("value")),
        uptime_s: item.child("uptime").and_then(|up| up.number("seconds")),
        started: item.number("starttime").map(Moment),
        finished: item.number("endtime").map(Moment),
        ..Host::default()
    };
    addresses(item, &mut host);
    if let Some(os) = item.child("os") {
        host.os = os
            .all("osmatch")
            .take(limits::OS_GUESSES)
            .map(|found| os_guess(found, os))
            .collect();
    }
    for scripts_of in item.all("hostscript") {
        let room = limits::SCRIPTS.saturating_sub(host.scripts.len());
        host.scripts
            .extend(scripts(scripts_of).into_iter().take(room));
    }
    let left_out = ports(item, &mut host);
    (host, left_out)
}

fn addresses(item: &Element, host: &mut Host) {
    for address in item.all("address") {
        let text = address.attribute("addr").unwrap_or_default();
        if address.attribute("addrtype") == Some("mac") {
            host.mac = Mac::parse(text);
            host.vendor = word(address, "vendor");
        } else if let Ok(ip) = text.parse()
            && host.addresses.len() < limits::ADDRESSES
            && !host.addresses.contains(&ip)
        {
            host.addresses.push(ip);
        }
    }
    let names = item
        .all("hostnames")
        .flat_map(|names| names.all("hostname"));
    for name in names.take(limits::ADDRESSES) {
        let name = word(name, "name");
        if !name.is_empty() && !host.names.contains(&name) {
            host.names.push(name);
        }
    }
}

fn ports(item: &Element, host: &mut Host) -> u64 {
    let mut left_out = 0;
    for group in item.all("ports") {
        for extra in group.all("extraports").take(limits::SCRIPTS) {
            host.extra.push(ExtraPorts {
                state: PortState::of(extra.attribute("state").unwrap_or_default()),
                count: extra.number("count").unwrap_or(0),
            });
        }
        for found in group.all("port") {
            let transport = Transport::of(found.attribute("protocol").unwrap_or_default());
            let key = transport.zip(found.number("portid"));
            match key {
                Some((transport, number)) if host.ports.len() < limits::PORTS => {
                    host.ports
                        .insert(PortKey { transport, number }, port(found));
                }
                _ => left_out += 1,
            }
        }
    }
    left_out
}

fn port(item: &Element) -> Port {
    let state = item.child("state");
    let service = item.child("service").map(service);
    Port {
        state: PortState::of(
            state
                .and_then(|state| state.attribute("state"))
                .unwrap_or_default(),
        ),
        reason: state.map(|state| word(state, "reason")).unwrap_or_default(),
        greetings: greetings(item, service.as_ref()),
        service,
        scripts: scripts(item),
    }
}

fn greetings(item: &Element, service: Option<&Service>) -> Vec<Greeting> {
    let unnamed = Service::default();
    let service = service.unwrap_or(&unnamed);
    let record = item
        .child("service")
        .and_then(|found| found.attribute("servicefp"));
    let answers = answers::read(record.unwrap_or_default());
    let answered = answers
        .iter()
        .flat_map(|(_, bytes)| greeting::of_answer(bytes, service));
    let recorded = item.all("script").take(limits::SCRIPTS).flat_map(|script| {
        let text = |name| script.attribute(name).unwrap_or_default();
        greeting::of_script(text("id"), text("output"), service)
    });
    let mut all: Vec<Greeting> = answered.chain(recorded).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(limits::GREETINGS);
    all
}

fn service(item: &Element) -> Service {
    Service {
        name: word(item, "name"),
        product: word(item, "product"),
        version: word(item, "version"),
        extra: word(item, "extrainfo"),
        os_type: word(item, "ostype"),
        device_type: word(item, "devicetype"),
        hostname: word(item, "hostname"),
        tunnel: match item.attribute("tunnel") {
            Some("ssl") => Tunnel::Tls,
            _ => Tunnel::None,
        },
        method: match item.attribute("method") {
            Some("probed") => Method::Probed,
            _ => Method::Table,
        },
        confidence: item.number("conf").unwrap_or(0).min(10),
        cpes: cpes(item),
    }
}

/// Before nmap 6 the classes stand beside the guesses, the best first.
fn os_guess(item: &Element, os: &Element) -> OsGuess {
    let class = item.child("osclass").or_else(|| os.child("osclass"));
    let of_class = |name| class.map(|class| word(class, name)).unwrap_or_default();
    OsGuess {
        name: word(item, "name"),
        accuracy: item.number("accuracy").unwrap_or(0).min(100),
        vendor: of_class("vendor"),
        family: of_class("osfamily"),
        device_type: of_class("type"),
        cpes: class.map(cpes).unwrap_or_default(),
    }
}

fn scripts(item: &Element) -> Vec<Script> {
    let found = item
        .all("script")
        .take(limits::SCRIPTS)
        .map(|script| Script {
            id: word(script, "id"),
            output: output(script),
        });
    found.collect()
}

/// What a script says; passwords that it found are left out, because what is stored is shown.
fn output(script: &Element) -> String {
    let text = script.attribute("output").unwrap_or_default();
    let id = script.attribute("id").unwrap_or_default();
    match id.ends_with("-brute") || id.ends_with("-default-accounts") {
        false => block(text, limits::SCRIPT_CHARS),
        true => {
            let lines: Vec<String> = text.lines().map(without_password).collect();
            block(&lines.join("\n"), limits::SCRIPT_CHARS)
        }
    }
}

/// `root:secret - Valid credentials` without what follows the colon, up to the verdict.
fn without_password(line: &str) -> String {
    match line.split_once(':') {
        Some((name, rest)) if !rest.trim().is_empty() => {
            let verdict = rest.rfind(" - ").map_or("", |at| &rest[at..]);
            format!("{name}:[left out]{verdict}")
        }
        _ => line.to_owned(),
    }
}

fn cpes(item: &Element) -> Vec<String> {
    let found = item
        .all("cpe")
        .take(limits::CPES)
        .map(|cpe| line(&cpe.text, limits::CPE_BYTES));
    found.collect()
}
