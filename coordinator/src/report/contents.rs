//! What stands in a report of each kind, read from the store and the newest snapshot.

use std::collections::BTreeMap;

use alerts::filter::{Filter as AlertsFilter, Shown};
use language::number::decimal;
use language::{say, written};
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use reports::report::{Bars, Block, Section, Table};
use ui::parts::class::class_name;

use super::apart::heard;
use super::{ReportError, Reporter, words};
use crate::audit::{EntryDocument, says};
use crate::bulletin::document::{AlertDocument, IncidentDocument};
use crate::compliance::{self, Standing};
use crate::live::{Live, LiveDevice, State};
use crate::risk::document::{FindingDocument, OccurrenceDocument, ScoreDocument};
use crate::scans::document::JobDocument;
use crate::store::audit::{AuditVerdict, Sought};
use crate::store::reports::Kind;
use crate::web::api::instant;

/// Rows of one table, whatever there is.
const ROWS: usize = 5_000;

/// Members in the order in which states are listed.
const STATES: [State; 6] = [
    State::Online,
    State::Degraded,
    State::Silent,
    State::Stopped,
    State::Enrolled,
    State::Retired,
];

impl Reporter {
    pub(super) fn title(&self, kind: Kind, device: Option<&DeviceId>) -> String {
        let live = self.live.borrow();
        match (kind, device) {
            (Kind::Fleet, _) => say!("Fleet report").to_owned(),
            (Kind::Device, Some(device)) => {
                let name = live.name(device).unwrap_or_else(|| device.to_string());
                say!("Device report: {name}", name)
            }
            (Kind::Device, None) => say!("Device report").to_owned(),
            (Kind::Scan, _) => say!("Scan report").to_owned(),
            (Kind::Incident, _) => say!("Incident report").to_owned(),
            (Kind::Audit, _) => say!("Audit report").to_owned(),
            (Kind::Compliance, _) => say!("Compliance report").to_owned(),
        }
    }

    pub(super) fn sections(
        &self,
        kind: Kind,
        device: Option<&DeviceId>,
        now: Timestamp,
    ) -> Result<Vec<Section>, ReportError> {
        match kind {
            Kind::Fleet => self.fleet(now),
            Kind::Device => self.device(device.ok_or(ReportError::NoDevice)?, now),
            Kind::Scan => self.scans(),
            Kind::Incident => Ok(self.incidents(now)),
            Kind::Audit => self.audit(),
            Kind::Compliance => self.compliance(),
        }
    }

    fn fleet(&self, now: Timestamp) -> Result<Vec<Section>, ReportError> {
        let live = self.live.borrow().clone();
        let apart = self.apart(&live, now)?;
        let counts = self.reader.counts()?;
        let states = STATES.map(|state| (words::state(state).to_owned(), live.count(state) as u64));
        let mut classes: BTreeMap<String, u64> = BTreeMap::new();
        for device in live
            .devices
            .iter()
            .filter(|device| device.state != State::Retired)
        {
            *classes
                .entry(class_name(device.class.word()).to_owned())
                .or_default() += 1;
        }
        let index = self.risk.index();
        let score = index.fleet.as_ref();
        let score = score.map(|score| ScoreDocument::of(score, &[]));
        let facts = vec![
            fact(
                say!("Members"),
                live.devices.len() - live.count(State::Retired),
            ),
            fact(
                say!("Online"),
                live.count(State::Online) + live.count(State::Degraded),
            ),
            fact(say!("Waiting to be admitted"), live.pending.len()),
            fact(say!("Devices without a node"), apart.rows.len()),
            fact(say!("Records stored"), counts.records),
            fact(say!("Open findings"), index.open()),
            fact(
                say!("Security score"),
                score
                    .as_ref()
                    .map_or(say!("not known").to_owned(), |score| {
                        say!("{points} of 100", points = decimal(score.score, 0))
                    }),
            ),
        ];
        let mut devices = Table::of(
            &[
                (say!("Name"), 4),
                (say!("State"), 2),
                (say!("Class"), 2),
                (say!("Cell"), 2),
                (say!("Last heard"), 4),
                (say!("Id"), 3),
            ],
            say!("No device has joined."),
        );
        devices.rows = live.devices.iter().take(ROWS).map(row).collect();
        Ok(vec![
            section(say!("Sum"), vec![Block::Facts(facts)]),
            section(
                say!("Charts"),
                vec![
                    bars(say!("Members by state"), states.into_iter().collect()),
                    bars(say!("Members by class"), classes.into_iter().collect()),
                ],
            ),
            section(
                say!("What the score is made of"),
                vec![score_table(score.as_ref())],
            ),
            section(say!("First to be fixed"), vec![self.first_findings(20)]),
            section(say!("Devices"), vec![Block::Table(devices)]),
            section(say!("Devices without a node"), vec![Block::Table(apart)]),
        ])
    }

