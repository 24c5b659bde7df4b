//! The same in sentences: what this node holds, on whose word, and what that means.

use super::render::lasting;
use super::watch::{Accuser, Doubt, Down, Held, Named, Seat, Subject, Suspected, Witness};
use super::{Coordinator, Status};

/// A status older than this is of a node that does not run, or does not get to write.
const STALE_MS: u64 = 15_000;

impl Status {
    /// One sentence for each thing that a person would ask.
    pub fn explain(&self, now_ms: u64) -> Vec<String> {
        let mut told = vec![self.age(now_ms), self.reach(now_ms)];
        told.extend(self.waits());
        told.push(self.witnessed());
        let watch = &self.watch;
        told.extend(
            watch
                .witnesses
                .iter()
                .map(|witness| heard_from(witness, now_ms)),
        );
        told.push(self.watching());
        told.extend(watch.subjects.iter().map(|subject| seen(subject, now_ms)));
        told.extend(self.accused(now_ms));
        told.push(self.down());
        told.extend(watch.down.iter().map(|down| certificate(down, now_ms)));
        told.extend(watch.held.iter().map(|held| quarantine(held, now_ms)));
        told.extend(
            watch
                .suspected
                .iter()
                .flat_map(|suspect| suspicion(suspect, now_ms)),
        );
        told.push(watch.automation.says.clone());
        told
    }

    fn age(&self, now_ms: u64) -> String {
        let age = lasting(self.written_ms, now_ms);
        let named = format!("{} ({})", self.name, self.device);
        if now_ms.saturating_sub(self.written_ms) > STALE_MS {
            return format!(
                "This is what {named} held {age} ago; it has written nothing since, so it may not run."
            );
        }
        format!("This is what {named} holds, as of {age} ago.")
    }

    fn reach(&self, now_ms: u64) -> String {
        match &self.coordinator {
            Coordinator::Connected { since_ms, address } => format!(
                "The coordinator is reachable at {address}, for {}; {}.",
                lasting(*since_ms, now_ms),
                match self.backlog {
                    0 => "it has stored every record".to_owned(),
                    waiting => format!("{waiting} records wait to be stored"),
                }
            ),
            Coordinator::Disconnected { since_ms } => format!(
                "The coordinator has not been reachable for {}; {} records wait for it, and the neighbours go on watching each other.",
                lasting(*since_ms, now_ms),
                self.backlog
            ),
        }
    }

    fn waits(&self) -> Option<String> {
        let waits = self.watch.seat == Seat::WaitsForGateways;
        waits.then(|| "Its membership waits for gateways: too few have signed a list of members that names it. Until they do it is watched, and watches nobody.".to_owned())
    }

    fn witnessed(&self) -> String {
        match self.watch.witnesses.len() {
            0 => "Nobody watches this node: no other device is in the mesh.".to_owned(),
            1 => "One device watches this node.".to_owned(),
            count => format!("{count} devices watch this node."),
        }
    }

    fn watching(&self) -> String {
        match self.watch.subjects.len() {
            0 => "It watches nobody.".to_owned(),
            1 => "It watches one device.".to_owned(),
            count => format!("It watches {count} devices."),
        }
    }

    fn accused(&self, now_ms: u64) -> Option<String> {
        let accusers = &self.watch.accused_by;
        (!accusers.is_empty()).then(|| {
            format!(
                "{} this node of being silent: {}. Its next record refutes that.",
                if accusers.len() == 1 {
                    "One witness accuses".to_owned()
                } else {
                    format!("{} witnesses accuse", accusers.len())
                },
                listed(accusers, now_ms)
            )
        })
    }

    fn down(&self) -> String {
        let accusing = match self.watch.accusations {
            0 => "no accusation is held".to_owned(),
            1 => "the accusations of one witness are held".to_owned(),
            count => format!("the accusations of {count} witnesses are held"),
        };
        match self.watch.down.len() {
            0 => format!("Nobody is held to be down; {accusing}."),
            1 => format!("One device is held to be down; {accusing}."),
            count => format!("{count} devices are held to be down; {accusing}."),
        }
    }
}

fn heard_from(witness: &Witness, now_ms: u64) -> String {
    match witness.heard_ms {
        Some(at) => format!(
            "  {} was heard {} ago.",
            shown(&witness.named),
            lasting(at, now_ms)
        ),
        None => format!("  {} has no link to this node.", shown(&witness.named)),
    }
}

fn seen(subject: &Subject, now_ms: u64) -> String {
    let named = shown(&subject.named);
    let heard = subject.heard_ms.map_or_else(
        || "was not heard since this node began".to_owned(),
        |at| format!("was heard {} ago", lasting(at, now_ms)),
    );
    match subject.doubt {
        None => format!("  {named} {heard}."),
        Some(Doubt::Probed) => format!("  {named} {heard}, and is being probed."),
        Some(Doubt::Accused) => {
            format!(
                "  {named} {heard} and did not answer a probe: this node signs that it is silent."
            )
        }
    }
}

fn certificate(down: &Down, now_ms: u64) -> String {
    format!(
        "  {}: {} of {} witnesses hold it to be silent: {}. One fresh record of its own refutes them.",
        shown(&down.named),
        down.accusers.len(),
        down.witnesses.max(down.accusers.len()),
        listed(&down.accusers, now_ms)
    )
}

fn quarantine(held: &Held, now_ms: u64) -> String {
    let reason: String = held.reason.chars().filter(|c| !c.is_control()).collect();
    format!(
        "{} is in quarantine for another {} ({reason}): this node takes nothing from it but its signs of life, its log and its alerts. `palisade-node clear` on a gateway ends it.",
        shown(&held.named),
        lasting(now_ms, held.until_ms)
    )
}

fn suspicion(suspect: &Suspected, now_ms: u64) -> Vec<String> {
    let named = shown(&suspect.named);
    let needed = suspect.quorum.map_or_else(
        || "the mesh is too small for a quorum".to_owned(),
        |quorum| format!("{} of the {quorum} votes that are needed", suspect.votes),
    );
    let mut told = vec![format!(
        "{named} is under suspicion: {needed}. That proves nothing; each word is taken back when six hours bring nothing more."
    )];
    told.extend(suspect.reports.iter().map(|report| {
        format!(
            "  {} signed {} ago: {} (seen {} times).",
            shown(&report.witness),
            lasting(report.at_ms, now_ms),
            report.says,
            report.times
        )
    }));
    told
}

fn listed(accusers: &[Accuser], now_ms: u64) -> String {
    let one = |accuser: &Accuser| {
        let age = lasting(accuser.at_ms, now_ms);
        format!("{} ({age} ago)", shown(&accuser.named))
    };
    accusers.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Names come from others' memberships: nothing in them may steer a terminal.
fn shown(named: &Named) -> String {
    let name: String = named.name.chars().filter(|c| !c.is_control()).collect();
    if name == named.device {
        return name;
    }
    format!("{name} ({})", named.device)
}
