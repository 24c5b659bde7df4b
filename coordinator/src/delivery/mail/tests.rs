//! What stands in a mail, and what hostile names cannot put there.

use alerts::letter::{Item, Kind};
use alerts::severity::Severity;
use alerts::text::fitted;
use language::Language;
use protocol::time::Timestamp;

use super::*;

fn mail() -> Mail {
    let text: MailText = toml::from_str(
        "server = \"127.0.0.1:2525\"\ntls = \"none\"\nfrom = \"Palisade <palisade@hub.example>\"\nto = [\"ops@hub.example\"]",
    )
    .expect("it parses");
    Mail::read(text, Path::new("/nowhere")).expect("it is sound")
}

fn letter(name: &str) -> Letter {
    let at = Timestamp::from_millis(1_795_773_600_000);
    let item = Item {
        alert: 7,
        title: fitted("Failed logins"),
        severity: Severity::High,
        device: Some(fitted(name)),
        count: 20,
        first: at,
        last: at,
        says: fitted(name),
        evidence: Some(fitted("lines in 5 min: usually 4 at most, now 5 or more")),
    };
    Letter {
        id: fitted("00112233445566778899aabbccddeeff"),
        channel: fitted("mail"),
        kind: Kind::New,
        severity: Severity::High,
        incidents: vec![3],
        items: vec![item],
        more: 0,
        count: 20,
        at,
        language: Language::English,
    }
}

fn at_hub() -> Place<'static> {
    Place {
        pages: Some("https://hub.example"),
        ..Place::default()
    }
}

fn written(name: &str) -> String {
    let message = mail()
        .message(&letter(name), &MeshId::from_bytes([9; 32]), at_hub())
        .expect("it can be written");
    String::from_utf8(message.formatted()).expect("it is text")
}

#[test]
fn a_mail_has_text_and_html_a_list_and_a_name_that_stays() {
    let mail = written("cam-lobby");
    for part in [
        "Message-ID: <00112233445566778899aabbccddeeff@",
        "List-Id: Palisade alerts <alerts.",
        "Auto-Submitted: auto-generated",
        "Subject: Palisade: high: Failed logins on cam-lobby (20 times)",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "https://hub.example/alerts/7",
    ] {
        assert!(mail.contains(part), "{part} is not in {mail}");
    }
    assert_eq!(
        mail,
        written("cam-lobby"),
        "a second attempt sends another mail"
    );
}

#[test]
fn a_mail_of_a_french_route_is_french_but_for_what_devices_say() {
    let letter = Letter {
        language: Language::French,
        ..letter("cam-lobby")
    };
    let mesh = MeshId::from_bytes([9; 32]);
    let message = mail().message(&letter, &mesh, at_hub());
    let message = message.expect("it can be written").formatted();
    let mail = String::from_utf8(message).expect("it is text");
    assert!(mail.contains("Content-Language: fr"), "{mail}");
    let text = render::text(&letter, at_hub());
    assert!(
        text.starts_with("1 nouvelle, vue 20 fois en tout."),
        "{text}"
    );
    assert!(
        text.contains("ÉLEVÉE\u{202f}: Connexions échouées sur cam-lobby"),
        "{text}"
    );
    let html = render::html(&letter, Place::default()).into_string();
    assert!(html.contains("<html lang=\"fr\">"), "{html}");
    assert!(written("cam-lobby").contains("Content-Language: en"));
}

/// Story: a camera called itself `x\r\nBcc: everybody@evil.example`.
#[test]
fn no_name_adds_a_header_or_a_recipient() {
    for name in [
        "x\r\nBcc: everybody@evil.example",
        "x\nSubject: harmless",
        "=?utf-8?q?=0d=0aBcc:_evil@evil.example?=",
        "x\u{2028}Bcc: evil@evil.example\u{85}",
        "\"><script>alert(1)</script><img src=x>",
        "é\u{202e}gnp.exe",
    ] {
        let mail = written(name);
        let (head, body) = mail.split_once("\r\n\r\n").expect("head and body");
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':').map(|(name, _)| name))
            .collect();
        assert!(
            !names.iter().any(|name| name.eq_ignore_ascii_case("bcc")),
            "{head}"
        );
        assert_eq!(
            names.iter().filter(|name| **name == "Subject").count(),
            1,
            "{head}"
        );
        assert!(html_is_escaped(body), "{body}");
    }
}

fn html_is_escaped(body: &str) -> bool {
    let html = body.split("text/html").nth(1).unwrap_or_default();
    !html.contains("<script") && !html.contains("<img")
}

#[test]
fn without_tls_only_this_machine_is_spoken_to() {
    let read = |server: &str, tls: &str| {
        let text = format!(
            "server = \"{server}\"\ntls = \"{tls}\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]"
        );
        Mail::read(
            toml::from_str(&text).expect("it parses"),
            Path::new("/nowhere"),
        )
        .is_ok()
    };
    assert!(read("127.0.0.1:25", "none") && read("localhost", "none"));
    assert!(!read("mail.example:25", "none"));
    assert!(read("mail.example", "starttls") && read("mail.example:465", "implicit"));
    assert!(!read("mail.example:x", "starttls"));
}

/// Whoever reads a letter at night had to add the hours, and nothing said that it has to be done.
#[test]
fn times_are_those_of_the_place_that_is_set_and_say_so() {
    let letter = letter("cam");
    let text = render::text(&letter, at_hub());
    assert!(text.contains("2026-11-27 10:00:00 UTC\n"), "{text}");
    let paris = Place {
        zone: "+01:00".parse().expect("an offset"),
        ..Place::default()
    };
    let text = render::text(&letter, paris);
    assert!(text.contains("2026-11-27 11:00:00 UTC+01:00\n"), "{text}");
    let html = render::html(&letter, paris).into_string();
    assert!(html.contains("11:00:00 UTC+01:00"), "{html}");
    assert!(render::short(&letter, paris.zone, 3_500).contains("UTC+01:00"));
}
