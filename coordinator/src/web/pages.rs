//! The pages: one file each, which makes the view and answers with it.

pub mod account;
pub mod account_code;
pub mod account_passkeys;
pub mod account_tokens;
pub mod alerts;
pub mod audit;
pub mod classes;
pub mod commands;
pub mod compliance;
pub mod delivery;
pub mod described;
pub mod device;
pub mod device_new;
pub mod devices;
pub mod evidence;
pub mod findings;
pub mod firmware;
pub mod interface;
pub mod invited;
pub mod keyed;
pub mod language;
pub mod login;
pub mod login_passkey;
pub mod mesh;
pub mod neighbours;
pub mod oidc;
pub mod overview;
pub mod pending;
pub mod people;
pub mod privacy;
pub mod profile;
pub mod release;
pub mod reports;
pub mod rollouts;
pub mod rotation;
pub mod rules;
pub mod scans;
pub mod settings;
pub mod setup;
pub mod system;
pub mod theme;
pub mod welcome;

use std::collections::BTreeSet;

use axum::response::{Html, IntoResponse, Response};
use maud::Markup;
use ui::parts::text::DeviceRef;

use ui::parts::groups::Groups;

use crate::live::{Live, LiveDevice};
use crate::risk::known::Known;

/// A page or a part of one.
fn html(markup: &Markup) -> Response {
    Html(markup.clone().into_string()).into_response()
}

fn device_ref(device: &LiveDevice) -> DeviceRef {
    DeviceRef {
        id: device.device.to_string(),
        name: device.name.to_string(),
    }
}

/// Where a device stands, and the words that people have put to it.
fn groups(known: &Known) -> Groups {
    Groups {
        site: known.site.clone(),
        tags: known.tags.iter().cloned().collect(),
    }
}

/// Every class that can be given, and every cell in use, offered while typing.
fn offered(live: &Live) -> (Vec<String>, Vec<String>) {
    let classes = protocol::class::DeviceClass::ALL.map(|class| class.word().to_owned());
    let cells: BTreeSet<&str> = live
        .devices
        .iter()
        .map(|device| device.cell.as_str())
        .collect();
    let cells = cells.into_iter().map(str::to_owned).collect();
    (classes.to_vec(), cells)
}
