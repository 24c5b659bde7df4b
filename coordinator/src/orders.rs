//! What pages, interfaces and the command line may order; the run loop carries it out in turn.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::command::{Command, CommandId};
use protocol::coordinator::{RevocationError, RolloutError};
use protocol::enrolment::TokenId;
use protocol::flows::HabitOrder;
use protocol::id::DeviceId;
use protocol::ledger::{Entry, Withdrawal};
use protocol::rollout::{Plan, RolloutId, Word};
use protocol::ruling::{Decision, HoldError};
use protocol::scan::ScanOrder;
use protocol::succession::SuccessionError;
use protocol::text::Name;
use protocol::time::Timestamp;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::rotation::Proposed;

/// Orders that may wait at once.
pub const ORDERS_WAITING: usize = 64;

/// One order, with the place where its answer goes.
#[derive(Debug)]
pub enum Order {
    MakeToken {
        terms: TokenTerms,
        answer: oneshot::Sender<Issued>,
    },
    WithdrawToken {
        id: TokenId,
        answer: oneshot::Sender<()>,
    },
    Retire {
        device: DeviceId,
        reason: Name,
        answer: oneshot::Sender<Result<(), OrderError>>,
    },
    /// Puts a device into quarantine, or clears it.
    Rule {
        device: DeviceId,
        decision: Decision,
        reason: Name,
        answer: oneshot::Sender<Result<(), OrderError>>,
    },
    /// A withdrawal that an administrator has signed (its envelope).
    Revoke {
        withdrawal: Vec<u8>,
        answer: oneshot::Sender<Result<Withdrawal, OrderError>>,
    },
    /// Documents of the root, to be put into force.
    Succeed {
        documents: Vec<Entry>,
        answer: oneshot::Sender<Result<(), OrderError>>,
    },
    /// Proposes another admission key, for the root to sign; former memberships open doors as long as it says.
    Propose {
        overlap: Duration,
        answer: oneshot::Sender<Result<Proposed, OrderError>>,
    },
    Approve {
        ticket: u64,
        terms: TokenTerms,
        answer: oneshot::Sender<Result<(), OrderError>>,
    },
    TurnDown {
        ticket: u64,
        answer: oneshot::Sender<Result<(), OrderError>>,
    },
    /// A rollout that waits for its start.
    PlanRollout {
        plan: Box<Plan>,
        answer: oneshot::Sender<Result<RolloutId, OrderError>>,
    },
    /// A person says something to a rollout.
    TellRollout {
        id: RolloutId,
        word: Word,
        by: Name,
        answer: oneshot::Sender<Result<(), OrderError>>,
    },
    /// A member is to scan, or to stop.
    Scan {
        order: Box<ScanOrder>,
        /// From where it does: decoys are told, so that they stay quiet.
        sources: Vec<IpAddr>,
        answer: oneshot::Sender<()>,
    },
    /// A member is told what people say of a profile that it keeps.
    Habit {
        order: Box<HabitOrder>,
        answer: oneshot::Sender<()>,
    },
    /// A member is asked for what it has found.
    WantScan {
        device: DeviceId,
        job: u64,
        from: u64,
        answer: oneshot::Sender<()>,
    },
    /// A member is handed a command.
    Instruct {
        device: DeviceId,
        command: Box<Command>,
        answer: oneshot::Sender<()>,
    },
    /// A member is asked for what came of a command.
    WantResult {
        device: DeviceId,
        command: CommandId,
        from: u64,
        answer: oneshot::Sender<()>,
    },
    /// Lines that a member brought are stored.
    TailStored {
        device: DeviceId,
        number: u64,
        answer: oneshot::Sender<()>,
    },
    /// What deputies need has changed in the store.
    Appoint { answer: oneshot::Sender<()> },
}

/// What a join string grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTerms {
    pub name: Name,
    pub class: DeviceClass,
    pub cell: Name,
    /// One hour at most.
    pub life: Duration,
}

