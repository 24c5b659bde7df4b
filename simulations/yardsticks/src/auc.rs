//! The area under the ROC curve, and what else is said of scores beside labels.

/// The probability that a positive scores above a negative, ties counting half (Mann, Whitney 1947). Not a number
/// where one of the two is missing.
pub(crate) fn auc(scores: &[f64], positive: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|one, other| scores[*one].total_cmp(&scores[*other]));
    let positives = positive.iter().filter(|is| **is).count() as f64;
    let negatives = positive.len() as f64 - positives;
    let (mut at, mut rank_sum) = (0, 0.0);
    while at < order.len() {
        let tied = order[at..]
            .iter()
            .take_while(|other| scores[**other] == scores[order[at]])
            .count()
            .max(1);
        let mean_rank = at as f64 + (tied as f64 + 1.0) / 2.0;
        let found = order[at..at + tied]
            .iter()
            .filter(|index| positive[**index])
            .count();
        rank_sum += mean_rank * found as f64;
        at += tied;
    }
    (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

pub(crate) fn mean(figures: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = figures
        .into_iter()
        .fold((0.0, 0.0), |(sum, count), one| (sum + one, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_that_of_counting_pairs() {
        let scores = [0.1, 0.4, 0.35, 0.8, 0.4];
        let positive = [false, false, true, true, true];
        let mut won = 0.0;
        for (one, is) in scores.iter().zip(positive).filter(|(_, is)| *is) {
            assert!(is);
            for (other, _) in scores.iter().zip(positive).filter(|(_, is)| !is) {
                won += if one > other {
                    1.0
                } else if one == other {
                    0.5
                } else {
                    0.0
                };
            }
        }
        assert!((auc(&scores, &positive) - won / 6.0).abs() < 1e-12);
        assert!(auc(&scores, &[true; 5]).is_nan());
    }
}
