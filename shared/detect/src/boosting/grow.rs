//! One tree: the leaf whose best cut gains most is cut next.

use super::bins::{BINS, Binned};
use super::{BoostingConfig, Node, Tree};
use crate::rows::Rows;

/// Holds answers back (the λ of XGBoost).
const HELD_BACK: f64 = 1.0;
/// The least sum of second derivatives of a leaf.
const LEAST: f64 = 1.0;
const DEEPEST: u16 = 8;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gradient {
    pub(super) first: f32,
    pub(super) second: f32,
}

/// Sums over the rows of one bin.
type Sums = [f64; 2];
type Histogram = Vec<Sums>;

#[derive(Debug)]
pub(super) struct Grower {
    binned: Binned,
    config: BoostingConfig,
    rows: Vec<u32>,
    moved: Vec<u32>,
    gathered: Vec<Gradient>,
}

/// A leaf that may yet be cut: its place in the tree, its rows, and the best cut.
#[derive(Debug)]
struct Leaf {
    node: usize,
    depth: u16,
    rows: std::ops::Range<usize>,
    sums: Sums,
    histogram: Histogram,
    best: Option<Cut>,
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    gain: f64,
    feature: usize,
    /// The last bin that goes below.
    bin: u8,
    below: Sums,
}

impl Grower {
    pub(super) fn new(rows: Rows<'_>, config: BoostingConfig) -> Self {
        let count = rows.count();
        Self {
            binned: Binned::of(rows),
            config,
            rows: (0..count as u32).collect(),
            moved: vec![0; count],
            gathered: vec![Gradient::default(); count],
        }
    }

    /// The tree and its answer for each row.
    pub(super) fn tree(&mut self, gradients: &[Gradient]) -> (Tree, Vec<f32>) {
        self.rows
            .iter_mut()
            .zip(0..)
            .for_each(|(row, number)| *row = number);
        let all = 0..self.rows.len();
        let histogram = self.histogram(gradients, all.clone());
        let sums = gradients.iter().fold([0.0; 2], |[first, second], one| {
            [first + f64::from(one.first), second + f64::from(one.second)]
        });
        let mut tree = Tree {
            nodes: vec![self.leaf(0, sums)],
            depth: 0,
        };
        let mut leaves = vec![self.open(Leaf {
            node: 0,
            depth: 0,
            rows: all,
            sums,
            histogram,
            best: None,
        })];
        while leaves.len() < self.config.leaves {
            let gains = leaves
                .iter()
                .enumerate()
                .filter_map(|(at, leaf)| Some((at, leaf.best?.gain)));
            let Some((at, _)) =
                gains.reduce(|one, other| if other.1 > one.1 { other } else { one })
            else {
                break;
            };
            let leaf = leaves.swap_remove(at);
            let best = leaf.best.expect("only leaves with a cut are chosen");
            leaves.extend(self.cut(&mut tree, leaf, best, gradients));
        }
        let mut answers = vec![0.0; self.rows.len()];
        for leaf in &leaves {
            let value = tree.nodes[leaf.node].value;
            self.rows[leaf.rows.clone()]
                .iter()
                .for_each(|row| answers[*row as usize] = value);
        }
        (tree, answers)
    }

    fn leaf(&self, at: usize, [first, second]: Sums) -> Node {
        let value = -self.config.rate * first / (second + HELD_BACK);
        Node {
            threshold: f32::INFINITY,
            feature: 0,
            below: at as u16,
            value: value as f32,
        }
    }

