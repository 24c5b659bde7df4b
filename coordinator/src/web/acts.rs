//! What people and programs order through the web: each act is noted first, then carried out.

pub mod accounts;
pub mod alerts;
pub mod delivery;
pub mod described;
pub mod passkeys;
pub mod privacy;
pub mod releases;
pub mod rollouts;
pub mod views;

use std::time::Duration;

use language::written;
use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::ledger::Entry;
use protocol::ruling::Decision;
use protocol::text::Name;
use ui::parts::form::Field;

use super::Web;
use super::error::{Flaw, WebError};
use super::trail::{Change, Trail};
use crate::live::{LiveDevice, Pending, State};
use crate::orders::{Issued, OrderError, TokenTerms};
use crate::rotation::Proposed;

/// How long a join string made on a page can be used.
pub const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// The object of what changes the whole mesh.
const MESH: &str = "mesh";

/// What a new member is called and where it belongs, as somebody typed it.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    pub name: String,
    pub class: String,
    pub cell: String,
}

impl Terms {
    /// The checked terms, or every flaw in them.
    pub fn check(&self, life: Duration) -> Result<TokenTerms, Vec<Flaw>> {
        let name = Name::new(self.name.trim());
        let class = self.class.trim().parse::<DeviceClass>();
        let cell = Name::new(self.cell.trim());
        match (name, class, cell) {
            (Ok(name), Ok(class), Ok(cell)) => Ok(TokenTerms {
                name,
                class,
                cell,
                life,
            }),
            (name, class, cell) => {
                let flaws = [
                    name.err().map(|error| Flaw::new("/name", error)),
                    class.err().map(|error| Flaw::new("/class", error)),
                    cell.err().map(|error| Flaw::new("/cell", error)),
                ];
                Err(flaws.into_iter().flatten().collect())
            }
        }
    }

    /// The fields of a form with what was typed and what is wrong: name, class, cell.
    pub fn fields(&self, flaws: &[Flaw]) -> [Field; 3] {
        let field = |place: &str, value: &str| {
            let flaw = flaws.iter().find(|flaw| flaw.place == place);
            Field {
                value: value.to_owned(),
                error: flaw.map(|flaw| sentence(&flaw.what)),
            }
        };
        [
            field("/name", &self.name),
            field("/class", &self.class),
            field("/cell", &self.cell),
        ]
    }
}

/// An error of ours as a sentence of a page.
pub fn sentence(words: &str) -> String {
    let said = written::now(words);
    let mut letters = said.as_deref().unwrap_or(words).chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

pub async fn make_token(web: &Web, trail: &Trail, terms: TokenTerms) -> Result<Issued, WebError> {
    let after = format!("{} in {}", terms.class, terms.cell);
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    let object = terms.name.to_string();
    trail
        .note(web, "join_token.create", &object, change)
        .await?;
    done(web, trail, &object, web.orders.make_token(terms).await).await
}

pub async fn retire(
    web: &Web,
    trail: &Trail,
    device: &LiveDevice,
    reason: Name,
) -> Result<(), WebError> {
    if device.state == State::Retired {
        return Err(OrderError::AlreadyRetired.into());
    }
    let object = format!("{} ({})", device.name, device.device);
    let after = format!("retired: {reason}");
    let change = Change {
        before: Some(device.state.word()),
        after: Some(&after),
    };
    trail.note(web, "device.retire", &object, change).await?;
    done(
        web,
        trail,
        &object,
        web.orders.retire(device.device, reason).await,
    )
    .await
}

pub async fn rule(
    web: &Web,
    trail: &Trail,
    device: &LiveDevice,
    decision: Decision,
    reason: Name,
) -> Result<(), WebError> {
    let object = format!("{} ({})", device.name, device.device);
    let action = match decision {
        Decision::Hold => "device.quarantine",
        Decision::Release => "device.clear",
    };
    let after = reason.to_string();
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    trail.note(web, action, &object, change).await?;
    let ruled = web.orders.rule(device.device, decision, reason).await;
    done(web, trail, &object, ruled).await
}

pub async fn approve(
    web: &Web,
    trail: &Trail,
    pending: &Pending,
    terms: TokenTerms,
) -> Result<(), WebError> {
    let object = terms.name.to_string();
    let after = format!("{} in {}, code {}", terms.class, terms.cell, pending.code);
    let change = Change {
        before: Some("pending"),
        after: Some(&after),
    };
    trail.note(web, "device.approve", &object, change).await?;
    done(
        web,
        trail,
        &object,
        web.orders.approve(pending.ticket, terms).await,
    )
    .await
}

pub async fn turn_down(web: &Web, trail: &Trail, pending: &Pending) -> Result<(), WebError> {
    let object = pending.name.to_string();
    let change = Change {
        before: Some("pending"),
        after: Some("turned down"),
    };
    trail.note(web, "device.reject", &object, change).await?;
    done(
        web,
        trail,
        &object,
        web.orders.turn_down(pending.ticket).await,
    )
    .await
}

/// Drafts another admission key, for the root to sign.
pub async fn propose_rotation(web: &Web, trail: &Trail, days: u64) -> Result<Proposed, WebError> {
    let after = format!("memberships by the former key open doors for {days} days");
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    trail.note(web, "charter.propose", MESH, change).await?;
    let overlap = Duration::from_secs(days * 86_400);
    done(web, trail, MESH, web.orders.propose(overlap).await).await
}

/// Puts documents of the root into force; `says` is what they change.
pub async fn rotate(
    web: &Web,
    trail: &Trail,
    documents: Vec<Entry>,
    says: &str,
) -> Result<(), WebError> {
    let before = format!("charter {}", web.snapshot().roster.charter().version);
    let change = Change {
        before: Some(&before),
        after: Some(says),
    };
    trail.note(web, "charter.replace", MESH, change).await?;
    done(web, trail, MESH, web.orders.succeed(documents).await).await
}

/// An order that was noted and then not carried out is noted as that.
async fn done<T>(
    web: &Web,
    trail: &Trail,
    object: &str,
    outcome: Result<T, OrderError>,
) -> Result<T, WebError> {
    if let Err(error) = &outcome {
        let words = error.to_string();
        let change = Change {
            after: Some(&words),
            ..Change::default()
        };
        trail.note(web, "order.refused", object, change).await?;
    }
    Ok(outcome?)
}

impl Web {
    /// The newest snapshot's word on a device.
    pub fn device(&self, id: &DeviceId) -> Result<LiveDevice, WebError> {
        let live = self.snapshot();
        live.device(id).cloned().ok_or(WebError::NoSuch("device"))
    }

    /// The device that waits under a ticket.
    pub fn pending(&self, ticket: &str) -> Option<Pending> {
        let live = self.snapshot();
        let ticket: u64 = ticket.parse().ok()?;
        live.pending
            .iter()
            .find(|pending| pending.ticket == ticket)
            .cloned()
    }
}
