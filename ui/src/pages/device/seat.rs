//! A member that too few gateways have seen: what it waits for, and what to do.

use language::say;
use maud::{Markup, html};

use crate::parts::sentence::sentence;
use crate::parts::status::{Status, badge};
use crate::parts::text::{DeviceRef, device_link};

/// What a membership waits for.
#[derive(Debug, Clone)]
pub struct SeatView {
    /// Gateways that have signed a list with this device in it.
    pub signed: u64,
    pub needed: u64,
    /// Gateways that have not.
    pub missing: Vec<MissingGateway>,
    /// Our words: what to do.
    pub remedy: String,
}

#[derive(Debug, Clone)]
pub struct MissingGateway {
    pub device: DeviceRef,
    pub status: Status,
}

pub fn part(view: &SeatView) -> Markup {
    html! {
        div.notice.notable {
            p { strong { (say!("Its membership waits for gateways.")) } " "
                (say!("{signed} of the {needed} that are needed have signed a list of members that names it. Until then it is watched and collected as any other, but it watches nobody and passes no evidence on.", signed = view.signed, needed = view.needed)) }
            ul {
                @for gateway in &view.missing {
                    li { (sentence!("{device} has not signed yet: {status}", device = device_link(&gateway.device), status = badge(gateway.status))) }
                }
            }
            p { strong { (say!("What to do")) " " } (view.remedy) }
        }
    }
}
