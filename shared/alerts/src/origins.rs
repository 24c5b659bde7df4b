//! From where it came: the sources of one alert, the first and the newest ones, each with when and how often.

use minicbor::decode::{Decoder, Error};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};
use protocol::time::Timestamp;

use crate::limits;
use crate::text::Title;

/// Whoever did what one sighting tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// An address, or what else names it.
    pub from: Title,
    pub said: Option<Title>,
}

/// One source of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Origin {
    #[n(0)]
    pub from: Title,
    #[n(1)]
    pub first: Timestamp,
    #[n(2)]
    pub last: Timestamp,
    #[n(3)]
    pub count: u32,
    /// The newest of what it said, where it says something.
    #[n(4)]
    pub said: Option<Title>,
}

/// In the order in which they came; alerts of before have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<Origin>);

impl Origins {
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Origin> {
        self.0.iter()
    }

    pub(crate) fn take(&mut self, source: &Source, at: Timestamp, times: u32) {
        if let Some(known) = self.0.iter_mut().find(|known| known.from == source.from) {
            known.count = known.count.saturating_add(times);
            known.first = known.first.min(at);
            known.last = known.last.max(at);
            known.said = source.said.clone().or_else(|| known.said.take());
            return;
        }
        self.make_room();
        self.0.push(Origin {
            from: source.from.clone(),
            first: at,
            last: at,
            count: times,
            said: source.said.clone(),
        });
    }

    /// Who was first stays; of the others the one that was seen longest ago goes.
    fn make_room(&mut self) {
        if self.0.len() < limits::ORIGINS {
            return;
        }
        let others = self.0.iter().enumerate().skip(1);
        let oldest = others.min_by_key(|(_, origin)| origin.last);
        if let Some(place) = oldest.map(|(place, _)| place) {
            self.0.remove(place);
        }
    }
}

impl<Ctx> Encode<Ctx> for Origins {
    fn encode<W: Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut Ctx,
    ) -> Result<(), EncodeError<W::Error>> {
        self.0.encode(encoder, context)
    }

    fn is_nil(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'b, Ctx> Decode<'b, Ctx> for Origins {
    fn decode(decoder: &mut Decoder<'b>, context: &mut Ctx) -> Result<Self, Error> {
        Ok(Self(Vec::decode(decoder, context)?))
    }

    fn nil() -> Option<Self> {
        Some(Self::default())
    }
}
