//! What services say of themselves before anybody has logged in, cut out of what a scanner recorded of them.

use serde::{Deserialize, Serialize};

use super::Service;
use crate::limits;
use crate::shown::block;

/// One such text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Greeting {
    pub kind: Kind,
    /// Safe to show as text, at most [`limits::GREETING_CHARS`] characters.
    pub text: String,
}

/// Where in the protocol it stands; what patterns of recog are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Software and comments of the identification string (RFC 4253, section 4.2).
    Ssh,
    /// Behind the code 220 (RFC 959, section 5.4).
    Ftp,
    /// Behind the code 220 (RFC 5321, section 4.2).
    Smtp,
    /// Behind `+OK` (RFC 1939, section 4).
    Pop3,
    /// Behind `* OK` (RFC 9051, section 7.1).
    Imap,
    Telnet,
    HttpServer,
    HttpAuthenticate,
    HttpCookie,
    HttpPoweredBy,
    HtmlTitle,
    RtspServer,
}

impl Kind {
    /// recog's word, which its files have in `matches`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ssh => "ssh.banner",
            Self::Ftp => "ftp.banner",
            Self::Smtp => "smtp.banner",
            Self::Pop3 => "pop3.banner",
            Self::Imap => "imap4.banner",
            Self::Telnet => "telnet.banner",
            Self::HttpServer => "http_header.server",
            Self::HttpAuthenticate => "http_header.wwwauth",
            Self::HttpCookie => "http_header.cookie",
            Self::HttpPoweredBy => "http_header.x-powered-by",
            Self::HtmlTitle => "html_title",
            Self::RtspServer => "rtsp_header.server",
        }
    }

    /// Whether its first line is all of it.
    const fn is_one_line(self) -> bool {
        !matches!(self, Self::Telnet)
    }
}

/// What the first bytes of a connection say; `service` is what the scanner takes it for.
pub fn of_answer(bytes: &[u8], service: &Service) -> Vec<Greeting> {
    let text = without_negotiation(bytes);
    let text = text.trim_start_matches(['\r', '\n', '\0']);
    if text.starts_with("HTTP/") {
        return of_headers(text, Kind::HttpServer);
    }
    if text.starts_with("RTSP/") {
        return of_headers(text, Kind::RtspServer);
    }
    let found = greeting(text, &service.name);
    found.into_iter().collect()
}

/// What a script of nmap has recorded.
pub fn of_script(id: &str, output: &str, service: &Service) -> Vec<Greeting> {
    let whole = |kind| Greeting::new(kind, output).into_iter().collect();
    match id {
        "banner" => of_answer(output.as_bytes(), service),
        "http-server-header" => whole(Kind::HttpServer),
        "http-title" | "html-title" => whole(Kind::HtmlTitle),
        "http-headers" => of_headers(output, Kind::HttpServer),
        _ => Vec::new(),
    }
}

impl Greeting {
    fn new(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        let text = match kind.is_one_line() {
            true => text.lines().next().unwrap_or_default(),
            false => text,
        };
        let text = block(text, limits::GREETING_CHARS);
        (!text.is_empty()).then_some(Self { kind, text })
    }
}

fn greeting(text: &str, service: &str) -> Option<Greeting> {
    if let Some(rest) = text.strip_prefix("SSH-") {
        let (_, software) = rest.split_once('-')?;
        return Greeting::new(Kind::Ssh, software);
    }
    if let Some(rest) = text.strip_prefix("220").and_then(behind_code) {
        let is_mail = service == "smtp" || rest.to_ascii_lowercase().contains("smtp");
        let kind = if is_mail { Kind::Smtp } else { Kind::Ftp };
        return Greeting::new(kind, rest);
    }
    if let Some(rest) = text.strip_prefix("+OK") {
        return Greeting::new(Kind::Pop3, rest);
    }
    if let Some(rest) = text.strip_prefix("* OK") {
        return Greeting::new(Kind::Imap, rest);
    }
    let is_telnet = service == "telnet" && !text.trim().is_empty();
    is_telnet
        .then(|| Greeting::new(Kind::Telnet, text))
        .flatten()
}

/// What follows a code of three digits: a blank, or a dash where further lines follow.
fn behind_code(rest: &str) -> Option<&str> {
    rest.strip_prefix([' ', '-'])
}

fn of_headers(text: &str, server: Kind) -> Vec<Greeting> {
    let (head, body) = match text.find("\r\n\r\n") {
        Some(end) => (&text[..end], &text[end..]),
        None => (text, ""),
    };
    let mut found = Vec::new();
    for line in head.lines().take(limits::GREETING_HEADERS) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let kind = match name.trim().to_ascii_lowercase().as_str() {
            "server" => server,
            "www-authenticate" => Kind::HttpAuthenticate,
            "set-cookie" => Kind::HttpCookie,
            "x-powered-by" => Kind::HttpPoweredBy,
            _ => continue,
        };
        found.extend(Greeting::new(kind, value));
    }
    found.extend(title(body).and_then(|title| Greeting::new(Kind::HtmlTitle, title)));
    found
}

