//! A payload in words: whoever signs has to see all that it appoints and vouches for.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use tuf_core::canonical::{Json, Object};
use tuf_core::file::Hashes;
use tuf_core::limits;

#[derive(Debug)]
pub struct Described {
    pub lines: Vec<String>,
    /// SHA-256 of the payload.
    pub digest: String,
}

/// Says what a root or a targets role holds; of anything else there are no words.
pub fn describe(payload: &[u8]) -> anyhow::Result<Described> {
    let json = Json::parse(payload, limits::TARGETS_BYTES).context("the payload is not JSON")?;
    ensure!(
        json.to_canonical() == payload,
        "the payload is not in its canonical form, so something in it may be hidden"
    );
    let fields = object(&json)?;
    let mut lines = vec![header(fields)?];
    match text(fields, "_type")? {
        "root" => root(fields, &mut lines)?,
        "targets" => targets(fields, &mut lines)?,
        other => bail!("{other} is signed online and never with an administrator's key"),
    }
    Ok(Described {
        lines,
        digest: Hashes::sha256_of(payload),
    })
}

fn header(fields: &Object) -> anyhow::Result<String> {
    let (kind, expires) = (text(fields, "_type")?, text(fields, "expires")?);
    let version = printed(field(fields, "version")?);
    Ok(format!("{kind}, version {version}, valid until {expires}"))
}

fn root(fields: &Object, lines: &mut Vec<String>) -> anyhow::Result<()> {
    for (role, json) in object(field(fields, "roles")?)? {
        lines.push(appointment(role, object(json)?)?);
    }
    keys(object(field(fields, "keys")?)?, lines)?;
    let known = [
        "_type",
        "expires",
        "keys",
        "roles",
        "spec_version",
        "version",
    ];
    others(fields, &known, lines);
    Ok(())
}

fn targets(fields: &Object, lines: &mut Vec<String>) -> anyhow::Result<()> {
    let listed = object(field(fields, "targets")?)?;
    lines.push(format!("vouches for {} files", listed.len()));
    for (path, json) in listed {
        let target = object(json)?;
        let length = printed(field(target, "length")?);
        lines.push(format!("  {path}: {length} bytes"));
        for (algorithm, hash) in object(field(target, "hashes")?)? {
            lines.push(format!("    {algorithm} {}", printed(hash)));
        }
        others(target, &["hashes", "length"], lines);
    }
    if let Some(json) = fields.get("delegations") {
        delegations(object(json)?, lines)?;
    }
    let known = [
        "_type",
        "delegations",
        "expires",
        "spec_version",
        "targets",
        "version",
    ];
    others(fields, &known, lines);
    Ok(())
}

fn delegations(fields: &Object, lines: &mut Vec<String>) -> anyhow::Result<()> {
    let Json::List(roles) = field(fields, "roles")? else {
        bail!("delegations without a list of roles are not put in words");
    };
    for json in roles {
        let role = object(json)?;
        lines.push(appointment(text(role, "name")?, role)?);
        others(role, &["keyids", "name", "threshold"], lines);
    }
    keys(object(field(fields, "keys")?)?, lines)?;
    others(fields, &["keys", "roles"], lines);
    Ok(())
}

fn appointment(role: &str, fields: &Object) -> anyhow::Result<String> {
    let Json::List(keys) = field(fields, "keyids")? else {
        bail!("the keys of {role} are not a list");
    };
    let threshold = printed(field(fields, "threshold")?);
    let keys: Vec<_> = keys.iter().map(|key| shortened(&printed(key))).collect();
    let count = keys.len();
    Ok(format!(
        "role {role}: {threshold} of {count} keys ({})",
        keys.join(", ")
    ))
}

fn keys(listed: &BTreeMap<String, Json>, lines: &mut Vec<String>) -> anyhow::Result<()> {
    for (id, json) in listed {
        let key = object(json)?;
        let public = printed(field(object(field(key, "keyval")?)?, "public")?);
        let (id, scheme) = (shortened(id), text(key, "scheme")?);
        lines.push(format!("key {id}: {scheme} {public}"));
    }
    Ok(())
}

/// What else is signed is printed as it is, so that nothing goes unseen.
fn others(fields: &Object, known: &[&str], lines: &mut Vec<String>) {
    for (name, json) in fields {
        if !known.contains(&name.as_str()) {
            lines.push(format!("    {name}: {}", printed(json)));
        }
    }
}

/// Control characters could draw anything on a terminal.
fn printed(json: &Json) -> String {
    let text = match json {
        Json::Text(text) => text.clone(),
        other => String::from_utf8_lossy(&other.to_canonical()).into_owned(),
    };
    text.escape_default().to_string()
}

fn shortened(id: &str) -> String {
    id.chars().take(12).collect()
}

fn field<'a>(fields: &'a Object, name: &str) -> anyhow::Result<&'a Json> {
    fields
        .get(name)
        .with_context(|| format!("the field {name} is missing"))
}

fn object(json: &Json) -> anyhow::Result<&Object> {
    match json {
        Json::Object(fields) => Ok(fields),
        _ => bail!("something in the payload is not the object that it has to be"),
    }
}

fn text<'a>(fields: &'a Object, name: &str) -> anyhow::Result<&'a str> {
    match field(fields, name)? {
        Json::Text(text) => Ok(text),
        _ => bail!("the field {name} is not a text"),
    }
}
