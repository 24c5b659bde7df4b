//! How long pages take: figures to be read, not asserted. Beside the time that passed stands the time that this process had
//! of a processor, which says what a page costs on a machine that others use too.

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
        print(path, &took);
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
    print(&format!("{path}, all {pages} pages of it"), &took);
}

/// Each time from another place, because one address may not ask so often; one account may not either, and is waited for.
async fn asked(rig: &Rig, asker: &Asker, path: &str, number: &mut usize) -> (Took, Answer) {
    loop {
        let from = format!("10.{}.{}.7:40000", *number / 200, *number % 200);
        *number += 1;
        let (started, before) = (Instant::now(), on_a_processor());
        let answer = rig.get(&asker.at(&from), path).await;
        let took = Took {
            passed: started.elapsed(),
            worked: on_a_processor().saturating_sub(before),
        };
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            tokio::time::sleep(Duration::from_secs(2)).await;
            continue;
        }
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        return (took, answer);
    }
}

fn print(what: &str, took: &[Took]) {
    let first = took[0];
    let passed = Spread::of(took.iter().map(|one| one.passed));
    let worked = Spread::of(took.iter().map(|one| one.worked));
    println!(
        "{what}: first {:.1} ms ({:.1}), p50 {:.1} ms ({:.1}), p95 {:.1} ms ({:.1}); in brackets on a processor",
        ms(first.passed),
        ms(first.worked),
        ms(passed.p50),
        ms(worked.p50),
        ms(passed.p95),
        ms(worked.p95),
    );
}

/// What one answer took.
#[derive(Debug, Clone, Copy)]
struct Took {
    passed: Duration,
    worked: Duration,
}

struct Spread {
    p50: Duration,
    p95: Duration,
}

impl Spread {
    fn of(all: impl Iterator<Item = Duration>) -> Self {
        let mut all: Vec<Duration> = all.collect();
        all.sort_unstable();
        Self {
            p50: all[all.len() / 2],
            p95: all[(all.len() * 95 / 100).min(all.len() - 1)],
        }
    }
}

/// How long all threads of this process together were on a processor (proc(5), `schedstat`); nothing where Linux does not say.
fn on_a_processor() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

/// Prints how long something took.
pub fn timed(what: &str, work: impl FnOnce()) {
    let (started, before) = (Instant::now(), on_a_processor());
    work();
    let worked = on_a_processor().saturating_sub(before);
    println!(
        "{what}: {:.1} ms ({:.1})",
        ms(started.elapsed()),
        ms(worked)
    );
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
