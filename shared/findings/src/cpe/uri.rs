//! The URI binding of CPE 2.2 with the packed edition of 2.3 (NISTIR 7695, section 6.1).

use super::{
    ATTRIBUTES, Attribute, CpeError, Letter, Value, check_wildcards, letters, push_quoted,
};

/// The attributes that a packed edition carries, in its order.
const PACKED: [Attribute; 5] = [
    Attribute::Edition,
    Attribute::SoftwareEdition,
    Attribute::TargetSoftware,
    Attribute::TargetHardware,
    Attribute::Other,
];

/// Reads what follows `cpe:/`.
pub(super) fn read(text: &str) -> Result<[Value; ATTRIBUTES], CpeError> {
    let mut values = [const { Value::Any }; ATTRIBUTES];
    for (at, component) in text.split(':').enumerate() {
        match at {
            5 if component.starts_with('~') => unpack(component, &mut values)?,
            0..=6 => values[at] = read_value(component)?,
            _ => return Err(CpeError::Attributes),
        }
    }
    Ok(values)
}

pub(super) fn write(values: &[Value; ATTRIBUTES]) -> String {
    let is_packed = PACKED[1..]
        .iter()
        .any(|attribute| values[*attribute as usize] != Value::Any);
    let mut components: Vec<String> = values[..7].iter().map(write_value).collect();
    if is_packed {
        let packed: Vec<String> = PACKED
            .iter()
            .map(|attribute| write_value(&values[*attribute as usize]))
            .collect();
        components[5] = format!("~{}", packed.join("~"));
    }
    format!("cpe:/{}", components.join(":"))
        .trim_end_matches(':')
        .to_owned()
}

fn unpack(text: &str, values: &mut [Value; ATTRIBUTES]) -> Result<(), CpeError> {
    let mut parts = text.split('~').skip(1);
    for attribute in PACKED {
        values[attribute as usize] = read_value(parts.next().unwrap_or_default())?;
    }
    match parts.next() {
        None => Ok(()),
        Some(_) => Err(CpeError::Attributes),
    }
}

fn read_value(text: &str) -> Result<Value, CpeError> {
    match text {
        "" => return Ok(Value::Any),
        "-" => return Ok(Value::Na),
        _ => {}
    }
    let mut quoted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        if letter != '%' {
            push_quoted(&mut quoted, letter)?;
            continue;
        }
        let code = rest
            .get(..2)
            .filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code
            .and_then(|code| u8::from_str_radix(code, 16).ok())
            .ok_or(CpeError::Character)?;
        rest = &rest[2..];
        match code {
            1 => quoted.push('?'),
            2 => quoted.push('*'),
            code => push_quoted(&mut quoted, char::from(code))?,
        }
    }
    if quoted == "*" {
        return Ok(Value::Any);
    }
    check_wildcards(&quoted)?;
    Ok(Value::Text(quoted))
}

fn write_value(value: &Value) -> String {
    let quoted = match value {
        Value::Any => return String::new(),
        Value::Na => return "-".into(),
        Value::Text(quoted) if quoted == "\\-" => return "%2d".into(),
        Value::Text(quoted) => quoted,
    };
    let mut text = String::with_capacity(quoted.len());
    for letter in letters(quoted) {
        match letter {
            Letter::One => text.push_str("%01"),
            Letter::Many => text.push_str("%02"),
            Letter::Plain(letter)
                if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') =>
            {
                text.push(letter);
            }
            Letter::Plain(letter) => text.push_str(&format!("%{:02x}", u32::from(letter))),
        }
    }
    text
}
