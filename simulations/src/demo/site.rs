//! The folder, the store and the coordinator's own machine, which is told of everything that happens.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coordinator::ceremony::{self, RootPlan};
use coordinator::config::Config;
use coordinator::live::Live;
use coordinator::offices::{self, Paths};
use coordinator::store::Store;
use coordinator::store::key::StoreKey;
use coordinator::{holders, offline};
use protocol::alert::Alert;
use protocol::coordinator::save::Save;
use protocol::coordinator::{
    Config as CoreConfig, Coordinator, Enrol, Event, Input, Output, Warrant,
};
use protocol::dice::Dice;
use protocol::enrolment::{DATA_KEY_PURPOSE, EnrolAnswer, EnrolRequest};
use protocol::id::Epoch;
use protocol::key::{SecretKey, Signer as _};
use protocol::membership::Membership;
use protocol::message::Message;
use protocol::record::{Body, Flags, Head, Record};
use protocol::roster::Roster;
use protocol::seal::SealingKey;
use protocol::signed::Signed;
use protocol::statement::Statement;
use protocol::time::{Instant, Now, Timestamp};
use tokio::sync::watch;

use super::seats::{Seat, Stranger, invent};
use super::{Wish, name};
use crate::chance::seed_bytes;

/// Who falls silent does so for so long before the end.
const SILENCE: Duration = Duration::from_secs(5 * 3_600);
/// Saves that are made durable together.
const BATCH: usize = 2_048;
/// Nobody is judged silent while the week is told.
const PATIENCE: Duration = Duration::from_secs(400 * 86_400);

pub struct Site {
    pub paths: Paths,
    pub store: Store,
    pub core: Coordinator,
    pub seats: Vec<Seat>,
    pub strangers: Vec<Stranger>,
    /// Who signs what devices are given.
    pub administrator: SecretKey,
    pub live: watch::Sender<Arc<Live>>,
    sealing: SealingKey,
    start: Timestamp,
    end: Timestamp,
    dice: Dice,
    waiting: Vec<Save>,
    /// What devices raised since somebody last looked.
    pub raised: Vec<Alert>,
}

impl Site {
    /// Makes the mesh as `init` does, with the roots' words forgotten.
    pub fn found(
        dir: &Path,
        wish: &Wish,
        (start, end): (Timestamp, Timestamp),
    ) -> anyhow::Result<Self> {
        let plan = RootPlan {
            holders: 1,
            threshold: 1,
            passphrase: None,
        };
        let config = Config {
            people: "127.0.0.1:8443".parse()?,
            mesh: "127.0.0.1:7443".parse()?,
            enrolment: "127.0.0.1:7444".parse()?,
            ..Config::default()
        };
        let made = ceremony::init(dir, &config, &plan, start)?;
        let root = holders::from_words(&made.words[0])?;
        let administrator = SecretKey::from_seed(offline::administrator(&root[0]).bytes());
        let paths = Paths::new(dir);
        let certified = offices::load(&paths)?;
        let key = StoreKey::from_bytes(*certified.store_key.bytes());
        let (store, memory) = Store::open(&paths.store(), key)?;
        let root = certified.first.root().cloned();
        let root =
            root.ok_or_else(|| anyhow::anyhow!("the root that was just made is not there"))?;
        let empty = Roster::new(Arc::clone(certified.first.charter())).anchored(root);
        let core_config = CoreConfig {
            silent_after: PATIENCE,
            ..CoreConfig::default()
        };
        let now = Now {
            monotonic: Instant::from_millis(0),
            wall: start,
        };
        let (core, _) = Coordinator::new(core_config, certified.offices, empty, memory, now)?;
        let (seats, strangers) = invent(wish);
        let (live, _) = watch::channel(Arc::new(Live::of(&core, Vec::new(), start)));
        Ok(Self {
            paths,
            store,
            core,
            seats,
            strangers,
            administrator,
            live,
            sealing: certified.charter.sealing,
            start,
            end,
            dice: Dice::from_seed(seed_bytes(wish.seed, "demo dice", 0)),
            waiting: Vec::new(),
            raised: Vec::new(),
        })
    }

    /// Everybody joins and links.
    pub fn enrol_all(&mut self) -> anyhow::Result<()> {
        for place in 0..self.seats.len() {
            self.enrol(place)?;
            let peer = self.seats[place].peer();
            self.tell(Input::LinkUp { peer }, self.start)?;
        }
        self.commit()?;
        self.show(self.start);
        Ok(())
    }

