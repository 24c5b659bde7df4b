//! What to make of the coordinator's figures: each is fine, worth a look, or calls for an act.

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
        ("integrity", "What is kept", integrity(figures, now_s)),
        ("backup", "Backup", backup(figures, now_s)),
        ("disk", "Disk", disk(figures)),
        ("store", "Store", store(figures)),
        ("memory", "Memory", memory(figures)),
        ("queues", "Queues", queues(figures)),
        ("errors", "Errors since the start", errors(figures)),
        ("delivery", "Telling people", delivery(figures)),
        (
            "certificate",
            "Certificate of the pages",
            certificate(figures, now_s),
        ),
        (
            "timestamp",
            "Timestamp for devices",
            timestamp(figures, now_s),
        ),
        (
            "documents",
            "Documents that people sign",
            documents(figures, now_s),
        ),
        ("feed", "Vulnerability feed", feed(figures, now_s)),
        ("clock", "Clock", clock(figures)),
        ("identity_log", "Identity log", identity_log(figures)),
        ("version", "Version", version(figures)),
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
        let says = "everything is checked once a night, and was not yet".to_owned();
        return match figures.uptime_s > 2 * DAY_S {
            true => Said(
                Look,
                says,
                Some("Look at the coordinator's log: the check should have come."),
            ),
            false => fine(says),
        };
    };
    let at_s = found.at_ms / 1_000;
    if !found.is_sound() {
        let says = format!(
            "checked {} ago: {}",
            age(now_s, at_s),
            found.troubles.join("; ")
        );
        let remedy = "Copy the store before anything else, look at the disk, and restore the newest backup (docs/schema.md says what each means).";
        return Said(Act, says, Some(remedy));
    }
    let why = match found.cause {
        Cause::Night => "",
        Cause::UncleanStop => ", after an unclean stop",
    };
    let says = format!(
        "checked {} ago{why}: {} rows and both logs are as they were written",
        age(now_s, at_s),
        count(found.rows)
    );
    match now_s.saturating_sub(at_s) > 2 * DAY_S {
        true => Said(
            Look,
            says,
            Some("Look at the coordinator's log: the check of the night did not come."),
        ),
        false => fine(says),
    }
}

fn backup(figures: &Figures, now_s: u64) -> Said {
    let remedy = Some(
        "Run `palisade-coordinator backup`, keep the file elsewhere, and restore one now and then.",
    );
    let Some(at_s) = figures.backup else {
        return Said(Look, "none was made".to_owned(), remedy);
    };
    let says = format!("made {} ago", age(now_s, at_s));
    match now_s.saturating_sub(at_s) / DAY_S {
        0..=7 => fine(says),
        8..=30 => Said(Look, says, remedy),
        _ => Said(Act, says, remedy),
    }
}

fn disk(figures: &Figures) -> Said {
    let (Some(free), Some(whole)) = (figures.disk_free_bytes, figures.disk_bytes) else {
        return fine("not measured here".to_owned());
    };
    let says = format!("{} of {} are free", size(free), size(whole));
    let remedy = Some(
        "Make room: below a few megabytes nothing is collected any more, and nothing is lost.",
    );
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
        return fine(format!("{records} records"));
    };
    fine(format!("{}, {records} records", size(size_of)))
}

fn memory(figures: &Figures) -> Said {
    let Some(resident) = figures.resident_memory_bytes else {
        return fine("not measured here".to_owned());
    };
    let says = format!("{} resident", size(resident));
    match resident > MEMORY_LOOK {
        true => Said(
            Look,
            says,
            Some(
                "More than a fleet of 5,000 devices needs: look at it again tomorrow, and report it if it grows.",
            ),
        ),
        false => fine(says),
    }
}

fn queues(figures: &Figures) -> Said {
    let fullest = figures.queues.iter().filter(|queue| queue.room > 0);
    let fullest = fullest.max_by_key(|queue| queue.waiting * 1_000 / queue.room);
    let Some(fullest) = fullest else {
        return fine("not measured here".to_owned());
    };
    let missed = figures.sightings_missed;
    let mut says = format!(
        "the fullest is {}: {} of {}",
        fullest.name, fullest.waiting, fullest.room
    );
    if missed > 0 {
        says.push_str(&format!("; {} sightings found no room", count(missed)));
    }
    let remedy = Some(
        "More comes in than is worked off: look which device is loud, and at the processor's load.",
    );
    if missed > 0 || fullest.waiting * 10 >= fullest.room * 9 {
        Said(Act, says, remedy)
    } else if fullest.waiting * 2 >= fullest.room {
        Said(Look, says, remedy)
    } else {
        fine(says)
    }
}

