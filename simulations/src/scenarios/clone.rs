//! Data directories are copied, and the copies run beside their originals: each is found out soon, and what proves it
//! convinces a machine that knows nothing but the mesh's root.

use protocol::id::DeviceId;
use protocol::limits;
use protocol::proof::{Dossier, DossierError, Proof};
use protocol::succession::Succession;
use serde_json::json;

use super::plots;
use super::watch::{Delays, SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::observers::convictions::Convictions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage, World};

pub const SCENARIO: Scenario = Scenario {
    name: "clone",
    about: "three data directories are copied: alerts within 30 s, proofs of a kilobyte that verify offline, and not with a changed byte",
    mutations: &[Mutation {
        name: "nobody_shows_proof",
        sabotage: Sabotage::unsaid(&["proof"]),
    }],
    run,
};

const COPIES: usize = 3;
const APART_MS: u64 = 45_000;
const AFTERWARDS_MS: u64 = 60_000;
/// A copy is known to the coordinator, and to all honest nodes, within this time.
const LATEST_MS: u64 = 30_000;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "clone");
    let copied: Vec<(usize, u64)> = chance
        .choose(COPIES.min(setup.nodes), setup.nodes)
        .into_iter()
        .enumerate()
        .map(|(turn, seat)| {
            (
                seat,
                SETTLED_MS + turn as u64 * APART_MS + chance.below(10_000),
            )
        })
        .collect();
    for &(seat, at_ms) in &copied {
        watched.plan(at_ms, Fault::Copy { seat });
    }
    let mut convictions = Convictions::default();
    let end_ms = SETTLED_MS + copied.len() as u64 * APART_MS + AFTERWARDS_MS;
    watched.run_with(end_ms, &mut convictions)?;
    let exhibits: Vec<Exhibit> = copied
        .iter()
        .filter_map(|(seat, _)| Exhibit::of(&watched.world, watched.world.device(*seat)))
        .collect();
    Ok(judge(watched, &convictions, &copied, &exhibits))
}

fn judge(
    watched: Watched,
    convictions: &Convictions,
    copied: &[(usize, u64)],
    exhibits: &[Exhibit],
) -> Outcome {
    let honest: Vec<usize> = (0..watched.world.size())
        .filter(|seat| copied.iter().all(|(copy, _)| copy != seat))
        .collect();
    let (mut announced, mut everywhere) = (Delays::default(), Delays::default());
    for &(seat, at_ms) in copied {
        let alert = convictions.announced_ms(seat);
        announced.add(vec![alert.map(|alert| alert.saturating_sub(at_ms))]);
        everywhere.add(convictions.delays(seat, at_ms, &honest));
    }
    let evicted = plots::honest_among(&watched, &convictions.subjects());
    let (alert, p99) = (announced.percentile(100), everywhere.percentile(99));
    let soon = |delay: Option<u64>| delay.is_some_and(|delay| delay <= LATEST_MS);
    let verified = exhibits.iter().filter(|exhibit| exhibit.verifies).count();
    let longest = exhibits.iter().map(|exhibit| exhibit.proof.len()).max();
    let tampered: usize = exhibits.iter().map(|exhibit| exhibit.file.len()).sum();
    let accepted: usize = exhibits.iter().map(|exhibit| exhibit.accepted).sum();
    let misnamed: usize = exhibits.iter().map(|exhibit| exhibit.misnamed).sum();
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::none(
            "anytime_nobody_honest_is_convicted",
            evicted as u64,
            "devices",
        ),
        Check::that(
            "eventually_the_coordinator_says_so",
            announced.missing == 0 && soon(alert),
            || format!("{} never, the last after {alert:?} ms", announced.missing),
        ),
        Check::that(
            "eventually_every_honest_node_knows",
            everywhere.missing == 0 && soon(p99),
            || format!("{} pairs never, p99 {p99:?} ms", everywhere.missing),
        ),
        Check::that(
            "finally_each_proof_verifies_without_network",
            verified == copied.len(),
            || format!("{verified} of {}", copied.len()),
        ),
        Check::that(
            "finally_each_proof_is_short",
            longest.is_some_and(|bytes| bytes <= limits::PROOF_BYTES),
            || format!("{longest:?} bytes"),
        ),
        Check::none(
            "finally_no_changed_byte_passes",
            accepted as u64,
            "changed bytes",
        ),
        Check::none(
            "finally_the_reason_names_the_part",
            misnamed as u64,
            "changed bytes of a proof are blamed on something else",
        ),
    ];
    let figures = [
        ("alert_s", seconds(alert)),
        ("everywhere_s_p99", seconds(p99)),
        ("proof_bytes", json!(longest)),
        (
            "proof_verifies",
            json!(!exhibits.is_empty() && verified == copied.len()),
        ),
        ("copies", json!(copied.len())),
        ("changed_bytes_refused", json!(tampered - accepted)),
        ("honest_evicted", json!(evicted)),
    ];
    watched.conclude(checks, figures)
}

/// The file that the coordinator hands out for one conviction, and how it fared.
#[derive(Debug)]
struct Exhibit {
    proof: Vec<u8>,
    file: Vec<u8>,
    verifies: bool,
    /// Changed bytes that were not noticed, and those in the proof for which it was not blamed.
    accepted: usize,
    misnamed: usize,
}

impl Exhibit {
    fn of(world: &World, device: DeviceId) -> Option<Self> {
        let mut stored = world.store().convictions().iter();
        let proof = stored
            .find(|proof| Proof::claims(proof) == Some(device))?
            .clone();
        let fleet = world.fleet();
        let file = Dossier::assemble(
            fleet.root.as_bytes(),
            &fleet.envelope,
            &Succession::default(),
            &proof,
        );
        let open =
            |file: &[u8]| Dossier::open(file, Some(&fleet.charter.mesh), fleet.verifier.as_ref());
        let verifies = open(&file).is_ok_and(|file| file.proof().convicts() == Some(device));
        let begin = file.windows(proof.len()).position(|part| part == proof)?;
        let within = begin..begin + proof.len();
        let (mut accepted, mut misnamed) = (0, 0);
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1 << (place % 8);
            match open(&changed) {
                Ok(_) => accepted += 1,
                Err(DossierError::Proof(_)) => {}
                Err(_) => misnamed += usize::from(within.contains(&place)),
            }
        }
        Some(Self {
            proof,
            file,
            verifies,
            accepted,
            misnamed,
        })
    }
}
