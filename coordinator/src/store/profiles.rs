//! Profiles of traffic as members tell of them: each member's own profile of each device, habit by habit, and the words
//! of people that are on their way to members. Nobody's profile takes the place of another's.

use std::ops::ControlFlow;

use minicbor::{Decode, Encode};
use protocol::coordinator::save::Collected;
use protocol::flows::{Count, Flows, HabitWord, Stage, Standing, Usual, Whose, Words};
use protocol::heard::Mac;
use protocol::id::DeviceId;
use protocol::text::Name;
use protocol::time::Timestamp;
use redb::WriteTransaction;

use super::fault::{ChangeError, Fault, ReadError};
use super::rows::{Table, Writable};
use super::{Changes, Reader};

pub(super) static PROFILES: Table = Table::new("profiles");
pub(super) static HABITS: Table = Table::new("habits");
pub(super) static WORDS: Table = Table::new("habit_words");

/// Devices of which one member's profile is kept: as many as a node keeps, and others that came after them.
const PROFILES_PER_MEMBER: u32 = 512;
/// Habits of one profile that are kept.
const HABITS_PER_PROFILE: u32 = 512;
/// Words to one member that are kept; the oldest goes.
const WORDS_PER_MEMBER: usize = 512;
const ROW: usize = 32 * 1024;

/// Whose traffic, as a place in a table: a member, hardware, or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    Member(DeviceId),
    Mac(Mac),
    Address(std::net::IpAddr),
}

impl Of {
    /// What `whose` means where a member says it.
    pub const fn said_by(member: DeviceId, whose: Whose) -> Self {
        match whose {
            Whose::Own => Self::Member(member),
            Whose::Mac { mac } => Self::Mac(mac),
            Whose::Address { address } => Self::Address(address.ip()),
        }
    }

    /// How that member calls it.
    pub fn whose(self) -> Whose {
        match self {
            Self::Member(_) => Whose::Own,
            Self::Mac(mac) => Whose::Mac { mac },
            Self::Address(address) => Whose::Address {
                address: address.into(),
            },
        }
    }

    fn key(self) -> [u8; KEY] {
        let mut key = [0; KEY];
        match self {
            Self::Member(device) => {
                key[0] = b'd';
                key[1..9].copy_from_slice(device.as_bytes());
            }
            Self::Mac(mac) => {
                key[0] = b'm';
                key[1..7].copy_from_slice(&mac.0);
            }
            Self::Address(address) => {
                key[0] = b'a';
                let six = match address {
                    std::net::IpAddr::V4(four) => four.to_ipv6_mapped(),
                    std::net::IpAddr::V6(six) => six,
                };
                key[1..].copy_from_slice(&six.octets());
            }
        }
        key
    }

    fn of_key(key: &[u8]) -> Option<Self> {
        let (kind, rest) = key.split_first()?;
        Some(match kind {
            b'd' => Self::Member(DeviceId::from_bytes(rest.get(..8)?.try_into().ok()?)),
            b'm' => Self::Mac(Mac(rest.get(..6)?.try_into().ok()?)),
            b'a' => {
                let octets: [u8; 16] = rest.get(..16)?.try_into().ok()?;
                Self::Address(std::net::Ipv6Addr::from(octets).to_canonical())
            }
            _ => return None,
        })
    }
}

const KEY: usize = 17;

/// One member's profile of one device, without its habits.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeptProfile {
    #[n(0)]
    pub stage: Stage,
    #[n(1)]
    pub since: Timestamp,
    #[n(2)]
    pub lent: Option<Name>,
    #[n(3)]
    pub obeyed: u64,
    /// Since the first page.
    #[n(4)]
    pub count: Count,
    /// Habits that the member holds, and those that are kept here.
    #[n(5)]
    pub habits: u32,
    #[n(6)]
    pub kept: u32,
    #[n(7)]
    pub usual: Option<Usual>,
    #[n(8)]
    pub dropped: u64,
    /// When the newest page came, by the coordinator's clock.
    #[n(9)]
    pub received: Timestamp,
}