    fn enrol(&mut self, place: usize) -> anyhow::Result<()> {
        let hash = seed_bytes(place as u64, "demo handshake", 0).to_vec();
        let seat = &self.seats[place];
        let sealing = seat.unsealing.public();
        let data_key = seat.data_key.as_bytes();
        let data_key = self
            .sealing
            .seal(DATA_KEY_PURPOSE, data_key, &mut self.dice);
        let request = EnrolRequest {
            key: seat.signer.public(),
            sealing,
            possession: EnrolRequest::prove(seat.signer.as_ref(), &hash, &sealing),
            data_key: data_key?,
            name: seat.name.clone(),
            class: Some(seat.class),
            agent: name("0.1.0"),
        };
        let enrol = Enrol {
            ticket: place as u64,
            warrant: Warrant::Approval {
                name: seat.name.clone(),
                class: seat.class,
                cell: seat.cell.clone(),
            },
            handshake_hash: hash,
            request,
        };
        let answer = self.tell(Input::Enrol(Box::new(enrol)), self.start)?;
        let Some(EnrolAnswer::Welcome(welcome)) = answer else {
            anyhow::bail!("{} was not admitted: {answer:?}", self.seats[place].name);
        };
        let charter = Arc::clone(self.core.roster().charter());
        let strict = protocol::key::Strict;
        let membership =
            Signed::<Membership>::open(&welcome.membership, &charter.admission, &strict)?;
        let seat = &mut self.seats[place];
        (seat.device, seat.previous) = (membership.device, membership.digest());
        Ok(())
    }

    /// Whether a member has said its last word by then.
    pub fn is_silent(&self, place: usize, at: Timestamp) -> bool {
        self.seats[place].falls_silent && self.end.since(at) < SILENCE
    }

    /// A member says something in its own log.
    pub fn say(&mut self, place: usize, said: &Statement, at: Timestamp) -> anyhow::Result<()> {
        let seat = &mut self.seats[place];
        let body = Body::seal(said, &seat.data_key, &mut self.dice)?;
        let attachment = seed_bytes(0, seat.cell.as_str(), 0);
        let head = Head {
            device: seat.device,
            position: seat.next,
            time: at,
            previous: seat.previous,
            body: body.digest(),
            epoch: Epoch::FROZEN,
            entangled: None,
            flags: Flags::NONE,
            ring_mask: 0,
            attachment: Some(attachment[..8].try_into().expect("eight of 32 bytes")),
            checkpoint: None,
        };
        let head = Signed::seal(head, seat.signer.as_ref());
        seat.previous = head.digest();
        seat.next = seat.next.next();
        let record = Record::new(&head, body);
        let from = seat.peer();
        let message = Message::Record { record };
        self.tell(Input::Frame { from, message }, at).map(drop)
    }

    /// Tells the machine, and does what it asks for.
    pub fn tell(&mut self, input: Input, at: Timestamp) -> anyhow::Result<Option<EnrolAnswer>> {
        let since = at.since(self.start);
        let now = Now {
            monotonic: Instant::from_millis(u64::try_from(since.as_millis())?),
            wall: at,
        };
        let mut answer = None;
        for output in self.core.handle(input, now) {
            match output {
                Output::Save(save) => self.waiting.push(save),
                Output::Enrolled { answer: given, .. } => answer = Some(given),
                Output::Send {
                    to,
                    message: Message::Install { order },
                } => {
                    let seat = self.seats.iter_mut().find(|seat| seat.peer() == to);
                    if let Some(seat) = seat.filter(|seat| seat.update.is_none()) {
                        seat.update = Some((order, 0));
                    }
                }
                Output::Event(Event::Alert(alert)) => self.raised.push(alert),
                Output::Event(Event::Misbehaviour { what, .. }) => {
                    anyhow::bail!("an invented device misbehaves: {what}")
                }
                _ => {}
            }
        }
        if self.waiting.len() >= BATCH {
            self.commit()?;
        }
        Ok(answer)
    }

    pub fn commit(&mut self) -> anyhow::Result<()> {
        let saves = std::mem::take(&mut self.waiting);
        Ok(self.store.commit(&saves)?)
    }

    /// What pages would be shown.
    pub fn show(&self, at: Timestamp) {
        let live = Live::of(&self.core, Vec::new(), at);
        self.live.send_replace(Arc::new(live));
    }
}
