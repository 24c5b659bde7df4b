//! Lines put together, one batch under way at a time.

use protocol::limits;
use protocol::tail::Tailed;

use super::Said;
use super::places::Place;

/// Lines of one batch; the coordinator reads no more of one.
const LINES: usize = 1_000;

#[derive(Debug)]
pub struct Batches {
    number: u64,
    text: Vec<u8>,
    lines: usize,
    places: Vec<Place>,
    under_way: Option<(Tailed, Vec<Place>)>,
}

impl Batches {
    /// Numbers go on from the time, so that they rise over restarts.
    pub fn new(now_ms: u64) -> Self {
        Self {
            number: now_ms,
            text: Vec::new(),
            lines: 0,
            places: Vec::new(),
            under_way: None,
        }
    }

    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    pub fn under_way(&self) -> Option<Tailed> {
        self.under_way.as_ref().map(|(tailed, _)| tailed.clone())
    }

    /// Takes a line, or gives it back where there is no room.
    pub fn put(&mut self, said: Said) -> Option<Said> {
        let bytes = said.json.len() + 1;
        if self.lines == LINES || self.text.len() + bytes > limits::TAIL_BYTES {
            return Some(said);
        }
        self.text.extend_from_slice(said.json.as_bytes());
        self.text.push(b'\n');
        self.lines += 1;
        self.places.retain(|place| !place.is_of(&said.place));
        self.places.push(said.place);
        None
    }

    /// Whether there is a batch to send.
    pub fn close(&mut self, dropped: u64, now_ms: u64) -> bool {
        if self.lines == 0 && dropped == 0 {
            return false;
        }
        self.number = now_ms.max(self.number + 1);
        let tailed = Tailed {
            number: self.number,
            dropped,
            lines: std::mem::take(&mut self.text),
        };
        self.lines = 0;
        self.under_way = Some((tailed, std::mem::take(&mut self.places)));
        true
    }

    /// Where the logs go on, if this is the batch under way.
    pub fn stored(&mut self, number: u64) -> Option<Vec<Place>> {
        let (_, places) = self
            .under_way
            .take_if(|(tailed, _)| tailed.number == number)?;
        Some(places)
    }
}
