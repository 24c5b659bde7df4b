//! What people say of a profile: checked, stored with its entry in the audit log, and brought to every member that keeps
//! a profile of the device until the member's own log says that it was heard.

use std::collections::BTreeMap;
use std::time::Duration;

use detect::mud::{Mud, MudError};
use detect::profile::{Entry, EntryError};
use protocol::class::DeviceClass;
use protocol::flows::{HabitOrder, HabitWord, Stage, Words};
use protocol::heard::Mac;
use protocol::id::{DeviceId, MeshId};
use protocol::limits::HABITS_PER_ORDER;
use protocol::text::{Name, TextError};
use protocol::time::Timestamp;
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{Known, lend, retell};
use crate::census;
use crate::live::{LiveDevice, LiveHandle};
use crate::neighbours;
use crate::orders::Orders;
use crate::risk::Risk;
use crate::risk::holder::Holder;
use crate::store::audit::Act;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::profiles::{Of, SpokenWord, ToldProfile};
use crate::store::{Reader, Writer};

/// A member that is away hears a word when it comes back within this time.
const HOLDS: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often members are told what they have not heard, and how much at once.
const LOOK: Duration = Duration::from_secs(5);
const AT_ONCE: usize = 64;
/// Looks between two in which the coordinator says something by itself.
const TURNS: u32 = 2;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// This is normal.
    Allow(String),
    /// It is not: takes the newest such word back.
    Undo(String),
    Enter(Stage),
    /// What a MUD file allows.
    Declare(Vec<u8>),
}

