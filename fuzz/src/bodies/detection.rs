//! What nodes and makers send about devices: trained models, profiles, MUD files.

use detect::boosting::Boosting;
use detect::conformal::Calibration;
use detect::forest::Forest;
use detect::fusion::Fusion;
use detect::hotelling::Hotelling;
use detect::limits::{MUD_BYTES, PROFILE_ENTRIES};
use detect::model::{Kind, ModelError, sealed};
use detect::mud::Mud;
use detect::profile::Profile;
use detect::robust::Robust;
use detect::rows::Rows;
use detect::sequence::SequenceModel as _;
use detect::sequence::markov::Markov;
use detect::sequence::ngram::NgramRegression;

/// The first byte chooses the model; the rest is its body, under a digest that a forger has made.
pub fn model(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    match choice % 8 {
        0 => one(
            Kind::IsolationForest,
            body,
            Forest::from_bytes,
            Forest::to_bytes,
            |forest| {
                forest
                    .score(&vec![0.5; forest.width()])
                    .expect("the row is as wide as the forest");
            },
        ),
        1 => one(
            Kind::Robust,
            body,
            Robust::from_bytes,
            Robust::to_bytes,
            drop,
        ),
        2 => one(
            Kind::Hotelling,
            body,
            Hotelling::from_bytes,
            Hotelling::to_bytes,
            drop,
        ),
        3 => one(
            Kind::Calibration,
            body,
            Calibration::from_bytes,
            Calibration::to_bytes,
            |known| {
                assert!((0.0..=1.0).contains(&known.p_value(0.5)));
            },
        ),
        4 => one(
            Kind::Fusion,
            body,
            Fusion::from_bytes,
            Fusion::to_bytes,
            drop,
        ),
        5 => one(
            Kind::Markov,
            body,
            Markov::from_bytes,
            Markov::to_bytes,
            |chain| {
                assert!(!chain.log_odds(b"abcabc").is_nan());
            },
        ),
        6 => one(
            Kind::NgramRegression,
            body,
            NgramRegression::from_bytes,
            NgramRegression::to_bytes,
            drop,
        ),
        _ => one(
            Kind::Boosting,
            body,
            Boosting::from_bytes,
            Boosting::to_bytes,
            |model| {
                for width in 1..=8 {
                    let row = vec![0.5; width];
                    let row = Rows::new(&row, width).expect("one row of this width");
                    drop(model.probabilities(row));
                }
            },
        ),
    }
}

/// What is read is written as the same bytes, and can be asked.
fn one<T>(
    kind: Kind,
    body: &[u8],
    read: fn(&[u8]) -> Result<T, ModelError>,
    write: fn(&T) -> Vec<u8>,
    ask: fn(T),
) {
    let bytes = sealed(kind, 1, body);
    if let Ok(model) = read(&bytes) {
        assert_eq!(write(&model), bytes);
        ask(model);
    }
}

/// A MUD file or a stored profile: what is read comes back from its own form.
pub fn mud(data: &[u8]) {
    if let Ok(mud) = Mud::from_json(data) {
        let json = mud.to_json();
        if json.len() <= MUD_BYTES && mud.entries.len() <= PROFILE_ENTRIES {
            let again = Mud::from_json(json.as_bytes()).expect("what we write we read");
            assert_eq!((again.about, again.entries), (mud.about, mud.entries));
        }
    }
    if let Ok(profile) = Profile::from_bytes(data) {
        let again = Profile::from_bytes(&profile.to_bytes()).expect("what we write we read");
        assert_eq!(again, profile);
    }
}
