//! Which letters are due: incidents that a route has not told yet, or that went on, or that nobody has acknowledged.

use std::collections::BTreeMap;
use std::time::Duration;

use language::Language;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::alert::Alert;
use crate::book::Book;
use crate::incident::{Incident, Told};
use crate::letter::{Kind, Letter};
use crate::outbox::Outbox;
use crate::route::{Plan, Route};
use crate::severity::Severity;
use crate::text::Name;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// One incident that is due for one channel.
struct Due {
    incident: u64,
    kind: Kind,
    /// Of the first route that it is due for.
    language: Language,
    alerts: Vec<u64>,
    marks: Vec<(Name, Told)>,
}

/// Writes what is due into the outbox, and notes in the book what was told; both are to be stored together.
pub fn write_letters(
    plan: &Plan,
    book: &mut Book,
    outbox: &mut Outbox,
    name: &dyn Fn(&DeviceId) -> Name,
    now: Timestamp,
) -> usize {
    let mut written = 0;
    for (channel, due) in due(plan, book, now) {
        written += write(plan, book, outbox, (&channel, due), name, now);
    }
    written + write_digest(plan, book, outbox, name, now)
}

fn due(plan: &Plan, book: &Book, now: Timestamp) -> BTreeMap<Name, Vec<Due>> {
    let mut open: BTreeMap<u64, Vec<&Alert>> = BTreeMap::new();
    for incident in book.incidents() {
        open.insert(incident.number, Vec::new());
    }
    for alert in book.open(now) {
        open.entry(alert.incident).or_default().push(alert);
    }
    let mut due: BTreeMap<Name, Vec<Due>> = BTreeMap::new();
    for (number, alerts) in open.iter().filter(|(_, alerts)| !alerts.is_empty()) {
        let Some(incident) = book.incident(*number) else {
            continue;
        };
        for route in &plan.routes {
            let taken: Vec<&Alert> = alerts
                .iter()
                .copied()
                .filter(|it| route.takes(it))
                .collect();
            if taken.is_empty() || !is_awake(plan, route, &taken, now) {
                continue;
            }
            for channel in route.to.iter().filter(|to| plan.channels.contains(*to)) {
                let mark = route.mark(channel);
                if let Some((kind, told)) = says(plan, route, incident, &mark, &taken, now) {
                    note(
                        due.entry(channel.clone()).or_default(),
                        incident,
                        (kind, route.language),
                        &taken,
                        (mark, told),
                    );
                }
            }
        }
    }
    due
}

fn is_awake(plan: &Plan, route: &Route, alerts: &[&Alert], now: Timestamp) -> bool {
    let minute = plan.offset.minute(now);
    let quiet = plan.quiet.filter(|quiet| quiet.hours.covers(minute));
    route.is_open(minute) && quiet.is_none_or(|quiet| worst(alerts) >= quiet.unless)
}

/// What there is to say of an incident, if anything.
fn says(
    plan: &Plan,
    route: &Route,
    incident: &Incident,
    mark: &Name,
    alerts: &[&Alert],
    now: Timestamp,
) -> Option<(Kind, Told)> {
    let count = alerts.iter().map(|alert| alert.count);
    let told = Told {
        at: now,
        count: count.fold(0, u32::saturating_add),
        severity: worst(alerts),
    };
    let age = now.since(incident.first);
    let kind = match incident.told.get(mark) {
        None if route.after.is_zero() => (age >= plan.pace.gather).then_some(Kind::New),
        None => (age >= route.after).then_some(Kind::Escalation),
        Some(before) if told.severity > before.severity => Some(Kind::Worse),
        Some(before) if told.count > before.count => {
            (now.since(before.at) >= plan.pace.again).then_some(Kind::Again)
        }
        Some(_) => None,
    };
    Some((kind?, told))
}

fn worst(alerts: &[&Alert]) -> Severity {
    let severities = alerts.iter().map(|alert| alert.severity);
    severities.max().unwrap_or(Severity::Info)
}

/// Two routes that lead to one channel tell it once.
fn note(
    list: &mut Vec<Due>,
    incident: &Incident,
    (kind, language): (Kind, Language),
    taken: &[&Alert],
    mark: (Name, Told),
) {
    let numbers = taken.iter().map(|alert| alert.number);
    match list.iter_mut().find(|due| due.incident == incident.number) {
        Some(due) => {
            due.kind = due.kind.max(kind);
            due.marks.push(mark);
            for number in numbers {
                if !due.alerts.contains(&number) {
                    due.alerts.push(number);
                }
            }
        }
        None => list.push(Due {
            incident: incident.number,
            kind,
            language,
            alerts: numbers.collect(),
            marks: vec![mark],
        }),
    }
}

/// What does not fit into the hour waits, and then shares a letter.
fn write(
    plan: &Plan,
    book: &mut Book,
    outbox: &mut Outbox,
    (channel, mut due): (&Name, Vec<Due>),
    name: &dyn Fn(&DeviceId) -> Name,
    now: Timestamp,
) -> usize {
    let used = outbox.written_within(channel, HOUR, now);
    let free = (plan.pace.per_hour as usize).saturating_sub(used);
    if free == 0 {
        return 0;
    }
    let groups: Vec<Vec<Due>> = if due.len() > plan.pace.together_above || due.len() > free {
        due.truncate(crate::limits::LETTER_INCIDENTS);
        vec![due]
    } else {
        due.into_iter().map(|due| vec![due]).collect()
    };
    let written = groups.len();
    for group in groups {
        let kind = group.iter().map(|due| due.kind).max();
        let language = group.first().map(|due| due.language).unwrap_or_default();
        let numbers = group.iter().flat_map(|due| &due.alerts);
        let mut alerts: Vec<&Alert> = numbers.filter_map(|number| book.alert(*number)).collect();
        let head = (channel, kind.unwrap_or(Kind::New), language);
        let letter = Letter::about(head, &mut alerts, name, now);
        outbox.put(letter);
        for due in &group {
            for (mark, told) in &due.marks {
                book.tell(due.incident, mark, *told);
            }
        }
    }
    written
}

/// Once a day from its hour on, where something is open.
fn write_digest(
    plan: &Plan,
    book: &Book,
    outbox: &mut Outbox,
    name: &dyn Fn(&DeviceId) -> Name,
    now: Timestamp,
) -> usize {
    let Some(digest) = &plan.digest else {
        return 0;
    };
    let late = i32::from(plan.offset.minute(now)) - i32::from(digest.at);
    // Of a day on which nothing ran, no digest comes in the evening.
    if !(0..60).contains(&late) {
        return 0;
    }
    let mut written = 0;
    for channel in digest.to.iter().filter(|to| plan.channels.contains(*to)) {
        let since = now.saturating_sub(DAY - HOUR);
        if outbox.has_since(channel, Kind::Digest, since) {
            continue;
        }
        let mut open: Vec<&Alert> = book.open(now).collect();
        if !open.is_empty() {
            let head = (channel, Kind::Digest, digest.language);
            outbox.put(Letter::about(head, &mut open, name, now));
            written += 1;
        }
    }
    written
}
