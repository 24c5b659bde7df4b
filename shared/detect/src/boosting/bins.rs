//! Features cut into bins of about equally many rows: trees are grown of bytes.

use crate::rows::Rows;

/// Bins of one feature at most.
pub(super) const BINS: usize = 256;

/// The table by columns, one byte a value, and the numbers that its bins end at.
#[derive(Debug)]
pub(super) struct Binned {
    pub(super) columns: Vec<Vec<u8>>,
    pub(super) edges: Vec<Vec<f32>>,
}

impl Binned {
    pub(super) fn of(rows: Rows<'_>) -> Self {
        let features = (0..rows.width()).map(|feature| {
            let edges = edges(
                rows.column(feature)
                    .filter(|value| value.is_finite())
                    .collect(),
            );
            let column = rows
                .column(feature)
                .map(|value| bin(&edges, value))
                .collect();
            (column, edges)
        });
        let (columns, edges) = features.unzip();
        Self { columns, edges }
    }
}

/// The number of edges that a value lies above; what is not a number lies above none.
fn bin(edges: &[f32], value: f32) -> u8 {
    edges.partition_point(|edge| value > *edge) as u8
}

/// Half-way between neighbouring values, at most 255 of them, at equal steps of rank.
fn edges(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let all = values.len();
    let mut distinct = values.clone();
    distinct.dedup();
    let middle = |below: f32, above: f32| {
        let middle = below + (above - below) / 2.0;
        if middle.is_finite() && middle < above {
            middle
        } else {
            below
        }
    };
    if distinct.len() <= BINS {
        return distinct
            .windows(2)
            .map(|pair| middle(pair[0], pair[1]))
            .collect();
    }
    let mut edges: Vec<f32> = (1..BINS)
        .filter_map(|rank| {
            let below = values[rank * all / BINS];
            let above = values[values.partition_point(|value| *value <= below)..].first()?;
            Some(middle(below, *above))
        })
        .collect();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_bin_each_and_many_share_evenly() {
        assert_eq!(edges(vec![3.0, 1.0, 1.0, 2.0]), [1.5, 2.5]);
        assert_eq!(edges(vec![7.0; 9]), [0.0f32; 0]);
        let many: Vec<f32> = (0..10_000).map(|n| n as f32).collect();
        let edges = edges(many.clone());
        assert_eq!(edges.len(), BINS - 1);
        let mut counts = [0; BINS];
        many.iter()
            .for_each(|value| counts[usize::from(bin(&edges, *value))] += 1);
        assert!(
            counts.iter().all(|count| (38..=42).contains(count)),
            "{counts:?}"
        );
        assert_eq!(bin(&edges, f32::NAN), 0);
        assert_eq!(bin(&edges, f32::INFINITY), 255);
    }
}