    fn device(&self, id: &DeviceId, now: Timestamp) -> Result<Vec<Section>, ReportError> {
        let live = self.live.borrow().clone();
        let device = live.device(id).ok_or(ReportError::NoSuchDevice)?;
        let latest = self.reader.latest(id)?;
        let mut facts = vec![
            fact(say!("Id"), device.device),
            fact(say!("State"), words::state(device.state)),
            fact(say!("Since"), instant(device.since.as_millis())),
            fact(say!("Class"), class_name(device.class.word())),
            fact(say!("Cell"), &device.cell),
            fact(say!("Last heard"), heard(device.heard)),
            fact(say!("Admitted"), instant(device.admitted.as_millis())),
            fact(
                say!("Member until"),
                instant(device.membership_until.as_millis()),
            ),
            fact(say!("Witnesses"), device.witnesses.len()),
        ];
        if let Some(reading) = &latest.reading {
            let cpu = reading.value.cpu_permille;
            facts.push(fact(
                say!("Processor"),
                say!("{n} %", n = decimal(f64::from(cpu) / 10.0, 1)),
            ));
            let (used, all) = (
                reading.value.memory_used_kib,
                reading.value.memory_total_kib,
            );
            facts.push(fact(
                say!("Memory"),
                say!("{used} of {all} MiB", used = used / 1024, all = all / 1024),
            ));
        }
        let index = self.risk.index();
        let key = id.to_string();
        let mut found = Table::of(
            &[
                (say!("Finding"), 3),
                (say!("State"), 2),
                (say!("Place"), 2),
                (say!("Evidence"), 5),
                (say!("Fixed in"), 2),
            ],
            say!("Nothing was found on it."),
        );
        for (finding, place) in index.on_device(&key).take(ROWS) {
            let (occurrence, state) = &finding.occurrences[place];
            let said = OccurrenceDocument::of(&index, occurrence, state);
            let fixed = said.fixed_in.unwrap_or_default();
            found.rows.push(vec![
                said.finding,
                words::finding(&said.state).to_owned(),
                said.place,
                said.evidence,
                fixed,
            ]);
        }
        let filter = AlertsFilter {
            device: Some(*id),
            ..everything()
        };
        Ok(vec![
            section(say!("What it is"), vec![Block::Facts(facts)]),
            section(say!("Findings"), vec![Block::Table(found)]),
            section(say!("Alerts"), vec![self.alerts_table(&filter, &live, now)]),
        ])
    }

    fn scans(&self) -> Result<Vec<Section>, ReportError> {
        let mut jobs = Table::of(
            &[
                (say!("Scan"), 1),
                (say!("Asked"), 3),
                (say!("By"), 2),
                (say!("Targets"), 4),
                (say!("Nodes"), 4),
            ],
            say!("Nothing was scanned."),
        );
        for job in self.reader.jobs(200)?.iter().map(JobDocument::of) {
            let nodes = job.nodes.iter();
            let nodes: Vec<String> = nodes
                .map(|node| {
                    say!(
                        "{name}: {value}",
                        name = node.name,
                        value = words::stage(&node.state)
                    )
                })
                .collect();
            let targets = match job.targets.is_empty() {
                true => say!("everything that is known").to_owned(),
                false => job.targets.join(", "),
            };
            jobs.rows.push(vec![
                job.id.to_string(),
                job.asked,
                job.by,
                targets,
                nodes.join(", "),
            ]);
        }
        let index = self.risk.index();
        let mut levels: BTreeMap<&str, u64> = BTreeMap::new();
        for (finding, row) in index.findings.iter().zip(&index.rows) {
            if finding.open_devices > 0 {
                *levels.entry(row.level.word()).or_default() += 1;
            }
        }
        let levels = levels.into_iter();
        let levels = levels
            .map(|(level, count)| (words::level(level).to_owned(), count))
            .collect();
        Ok(vec![
            section(
                say!("Open findings by level"),
                vec![bars(say!("Open findings"), levels)],
            ),
            section(say!("Findings"), vec![self.first_findings(ROWS)]),
            section(say!("Scans"), vec![Block::Table(jobs)]),
        ])
    }

