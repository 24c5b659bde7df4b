//! UPnP's announcements and answers (UPnP Device Architecture 2.0 §1): HTTP headers in datagrams.

use crate::limits::{SSDP_BYTES, SSDP_LINES};
use crate::text::plain;

pub const PORT: u16 = 1900;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    pub kind: Kind,
    /// What is offered or looked for: `upnp:rootdevice`, `urn:schemas-upnp-org:device:MediaRenderer:1`.
    pub target: Option<String>,
    /// Which of the things of that kind.
    pub unique_name: Option<String>,
    /// Operating system, UPnP version and product.
    pub server: Option<String>,
    /// Where the description lies. It is a stranger's word: nothing here fetches it.
    pub location: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Alive,
    ByeBye,
    Search,
    Answer,
}

impl Message {
    /// `None` for what is no SSDP.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = &bytes[..bytes.len().min(SSDP_BYTES)];
        let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let mut message = Self {
            kind: first_line(lines.next()?)?,
            ..Self::default()
        };
        for line in lines.take(SSDP_LINES).take_while(|line| !line.is_empty()) {
            message.take(line);
        }
        Some(message)
    }

    /// The first header of a name counts, so that no later one hides it.
    fn take(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return;
        };
        let (name, value) = (
            line[..colon].to_ascii_lowercase(),
            plain(&line[colon + 1..]),
        );
        let field = match name.trim_ascii_end() {
            b"nt" | b"st" => &mut self.target,
            b"usn" => &mut self.unique_name,
            b"server" => &mut self.server,
            b"location" => &mut self.location,
            b"nts" if value == "ssdp:byebye" => return self.kind = Kind::ByeBye,
            _ => return,
        };
        if field.is_none() && !value.is_empty() {
            *field = Some(value);
        }
    }
}

fn first_line(line: &[u8]) -> Option<Kind> {
    if line.starts_with(b"NOTIFY ") {
        Some(Kind::Alive)
    } else if line.starts_with(b"M-SEARCH ") {
        Some(Kind::Search)
    } else if line.starts_with(b"HTTP/1.") && line.get(9..12) == Some(b"200") {
        Some(Kind::Answer)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALIVE: &[u8] = b"NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nNT: urn:Belkin:device:controllee:1\r\n\
        NTS: ssdp:alive\r\nLocation: http://10.0.0.4:49153/setup.xml\r\nSERVER: Unspecified, UPnP/1.0, Unspecified\r\n\
        USN: uuid:Socket-1_0::urn:Belkin:device:controllee:1\r\nServer: other\r\n\r\nNT: hidden\r\n";

    #[test]
    fn an_announcement_names_kind_and_server() {
        let read = Message::read(ALIVE).expect("it is sound");
        assert_eq!(read.kind, Kind::Alive);
        assert_eq!(
            read.target.as_deref(),
            Some("urn:Belkin:device:controllee:1")
        );
        assert_eq!(
            read.server.as_deref(),
            Some("Unspecified, UPnP/1.0, Unspecified")
        );
        assert_eq!(
            read.location.as_deref(),
            Some("http://10.0.0.4:49153/setup.xml")
        );
    }

    #[test]
    fn searches_answers_and_goodbyes_are_told_apart() {
        let kind = |text: &[u8]| Message::read(text).map(|read| read.kind);
        assert_eq!(
            kind(b"M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n"),
            Some(Kind::Search)
        );
        assert_eq!(
            kind(b"HTTP/1.1 200 OK\r\nST: a\r\n\r\n"),
            Some(Kind::Answer)
        );
        assert_eq!(kind(b"HTTP/1.1 404 No\r\n\r\n"), None);
        assert_eq!(
            kind(b"NOTIFY * HTTP/1.1\nNTS:ssdp:byebye\n\n"),
            Some(Kind::ByeBye)
        );
        assert_eq!(kind(b"GET / HTTP/1.1\r\n\r\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(at in 0usize..300, to in any::<u8>(), tail in proptest::collection::vec(any::<u8>(), 0..50)) {
            let mut bytes = [ALIVE, &tail].concat();
            let at = at % bytes.len();
            bytes[at] = to;
            let _any = Message::read(&bytes);
            let _any = Message::read(&tail);
        }
    }
}
