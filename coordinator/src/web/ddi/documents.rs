//! The JSON documents of the interface, as hawkBit writes them.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use protocol::text::Name;
use serde_json::{Value, json};

use crate::ddi::visit::Next;
use crate::store::ddi::{Action, Artifact, Target};

/// How long a device waits between two questions.
const POLL: &str = "00:05:00";
pub(super) const MD5_ENDING: &str = ".MD5SUM";

/// Addresses of one device, all below its own.
pub(super) struct Links(String);

impl Links {
    pub(super) fn new(host: &str, tenant: &str, name: &Name) -> Self {
        Self(format!("https://{host}/{tenant}/controller/v1/{name}"))
    }

    fn to(&self, rest: &str) -> Value {
        json!({ "href": format!("{}/{rest}", self.0) })
    }
}

/// The answer to a question without a subject: when to ask again, and what there is to do.
pub(super) fn base(links: &Links, target: &Target, next: &Next) -> Response {
    let mut all = serde_json::Map::new();
    match next {
        Next::Nothing => {}
        Next::Install(action) => {
            let rest = format!("deploymentBase/{}", action.number);
            all.insert("deploymentBase".to_owned(), links.to(&rest));
        }
        Next::Cancel(number) => {
            let rest = format!("cancelAction/{number}");
            all.insert("cancelAction".to_owned(), links.to(&rest));
        }
    }
    if target.attributes.is_none() {
        all.insert("configData".to_owned(), links.to("configData"));
    }
    hal(json!({ "config": { "polling": { "sleep": POLL } }, "_links": all }))
}

pub(super) fn deployment(links: &Links, target: &Target, action: &Action) -> Response {
    let artifact = &action.artifact;
    let (number, name) = (action.number, artifact.file.as_str());
    let place = format!("softwaremodules/{number}/artifacts/{name}");
    let file = json!({
        "filename": name,
        "size": artifact.length,
        "hashes": {
            "sha1": HEXLOWER.encode(&artifact.sha1),
            "md5": HEXLOWER.encode(&artifact.md5),
            "sha256": HEXLOWER.encode(&artifact.sha256),
        },
        "_links": {
            "download": links.to(&place),
            "md5sum": links.to(&format!("{place}{MD5_ENDING}")),
        },
    });
    hal(json!({
        "id": number.to_string(),
        "deployment": {
            "download": "forced",
            "update": "forced",
            "chunks": [{
                "part": "os",
                "name": target.product.as_str(),
                "version": action.version.as_str(),
                "artifacts": [file],
            }],
        },
    }))
}

pub(super) fn cancellation(number: u32) -> Response {
    let number = number.to_string();
    hal(json!({ "id": number, "cancelAction": { "stopId": number } }))
}

/// As `md5sum` writes it.
pub(super) fn md5_sum(artifact: &Artifact) -> Response {
    let line = format!("{}  {}\n", HEXLOWER.encode(&artifact.md5), artifact.file);
    line.into_response()
}

fn hal(document: Value) -> Response {
    ([(CONTENT_TYPE, "application/hal+json")], Json(document)).into_response()
}
