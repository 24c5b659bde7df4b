//! Alerts, incidents, tunings, and the letters about them: bounded tables that are read whole at a start.

use alerts::alert::Alert;
use alerts::book::Rows;
use alerts::incident::Incident;
use alerts::outbox::Entry;
use alerts::tuning::Tuning;
use minicbor::{Decode, Encode};
use redb::ReadTransaction;

use super::fault::{ChangeError, Fault, ReadError};
use super::rows::{Table, Writable, decode};
use super::{Changes, Reader};

pub(super) static ALERTS: Table = Table::new("alerts");
pub(super) static INCIDENTS: Table = Table::new("incidents");
pub(super) static TUNINGS: Table = Table::new("tunings");
pub(super) static LETTERS: Table = Table::new("letters");

/// Everything that the bulletin remembers.
#[derive(Debug, Default)]
pub struct Remembered {
    pub alerts: Vec<Alert>,
    pub incidents: Vec<Incident>,
    pub tunings: Vec<Tuning>,
    pub letters: Vec<Entry>,
}

impl Reader {
    pub fn bulletin(&self) -> Result<Remembered, ReadError> {
        let read = self.engine.read(|txn| {
            Ok::<_, Fault>(Remembered {
                alerts: all(&ALERTS, txn)?,
                incidents: all(&INCIDENTS, txn)?,
                tunings: all(&TUNINGS, txn)?,
                letters: all(&LETTERS, txn)?,
            })
        });
        Ok(read?)
    }
}

impl Changes<'_> {
    /// Writes what changed; what is gone is removed.
    pub fn put_alerts(&mut self, rows: &Rows) -> Result<(), ChangeError> {
        put(&mut ALERTS.writable(self.txn)?, &rows.alerts)?;
        put(&mut INCIDENTS.writable(self.txn)?, &rows.incidents)?;
        Ok(put(&mut TUNINGS.writable(self.txn)?, &rows.tunings)?)
    }

    pub fn put_letters(&mut self, rows: &[(u64, Option<Entry>)]) -> Result<(), ChangeError> {
        Ok(put(&mut LETTERS.writable(self.txn)?, rows)?)
    }
}

fn all<V>(table: &'static Table, txn: &ReadTransaction) -> Result<Vec<V>, Fault>
where
    V: for<'b> Decode<'b, ()> + Encode<()>,
{
    let rows = table.readable(txn)?;
    let all = rows.all(|_, row| Some(((), decode(row)?)))?;
    Ok(all.into_iter().map(|((), value)| value).collect())
}

fn put<V: Encode<()>>(rows: &mut Writable<'_>, changed: &[(u64, Option<V>)]) -> Result<(), Fault> {
    for (number, value) in changed {
        let key = number.to_be_bytes();
        match value {
            Some(value) => rows.put_encoded(&key, value)?,
            None => {
                rows.remove(&key)?;
            }
        }
    }
    Ok(())
}
