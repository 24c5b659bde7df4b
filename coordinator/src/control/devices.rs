//! Devices of the mesh: the list, and what is ordered against one of them.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use findings::filter::{DEVICE_FIELDS, Filter};
use protocol::coordinator::RevocationError;
use protocol::id::DeviceId;
use protocol::ledger::{Strength, Withdrawal};
use protocol::ruling::Decision;
use protocol::signed::Unchecked;
use protocol::text::Name;
use protocol::time::Timestamp;

use super::{Answer, Desk, Device, Wipe};
use crate::census::{self, Census};
use crate::live::{Live, LiveDevice, Pending};
use crate::neighbours::Neighbour;
use crate::orders::OrderError;
use crate::risk::Risk;
use crate::risk::index::Index;
use crate::risk::known::Known;
use crate::store::advice::Shelf;
use crate::store::fault::ReadError;
use crate::web::known::told;
use crate::{access, neighbours};

impl Desk {
    pub(super) async fn retire(&self, device: &str, reason: String) -> Result<Answer, String> {
        let id = self.meant(device)?;
        let reason = Name::new(reason).map_err(|error| format!("reason: {error}"))?;
        let object = id.to_string();
        self.note("device.retire", &object)?;
        let retired = self.orders.retire(id, reason).await;
        self.done(&object, retired)?;
        Ok(Answer::Done)
    }

    pub(super) async fn rule(
        &self,
        device: &str,
        decision: Decision,
        reason: String,
    ) -> Result<Answer, String> {
        let id: DeviceId = device
            .parse()
            .map_err(|error| format!("{device}: {error}"))?;
        let reason = Name::new(reason).map_err(|error| format!("reason: {error}"))?;
        self.note(&format!("device.{}", decision.word()), device)?;
        let ruled = self.orders.rule(id, decision, reason).await;
        self.done(device, ruled)?;
        Ok(Answer::Done)
    }

    pub(super) fn place_of_revocation(&self, device: &str) -> Result<Answer, String> {
        let device = self.meant(device)?;
        let live = self.service.live.borrow();
        Ok(Answer::PlaceOfRevocation {
            mesh: live.roster.charter().mesh.to_string(),
            device: device.to_string(),
            name: live.name(&device).unwrap_or_default(),
            log_index: live.roster.size(),
        })
    }

    pub(super) fn key_of(&self, device: &str) -> Result<Answer, String> {
        let device = self.meant(device)?;
        let live = self.service.live.borrow();
        let member = live.roster.member(&device);
        let member = member.ok_or_else(|| format!("{device} is no member any more"))?;
        Ok(Answer::KeyOf {
            device: device.to_string(),
            key: HEXLOWER.encode(member.membership.key.as_bytes()),
        })
    }

    pub(super) async fn revoke(&self, withdrawal: &str) -> Result<Answer, String> {
        let envelope = BASE64
            .decode(withdrawal.as_bytes())
            .map_err(|error| error.to_string())?;
        let claimed = Unchecked::<Withdrawal>::parse(&envelope).map_err(RevocationError::from);
        let claimed = claimed.map_err(|error| self.refused("none", &error.into()))?;
        if claimed.claim().log_index < self.service.live.borrow().roster.size() {
            return Ok(Answer::LogHasGrown);
        }
        self.note_withdrawal(claimed.claim())?;
        let object = claimed.claim().device.to_string();
        match self.orders.revoke(envelope).await {
            Ok(_) => Ok(Answer::Done),
            Err(error) => {
                let why = self.refused(&object, &error);
                match error {
                    OrderError::Revocation(RevocationError::Place { .. }) => {
                        Ok(Answer::LogHasGrown)
                    }
                    _ => Err(why),
                }
            }
        }
    }

    fn note_withdrawal(&self, order: &Withdrawal) -> Result<(), String> {
        let (action, what) = match order.strength {
            Strength::Retirement => ("device.retire", "ordered to wipe itself"),
            Strength::Revocation | Strength::Suspension { .. } => ("device.revoke", "shut out"),
        };
        let says = format!("{what}: {}", order.reason);
        access::note_withdrawal(&self.service.writer, action, &order.device, &says)
            .map_err(|error| error.to_string())
    }

    /// The one device that an id or a name means.
    pub(super) fn meant(&self, device: &str) -> Result<DeviceId, String> {
        let live = self.service.live.borrow();
        let mut meant = live.called(device);
        let found = meant
            .next()
            .ok_or_else(|| format!("no device {device}: take an id or a name from device list"))?;
        if meant.next().is_some() {
            return Err(format!(
                "several devices are called {device}: take an id from device list"
            ));
        }
        Ok(found.device)
    }
}

/// Members, then devices without a node; who waits for approval only where nothing is narrowed.
pub(super) fn listed(live: &Live, risk: &Risk, filter: &str) -> Result<Vec<Device>, String> {
    let why = |error: ReadError| error.to_string();
    let (index, reader) = (risk.index(), risk.reader());
    let kept = reader.views(Shelf::Devices).map_err(why)?;
    let filter = kept.get(filter).map_or(filter, String::as_str);
    let filter =
        Filter::parse(filter, DEVICE_FIELDS).map_err(|error| format!("filter, {error}"))?;
    let census = Census {
        filter: &filter,
        live,
        index: &index,
        now: mesh::wall(),
    };
    let mut items = Vec::new();
    for device in &live.devices {
        let told = || told(reader, &device.device).map(Arc::new);
        if census.has(device, told).map_err(why)? {
            items.push(member(device, &index));
        }
    }
    let heard = neighbours::all(reader, |device| live.is_member(device)).map_err(why)?;
    let heard = heard.iter().filter(|one| census.has_neighbour(one));
    items.extend(heard.map(|one| neighbour(one, live, &index)));
    if filter.is_empty() {
        items.extend(live.pending.iter().map(waiting));
    }
    Ok(items)
}

fn member(device: &LiveDevice, index: &Index) -> Device {
    let known = index.devices.get(&device.device.to_string());
    Device {
        id: device.device.to_string(),
        name: device.name.to_string(),
        status: device.state.word().to_owned(),
        class: device.class.to_string(),
        cell: device.cell.to_string(),
        node: true,
        site: known.map(|known| known.site.clone()).unwrap_or_default(),
        tags: known.map(Known::listed_tags).unwrap_or_default(),
        last_heard_ms: device.heard.map(Timestamp::as_millis),
        wipe: device
            .withdrawal
            .as_ref()
            .and_then(|shut_out| shut_out.wipe)
            .map(Wipe::of),
    }
}

fn neighbour(one: &Neighbour, live: &Live, index: &Index) -> Device {
    let known = census::known(index, one);
    Device {
        id: one.mac.to_string(),
        name: census::name(index, one),
        status: one.state(live.at).word().to_owned(),
        class: census::class(index, one).to_string(),
        cell: String::new(),
        node: false,
        site: known.map(|known| known.site.clone()).unwrap_or_default(),
        tags: known.map(Known::listed_tags).unwrap_or_default(),
        last_heard_ms: one.heard().1.map(Timestamp::as_millis),
        wipe: None,
    }
}

fn waiting(pending: &Pending) -> Device {
    Device {
        id: pending.code.clone(),
        name: pending.name.to_string(),
        status: "pending".to_owned(),
        class: String::new(),
        cell: String::new(),
        node: true,
        site: String::new(),
        tags: Vec::new(),
        last_heard_ms: None,
        wipe: None,
    }
}
