//! The coordinator's own health as gauges; what is not known has no line.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::level;
use crate::system::figures::Figures;
use crate::system::{Judgement, SystemDocument};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Nothing {}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabel {
    queue: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ItemLabel {
    item: String,
}

type Maybe = Family<Nothing, Gauge>;

/// Gauges of the figures, and of what to make of them.
#[derive(Default)]
pub(super) struct SystemGauges {
    uptime: Maybe,
    memory: Maybe,
    store: Maybe,
    free: Maybe,
    checkup: Maybe,
    troubles: Maybe,
    backup: Maybe,
    certificate: Maybe,
    timestamp: Maybe,
    documents: Maybe,
    feed: Maybe,
    letters: Maybe,
    failing: Maybe,
    clock: Maybe,
    queues: Family<QueueLabel, Gauge>,
    judgements: Family<ItemLabel, Gauge>,
}

impl SystemGauges {
    pub fn register(&self, r: &mut Registry) {
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        r.register("build", "The version that runs", version);
        let seconds = [
            ("uptime", "Since the start", &self.uptime),
            ("checkup_age", "Since everything was checked", &self.checkup),
            ("backup_age", "Since the newest backup", &self.backup),
            (
                "certificate_left",
                "Until the certificate of the pages ends",
                &self.certificate,
            ),
            (
                "timestamp_left",
                "Until the timestamp for devices ends",
                &self.timestamp,
            ),
            (
                "documents_left",
                "Until the first document that people sign ends",
                &self.documents,
            ),
            (
                "feed_age",
                "Since the oldest part of the vulnerability feed",
                &self.feed,
            ),
        ];
        for (name, help, gauge) in seconds {
            r.register_with_unit(name, help, Unit::Seconds, gauge.clone());
        }
        let sizes = [
            ("resident_memory", "Memory of the process", &self.memory),
            ("store_size", "The store's file", &self.store),
            ("disk_free", "Free where the store lies", &self.free),
        ];
        for (name, help, gauge) in sizes {
            r.register_with_unit(name, help, Unit::Bytes, gauge.clone());
        }
        let counts = [
            (
                "checkup_troubles",
                "What the newest check of everything found",
                &self.troubles,
            ),
            (
                "letters_waiting",
                "Letters that wait to be taken",
                &self.letters,
            ),
            (
                "channels_failing",
                "Channels whose newest letter was not taken",
                &self.failing,
            ),
            (
                "clock_ahead_milliseconds",
                "What devices' clocks are ahead of this one",
                &self.clock,
            ),
        ];
        for (name, help, gauge) in counts {
            r.register(name, help, gauge.clone());
        }
        r.register("queue_waiting", "What waits, by queue", self.queues.clone());
        r.register(
            "judgement",
            "0 fine, 1 look, 2 act, by part",
            self.judgements.clone(),
        );
    }

    pub fn observe(&self, document: &SystemDocument, now_s: u64) {
        self.observe_figures(&document.figures, now_s);
        for item in &document.items {
            let label = ItemLabel {
                item: item.id.clone(),
            };
            let value = match item.judgement {
                Judgement::Fine => 0,
                Judgement::Look => 1,
                Judgement::Act => 2,
            };
            self.judgements.get_or_create(&label).set(value);
        }
    }

    fn observe_figures(&self, figures: &Figures, now_s: u64) {
        let age = |then: Option<u64>| then.map(|then| whole(now_s.saturating_sub(then)));
        let left = |until: Option<u64>| until.map(|until| whole(until) - whole(now_s));
        let checkup = figures.checkup.as_ref();
        set(&self.uptime, Some(whole(figures.uptime_s)));
        set(&self.memory, figures.resident_memory_bytes.map(whole));
        set(&self.store, figures.store_bytes.map(whole));
        set(&self.free, figures.disk_free_bytes.map(whole));
        set(&self.checkup, age(checkup.map(|found| found.at_ms / 1_000)));
        set(
            &self.troubles,
            checkup.map(|found| level(found.troubles.len())),
        );
        set(&self.backup, age(figures.backup));
        set(&self.certificate, left(figures.certificate_until));
        set(&self.timestamp, left(figures.timestamp_until));
        set(
            &self.documents,
            left(figures.signed_until.as_ref().map(|end| end.until)),
        );
        set(&self.feed, age(figures.feed));
        set(&self.letters, Some(level(figures.delivery.waiting)));
        set(&self.failing, Some(level(figures.delivery.failing.len())));
        set(&self.clock, figures.clock.map(|clock| clock.ahead_ms));
        for queue in &figures.queues {
            let label = QueueLabel {
                queue: queue.name.clone(),
            };
            self.queues.get_or_create(&label).set(level(queue.waiting));
        }
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn set(gauge: &Maybe, value: Option<i64>) {
    match value {
        Some(value) => {
            gauge.get_or_create(&Nothing {}).set(value);
        }
        None => gauge.clear(),
    }
}
