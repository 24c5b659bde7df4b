//! Devices without a node in a fleet report: those that members guard, those with a key of their own, and those that only
//! ask for firmware.

use language::say;
use protocol::time::Timestamp;
use reports::report::Table;
use ui::parts::class::class_name;
use ui::parts::status::Status;

use super::{ReportError, Reporter};
use crate::census;
use crate::keyed::{status, tag};
use crate::live::Live;
use crate::neighbours::{self, Neighbour, State};
use crate::risk::index::Index;
use crate::web::api::instant;

impl Reporter {
    pub(super) fn apart(&self, live: &Live, now: Timestamp) -> Result<Table, ReportError> {
        let columns = [
            (say!("Name"), 4),
            (say!("State"), 2),
            (say!("Class"), 2),
            (say!("Known by"), 3),
            (say!("Address"), 3),
            (say!("Last heard"), 3),
            (say!("Id"), 3),
        ];
        let mut table = Table::of(&columns, say!("No device without a node is known."));
        let index = self.risk.index();
        let guarded = neighbours::all(&self.reader, |device| live.is_member(device))?;
        let guarded = guarded.iter().map(|one| guarded_row(&index, one, now));
        let rows = guarded.chain(self.with_a_key(now)?).chain(self.asking()?);
        table.rows = rows.collect();
        table
            .rows
            .sort_by_cached_key(|row| row.first().map(|name| name.to_lowercase()));
        Ok(table)
    }

    fn with_a_key(&self, now: Timestamp) -> Result<Vec<Vec<String>>, ReportError> {
        let all = self.reader.keyed_devices()?.into_iter();
        let rows = all.map(|(device, keyed)| {
            vec![
                keyed.name.to_string(),
                status(&keyed, now).word().to_owned(),
                class_name(keyed.class.as_str()).to_owned(),
                say!("a key of its own").to_owned(),
                keyed
                    .address
                    .map(|address| address.to_string())
                    .unwrap_or_default(),
                heard(keyed.heard),
                tag(&self.mesh, &device),
            ]
        });
        Ok(rows.collect())
    }

    /// Of these nothing is known but when they asked.
    fn asking(&self) -> Result<Vec<Vec<String>>, ReportError> {
        let all = self.reader.ddi_targets()?.into_iter();
        let rows = all.map(|(name, target)| {
            vec![
                name.to_string(),
                String::new(),
                String::new(),
                say!("asking for firmware").to_owned(),
                String::new(),
                heard(target.asked),
                format!("{} · {}", target.product, target.model),
            ]
        });
        Ok(rows.collect())
    }
}

fn guarded_row(index: &Index, one: &Neighbour, now: Timestamp) -> Vec<String> {
    let status = match one.state(now) {
        State::There => Status::Online,
        State::Gone => Status::Silent,
        State::Unwatched => Status::NeverHeard,
    };
    let address = one.described().addresses.into_iter().next();
    vec![
        census::name(index, one),
        status.word().to_owned(),
        class_name(census::class(index, one).word()).to_owned(),
        say!("nodes beside it").to_owned(),
        address.unwrap_or_default(),
        heard(one.heard().1),
        one.mac.to_string(),
    ]
}

pub(super) fn heard(at: Option<Timestamp>) -> String {
    at.map_or_else(|| say!("never").to_owned(), |at| instant(at.as_millis()))
}
