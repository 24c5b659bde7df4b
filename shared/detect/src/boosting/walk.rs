//! Down all trees with several rows at once; a row that has come to its leaf waits there.
//!
//! Rows and trees are copied into arrays whose lengths are powers of two, so that masked indices need no check.

use super::{Boosting, Node, Tree};
use crate::limits::BOOSTED_LEAVES;
use crate::rows::Rows;

const ABREAST: usize = 8;
/// Rows that are walked before the next tree is taken.
const BLOCK: usize = 64;
/// Room for the nodes of any tree.
const NODES: usize = 2 * BOOSTED_LEAVES;

/// The sums of all answers, for each row and output.
pub(super) fn margins(model: &Boosting, rows: Rows<'_>) -> Vec<f64> {
    match rows.width().next_power_of_two() {
        1..=16 => batch::<16>(model, rows),
        32 => batch::<32>(model, rows),
        64 => batch::<64>(model, rows),
        _ => batch::<256>(model, rows),
    }
}

fn batch<const WIDTH: usize>(model: &Boosting, rows: Rows<'_>) -> Vec<f64> {
    let outputs = model.base.len();
    let mut margins = vec![model.base.clone(); rows.count()].concat();
    let mut block = [[[0.0f32; WIDTH]; ABREAST]; BLOCK / ABREAST];
    let mut source = rows.iter();
    for margins in margins.chunks_mut(BLOCK * outputs) {
        let count = margins.len() / outputs;
        for (place, row) in block
            .as_flattened_mut()
            .iter_mut()
            .zip(source.by_ref().take(count))
        {
            place[..row.len()].copy_from_slice(row);
        }
        for (number, tree) in model.trees.iter().enumerate() {
            let mut nodes = [tree.nodes[0]; NODES];
            nodes[..tree.nodes.len()].copy_from_slice(&tree.nodes);
            for (group, margins) in block.iter().zip(margins.chunks_mut(ABREAST * outputs)) {
                let answers = abreast(tree, &nodes, group);
                let margins = margins.iter_mut().skip(number % outputs).step_by(outputs);
                margins
                    .zip(answers)
                    .for_each(|(margin, answer)| *margin += f64::from(answer));
            }
        }
    }
    margins
}

fn abreast<const WIDTH: usize>(
    tree: &Tree,
    nodes: &[Node; NODES],
    rows: &[[f32; WIDTH]; ABREAST],
) -> [f32; ABREAST] {
    let mut at = [0usize; ABREAST];
    for _ in 0..tree.depth {
        for (at, row) in at.iter_mut().zip(rows) {
            let node = &nodes[*at & (NODES - 1)];
            let above = row[usize::from(node.feature) & (WIDTH - 1)] > node.threshold;
            *at = usize::from(node.below) + usize::from(above);
        }
    }
    at.map(|at| nodes[at & (NODES - 1)].value)
}