    fn cut(&mut self, tree: &mut Tree, leaf: Leaf, cut: Cut, gradients: &[Gradient]) -> [Leaf; 2] {
        let middle = leaf.rows.start + self.partition(leaf.rows.clone(), cut);
        let (below, above) = (leaf.rows.start..middle, middle..leaf.rows.end);
        let above_sums = [leaf.sums[0] - cut.below[0], leaf.sums[1] - cut.below[1]];
        let first = tree.nodes.len();
        tree.nodes.push(self.leaf(first, cut.below));
        tree.nodes.push(self.leaf(first + 1, above_sums));
        let threshold = self.binned.edges[cut.feature][usize::from(cut.bin)];
        tree.nodes[leaf.node] = Node {
            threshold,
            feature: cut.feature as u16,
            below: first as u16,
            value: 0.0,
        };
        tree.depth = tree.depth.max(leaf.depth + 1);
        let smaller = self.histogram(
            gradients,
            if below.len() < above.len() {
                below.clone()
            } else {
                above.clone()
            },
        );
        let mut larger = leaf.histogram;
        for (sums, less) in larger.iter_mut().zip(&smaller) {
            sums[0] -= less[0];
            sums[1] -= less[1];
        }
        let (below_histogram, above_histogram) = if below.len() < above.len() {
            (smaller, larger)
        } else {
            (larger, smaller)
        };
        let depth = leaf.depth + 1;
        let of = |node, rows, sums, histogram| Leaf {
            node,
            depth,
            rows,
            sums,
            histogram,
            best: None,
        };
        [
            self.open(of(first, below, cut.below, below_histogram)),
            self.open(of(first + 1, above, above_sums, above_histogram)),
        ]
    }

    fn histogram(&mut self, gradients: &[Gradient], range: std::ops::Range<usize>) -> Histogram {
        let rows = &self.rows[range];
        let gathered = &mut self.gathered[..rows.len()];
        gathered
            .iter_mut()
            .zip(rows)
            .for_each(|(gathered, row)| *gathered = gradients[*row as usize]);
        let mut histogram = vec![[0.0; 2]; self.binned.columns.len() * BINS];
        for (column, sums) in self
            .binned
            .columns
            .iter()
            .zip(histogram.as_chunks_mut::<BINS>().0)
        {
            for (row, gradient) in rows.iter().zip(&*gathered) {
                let sums = &mut sums[usize::from(column[*row as usize])];
                sums[0] += f64::from(gradient.first);
                sums[1] += f64::from(gradient.second);
            }
        }
        histogram
    }

    /// Keeps rows in their order on either side; says how many go below.
    fn partition(&mut self, range: std::ops::Range<usize>, cut: Cut) -> usize {
        let column = &self.binned.columns[cut.feature];
        let rows = &mut self.rows[range];
        let (mut below, mut above) = (0, 0);
        for at in 0..rows.len() {
            let row = rows[at];
            if column[row as usize] <= cut.bin {
                rows[below] = row;
                below += 1;
            } else {
                self.moved[above] = row;
                above += 1;
            }
        }
        rows[below..].copy_from_slice(&self.moved[..above]);
        below
    }

    /// Looks for the best cut of a leaf.
    fn open(&self, mut leaf: Leaf) -> Leaf {
        if leaf.depth >= DEEPEST || leaf.sums[1] < 2.0 * LEAST {
            return leaf;
        }
        let worth = |[first, second]: Sums| first * first / (second + HELD_BACK);
        let whole = worth(leaf.sums);
        for (feature, bins) in leaf.histogram.as_chunks::<BINS>().0.iter().enumerate() {
            let mut below = [0.0; 2];
            for (bin, sums) in bins
                .iter()
                .enumerate()
                .take(self.binned.edges[feature].len())
            {
                below = [below[0] + sums[0], below[1] + sums[1]];
                let above = [leaf.sums[0] - below[0], leaf.sums[1] - below[1]];
                if below[1] < LEAST || above[1] < LEAST {
                    continue;
                }
                let gain = worth(below) + worth(above) - whole;
                if gain > leaf.best.map_or(1e-9, |best| best.gain) {
                    leaf.best = Some(Cut {
                        gain,
                        feature,
                        bin: bin as u8,
                        below,
                    });
                }
            }
        }
        leaf
    }
}
