//! The shipped coordinator for one event: started from its store, asked once, and forgotten.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::coordinator::save::{Save, Token, TokenState};
use protocol::coordinator::{Command, Config, Coordinator, Enrol, Input, Warrant};
use protocol::dice::Dice;
use protocol::enrolment::{DATA_KEY_PURPOSE, EnrolRequest, TokenId};
use protocol::id::Digest;
use protocol::roster::Roster;
use protocol::seal::UnsealingKey;
use protocol::text::Name;
use protocol::time::{Instant, Now};
use zeroize::Zeroizing;

use crate::chance::seed_bytes;
use crate::fleet::{BEGINNING, Blueprint, Fleet};
use crate::profile::Profile;
use crate::signing::Signing;
use crate::store::{Store, StoreFlaw};

const SEED: u64 = 1;
const TOKEN: TokenId = TokenId([7; 8]);
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// A mesh of one member, whose coordinator has made one join line.
#[derive(Debug)]
pub(super) struct Desk {
    fleet: Fleet,
    requests: Vec<EnrolRequest>,
}

/// What the coordinator has written: durable, and not yet.
#[derive(Debug, Clone)]
pub(super) struct Book {
    store: Store,
    pending: Vec<Save>,
    /// What will never be durable.
    in_memory: Vec<Save>,
    /// Two books with one print hold the same.
    print: Digest,
}

/// Longer than a coordinator listens after its start.
const COMPARED: Duration = Duration::from_secs(120);

impl Desk {
    pub(super) fn new() -> Self {
        let fleet = Fleet::build(Blueprint {
            gateways: 0,
            epoch: protocol::beacon::EPOCH,
            ground: crate::fleet::Ground::default(),
            seed: SEED,
            nodes: 1,
            signing: Signing::Mock,
            profiles: Profile::pick(None)
                .expect("the profiles are built in")
                .into(),
        });
        let fleet = fleet.expect("one device can be admitted");
        let requests = (0..super::DEVICES).map(|device| request(&fleet, device));
        Self {
            requests: requests.collect(),
            fleet,
        }
    }

    pub(super) fn now(expired: bool) -> Now {
        let passed = if expired {
            GOOD_FOR * 2
        } else {
            Duration::ZERO
        };
        Now {
            monotonic: Instant::from_millis(0) + passed,
            wall: BEGINNING.saturating_add(passed),
        }
    }

    /// The book once the line is made.
    pub(super) fn opened(&self) -> Book {
        let mut book = Book::new(self.fleet.store.clone());
        let now = Self::now(false);
        let mut machine = self.restarted(&book, now);
        for output in machine.handle(Input::Command(Command::MakeToken(token())), now) {
            if let protocol::coordinator::Output::Save(save) = output {
                book.write([save]);
            }
        }
        book.commit();
        book
    }

    /// The machine as it starts from what is durable, and has compared its log with the devices' copies
    /// for as long as it does: before that it admits nobody.
    pub(super) fn restarted(&self, book: &Book, now: Now) -> Coordinator {
        let empty = Roster::new(Arc::clone(&self.fleet.charter));
        let memory = book.store.memory(StoreFlaw::None);
        let started = Coordinator::new(Config::default(), self.fleet.offices(), empty, memory, now);
        let (mut machine, _) = started.expect("the store holds what the machine has written");
        let compared = Now {
            monotonic: now.monotonic + COMPARED,
            ..now
        };
        machine.handle(Input::Tick, compared);
        machine
    }

    /// The machine as it runs: it knows also what is not durable yet.
    pub(super) fn running(&self, book: &Book, now: Now) -> Coordinator {
        let mut written = book.clone();
        written.pending.splice(0..0, written.in_memory.drain(..));
        written.commit();
        self.restarted(&written, now)
    }

    pub(super) fn token(&self) -> TokenId {
        TOKEN
    }

    pub(super) fn line(&self) -> Warrant {
        Warrant::Token(TOKEN)
    }

    pub(super) fn approval(&self) -> Warrant {
        let Token {
            name, class, cell, ..
        } = token();
        Warrant::Approval { name, class, cell }
    }

