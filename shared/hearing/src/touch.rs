//! What somebody said to a decoy: nobody legitimate touches one, so each word tells what the other is after.
//!
//! Bytes in, words for people out. Passwords are kept apart and never shown whole.

mod binary;
mod lines;

use std::fmt;

use crate::limits::{TOUCH_BYTES, TOUCH_REQUESTS};
use crate::text::plain;

/// What a decoy pretends to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// RFC 854.
    Telnet,
    /// RFC 4253: only the greeting is in the clear.
    Ssh,
    /// RFC 9112.
    Http,
    /// MQTT 3.1.1 and 5.0 (OASIS).
    Mqtt,
    /// Modbus over TCP (modbus.org, "Messaging on TCP/IP Implementation Guide").
    Modbus,
}

/// What one connection to a decoy has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    pub service: Service,
    /// What was asked for, in its order: lines, requests, functions.
    pub requests: Vec<String>,
    /// What the other side calls its software.
    pub agent: Option<String>,
    pub credentials: Vec<Credentials>,
}

/// A name and a password that were tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: String,
    pub password: Password,
}

/// A password that was tried. It may be the right one of something else, so it shows itself masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// What was tried, for comparison with lists of default passwords.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Password {
    /// The first character of long ones, and as many stars whatever the length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONG: usize = 6;
        let first = self
            .0
            .chars()
            .next()
            .filter(|_| self.0.chars().count() >= LONG);
        match first {
            Some(first) => write!(f, "{first}****"),
            None => f.write_str("*****"),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Touch {
    /// Reads what a decoy has received on one connection; of more than [`TOUCH_BYTES`] only the beginning.
    pub fn read(service: Service, received: &[u8]) -> Self {
        let received = &received[..received.len().min(TOUCH_BYTES)];
        let mut touch = Self {
            service,
            requests: Vec::new(),
            agent: None,
            credentials: Vec::new(),
        };
        match service {
            Service::Telnet => lines::telnet(&mut touch, received),
            Service::Ssh => lines::ssh(&mut touch, received),
            Service::Http => lines::http(&mut touch, received),
            Service::Mqtt => binary::mqtt(&mut touch, received),
            Service::Modbus => binary::modbus(&mut touch, received),
        }
        touch
    }

    fn request(&mut self, text: &str) {
        if self.requests.len() < TOUCH_REQUESTS && !text.is_empty() {
            self.requests.push(plain(text.as_bytes()));
        }
    }

    fn tried(&mut self, user: &[u8], password: &[u8]) {
        if self.credentials.len() < TOUCH_REQUESTS {
            self.credentials.push(Credentials {
                user: plain(user),
                password: Password(plain(password)),
            });
        }
    }
}

#[cfg(test)]
mod tests;