    fn incidents(&self, now: Timestamp) -> Vec<Section> {
        let live = self.live.borrow().clone();
        let mut incidents = Table::of(
            &[
                (say!("Incident"), 1),
                (say!("Cause"), 4),
                (say!("Device"), 3),
                (say!("First"), 3),
                (say!("Last"), 3),
                (say!("Alerts"), 1),
            ],
            say!("Nothing has happened."),
        );
        incidents.rows = self.bulletin.look(|pages| {
            let all = pages.book.incidents().rev().take(ROWS);
            let all = all.map(|incident| IncidentDocument::of(incident, &live));
            all.map(|incident| {
                let device = incident
                    .device
                    .map(|device| device.name)
                    .unwrap_or_default();
                let cause = incident.cause.unwrap_or_default();
                let alerts = incident.alerts.to_string();
                vec![
                    incident.id.to_string(),
                    cause,
                    device,
                    incident.first,
                    incident.last,
                    alerts,
                ]
            })
            .collect()
        });
        let mut levels: BTreeMap<String, u64> = BTreeMap::new();
        for alert in self.alerts(&everything(), &live, now) {
            *levels
                .entry(words::level(&alert.severity).to_owned())
                .or_default() += 1;
        }
        vec![
            section(
                say!("Alerts by severity"),
                vec![bars(say!("Alerts"), levels.into_iter().collect())],
            ),
            section(say!("Incidents"), vec![Block::Table(incidents)]),
            section(
                say!("Alerts"),
                vec![self.alerts_table(&everything(), &live, now)],
            ),
        ]
    }

    fn audit(&self) -> Result<Vec<Section>, ReportError> {
        let check = self.reader.audit_check()?;
        let mut facts = match check.verdict {
            AuditVerdict::Whole { entries, head } => vec![
                fact(say!("Chain"), say!("chain|holds")),
                fact(say!("Entries"), entries),
                fact(say!("Newest digest"), head),
            ],
            AuditVerdict::Broken { index, how } => vec![
                fact(
                    say!("Chain"),
                    say!("broken at entry {number}", number = index + 1),
                ),
                fact(say!("Why"), how.says()),
            ],
        };
        facts.extend(
            check
                .countersigned
                .iter()
                .map(|word| fact(say!("Countersigned"), says(word))),
        );
        let mut entries = Table::of(
            &[
                (say!("No."), 1),
                (say!("Time"), 3),
                (say!("Who"), 2),
                (say!("Action"), 3),
                (say!("Object"), 3),
                (say!("Change"), 4),
                (say!("From"), 2),
            ],
            say!("Nothing was done."),
        );
        let mut before = None;
        if let AuditVerdict::Whole { .. } = check.verdict {
            while entries.rows.len() < ROWS {
                let found = self
                    .reader
                    .audit_search(&Sought::default(), before, 1_000)?;
                let documents = found.entries.iter().map(EntryDocument::of);
                entries.rows.extend(documents.map(audit_row));
                match found.next {
                    Some(_) => before = found.next,
                    None => break,
                }
            }
        }
        Ok(vec![
            section(say!("The log"), vec![Block::Facts(facts)]),
            section(say!("Entries"), vec![Block::Table(entries)]),
        ])
    }

    fn compliance(&self) -> Result<Vec<Section>, ReportError> {
        let figures = self.figures()?;
        let sections = compliance::ALL.iter().map(|framework| {
            let judged = framework.judged(&figures);
            let met = judged.iter().filter(|judged| judged.standing.is_met()).count();
            let mut table = Table::of(&[(say!("Control"), 2), (say!("Title"), 5), (say!("Stands"), 1), (say!("Evidence, or what would meet it"), 6)], "");
            table.rows = judged
                .iter()
                .map(|judged| {
                    let (word, says) = match &judged.standing {
                        Standing::Met { figure, link } => (say!("control|met"), format!("{figure} ({link})")),
                        Standing::NotMet { would } => (say!("control|not met"), would.clone()),
                    };
                    vec![judged.id.clone(), judged.title.clone(), word.to_owned(), says]
                })
                .collect();
            let sum = say!("{part} of {whole} controls show evidence. This is evidence for an auditor, and no certificate.", part = met, whole = judged.len());
            section(framework.name, vec![Block::Text(sum), Block::Table(table)])
        });
        Ok(sections.collect())
    }

