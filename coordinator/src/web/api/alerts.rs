//! What a device raised the alarm about, out of the records of its log.

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::alert::{Alarm, Matter};
use protocol::id::Digest;
use schemars::JsonSchema;
use serde::Serialize;

use super::operation::Operation;
use super::{Listing, instant};
use crate::store::latest::Dated;
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::Named;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeviceAlert")]
struct Item {
    incarnation: u32,
    sequence: u32,
    /// The device's time.
    time: String,
    received: String,
    subject: String,
    matter: Told,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schemars(rename = "Matter")]
enum Told {
    FileChanged {
        path: String,
        before: Option<String>,
        after: Option<String>,
    },
    AutomationStopped {
        cell: String,
    },
    WrongChunk {
        image: String,
        chunk: u32,
        found: String,
    },
    DocumentRefused {
        role: String,
        version: u64,
        flaw: &'static str,
    },
    DecoyTouched {
        /// The address from which it was touched.
        source: String,
        service: &'static str,
        port: u16,
        /// Names with passwords that were tried; they are not in it.
        credentials: u8,
        said: Option<String>,
    },
    StrangeTraffic {
        whose: String,
        address: String,
        rule: String,
        observed: u64,
        usual: u64,
        evidence: &'static str,
        examples: Vec<String>,
        habit: Option<String>,
    },
    Unknown,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/devices/{id}/alerts",
            "The newest alerts that the device raised.",
        )
        .lists::<Item>(),
    ]
}

/// Newest first.
pub async fn list(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let device = web.device(&device_id(&id)?)?.device;
    let alerts = web.read(move |web| Ok(web.reader.alerts(&device)?)).await?;
    Ok(Listing::whole(alerts.iter().map(item).collect()).answer(None))
}

fn item(alert: &Dated<Alarm>) -> Item {
    Item {
        incarnation: alert.position.incarnation.0,
        sequence: alert.position.sequence,
        time: instant(alert.time.as_millis()),
        received: instant(alert.received.as_millis()),
        subject: alert.value.subject.to_string(),
        matter: told(&alert.value.matter),
    }
}

fn told(matter: &Matter) -> Told {
    let words = |digest: &Option<Digest>| digest.map(|digest| digest.to_string());
    match matter {
        Matter::FileChanged {
            path,
            before,
            after,
        } => Told::FileChanged {
            path: path.to_string(),
            before: words(before),
            after: words(after),
        },
        Matter::AutomationStopped { cell } => Told::AutomationStopped {
            cell: cell.to_string(),
        },
        Matter::WrongChunk {
            image,
            chunk,
            found,
        } => Told::WrongChunk {
            image: image.to_string(),
            chunk: *chunk,
            found: found.to_string(),
        },
        Matter::DocumentRefused(refused) => Told::DocumentRefused {
            role: refused.role.to_string(),
            version: refused.version,
            flaw: refused.flaw.word(),
        },
        Matter::Touched(touched) => Told::DecoyTouched {
            source: touched.source.to_string(),
            service: touched.service.word(),
            port: touched.port,
            credentials: touched.credentials,
            said: touched.said.as_ref().map(ToString::to_string),
        },
        Matter::Strange(strange) => Told::StrangeTraffic {
            whose: strange.whose.to_string(),
            address: strange.address.to_string(),
            rule: strange.rule.to_string(),
            observed: strange.observed,
            usual: strange.usual,
            evidence: strange.sight.word(),
            examples: strange.examples.iter().map(ToString::to_string).collect(),
            habit: strange.habit.as_ref().map(ToString::to_string),
        },
        Matter::Unknown { .. } => Told::Unknown,
    }
}
