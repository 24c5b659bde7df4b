//! What the lookout says, in the protocol's words and within its bounds; and the words of people, in the lookout's.

use detect::profile::{Entry, EntryError, Origin, Stage, Standing};
use lookout::firing::{Evidence, Firing};
use lookout::lookout::Word;
use lookout::page::Page;
use lookout::whose::Whose;
use protocol::flows::{self, Flows, Habit, HabitWord, Sight, Strange, Usual, Words};
use protocol::heard::Mac;
use protocol::limits;
use protocol::statement::Statement;
use protocol::text::Name;
use protocol::time::Timestamp;

pub(super) fn whose(whose: Whose) -> flows::Whose {
    match whose {
        Whose::Own => flows::Whose::Own,
        Whose::Mac(mac) => flows::Whose::Mac { mac: Mac(mac.0) },
        Whose::Address(address) => flows::Whose::Address {
            address: address.into(),
        },
    }
}

pub(super) fn whose_here(whose: flows::Whose) -> Whose {
    match whose {
        flows::Whose::Own => Whose::Own,
        flows::Whose::Mac { mac } => Whose::Mac(hearing::mac::Mac(mac.0)),
        flows::Whose::Address { address } => Whose::Address(address.ip()),
    }
}

const fn stage(stage: Stage) -> flows::Stage {
    match stage {
        Stage::Learning => flows::Stage::Learning,
        Stage::Trial => flows::Stage::Trial,
        Stage::Enforcing => flows::Stage::Enforcing,
    }
}

const fn stage_here(stage: flows::Stage) -> Stage {
    match stage {
        flows::Stage::Learning => Stage::Learning,
        flows::Stage::Trial => Stage::Trial,
        flows::Stage::Enforcing => Stage::Enforcing,
    }
}

const fn seconds(at_s: u64) -> Timestamp {
    Timestamp::from_millis(at_s.saturating_mul(1000))
}

fn standing(standing: &Standing) -> flows::Standing {
    flows::Standing {
        origin: match standing.origin {
            Origin::Learnt => flows::Origin::Learnt,
            Origin::Lent => flows::Origin::Lent,
            Origin::Declared => flows::Origin::Declared,
            Origin::Allowed => flows::Origin::Allowed,
        },
        first: seconds(standing.first_s),
        last: seconds(standing.last_s),
        support: standing.support,
    }
}

/// A page in as many records as it needs; a habit whose words are too long for one is left out.
pub fn pages(page: &Page, dropped: u64) -> Vec<Flows> {
    let left = page.told.iter().filter_map(|(entry, known)| {
        Some(Habit {
            words: Words::new(entry.to_string()).ok()?,
            standing: known.as_ref().map(standing),
        })
    });
    let empty = Flows {
        whose: whose(page.whose),
        stage: stage(page.stage),
        since: seconds(page.since_s),
        lent: page.lent.as_deref().and_then(Name::fitted),
        obeyed: page.obeyed,
        count: flows::Count {
            flows: page.count.flows,
            unusual: page.count.unusual,
            sent: page.count.sent,
            received: page.count.received,
        },
        habits: u32::try_from(page.habits).unwrap_or(u32::MAX),
        told: Vec::new(),
        usual: page.bytes.map(|bytes| Usual {
            median: bytes.median,
            deviation: bytes.deviation,
        }),
        dropped,
    };
    let mut pages = vec![empty];
    for habit in left {
        let last = pages.len() - 1;
        if !take(&mut pages[last], &habit) {
            let mut next = Flows {
                count: flows::Count::default(),
                told: Vec::new(),
                ..pages[last].clone()
            };
            take(&mut next, &habit);
            pages.push(next);
        }
    }
    pages
}

/// Whether there was room.
fn take(page: &mut Flows, habit: &Habit) -> bool {
    if page.told.len() >= limits::HABITS_PER_RECORD {
        return false;
    }
    page.told.push(habit.clone());
    let bytes = Statement::Flows(Box::new(page.clone())).encode().len();
    let fits = bytes <= limits::BODY_BYTES;
    if !fits {
        page.told.pop();
    }
    fits
}

pub fn strange(firing: &Firing) -> Strange {
    let examples = firing.examples.iter();
    Strange {
        whose: whose(firing.whose),
        address: firing.address.into(),
        rule: Name::fitted(firing.rule.word()).expect("rules have names"),
        sight: match firing.evidence {
            Evidence::Frames => Sight::Frames,
            Evidence::Connections => Sight::Connections,
            Evidence::Exported => Sight::Exported,
            Evidence::Replayed => Sight::Replayed,
        },
        observed: firing.observed,
        usual: firing.usual,
        window_s: u32::try_from(firing.window_s).unwrap_or(u32::MAX),
        examples: examples.filter_map(|place| Name::fitted(place)).collect(),
        habit: firing
            .entry
            .as_ref()
            .and_then(|entry| Words::new(entry.to_string()).ok()),
    }
}

pub(super) fn word(word: &HabitWord) -> Result<Word, EntryError> {
    let entries = |habits: &[Words]| -> Result<Vec<Entry>, EntryError> {
        habits.iter().map(|habit| habit.as_str().parse()).collect()
    };
    Ok(match word {
        HabitWord::Allow { habit } => Word::Allow(habit.as_str().parse()?),
        HabitWord::Undo { number } => Word::Undo(*number),
        HabitWord::Enter { stage } => Word::Enter(stage_here(*stage)),
        HabitWord::Declare { habits } => Word::Declare(entries(habits)?),
        HabitWord::Lend { class, habits } => Word::Lend {
            class: class.to_string(),
            entries: entries(habits)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use lookout::page::Count;

    use super::*;

    fn page(habits: usize, length: usize) -> Page {
        let name = |number: usize| {
            let label = "x".repeat(length.min(60));
            let entry = format!("out tcp {label}.maker{number}.com 443");
            let entry: Entry = entry.parse().expect("a habit");
            let standing = Standing {
                origin: Origin::Learnt,
                first_s: u64::from(u32::MAX),
                last_s: u64::from(u32::MAX),
                support: u64::MAX,
            };
            (entry, Some(standing))
        };
        Page {
            whose: Whose::Address([10, 0, 0, 7].into()),
            stage: Stage::Learning,
            since_s: 1_700_000_000,
            lent: Some("camera".to_owned()),
            obeyed: 3,
            count: Count {
                flows: 9,
                ..Count::default()
            },
            habits: habits as u64,
            told: (0..habits).map(name).collect(),
            bytes: None,
        }
    }

    #[test]
    fn a_page_takes_as_many_records_as_it_needs_and_counts_once() {
        for (habits, length) in [(0, 1), (3, 10), (12, 60), (40, 50)] {
            let pages = pages(&page(habits, length), 7);
            let told: usize = pages.iter().map(|page| page.told.len()).sum();
            assert_eq!(told, habits);
            let flows: u64 = pages.iter().map(|page| page.count.flows).sum();
            assert_eq!(flows, 9);
            for page in pages {
                let body = Statement::Flows(Box::new(page)).encode();
                assert!(body.len() <= limits::BODY_BYTES, "{}", body.len());
            }
        }
    }

    #[test]
    fn a_word_that_is_no_habit_is_refused() {
        let habit = Words::new("out tcp").expect("it is one line");
        assert!(word(&HabitWord::Allow { habit }).is_err());
    }
}
