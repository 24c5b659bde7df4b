//! How long pages take: figures to be read, not asserted.

use std::time::{Duration, Instant};

use axum::http::StatusCode;

use super::rig::{Answer, Asker, Rig};

const ROUNDS: usize = 200;

/// Asks for each of the pages again and again, and prints how long the first time, most and nearly all took.
pub async fn pages(rig: &Rig, asker: &Asker, paths: &[&str]) {
    let mut number = 0;
    for path in paths {
        let mut took = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            took.push(asked(rig, asker, path, &mut number).await.0);
        }
        print(path, took);
    }
}

/// Asks for one page after the other, each once, and prints the same: what was read for one does not help the next.
/// `next` finds the address of the page that follows.
pub async fn walk(rig: &Rig, asker: &Asker, path: &str, next: fn(&Answer) -> Option<String>) {
    let (mut number, mut took) = (0, Vec::new());
    let mut at = Some(path.to_owned());
    while let Some(path) = at {
        let (page, answer) = asked(rig, asker, &path, &mut number).await;
        took.push(page);
        at = next(&answer);
    }
    let pages = took.len();
    print(&format!("{path}, all {pages} pages of it"), took);
}

/// Each time from another place, because one address may not ask so often; one account may not either, and is waited for.
async fn asked(rig: &Rig, asker: &Asker, path: &str, number: &mut usize) -> (Duration, Answer) {
    loop {
        let from = format!("10.{}.{}.7:40000", *number / 200, *number % 200);
        *number += 1;
        let started = Instant::now();
        let answer = rig.get(&asker.at(&from), path).await;
        let took = started.elapsed();
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            tokio::time::sleep(Duration::from_secs(2)).await;
            continue;
        }
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        return (took, answer);
    }
}

fn print(what: &str, mut took: Vec<Duration>) {
    let first = took[0];
    took.sort_unstable();
    println!(
        "{what}: first {:.1} ms, p50 {:.1} ms, p95 {:.1} ms, longest {:.1} ms",
        ms(first),
        ms(took[took.len() / 2]),
        ms(took[(took.len() * 95 / 100).min(took.len() - 1)]),
        ms(took[took.len() - 1]),
    );
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
