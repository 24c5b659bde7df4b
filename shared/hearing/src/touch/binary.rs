//! Services that talk in packets.

use super::Touch;
use crate::bytes::Reader;
use crate::limits::TOUCH_REQUESTS;
use crate::text::plain;

/// The first packet is CONNECT, with a client id and perhaps credentials; of later ones the kind is told.
pub(super) fn mqtt(touch: &mut Touch, received: &[u8]) {
    let mut rest = Reader(received);
    for _ in 0..TOUCH_REQUESTS {
        let Some(head) = rest.byte() else { return };
        let Some(body) = varying(&mut rest).and_then(|length| rest.take(length)) else {
            return;
        };
        match head >> 4 {
            1 => {
                if connect(touch, Reader(body)).is_none() {
                    touch.request("CONNECT, cut off");
                }
            }
            3 => touch.request(&format!("PUBLISH {}", topic(body))),
            8 => touch.request(&format!(
                "SUBSCRIBE {}",
                topic(body.get(2..).unwrap_or_default())
            )),
            kind => touch.request(&format!("packet of kind {kind}")),
        }
    }
}

fn connect(touch: &mut Touch, mut body: Reader<'_>) -> Option<()> {
    const USER: u8 = 0x80;
    const PASSWORD: u8 = 0x40;
    const WILL: u8 = 0x04;
    body.counted16()?;
    let (version, flags) = (body.byte()?, body.byte()?);
    body.short()?;
    let properties = |body: &mut Reader<'_>| {
        if version >= 5 {
            let length = varying(body)?;
            body.take(length)?;
        }
        Some(())
    };
    properties(&mut body)?;
    let client = plain(body.counted16()?);
    touch.request(&format!("CONNECT as {client}"));
    touch.agent = Some(client).filter(|client| !client.is_empty());
    if flags & WILL != 0 {
        properties(&mut body)?;
        body.counted16()?;
        body.counted16()?;
    }
    let user = if flags & USER != 0 {
        body.counted16()?
    } else {
        &[]
    };
    let password = if flags & PASSWORD != 0 {
        body.counted16()?
    } else {
        &[]
    };
    if flags & (USER | PASSWORD) != 0 {
        touch.tried(user, password);
    }
    Some(())
}

/// Seven bits a byte, at most four bytes (MQTT 5.0 §1.5.5).
fn varying(rest: &mut Reader<'_>) -> Option<usize> {
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let byte = rest.byte()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A topic, or in a subscription the first filter, for version 3.1.1.
fn topic(body: &[u8]) -> String {
    plain(Reader(body).counted16().unwrap_or_default())
}

/// A head of seven bytes and a function with its first address.
pub(super) fn modbus(touch: &mut Touch, received: &[u8]) {
    let mut rest = Reader(received);
    for _ in 0..TOUCH_REQUESTS {
        let (Some(_transaction), Some(0), Some(body)) =
            (rest.short(), rest.short(), rest.counted16())
        else {
            return;
        };
        let [unit, function, data @ ..] = body else {
            return;
        };
        let address = Reader(data).short();
        let address = address
            .map(|address| format!(" from {address}"))
            .unwrap_or_default();
        touch.request(&format!("unit {unit}: {}{address}", named(*function)));
    }
}

/// Functions of the application protocol (V1.1b3 §6); those that write are what matters most.
fn named(function: u8) -> String {
    let name = match function {
        1 => "read coils",
        2 => "read discrete inputs",
        3 => "read holding registers",
        4 => "read input registers",
        5 => "WRITE a coil",
        6 => "WRITE a register",
        8 => "diagnostics",
        15 => "WRITE coils",
        16 => "WRITE registers",
        17 => "report server id",
        43 => "read device identification",
        other => return format!("function {other}"),
    };
    name.to_owned()
}
