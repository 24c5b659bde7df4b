//! Every door of the web side: method, address, who may pass, and what is behind it.

mod people;
mod programs;
mod records;
mod risks;
mod rooms;

use axum::Router;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;

use super::caller::Need;
use super::{Web, api, gate};
use crate::permissions::{self, Area};

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

/// The router, with each door behind its gate.
pub(super) fn open(web: &Web) -> Router<Web> {
    let mut router = Router::new();
    for (door, handler) in hung() {
        let gate = from_fn_with_state((web.clone(), door.pass()), gate::admit);
        let handler = if api::serves(door.path) {
            let once = from_fn_with_state(web.clone(), api::idempotency::once);
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

fn hung() -> Vec<Hung> {
    let mut doors = rooms::entrances();
    doors.extend(rooms::rooms());
    doors.extend(programs::programs());
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
