//! Services that talk in lines.

use super::Touch;
use crate::limits::TOUCH_REQUESTS;
use crate::text::plain;

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r' | 0));
    lines
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .take(2 * TOUCH_REQUESTS)
}

/// The decoy asks for a name and a password, again and again: the lines come in pairs until one looks like a command.
pub(super) fn telnet(touch: &mut Touch, received: &[u8]) {
    let spoken = without_negotiation(received);
    let mut lines = lines(&spoken).peekable();
    while let Some(user) = lines.next_if(|line| !is_command(line)) {
        let Some(password) = lines.next_if(|line| !is_command(line)) else {
            touch.request(&plain(user));
            break;
        };
        touch.tried(user, password);
    }
    for line in lines {
        touch.request(&plain(line));
    }
}

/// What the loaders of botnets and people type after a login.
fn is_command(line: &[u8]) -> bool {
    const FIRST: [&[u8]; 9] = [
        b"enable",
        b"system",
        b"shell",
        b"sh",
        b"linuxshell",
        b"/bin/",
        b"cat ",
        b"cd ",
        b"wget ",
    ];
    FIRST
        .iter()
        .any(|first| line == *first || line.starts_with(first) && first.ends_with(b" "))
        || line.starts_with(b"/bin/")
        || line.contains(&b';')
}

/// Takes out the options that clients negotiate (RFC 854, RFC 855).
fn without_negotiation(received: &[u8]) -> Vec<u8> {
    const IAC: u8 = 255;
    const SUBNEGOTIATION: u8 = 250;
    const END: [u8; 2] = [IAC, 240];
    let mut spoken = Vec::new();
    let mut rest = received;
    while let Some((byte, after)) = rest.split_first() {
        rest = match (*byte, after) {
            (IAC, [IAC, after @ ..]) => {
                spoken.push(IAC);
                after
            }
            (IAC, [SUBNEGOTIATION, inside @ ..]) => {
                let end = inside.windows(2).position(|pair| pair == END);
                end.map_or(&[][..], |end| &inside[end + 2..])
            }
            (IAC, [251..=254, _, after @ ..] | [_, after @ ..]) => after,
            (IAC, []) => &[],
            (byte, after) => {
                spoken.push(byte);
                after
            }
        };
    }
    spoken
}

pub(super) fn ssh(touch: &mut Touch, received: &[u8]) {
    let greeting = lines(received).find(|line| line.starts_with(b"SSH-"));
    touch.agent = greeting.map(plain);
}

/// Request lines, the agent, and credentials of the basic scheme (RFC 7617).
pub(super) fn http(touch: &mut Touch, received: &[u8]) {
    for line in lines(received) {
        let is_request = line.ends_with(b"HTTP/1.1") || line.ends_with(b"HTTP/1.0");
        let Some(colon) = line
            .iter()
            .position(|byte| *byte == b':')
            .filter(|_| !is_request)
        else {
            if is_request {
                touch.request(&plain(line));
            }
            continue;
        };
        let (name, value) = (
            line[..colon].to_ascii_lowercase(),
            line[colon + 1..].trim_ascii(),
        );
        match &name[..] {
            b"user-agent" if touch.agent.is_none() => touch.agent = Some(plain(value)),
            b"authorization" => {
                let encoded = value.strip_prefix(b"Basic ");
                let decoded = encoded.and_then(from_base64).unwrap_or_default();
                let mut parts = decoded.splitn(2, |byte| *byte == b':');
                if let (Some(user), Some(password)) = (parts.next(), parts.next()) {
                    touch.tried(user, password);
                }
            }
            _ => {}
        }
    }
}

/// RFC 4648 §4; `None` for other characters.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let value = |byte: &u8| {
        Some(u32::from(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }))
    };
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let mut bytes = Vec::new();
    for group in text[..text.len() - padding].chunks(4) {
        let six: Option<Vec<_>> = group.iter().map(value).collect();
        let six = six?;
        let bits = six.iter().fold(0, |bits, six| bits << 6 | six) << (6 * (4 - six.len()));
        bytes.extend(&bits.to_be_bytes()[1..six.len()]);
    }
    Some(bytes)
}
