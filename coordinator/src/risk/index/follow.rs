//! How an index follows from the one before when a few devices were looked at again: what has nothing to do with them is
//! taken over as it is, so that one scan does not cost as much as all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use findings::finding::{Device, Finding, Occurrence, Subject, findings};
use findings::time::Moment;

use super::{Index, Row, holders, places};
use crate::risk::known::{Devices, Known};

/// What was learnt since an index was made.
#[derive(Debug)]
pub struct News {
    /// All devices, as they are by now.
    pub devices: Devices,
    /// Those that were looked at again.
    pub again: BTreeSet<String>,
    /// What those have.
    pub occurrences: Vec<Occurrence>,
    /// What nobody can rule out on them.
    pub undecided: BTreeMap<String, BTreeSet<String>>,
}

/// Findings with what lists say of them.
type Listed = Vec<(Arc<Finding>, Arc<Row>)>;

impl Index {
    /// The same as an index of everything, if no decision has ended and no day has begun since this one was made.
    pub fn followed_by(&self, news: News, now: Moment) -> Self {
        let changed = self.changed(&news);
        let found = news.occurrences.iter();
        let mut concerned: BTreeSet<&Subject> = found.map(|found| &found.subject).collect();
        for id in &changed {
            let had = self.of_device.get(id).into_iter().flatten();
            concerned.extend(had.map(|finding| &finding.subject));
        }
        let (left, stays) = self.parted(&concerned);
        let fresh = self.grouped(&left, &news, now);
        let of_device = self.handed_over(&left, &fresh, &concerned);
        let (findings, rows) = in_order(stays, fresh);
        let mut undecided = self.undecided.clone();
        undecided.retain(|device, _| !news.again.contains(device));
        undecided.extend(news.undecided);
        let mut index = Self {
            at: now,
            feed: Arc::clone(&self.feed),
            note: self.note.clone(),
            ledger: Arc::clone(&self.ledger),
            place_of: places(&rows),
            devices: news.devices,
            findings,
            rows,
            scores: self.scores.clone(),
            fleet: None,
            libraries: Arc::clone(&self.libraries),
            undecided,
            of_device,
        };
        index.score_again(&changed, now);
        index
    }

    /// Devices that were looked at again, that have come or gone, or of which something else counts than before.
    fn changed(&self, news: &News) -> BTreeSet<String> {
        let mut changed = news.again.clone();
        for (id, known) in &news.devices {
            let before = self.devices.get(id);
            if before.is_none_or(|before| !counts_alike(before, known)) {
                changed.insert(id.clone());
            }
        }
        let gone = self.devices.keys();
        let gone = gone.filter(|id| !news.devices.contains_key(*id));
        changed.extend(gone.cloned());
        changed
    }

    /// Findings that have to be grouped again, and those that stay.
    fn parted(&self, concerned: &BTreeSet<&Subject>) -> (Vec<&Finding>, Listed) {
        let (mut left, mut stays) = (Vec::new(), Listed::new());
        for (finding, row) in self.findings.iter().zip(&self.rows) {
            if concerned.contains(&finding.subject) {
                left.push(finding.as_ref());
            } else {
                stays.push((Arc::clone(finding), Arc::clone(row)));
            }
        }
        (left, stays)
    }

    fn grouped(&self, left: &[&Finding], news: &News, now: Moment) -> Listed {
        let others = left.iter().flat_map(|finding| &finding.occurrences);
        let others = others.map(|(found, _)| found);
        let others = others.filter(|found| !news.again.contains(&found.device));
        let all = others.chain(&news.occurrences);
        let all: Vec<Occurrence> = all
            .filter(|found| news.devices.contains_key(&found.device))
            .cloned()
            .collect();
        let of_holder = |found: &Occurrence| {
            let known = news.devices.get(&found.device)?;
            Some((found.device.clone(), known.for_findings()))
        };
        let devices: BTreeMap<String, Device> = all.iter().filter_map(of_holder).collect();
        let grouped = findings(all, &devices, &self.feed.catalogue, &self.ledger, now);
        let grouped = grouped.into_iter().map(|finding| {
            let row = Row::of(&finding, &self.feed, &news.devices);
            (Arc::new(finding), Arc::new(row))
        });
        grouped.collect()
    }

