//! The formatted string binding (NISTIR 7695, section 6.2).

use super::{ATTRIBUTES, CpeError, Value, check_wildcards, push_quoted};

/// Reads what follows `cpe:2.3:`.
pub(super) fn read(text: &str) -> Result<[Value; ATTRIBUTES], CpeError> {
    let mut values = [const { Value::Any }; ATTRIBUTES];
    let mut rest = Some(text);
    for value in &mut values {
        let here = rest.ok_or(CpeError::Attributes)?;
        let end = unquoted_colon(here);
        *value = read_value(&here[..end.unwrap_or(here.len())])?;
        rest = end.map(|end| &here[end + 1..]);
    }
    match rest {
        None => Ok(values),
        Some(_) => Err(CpeError::Attributes),
    }
}

pub(super) fn write(values: &[Value; ATTRIBUTES]) -> String {
    let mut text = String::from("cpe:2.3");
    for value in values {
        text.push(':');
        match value {
            Value::Any => text.push('*'),
            Value::Na => text.push('-'),
            Value::Text(quoted) => write_value(&mut text, quoted),
        }
    }
    text
}

fn unquoted_colon(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    text.bytes().position(|byte| {
        let is_here = byte == b':' && !is_quoted;
        is_quoted = byte == b'\\' && !is_quoted;
        is_here
    })
}

fn read_value(text: &str) -> Result<Value, CpeError> {
    match text {
        "" => return Err(CpeError::Empty),
        "*" => return Ok(Value::Any),
        "-" => return Ok(Value::Na),
        _ => {}
    }
    let mut quoted = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => push_quoted(&mut quoted, letters.next().ok_or(CpeError::Character)?)?,
            '*' | '?' => quoted.push(letter),
            letter => push_quoted(&mut quoted, letter)?,
        }
    }
    check_wildcards(&quoted)?;
    Ok(Value::Text(quoted))
}

/// `.`, `-` and `_` stand bare in a formatted string; a value that is one dash alone stays quoted, since bare it means "not applicable".
fn write_value(text: &mut String, quoted: &str) {
    if quoted == "\\-" {
        text.push_str(quoted);
        return;
    }
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let letter = letters
                    .next()
                    .expect("a quoted value never ends in a quote");
                if !matches!(letter, '.' | '-' | '_') {
                    text.push('\\');
                }
                text.push(letter);
            }
            letter => text.push(letter),
        }
    }
}
