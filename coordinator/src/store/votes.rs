//! How committees voted on devices that were suspected: each member's vote, as it was signed, for some days.

use protocol::id::{DeviceId, Epoch};
use redb::ReadTransaction;

use super::fault::Fault;
use super::rows::{Table, Writable};

pub(super) static VOTES: Table = Table::new("votes");

/// Sittings on one device further back than this are dropped: two days of hours.
const KEPT: u32 = 48;
/// Votes that are dropped for one that comes.
const AT_ONCE: usize = 64;

pub(super) fn put(
    rows: &mut Writable<'_>,
    subject: &DeviceId,
    epoch: Epoch,
    member: &DeviceId,
    vote: &[u8],
) -> Result<(), Fault> {
    let row = |epoch: u32| [&subject.as_bytes()[..], &epoch.to_be_bytes()].concat();
    let oldest = epoch.number().saturating_sub(KEPT);
    rows.remove_before(&row(oldest), AT_ONCE, |key| {
        key.starts_with(subject.as_bytes())
    })?;
    let key = [&row(epoch.number())[..], member.as_bytes()].concat();
    rows.put(&key, &mut vote.to_vec())
}

/// The envelopes, of each device in the order of the epochs.
pub(super) fn all(txn: &ReadTransaction) -> Result<Vec<Vec<u8>>, Fault> {
    let rows = VOTES.readable(txn)?;
    let all = rows.all(|_, row| Some(((), row.to_vec())))?;
    Ok(all.into_iter().map(|((), vote)| vote).collect())
}
