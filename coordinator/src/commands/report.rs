//! `report`: made, listed, kept and verified; and `compliance`, what the mesh shows for controls of standards.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use data_encoding::BASE64;
use thiserror::Error;

use super::answer::as_document;
use super::say;
use crate::compliance::Standing;
use crate::control::reports::ReportAsked;
use crate::control::{self, Answer, Request};
use crate::offices;
use crate::report::document::{CheckedDocument, ReportDocument};
use crate::report::seal;
use crate::store::reports::{Kind, Period, REPORT_BYTES, ReportFormat, ReportLanguage};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Report {
    /// Makes a report, keeps it, and writes it to a file.
    Generate {
        #[arg(value_enum)]
        kind: Kind,
        /// The id of the device that a device report is about.
        #[arg(long)]
        device: Option<String>,
        #[arg(long, value_enum, default_value_t)]
        format: ReportFormat,
        /// What it is written in.
        #[arg(long, value_enum, default_value_t)]
        language: ReportLanguage,
        /// Where it is written; its own name in this folder without it.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Lists reports that are kept, and schedules.
    List,
    /// Writes a report that is kept to a file.
    Export {
        id: u64,
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Makes a report again and again.
    Schedule {
        #[arg(value_enum)]
        kind: Kind,
        #[arg(long, value_enum)]
        every: Period,
        #[arg(long, value_enum, default_value_t)]
        format: ReportFormat,
        #[arg(long, value_enum, default_value_t)]
        language: ReportLanguage,
    },
    /// Ends what `schedule` has begun.
    Unschedule { id: u64 },
    /// Confirms that a file is what a coordinator has signed, or names what is wrong; needs no coordinator that runs.
    Verify {
        file: PathBuf,
        /// The coordinator's key in hexadecimal; that of --dir without it, if there is one.
        #[arg(long)]
        key: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Compliance {
    /// iso-27001, iec-62443, en-303-645, hipaa or gdpr; all of them without it.
    framework: Option<String>,
}

/// A report does not hold; what is wrong was said.
#[derive(Debug, Error)]
#[error("the report does not hold")]
pub(super) struct BrokenReport;

pub(super) async fn run(dir: &Path, json: bool, command: &Report) -> anyhow::Result<()> {
    let (asked, out) = match command {
        Report::Verify { file, key } => return verify(dir, json, file, key.as_deref()),
        Report::Generate {
            kind,
            device,
            format,
            language,
            out,
        } => {
            let asked = ReportAsked::Make {
                kind: *kind,
                device: device.clone(),
                format: *format,
                language: *language,
            };
            (asked, out.as_ref())
        }
        Report::List => (ReportAsked::List, None),
        Report::Export { id, out } => (ReportAsked::Show { id: *id }, out.as_ref()),
        Report::Schedule {
            kind,
            every,
            format,
            language,
        } => {
            let asked = ReportAsked::Schedule {
                kind: *kind,
                format: *format,
                every: *every,
                language: *language,
            };
            (asked, None)
        }
        Report::Unschedule { id } => (ReportAsked::Unschedule { id: *id }, None),
    };
    let answer = control::ask(dir, &Request::Report(asked)).await?;
    match &answer {
        Answer::Report { report, file } => write(report, file, out, json),
        _ if json => Ok(say(format_args!("{}", as_document(&answer)))?),
        Answer::Reports { items, schedules } => {
            items.iter().try_for_each(print)?;
            for schedule in schedules {
                say(format_args!(
                    "schedule {}: {} {} {}, next {}",
                    schedule.id,
                    schedule.kind.word(),
                    schedule.format.word(),
                    schedule.every.word(),
                    schedule.next
                ))?;
            }
            Ok(())
        }
        _ => Ok(say(format_args!("done"))?),
    }
}

fn print(report: &ReportDocument) -> std::io::Result<()> {
    say(format_args!(
        "{:>5}  {}  {:<10} {}  {} bytes  {}",
        report.id,
        report.made,
        report.kind.word(),
        report.format.word(),
        report.bytes,
        report.sha256
    ))
}

fn write(
    report: &ReportDocument,
    file: &str,
    out: Option<&PathBuf>,
    json: bool,
) -> anyhow::Result<()> {
    let bytes = BASE64
        .decode(file.as_bytes())
        .context("the file of the report")?;
    let path = out.cloned().unwrap_or_else(|| PathBuf::from(report.file()));
    std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    match json {
        true => {
            let mut document = serde_json::to_value(report)?;
            document["file"] = path.display().to_string().into();
            say(format_args!("{document}"))?;
        }
        false => say(format_args!("{} ({})", path.display(), report.sha256))?,
    }
    Ok(())
}

fn verify(dir: &Path, json: bool, file: &Path, key: Option<&str>) -> anyhow::Result<()> {
    let size =
        std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    anyhow::ensure!(
        size.len() <= 2 * REPORT_BYTES as u64,
        "it is larger than any report"
    );
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let expected = match key {
        Some(key) => Some(key.to_lowercase()),
        None => own_key(dir),
    };
    let checked = match seal::open(&bytes) {
        Ok(sealed) => {
            let found = data_encoding::HEXLOWER.encode(sealed.key.as_bytes());
            CheckedDocument::of(&sealed, expected.map(|expected| expected == found))
        }
        Err(error) => CheckedDocument::broken(error.to_string()),
    };
    if json {
        say(format_args!("{}", serde_json::to_string(&checked)?))?;
    } else {
        let word = if checked.holds {
            "holds"
        } else {
            "does not hold"
        };
        say(format_args!("{} {word}", file.display()))?;
        for (name, value) in [
            ("sha256", &checked.sha256),
            ("key", &checked.key),
            ("note", &checked.why),
        ] {
            if let Some(value) = value {
                say(format_args!("  {name} {value}"))?;
            }
        }
    }
    anyhow::ensure!(checked.holds, BrokenReport);
    Ok(())
}

/// The key of the coordinator in a directory, if one is there.
fn own_key(dir: &Path) -> Option<String> {
    let certified = offices::load(&offices::Paths::new(dir)).ok()?;
    let key = certified.charter.coordinator;
    Some(data_encoding::HEXLOWER.encode(key.as_bytes()))
}

pub(super) async fn compliance(dir: &Path, json: bool, command: &Compliance) -> anyhow::Result<()> {
    let asked = ReportAsked::Compliance {
        framework: command.framework.clone(),
    };
    let answer = control::ask(dir, &Request::Report(asked)).await?;
    let Answer::Compliance { items } = &answer else {
        anyhow::bail!("the coordinator answered something else");
    };
    if json {
        return Ok(say(format_args!("{}", as_document(&answer)))?);
    }
    let mut framework = "";
    for judged in items {
        if judged.framework != framework {
            framework = &judged.framework;
            say(format_args!("{framework}"))?;
        }
        let (word, says) = match &judged.standing {
            Standing::Met { figure, link } => ("met", format!("{figure} ({link})")),
            Standing::NotMet { would } => ("not met", would.clone()),
        };
        say(format_args!(
            "  {word:<8} {:<20} {}: {says}",
            judged.id, judged.title
        ))?;
    }
    Ok(())
}
