//! What addresses are called, from the DNS answers that pass by. An answer may be forged: a name is a hint.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use crate::dns::{Data, Direction, Message};
use crate::limits::{NAME_TTL, NAMED_ADDRESSES};
use crate::moment::Moment;

#[derive(Debug, Clone, Default)]
pub struct Names {
    names: BTreeMap<IpAddr, Named>,
    /// The addresses in the order in which they were first named.
    order: VecDeque<IpAddr>,
}

#[derive(Debug, Clone)]
struct Named {
    name: String,
    until: Moment,
}

impl Names {
    pub const fn new() -> Self {
        Self {
            names: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Takes in an answer. All its addresses get the name that was asked for, not the one that aliases led to.
    pub fn learn(&mut self, now: Moment, message: &Message) {
        let Some(asked) = message.questions.first() else {
            return;
        };
        if message.direction != Direction::Response || message.code != 0 {
            return;
        }
        for record in &message.records {
            if let Data::Address(address) = record.data {
                let ttl = Duration::from_secs(u64::from(record.ttl_secs));
                let ttl = ttl.clamp(*NAME_TTL.start(), *NAME_TTL.end());
                self.enter(address, asked.name.to_ascii_lowercase(), now.after(ttl));
            }
        }
    }

    /// What an address is called, while its record may be believed.
    pub fn of(&self, now: Moment, address: IpAddr) -> Option<&str> {
        let named = self.names.get(&address)?;
        (now <= named.until).then_some(named.name.as_str())
    }

    /// Every address whose record may be believed, with what it is called.
    pub fn all(&self, now: Moment) -> impl Iterator<Item = (IpAddr, &str)> {
        let fresh = self
            .names
            .iter()
            .filter(move |(_, named)| now <= named.until);
        fresh.map(|(address, named)| (*address, named.name.as_str()))
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    fn enter(&mut self, address: IpAddr, name: String, until: Moment) {
        if self.names.insert(address, Named { name, until }).is_some() {
            return;
        }
        self.order.push_back(address);
        if self.order.len() > NAMED_ADDRESSES
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Question, Record, kind};

    fn answer(name: &str, address: IpAddr, ttl_secs: u32) -> Message {
        Message {
            id: 1,
            direction: Direction::Response,
            opcode: 0,
            code: 0,
            questions: vec![Question {
                name: name.into(),
                kind: kind::A,
            }],
            records: vec![Record {
                name: "cdn.example".into(),
                kind: kind::A,
                ttl_secs,
                data: Data::Address(address),
            }],
        }
    }

    #[test]
    fn an_address_has_the_name_that_was_asked_for_until_its_time_is_over() {
        let mut names = Names::new();
        let address = IpAddr::from([93, 184, 216, 34]);
        names.learn(
            Moment::from_secs(0),
            &answer("Api.Vendor.example", address, 300),
        );
        assert_eq!(
            names.of(Moment::from_secs(300), address),
            Some("api.vendor.example")
        );
        assert_eq!(names.of(Moment::from_secs(301), address), None);
    }

    #[test]
    fn names_stay_within_their_bound() {
        let mut names = Names::new();
        for number in 0..2 * NAMED_ADDRESSES as u32 {
            let address = IpAddr::from(number.to_be_bytes());
            names.learn(Moment::from_secs(0), &answer("a.example", address, 0));
        }
        assert_eq!(names.len(), NAMED_ADDRESSES);
        assert_eq!(names.of(Moment::from_secs(0), [0, 0, 0, 1].into()), None);
    }
}