#[derive(Debug, Error)]
pub enum SpeakError {
    #[error("{0}")]
    Habit(#[from] EntryError),
    #[error("the habit does not fit: {0}")]
    Text(#[from] TextError),
    #[error("the MUD file is not taken: {0}")]
    Mud(#[from] MudError),
    #[error("the MUD file allows nothing that a profile holds")]
    Nothing,
    #[error("nobody tells of this device's traffic, so nobody keeps a profile of it")]
    Nobody,
    #[error("nobody was told that `{0}` is normal, or it was long ago")]
    NeverSaid(String),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Stores a word for everybody who keeps a profile of the device; says how many they are.
pub fn speak(
    reader: &Reader,
    writer: &Writer,
    (holder, wish): (Holder, &Wish),
    by: &Name,
    now: Timestamp,
    act: Act,
) -> Result<usize, SpeakError> {
    let known = Known::of(reader, holder)?;
    if known.profiles.is_empty() {
        return Err(SpeakError::Nobody);
    }
    let words = words(&known, wish)?;
    let spoken = words.into_iter().map(|(member, whose, word)| {
        let spoken = SpokenWord {
            whose,
            word,
            by: by.clone(),
            at: now,
            until: now.saturating_add(HOLDS),
        };
        (member, spoken)
    });
    let spoken: Vec<(DeviceId, SpokenWord)> = spoken.collect();
    writer.write(|changes| {
        for (member, word) in &spoken {
            changes.add_habit_word(*member, word)?;
        }
        changes.audit(act)?;
        Ok::<_, ChangeError>(())
    })?;
    Ok(spoken.len())
}

type To = (DeviceId, protocol::flows::Whose, HabitWord);

fn words(known: &Known, wish: &Wish) -> Result<Vec<To>, SpeakError> {
    let everybody = |word: &HabitWord| -> Vec<To> {
        let vantages = known.profiles.iter();
        vantages
            .map(|one| (one.told.member, one.told.of.whose(), word.clone()))
            .collect()
    };
    match wish {
        Wish::Allow(habit) => {
            let habit = checked(habit)?;
            Ok(everybody(&HabitWord::Allow { habit }))
        }
        Wish::Enter(stage) => Ok(everybody(&HabitWord::Enter { stage: *stage })),
        Wish::Undo(habit) => {
            let allowed = HabitWord::Allow {
                habit: checked(habit)?,
            };
            undone(known, &allowed, habit)
        }
        Wish::Declare(file) => {
            let mud = Mud::from_json(file)?;
            let habits = mud.entries.iter().map(ToString::to_string);
            let habits: Vec<Words> = habits.filter_map(|habit| Words::new(habit).ok()).collect();
            if habits.is_empty() {
                return Err(SpeakError::Nothing);
            }
            let parts = habits
                .chunks(HABITS_PER_ORDER)
                .map(|part| HabitWord::Declare {
                    habits: part.to_vec(),
                });
            Ok(parts.flat_map(|word| everybody(&word)).collect())
        }
    }
}

/// Of each member the newest word that allowed the habit and was not taken back since.
fn undone(known: &Known, allowed: &HabitWord, habit: &str) -> Result<Vec<To>, SpeakError> {
    let mut to: Vec<To> = Vec::new();
    for vantage in &known.profiles {
        let (member, whose) = (vantage.told.member, vantage.told.of.whose());
        let mine = known.words.iter();
        let mine = mine.filter(|word| word.member == member && word.spoken.whose == whose);
        let taken_back: Vec<u64> = mine
            .clone()
            .filter_map(|word| match word.spoken.word {
                HabitWord::Undo { number } => Some(number),
                _ => None,
            })
            .collect();
        let mut standing = mine.filter(|word| word.spoken.word == *allowed);
        let newest = standing.find(|word| !taken_back.contains(&word.number));
        to.extend(newest.map(|word| {
            let number = word.number;
            (member, whose, HabitWord::Undo { number })
        }));
    }
    if to.is_empty() {
        return Err(SpeakError::NeverSaid(habit.to_owned()));
    }
    Ok(to)
}

/// A habit in its one form.
fn checked(habit: &str) -> Result<Words, SpeakError> {
    let habit = habit.trim();
    let entry: Entry = habit.parse()?;
    Ok(Words::new(entry.to_string())?)
}

/// Brings words to members until the coordinator stops.
pub async fn courier(
    (reader, writer): (Reader, Writer),
    live: LiveHandle,
    risk: Risk,
    orders: Orders,
    mesh: MeshId,
    stopping: CancellationToken,
) {
    let mut look = tokio::time::interval(LOOK);
    let mut turns = 0_u32;
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = look.tick() => {}
        }
        let (from, live, risk) = (reader.clone(), live.clone(), risk.clone());
        let to = turns.is_multiple_of(TURNS).then(|| writer.clone());
        turns = turns.wrapping_add(1);
        let due = tokio::task::spawn_blocking(move || {
            if let Some(writer) = to {
                say_by_itself(&from, &writer, &live, &risk)?;
            }
            Ok(due(&from, &live, mesh)?)
        });
        let due: Result<Result<_, SpeakError>, _> = due.await;
        let due = match due {
            Ok(Ok(due)) => due,
            Ok(Err(error)) => {
                warn!(%error, "words about profiles cannot be read");
                continue;
            }
            Err(_) => return,
        };
        for order in due {
            debug!(device = %order.device, number = order.number, "a word about a profile");
            if orders.habit(order).await.is_err() {
                return;
            }
        }
    }
}

/// What nobody has to say: a newcomer borrows from its class, and whoever comes later hears what was said before.
fn say_by_itself(
    reader: &Reader,
    writer: &Writer,
    live: &LiveHandle,
    risk: &Risk,
) -> Result<(), SpeakError> {
    let (profiles, words, now) = (reader.profiles()?, reader.habit_words()?, mesh::wall());
    if profiles.is_empty() {
        return Ok(());
    }
    let live = std::sync::Arc::clone(&live.borrow());
    let index = risk.index();
    let heard = neighbours::all(reader, |device| live.is_member(device))?;
    let heard: BTreeMap<Mac, DeviceClass> = heard
        .iter()
        .map(|one| (one.mac, census::class(&index, one)))
        .collect();
    let class = |of: Of| match of {
        Of::Member(device) => live.device(&device).map(|device| device.class),
        Of::Mac(mac) => heard.get(&mac).copied(),
        Of::Address(_) => None,
    };
    let habits = |told: &ToldProfile| reader.habits(told.of, told.member);
    let mut spoken = lend::due(habits, &profiles, &words, class, now)?;
    spoken.extend(retell::due(&profiles, &words, now));
    if spoken.is_empty() {
        return Ok(());
    }
    writer.write(|changes| {
        for (member, word) in &spoken {
            changes.add_habit_word(*member, word)?;
        }
        Ok::<_, ChangeError>(())
    })?;
    Ok(())
}

/// What members that are there have not heard: of each member in the order in which it was said.
fn due(reader: &Reader, live: &LiveHandle, mesh: MeshId) -> Result<Vec<HabitOrder>, ReadError> {
    let words = reader.habit_words()?;
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let (profiles, now) = (reader.profiles()?, mesh::wall());
    let live = std::sync::Arc::clone(&live.borrow());
    let is_there = |device: &DeviceId| live.device(device).is_some_and(LiveDevice::is_there);
    let obeyed = |member: &DeviceId, spoken: &SpokenWord| {
        let mine = profiles
            .iter()
            .find(|told| told.member == *member && told.of.whose() == spoken.whose);
        mine.map_or(0, |told| told.profile.obeyed)
    };
    let unheard = words.into_iter().filter(|((member, number), spoken)| {
        spoken.until > now && obeyed(member, spoken) < *number && is_there(member)
    });
    let orders = unheard.map(|((device, number), spoken)| HabitOrder {
        mesh,
        device,
        number,
        whose: spoken.whose,
        until: spoken.until,
        word: spoken.word,
    });
    Ok(orders.take(AT_ONCE).collect())
}