fn title(body: &str) -> Option<&str> {
    let lower = body.to_ascii_lowercase();
    let opened = lower.find("<title")?;
    let start = opened + lower[opened..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    body.get(start..end)
}

/// Telnet's options are no text (RFC 854): commands of three bytes, and what they negotiate.
fn without_negotiation(bytes: &[u8]) -> String {
    let (mut text, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (255, Some(250)) => {
                let ends = bytes[at..].windows(2).position(|pair| pair == [255, 240]);
                at = ends.map_or(bytes.len(), |ends| at + ends + 2);
            }
            (255, Some(251..=254)) => at += 3,
            (255, Some(_)) => at += 2,
            (letter, _) => {
                text.push(letter);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(name: &str) -> Service {
        Service {
            name: name.to_owned(),
            ..Service::default()
        }
    }

    fn told(bytes: &[u8], service: &str) -> Vec<(Kind, String)> {
        let found = of_answer(bytes, &named(service)).into_iter();
        found.map(|one| (one.kind, one.text)).collect()
    }

    #[test]
    fn each_protocol_greets_in_its_own_way() {
        for (bytes, service, kind, text) in [
            (
                b"SSH-2.0-dropbear_0.46\r\n\0\0".as_slice(),
                "ssh",
                Kind::Ssh,
                "dropbear_0.46",
            ),
            (b"SSH-1.99-acme build 7\n", "", Kind::Ssh, "acme build 7"),
            (
                b"220 ftp.example ready.\r\n",
                "ftp",
                Kind::Ftp,
                "ftp.example ready.",
            ),
            (
                b"220-mail.example ESMTP x\r\n220 y",
                "",
                Kind::Smtp,
                "mail.example ESMTP x",
            ),
            (b"220 mail.example x", "smtp", Kind::Smtp, "mail.example x"),
            (
                b"+OK popd 1.2 ready\r\n",
                "pop3",
                Kind::Pop3,
                "popd 1.2 ready",
            ),
            (b"* OK imapd\r\n", "imap", Kind::Imap, "imapd"),
            (
                b"\xff\xfd\x01\xff\xfa\x18\x01\xff\xf0\xff\xf1\r\ncam\r\nlogin: ",
                "telnet",
                Kind::Telnet,
                "cam\nlogin:",
            ),
            (
                b"RTSP/1.0 200 OK\r\nServer: Hipcam RealServer/V1.0\r\n\r\n",
                "rtsp",
                Kind::RtspServer,
                "Hipcam RealServer/V1.0",
            ),
        ] {
            assert_eq!(told(bytes, service), [(kind, text.to_owned())], "{text}");
        }
        for bytes in [b"\x00\x01\x02".as_slice(), b"", b"2200 x", b"SSH-2.0"] {
            assert_eq!(told(bytes, "unknown"), [], "{bytes:?}");
        }
    }

    #[test]
    fn a_page_gives_headers_and_a_title() {
        let page = b"HTTP/1.0 401 No\r\nServer: App-webs/\r\nWWW-Authenticate: Basic realm=\"DVR\"\r\nSet-Cookie: sid=1\r\n\
            X-Powered-By: PHP/5\r\n\r\n<html><TITLE lang=en>IP CAM\n</Title>";
        let expected = [
            (Kind::HttpServer, "App-webs/"),
            (Kind::HttpAuthenticate, "Basic realm=\"DVR\""),
            (Kind::HttpCookie, "sid=1"),
            (Kind::HttpPoweredBy, "PHP/5"),
            (Kind::HtmlTitle, "IP CAM"),
        ];
        let expected = expected.map(|(kind, text)| (kind, text.to_owned()));
        assert_eq!(told(page, "http"), expected);
    }

    #[test]
    fn scripts_have_recorded_the_same() {
        let service = named("http");
        let of = |id, output| of_script(id, output, &service);
        assert_eq!(of("http-server-header", "a/1\nb/2")[0].text, "a/1");
        assert_eq!(of("http-title", "x y").len(), 1);
        assert_eq!(
            of("http-headers", "\n  Server: c/3\n  Date: x")[0].text,
            "c/3"
        );
        assert_eq!(of("banner", "SSH-2.0-d")[0].kind, Kind::Ssh);
        assert_eq!(of("ssl-cert", "Server: no"), []);
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "(SSH-|220|HTTP/1.0|<title|\r\n|:|server|\u{ff}|İ){0,12}") {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                for service in ["", "telnet", "smtp"] {
                    for found in of_answer(bytes, &named(service)) {
                        prop_assert!(found.text.chars().count() <= limits::GREETING_CHARS);
                    }
                }
            }
            let _ = of_headers(&format!("\r\n\r\n{text}<title>x</title>"), Kind::HttpServer);
        }
    }
}
