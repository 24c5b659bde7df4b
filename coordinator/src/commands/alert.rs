//! `alert`, `logs` and `delivery`: what people are told, of which lines, and who is told.

mod one;

use std::io;
use std::path::PathBuf;

use super::say;
use crate::bulletin::document::{AlertDocument, TuningDocument};
use crate::bulletin::wish::{ActWish, TuneWish};
use crate::control::Request;
use crate::control::alerts::{AlertAsked, DeliveryAsked, LogsAsked};
use crate::delivery::document::DeliveryDocument;
use crate::logbook;
use crate::logbook::document::{LineDocument, RulesDocument};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Alert {
    /// Lists alerts, seen last first.
    List {
        /// current, all, open, acknowledged, assigned, snoozed, closed or false_positive.
        #[arg(long, default_value = "current")]
        state: String,
        /// At least: info, low, medium, high or critical.
        #[arg(long)]
        severity: Option<String>,
        /// Of one device, by id or name.
        #[arg(long)]
        device: Option<String>,
    },
    /// Prints one: its rule, its values, who saw it, and what would make it stop.
    Show { id: u64 },
    /// Says that somebody has looked at it.
    Ack {
        id: u64,
        #[arg(long, default_value = "")]
        why: String,
    },
    /// Gives it to somebody.
    Assign {
        id: u64,
        to: String,
        #[arg(long, default_value = "")]
        why: String,
    },
    /// Lets it rest for a while: it counts on, and tells nobody.
    Snooze {
        id: u64,
        /// 30m, 8h or 7d.
        #[arg(long = "for")]
        length: String,
        #[arg(long)]
        why: String,
    },
    /// It is done with; the same from here on is a new alert.
    Close {
        id: u64,
        #[arg(long, default_value = "")]
        why: String,
    },
    /// It counts on, and tells nobody until somebody opens it again.
    FalsePositive {
        id: u64,
        #[arg(long)]
        why: String,
    },
    /// Takes back what was said about it.
    Reopen {
        id: u64,
        #[arg(long, default_value = "")]
        why: String,
    },
    /// Gives a rule another severity, or switches it off, for a while.
    Tune {
        rule: String,
        /// off, info, low, medium, high or critical.
        effect: String,
        /// everybody, class:camera or device:ID.
        #[arg(long, default_value = "everybody")]
        of: String,
        /// 8h, 7d or 90d; then the rule is as it was.
        #[arg(long = "for")]
        length: String,
        #[arg(long)]
        why: String,
    },
    /// Lists what is tuned.
    Tunings,
    /// Takes back a tuning, by its number.
    Untune { id: u64 },
    /// Lists the rules that read log lines, and files that hold none.
    Rules,
    /// Reads a rule's file and runs its tests; asks no coordinator.
    Check { file: PathBuf },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Logs {
    /// Makes the key with which a device sends its lines to /logs/send; an earlier one is void.
    Key {
        /// By id or name.
        device: String,
    },
    /// Prints the newest lines of a device.
    Show {
        device: String,
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Delivery {
    /// Prints channels, routes, and how it went.
    Show,
    /// Sends a message that says that nothing has happened.
    Test { channel: String },
}

impl Alert {
    /// Of what the coordinator is asked; a file is checked without it.
    pub(super) fn request(&self) -> anyhow::Result<Option<Request>> {
        let act = |id: &u64, word: &str, wish: ActWish| AlertAsked::Act {
            id: *id,
            word: word.to_owned(),
            wish,
        };
        let because = |why: &String| ActWish {
            why: why.clone(),
            ..ActWish::default()
        };
        let asked = match self {
            Self::List {
                state,
                severity,
                device,
            } => AlertAsked::List {
                state: state.clone(),
                severity: severity.clone(),
                device: device.clone(),
            },
            Self::Show { id } => AlertAsked::Show { id: *id },
            Self::Ack { id, why } => act(id, "acknowledge", because(why)),
            Self::Assign { id, to, why } => {
                let to = to.clone();
                act(id, "assign", ActWish { to, ..because(why) })
            }
            Self::Snooze { id, length, why } => {
                let length = length.clone();
                act(
                    id,
                    "snooze",
                    ActWish {
                        length,
                        ..because(why)
                    },
                )
            }
            Self::Close { id, why } => act(id, "close", because(why)),
            Self::FalsePositive { id, why } => act(id, "false_positive", because(why)),
            Self::Reopen { id, why } => act(id, "reopen", because(why)),
            Self::Tune {
                rule,
                effect,
                of,
                length,
                why,
            } => AlertAsked::Tune {
                wish: TuneWish {
                    rule: rule.clone(),
                    of: of.clone(),
                    effect: effect.clone(),
                    why: why.clone(),
                    length: length.clone(),
                },
            },
            Self::Tunings => AlertAsked::Tunings,
            Self::Untune { id } => AlertAsked::Untune { id: *id },
            Self::Rules => AlertAsked::Rules,
            Self::Check { file } => {
                let rule = logbook::check_file(file).map_err(anyhow::Error::msg)?;
                let tests = rule.tests.len();
                say(format_args!(
                    "{}: {}; {tests} tests pass",
                    rule.name, rule.title
                ))?;
                for warning in &rule.warnings {
                    say(format_args!("warning: {warning}"))?;
                }
                return Ok(None);
            }
        };
        Ok(Some(Request::Alert(asked)))
    }
}

impl Logs {
    pub(super) fn request(&self) -> Request {
        Request::Logs(match self {
            Self::Key { device } => LogsAsked::Key {
                device: device.clone(),
            },
            Self::Show { device, limit } => LogsAsked::Show {
                device: device.clone(),
                limit: *limit,
            },
        })
    }
}

impl Delivery {
    pub(super) fn request(&self) -> Request {
        Request::Delivery(match self {
            Self::Show => DeliveryAsked::Show,
            Self::Test { channel } => DeliveryAsked::Test {
                channel: channel.clone(),
            },
        })
    }
}

fn whose(alert: &AlertDocument) -> &str {
    let device = alert.device.as_ref().map(|device| device.name.as_str());
    device.or(alert.about.as_deref()).unwrap_or("the mesh")
}

pub(super) fn print_alerts(items: &[AlertDocument]) -> io::Result<()> {
    if items.is_empty() {
        say(format_args!("nothing waits for anybody"))?;
    }
    for alert in items {
        say(format_args!(
            "{:>5}  {:<8}  {:<14}  {:>5} times  seen by {:<7}  {}  {}: {}",
            alert.id,
            alert.severity,
            alert.state,
            alert.count,
            one::share(alert),
            alert.last,
            whose(alert),
            alert.title
        ))?;
    }
    Ok(())
}

pub(super) fn print_alert(alert: &AlertDocument) -> io::Result<()> {
    let mut lines = one::lines(alert).into_iter();
    lines.try_for_each(|line| say(format_args!("{line}")))
}

pub(super) fn print_tunings(items: &[TuningDocument]) -> io::Result<()> {
    if items.is_empty() {
        say(format_args!("every rule is as it came"))?;
    }
    for tuning in items {
        say(format_args!(
            "{:>4}  {} of {}: {} until {} ({}: {})",
            tuning.id, tuning.rule, tuning.of, tuning.effect, tuning.until, tuning.by, tuning.why
        ))?;
    }
    Ok(())
}

pub(super) fn print_rules(rules: &RulesDocument) -> io::Result<()> {
    for rule in &rules.items {
        say(format_args!(
            "{:<24}  {:<13}  {}",
            rule.name, rule.level, rule.title
        ))?;
        for warning in &rule.warnings {
            say(format_args!("  warning: {warning}"))?;
        }
    }
    for refused in &rules.refused {
        say(format_args!("not used: {}: {}", refused.file, refused.why))?;
    }
    Ok(())
}

pub(super) fn print_lines(items: &[LineDocument]) -> io::Result<()> {
    for line in items {
        let time = line.time.as_ref().unwrap_or(&line.received);
        let program = line.program.as_deref().unwrap_or("-");
        say(format_args!("{time}  {program}: {}", line.message))?;
    }
    Ok(())
}

pub(super) fn print_delivery(told: &DeliveryDocument) -> io::Result<()> {
    if let Some(error) = &told.error {
        say(format_args!("not used as it is: {error}"))?;
    }
    for warning in &told.warnings {
        say(format_args!("warning: {warning}"))?;
    }
    for channel in &told.channels {
        let last = channel.last_delivery.as_deref().unwrap_or("never");
        say(format_args!(
            "{:<24}  {:<7}  to {}, last delivery {last}, {} waiting",
            channel.name, channel.kind, channel.to, channel.waiting
        ))?;
        if let Some(error) = &channel.last_error {
            say(format_args!("  last error: {error}"))?;
        }
    }
    for route in &told.routes {
        say(format_args!(
            "route {}: {} and above to {}",
            route.name,
            route.severity,
            route.to.join(", ")
        ))?;
    }
    Ok(())
}
