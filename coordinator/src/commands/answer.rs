//! What the coordinator has answered, as lines for people or as one document.

use std::io::{self, IsTerminal as _};

use ui::parts::time::format;

use super::{alert, ddi, operator, say, token};
use crate::control::{Answer, Wipe};
use crate::deputies::Deputy;

pub(super) fn print(answer: &Answer, as_json: bool) -> io::Result<()> {
    if as_json {
        return say(format_args!("{}", as_document(answer)));
    }
    match answer {
        Answer::MeshName { name } => say(format_args!("{name}"))?,
        Answer::SetupToken { url } => say(format_args!("{url}"))?,
        Answer::Join { join, .. } => {
            say(format_args!("palisade-node join {join}"))?;
            if io::stdout().is_terminal() {
                eprintln!("Run this line on the device, once, within its time.");
            }
        }
        Answer::ApiToken { token } => say(format_args!("{token}"))?,
        Answer::Devices { items } => {
            for device in items {
                say(format_args!(
                    "{:<17}  {:<9} {:<9} {:<12} {}{}{}",
                    device.id,
                    device.status,
                    device.class,
                    device.cell,
                    device.name,
                    groups(&device.site, &device.tags),
                    wiping(device.wipe)
                ))?;
            }
        }
        Answer::Deputies { url, secret, items } => {
            print_deputies(url.as_deref(), secret.as_deref(), items)?;
        }
        Answer::Taken { by } => say(format_args!("{by} took a test message"))?,
        Answer::Alerts { items } => alert::print_alerts(items)?,
        Answer::Alert(one) => alert::print_alert(one)?,
        Answer::Tunings { items } => alert::print_tunings(items)?,
        Answer::Rules(rules) => alert::print_rules(rules)?,
        Answer::LogKey { key } => say(format_args!("{key}"))?,
        Answer::LogLines { items } => alert::print_lines(items)?,
        Answer::Delivery(told) => alert::print_delivery(told)?,
        Answer::DdiToken { token } => ddi::print_token(token)?,
        Answer::DdiDevices { items } => ddi::print_devices(items)?,
        Answer::People { items } => operator::print_people(items)?,
        Answer::Invited { url, .. } => operator::print_link(url)?,
        Answer::ApiTokens { items } => token::print_tokens(items)?,
        Answer::DeviceKey { id, api_key, tag } => operator::print_key(id, api_key, tag)?,
        Answer::KeyedDevices { items } => operator::print_keyed(items)?,
        Answer::Rotation { .. } => {}
        Answer::Done => say(format_args!("done"))?,
        Answer::Published { purpose } => say(format_args!("published: {purpose}"))?,
        Answer::Evidence { .. }
        | Answer::AuditEntries { .. }
        | Answer::AuditVerdict(_)
        | Answer::Backup(_)
        | Answer::Reports { .. }
        | Answer::Report { .. }
        | Answer::Compliance { .. }
        | Answer::Draft(_)
        | Answer::Interface { .. }
        | Answer::Releases { .. }
        | Answer::Comparison(_)
        | Answer::Rollouts { .. }
        | Answer::Rollout(_)
        | Answer::Settings(_)
        | Answer::Profile(_)
        | Answer::Why(_)
        | Answer::Mud { .. }
        | Answer::Told { .. }
        | Answer::Risk(_)
        | Answer::Scans { .. }
        | Answer::Commands { .. }
        | Answer::CommandResult { .. }
        | Answer::Bundle(_)
        | Answer::Repository(_)
        | Answer::Dossier { .. }
        | Answer::PlaceOfRevocation { .. }
        | Answer::KeyOf { .. }
        | Answer::LogHasGrown => {}
        Answer::Refused { why } => say(format_args!("{why}"))?,
    }
    Ok(())
}

fn groups(site: &str, tags: &[String]) -> String {
    let site = Some(site).filter(|site| !site.is_empty());
    let site = site.map(|site| format!("  at {site}")).unwrap_or_default();
    let tags = Some(tags).filter(|tags| !tags.is_empty());
    let tags = tags.map(|tags| format!("  [{}]", tags.join(", ")));
    site + &tags.unwrap_or_default()
}

fn wiping(wipe: Option<Wipe>) -> String {
    match wipe {
        None => String::new(),
        Some(Wipe::Ordered) => "  ordered to wipe, not confirmed".to_owned(),
        Some(Wipe::Confirmed { at_ms }) => {
            format!("  wiped at {}", format(at_ms, "%Y-%m-%d %H:%M UTC"))
        }
    }
}

fn print_deputies(url: Option<&str>, secret: Option<&str>, items: &[Deputy]) -> io::Result<()> {
    match url {
        Some(url) => say(format_args!("{url}"))?,
        None => say(format_args!("nobody outside is told"))?,
    }
    if let Some(secret) = secret {
        say(format_args!("{secret}"))?;
        if io::stdout().is_terminal() {
            eprintln!("Give this secret to the receiver; it is shown once.");
        }
    }
    for deputy in items {
        let link = if deputy.linked { "linked" } else { "away" };
        say(format_args!("{}  {link:<6}  {}", deputy.id, deputy.name))?;
    }
    Ok(())
}

pub(super) fn as_document(answer: &Answer) -> serde_json::Value {
    let mut document = serde_json::to_value(answer).expect("plain values always have a JSON form");
    if let Some(fields) = document.as_object_mut() {
        fields.remove("is");
    }
    document
}
