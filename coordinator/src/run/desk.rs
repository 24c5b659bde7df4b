//! Join strings, arrivals and the orders of people, as inputs of the core.

use std::sync::Arc;
use std::time::Duration;

use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::coordinator::save::{Token, TokenState};
use protocol::coordinator::{Command, Enrol, Input, LogState, Warrant};
use protocol::enrolment::{EnrolAnswer, EnrolRefusal, TokenId, comparison_code};
use protocol::id::{DeviceId, MeshId};
use protocol::join::{JoinString, psk_of};
use protocol::key::Signer;
use protocol::ledger::{Entry, Withdrawal};
use protocol::limits;
use protocol::ruling::Decision;
use protocol::text::Path;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::appoint::Appointments;
use super::{Shell, Waiting, paths_of};
use crate::enrolment::Arrival;
use crate::live::Pending;
use crate::orders::{Issued, Order, OrderError, TokenTerms};
use crate::{rotation, secrets};

/// The longest life of a join string.
const LONGEST: Duration = Duration::from_secs(3600);

/// What all join strings of this coordinator share.
#[derive(Debug, Clone)]
pub(crate) struct JoinTerms {
    mesh: MeshId,
    pin: [u8; 32],
    enrol: Vec<String>,
    pub(crate) told: Vec<String>,
}

impl JoinTerms {
    pub(super) fn new(mesh: &MeshId, charter: &Charter, enrol: &[String]) -> Self {
        Self {
            mesh: *mesh,
            pin: charter.enrolment_pin,
            enrol: enrol.to_vec(),
            told: Vec::new(),
        }
    }

    /// What new members are told: what the configuration advertises, or what the mesh listens on.
    pub(super) fn mesh_addresses(&self, listening: &[String]) -> Vec<Path> {
        paths_of(if self.told.is_empty() {
            listening
        } else {
            &self.told
        })
    }

    fn issue(&self, terms: TokenTerms) -> Result<(Token, Issued), secrets::SecretError> {
        let id = TokenId(secrets::random()?);
        let secret: Zeroizing<[u8; 16]> = Zeroizing::new(secrets::random()?);
        let created = mesh::wall();
        let expires = created.saturating_add(terms.life.min(LONGEST));
        let token = Token {
            id,
            psk: psk_of(&secret),
            name: terms.name,
            class: terms.class,
            cell: terms.cell,
            created,
            expires,
            state: TokenState::Open,
        };
        let join = JoinString::new(
            self.enrol.clone(),
            *self.mesh.as_bytes(),
            self.pin,
            id.0,
            secret,
        )
        .expect("the addresses were checked when the listener was bound");
        Ok((
            token,
            Issued {
                id,
                join: Zeroizing::new(join.to_string()),
                expires,
            },
        ))
    }
}

impl Shell {
    pub(super) fn arrived(&mut self, arrival: Arrival) -> Vec<Input> {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        match arrival.token {
            Some(token) => vec![self.enrol(ticket, Warrant::Token(token), arrival)],
            None if self.waiting.len() >= limits::PENDING => {
                refuse(arrival.answer, EnrolRefusal::Full);
                Vec::new()
            }
            None => {
                let shown = Pending {
                    ticket,
                    code: comparison_code(&arrival.handshake_hash),
                    name: arrival.request.name.clone(),
                    agent: arrival.request.agent.clone(),
                    address: arrival.address.to_string(),
                    asked: mesh::wall(),
                };
                self.waiting
                    .retain(|_, waiting| !waiting.arrival.answer.is_closed());
                self.waiting.insert(ticket, Waiting { shown, arrival });
                self.publish();
                Vec::new()
            }
        }
    }

    fn enrol(&mut self, ticket: u64, warrant: Warrant, arrival: Arrival) -> Input {
        self.answers.insert(ticket, arrival.answer);
        Input::Enrol(Box::new(Enrol {
            ticket,
            warrant,
            handshake_hash: arrival.handshake_hash.to_vec(),
            request: arrival.request,
        }))
    }

