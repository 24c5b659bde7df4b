//! A hint where a name looks like that of another device.

use maud::{Markup, html};

use super::sentence::sentence;
use super::text::{DeviceRef, device_link};

pub fn alike(others: &[DeviceRef]) -> Markup {
    let names = html! {
        @for (number, other) in others.iter().enumerate() {
            @if number > 0 { ", " } (device_link(other))
        }
    };
    html! {
        @if !others.is_empty() {
            div.notice.notable role="note" { p { (sentence!("Its name looks like that of {devices}: make sure which of them you mean.", devices = names)) } }
        }
    }
}
