//! The facts of a device: what it says of itself, and its membership.

use data_encoding::HEXLOWER;
use language::count;
use ui::pages::commands::OnDevice;
use ui::pages::device::SummaryView;
use ui::parts::form::Field;

use super::files;
use crate::command::document::{CommandAnswerDocument, kind};
use crate::live::{Live, LiveDevice};
use crate::web::error::WebError;
use crate::web::{Web, appeal, known, pages};

/// Commands that are shown.
const SHOWN: usize = 5;

pub fn view(web: &Web, live: &Live, device: &LiveDevice) -> Result<SummaryView, WebError> {
    let id = &device.device;
    let latest = web.reader.latest(id)?;
    let start = latest.start.map(|start| start.value);
    let checked = latest.reading.as_ref().map(|reading| reading.time);
    let said = |of: fn(&protocol::statement::host::Start) -> String| start.as_ref().map(of);
    let key = live.roster.member(id).map(|member| member.membership.key);
    Ok(SummaryView {
        id: id.to_string(),
        address: known::address(&web.reader, id)?,
        version: said(|start| start.agent.to_string()),
        os: said(|start| start.system.to_string()),
        kernel: said(|start| start.kernel.to_string()),
        architecture: said(|start| {
            count!(
                start.cores,
                "{architecture}, {n} core",
                "{architecture}, {n} cores",
                architecture = start.architecture
            )
        }),
        hardware: start
            .as_ref()
            .and_then(|start| start.model.as_ref().map(ToString::to_string)),
        product: start
            .as_ref()
            .and_then(|start| start.product.as_ref().map(ToString::to_string)),
        uptime_ms: latest
            .reading
            .map(|reading| reading.value.uptime_s.saturating_mul(1000)),
        enrolled_ms: Some(device.admitted.as_millis()),
        membership_until_ms: Some(device.membership_until.as_millis()),
        key_fingerprint: key.map(|key| format!("ed25519:{}", HEXLOWER.encode(key.as_bytes()))),
        records: Some(web.reader.record_count(id)?),
        groups: web
            .risk
            .index()
            .devices
            .get(&id.to_string())
            .map(pages::groups)
            .unwrap_or_default(),
        automation: Some(appeal::automation_for(live, device)),
        integrity: files::integrity(web, id, checked)?,
        commands: commands(web, device)?,
        retire: Field::default(),
    })
}

/// The newest commands that speak to this device, with what it has answered.
fn commands(web: &Web, device: &LiveDevice) -> Result<Vec<OnDevice>, WebError> {
    let mut shown = Vec::new();
    for given in web.reader.commands()? {
        if let Some(answer) = CommandAnswerDocument::on(&given, device, &web.reader)? {
            shown.push(OnDevice {
                answer: pages::commands::answer(&answer),
                kind: kind(&given).to_owned(),
                id: given.id,
            });
        }
        if shown.len() == SHOWN {
            break;
        }
    }
    Ok(shown)
}
