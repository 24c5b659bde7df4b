//! Links, tokens and approvals: how operators, programs and devices get in.

use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::text::{Line, Name};

use super::{Answer, Desk};
use crate::access::{self, TokenTerms as ApiTerms};
use crate::mesh_name;
use crate::orders::TokenTerms;
use crate::store::audit::Act;
use crate::store::fault::ChangeError;

/// Seconds that a join string can be used at most.
const LONGEST_LIFE_S: u64 = 3600;

impl Desk {
    pub(super) fn setup_token(&self) -> Result<Answer, String> {
        let token = access::new_setup_token(&self.service.writer);
        let token = token.map_err(|error| error.to_string())?;
        Ok(Answer::SetupToken {
            url: format!("{}/setup/{}", self.people, token.as_str()),
        })
    }

    pub(super) fn mesh_name(&self, wanted: Option<&str>) -> Result<Answer, String> {
        let known = &self.service.mesh_name;
        if let Some(wanted) = wanted {
            let name = mesh_name::read(wanted).map_err(|error| format!("the name: {error}"))?;
            let act = Act {
                before: Line::fitted(&known.shown()),
                after: Line::fitted(name.as_str()),
                ..access::act("mesh.name", "mesh").map_err(|error| error.to_string())?
            };
            let written = self.service.writer.write(|changes| {
                changes.name_mesh(&name)?;
                changes.audit(act).map(drop)
            });
            written.map_err(|error: ChangeError| error.to_string())?;
            known.become_known(name);
        }
        Ok(Answer::MeshName {
            name: known.shown(),
        })
    }

    pub(super) fn api_token(&self, terms: &ApiTerms) -> Result<Answer, String> {
        let token = access::new_api_token(&self.service.writer, terms);
        let token = token.map_err(|error| error.to_string())?;
        Ok(Answer::ApiToken {
            token: token.to_string(),
        })
    }

    pub(super) async fn make_token(
        &self,
        name: &str,
        class: &str,
        cell: &str,
        life_s: u64,
    ) -> Result<Answer, String> {
        let terms = terms(name, class, cell, life_s)?;
        let issued = self.orders.make_token(terms).await;
        let issued = issued.map_err(|error| error.to_string())?;
        self.note("token.create", name)?;
        Ok(Answer::Join {
            join: issued.join.to_string(),
            expires_ms: issued.expires.as_millis(),
        })
    }

    pub(super) async fn approve(
        &self,
        code: &str,
        name: &str,
        class: &str,
        cell: &str,
    ) -> Result<Answer, String> {
        let ticket = self.waiting(code).ok_or("nobody waits with this code")?;
        let terms = terms(name, class, cell, LONGEST_LIFE_S)?;
        self.note("device.approve", code)?;
        let approved = self.orders.approve(ticket, terms).await;
        self.done(code, approved)?;
        Ok(Answer::Done)
    }

    fn waiting(&self, code: &str) -> Option<u64> {
        let live = self.service.live.borrow();
        let shown = live.pending.iter().find(|pending| pending.code == code);
        shown.map(|pending| pending.ticket)
    }
}

fn terms(name: &str, class: &str, cell: &str, life_s: u64) -> Result<TokenTerms, String> {
    if !(1..=LONGEST_LIFE_S).contains(&life_s) {
        return Err("ttl: choose one second to one hour".to_owned());
    }
    Ok(TokenTerms {
        name: Name::new(name).map_err(|error| format!("name: {error}"))?,
        class: class
            .parse::<DeviceClass>()
            .map_err(|error| format!("class: {error}"))?,
        cell: Name::new(cell).map_err(|error| format!("cell: {error}"))?,
        life: Duration::from_secs(life_s),
    })
}
