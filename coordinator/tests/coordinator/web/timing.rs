//! How long pages take: figures to be read, not asserted.

use std::time::{Duration, Instant};

use super::rig::{Asker, Rig};

const ROUNDS: usize = 200;

/// Asks for each of the pages again and again, and prints how long the first time, most and nearly all took.
pub async fn pages(rig: &Rig, asker: &Asker, paths: &[&str]) {
    let mut number = 0;
    for path in paths {
        let mut took = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let started = Instant::now();
            // Each from another place: one address may not ask so often.
            let asker = asker.at(&format!("10.{}.{}.7:40000", number / 200, number % 200));
            number += 1;
            let answer = rig.get(&asker, path).await;
            took.push(started.elapsed());
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        }
        let first = took[0];
        took.sort_unstable();
        println!(
            "{path}: first {:.1} ms, p50 {:.1} ms, p95 {:.1} ms",
            ms(first),
            ms(took[ROUNDS / 2]),
            ms(took[ROUNDS * 95 / 100])
        );
    }
}

/// Prints how long something took.
pub fn timed(what: &str, work: impl FnOnce()) {
    let started = Instant::now();
    work();
    println!("{what}: {:.1} ms", ms(started.elapsed()));
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
