//! Where a message may go: over TLS anywhere, without it to this machine only.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hyper::Uri;
use hyper::http::uri::Scheme;
use thiserror::Error;

/// An address that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) cover: Cover,
}

/// Which networks a receiver may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Wherever its name leads: whoever named it answers for that.
    Anywhere,
    /// Where everybody may be asked: neither this machine nor a private network. What was looked up is what is connected
    /// to, so that a name cannot lead elsewhere a moment later.
    Public,
}

/// What protects the request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    Tls,
    /// It never leaves the machine.
    Loopback,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    #[error("this is no address: write https://host/path")]
    Malformed,
    #[error("write https://: what is sent is nobody else's business")]
    NotHttps,
    #[error("http:// is for 127.0.0.1 and [::1] only: write https://")]
    PlainOverNetwork,
    #[error("leave the name and the password out: the request carries a signature")]
    Credentials,
}

impl Address {
    /// What the request line asks for.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    /// The host with its port, as the `Host` header has it, and all that a log may hold: paths carry keys.
    pub fn authority(&self) -> &str {
        self.uri
            .authority()
            .map_or("", |authority| authority.as_str())
    }
}

impl Reach {
    pub(crate) fn allows(self, ip: IpAddr) -> bool {
        self == Self::Anywhere || is_public(ip.to_canonical())
    }
}

/// Addresses of the special-purpose registries (RFC 6890) belong to nobody outside.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let protocol = a == 192 && b == 0 && c == 0;
            let benchmark = a == 198 && (18..20).contains(&b);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_broadcast()
                || ip.is_documentation()
                || ip.is_multicast()
                || a == 0
                || a >= 240
                || shared
                || protocol
                || benchmark)
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            // Of the global unicast space, without Teredo, benchmarks and documentation; NAT64 could lead anywhere.
            let global = first & 0xe000 == 0x2000;
            let special = first == 0x2001 && second < 0x0200;
            let documentation = (first == 0x2001 && second == 0x0db8) || first & 0xfff0 == 0x3ff0;
            global && !special && !documentation && first != 0x2002
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::Malformed)?;
        let authority = uri.authority().ok_or(AddressError::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::Credentials);
        }
        let host = bare(authority.host()).to_owned();
        if host.is_empty() {
            return Err(AddressError::Malformed);
        }
        let is_here = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let (cover, usual) = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => (Cover::Tls, 443),
            Some(scheme) if *scheme == Scheme::HTTP && is_here => (Cover::Loopback, 80),
            Some(scheme) if *scheme == Scheme::HTTP => return Err(AddressError::PlainOverNetwork),
            _ => return Err(AddressError::NotHttps),
        };
        // A port that is no number stands behind the host all the same.
        let says_port = authority.as_str() != authority.host();
        let port = match authority.port_u16() {
            Some(port) => port,
            None if says_port => return Err(AddressError::Malformed),
            None => usual,
        };
        Ok(Self {
            host,
            port,
            cover,
            uri,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<(String, u16, Cover), AddressError> {
        let address: Address = text.parse()?;
        Ok((address.host.clone(), address.port, address.cover))
    }

    #[test]
    fn anywhere_it_takes_tls_and_without_it_stays_on_the_machine() {
        let found = |host: &str, port, cover| Ok((host.to_owned(), port, cover));
        assert_eq!(
            judged("https://alerts.example/hook"),
            found("alerts.example", 443, Cover::Tls)
        );
        assert_eq!(
            judged("https://[2001:db8::1]:8443/"),
            found("2001:db8::1", 8443, Cover::Tls)
        );
        assert_eq!(
            judged("http://127.0.0.1:8080/x?y=1"),
            found("127.0.0.1", 8080, Cover::Loopback)
        );
        assert_eq!(judged("http://[::1]:80"), found("::1", 80, Cover::Loopback));
        for text in [
            "http://alerts.example/",
            "http://10.0.0.2/",
            "http://localhost/",
            "http://127.0.0.1.example/",
        ] {
            assert_eq!(judged(text), Err(AddressError::PlainOverNetwork), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_cure() {
        for (text, error) in [
            ("ftp://alerts.example/", AddressError::NotHttps),
            ("unix:/run/socket", AddressError::Malformed),
            ("/hook", AddressError::Malformed),
            (
                "https://me:secret@alerts.example/",
                AddressError::Credentials,
            ),
            ("https://alerts.example:99999/", AddressError::Malformed),
            ("", AddressError::Malformed),
            ("https:///hook", AddressError::Malformed),
        ] {
            assert_eq!(judged(text), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_meant_for_the_public_reaches_no_private_network() {
        let allowed = |text: &str| Reach::Public.allows(text.parse().expect("an address"));
        for text in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:2800:220:1::1",
            "2a00:1450::1",
        ] {
            assert!(allowed(text), "{text}");
        }
        for text in [
            "127.0.0.1",
            "10.0.0.2",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.2",
            "64:ff9b::a00:2",
            "2001:db8::1",
            "2002:a00:2::",
            "ff02::1",
        ] {
            assert!(!allowed(text), "{text}");
            assert!(
                Reach::Anywhere.allows(text.parse().expect("an address")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_log_sees_the_host_and_never_the_path() {
        let address: Address = "https://alerts.example:444/T0/B0/key"
            .parse()
            .expect("sound");
        assert_eq!(address.authority(), "alerts.example:444");
        assert_eq!(address.path(), "/T0/B0/key");
    }
}
