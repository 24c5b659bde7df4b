//! `fingerprint`: is a device told by how it talks while it is set up, and one that was never learnt told as such?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hearing::capture::Packet;
use hearing::dhcp;
use hearing::fingerprint::forest::{Forest, Settings, Type, Vote};
use hearing::fingerprint::{Features, Gathering};
use hearing::frame::{Frame, Transport};
use hearing::mac::Mac;

use crate::captures::{self, CapturesError};

/// The figures of DETECTION's G7 and G8.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Metrics {
    /// Captures that were judged.
    pub judged: u32,
    pub types: u32,
    /// Families: types that the training captures alone do not tell apart.
    pub families: u32,
    /// The share of captures whose type is right.
    pub r#type: f64,
    /// The share whose family is right.
    pub family: f64,
    /// How well nearness tells learnt types from one that was left out, over each type left out in turn.
    pub unknown_auroc: f64,
    /// From what was gathered to the verdict, for one capture.
    pub predict_us: f64,
    /// For all frames of one capture, on the way to there.
    pub gather_us: f64,
    pub model_kb: f64,
}

/// One capture of a device.
struct Sample {
    label: Type,
    /// Which of its captures: folds are by run, never by row.
    run: usize,
    gathering: Gathering,
}

/// Captures by type, and how long it took to gather one.
struct Set {
    samples: Vec<Sample>,
    gather_us: f64,
}

const FOLDS: usize = 5;
/// Two types that are taken for each other in so large a share of their captures are one family.
const CONFUSED: f64 = 0.15;

/// Learns from one folder and judges another; with one folder, learns from four fifths of each type's runs.
pub fn fingerprint(train: &Path, test: Option<&Path>) -> Result<Metrics, CapturesError> {
    let mut names = BTreeSet::new();
    let folders = captures::by_type(train)?;
    names.extend(folders.iter().map(|(name, _)| name.clone()));
    let tested = test.map(captures::by_type).transpose()?;
    names.extend(tested.iter().flatten().map(|(name, _)| name.clone()));
    let names: Vec<_> = names.into_iter().collect();
    let set = gather(&folders, &names)?;
    let test_set = tested.map(|folders| gather(&folders, &names)).transpose()?;
    Ok(measure(&set, test_set.as_ref(), names.len()))
}

fn measure(set: &Set, test: Option<&Set>, types: usize) -> Metrics {
    let families = families(&set.samples, types);
    let own = folds(&set.samples);
    let forest = grow(set.samples.iter());
    let votes: Vec<(Type, Type)> = match test {
        Some(test) => {
            let judged = |sample: &Sample| Some((sample.label, judge(&forest, sample)?.best));
            test.samples.iter().filter_map(judged).collect()
        }
        None => own
            .iter()
            .map(|(label, vote)| (*label, vote.best))
            .collect(),
    };
    let right = |same: &dyn Fn(Type, Type) -> bool| {
        votes
            .iter()
            .filter(|(label, best)| same(*label, *best))
            .count() as f64
            / votes.len().max(1) as f64
    };
    let family = |label: Type| families[usize::from(label)];
    Metrics {
        judged: votes.len() as u32,
        types: types as u32,
        families: families.iter().collect::<BTreeSet<_>>().len() as u32,
        r#type: right(&|label, best| label == best),
        family: right(&|label, best| family(label) == family(best)),
        unknown_auroc: unknown_auroc(&set.samples, test, types),
        predict_us: predict_us(&forest, &set.samples),
        gather_us: test.unwrap_or(set).gather_us,
        model_kb: forest.to_bytes().len() as f64 / 1024.0,
    }
}

fn grow<'a>(samples: impl Iterator<Item = &'a Sample>) -> Forest {
    let samples: Vec<(Features, Type)> = samples
        .map(|sample| (sample.gathering.features(), sample.label))
        .collect();
    Forest::grow(&samples, Settings::default())
}

fn judge(forest: &Forest, sample: &Sample) -> Option<Vote> {
    forest.judge(&sample.gathering.features())
}

/// Each sample judged by a forest that has not seen its run.
fn folds(samples: &[Sample]) -> Vec<(Type, Vote)> {
    let mut votes = Vec::new();
    for fold in 0..FOLDS {
        let forest = grow(samples.iter().filter(|sample| sample.run % FOLDS != fold));
        let held_back = samples.iter().filter(|sample| sample.run % FOLDS == fold);
        votes.extend(held_back.filter_map(|sample| Some((sample.label, judge(&forest, sample)?))));
    }
    votes
}