    fn first_findings(&self, most: usize) -> Block {
        let index = self.risk.index();
        let mut table = Table::of(
            &[
                (say!("Finding"), 3),
                (say!("Level"), 2),
                (say!("Title"), 5),
                (say!("Devices"), 1),
                (say!("Next step"), 5),
            ],
            say!("Nothing is open."),
        );
        let open = index.findings.iter().zip(&index.rows);
        let open = open.filter(|(finding, _)| finding.open_devices > 0);
        for found in open
            .take(most)
            .map(|(finding, row)| FindingDocument::of(finding, row))
        {
            let devices = found.open_devices.to_string();
            table.rows.push(vec![
                found.id,
                words::level(&found.level).to_owned(),
                written::spoken(&found.title).into_owned(),
                devices,
                written::spoken(&found.next_step).into_owned(),
            ]);
        }
        Block::Table(table)
    }

    fn alerts(&self, filter: &AlertsFilter, live: &Live, now: Timestamp) -> Vec<AlertDocument> {
        self.bulletin.look(|pages| {
            let page = pages.book.page(filter, None, ROWS, now).into_iter();
            page.map(|alert| AlertDocument::of(alert, &pages.book, live, now))
                .collect()
        })
    }

    fn alerts_table(&self, filter: &AlertsFilter, live: &Live, now: Timestamp) -> Block {
        let mut table = Table::of(
            &[
                (say!("Alert"), 1),
                (say!("Severity"), 2),
                (say!("State"), 2),
                (say!("Title"), 5),
                (say!("Device"), 3),
                (say!("Count"), 1),
                (say!("Last"), 3),
            ],
            say!("Nothing was raised."),
        );
        for alert in self.alerts(filter, live, now) {
            let device = alert.device.map(|device| device.name).unwrap_or_default();
            let (id, count) = (alert.id.to_string(), alert.count.to_string());
            table.rows.push(vec![
                id,
                words::level(&alert.severity).to_owned(),
                words::alert(&alert.state).to_owned(),
                written::spoken(&alert.title).into_owned(),
                device,
                count,
                alert.last,
            ]);
        }
        Block::Table(table)
    }
}

pub(super) fn everything() -> AlertsFilter {
    AlertsFilter {
        states: Shown::parse("all").unwrap_or_default(),
        ..AlertsFilter::default()
    }
}

fn audit_row(entry: EntryDocument) -> Vec<String> {
    let change = match (entry.before, entry.after) {
        (None, after) => after.unwrap_or_default(),
        (Some(before), None) => say!("was {before}", before),
        (Some(before), Some(after)) => format!("{before} → {after}"),
    };
    let from = entry.address.unwrap_or_default();
    vec![
        entry.number.to_string(),
        entry.time,
        entry.actor,
        entry.action,
        entry.object,
        change,
        from,
    ]
}

fn score_table(score: Option<&ScoreDocument>) -> Block {
    let mut table = Table::of(
        &[
            (say!("Part"), 2),
            (say!("Points lost"), 1),
            (say!("Why"), 5),
            (say!("What to do"), 5),
        ],
        say!("Nothing is lost, or nothing is known yet."),
    );
    for part in score.into_iter().flat_map(|score| &score.parts) {
        let remedy = part
            .remedy
            .as_deref()
            .map(written::spoken)
            .unwrap_or_default();
        table.rows.push(vec![
            words::part(&part.part).to_owned(),
            decimal(part.lost, 1),
            written::spoken(&part.reason).into_owned(),
            remedy.into_owned(),
        ]);
    }
    Block::Table(table)
}

fn row(device: &LiveDevice) -> Vec<String> {
    vec![
        device.name.to_string(),
        words::state(device.state).to_owned(),
        class_name(device.class.word()).to_owned(),
        device.cell.to_string(),
        heard(device.heard),
        device.device.to_string(),
    ]
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "callers write numbers and texts as they have them"
)]
fn fact(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

fn section(title: &str, blocks: Vec<Block>) -> Section {
    Section {
        title: title.to_owned(),
        blocks,
    }
}

fn bars(title: &str, bars: Vec<(String, u64)>) -> Block {
    Block::Bars(Bars {
        title: title.to_owned(),
        bars,
    })
}
