//! Time series drawn as SVG, each with a label that sums it up and a table that says the same.

use language::say;
use std::fmt::Write as _;

use maud::{Markup, html};

use super::quantity::Unit;
use super::time;

/// A value at a moment; no value is a gap, and a gap is drawn as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub at_ms: u64,
    pub value: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub label: &'a str,
    pub points: &'a [Point],
}

#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    pub title: &'a str,
    pub unit: Unit,
    pub from_ms: u64,
    pub to_ms: u64,
    /// At most three; each has its own stroke.
    pub lines: &'a [Line<'a>],
}

/// From moments and values to places in a drawing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub from_ms: u64,
    pub to_ms: u64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;
const TABLE_ROWS: u64 = 12;

pub fn chart(chart: &Chart<'_>) -> Markup {
    let known = || {
        chart
            .lines
            .iter()
            .flat_map(|line| line.points)
            .filter_map(|point| point.value)
            .filter(|value| value.is_finite())
    };
    html! {
        figure.chart {
            figcaption { (caption(chart)) }
            @if known().next().is_some() {
                (plot(chart, chart.unit.axis_top(known().fold(0.0, f64::max))))
                (table(chart))
            } @else {
                p.no-data { (say!("No values in this range.")) }
            }
        }
    }
}

/// The outline of a series as an SVG path; a value between two gaps becomes a dot of no length.
pub(crate) fn strokes(points: &[Point], scale: &Scale) -> String {
    let mut path = String::new();
    for run in runs(points) {
        for (number, (at_ms, value)) in run.iter().enumerate() {
            let (x, y) = scale.place(*at_ms, *value);
            let command = if number == 0 { 'M' } else { 'L' };
            write!(path, "{command}{x:.1} {y:.1}").expect("writing to a String cannot fail");
        }
        if run.len() == 1 {
            path.push_str("h.1");
        }
    }
    path
}

impl Scale {
    fn place(&self, at_ms: u64, value: f64) -> (f64, f64) {
        let length = self.to_ms.saturating_sub(self.from_ms).max(1) as f64;
        let along = at_ms.saturating_sub(self.from_ms) as f64 / length;
        let up = if self.top > 0.0 {
            value / self.top
        } else {
            0.0
        };
        // One unit of air keeps a stroke at either edge inside the drawing.
        let y = 1.0 + (self.height - 2.0) * (1.0 - up.clamp(0.0, 1.0));
        (self.width * along.clamp(0.0, 1.0), y)
    }
}

fn runs(points: &[Point]) -> Vec<Vec<(u64, f64)>> {
    let pieces = points.split(|point| point.value.is_none_or(|value| !value.is_finite()));
    pieces
        .map(|piece| {
            piece
                .iter()
                .filter_map(|point| Some((point.at_ms, point.value?)))
                .collect::<Vec<_>>()
        })
        .filter(|run| !run.is_empty())
        .collect()
}

fn areas(points: &[Point], scale: &Scale) -> String {
    let mut path = String::new();
    for run in runs(points) {
        let corners: Vec<_> = run
            .iter()
            .map(|(at_ms, value)| scale.place(*at_ms, *value))
            .collect();
        let (Some(first), Some(last)) = (corners.first(), corners.last()) else {
            continue;
        };
        let bottom = scale.height;
        write!(path, "M{:.1} {bottom}", first.0).expect("writing to a String cannot fail");
        for (x, y) in &corners {
            write!(path, "L{x:.1} {y:.1}").expect("writing to a String cannot fail");
        }
        write!(path, "L{:.1} {bottom}z", last.0).expect("writing to a String cannot fail");
    }
    path
}

fn last(line: &Line<'_>) -> Option<f64> {
    line.points.iter().rev().find_map(|point| point.value)
}

fn caption(chart: &Chart<'_>) -> Markup {
    html! {
        span.chart-title { (chart.title) }
        @for (line, number) in chart.lines.iter().zip(1..) {
            span.key {
                @if chart.lines.len() > 1 {
                    svg.swatch viewBox="0 0 18 4" width="18" height="4" aria-hidden="true" {
                        path.line.(series(number)) d="M1 2h16" {}
                    }
                    (line.label) " "
                }
                @if let Some(value) = last(line) { strong { (chart.unit.format(value)) } }
            }
        }
    }
}

fn plot(chart: &Chart<'_>, top: f64) -> Markup {
    let scale = Scale {
        from_ms: chart.from_ms,
        to_ms: chart.to_ms,
        top,
        width: WIDTH,
        height: HEIGHT,
    };
    html! {
        div.plot {
            div.axis-y aria-hidden="true" {
                span { (chart.unit.format(top)) }
                span { (chart.unit.format(top / 2.0)) }
                span { "0" }
            }
            svg.canvas role="img" aria-label=(label(chart)) viewBox="0 0 600 120" preserveAspectRatio="none" {
                path.grid d="M0 .5H600M0 60H600M0 119.5H600M150 0V120M300 0V120M450 0V120" {}
                @for (line, number) in chart.lines.iter().zip(1..) {
                    @if number == 1 { path.area.(series(number)) d=(areas(line.points, &scale)) {} }
                    path.line.(series(number)) d=(strokes(line.points, &scale)) {}
                }
            }
            div.axis-x aria-hidden="true" {
                @for quarter in 0..=4 { span { (tick(chart, quarter)) } }
            }
        }
    }
}

