//! One line in the words that travel: a JSON object that says where the line stands.

use serde_json::{Map, Value};

/// Bytes of one object; the coordinator takes no longer ones.
const BYTES: usize = 7 * 1024;
/// Bytes of a message that are sent, and where its characters need several bytes each.
const MESSAGE: usize = 4 * 1024;
const SHORT: usize = 1024;
/// Bytes of every other word.
const WORD: usize = 128;

/// A line of a plain file.
pub fn of_file(path: &str, line: &str) -> String {
    written(&[("source", path.into())], line)
}

/// An entry of the journal as `journalctl --output=json` prints it, with the cursor behind it. `None` where it is none.
pub fn of_journal(line: &str) -> Option<(String, String, Option<u32>)> {
    let entry: Map<String, Value> = serde_json::from_str(line).ok()?;
    let cursor = text(&entry, "__CURSOR")?;
    let message = text(&entry, "MESSAGE").unwrap_or_default();
    let process = text(&entry, "_PID");
    let mut fields = vec![("source", Value::from("journal"))];
    let micros = text(&entry, "__REALTIME_TIMESTAMP").and_then(|text| text.parse::<u64>().ok());
    fields.extend(micros.map(|micros| ("time", Value::from(micros / 1_000))));
    let program = text(&entry, "SYSLOG_IDENTIFIER").or_else(|| text(&entry, "_COMM"));
    let level =
        text(&entry, "PRIORITY").filter(|level| level.parse::<u8>().is_ok_and(|level| level < 8));
    let words = [
        ("program", program),
        ("level", level),
        ("host", text(&entry, "_HOSTNAME")),
        ("unit", text(&entry, "_SYSTEMD_UNIT")),
        ("pid", process.clone()),
    ];
    for (name, word) in words {
        fields.extend(word.map(|word| (name, Value::from(cut(&word, WORD)))));
    }
    let process = process.and_then(|process| process.parse().ok());
    Some((written(&fields, &message), cursor, process))
}

fn written(fields: &[(&str, Value)], message: &str) -> String {
    let with = |message: &str| {
        let mut object: Map<String, Value> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        object.insert("message".to_owned(), message.into());
        Value::Object(object).to_string()
    };
    let json = with(cut(message, MESSAGE));
    if json.len() <= BYTES {
        return json;
    }
    with(cut(message, SHORT))
}

/// A field is a text, or the bytes of one that is not UTF-8, or a list where it was said several times.
fn text(entry: &Map<String, Value>, name: &str) -> Option<String> {
    match entry.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => match items.first()? {
            Value::String(text) => Some(text.clone()),
            _ => {
                let byte = |item: &Value| item.as_u64().and_then(|byte| u8::try_from(byte).ok());
                let bytes: Option<Vec<u8>> = items.iter().map(byte).collect();
                Some(String::from_utf8_lossy(&bytes?).into_owned())
            }
        },
        _ => None,
    }
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_the_journal_says_who_wrote_what_and_when() {
        let line = r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1795773600000999","MESSAGE":"Failed password for root from 203.0.113.9 port 1 ssh2","PRIORITY":"6","SYSLOG_IDENTIFIER":"sshd","_PID":"412","_HOSTNAME":"cam","_SYSTEMD_UNIT":"ssh.service","_COMM":"sshd-session"}"#;
        let (json, cursor, process) = of_journal(line).expect("an entry");
        assert_eq!((cursor.as_str(), process), ("s=1;i=2", Some(412)));
        let read: Value = serde_json::from_str(&json).expect("JSON");
        for (name, value) in [
            ("source", Value::from("journal")),
            ("time", 1_795_773_600_000_u64.into()),
            ("program", "sshd".into()),
            ("level", "6".into()),
            ("host", "cam".into()),
            ("unit", "ssh.service".into()),
            ("pid", "412".into()),
        ] {
            assert_eq!(read[name], value, "{name}");
        }
        assert!(
            read["message"]
                .as_str()
                .is_some_and(|text| text.starts_with("Failed"))
        );
    }

    #[test]
    fn a_message_of_bytes_and_one_that_is_too_long_to_print_are_taken() {
        let (json, ..) = of_journal(r#"{"__CURSOR":"c","MESSAGE":[104,105,255]}"#).expect("bytes");
        let read: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read["message"], "hi\u{fffd}");
        assert!(of_journal(r#"{"__CURSOR":"c","MESSAGE":null,"PRIORITY":"9"}"#).is_some());
        for none in ["", "-- No entries --", "[]", r#"{"MESSAGE":"no place"}"#] {
            assert!(of_journal(none).is_none(), "{none}");
        }
    }

    #[test]
    fn no_line_is_longer_than_the_coordinator_takes() {
        for text in [
            "x".repeat(90_000),
            "\u{1}".repeat(90_000),
            "😀".repeat(9_000),
        ] {
            let json = of_file("/var/log/a", &text);
            assert!(json.len() <= BYTES, "{}", json.len());
            assert!(!json.contains('\n'));
            assert!(serde_json::from_str::<Value>(&json).is_ok());
        }
    }
}