    pub(super) fn withdraw(&self) -> Input {
        Input::Command(Command::WithdrawToken(TOKEN))
    }

    pub(super) fn enrol(&self, device: usize, warrant: Warrant) -> Enrol {
        Enrol {
            ticket: device as u64,
            warrant,
            handshake_hash: handshake(device),
            request: self.requests[device].clone(),
        }
    }
}

impl Book {
    fn new(store: Store) -> Self {
        let mut book = Self {
            store,
            pending: Vec::new(),
            in_memory: Vec::new(),
            print: Digest::from_bytes([0; 32]),
        };
        book.sign_off();
        book
    }

    pub(super) fn write(&mut self, saves: impl IntoIterator<Item = Save>) {
        self.pending.extend(saves);
        self.sign_off();
    }

    pub(super) fn commit(&mut self) {
        for save in self.pending.drain(..) {
            self.store.write(save);
        }
        self.store.commit();
        self.sign_off();
    }

    pub(super) fn commit_one(&mut self) {
        let later = self.pending.split_off(1);
        self.commit();
        self.pending = later;
        self.sign_off();
    }

    /// What becomes of tokens stays in memory.
    pub(super) fn commit_but_tokens(&mut self) {
        let is_token = |save: &mut Save| matches!(save, Save::Token(_));
        self.in_memory.extend(self.pending.extract_if(.., is_token));
        self.commit();
    }

    pub(super) fn crash(&mut self) {
        self.pending.clear();
        self.in_memory.clear();
        self.sign_off();
    }

    pub(super) fn is_clean(&self) -> bool {
        self.pending.is_empty()
    }

    /// Devices that the log admits beside the founder, as the running machine sees it.
    pub(super) fn admitted(&self) -> usize {
        let pending = self
            .pending
            .iter()
            .filter(|save| matches!(save, Save::Entries { .. }));
        self.admitted_durably() + pending.count()
    }

    pub(super) fn admitted_durably(&self) -> usize {
        self.store.log().0.len() - 1
    }

    pub(super) fn state_of(&self, id: TokenId) -> Option<TokenState> {
        let tokens = self.store.memory(StoreFlaw::None).tokens;
        tokens
            .iter()
            .find(|token| token.id == id)
            .map(|token| token.state)
    }

    fn sign_off(&mut self) {
        let tokens = self.store.memory(StoreFlaw::None).tokens;
        let all = format!(
            "{:?} {tokens:?} {:?} {:?}",
            self.store.log(),
            self.pending,
            self.in_memory
        );
        self.print = Digest::of("palisade-sim 2026 book of a model", &[all.as_bytes()]);
    }
}

impl PartialEq for Book {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print
    }
}

impl Eq for Book {}

impl Hash for Book {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.print.hash(state);
    }
}

fn token() -> Token {
    Token {
        id: TOKEN,
        psk: Zeroizing::new(seed_bytes(SEED, "model token secret", 0)),
        name: name("pump"),
        class: DeviceClass::Sensor,
        cell: name("hall"),
        created: BEGINNING,
        expires: BEGINNING.saturating_add(GOOD_FOR),
        state: TokenState::Open,
    }
}

fn request(fleet: &Fleet, device: usize) -> EnrolRequest {
    let bytes = |purpose| seed_bytes(SEED, purpose, device as u64);
    let signer = Signing::Mock.signer(&bytes("model device key"));
    let sealing = UnsealingKey::from_seed(&bytes("model sealing key")).public();
    let mut dice = Dice::from_seed(bytes("model dice"));
    let data_key =
        fleet
            .charter
            .sealing
            .seal(DATA_KEY_PURPOSE, &bytes("model data key"), &mut dice);
    EnrolRequest {
        key: signer.public(),
        sealing,
        possession: EnrolRequest::prove(signer.as_ref(), &handshake(device), &sealing),
        data_key: data_key.expect("a short key can be sealed"),
        name: name("pump"),
        class: None,
        agent: name("0.1.0"),
    }
}

fn handshake(device: usize) -> Vec<u8> {
    seed_bytes(SEED, "model handshake", device as u64).to_vec()
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a short word")
}
