//! The neighbourhood for the status file, read from the core and put into people's words.

use protocol::id::DeviceId;
use protocol::node::Doubt;
use protocol::time::{Instant, Now};

use super::Shell;
use crate::status::watch::{
    self, Accuser, Automation, Down, Held, Named, Seat, Subject, Suspected, Watch, Witness,
};

impl Shell {
    pub(super) fn watch(&self) -> Watch {
        let (own, now) = (self.member.membership.device, self.now());
        let (rings, silence) = (self.core.roster().rings(), self.core.silence());
        let accusing = silence
            .accusations()
            .filter(|accusation| !accusation.silent.is_empty());
        Watch {
            witnesses: rings
                .seats(&own, silence.down())
                .iter()
                .map(|witness| self.witness(witness, now))
                .collect(),
            subjects: self.subjects(&own, now),
            accused_by: self.accusers(&own),
            down: silence
                .down()
                .iter()
                .map(|device| Down {
                    named: self.named(device),
                    witnesses: rings.jury(device),
                    accusers: self.accusers(device),
                })
                .collect(),
            accusations: accusing.count(),
            suspected: self.suspected(),
            held: self.held(now),
            automation: self.automation(now),
            seat: if self.core.roster().is_seated(&own) {
                Seat::Held
            } else {
                Seat::WaitsForGateways
            },
        }
    }

    fn automation(&self, now: Now) -> Automation {
        let classes = &self.core.roster().charter().automate;
        let automation = self.core.automation(now);
        Automation {
            state: automation.word().to_owned(),
            classes: classes.iter().map(ToString::to_string).collect(),
            says: automation.says(classes),
        }
    }

    fn held(&self, now: Now) -> Vec<Held> {
        let (rulings, roster) = (self.core.rulings(), self.core.roster());
        let ordered = rulings.held(roster, now.wall);
        let by_people = ordered.iter().filter_map(|device| {
            let ruling = rulings.newest(device, now.wall)?;
            Some(Held {
                named: self.named(device),
                reason: ruling.reason.to_string(),
                until_ms: ruling.until.as_millis(),
            })
        });
        let sentences = self.core.effect().held(now.wall);
        let sentences = sentences.filter(|sentence| !ordered.contains(&sentence.subject));
        let by_committees = sentences.map(|sentence| Held {
            named: self.named(&sentence.subject),
            reason: "a committee of strangers saw it too".to_owned(),
            until_ms: sentence.until().as_millis(),
        });
        by_people.chain(by_committees).collect()
    }

    fn suspected(&self) -> Vec<Suspected> {
        let suspicion = self.core.suspicion();
        let suspects = suspicion.suspects(self.core.roster()).into_iter();
        let told = suspects.map(|(device, case)| {
            let reports = case.witnesses.iter();
            let reports = reports.filter_map(|witness| suspicion.report(witness));
            let words = reports.flat_map(|report| {
                report.of(&device).map(|suspect| watch::Report {
                    witness: self.named(&report.witness),
                    says: suspect.ground.says().to_owned(),
                    times: suspect.times,
                    at_ms: report.time.as_millis(),
                })
            });
            Suspected {
                named: self.named(&device),
                votes: case.votes,
                quorum: case.quorum,
                reports: words.collect(),
            }
        });
        told.collect()
    }

    fn witness(&self, witness: &DeviceId, now: Now) -> Witness {
        let heard = self.core.last_heard(witness);
        Witness {
            named: self.named(witness),
            heard_ms: heard.map(|at| wall_of(at, now)),
        }
    }

    fn subjects(&self, own: &DeviceId, now: Now) -> Vec<Subject> {
        let charges = self
            .core
            .roster()
            .rings()
            .charges(own, self.core.silence().down());
        let heard = self.core.heard(now.monotonic);
        let doubts: Vec<_> = self.core.doubts().collect();
        let subject = |device: &DeviceId| {
            let sighting = heard.iter().find(|sighting| sighting.subject == *device);
            let doubt = doubts.iter().find(|(subject, _)| subject == device);
            Subject {
                named: self.named(device),
                heard_ms: sighting.map(|sighting| {
                    now.wall
                        .as_millis()
                        .saturating_sub(u64::from(sighting.age_ms))
                }),
                doubt: doubt.map(|(_, doubt)| match doubt {
                    Doubt::Probed => watch::Doubt::Probed,
                    Doubt::Accused => watch::Doubt::Accused,
                }),
            }
        };
        charges.iter().map(subject).collect()
    }

    fn accusers(&self, device: &DeviceId) -> Vec<Accuser> {
        let certificate = self
            .core
            .silence()
            .certificate(device, self.core.roster().rings());
        let accuser =
            |accusation: &protocol::signed::Signed<protocol::accusation::Accusation>| Accuser {
                named: self.named(&accusation.witness),
                at_ms: accusation.time.as_millis(),
            };
        certificate.into_iter().map(accuser).collect()
    }

    fn named(&self, device: &DeviceId) -> Named {
        let member = self.core.roster().member(device);
        let name = member.map(|member| member.membership.name.to_string());
        Named {
            device: device.to_string(),
            name: name.unwrap_or_else(|| device.to_string()),
        }
    }
}

fn wall_of(at: Instant, now: Now) -> u64 {
    let age = u64::try_from(now.monotonic.since(at).as_millis()).unwrap_or(u64::MAX);
    now.wall.as_millis().saturating_sub(age)
}
