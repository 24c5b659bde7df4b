//! What to make of the coordinator's figures: each is fine, worth a look, or calls for an act.

use language::say;
use protocol::time::Timestamp;
use ui::parts::quantity::{bytes, count};
use ui::parts::time::span;

use super::Judgement::{Act, Fine, Look};
use super::figures::Figures;
use super::{Judgement, SystemItem};
use crate::integrity::Cause;

const HOUR_S: u64 = 3_600;
const DAY_S: u64 = 86_400;
const MIB: u64 = 1024 * 1024;

/// Resident memory that a fleet of 5,000 devices stays below.
const MEMORY_LOOK: u64 = 1024 * MIB;
/// The store stops collecting when some megabytes are left.
const FREE_ACT: u64 = 512 * MIB;

/// What is said of one thing, with what to do where it is not fine.
struct Said(Judgement, String, Option<&'static str>);

/// Every item, in the order of pages.
pub(super) fn items(figures: &Figures, now: Timestamp) -> Vec<SystemItem> {
    let now_s = now.as_millis() / 1_000;
    let told = [
        ("integrity", say!("What is kept"), integrity(figures, now_s)),
        ("backup", say!("Backup"), backup(figures, now_s)),
        ("disk", say!("Disk"), disk(figures)),
        ("store", say!("Store"), store(figures)),
        ("memory", say!("Memory"), memory(figures)),
        ("queues", say!("Queues"), queues(figures)),
        ("errors", say!("Errors since the start"), errors(figures)),
        ("delivery", say!("Telling people"), delivery(figures)),
        (
            "certificate",
            say!("Certificate of the pages"),
            certificate(figures, now_s),
        ),
        (
            "timestamp",
            say!("Timestamp for devices"),
            timestamp(figures, now_s),
        ),
        (
            "documents",
            say!("Documents that people sign"),
            documents(figures, now_s),
        ),
        ("feed", say!("Vulnerability feed"), feed(figures, now_s)),
        ("clock", say!("Clock"), clock(figures)),
        ("identity_log", say!("Identity log"), identity_log(figures)),
        ("version", say!("Version"), version(figures)),
    ];
    told.map(|(id, title, Said(judgement, says, remedy))| SystemItem {
        id: id.to_owned(),
        title: title.to_owned(),
        judgement,
        says,
        remedy: remedy.map(str::to_owned),
    })
    .into()
}

fn fine(says: String) -> Said {
    Said(Fine, says, None)
}

fn age(now_s: u64, then_s: u64) -> String {
    span(now_s.saturating_sub(then_s) * 1_000)
}

fn integrity(figures: &Figures, now_s: u64) -> Said {
    let Some(found) = &figures.checkup else {
        let says = say!("everything is checked once a night, and was not yet").to_owned();
        return match figures.uptime_s > 2 * DAY_S {
            true => Said(
                Look,
                says,
                Some(say!(
                    "Look at the coordinator's log: the check should have come."
                )),
            ),
            false => fine(says),
        };
    };
    let at_s = found.at_ms / 1_000;
    if !found.is_sound() {
        let says = say!(
            "checked {age} ago: {troubles}",
            age = age(now_s, at_s),
            troubles = found.troubles.join("; ")
        );
        let remedy = say!(
            "Copy the store before anything else, look at the disk, and restore the newest backup (docs/schema.md says what each means)."
        );
        return Said(Act, says, Some(remedy));
    }
    let why = match found.cause {
        Cause::Night => "",
        Cause::UncleanStop => say!(", after an unclean stop"),
    };
    let says = say!(
        "checked {age} ago{why}: {rows} rows and both logs are as they were written",
        age = age(now_s, at_s),
        why,
        rows = count(found.rows)
    );
    match now_s.saturating_sub(at_s) > 2 * DAY_S {
        true => Said(
            Look,
            says,
            Some(say!(
                "Look at the coordinator's log: the check of the night did not come."
            )),
        ),
        false => fine(says),
    }
}

fn backup(figures: &Figures, now_s: u64) -> Said {
    let remedy = Some(say!(
        "Run `palisade-coordinator backup`, keep the file elsewhere, and restore one now and then."
    ));
    let Some(at_s) = figures.backup else {
        return Said(Look, say!("none was made").to_owned(), remedy);
    };
    let says = say!("made {age} ago", age = age(now_s, at_s));
    match now_s.saturating_sub(at_s) / DAY_S {
        0..=7 => fine(says),
        8..=30 => Said(Look, says, remedy),
        _ => Said(Act, says, remedy),
    }
}

fn disk(figures: &Figures) -> Said {
    let (Some(free), Some(whole)) = (figures.disk_free_bytes, figures.disk_bytes) else {
        return fine(say!("not measured here").to_owned());
    };
    let says = say!(
        "{free} of {whole} are free",
        free = size(free),
        whole = size(whole)
    );
    let remedy = Some(say!(
        "Make room: below a few megabytes nothing is collected any more, and nothing is lost."
    ));
    if free < FREE_ACT || free < whole / 20 {
        Said(Act, says, remedy)
    } else if free < whole / 7 {
        Said(Look, says, remedy)
    } else {
        fine(says)
    }
}

fn size(number: u64) -> String {
    bytes(number as f64)
}

fn store(figures: &Figures) -> Said {
    let records = count(figures.records);
    let Some(size_of) = figures.store_bytes else {
        return fine(say!("{records} records", records));
    };
    fine(say!(
        "{size}, {records} records",
        size = size(size_of),
        records
    ))
}

fn memory(figures: &Figures) -> Said {
    let Some(resident) = figures.resident_memory_bytes else {
        return fine(say!("not measured here").to_owned());
    };
    let says = say!("{size} resident", size = size(resident));
    match resident > MEMORY_LOOK {
        true => Said(
            Look,
            says,
            Some(say!(
                "More than a fleet of 5,000 devices needs: look at it again tomorrow, and report it if it grows."
            )),
        ),
        false => fine(says),
    }
}

fn queues(figures: &Figures) -> Said {
    let fullest = figures.queues.iter().filter(|queue| queue.room > 0);
    let fullest = fullest.max_by_key(|queue| queue.waiting * 1_000 / queue.room);
    let Some(fullest) = fullest else {
        return fine(say!("not measured here").to_owned());
    };
    let missed = figures.sightings_missed;
    let mut says = say!(
        "the fullest is {name}: {part} of {whole}",
        name = fullest.name,
        part = fullest.waiting,
        whole = fullest.room
    );
    if missed > 0 {
        says.push_str(&say!(
            "; {number} sightings found no room",
            number = count(missed)
        ));
    }
    let remedy = Some(say!(
        "More comes in than is worked off: look which device is loud, and at the processor's load."
    ));
    if missed > 0 || fullest.waiting * 10 >= fullest.room * 9 {
        Said(Act, says, remedy)
    } else if fullest.waiting * 2 >= fullest.room {
        Said(Look, says, remedy)
    } else {
        fine(says)
    }
}

fn errors(figures: &Figures) -> Said {
    let says = say!(
        "{panics} requests panicked, {failed} were answered with a failure of ours",
        panics = figures.panics,
        failed = figures.failed_answers
    );
    match figures.panics + figures.failed_answers {
        0 => fine(say!("none").to_owned()),
        _ => Said(
            Look,
            says,
            Some(say!(
                "Each is in the coordinator's log with its request id: report it."
            )),
        ),
    }
}

fn delivery(figures: &Figures) -> Said {
    let delivery = &figures.delivery;
    if let Some(error) = &delivery.error {
        let says = say!("delivery.toml is not used as it is: {error}", error);
        return Said(
            Act,
            says,
            Some(say!("Correct it; what was read before goes on meanwhile.")),
        );
    }
    if let Some(first) = delivery.failing.first() {
        let says = say!(
            "{first}; {waiting} letters wait",
            first,
            waiting = delivery.waiting
        );
        return Said(
            Act,
            says,
            Some(say!("Look at Delivery, and try the channel there.")),
        );
    }
    if delivery.channels == 0 {
        let says = say!("nobody is told of alerts").to_owned();
        return Said(
            Look,
            says,
            Some(say!("Write delivery.toml (docs/alerts.md).")),
        );
    }
    fine(say!(
        "{channels} channels, {waiting} letters wait",
        channels = delivery.channels,
        waiting = delivery.waiting
    ))
}

/// What is to end, and how long before its end somebody should look, and act.
fn ending(
    until_s: u64,
    now_s: u64,
    (look_s, act_s): (u64, u64),
    what: &str,
    remedy: &'static str,
) -> Said {
    if until_s <= now_s {
        let says = say!("{what} ended {age} ago", what, age = age(now_s, until_s));
        return Said(Act, says, Some(remedy));
    }
    let left_s = until_s - now_s;
    let says = match left_s / DAY_S {
        4_000.. => say!("{what} does not end in this decade", what),
        _ => say!("{what} ends in {time}", what, time = span(left_s * 1_000)),
    };
    match left_s {
        left if left < act_s => Said(Act, says, Some(remedy)),
        left if left < look_s => Said(Look, says, Some(remedy)),
        _ => fine(says),
    }
}

fn certificate(figures: &Figures, now_s: u64) -> Said {
    let Some(until_s) = figures.certificate_until else {
        return fine(say!("not measured here").to_owned());
    };
    let remedy = say!(
        "One of our own is renewed 60 days before its end: look at the clock and at who may write to the folder of certificates. Put a newer one in the place of one that is not ours."
    );
    ending(
        until_s,
        now_s,
        (30 * DAY_S, 7 * DAY_S),
        say!("certificate|it"),
        remedy,
    )
}

fn timestamp(figures: &Figures, now_s: u64) -> Said {
    let Some(until_s) = figures.timestamp_until else {
        return fine(say!("nothing was published").to_owned());
    };
    let remedy = say!(
        "It is signed anew every six hours by this coordinator: look at its log, and at the clock."
    );
    ending(
        until_s,
        now_s,
        (12 * HOUR_S, 4 * HOUR_S),
        say!("timestamp|it"),
        remedy,
    )
}

fn documents(figures: &Figures, now_s: u64) -> Said {
    let Some(first) = &figures.signed_until else {
        return fine(say!("nothing was published").to_owned());
    };
    let remedy = say!("Have administrators sign it anew: prepare it on the page of signers.");
    ending(
        first.until,
        now_s,
        (45 * DAY_S, 14 * DAY_S),
        &first.role,
        remedy,
    )
}

fn feed(figures: &Figures, now_s: u64) -> Said {
    let remedy = Some(say!(
        "Bring a newer one: `palisade-coordinator feed import`."
    ));
    let Some(as_of) = figures.feed else {
        return Said(
            Look,
            say!("there is none: nothing is known about vulnerabilities").to_owned(),
            remedy,
        );
    };
    let says = say!("its oldest part is {age} old", age = age(now_s, as_of));
    match now_s.saturating_sub(as_of) / DAY_S {
        0..=7 => fine(says),
        8..=30 => Said(Look, says, remedy),
        _ => Said(Act, says, remedy),
    }
}

fn clock(figures: &Figures) -> Said {
    let Some(clock) = figures.clock else {
        return fine(say!("no device has spoken lately to compare with").to_owned());
    };
    let off = clock.ahead_ms.unsigned_abs();
    let (length, devices) = (span(off), clock.devices);
    let says = match off {
        0..1_000 => say!("within a second of {devices} devices", devices),
        _ if clock.ahead_ms < 0 => {
            say!("{devices} devices are {length} behind it", devices, length)
        }
        _ => say!(
            "{devices} devices are {length} ahead of it",
            devices,
            length
        ),
    };
    let remedy = Some(say!(
        "Look which of them is right, and let this machine follow a time server."
    ));
    match off {
        0..5_000 => fine(says),
        5_000..60_000 => Said(Look, says, remedy),
        _ => Said(Act, says, remedy),
    }
}

fn identity_log(figures: &Figures) -> Said {
    match &figures.identity_log {
        None => fine(say!("devices can be admitted and retired").to_owned()),
        Some(why) => Said(
            Act,
            why.clone(),
            Some(say!(
                "docs/schema.md says what to do with a coordinator that was restored."
            )),
        ),
    }
}

fn version(figures: &Figures) -> Said {
    let up = span(figures.uptime_s * 1_000);
    fine(say!(
        "{version}, running for {time}",
        version = figures.version,
        time = up
    ))
}

#[cfg(test)]
mod tests;
