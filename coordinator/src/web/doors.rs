//! Every door of the web side: method, address, who may pass, and what is behind it.

mod people;
mod programs;
mod records;
mod releases;
mod risks;
mod rooms;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use tokio::sync::Mutex;

use super::caller::Need;
use super::{Web, api, gate};
use crate::permissions::{self, Area};
use api::precondition::Document;

/// One method of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    pub need: Need,
}

type Hung = (Door, MethodRouter<Web>);

/// What a gate knows of its door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    pub need: Need,
    pub area: Area,
}

impl Door {
    /// What the permission table says of the door. A door that the table does not know, or knows otherwise, is not hung:
    /// nothing starts, and every test of the web side says which line is missing.
    fn pass(&self) -> Pass {
        let Some(row) = permissions::of(&self.method, self.path) else {
            panic!(
                "{} {} has no line in permissions.txt",
                self.method, self.path
            );
        };
        assert_eq!(
            row.who,
            self.need.letters(),
            "{} {}: permissions.txt has other roles than the door asks for",
            self.method,
            self.path
        );
        Pass {
            need: self.need,
            area: row.area,
        }
    }
}

/// All doors, for tests that must not miss one.
pub fn all() -> Vec<Door> {
    hung().into_iter().map(|(door, _)| door).collect()
}

/// The router, with each door behind its gate, but for those that take files.
pub(super) fn open(web: &Web) -> Router<Web> {
    let mut router = Router::new();
    let alone = &web.guards.alone;
    for (door, handler) in ordinary() {
        let gate = from_fn_with_state((web.clone(), door.pass()), gate::admit);
        let handler = if api::serves(door.path) {
            let once = from_fn_with_state(web.clone(), api::idempotency::once);
            let handler = match document(web, &door, alone) {
                Some(document) => {
                    handler.route_layer(from_fn_with_state(document, api::precondition::held))
                }
                None => handler,
            };
            handler
                .route_layer(once)
                .route_layer(from_fn(api::conditional::tag))
        } else {
            handler
        };
        router = router.route(door.path, handler.route_layer(gate));
    }
    router
}

/// The doors through which files come, which are larger and slower than anything else.
pub(super) fn uploads(web: &Web) -> Router<Web> {
    let mut router = Router::new();
    for (door, handler) in uploading() {
        let gate = from_fn_with_state((web.clone(), door.pass()), gate::admit);
        let handler = match document(web, &door, &web.guards.alone) {
            Some(document) => {
                handler.route_layer(from_fn_with_state(document, api::precondition::handed))
            }
            None => handler,
        };
        router = router.route(door.path, handler.route_layer(gate));
    }
    router
}

/// What a door of the interface changes, where that can be read.
fn document(web: &Web, door: &Door, alone: &Arc<Mutex<()>>) -> Option<Document> {
    let path = changed_by(&door.method, door.path)?;
    let (read, handler) = hung()
        .into_iter()
        .find(|(read, _)| read.method == Method::GET && read.path == path)?;
    let gate = from_fn_with_state((web.clone(), read.pass()), gate::admit);
    let handler = handler
        .route_layer(from_fn(api::conditional::tag))
        .route_layer(gate);
    let read = Router::new().route(path, handler).with_state(web.clone());
    Some(Document::new(path, read, Arc::clone(alone)))
}

/// The address of the document that a door of the interface changes.
pub(super) fn changed_by(method: &Method, path: &str) -> Option<&'static str> {
    if *method == Method::GET || !api::serves(path) {
        return None;
    }
    api::precondition::of(path, |path| {
        let row = permissions::rows().find(|row| row.method == Method::GET && row.path == path);
        row.map(|row| row.path).filter(|path| api::serves(path))
    })
}

fn hung() -> Vec<Hung> {
    let mut doors = ordinary();
    doors.extend(uploading());
    doors
}

fn uploading() -> Vec<Hung> {
    let mut doors = rooms::uploads();
    doors.extend(releases::uploads());
    doors
}

fn ordinary() -> Vec<Hung> {
    let mut doors = rooms::entrances();
    doors.extend(rooms::rooms());
    doors.extend(programs::programs());
    doors.extend(releases::releases());
    doors.extend(risks::alarms());
    doors.extend(risks::profiles());
    doors.extend(risks::risks());
    doors.extend(records::archives());
    doors.extend(records::papers());
    doors.extend(people::accounts());
    doors.extend(people::keyed());
    doors.extend(records::data());
    doors
}

fn read(path: &'static str, need: Need, handler: MethodRouter<Web>) -> Hung {
    let door = Door {
        method: Method::GET,
        path,
        need,
    };
    (door, handler)
}

fn write(path: &'static str, need: Need, handler: MethodRouter<Web>) -> Hung {
    let door = Door {
        method: Method::POST,
        path,
        need,
    };
    (door, handler)
}