fn errors(figures: &Figures) -> Said {
    let says = format!(
        "{} requests panicked, {} were answered with a failure of ours",
        figures.panics, figures.failed_answers
    );
    match figures.panics + figures.failed_answers {
        0 => fine("none".to_owned()),
        _ => Said(
            Look,
            says,
            Some("Each is in the coordinator's log with its request id: report it."),
        ),
    }
}

fn delivery(figures: &Figures) -> Said {
    let delivery = &figures.delivery;
    if let Some(error) = &delivery.error {
        let says = format!("delivery.toml is not used as it is: {error}");
        return Said(
            Act,
            says,
            Some("Correct it; what was read before goes on meanwhile."),
        );
    }
    if let Some(first) = delivery.failing.first() {
        let says = format!("{first}; {} letters wait", delivery.waiting);
        return Said(
            Act,
            says,
            Some("Look at Delivery, and try the channel there."),
        );
    }
    if delivery.channels == 0 {
        let says = "nobody is told of alerts".to_owned();
        return Said(Look, says, Some("Write delivery.toml (docs/alerts.md)."));
    }
    fine(format!(
        "{} channels, {} letters wait",
        delivery.channels, delivery.waiting
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
        let says = format!("{what} ended {} ago", age(now_s, until_s));
        return Said(Act, says, Some(remedy));
    }
    let left_s = until_s - now_s;
    let says = match left_s / DAY_S {
        4_000.. => format!("{what} does not end in this decade"),
        _ => format!("{what} ends in {}", span(left_s * 1_000)),
    };
    match left_s {
        left if left < act_s => Said(Act, says, Some(remedy)),
        left if left < look_s => Said(Look, says, Some(remedy)),
        _ => fine(says),
    }
}

fn certificate(figures: &Figures, now_s: u64) -> Said {
    let Some(until_s) = figures.certificate_until else {
        return fine("not measured here".to_owned());
    };
    let remedy = "One of our own is renewed 60 days before its end: look at the clock and at who may write to the folder of certificates. Put a newer one in the place of one that is not ours.";
    ending(until_s, now_s, (30 * DAY_S, 7 * DAY_S), "it", remedy)
}

fn timestamp(figures: &Figures, now_s: u64) -> Said {
    let Some(until_s) = figures.timestamp_until else {
        return fine("nothing was published".to_owned());
    };
    let remedy =
        "It is signed anew every six hours by this coordinator: look at its log, and at the clock.";
    ending(until_s, now_s, (12 * HOUR_S, 4 * HOUR_S), "it", remedy)
}

fn documents(figures: &Figures, now_s: u64) -> Said {
    let Some(first) = &figures.signed_until else {
        return fine("nothing was published".to_owned());
    };
    let remedy = "Have administrators sign it anew: prepare it on the page of signers.";
    ending(
        first.until,
        now_s,
        (45 * DAY_S, 14 * DAY_S),
        &first.role,
        remedy,
    )
}

fn feed(figures: &Figures, now_s: u64) -> Said {
    let remedy = Some("Bring a newer one: `palisade-coordinator feed import`.");
    let Some(as_of) = figures.feed else {
        return Said(
            Look,
            "there is none: nothing is known about vulnerabilities".to_owned(),
            remedy,
        );
    };
    let says = format!("its oldest part is {} old", age(now_s, as_of));
    match now_s.saturating_sub(as_of) / DAY_S {
        0..=7 => fine(says),
        8..=30 => Said(Look, says, remedy),
        _ => Said(Act, says, remedy),
    }
}

fn clock(figures: &Figures) -> Said {
    let Some(clock) = figures.clock else {
        return fine("no device has spoken lately to compare with".to_owned());
    };
    let off = clock.ahead_ms.unsigned_abs();
    let way = if clock.ahead_ms < 0 {
        "behind"
    } else {
        "ahead of"
    };
    let (length, devices) = (span(off), clock.devices);
    let says = match off {
        0..1_000 => format!("within a second of {devices} devices"),
        _ => format!("{devices} devices are {length} {way} it"),
    };
    let remedy = Some("Look which of them is right, and let this machine follow a time server.");
    match off {
        0..5_000 => fine(says),
        5_000..60_000 => Said(Look, says, remedy),
        _ => Said(Act, says, remedy),
    }
}

fn identity_log(figures: &Figures) -> Said {
    match &figures.identity_log {
        None => fine("devices can be admitted and retired".to_owned()),
        Some(why) => Said(
            Act,
            why.clone(),
            Some("docs/schema.md says what to do with a coordinator that was restored."),
        ),
    }
}

fn version(figures: &Figures) -> Said {
    let up = span(figures.uptime_s * 1_000);
    fine(format!("{}, running for {up}", figures.version))
}

#[cfg(test)]
mod tests;
