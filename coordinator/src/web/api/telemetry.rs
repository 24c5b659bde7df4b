//! A device's figures over time.

use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ui::links::Range;

use super::operation::Operation;
use super::{Listing, flaw, instant, limit};
use crate::store::samples::metric::Metric;
use crate::store::samples::series::Point;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{AskedFor, Named};
use crate::web::{Web, wall};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryQuery {
    metric: Option<String>,
    range: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Figure {
    metric: &'static str,
    time: String,
    min: i64,
    max: i64,
    mean: i64,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/devices/{id}/telemetry",
            "The line of one metric; without one, the newest point of each.",
        )
        .query::<TelemetryQuery>()
        .lists::<Figure>(),
    ]
}

/// The line of one metric; without one, the newest point of each.
pub async fn list(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<TelemetryQuery>,
) -> Result<Response, WebError> {
    let device = web.device(&device_id(&id)?)?.device;
    let (range, limit) = (range(query.range.as_deref())?, limit(query.limit)?);
    let metric = query.metric.as_deref().map(metric).transpose()?;
    let items = web
        .read(move |web| match metric {
            Some(metric) => line(web, &device, metric, range, limit),
            None => newest(web, &device, range),
        })
        .await?;
    Ok(Listing::whole(items).answer(None))
}

fn line(
    web: &Web,
    device: &DeviceId,
    metric: Metric,
    range: Range,
    limit: usize,
) -> Result<Vec<Figure>, WebError> {
    let (from, to) = window(range);
    let points = web.reader.series(device, metric, from, to, limit)?;
    Ok(points.iter().map(|point| figure(metric, point)).collect())
}

fn newest(web: &Web, device: &DeviceId, range: Range) -> Result<Vec<Figure>, WebError> {
    let (from, to) = window(range);
    let mut figures = Vec::new();
    for metric in Metric::ALL {
        let points = web.reader.series(device, metric, from, to, usize::MAX)?;
        figures.extend(points.last().map(|point| figure(metric, point)));
    }
    Ok(figures)
}

fn window(range: Range) -> (Timestamp, Timestamp) {
    let to = wall();
    (
        to.saturating_sub(Duration::from_millis(range.span_ms())),
        to,
    )
}

fn figure(metric: Metric, point: &Point) -> Figure {
    Figure {
        metric: metric.word(),
        time: instant(point.time.as_millis()),
        min: point.min,
        max: point.max,
        mean: point.mean,
    }
}

fn metric(word: &str) -> Result<Metric, WebError> {
    let words = Metric::ALL.map(Metric::word).join(", ");
    Metric::from_word(word).ok_or_else(|| flaw("metric", format!("use one of {words}")))
}

fn range(slug: Option<&str>) -> Result<Range, WebError> {
    let Some(slug) = slug else {
        return Ok(Range::default());
    };
    let range = Range::parse(slug);
    if range.slug() == slug {
        return Ok(range);
    }
    Err(flaw(
        "range",
        format!("use one of {}", Range::ALL.map(Range::slug).join(", ")),
    ))
}