    /// What each device has, with the new findings in the place of those that were left.
    fn handed_over(
        &self,
        left: &[&Finding],
        fresh: &Listed,
        concerned: &BTreeSet<&Subject>,
    ) -> BTreeMap<String, Vec<Arc<Finding>>> {
        let mut of_device = self.of_device.clone();
        let had = left.iter().flat_map(|finding| holders(finding));
        let mut touched: BTreeSet<&str> = had.collect();
        for holder in &touched {
            if let Some(all) = of_device.get_mut(*holder) {
                all.retain(|finding| !concerned.contains(&finding.subject));
            }
        }
        for (finding, _) in fresh {
            for holder in holders(finding) {
                let all = of_device.entry(holder.to_owned()).or_default();
                all.push(Arc::clone(finding));
                touched.insert(holder);
            }
        }
        for holder in touched {
            if let Some(all) = of_device.get_mut(holder) {
                all.sort_by(|a, b| a.order(b));
            }
        }
        of_device.retain(|_, all| !all.is_empty());
        of_device
    }

    fn score_again(&mut self, changed: &BTreeSet<String>, now: Moment) {
        for id in changed {
            if self.devices.contains_key(id) {
                let score = self.score_of(id, now);
                self.scores.insert(id.clone(), score);
            } else {
                self.scores.remove(id);
            }
        }
        self.score_fleet();
    }
}

/// Whether findings, lists and scores say the same of both.
fn counts_alike(before: &Known, after: &Known) -> bool {
    let counts = |known: &Known| (known.exposure, known.last_scan, known.has_sbom);
    counts(before) == counts(after)
        && before.class == after.class
        && before.cell == after.cell
        && before.tags == after.tags
}

fn in_order(mut stays: Listed, fresh: Listed) -> (Vec<Arc<Finding>>, Vec<Arc<Row>>) {
    stays.extend(fresh);
    stays.sort_by(|(a, _), (b, _)| a.order(b));
    stays.into_iter().unzip()
}

#[cfg(test)]
mod tests {
    use findings::finding::decision::{Decision, Ledger, Scope, Verdict};
    use findings::finding::priority::Exposure;
    use findings::finding::{Confidence, Place};
    use findings::scan::Mac;
    use protocol::dice::Dice;

    use super::super::Makings;
    use super::*;
    use crate::risk::holder::Holder;

    const NOW: Moment = Moment(1_800_000_000);

    fn holder(number: u64) -> Holder {
        Holder::Mac(Mac([2, 0, 0, 0, 0, number as u8]))
    }

    fn known(number: u64, dice: &mut Dice) -> Known {
        let exposures = [Exposure::Unknown, Exposure::Segment, Exposure::Internet];
        Known {
            holder: holder(number),
            name: format!("device-{number}"),
            class: ["camera", "printer"][dice.below(2) as usize].to_owned(),
            cell: ["", "hall"][dice.below(2) as usize].to_owned(),
            vendor: String::new(),
            tags: BTreeSet::from([format!("floor{}", dice.below(3))]),
            site: String::new(),
            called: String::new(),
            classed: None,
            addresses: BTreeSet::new(),
            exposure: exposures[dice.below(3) as usize],
            has_node: false,
            last_heard: None,
            last_scan: (dice.below(2) == 0).then_some(NOW),
            has_sbom: dice.below(2) == 0,
        }
    }

    fn found(device: &str, dice: &mut Dice) -> Vec<Occurrence> {
        let some = dice.below(6);
        let one = |_| Occurrence {
            subject: Subject::Vulnerability(format!("CVE-2025-000{}", dice.below(9))),
            device: device.to_owned(),
            place: Place::Component(format!("part-{}", dice.below(2))),
            evidence: "1.0".to_owned(),
            confidence: Confidence::Banner,
            fixed_in: None,
            vendor: None,
        };
        let mut all: Vec<_> = (0..some).map(one).collect();
        all.sort();
        all.dedup();
        all
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        let scopes = [
            Scope::Class("camera".to_owned()),
            Scope::Device(holder(2).to_string()),
        ];
        for (number, scope) in scopes.into_iter().enumerate() {
            let decision = Decision {
                subject: Subject::Vulnerability(format!("CVE-2025-000{number}")),
                verdict: Verdict::Accepted,
                reason: "It is known.".to_owned(),
                scope,
                by: "amina".to_owned(),
                at: Moment(1),
                expires: None,
            };
            ledger.add(decision).expect("it is a decision");
        }
        ledger
    }