/// A profile with whose it is and who tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldProfile {
    pub of: Of,
    pub member: DeviceId,
    pub profile: KeptProfile,
}

/// A word with the member that it goes to, and its number there.
pub type Numbered = ((DeviceId, u64), SpokenWord);

/// What somebody said of a profile, on its way to a member.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SpokenWord {
    #[n(0)]
    pub whose: Whose,
    #[n(1)]
    pub word: HabitWord,
    #[n(2)]
    pub by: Name,
    #[n(3)]
    pub at: Timestamp,
    #[n(4)]
    pub until: Timestamp,
}

impl Reader {
    /// Every profile, by whose it is and then by member.
    pub fn profiles(&self) -> Result<Vec<ToldProfile>, ReadError> {
        let rows = self.engine.read(|txn| {
            PROFILES.readable(txn)?.all(|key, row| {
                let profile = protocol::cbor::decode("profile", ROW, row).ok()?;
                let (of, member) = place(key)?;
                Some((
                    (),
                    ToldProfile {
                        of,
                        member,
                        profile,
                    },
                ))
            })
        })?;
        Ok(rows.into_iter().map(|((), told)| told).collect())
    }

    /// What members tell of one device.
    pub fn profiles_of(&self, of: Of) -> Result<Vec<ToldProfile>, ReadError> {
        let key = of.key();
        Ok(self.engine.read(|txn| {
            let rows = PROFILES.readable(txn)?;
            let mut told = Vec::new();
            let end = [&key[..], &[0xff; 9]].concat();
            rows.visit(key.as_slice()..end.as_slice(), |key, row| {
                let profile = protocol::cbor::decode("profile", ROW, row);
                let profile = profile.map_err(|_| rows.malformed())?;
                let (of, member) = place(key).ok_or_else(|| rows.malformed())?;
                told.push(ToldProfile {
                    of,
                    member,
                    profile,
                });
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(told)
        })?)
    }

    /// The habits of one member's profile of one device.
    pub fn habits(&self, of: Of, member: DeviceId) -> Result<Vec<(Words, Standing)>, ReadError> {
        let start = [&of.key()[..], member.as_bytes()].concat();
        let end = [&start[..], &[0xff]].concat();
        Ok(self.engine.read(|txn| {
            let rows = HABITS.readable(txn)?;
            let mut habits = Vec::new();
            rows.visit(start.as_slice()..end.as_slice(), |key, row| {
                let words = key.get(start.len()..).and_then(|words| {
                    let words = std::str::from_utf8(words).ok()?;
                    Words::new(words).ok()
                });
                let words = words.ok_or_else(|| rows.malformed())?;
                let standing = protocol::cbor::decode("habit", ROW, row);
                habits.push((words, standing.map_err(|_| rows.malformed())?));
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(habits)
        })?)
    }

    /// Words to members, by member and then by number.
    pub fn habit_words(&self) -> Result<Vec<Numbered>, ReadError> {
        Ok(self.engine.read(|txn| {
            WORDS.readable(txn)?.all(|key, row| {
                let word = protocol::cbor::decode("word", ROW, row).ok()?;
                let member = DeviceId::from_bytes(key.get(..8)?.try_into().ok()?);
                let number = u64::from_be_bytes(key.get(8..16)?.try_into().ok()?);
                Some(((member, number), word))
            })
        })?)
    }
}

fn place(key: &[u8]) -> Option<(Of, DeviceId)> {
    let of = Of::of_key(key.get(..KEY)?)?;
    let member = DeviceId::from_bytes(key.get(KEY..)?.try_into().ok()?);
    Some((of, member))
}

impl Changes<'_> {
    /// Keeps a word to a member and hands out its number. Numbers follow the clock, so that a store that was restored from
    /// a backup gives none twice.
    pub fn add_habit_word(
        &mut self,
        member: DeviceId,
        word: &SpokenWord,
    ) -> Result<u64, ChangeError> {
        let mut rows = WORDS.writable(self.txn)?;
        let mut numbers = Vec::new();
        let start = member.as_bytes().to_vec();
        let end = [&start[..], &[0xff; 9]].concat();
        rows.visit(start.as_slice()..end.as_slice(), |key, _| {
            let number = key.get(8..16).and_then(|number| number.try_into().ok());
            numbers.extend(number.map(u64::from_be_bytes));
            Ok(ControlFlow::Continue(()))
        })?;
        let next = numbers.last().map_or(0, |last| last + 1);
        let number = next.max(word.at.as_millis());
        let surplus = (numbers.len() + 1).saturating_sub(WORDS_PER_MEMBER);
        for old in numbers.iter().take(surplus) {
            rows.remove(&[&start[..], &old.to_be_bytes()].concat())?;
        }
        rows.put_encoded(&[&start[..], &number.to_be_bytes()].concat(), word)?;
        Ok(number)
    }
}

/// The tables that pages about traffic go into.
pub(super) struct Pages<'t> {
    profiles: Writable<'t>,
    habits: Writable<'t>,
}

impl<'t> Pages<'t> {
    pub(super) fn open(txn: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            profiles: PROFILES.writable(txn)?,
            habits: HABITS.writable(txn)?,
        })
    }

