//! What a service that nmap does not know answered, as nmap writes it down for its authors (`servicefp`).

use crate::limits;

/// The answers, each with the name of the probe that got it.
pub(super) fn read(record: &str) -> Vec<(&str, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = record;
    while let Some((_, after)) = rest.split_once("%r(") {
        if found.len() == limits::GREETINGS {
            break;
        }
        let Some((probe, quoted)) = head(after) else {
            rest = after;
            continue;
        };
        let (bytes, behind) = unquoted(quoted);
        found.push((probe, bytes));
        rest = behind;
    }
    found
}

/// `GetRequest,32E8,"` before the answer itself.
fn head(text: &str) -> Option<(&str, &str)> {
    let (probe, after) = text.split_once(',')?;
    let (length, quoted) = after.split_once(",\"")?;
    let is_length = length.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_probe = probe
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_length && is_probe).then_some((probe, quoted))
}

/// The answer up to the quotation mark that ends it, at most [`limits::BANNER_BYTES`] of it, and what follows.
fn unquoted(text: &str) -> (Vec<u8>, &str) {
    let mut bytes = Vec::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        let mut written = [0; 4];
        let read: &[u8] = match letter {
            '"' => return (bytes, &text[at + 1..]),
            '\\' => {
                let Some((_, escaped)) = letters.next() else {
                    break;
                };
                written[0] = match escaped {
                    'r' => b'\r',
                    'n' => b'\n',
                    't' => b'\t',
                    '0' => 0,
                    'x' => {
                        let mut digits = letters.by_ref().take(2);
                        let value = digits.try_fold(0, |value, (_, digit)| {
                            Some(value * 16 + digit.to_digit(16)?)
                        });
                        value
                            .and_then(|value| u8::try_from(value).ok())
                            .unwrap_or(b'?')
                    }
                    other => u8::try_from(other).unwrap_or(b'?'),
                };
                &written[..1]
            }
            plain => plain.encode_utf8(&mut written).as_bytes(),
        };
        if bytes.len() + read.len() <= limits::BANNER_BYTES {
            bytes.extend_from_slice(read);
        }
    }
    (bytes, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_read_as_nmap_quotes_them() {
        let record = r#"SF-Port23-TCP:V=7.93%I=2%D=1/1%r(NULL,1C,"\xff\xfd\x01\r\ncam\x20login:\x20\0")%r(GetRequest,9,"a\"b\\c\.\)%r(")%r(x,zz,"no")%r(Help,1,"h")"#;
        let found = read(record);
        assert_eq!(
            found,
            [
                ("NULL", b"\xff\xfd\x01\r\ncam login: \0".to_vec()),
                ("GetRequest", b"a\"b\\c.)%r(".to_vec()),
                ("Help", b"h".to_vec()),
            ]
        );
        assert_eq!(read(r#"%r(NULL,2,"ab"#), [("NULL", b"ab".to_vec())]);
        assert_eq!(read("%r(%r(%r(,,"), []);
    }

    proptest! {
        #[test]
        fn no_record_makes_it_panic(record in any::<String>(), wild in "(%r\\(|NULL|,|\"|\\\\|x|4|f|é){0,30}") {
            for record in [record, wild] {
                for (_, bytes) in read(&record) {
                    prop_assert!(bytes.len() <= limits::BANNER_BYTES);
                }
            }
        }
    }
}
