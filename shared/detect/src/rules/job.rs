//! Scans of our own: whoever has announced one may look around for as long as it lasts.

use super::Subject;
use super::limits::{JOB_US, JOBS};

/// A scan job whose signature the caller has checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    pub scanner: Subject,
    pub from_us: u64,
    pub until_us: u64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Jobs(Vec<Job>);

impl Jobs {
    /// The job that ends first gives way; none lasts longer than [`JOB_US`].
    pub fn announce(&mut self, job: Job) {
        if self.0.len() >= JOBS {
            let first = self
                .0
                .iter()
                .enumerate()
                .min_by_key(|(_, job)| job.until_us);
            let first = first.map(|(at, _)| at);
            first.map(|at| self.0.swap_remove(at));
        }
        self.0.push(Job {
            until_us: job.until_us.min(job.from_us.saturating_add(JOB_US)),
            ..job
        });
    }

    pub fn cover(&self, at_us: u64, source: Subject) -> bool {
        let covers =
            |job: &Job| job.scanner == source && (job.from_us..=job.until_us).contains(&at_us);
        self.0.iter().any(covers)
    }

    pub fn forget_over(&mut self, now_us: u64) {
        self.0.retain(|job| job.until_us >= now_us);
    }
}
