//! One durable transaction for a whole batch of saves, each page and each bucket touched once.

use protocol::coordinator::save::{Collected, Save};
use protocol::id::DeviceId;
use protocol::statement::Statement;
use redb::WriteTransaction;

use super::commands::{self, COMMAND_ANSWERS, COMMANDS};
use super::contacts::CONTACTS;
use super::countersigned::{self, COUNTERSIGNED};
use super::cursors::{self, CURSORS, Cursor, Spot};
use super::devices::DEVICES;
use super::entries::{ENTRIES, LOG_HEAD};
use super::evidence::{self, EVIDENCE};
use super::fault::Fault;
use super::halts::HALTS;
use super::key::StoreKey;
use super::neighbours::Pages;
use super::obeyed::{self, OBEYED};
use super::observations::OBSERVATIONS;
use super::records::{self, RECORDS};
use super::rows::Writable;
use super::rulings::RULINGS;
use super::samples::Gathered;
use super::tokens::TOKENS;
use super::trail::{self, WAYPOINTS};
use super::votes::VOTES;
use super::{devices, entries, halts, observations, profiles, rollouts, rulings, tokens, votes};

/// Writes a batch. What is stored already is skipped, so that a batch may be committed twice.
pub(super) fn write(txn: &WriteTransaction, key: &StoreKey, saves: &[Save]) -> Result<(), Fault> {
    let mut collected = Vec::with_capacity(saves.len());
    for save in saves {
        match save {
            Save::Record(record) => collected.push(record.as_ref()),
            Save::Entries {
                from,
                entries: more,
                head,
            } => {
                let (mut log, mut head_row) = (ENTRIES.writable(txn)?, LOG_HEAD.writable(txn)?);
                entries::put(&mut log, &mut head_row, *from, more, head)?;
            }
            Save::Cosigned(envelopes) => {
                entries::put_cosigned(&mut LOG_HEAD.writable(txn)?, envelopes)?;
            }
            Save::Seeds(seeds) => entries::put_seeds(&mut LOG_HEAD.writable(txn)?, seeds)?,
            Save::Enrolled {
                device,
                data_key,
                at,
            } => devices::put(&mut DEVICES.writable(txn)?, key, device, data_key, *at)?,
            Save::Retired { device, at } => {
                devices::put_retired(&mut DEVICES.writable(txn)?, device, *at)?;
            }
            Save::Token(token) => tokens::put(&mut TOKENS.writable(txn)?, key, token)?,
            Save::Conviction { proof, brought, at } => {
                evidence::put(&mut EVIDENCE.writable(txn)?, proof, *brought, *at)?;
            }
            Save::Ruling {
                device,
                gateway,
                ruling,
            } => rulings::put(
                &mut RULINGS.writable(txn)?,
                device,
                gateway.as_ref(),
                ruling,
            )?,
            Save::Rollout { id, course } => rollouts::put(txn, *id, course)?,
            Save::RolloutDevice { id, device, entry } => {
                rollouts::put_device(txn, *id, device, entry)?;
            }
            Save::RolloutGone { id } => rollouts::forget(txn, *id)?,
            Save::Halt { target, halt } => {
                halts::put(&mut HALTS.writable(txn)?, target, halt)?;
            }
            Save::Vote {
                subject,
                epoch,
                member,
                vote,
            } => votes::put(&mut VOTES.writable(txn)?, subject, *epoch, member, vote)?,
            Save::Observation(seen) => {
                observations::put(&mut OBSERVATIONS.writable(txn)?, seen)?;
            }
            Save::Contact { device, contact } => CONTACTS
                .writable(txn)?
                .put(device.as_bytes(), &mut contact.clone())?,
        }
    }
    if collected.is_empty() {
        return Ok(());
    }
    collected.sort_by_key(|record| (record.device, record.position));
    Records::open(txn)?.write(txn, &collected)
}

/// The tables that every batch of records touches, and the one buffer that rows are made in.
struct Records<'t> {
    records: Writable<'t>,
    waypoints: Writable<'t>,
    cursors: Writable<'t>,
    obeyed: Writable<'t>,
    countersigned: Writable<'t>,
    commands: Writable<'t>,
    command_answers: Writable<'t>,
    neighbours: Pages<'t>,
    profiles: profiles::Pages<'t>,
    gathered: Gathered,
    row: Vec<u8>,
}

impl<'t> Records<'t> {
    fn open(txn: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            records: RECORDS.writable(txn)?,
            waypoints: WAYPOINTS.writable(txn)?,
            cursors: CURSORS.writable(txn)?,
            obeyed: OBEYED.writable(txn)?,
            countersigned: COUNTERSIGNED.writable(txn)?,
            commands: COMMANDS.writable(txn)?,
            command_answers: COMMAND_ANSWERS.writable(txn)?,
            neighbours: Pages::open(txn)?,
            profiles: profiles::Pages::open(txn)?,
            gathered: Gathered::default(),
            row: Vec::with_capacity(2048),
        })
    }

    /// Writes records that are sorted by device and position.
    fn write(mut self, txn: &WriteTransaction, collected: &[&Collected]) -> Result<(), Fault> {
        for of_one in collected.chunk_by(|a, b| a.device == b.device) {
            self.write_device(of_one[0].device, of_one)?;
        }
        self.gathered.write(txn, &mut self.row)
    }

    fn write_device(&mut self, device: DeviceId, records: &[&Collected]) -> Result<(), Fault> {
        let mut cursor = cursors::of(&self.cursors, &device)?;
        for &record in records {
            if cursor.is_some_and(|cursor| record.position <= cursor.newest.position) {
                continue;
            }
            cursor = Some(self.write_record(cursor, record)?);
            match &record.statement {
                Some(Statement::Reading(reading)) => self.gathered.add(record, reading),
                Some(Statement::Start(_)) => obeyed::begun(&mut self.obeyed, &record.device)?,
                Some(Statement::Settings(obeyed)) => {
                    obeyed::put(&mut self.obeyed, record, *obeyed)?;
                }
                Some(Statement::Countersigned(word)) => {
                    countersigned::put(&mut self.countersigned, record, *word)?;
                }
                Some(Statement::Command(answer)) => {
                    commands::answered(&self.commands, &mut self.command_answers, record, answer)?;
                }
                Some(Statement::Heard(page)) => self.neighbours.put(record, page)?,
                Some(Statement::Flows(page)) => self.profiles.put(record, page)?,
                _ => {}
            }
        }
        if let Some(cursor) = cursor {
            cursor.put(&device, &mut self.cursors, &mut self.row)?;
        }
        Ok(())
    }

    fn write_record(
        &mut self,
        before: Option<Cursor>,
        record: &Collected,
    ) -> Result<Cursor, Fault> {
        let spot = Spot {
            position: record.position,
            tick: trail::tick(record.received),
        };
        records::encode(record, &mut self.row);
        let key = trail::key(&record.device, spot);
        self.records.put(&key, &mut self.row)?;
        let mut cursor = before.unwrap_or_else(|| Cursor::before(spot));
        trail::advance(&mut cursor, &record.device, spot, &mut self.waypoints)?;
        cursor.digest = record.digest;
        cursor.received = record.received;
        cursor.count += 1;
        if let Some(statement) = &record.statement {
            cursor.note(spot, statement);
        }
        Ok(cursor)
    }
}