/// For each type the smallest type of its family, by what the training captures confuse among themselves.
fn families(samples: &[Sample], types: usize) -> Vec<usize> {
    let mut counts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    let mut of_type = vec![0.0; types];
    for (label, vote) in folds(samples) {
        let pair = (
            usize::from(label.min(vote.best)),
            usize::from(label.max(vote.best)),
        );
        *counts.entry(pair).or_default() += 1.0;
        of_type[usize::from(label)] += 1.0;
    }
    let mut family: Vec<_> = (0..types).collect();
    for ((one, other), count) in counts {
        if one != other && count >= CONFUSED * (of_type[one] + of_type[other]) {
            let (from, to) = (
                family[one].max(family[other]),
                family[one].min(family[other]),
            );
            family
                .iter_mut()
                .filter(|name| **name == from)
                .for_each(|name| *name = to);
        }
    }
    family
}

/// Leaves out each type in turn: its captures should be farther than those of learnt types that were held back.
fn unknown_auroc(samples: &[Sample], test: Option<&Set>, types: usize) -> f64 {
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for left_out in 0..types {
        let is_out = |sample: &&Sample| usize::from(sample.label) == left_out;
        let fold = left_out % FOLDS;
        let is_held_back = |sample: &&Sample| test.is_none() && sample.run % FOLDS == fold;
        let forest = grow(
            samples
                .iter()
                .filter(|sample| !is_out(sample) && !is_held_back(sample)),
        );
        let judged = test.map_or(samples, |test| &test.samples[..]);
        for sample in judged {
            let Some(vote) = judge(&forest, sample) else {
                continue;
            };
            if is_out(&sample) {
                far.push(vote.nearness());
            } else if test.is_some() || is_held_back(&sample) {
                near.push(vote.nearness());
            }
        }
    }
    auroc(&near, &mut far)
}

/// The chance that one of `near` is greater than one of `far`; equal ones count half.
fn auroc(near: &[f32], far: &mut [f32]) -> f64 {
    far.sort_by(f32::total_cmp);
    let above = |value: &f32| {
        let less = far.partition_point(|other| other < value);
        let not_more = far.partition_point(|other| other <= value);
        (less + not_more) as f64 / 2.0
    };
    near.iter().map(above).sum::<f64>() / (near.len() * far.len()).max(1) as f64
}

fn predict_us(forest: &Forest, samples: &[Sample]) -> f64 {
    const ROUNDS: usize = 20;
    let start = Instant::now();
    let mut said = 0;
    for _ in 0..ROUNDS {
        said += samples
            .iter()
            .filter_map(|sample| judge(forest, sample))
            .count();
    }
    start.elapsed().as_secs_f64() * 1e6 / said.max(1) as f64
}

fn gather(folders: &[(String, Vec<PathBuf>)], names: &[String]) -> Result<Set, CapturesError> {
    let mut samples = Vec::new();
    let mut runs = vec![0; names.len()];
    let mut spent_us = 0.0;
    for (name, files) in folders {
        let label = names.binary_search(name).expect("every name was entered");
        for path in files {
            let file = captures::read(path)?;
            let packets = captures::packets(path, &file)?;
            let Some(mac) = told_mac(path).or_else(|| likely_mac(&packets)) else {
                continue;
            };
            let start = Instant::now();
            let mut gathering = Gathering::of(mac);
            for packet in &packets {
                if let Ok(frame) = Frame::of(packet) {
                    gathering.hear(packet.at, &frame);
                }
            }
            spent_us += start.elapsed().as_secs_f64() * 1e6;
            if gathering.sent() > 0 {
                let run = runs[label];
                runs[label] += 1;
                let label = label as Type;
                samples.push(Sample {
                    label,
                    run,
                    gathering,
                });
            }
        }
    }
    let gather_us = spent_us / samples.len().max(1) as f64;
    Ok(Set { samples, gather_us })
}

/// Some sets say in a file which device is meant.
fn told_mac(capture: &Path) -> Option<Mac> {
    let text = fs::read_to_string(capture.parent()?.join("_iotdevice-mac.txt")).ok()?;
    text.split_whitespace().find_map(|word| word.parse().ok())
}

/// Otherwise it is who asks for an address, or else who sends most.
fn likely_mac(packets: &[Packet<'_>]) -> Option<Mac> {
    let mut sent: BTreeMap<Mac, (bool, u32)> = BTreeMap::new();
    for packet in packets {
        let Ok(frame) = Frame::of(packet) else {
            continue;
        };
        let Some(mac) = frame.device() else { continue };
        let asks = frame.as_ip().is_some_and(|ip| {
            matches!(&ip.transport, Transport::Udp(udp) if udp.destination == dhcp::SERVER_PORT)
        });
        let entry = sent.entry(mac).or_default();
        entry.0 |= asks;
        entry.1 += 1;
    }
    let most = sent.into_iter().max_by_key(|(_, rank)| *rank);
    most.map(|(mac, _)| mac)
}