    /// Takes in one page of a verified record. What holds more than a record may is nobody's honest work.
    pub(super) fn put(&mut self, record: &Collected, page: &Flows) -> Result<(), Fault> {
        if page.is_oversize() {
            return Ok(());
        }
        let of = Of::said_by(record.device, page.whose);
        let key = [&of.key()[..], record.device.as_bytes()].concat();
        let known: Option<KeptProfile> = self.profiles.decoded(&key)?;
        if known.is_none() && self.is_full(record.device)? {
            return Ok(());
        }
        let mut kept = known.as_ref().map_or(0, |known| known.kept);
        for habit in &page.told {
            let place = [&key[..], habit.words.as_str().as_bytes()].concat();
            match &habit.standing {
                Some(standing) => {
                    let is_new = !self.habits.contains(&place)?;
                    if is_new && kept >= HABITS_PER_PROFILE {
                        continue;
                    }
                    kept += u32::from(is_new);
                    self.habits.put_encoded(&place, standing)?;
                }
                None => kept -= u32::from(self.habits.remove(&place)?).min(kept),
            }
        }
        let before = known.map(|known| known.count).unwrap_or_default();
        let profile = KeptProfile {
            stage: page.stage,
            since: page.since,
            lent: page.lent.clone(),
            obeyed: page.obeyed,
            count: Count {
                flows: before.flows.saturating_add(page.count.flows),
                unusual: before.unusual.saturating_add(page.count.unusual),
                sent: before.sent.saturating_add(page.count.sent),
                received: before.received.saturating_add(page.count.received),
            },
            habits: page.habits,
            kept,
            usual: page.usual,
            dropped: page.dropped,
            received: record.received,
        };
        self.profiles.put_encoded(&key, &profile)
    }

    /// Whether the member's places are all taken. Asked only where a device is new to it.
    fn is_full(&mut self, member: DeviceId) -> Result<bool, Fault> {
        let mut count = 0;
        self.profiles.visit(.., |key, _| {
            count += u32::from(key.ends_with(member.as_bytes()));
            Ok(if count < PROFILES_PER_MEMBER {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
        Ok(count >= PROFILES_PER_MEMBER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_it_is_comes_back_from_its_key() {
        for of in [
            Of::Member(DeviceId::from_bytes([7; 8])),
            Of::Mac(Mac([2, 0, 0, 0, 0, 7])),
            Of::Address("10.0.0.7".parse().expect("an address")),
            Of::Address("fe80::1".parse().expect("an address")),
        ] {
            assert_eq!(Of::of_key(&of.key()), Some(of));
        }
    }
}
