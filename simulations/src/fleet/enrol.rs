//! Small fleets: every device goes through the coordinator's own enrolment, with a token of its own.

use std::sync::Arc;

use protocol::charter::Charter;
use protocol::coordinator::save::{Token, TokenState};
use protocol::coordinator::{Command, Config, Coordinator, Enrol, Input, Output, Warrant};
use protocol::dice::Dice;
use protocol::enrolment::{DATA_KEY_PURPOSE, EnrolAnswer, EnrolRequest, TokenId};
use protocol::id::DeviceId;
use protocol::key::Verifier;
use protocol::membership::Membership;
use protocol::roster::Roster;
use protocol::signed::Signed;
use protocol::text::Name;
use protocol::time::{Instant, Now};
use zeroize::Zeroizing;

use super::{Admitted, BEGINNING, Blueprint, Candidate, FleetError, offices};
use crate::chance::seed_bytes;
use crate::store::Store;

const NOW: Now = Now {
    monotonic: Instant::from_millis(0),
    wall: BEGINNING,
};

pub(super) fn one_by_one(
    blueprint: &Blueprint,
    empty: Roster,
    verifier: &Arc<dyn Verifier>,
    candidates: &[Candidate],
) -> Result<Admitted, FleetError> {
    let charter = Arc::clone(empty.charter());
    let memory = Store::default().memory(crate::store::StoreFlaw::None);
    let (coordinator, _) = Coordinator::new(
        Config::default(),
        offices(blueprint, verifier),
        empty,
        memory,
        NOW,
    )?;
    let mut office = Office {
        coordinator,
        store: Store::default(),
        charter,
    };
    let mut devices = Vec::new();
    for (seat, candidate) in candidates.iter().enumerate() {
        devices.push(office.admit(blueprint, seat, candidate, verifier.as_ref())?);
    }
    Ok(Admitted {
        roster: Arc::clone(office.coordinator.roster()),
        devices,
        store: office.store,
    })
}

/// The coordinator before the world begins.
struct Office {
    coordinator: Coordinator,
    store: Store,
    charter: Arc<Charter>,
}

impl Office {
    fn admit(
        &mut self,
        blueprint: &Blueprint,
        seat: usize,
        candidate: &Candidate,
        verifier: &dyn Verifier,
    ) -> Result<DeviceId, FleetError> {
        let token = token(blueprint, seat, candidate);
        let id = token.id;
        self.perform(Input::Command(Command::MakeToken(token)));
        let enrol = self.request(blueprint, seat, candidate, id)?;
        let refused = |why: String| FleetError::Refused { seat, why };
        match self.perform(Input::Enrol(Box::new(enrol))) {
            Some(EnrolAnswer::Welcome(welcome)) => {
                let membership = Signed::<Membership>::open(
                    &welcome.membership,
                    &self.charter.admission,
                    verifier,
                );
                membership
                    .map(|membership| membership.device)
                    .map_err(|error| refused(error.to_string()))
            }
            Some(EnrolAnswer::Refused(refusal)) => Err(refused(refusal.to_string())),
            Some(EnrolAnswer::Pending) | None => Err(refused("no answer".to_owned())),
        }
    }

    fn perform(&mut self, input: Input) -> Option<EnrolAnswer> {
        let mut answer = None;
        for output in self.coordinator.handle(input, NOW) {
            match output {
                Output::Save(save) => self.store.write(save),
                Output::Enrolled { answer: given, .. } => answer = Some(given),
                _ => {}
            }
        }
        self.store.commit();
        answer
    }

    fn request(
        &self,
        blueprint: &Blueprint,
        seat: usize,
        candidate: &Candidate,
        token: TokenId,
    ) -> Result<Enrol, FleetError> {
        let bytes = |purpose| seed_bytes(blueprint.seed, purpose, seat as u64);
        let handshake_hash = bytes("handshake").to_vec();
        let sealing = candidate.unsealing.public();
        let mut dice = Dice::from_seed(bytes("enrolment dice"));
        let sealed =
            self.charter
                .sealing
                .seal(DATA_KEY_PURPOSE, candidate.data_key.as_bytes(), &mut dice);
        let request = EnrolRequest {
            key: candidate.key,
            sealing,
            possession: EnrolRequest::prove(candidate.signer.as_ref(), &handshake_hash, &sealing),
            data_key: sealed.map_err(|error| FleetError::Refused {
                seat,
                why: error.to_string(),
            })?,
            name: name(seat, candidate),
            class: None,
            agent: Name::new("0.1.0").expect("a short word"),
        };
        Ok(Enrol {
            ticket: seat as u64,
            warrant: Warrant::Token(token),
            handshake_hash,
            request,
        })
    }
}

fn token(blueprint: &Blueprint, seat: usize, candidate: &Candidate) -> Token {
    let id = seed_bytes(blueprint.seed, "token", seat as u64);
    Token {
        id: TokenId(id[..8].try_into().expect("eight of 32 bytes")),
        psk: Zeroizing::new(seed_bytes(blueprint.seed, "token secret", seat as u64)),
        name: name(seat, candidate),
        class: candidate.class,
        cell: blueprint.ground.cell(seat),
        created: BEGINNING,
        expires: BEGINNING.saturating_add(std::time::Duration::from_secs(3600)),
        state: TokenState::Open,
    }
}

fn name(seat: usize, candidate: &Candidate) -> Name {
    Name::new(format!("{}-{seat:04}", candidate.class.word())).expect("a short word and a number")
}
