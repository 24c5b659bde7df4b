//! Enrolment: a device with a warrant becomes a member, once.

use super::save::{Remembered, Save, Token, TokenState};
use super::{Coordinator, Enrol, Event, LogState, Output, Warrant};
use crate::class::DeviceClass;
use crate::enrolment::{
    DATA_KEY_PURPOSE, EnrolAnswer, EnrolRefusal, EnrolRequest, TokenId, Welcome,
};
use crate::id::DeviceId;
use crate::limits;
use crate::membership::Membership;
use crate::record::Incarnation;
use crate::seal::DataKey;
use crate::text::Name;
use crate::time::{Now, Timestamp};

impl Coordinator {
    /// The token that a device names, if it may still be used.
    pub fn usable_token(&self, id: TokenId, now: Timestamp) -> Result<&Token, EnrolRefusal> {
        let token = self.tokens.get(&id).ok_or(EnrolRefusal::UnknownToken)?;
        match token.state {
            TokenState::Used { .. } => Err(EnrolRefusal::UsedToken),
            TokenState::Withdrawn => Err(EnrolRefusal::ExpiredToken),
            TokenState::Open if now > token.expires => Err(EnrolRefusal::ExpiredToken),
            TokenState::Open => Ok(token),
        }
    }

    pub(super) fn enrol(&mut self, enrol: Enrol, now: Now, out: &mut Vec<Output>) {
        let ticket = enrol.ticket;
        let token = match &enrol.warrant {
            Warrant::Token(id) => Some(*id),
            Warrant::Approval { .. } => None,
        };
        let answer = match self.try_enrol(enrol, now, out) {
            Ok(welcome) => EnrolAnswer::Welcome(welcome),
            Err(refusal) => {
                out.push(Output::Event(Event::Refused { token, refusal }));
                EnrolAnswer::Refused(refusal)
            }
        };
        out.push(Output::Enrolled { ticket, answer });
    }

    fn try_enrol(
        &mut self,
        enrol: Enrol,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Welcome, EnrolRefusal> {
        if self.log_state() != LogState::Open {
            return Err(EnrolRefusal::NotReady);
        }
        let request = enrol.request;
        request.is_proven(&enrol.handshake_hash, self.offices.verifier.as_ref())?;
        let (name, class, cell) = self.terms(&enrol.warrant, now.wall)?;
        self.check_room(&request)?;
        let data_key = self.open_data_key(&request)?;
        let index = self.roster.size();
        let device = DeviceId::assigned(
            &self.roster.charter().mesh,
            index,
            &self.roster.tree().root(),
        );
        let membership = Membership {
            mesh: self.roster.charter().mesh,
            device,
            log_index: index,
            key: request.key,
            sealing: request.sealing,
            name,
            class,
            cell,
            not_before: now.wall,
            not_after: now.wall.saturating_add(self.config.membership),
            incarnation_floor: Incarnation::default(),
            next_key: None,
        };
        if let Warrant::Token(id) = enrol.warrant {
            self.use_token(id, device, now.wall, out);
        }
        out.push(Output::Save(Save::Enrolled {
            device,
            data_key: data_key.clone(),
            at: now.wall,
        }));
        let membership = self.append_admission(membership, now, out);
        let remembered = Remembered {
            data_key,
            enrolled: now.wall,
            last: None,
            received: None,
            contact: None,
            retired: None,
            obeyed: None,
        };
        self.remember(device, remembered);
        out.push(Output::Event(Event::Admitted { device }));
        Ok(Welcome {
            membership: membership.into(),
            log_size: index + 1,
            addresses: self.config.addresses.clone(),
        })
    }

    fn terms(
        &self,
        warrant: &Warrant,
        now: Timestamp,
    ) -> Result<(Name, DeviceClass, Name), EnrolRefusal> {
        match warrant {
            Warrant::Token(id) => {
                let token = self.usable_token(*id, now)?;
                Ok((token.name.clone(), token.class, token.cell.clone()))
            }
            Warrant::Approval { name, class, cell } => Ok((name.clone(), *class, cell.clone())),
        }
    }

    fn check_room(&self, request: &EnrolRequest) -> Result<(), EnrolRefusal> {
        if self.roster.device(request.key.peer()).is_some() {
            return Err(EnrolRefusal::KeyInUse);
        }
        if self.devices.len() >= limits::MEMBERS {
            return Err(EnrolRefusal::Full);
        }
        Ok(())
    }

    fn open_data_key(&self, request: &EnrolRequest) -> Result<DataKey, EnrolRefusal> {
        let opened = self
            .offices
            .unsealing
            .open(DATA_KEY_PURPOSE, &request.data_key);
        let bytes = opened
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes
            .map(DataKey::from_bytes)
            .ok_or(EnrolRefusal::NoPossession)
    }

    fn use_token(&mut self, id: TokenId, by: DeviceId, at: Timestamp, out: &mut Vec<Output>) {
        if let Some(token) = self.tokens.get_mut(&id) {
            token.state = TokenState::Used { by, at };
            out.push(Output::Save(Save::Token(token.clone())));
        }
    }

    pub(super) fn make_token(&mut self, token: Token, out: &mut Vec<Output>) {
        while self.tokens.len() >= limits::TOKENS {
            let oldest = self
                .tokens
                .values()
                .min_by_key(|token| token.created)
                .map(|token| token.id);
            if let Some(id) = oldest {
                self.tokens.remove(&id);
            }
        }
        out.push(Output::Save(Save::Token(token.clone())));
        self.tokens.insert(token.id, token);
    }

    pub(super) fn withdraw_token(&mut self, id: TokenId, out: &mut Vec<Output>) {
        if let Some(token) = self
            .tokens
            .get_mut(&id)
            .filter(|token| token.state == TokenState::Open)
        {
            token.state = TokenState::Withdrawn;
            out.push(Output::Save(Save::Token(token.clone())));
        }
    }
}
