//! What people do to a mesh: make join strings, join devices, retire them.

use std::sync::Arc;
use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::coordinator::save::{Token, TokenState};
use protocol::coordinator::{Command, Enrol, Input, Warrant};
use protocol::dice::Dice;
use protocol::enrolment::{
    DATA_KEY_PURPOSE, EnrolAnswer, EnrolRefusal, EnrolRequest, TokenId, Welcome,
};
use protocol::id::{DeviceId, Epoch};
use protocol::key::{SecretKey, Signer, Strict};
use protocol::ledger::{Entry, Strength, Withdrawal};
use protocol::membership::Membership;
use protocol::message::Message;
use protocol::record::{Body, Flags, Head, Record};
use protocol::roster::Roster;
use protocol::seal::{DataKey, UnsealingKey};
use protocol::signed::Signed;
use protocol::statement::Statement;

use super::{Member, Mesh};
use crate::samples as sample;

/// The handshake of every enrolment in these stories.
pub const HANDSHAKE: [u8; 32] = [0x77; 32];

impl Mesh {
    /// Makes a token that lives for an hour.
    pub fn make_token(&mut self, number: u8) -> TokenId {
        let id = Self::token_id(number);
        let token = Token {
            id,
            psk: [number; 32].into(),
            name: sample::name(&format!("device {number}")),
            class: DeviceClass::Sensor,
            cell: sample::name(self.cells[self.members.len() % self.cells.len()]),
            created: self.wall(),
            expires: self.wall().saturating_add(Duration::from_secs(3600)),
            state: TokenState::Open,
        };
        self.tell_hub(Input::Command(Command::MakeToken(token)));
        id
    }

    /// What an honest device with this seed asks for.
    pub fn request(seed: [u8; 32]) -> EnrolRequest {
        let signer = SecretKey::from_seed(&seed);
        let sealing = UnsealingKey::from_seed(&seed).public();
        let data_key = sample::unsealing()
            .public()
            .seal(DATA_KEY_PURPOSE, &seed, &mut Dice::from_seed(seed))
            .unwrap();
        EnrolRequest {
            key: signer.public(),
            sealing,
            possession: EnrolRequest::prove(&signer, &HANDSHAKE, &sealing),
            data_key,
            name: sample::name("what the host calls itself"),
            class: None,
            agent: sample::name("palisade-node"),
        }
    }

    /// Hands a request to the coordinator and waits for the answer.
    pub fn enrol(
        &mut self,
        warrant: Warrant,
        request: EnrolRequest,
    ) -> Result<Welcome, EnrolRefusal> {
        let ticket = self.hub.answers.len() as u64 + 100;
        let enrol = Enrol {
            ticket,
            warrant,
            handshake_hash: HANDSHAKE.to_vec(),
            request,
        };
        self.tell_hub(Input::Enrol(Box::new(enrol)));
        let (answered, answer) = self.hub.answers.last().expect("every ticket is answered");
        assert_eq!(*answered, ticket);
        match answer.clone() {
            EnrolAnswer::Welcome(welcome) => Ok(welcome),
            EnrolAnswer::Refused(refusal) => Err(refusal),
            EnrolAnswer::Pending => panic!("a warrant is there already"),
        }
    }

    /// Joins one more device with a token of its own and starts it.
    pub fn join(&mut self) -> usize {
        let number = u8::try_from(self.members.len() + 1).unwrap();
        self.join_with([0x80 | number; 32])
    }

    /// Joins a device with one of the keys that the charter names as gateways.
    pub fn join_gateway(&mut self, place: usize) -> usize {
        self.join_with([sample::GATEWAYS[place]; 32])
    }

    fn join_with(&mut self, seed: [u8; 32]) -> usize {
        let number = u8::try_from(self.members.len() + 1).unwrap();
        let token = self.make_token(number);
        let welcome = self
            .enrol(Warrant::Token(token), Self::request(seed))
            .unwrap();
        self.settle(seed, &welcome)
    }

    /// Starts the node of a device that was welcomed.
    pub fn settle(&mut self, seed: [u8; 32], welcome: &Welcome) -> usize {
        let membership = welcome.membership.to_vec();
        let admission = sample::key(self.hub.admission).public();
        let opened = Signed::<Membership>::open(&membership, &admission, &Strict).unwrap();
        let empty = Roster::new(Arc::clone(&self.charter)).anchored(sample::anchor());
        let empty = Arc::new(empty);
        let mut member = Member::new(opened.device, seed, membership, empty);
        member.config = self.usual;
        self.members.push(member);
        self.start(self.members.len() - 1);
        self.members.len() - 1
    }

    /// Puts documents of the root into force, and the admission key of this seed.
    pub fn succeed(&mut self, documents: Vec<Entry>, admission: u8) {
        self.tell_hub(Input::Command(Command::Succeed {
            documents,
            admission: Arc::new(sample::key(admission)),
        }));
        if self.hub.roster.charter().admission == sample::key(admission).public() {
            self.hub.admission = admission;
        }
    }

    /// Retires a device for a day, or for good with the administrator's key.
    pub fn retire(&mut self, device: DeviceId, for_good: bool) {
        let administrator: Arc<dyn Signer> = Arc::new(sample::key(sample::ADMINISTRATOR));
        self.tell_hub(Input::Command(Command::Retire {
            device,
            reason: sample::name("lost"),
            administrator: for_good.then_some(administrator),
        }));
    }
}

impl Mesh {
    /// An order to wipe itself as this key signs it for a place of the log.
    pub fn order(&self, device: DeviceId, seed: u8, log_index: u64) -> Vec<u8> {
        let withdrawal = Withdrawal {
            device,
            log_index,
            time: self.wall(),
            ..sample::withdrawal(Strength::Retirement)
        };
        let signed = Signed::seal(withdrawal, &sample::key(seed));
        signed.bytes().to_vec()
    }

    /// An administrator orders a device to wipe itself.
    pub fn retire_and_wipe(&mut self, device: DeviceId) {
        let size = self.hub.roster.size();
        let withdrawal = self.order(device, sample::ADMINISTRATOR, size);
        self.tell_hub(Input::Command(Command::Revoke { withdrawal }));
        assert_eq!(self.hub.roster.size(), size + 1);
    }

    /// The next record of a member's log as its key would sign it behind what the coordinator holds.
    pub fn forge(&self, index: usize, statement: &Statement) -> (Head, Body) {
        let member = &self.members[index];
        let last = self
            .hub
            .records(member.device)
            .last()
            .expect("it has recorded");
        let key = DataKey::from_bytes(member.seed);
        let body = Body::seal(statement, &key, &mut Dice::from_seed([99; 32])).unwrap();
        let head = Head {
            device: member.device,
            position: last.position.next(),
            time: self.wall(),
            previous: last.digest,
            body: body.digest(),
            flags: Flags::NONE,
            entangled: None,
            attachment: None,
            checkpoint: None,
            ring_mask: 0,
            epoch: Epoch::FROZEN,
        };
        (head, body)
    }

    /// Hands the coordinator a record over the member's link.
    pub fn hand_in(&mut self, index: usize, record: Record) {
        let from = self.members[index].peer();
        let message = Message::Record { record };
        self.tell_hub(Input::Frame { from, message });
    }

    /// Signs a head with a member's key.
    pub fn sign(&self, index: usize, head: Head, body: Body) -> Record {
        Record::new(&Signed::seal(head, &self.members[index].key()), body)
    }
}
