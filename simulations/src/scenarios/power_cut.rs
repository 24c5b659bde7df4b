//! Power fails at any operation of the journal and of the coordinator's tables, and bits rot at rest.

use serde_json::json;

use crate::checks::Check;
use crate::power::coordinator::StoreSubject;
use crate::power::journal::JournalSubject;
use crate::power::{self, Honesty, Tally, bits};
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::Sabotage;

pub const SCENARIO: Scenario = Scenario {
    name: "power_cut",
    about: "power fails at drawn operations, also during recovery: nothing acknowledged is lost, nothing is wrong, everything opens",
    mutations: &[Mutation {
        name: "lying_disk",
        sabotage: Sabotage {
            disk: Honesty::LiesAboutSync,
            ..Sabotage::NONE
        },
    }],
    run,
};

/// Power cuts, unless the run is told another number.
const CUTS: u64 = 2_000;
/// Bits flipped for every hundred power cuts, at least ten.
const FLIPS_PERCENT: u64 = 1;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = std::time::Instant::now();
    let cuts = setup.options.cuts.unwrap_or(CUTS);
    let (journal, store, flips) = quietly(|| {
        let half = cuts.div_ceil(2);
        let journal = power::run::<JournalSubject>(setup.seed, half, setup.sabotage.disk);
        let store = power::run::<StoreSubject>(setup.seed, half, setup.sabotage.disk);
        let flips = bits::flip(setup.seed, (cuts * FLIPS_PERCENT / 100).max(10));
        (journal, store, flips)
    });
    let both = journal.clone().with(store.clone());
    let checks = vec![
        clean("anytime_the_journal_keeps_what_was_acknowledged", &journal),
        clean("anytime_the_store_keeps_what_was_acknowledged", &store),
        Check::that(
            "finally_no_flipped_bit_is_read_as_data",
            flips.silent == 0,
            || {
                format!(
                    "{} of {} flips were read back as data",
                    flips.silent, flips.flips
                )
            },
        ),
    ];
    let metrics = [
        ("cuts", json!(both.cuts)),
        ("self_convictions", json!(journal.records_lost)),
        ("records_lost", json!(both.records_lost)),
        ("wrong", json!(both.wrong)),
        ("unopenable", json!(both.unopenable)),
        ("acknowledged", json!(both.acknowledged)),
        ("flips", json!(flips.flips)),
        ("flips_detected", json!(flips.detected)),
        ("flips_harmless", json!(flips.harmless)),
        ("flips_silent", json!(flips.silent)),
        ("wall_s", rounded(watch.elapsed().as_secs_f64())),
    ];
    Ok(Outcome::new(checks, metrics, Vec::new()))
}

/// The engine panics over rotten pages; those panics are caught where they happen and need no trace here.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = work();
    std::panic::set_hook(hook);
    result
}

fn clean(name: &'static str, tally: &Tally) -> Check {
    Check::that(name, tally.is_clean(), || match &tally.first_failure {
        Some((story, why)) => format!("story {story}: {why}"),
        None => "no story said why".to_owned(),
    })
}
