//! A line the size of a word.

use language::say;
use maud::{Markup, html};

use super::chart::{Point, Scale, strokes};
use super::quantity::Unit;

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 22.0;

/// The last values of a percentage, oldest first and evenly spaced; `None` is a gap.
pub fn sparkline(what: &str, percents: &[Option<f64>]) -> Markup {
    let known = percents.iter().flatten().copied();
    let Some(last) = known.clone().last() else {
        return html! { span.quiet { "–" } };
    };
    let highest = known.fold(0.0, f64::max);
    let format = |value| Unit::Percent.format(value);
    let label = say!(
        "{what}: last {last}, highest {highest}",
        what,
        last = format(last),
        highest = format(highest)
    );
    let points: Vec<Point> = percents
        .iter()
        .zip(0..)
        .map(|(value, at_ms)| Point {
            at_ms,
            value: *value,
        })
        .collect();
    let end = points.last().map_or(1, |point| point.at_ms.max(1));
    let scale = Scale {
        from_ms: 0,
        to_ms: end,
        top: highest.max(25.0),
        width: WIDTH,
        height: HEIGHT,
    };
    html! {
        span.sparkline {
            svg.spark role="img" aria-label=(label) viewBox="0 0 96 22" width="96" height="22" preserveAspectRatio="none" {
                path.line d=(strokes(&points, &scale)) {}
            }
            span.figure aria-hidden="true" { (format(last)) }
        }
    }
}