    pub(super) fn answer(&mut self, ticket: u64, answer: EnrolAnswer) {
        let listener = self.answers.remove(&ticket);
        if listener.is_none_or(|listener| listener.send(answer).is_err()) {
            tracing::warn!(ticket, "the device left before its answer");
        }
    }

    pub(super) fn ordered(&mut self, order: Order) -> Vec<Input> {
        match order {
            Order::MakeToken { terms, answer } => self.make_token(terms, answer),
            Order::Scan {
                order,
                sources,
                answer,
            } => {
                reply(answer, ());
                let excuse = |source| Command::Excuse {
                    scanner: order.device,
                    source,
                    length: limits::ERRAND,
                };
                let excused = sources.into_iter().map(Into::into).map(excuse);
                let commands: Vec<Command> = excused.collect();
                let commands = commands.into_iter().chain([Command::Scan(order)]);
                commands.map(Input::Command).collect()
            }
            Order::Habit { order, answer } => {
                reply(answer, ());
                vec![Input::Command(Command::Habit(order))]
            }
            Order::WantScan {
                device,
                job,
                from,
                answer,
            } => {
                reply(answer, ());
                vec![Input::Command(Command::WantScan { device, job, from })]
            }
            Order::Instruct {
                device,
                command,
                answer,
            } => {
                reply(answer, ());
                vec![Input::Command(Command::Instruct { device, command })]
            }
            Order::WantResult {
                device,
                command,
                from,
                answer,
            } => {
                reply(answer, ());
                vec![Input::Command(Command::WantResult {
                    device,
                    command,
                    from,
                })]
            }
            Order::TailStored {
                device,
                number,
                answer,
            } => {
                reply(answer, ());
                vec![Input::Command(Command::TailStored { device, number })]
            }
            Order::WithdrawToken { id, answer } => {
                reply(answer, ());
                vec![Input::Command(Command::WithdrawToken(id))]
            }
            Order::Retire {
                device,
                reason,
                answer,
            } => match self.check_retirement(&device) {
                Ok(()) => {
                    reply(answer, Ok(()));
                    vec![Input::Command(Command::Retire {
                        device,
                        reason,
                        administrator: None,
                    })]
                }
                Err(error) => {
                    reply(answer, Err(error));
                    Vec::new()
                }
            },
            Order::Rule {
                device,
                decision,
                reason,
                answer,
            } => match self.check_ruling(&device, decision) {
                Ok(()) => {
                    reply(answer, Ok(()));
                    vec![Input::Command(Command::Rule {
                        device,
                        decision,
                        reason,
                    })]
                }
                Err(error) => {
                    reply(answer, Err(error));
                    Vec::new()
                }
            },
            Order::Revoke { withdrawal, answer } => match self.check_revocation(&withdrawal) {
                Ok(checked) => {
                    reply(answer, Ok(checked));
                    vec![Input::Command(Command::Revoke { withdrawal })]
                }
                Err(error) => {
                    reply(answer, Err(error));
                    Vec::new()
                }
            },
            Order::Succeed { documents, answer } => match self.succeed(&documents) {
                Ok(admission) => {
                    reply(answer, Ok(()));
                    vec![Input::Command(Command::Succeed {
                        documents,
                        admission,
                    })]
                }
                Err(error) => {
                    reply(answer, Err(error));
                    Vec::new()
                }
            },
            Order::Propose { overlap, answer } => {
                let proposed = rotation::propose_admission(&self.paths, mesh::wall(), overlap);
                reply(answer, proposed.map_err(OrderError::not_written));
                Vec::new()
            }
            Order::Approve {
                ticket,
                terms,
                answer,
            } => {
                if self.core.log_state() != LogState::Open {
                    reply(answer, Err(OrderError::LogNotOpen));
                    return Vec::new();
                }
                let Some(waiting) = self.take_waiting(ticket, answer) else {
                    return Vec::new();
                };
                let class: DeviceClass = terms.class;
                let warrant = Warrant::Approval {
                    name: terms.name,
                    class,
                    cell: terms.cell,
                };
                vec![self.enrol(ticket, warrant, waiting.arrival)]
            }
            Order::TurnDown { ticket, answer } => {
                if let Some(waiting) = self.take_waiting(ticket, answer) {
                    refuse(waiting.arrival.answer, EnrolRefusal::TurnedDown);
                }
                Vec::new()
            }
            Order::PlanRollout { plan, answer } => self.plan_rollout(plan, answer),
            Order::TellRollout {
                id,
                word,
                by,
                answer,
            } => self.tell_rollout((id, word, by), answer),
            Order::Appoint { answer } => {
                self.appointments = Appointments::default();
                reply(answer, ());
                Vec::new()
            }
        }
    }