/// A join string on its one way to a person.
#[derive(Debug)]
pub struct Issued {
    pub id: TokenId,
    /// The secret: shown once.
    pub join: Zeroizing<String>,
    pub expires: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderError {
    #[error("the coordinator is stopping: try again when it runs")]
    Stopping,
    #[error("no such device: take an id from the devices page")]
    NoSuchDevice,
    #[error(
        "this machine may shut out three devices or two percent within an hour, and has: wait, or have an administrator sign with `device revoke`"
    )]
    TooMany,
    #[error("the device is retired already")]
    AlreadyRetired,
    #[error(
        "the identity log is being compared with the devices' copies: try again in two minutes, or look into the coordinator's log"
    )]
    LogNotOpen,
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    #[error(transparent)]
    Hold(#[from] HoldError),
    #[error(transparent)]
    Rollout(#[from] RolloutError),
    #[error("the device is not in quarantine")]
    NotHeld,
    #[error("the documents cannot be put into force: {0}")]
    Succession(#[from] SuccessionError),
    #[error("the documents cannot be written down: {0}")]
    NotWritten(String),
    #[error("nobody waits under that number any more: ask the device to join again")]
    NobodyWaits,
}

impl OrderError {
    pub(crate) fn not_written(error: impl fmt::Display) -> Self {
        Self::NotWritten(error.to_string())
    }
}

/// Where orders are given.
#[derive(Debug, Clone)]
pub struct Orders {
    sender: mpsc::Sender<Order>,
}

impl Orders {
    pub fn channel() -> (Self, mpsc::Receiver<Order>) {
        let (sender, receiver) = mpsc::channel(ORDERS_WAITING);
        (Self { sender }, receiver)
    }

    /// Orders that wait for the run loop, and how many may.
    pub fn waiting(&self) -> (usize, usize) {
        let room = self.sender.max_capacity();
        (room - self.sender.capacity(), room)
    }

    pub async fn make_token(&self, terms: TokenTerms) -> Result<Issued, OrderError> {
        self.give(|answer| Order::MakeToken { terms, answer }).await
    }

    pub async fn withdraw_token(&self, id: TokenId) -> Result<(), OrderError> {
        self.give(|answer| Order::WithdrawToken { id, answer })
            .await
    }

    pub async fn retire(&self, device: DeviceId, reason: Name) -> Result<(), OrderError> {
        self.give(|answer| Order::Retire {
            device,
            reason,
            answer,
        })
        .await?
    }

    pub async fn rule(
        &self,
        device: DeviceId,
        decision: Decision,
        reason: Name,
    ) -> Result<(), OrderError> {
        self.give(|answer| Order::Rule {
            device,
            decision,
            reason,
            answer,
        })
        .await?
    }

    pub async fn revoke(&self, withdrawal: Vec<u8>) -> Result<Withdrawal, OrderError> {
        self.give(|answer| Order::Revoke { withdrawal, answer })
            .await?
    }

    pub async fn succeed(&self, documents: Vec<Entry>) -> Result<(), OrderError> {
        self.give(|answer| Order::Succeed { documents, answer })
            .await?
    }

    pub async fn propose(&self, overlap: Duration) -> Result<Proposed, OrderError> {
        self.give(|answer| Order::Propose { overlap, answer })
            .await?
    }

    pub async fn approve(&self, ticket: u64, terms: TokenTerms) -> Result<(), OrderError> {
        self.give(|answer| Order::Approve {
            ticket,
            terms,
            answer,
        })
        .await?
    }

    pub async fn turn_down(&self, ticket: u64) -> Result<(), OrderError> {
        self.give(|answer| Order::TurnDown { ticket, answer })
            .await?
    }

    pub async fn plan_rollout(&self, plan: Plan) -> Result<RolloutId, OrderError> {
        let plan = Box::new(plan);
        self.give(|answer| Order::PlanRollout { plan, answer })
            .await?
    }

    pub async fn tell_rollout(
        &self,
        id: RolloutId,
        word: Word,
        by: Name,
    ) -> Result<(), OrderError> {
        self.give(|answer| Order::TellRollout {
            id,
            word,
            by,
            answer,
        })
        .await?
    }

    /// The member is told if it is linked.
    pub async fn scan(&self, order: ScanOrder, sources: Vec<IpAddr>) -> Result<(), OrderError> {
        let order = Box::new(order);
        self.give(|answer| Order::Scan {
            order,
            sources,
            answer,
        })
        .await
    }

    pub async fn habit(&self, order: HabitOrder) -> Result<(), OrderError> {
        let order = Box::new(order);
        self.give(|answer| Order::Habit { order, answer }).await
    }

    pub async fn want_scan(&self, device: DeviceId, job: u64, from: u64) -> Result<(), OrderError> {
        self.give(|answer| Order::WantScan {
            device,
            job,
            from,
            answer,
        })
        .await
    }

    pub async fn instruct(&self, device: DeviceId, command: Command) -> Result<(), OrderError> {
        let command = Box::new(command);
        self.give(|answer| Order::Instruct {
            device,
            command,
            answer,
        })
        .await
    }

    pub async fn want_result(
        &self,
        device: DeviceId,
        command: CommandId,
        from: u64,
    ) -> Result<(), OrderError> {
        self.give(|answer| Order::WantResult {
            device,
            command,
            from,
            answer,
        })
        .await
    }

    pub async fn tail_stored(&self, device: DeviceId, number: u64) -> Result<(), OrderError> {
        self.give(|answer| Order::TailStored {
            device,
            number,
            answer,
        })
        .await
    }

    pub async fn appoint(&self) -> Result<(), OrderError> {
        self.give(|answer| Order::Appoint { answer }).await
    }

    async fn give<T>(
        &self,
        order: impl FnOnce(oneshot::Sender<T>) -> Order,
    ) -> Result<T, OrderError> {
        let (answer, answered) = oneshot::channel();
        self.sender
            .send(order(answer))
            .await
            .map_err(|_| OrderError::Stopping)?;
        answered.await.map_err(|_| OrderError::Stopping)
    }
}
