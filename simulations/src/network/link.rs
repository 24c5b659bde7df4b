//! One link with its two ends, and the slab that holds them all.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use protocol::head_delta::Passed;

use super::line::{Conditions, Weather, repair_ms};
use crate::chance::Chance;
use crate::host::HostId;

/// Names a link; a freed one's name is never that of a later link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkId {
    place: u32,
    generation: u32,
}

/// One end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Dialler,
    Listener,
}

impl Side {
    pub const fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Listener,
            Self::Listener => Self::Dialler,
        }
    }
}

/// What travels on a link.
#[derive(Debug, Clone)]
pub enum Parcel {
    Frame(Rc<[u8]>),
    /// The sender's end is closed.
    End,
}

#[derive(Debug)]
pub(super) struct Link {
    dialler: End,
    listener: End,
}

#[derive(Debug)]
struct End {
    host: HostId,
    up: bool,
    lane: Lane,
}

/// One direction: what is on its way to one end.
#[derive(Debug, Default)]
pub(super) struct Lane {
    base_ms: u64,
    ready_ms: u64,
    weather: Weather,
    pub(super) waiting: usize,
    pub(super) stalled: VecDeque<Parcel>,
    /// Whether a frame was lost on its way: nothing behind it arrives.
    is_torn: bool,
    /// What the sender's end remembers of the frames that passed, and the receiver's.
    spoken: Passed,
    heard: Passed,
}

impl Lane {
    /// Sends one segment: when it arrives, behind everything before it, and how often it was sent.
    pub(super) fn pass(
        &mut self,
        conditions: &Conditions,
        chance: &mut Chance,
        now_ms: u64,
    ) -> (u64, u64) {
        let tries = conditions.tries(&mut self.weather, chance);
        let delay = self.base_ms + chance.below(conditions.jitter_ms + 1) + repair_ms(tries);
        self.ready_ms = self.ready_ms.max(now_ms + delay);
        (self.ready_ms, tries)
    }

    /// A frame as it travels.
    pub(super) fn shorten(&mut self, frame: &Rc<[u8]>) -> Rc<[u8]> {
        match self.spoken.shorten(frame) {
            Cow::Borrowed(_) => Rc::clone(frame),
            Cow::Owned(shorter) => shorter.into(),
        }
    }

    /// A frame as its receiver's machine gets it, unless one before it is lost.
    pub(super) fn restore(&mut self, frame: Rc<[u8]>) -> Option<Rc<[u8]>> {
        if self.is_torn {
            return None;
        }
        let restored = self.heard.restore(&frame);
        match restored.expect("frames arrive in the order in which this lane shortened them") {
            Cow::Borrowed(same) if same.len() == frame.len() => Some(frame),
            whole => Some(whole.as_ref().into()),
        }
    }

    pub(super) fn not_before(&mut self, at_ms: u64) {
        self.ready_ms = self.ready_ms.max(at_ms);
    }

    /// Frames that wait are lost, and with them whatever comes behind.
    pub(super) fn forget(&mut self) {
        self.is_torn |= !self.stalled.is_empty();
        self.stalled.clear();
        self.waiting = 0;
    }
}

impl Link {
    pub(super) fn new(dialler: HostId, listener: HostId, base_ms: u64) -> Self {
        let end = |host| End {
            host,
            up: true,
            lane: Lane {
                base_ms,
                ..Lane::default()
            },
        };
        Self {
            dialler: end(dialler),
            listener: end(listener),
        }
    }

    pub(super) fn side_of(&self, host: HostId) -> Side {
        if host == self.dialler.host {
            Side::Dialler
        } else {
            Side::Listener
        }
    }

    pub(super) fn host(&self, side: Side) -> HostId {
        self.end(side).host
    }

    pub(super) fn is_up(&self, side: Side) -> bool {
        self.end(side).up
    }

    /// Takes the link down at one end; says whether it stood there.
    pub(super) fn lower(&mut self, side: Side) -> bool {
        std::mem::replace(&mut self.end_mut(side).up, false)
    }

    /// What is on its way to this end.
    pub(super) fn lane_mut(&mut self, to: Side) -> &mut Lane {
        &mut self.end_mut(to).lane
    }

    fn end(&self, side: Side) -> &End {
        match side {
            Side::Dialler => &self.dialler,
            Side::Listener => &self.listener,
        }
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::Dialler => &mut self.dialler,
            Side::Listener => &mut self.listener,
        }
    }
}

/// All links; places are used again, names are not.
#[derive(Debug, Default)]
pub(super) struct Slab {
    places: Vec<(u32, Option<Link>)>,
    free: Vec<u32>,
}

impl Slab {
    pub(super) fn insert(&mut self, link: Link) -> LinkId {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push((0, None));
            u32::try_from(self.places.len() - 1).expect("a world has far fewer than 2^32 links")
        });
        let (generation, held) = &mut self.places[place as usize];
        *held = Some(link);
        LinkId {
            place,
            generation: *generation,
        }
    }

    pub(super) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        let (generation, link) = self.places.get_mut(id.place as usize)?;
        link.as_mut().filter(|_| *generation == id.generation)
    }

    pub(super) fn free(&mut self, id: LinkId) {
        if self.get_mut(id).is_some() {
            self.places[id.place as usize] = (id.generation + 1, None);
            self.free.push(id.place);
        }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (LinkId, &mut Link)> {
        self.places
            .iter_mut()
            .enumerate()
            .filter_map(|(place, (generation, link))| {
                let place = u32::try_from(place).expect("a world has far fewer than 2^32 links");
                Some((
                    LinkId {
                        place,
                        generation: *generation,
                    },
                    link.as_mut()?,
                ))
            })
    }
}
