//! How seldom a score as high comes, also beyond the highest that is remembered.
//!
//! Peaks over a threshold (Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017) with an
//! exponential tail: scores here are sums of -log p, whose tail is exponential where the parts are not strange. The excesses
//! over the ninth decile say how fast it falls. A strange score that is remembered makes others up to it as frequent as
//! one in all, and what lies beyond it falls from there.

use crate::conformal::Calibration;

/// The share of scores above which the tail begins.
const PEAKS: f64 = 0.1;
/// Scores without which nothing is said of a tail: twenty peaks.
const LEAST: usize = 200;
/// No tail falls faster than this: a device that always does the same has all scores in one place.
const SCALE: f64 = 0.25;

/// The share of good times with a score at least as high; `None` before enough is known.
pub fn tail(known: &Calibration, score: f64) -> Option<f64> {
    if known.len() < LEAST {
        return None;
    }
    let mut scores: Vec<f64> = known.scores().collect();
    scores.sort_unstable_by(f64::total_cmp);
    let from = scores.len() - (scores.len() as f64 * PEAKS) as usize;
    let (below, peaks) = scores.split_at(from);
    let edge = *below.last()?;
    if score <= edge {
        return Some(known.p_value(score));
    }
    let excesses: f64 = peaks.iter().map(|peak| peak - edge).sum();
    let scale = (excesses / peaks.len() as f64).max(SCALE);
    let fall = |from: f64| libm::exp(-(score - from).max(0.0) / scale);
    let highest = scores.last()?;
    let one = 1.0 / scores.len() as f64;
    Some((PEAKS * fall(edge)).max(one * fall(*highest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn of(scores: impl IntoIterator<Item = f64>) -> Calibration {
        let mut known = Calibration::default();
        scores.into_iter().for_each(|score| known.push(score));
        known
    }

    #[test]
    fn an_exponential_tail_is_found_again_beyond_what_was_seen() {
        let mut dice = Dice::new(7);
        let known = of((0..512).map(|_| -2.0 * libm::log(1.0 - dice.unit())));
        for rate in [1e-1, 1e-2, 1e-4, 1e-6] {
            let found = tail(&known, -2.0 * libm::log(rate)).expect("enough is known");
            let orders = found.log10() / f64::log10(rate);
            assert!((0.8..1.25).contains(&orders), "{found} for {rate}");
        }
    }

    #[test]
    fn higher_is_never_less_seldom() {
        let mut dice = Dice::new(3);
        let known = of((0..512).map(|_| dice.unit() * 9.0));
        let found: Vec<f64> = (0..40)
            .filter_map(|step| tail(&known, f64::from(step)))
            .collect();
        assert_eq!(found.len(), 40);
        assert!(found.is_sorted_by(|one, next| one >= next), "{found:?}");
    }

    /// A camera that sends its day's pictures every night was strange night after night.
    #[test]
    fn what_was_as_strange_before_is_not_seldom() {
        let mut dice = Dice::new(5);
        let usual = (0..511).map(|_| dice.unit());
        let known = of(usual.chain([12.0]));
        let once = tail(&known, 12.1).expect("enough is known");
        assert!(once > 1e-3, "{once}");
        let more = tail(&known, 16.0).expect("enough is known");
        assert!(more < 1e-4, "{more}");
    }

    #[test]
    fn nothing_is_said_of_a_few_and_sameness_is_no_cliff() {
        assert_eq!(tail(&of((0..150).map(f64::from)), 1e9), None);
        let same = of((0..512).map(|_| 4.0));
        assert_eq!(tail(&same, 4.0), Some(1.0));
        let near = tail(&same, 4.1).expect("enough is known");
        assert!((0.01..0.1).contains(&near), "{near}");
    }
}