    /// Writes the documents down before they come into force.
    fn succeed(&mut self, documents: &[Entry]) -> Result<Arc<dyn Signer>, OrderError> {
        if self.core.log_state() != LogState::Open {
            return Err(OrderError::LogNotOpen);
        }
        let heirs = self.core.judge_succession(documents)?;
        let admission = rotation::heir_key(&self.paths, |key| heirs.leads_to(key));
        let admission = admission.map_err(OrderError::not_written)?;
        rotation::install(&self.paths, documents).map_err(OrderError::not_written)?;
        Ok(Arc::new(admission))
    }

    fn make_token(&mut self, terms: TokenTerms, answer: oneshot::Sender<Issued>) -> Vec<Input> {
        match self.join.issue(terms) {
            Ok((token, issued)) => {
                self.tokens.put(token.clone());
                reply(answer, issued);
                vec![Input::Command(Command::MakeToken(token))]
            }
            Err(error) => {
                tracing::error!(%error, "no join string can be made");
                Vec::new()
            }
        }
    }

    fn check_ruling(&self, device: &DeviceId, decision: Decision) -> Result<(), OrderError> {
        let (roster, now) = (self.core.roster(), mesh::wall());
        if roster.member(device).is_none() {
            return Err(OrderError::NoSuchDevice);
        }
        match decision {
            Decision::Hold => Ok(self.core.judge_hold(device, now)?),
            Decision::Release => {
                let held = self.core.rulings().held(roster, now).contains(device)
                    || self.core.effect().holds(device, now);
                held.then_some(()).ok_or(OrderError::NotHeld)
            }
        }
    }

    fn check_retirement(&self, device: &DeviceId) -> Result<(), OrderError> {
        let member = self
            .core
            .roster()
            .member(device)
            .ok_or(OrderError::NoSuchDevice)?;
        if member.withdrawal.is_some() {
            Err(OrderError::AlreadyRetired)
        } else if self.core.log_state() != LogState::Open {
            Err(OrderError::LogNotOpen)
        } else if !self.core.may_suspend(mesh::wall()) {
            Err(OrderError::TooMany)
        } else {
            Ok(())
        }
    }

    fn check_revocation(&self, withdrawal: &[u8]) -> Result<Withdrawal, OrderError> {
        if self.core.log_state() != LogState::Open {
            return Err(OrderError::LogNotOpen);
        }
        let checked = self.core.judge_revocation(withdrawal)?;
        Ok(Withdrawal::clone(&checked))
    }

    fn take_waiting(
        &mut self,
        ticket: u64,
        answer: oneshot::Sender<Result<(), OrderError>>,
    ) -> Option<Waiting> {
        let waiting = self
            .waiting
            .remove(&ticket)
            .filter(|waiting| !waiting.arrival.answer.is_closed());
        reply(
            answer,
            if waiting.is_some() {
                Ok(())
            } else {
                Err(OrderError::NobodyWaits)
            },
        );
        waiting
    }
}

fn refuse(answer: oneshot::Sender<EnrolAnswer>, refusal: EnrolRefusal) {
    reply(answer, EnrolAnswer::Refused(refusal));
}

/// Whoever asked may have gone meanwhile; then nobody needs the answer.
pub(super) fn reply<T>(to: oneshot::Sender<T>, answer: T) {
    drop(to.send(answer));
}
