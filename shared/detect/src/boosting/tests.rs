//! What a boosted classifier learns, and its form.

use proptest::prelude::*;

use super::*;
use crate::dice::Dice;
use crate::model::{body_of, resealed};

fn spiral(count: usize, classes: u8) -> (Vec<f32>, Vec<u8>) {
    let mut dice = Dice::new(3);
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..count {
        let (x, y) = (dice.unit() * 2.0 - 1.0, dice.unit() * 2.0 - 1.0);
        values.extend([x as f32, y as f32]);
        labels.push(((x * y > 0.0) as u8 + (x > 0.5) as u8).min(classes - 1));
    }
    (values, labels)
}

fn accuracy(model: &Boosting, values: &[f32], labels: &[u8]) -> f64 {
    let chances = model.probabilities(Rows::new(values, 2).unwrap()).unwrap();
    let right = chances
        .chunks_exact(model.classes())
        .zip(labels)
        .filter(|(chances, label)| {
            let most = chances.iter().copied().fold(0.0, f64::max);
            assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            chances[usize::from(**label)] == most
        });
    right.count() as f64 / labels.len() as f64
}

#[test]
fn it_learns_what_no_single_cut_shows_in_two_classes_and_in_three() {
    for classes in [2, 3] {
        let (values, labels) = spiral(3_000, classes);
        let model = Boosting::fit(
            Rows::new(&values, 2).unwrap(),
            &labels,
            BoostingConfig::default(),
        )
        .unwrap();
        assert_eq!(model.classes(), usize::from(classes));
        assert!(accuracy(&model, &values, &labels) > 0.98);
    }
}

#[test]
fn one_cut_gives_the_answer_computed_by_hand() {
    // Four rows, two of each class: at even odds the derivatives are ±.5 and .25, so each side sums to ∓1 and .5; with
    // LEAST 1 that is too little to cut, with sixteen rows it is 4 and 2.
    let values: Vec<f32> = (0..16).map(|n| if n < 8 { 0.0 } else { 1.0 }).collect();
    let labels: Vec<u8> = (0..16).map(|n| u8::from(n >= 8)).collect();
    let config = BoostingConfig {
        rounds: 1,
        leaves: 2,
        rate: 1.0,
    };
    let model = Boosting::fit(Rows::new(&values, 1).unwrap(), &labels, config).unwrap();
    let chances = model
        .probabilities(Rows::new(&[0.0, 1.0], 1).unwrap())
        .unwrap();
    let answer = 4.0 / (2.0 + 1.0);
    assert!(
        (chances[3] - 1.0 / (1.0 + f64::exp(-answer))).abs() < 1e-6,
        "{chances:?}"
    );
    assert!((chances[0] - chances[3]).abs() < 1e-6);
    let few = Boosting::fit(
        Rows::new(&values[6..10], 1).unwrap(),
        &labels[6..10],
        config,
    )
    .unwrap();
    assert_eq!(few.trees[0].nodes.len(), 1);
}

#[test]
fn walking_gives_the_sums_that_growing_gave() {
    let (values, labels) = spiral(500, 3);
    let rows = Rows::new(&values, 2).unwrap();
    let config = BoostingConfig {
        rounds: 5,
        ..BoostingConfig::default()
    };
    let model = Boosting::fit(rows, &labels, config).unwrap();
    let slowly = |row: &[f32], output: usize| {
        let trees = model.trees.iter().skip(output).step_by(3);
        model.base[output]
            + trees
                .map(|tree| {
                    let mut at = 0;
                    while usize::from(tree.nodes[at].below) != at {
                        at = usize::from(tree.nodes[at].below)
                            + usize::from(
                                row[usize::from(tree.nodes[at].feature)] > tree.nodes[at].threshold,
                            );
                    }
                    f64::from(tree.nodes[at].value)
                })
                .sum::<f64>()
    };
    let margins = walk::margins(&model, rows);
    for (number, row) in rows.iter().enumerate() {
        for output in 0..3 {
            assert_eq!(
                margins[3 * number + output].to_bits(),
                slowly(row, output).to_bits()
            );
        }
    }
}

#[test]
fn odd_values_and_wrong_labels_are_survived() {
    let (mut values, labels) = spiral(200, 2);
    values[3] = f32::NAN;
    values[8] = f32::INFINITY;
    values[11] = f32::MIN;
    let rows = Rows::new(&values, 2).unwrap();
    let model = Boosting::fit(rows, &labels, BoostingConfig::default()).unwrap();
    assert!(
        model
            .probabilities(rows)
            .unwrap()
            .iter()
            .all(|chance| (0.0..=1.0).contains(chance))
    );
    let fit = |labels: &[u8], config| Boosting::fit(rows, labels, config).unwrap_err();
    let config = BoostingConfig::default();
    assert_eq!(
        fit(&labels[1..], config),
        BoostingError::Rows {
            rows: 200,
            labels: 199
        }
    );
    assert_eq!(fit(&[1; 200], config), BoostingError::EmptyClass(0));
    assert_eq!(fit(&[0; 200], config), BoostingError::Classes(1));
    assert_eq!(
        fit(
            &labels,
            BoostingConfig {
                rate: 0.0,
                ..config
            }
        ),
        BoostingError::Rate(0.0)
    );
    assert_eq!(
        fit(
            &labels,
            BoostingConfig {
                leaves: 1,
                ..config
            }
        ),
        BoostingError::Leaves(1)
    );
    assert_eq!(
        fit(
            &labels,
            BoostingConfig {
                rounds: 0,
                ..config
            }
        ),
        BoostingError::Rounds(0)
    );
}

fn small() -> Boosting {
    let (values, labels) = spiral(200, 3);
    let config = BoostingConfig {
        rounds: 2,
        leaves: 5,
        rate: 0.3,
    };
    Boosting::fit(Rows::new(&values, 2).unwrap(), &labels, config).unwrap()
}

#[test]
fn a_classifier_comes_back_and_damage_is_noticed() {
    let bytes = small().to_bytes();
    assert_eq!(Boosting::from_bytes(&bytes), Ok(small()));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Boosting::from_bytes(&damaged).is_err());
    }
}

proptest! {
    #[test]
    fn what_a_forger_seals_is_refused_or_has_one_form(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = small().to_bytes();
        let body = body_of(&bytes);
        for (at, value) in changes {
            bytes[body.start + at.index(body.len())] = value;
        }
        let bytes = resealed(bytes);
        if let Ok(model) = Boosting::from_bytes(&bytes) {
            prop_assert_eq!(model.to_bytes(), bytes);
            let row = vec![0.5; model.width];
            model.probabilities(Rows::new(&row, model.width).unwrap()).unwrap();
        }
    }
}