fn series(number: usize) -> &'static str {
    match number {
        1 => "s1",
        2 => "s2",
        _ => "s3",
    }
}

fn tick(chart: &Chart<'_>, quarter: u64) -> String {
    let length = chart.to_ms.saturating_sub(chart.from_ms);
    let pattern = if length > 2 * 86_400_000 {
        "%-d %b"
    } else {
        "%H:%M"
    };
    time::format(chart.from_ms + length / 4 * quarter, pattern)
}

fn label(chart: &Chart<'_>) -> String {
    let mut label = format!(
        "{}, {}",
        chart.title,
        time::span(chart.to_ms.saturating_sub(chart.from_ms))
    );
    for line in chart.lines {
        let known = || line.points.iter().filter_map(|point| point.value);
        let Some(last) = last(line) else { continue };
        let (low, high) = (
            known().fold(f64::INFINITY, f64::min),
            known().fold(0.0, f64::max),
        );
        let [low, high, last] = [low, high, last].map(|value| chart.unit.format(value));
        label += &say!(
            "; {line}: lowest {low}, highest {high}, last {last}",
            line = line.label,
            low,
            high,
            last
        );
    }
    label
}

fn table(chart: &Chart<'_>) -> Markup {
    let length = chart.to_ms.saturating_sub(chart.from_ms);
    let starts = (0..TABLE_ROWS).map(|row| chart.from_ms + length * row / TABLE_ROWS);
    html! {
        details.as-table {
            summary { (say!("As a table")) span.unseen { (say!(": {title}", title = chart.title)) } }
            table {
                thead { tr { th scope="col" { (say!("From (UTC)")) } @for line in chart.lines { th.num scope="col" { (say!("{line} (mean)", line = line.label)) } } } }
                tbody {
                    @for start in starts {
                        tr {
                            th scope="row" data-label=(say!("From (UTC)")) { (time::format(start, "%-d %b %H:%M")) }
                            @for line in chart.lines {
                                td.num data-label=(line.label) { (mean(chart, line, start, start + length / TABLE_ROWS)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn mean(chart: &Chart<'_>, line: &Line<'_>, from_ms: u64, to_ms: u64) -> String {
    let inside = line
        .points
        .iter()
        .filter(|point| (from_ms..to_ms).contains(&point.at_ms));
    let known: Vec<f64> = inside.filter_map(|point| point.value).collect();
    if known.is_empty() {
        return "–".to_owned();
    }
    chart
        .unit
        .format(known.iter().sum::<f64>() / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale {
        from_ms: 1_000,
        to_ms: 2_000,
        top: 100.0,
        width: 100.0,
        height: 12.0,
    };

    fn point(at_ms: u64, value: f64) -> Point {
        Point {
            at_ms,
            value: Some(value),
        }
    }

    #[test]
    fn the_corners_of_the_window_are_the_corners_of_the_drawing() {
        assert_eq!(
            strokes(&[point(1_000, 0.0), point(2_000, 100.0)], &SCALE),
            "M0.0 11.0L100.0 1.0"
        );
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_lone_value_stays_visible() {
        let gap = Point {
            at_ms: 1_250,
            value: None,
        };
        let path = strokes(
            &[
                point(1_000, 50.0),
                point(1_100, 50.0),
                gap,
                point(1_500, 50.0),
            ],
            &SCALE,
        );
        assert_eq!(path, "M0.0 6.0L10.0 6.0M50.0 6.0h.1");
    }

    #[test]
    fn values_beyond_the_window_or_beyond_reason_stay_inside() {
        let path = strokes(
            &[point(0, 900.0), point(9_000, -5.0), point(1_500, f64::NAN)],
            &SCALE,
        );
        assert_eq!(path, "M0.0 1.0L100.0 11.0");
    }

    #[test]
    fn a_chart_says_in_words_what_it_draws() {
        let points = [point(0, 10.0), point(1_800_000, 30.0)];
        let lines = [Line {
            label: "CPU",
            points: &points,
        }];
        let drawn = Chart {
            title: "CPU",
            unit: Unit::Percent,
            from_ms: 0,
            to_ms: 3_600_000,
            lines: &lines,
        };
        let markup = chart(&drawn).into_string();
        assert!(
            markup.contains("CPU, 60 min; CPU: lowest 10 %, highest 30 %, last 30 %"),
            "{markup}"
        );
        assert!(markup.contains("<details"), "{markup}");
    }

    #[test]
    fn a_chart_without_values_says_so() {
        let drawn = Chart {
            title: "Disk",
            unit: Unit::Percent,
            from_ms: 0,
            to_ms: 1,
            lines: &[],
        };
        assert!(
            chart(&drawn)
                .into_string()
                .contains("No values in this range.")
        );
    }
}
