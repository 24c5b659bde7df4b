//! `mud_transfer`: a profile learnt of a model in the United States meets the same model, and others, in Britain.
//!
//! A file's habits are what the device from the device's side may begin or answer; `same` is the mean share of a British
//! device's habits that the American profile of its model allows, `other` of those that profiles of other models allow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use detect::mud::Mud;
use detect::profile::Entry;

use crate::auc::mean;
use crate::sources::{entries, files, read};
use crate::{Metrics, Options, YardstickError};

type Habits = BTreeSet<Entry>;

pub(crate) fn run(data: &Path, _options: Options) -> Result<Metrics, YardstickError> {
    let mut habits = BTreeMap::new();
    let (mut imported, mut refused) = (0.0, 0.0);
    for folder in entries(&data.join("mud-locations"))?
        .iter()
        .filter(|path| path.is_dir())
    {
        for path in files(folder, "json")? {
            match Mud::from_json(&read(&path)?) {
                Ok(mud) => {
                    imported += 1.0;
                    let name = folder
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned();
                    habits.insert(
                        name,
                        mud.entries
                            .iter()
                            .map(Entry::generalised)
                            .collect::<Habits>(),
                    );
                }
                Err(_) => refused += 1.0,
            }
        }
    }
    let pairs = pairs(&habits);
    if pairs.len() < 2 {
        return Err(YardstickError::data(
            "mud-locations",
            "fewer than two models with a file of both places",
        ));
    }
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for (model, [american, british]) in &pairs {
        same.push(allowed(american, british));
        let others = pairs.iter().filter(|(name, _)| name != model);
        other.extend(others.map(|(_, [_, british])| allowed(american, british)));
    }
    let mut metrics = Metrics::default();
    metrics.set("same", mean(same));
    metrics.set("other", mean(other));
    metrics.set("models", pairs.len() as f64);
    metrics.set("imported", imported);
    metrics.set("refused", refused);
    Ok(metrics)
}

fn pairs(habits: &BTreeMap<String, Habits>) -> Vec<(&str, [&Habits; 2])> {
    let american = habits
        .iter()
        .filter_map(|(name, habits)| Some((name.strip_suffix("_us")?, habits)));
    american
        .filter_map(|(model, us)| Some((model, [us, habits.get(&format!("{model}_uk"))?])))
        .collect()
}

/// The share of habits that a profile allows.
fn allowed(profile: &Habits, habits: &Habits) -> f64 {
    let known = habits
        .iter()
        .filter(|habit| profile.iter().any(|entry| entry.covers(habit)))
        .count();
    known as f64 / habits.len().max(1) as f64
}
