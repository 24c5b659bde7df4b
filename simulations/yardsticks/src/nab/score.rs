//! The scoring of NAB (Lavin, Ahmad 2015): what is found counts once per window, and more the earlier; what is not in a
//! window costs, less right behind one. The threshold is the best one for the whole corpus.

/// One series and where its anomalies lie, first and last row of each window.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) values: Vec<f64>,
    pub(super) windows: Vec<(usize, usize)>,
}

/// What a missed window and a false alarm cost; a window found is worth 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile {
    missed: f64,
    false_alarm: f64,
}

impl Profile {
    pub(super) const STANDARD: Self = Self {
        missed: 1.0,
        false_alarm: 0.11,
    };
    pub(super) const LOW_FP: Self = Self {
        missed: 1.0,
        false_alarm: 0.22,
    };
    pub(super) const LOW_FN: Self = Self {
        missed: 2.0,
        false_alarm: 0.11,
    };
}

/// Rows at the start of which nothing is judged.
pub(super) fn probation(rows: usize) -> usize {
    (rows * 15 / 100).min(750)
}

/// One judged row: its score, the window that it lies in, and what an alarm there is worth.
#[derive(Debug, Clone, Copy)]
struct Point {
    score: f64,
    window: Option<usize>,
    worth: f64,
}

/// 100 for every window found at its first row and nothing else, 0 for never saying anything.
pub(super) fn score(scored: &[(Series, Vec<f64>)], profile: Profile) -> f64 {
    let mut points = Vec::new();
    let mut windows = 0;
    for (series, scores) in scored {
        points.extend(judged(series, scores, windows));
        windows += series.windows.len();
    }
    let judged: std::collections::BTreeSet<usize> =
        points.iter().filter_map(|point| point.window).collect();
    points.sort_by(|one, other| other.score.total_cmp(&one.score));
    let nothing = -profile.missed * judged.len() as f64;
    100.0 * (best(&points, windows, nothing, profile) - nothing) / (windows as f64 - nothing)
}

/// The best sum over all thresholds, the highest first.
fn best(points: &[Point], windows: usize, nothing: f64, profile: Profile) -> f64 {
    let mut found = vec![-profile.missed; windows];
    let (mut sum, mut best) = (nothing, nothing);
    for alike in points.chunk_by(|one, other| one.score == other.score) {
        for point in alike {
            match point.window {
                None => sum += profile.false_alarm * point.worth,
                Some(window) if point.worth > found[window] => {
                    sum += point.worth - found[window];
                    found[window] = point.worth;
                }
                Some(_) => {}
            }
        }
        best = f64::max(best, sum);
    }
    best
}

fn judged(series: &Series, scores: &[f64], offset: usize) -> Vec<Point> {
    let rows = series.values.len();
    let mut points = Vec::with_capacity(rows);
    for (row, score) in scores.iter().enumerate().take(rows).skip(probation(rows)) {
        let inside = series
            .windows
            .iter()
            .position(|(from, to)| (*from..=*to).contains(&row));
        let worth = match inside {
            Some(window) => {
                let (from, to) = series.windows[window];
                sigmoid(-((to - row + 1) as f64) / (to - from + 1) as f64) / sigmoid(-1.0)
            }
            None => match series.windows.iter().rfind(|(_, to)| *to < row) {
                Some((from, to)) => sigmoid((row - to) as f64 / (to - from) as f64),
                None => -1.0,
            },
        };
        points.push(Point {
            score: *score,
            window: inside.map(|window| window + offset),
            worth,
        });
    }
    points
}

/// From 1 far before the end of a window over 0 at its end to -1 behind it.
fn sigmoid(position: f64) -> f64 {
    if position > 3.0 {
        -1.0
    } else {
        2.0 / (1.0 + (5.0 * position).exp()) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> Series {
        Series {
            values: vec![0.0; 1_000],
            windows: vec![(400, 449), (800, 849)],
        }
    }

    fn scored(alarms: &[usize]) -> f64 {
        let mut scores = vec![0.0; 1_000];
        alarms.iter().for_each(|row| scores[*row] = 1.0);
        score(&[(series(), scores)], Profile::STANDARD)
    }

    #[test]
    fn the_ends_of_the_scale_are_reached() {
        assert!((scored(&[400, 800]) - 100.0).abs() < 1e-9);
        assert_eq!(scored(&[]), 0.0);
        assert_eq!(scored(&[10]), 0.0, "nothing is judged in the probation");
        assert_eq!(
            scored(&[200, 300, 350, 600]),
            0.0,
            "then saying nothing is better"
        );
    }

    #[test]
    fn early_is_worth_more_than_late_and_near_costs_less_than_far() {
        assert!(scored(&[400]) > scored(&[440]));
        assert!((scored(&[400]) - 50.0).abs() < 1e-9);
        assert!((scored(&[400, 800, 300]) - (100.0 - 100.0 * 0.11 / 4.0)).abs() < 1e-9);
        assert!(scored(&[400, 800, 455]) > scored(&[400, 800, 700]));
    }

    #[test]
    fn a_window_counts_once() {
        assert_eq!(scored(&[400, 410, 420]), scored(&[400]));
    }
}