    fn whole(devices: Devices, occurrences: Vec<Occurrence>, ledger: &Arc<Ledger>) -> Index {
        let makings = Makings {
            feed: Arc::default(),
            note: None,
            ledger: Arc::clone(ledger),
            devices,
            occurrences,
            undecided: BTreeMap::new(),
            libraries: Arc::default(),
        };
        Index::of(makings, NOW)
    }

    fn same(followed: &Index, anew: &Index) {
        assert_eq!(followed.findings, anew.findings);
        assert_eq!(followed.rows, anew.rows);
        assert_eq!(followed.place_of, anew.place_of);
        assert_eq!(followed.of_device, anew.of_device);
        assert_eq!(followed.scores, anew.scores);
        assert_eq!(followed.fleet, anew.fleet);
    }

    /// Devices come, go, are looked at again and become something else; each time the index that follows is the one that
    /// all of it would make.
    #[test]
    fn what_follows_is_what_everything_would_make() {
        let mut dice = Dice::from_seed([4; 32]);
        let ledger = Arc::new(ledger());
        let mut has: BTreeMap<String, Vec<Occurrence>> = BTreeMap::new();
        let mut index = whole(Devices::new(), Vec::new(), &ledger);
        for _ in 0..200 {
            let mut devices = index.devices.clone();
            let mut again = BTreeSet::new();
            for _ in 0..=dice.below(2) {
                let number = dice.below(8);
                let id = holder(number).to_string();
                devices.insert(id.clone(), known(number, &mut dice));
                has.insert(id.clone(), found(&id, &mut dice));
                again.insert(id);
            }
            let other = holder(dice.below(8)).to_string();
            match dice.below(4) {
                0 => {
                    devices.remove(&other);
                    has.remove(&other);
                }
                1 => {
                    if let Some(one) = devices.get_mut(&other) {
                        one.class = "plc".to_owned();
                        one.exposure = Exposure::Internet;
                    }
                }
                _ => {}
            }
            let looked = again.iter().filter_map(|id| has.get(id));
            let news = News {
                devices: devices.clone(),
                occurrences: looked.flatten().cloned().collect(),
                again,
                undecided: BTreeMap::new(),
            };
            index = index.followed_by(news, NOW);
            let all = has.values().flatten().cloned().collect();
            same(&index, &whole(devices, all, &ledger));
        }
    }

    #[test]
    fn what_has_nothing_to_do_with_it_is_taken_over_as_it_is() {
        let mut dice = Dice::from_seed([5; 32]);
        let ledger = Arc::default();
        let of = |device: u64, cve: &str| Occurrence {
            subject: Subject::Vulnerability(cve.to_owned()),
            device: holder(device).to_string(),
            place: Place::System,
            evidence: String::new(),
            confidence: Confidence::Banner,
            fixed_in: None,
            vendor: None,
        };
        let devices: Devices = (1..=2)
            .map(|number| (holder(number).to_string(), known(number, &mut dice)))
            .collect();
        let all = vec![of(1, "CVE-2025-0001"), of(2, "CVE-2025-0002")];
        let index = whole(devices.clone(), all, &ledger);
        let news = News {
            devices,
            again: BTreeSet::from([holder(1).to_string()]),
            occurrences: vec![of(1, "CVE-2025-0003")],
            undecided: BTreeMap::new(),
        };
        let next = index.followed_by(news, NOW);
        let arc = |index: &Index, id: &str| Arc::clone(&index.findings[index.place_of[id]]);
        let (before, after) = (arc(&index, "CVE-2025-0002"), arc(&next, "CVE-2025-0002"));
        assert!(Arc::ptr_eq(&before, &after));
        assert!(next.find("CVE-2025-0001").is_none());
        assert!(next.find("CVE-2025-0003").is_some());
    }
}
