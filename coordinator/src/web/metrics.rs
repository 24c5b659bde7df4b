//! Counters and gauges in the text form of Prometheus.

mod system;

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State as Handle};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use self::system::SystemGauges;
use super::Web;
use super::error::WebError;
use super::fleet::STATES;
use crate::live::Live;
use crate::live::silence::{Kind, Standing};

const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
pub struct Metrics {
    registry: Mutex<Registry>,
    records: Counter,
    events_missed: Counter,
    refused: Counter,
    misbehaviour: Counter,
    devices: Family<StateLabel, Gauge>,
    silences: Family<KindLabel, Gauge>,
    certified: Gauge,
    stale: Gauge,
    evidence: Family<KindLabel, Gauge>,
    pending: Gauge,
    records_stored: Gauge,
    commits: Histogram,
    requests: Family<RequestLabels, Counter>,
    logins: Family<OutcomeLabel, Counter>,
    panics: Counter,
    failed: Counter,
    system: SystemGauges,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// How a login ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginOutcome {
    Entered,
    Refused,
    Paced,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("palisade")),
            records: Counter::default(),
            events_missed: Counter::default(),
            refused: Counter::default(),
            misbehaviour: Counter::default(),
            devices: Family::default(),
            silences: Family::default(),
            certified: Gauge::default(),
            stale: Gauge::default(),
            evidence: Family::default(),
            pending: Gauge::default(),
            records_stored: Gauge::default(),
            commits: Histogram::new(exponential_buckets(0.001, 2.0, 13)),
            requests: Family::default(),
            logins: Family::default(),
            panics: Counter::default(),
            failed: Counter::default(),
            system: SystemGauges::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    /// A batch was made durable.
    pub fn committed(&self, took: Duration) {
        self.commits.observe(took.as_secs_f64());
    }

    pub(super) fn collected(&self) {
        self.records.inc();
    }

    pub(super) fn missed(&self, events: u64) {
        self.events_missed.inc_by(events);
    }

    pub(super) fn enrolment_refused(&self) {
        self.refused.inc();
    }

    pub(super) fn misbehaved(&self) {
        self.misbehaviour.inc();
    }

    pub(super) fn login(&self, outcome: LoginOutcome) {
        let outcome = match outcome {
            LoginOutcome::Entered => "entered",
            LoginOutcome::Refused => "refused",
            LoginOutcome::Paced => "paced",
        };
        self.logins.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }

    pub(super) fn panics(&self) -> u64 {
        self.panics.get()
    }

    /// Answers of 500; 503 is what a busy or stopping coordinator says.
    pub(super) fn failed_answers(&self) -> u64 {
        self.failed.get()
    }

    fn register(&self) {
        let mut registry = self
            .registry
            .lock()
            .expect("nobody has panicked with it yet");
        let r = &mut *registry;
        r.register(
            "records_collected",
            "Records taken from devices",
            self.records.clone(),
        );
        r.register(
            "events_missed",
            "Events that the web side was too slow for",
            self.events_missed.clone(),
        );
        r.register(
            "enrolments_refused",
            "Devices that were not let in",
            self.refused.clone(),
        );
        r.register(
            "misbehaviour",
            "Messages that may not be sent or do not check",
            self.misbehaviour.clone(),
        );
        r.register(
            "devices",
            "Members of the mesh by state",
            self.devices.clone(),
        );
        r.register(
            "silences",
            "Silent members, and those who said goodbye, by the kind of silence",
            self.silences.clone(),
        );
        r.register(
            "devices_certified_silent",
            "Members against whom a certificate of their witnesses stands",
            self.certified.clone(),
        );
        r.register(
            "devices_stale_metadata",
            "Members whose metadata has ended, as they say",
            self.stale.clone(),
        );
        r.register(
            "evidence_held",
            "Accusations that name somebody, and heads that refute one",
            self.evidence.clone(),
        );
        r.register(
            "devices_pending",
            "Devices that wait for approval",
            self.pending.clone(),
        );
        r.register(
            "records_stored",
            "Records in the store",
            self.records_stored.clone(),
        );
        r.register(
            "store_commit_seconds",
            "Time to make a batch durable",
            self.commits.clone(),
        );
        r.register("http_requests", "Requests answered", self.requests.clone());
        r.register("logins", "Logins by how they ended", self.logins.clone());
        r.register("panics", "Requests that panicked", self.panics.clone());
        r.register("answers_failed", "Answers of 500", self.failed.clone());
        self.system.register(r);
    }

    fn observe(&self, web: &Web) -> Result<(), WebError> {
        let live = web.snapshot();
        for state in STATES {
            let state_label = StateLabel {
                state: state.word(),
            };
            let gauge = self.devices.get_or_create(&state_label);
            gauge.set(level(live.count(state)));
        }
        self.observe_silences(&live);
        self.stale.set(level(live.count_stale()));
        self.pending.set(level(live.pending.len()));
        let stored = web.reader.counts()?.records;
        self.records_stored
            .set(i64::try_from(stored).unwrap_or(i64::MAX));
        let now_s = super::wall().as_millis() / 1_000;
        self.system.observe(&super::system::document(web)?, now_s);
        Ok(())
    }

    fn observe_silences(&self, live: &Live) {
        for kind in Kind::ALL {
            let label = KindLabel { kind: kind.word() };
            let gauge = self.silences.get_or_create(&label);
            gauge.set(level(live.count_silent(kind)));
        }
        let certified = live.devices.iter();
        let certified = certified.filter(|device| device.testimony.standing == Standing::Certified);
        self.certified.set(level(certified.count()));
        let held = [
            ("accusation", live.held.accusations),
            ("refutation", live.held.refutations),
        ];
        for (kind, count) in held {
            let gauge = self.evidence.get_or_create(&KindLabel { kind });
            gauge.set(level(count));
        }
    }

    fn text(&self) -> Result<String, WebError> {
        let registry = self.registry.lock().map_err(|_| WebError::Broken)?;
        let mut text = String::new();
        encode(&mut text, &registry).map_err(|_| WebError::Broken)?;
        Ok(text)
    }
}

fn level(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub async fn show(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let text = web
        .read(|web| {
            web.metrics.observe(web)?;
            web.metrics.text()
        })
        .await?;
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

/// The layer that counts answers by route: addresses would let strangers make labels.
pub async fn count(Handle(web): Handle<Web>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let method = match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        _ => "other",
    };
    let response = next.run(request).await;
    let status = response.status().as_u16();
    if status == 500 {
        web.metrics.failed.inc();
    }
    let labels = RequestLabels {
        method,
        route,
        status,
    };
    web.metrics.requests.get_or_create(&labels).inc();
    response
}
