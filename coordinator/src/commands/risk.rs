//! `feed`, `sbom`, `vex`, `finding`, `score`: what is wrong with devices, and what people decide about it.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use data_encoding::HEXLOWER;

use super::answer::as_document;
use super::release::{self, Out};
use super::say;
use crate::control::{self, Answer, Request};
use crate::offices::Paths;
use crate::risk::asked::{RiskAsked, RiskTold};
use crate::risk::decide::Asked;
use crate::risk::document::{FeedDocument, FindingDocument, OccurrenceDocument, ScoreDocument};
use crate::risk::intake::{Brought, FeedKind};
use crate::risk::said::Words;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Feed {
    /// Takes in a whole feed, or adds a file of NVD, OSV, CISA KEV, EPSS, CSAF or recog to the one that is there.
    Import {
        file: PathBuf,
        /// What the file is, where it cannot be told from its beginning.
        #[arg(long)]
        kind: Option<Kind>,
    },
    /// Shows what is known about vulnerabilities, and how old that is.
    Show,
    /// Writes it as one file, which can be signed and carried.
    Export { file: PathBuf },
    /// Writes the payload that has to be signed for such a file; `release add-signature` and `release publish` go on from
    /// there, and then it is what findings rest on.
    Prepare {
        file: PathBuf,
        #[command(flatten)]
        out: Out,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Kind {
    Feed,
    Nvd,
    Osv,
    Kev,
    Epss,
    Csaf,
    /// What services say of themselves, in the form of recog.
    Patterns,
}

impl From<Kind> for FeedKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Feed => Self::Feed,
            Kind::Nvd => Self::Nvd,
            Kind::Osv => Self::Osv,
            Kind::Kev => Self::Kev,
            Kind::Epss => Self::Epss,
            Kind::Csaf => Self::Csaf,
            Kind::Patterns => Self::Patterns,
        }
    }
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Sbom {
    /// Takes in a bill of materials of CycloneDX.
    Import {
        file: PathBuf,
        /// A device's id, mac:…, ip:…, or firmware:PRODUCT@VERSION.
        #[arg(long)]
        of: String,
    },
    /// Says which devices have a library.
    Where { library: String },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Vex {
    /// Writes all findings and decisions as a VEX document of CycloneDX 1.6.
    Export {
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Takes in a maker's statements, as CSAF has them.
    Import { file: PathBuf },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Finding {
    /// Lists findings, what is to be fixed first in front.
    List {
        /// Such as: exploited==yes && class:camera; or the name of a filter that was kept.
        #[arg(long, default_value = "state==open")]
        filter: String,
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Shows one finding with the devices that have it.
    Show { id: String },
    /// Accepts a finding, or says why nobody is affected.
    Decide {
        id: String,
        /// accepted or not_affected.
        verdict: String,
        #[arg(long)]
        reason: String,
        /// fleet, class:camera or device:ID.
        #[arg(long, default_value = "fleet")]
        scope: String,
        /// Why it is not affected, in a word of CycloneDX: code_not_present.
        #[arg(long, default_value = "")]
        justification: String,
        /// Days, or a date; without it the decision has no end.
        #[arg(long, default_value = "")]
        until: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Score {
    /// Of one device; of the whole fleet without it.
    device: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Describe {
    /// mac:…, ip:… or a device's id.
    device: String,
    /// Of a device without a node.
    #[arg(long)]
    name: Option<String>,
    /// Of a device without a node.
    #[arg(long)]
    class: Option<String>,
    /// Where it stands; '' where it has no site any more.
    #[arg(long)]
    site: Option<String>,
    /// Takes the place of all tags before; repeat it.
    #[arg(long)]
    tag: Option<Vec<String>>,
    /// Takes all tags away.
    #[arg(long, conflicts_with = "tag")]
    no_tags: bool,
}

pub(super) async fn feed(dir: &Path, json: bool, command: &Feed) -> anyhow::Result<()> {
    match command {
        Feed::Import { file, kind } => {
            let kind = kind.map(FeedKind::from);
            let told = with_file(dir, file, |file| RiskAsked::ImportFeed { file, kind }).await?;
            shown(&told, json)
        }
        Feed::Export { file } => export(dir, file).await,
        Feed::Prepare { file, out } => {
            let staged = stage(dir, file)?;
            let request = Request::PrepareFeed {
                file: staged.name.clone(),
            };
            release::shown(&control::ask(dir, &request).await?, json, Some(out))
        }
        Feed::Show => shown(&ask(dir, RiskAsked::Feed).await?, json),
    }
}

/// A scan that was made elsewhere.
pub(super) async fn import_scan(
    dir: &Path,
    json: bool,
    file: &Path,
    device: Option<String>,
) -> anyhow::Result<()> {
    let told = with_file(dir, file, |file| RiskAsked::ImportScan { file, device }).await?;
    shown(&told, json)
}

pub(super) async fn sbom(dir: &Path, json: bool, command: &Sbom) -> anyhow::Result<()> {
    let told = match command {
        Sbom::Import { file, of } => {
            let owner = of.clone();
            with_file(dir, file, |file| RiskAsked::ImportSbom { file, owner }).await?
        }
        Sbom::Where { library } => {
            let text = library.clone();
            ask(dir, RiskAsked::Libraries { text }).await?
        }
    };
    shown(&told, json)
}

pub(super) async fn vex(dir: &Path, json: bool, command: &Vex) -> anyhow::Result<()> {
    match command {
        Vex::Export { out } => {
            let RiskTold::Vex { document } = ask(dir, RiskAsked::Vex).await? else {
                anyhow::bail!("the coordinator answered something else");
            };
            match out {
                Some(path) => fs::write(path, document)
                    .with_context(|| format!("cannot write {}", path.display())),
                None => Ok(say(format_args!("{document}"))?),
            }
        }
        Vex::Import { file } => {
            let kind = Some(FeedKind::Csaf);
            let told = with_file(dir, file, |file| RiskAsked::ImportFeed { file, kind }).await?;
            shown(&told, json)
        }
    }
}

pub(super) async fn finding(dir: &Path, json: bool, command: &Finding) -> anyhow::Result<()> {
    let asked = match command {
        Finding::List { filter, limit } => RiskAsked::Findings {
            filter: filter.clone(),
            after: None,
            limit: *limit,
        },
        Finding::Show { id } => RiskAsked::Finding { id: id.clone() },
        Finding::Decide {
            id,
            verdict,
            reason,
            scope,
            justification,
            until,
        } => RiskAsked::Decide {
            id: id.clone(),
            decision: Asked {
                verdict: verdict.clone(),
                justification: justification.clone(),
                reason: reason.clone(),
                scope: scope.clone(),
                until: until.clone(),
            },
        },
    };
    shown(&ask(dir, asked).await?, json)
}

pub(super) async fn score(dir: &Path, json: bool, command: &Score) -> anyhow::Result<()> {
    let device = command.device.clone();
    shown(&ask(dir, RiskAsked::Score { device }).await?, json)
}

pub(super) async fn describe(dir: &Path, json: bool, command: &Describe) -> anyhow::Result<()> {
    let asked = RiskAsked::Describe {
        device: command.device.clone(),
        words: Words {
            name: command.name.clone(),
            class: command.class.clone(),
            site: command.site.clone(),
            tags: match command.no_tags {
                true => Some(Vec::new()),
                false => command.tag.clone(),
            },
        },
    };
    shown(&ask(dir, asked).await?, json)
}

pub(super) async fn ask(dir: &Path, asked: RiskAsked) -> anyhow::Result<RiskTold> {
    match control::ask(dir, &Request::Risk(asked)).await? {
        Answer::Risk(told) => Ok(*told),
        _ => anyhow::bail!("the coordinator answered something else"),
    }
}

/// A file in the intake folder for as long as the coordinator needs to read it.
struct StagedFile {
    name: String,
    path: PathBuf,
}

impl Drop for StagedFile {
    /// The coordinator has removed it, unless it never got to it.
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn place(dir: &Path) -> anyhow::Result<StagedFile> {
    let intake = Paths::new(dir).intake();
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&intake)
        .with_context(|| format!("cannot make {}", intake.display()))?;
    let mut dice = [0; 12];
    getrandom::fill(&mut dice).context("the kernel has no dice")?;
    let name = HEXLOWER.encode(&dice);
    let path = intake.join(&name);
    Ok(StagedFile { name, path })
}

fn stage(dir: &Path, file: &Path) -> anyhow::Result<StagedFile> {
    let staged = place(dir)?;
    let mut from =
        fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut to = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&staged.path)?;
    std::io::copy(&mut from, &mut to)?;
    Ok(staged)
}

async fn with_file(
    dir: &Path,
    file: &Path,
    asked: impl FnOnce(String) -> RiskAsked,
) -> anyhow::Result<RiskTold> {
    let staged = stage(dir, file)?;
    ask(dir, asked(staged.name.clone())).await
}

async fn export(dir: &Path, file: &Path) -> anyhow::Result<()> {
    let staged = place(dir)?;
    let asked = RiskAsked::ExportFeed {
        file: staged.name.clone(),
    };
    ask(dir, asked).await?;
    fs::copy(&staged.path, file).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(())
}

fn shown(told: &RiskTold, json: bool) -> anyhow::Result<()> {
    if json {
        let answer = Answer::Risk(Box::new(told.clone()));
        let mut document = as_document(&answer);
        if let Some(fields) = document.as_object_mut() {
            fields.remove("told");
        }
        return Ok(say(format_args!("{document}"))?);
    }
    match told {
        RiskTold::Brought(brought) => print_brought(brought)?,
        RiskTold::Feed(feed) => print_feed(feed)?,
        RiskTold::Libraries { items } if items.is_empty() => say(format_args!("nobody has it"))?,
        RiskTold::Libraries { items } => {
            for item in items {
                say(format_args!(
                    "{} {}: {} devices: {}",
                    item.component,
                    item.version,
                    item.devices.len(),
                    item.devices.join(" ")
                ))?;
            }
        }
        RiskTold::Vex { document } => say(format_args!("{document}"))?,
        RiskTold::Findings {
            items, matching, ..
        } => {
            say(format_args!("{} of {matching} findings", items.len()))?;
            items.iter().try_for_each(print_finding)?;
        }
        RiskTold::Finding { finding, devices } => {
            print_finding(finding)?;
            say(format_args!("  {}", finding.next_step))?;
            devices.iter().try_for_each(print_occurrence)?;
        }
        RiskTold::Score(score) => print_score(score)?,
        RiskTold::Done => say(format_args!("done"))?,
    }
    Ok(())
}

fn print_brought(brought: &Brought) -> std::io::Result<()> {
    say(format_args!(
        "taken in: {} entries, {} left out",
        brought.entries, brought.skipped
    ))?;
    brought
        .devices
        .iter()
        .try_for_each(|device| say(format_args!("  {device}")))
}

fn print_feed(feed: &FeedDocument) -> std::io::Result<()> {
    let Some(issued) = &feed.issued else {
        return say(format_args!(
            "nothing is known about vulnerabilities: palisade-coordinator feed import FILE"
        ));
    };
    let signed = if feed.signed { "signed" } else { "not signed" };
    say(format_args!(
        "{} advisories, {} statements and {} files of patterns, issued {issued}, {signed}",
        feed.advisories, feed.statements, feed.patterns
    ))?;
    feed.sources.iter().try_for_each(|source| {
        say(format_args!(
            "  {:<9} {} days old, of {}: {} entries",
            source.source, source.days, source.as_of, source.entries
        ))
    })
}

fn print_finding(finding: &FindingDocument) -> std::io::Result<()> {
    let exploited = if finding.exploited.is_some() {
        "EXPLOITED "
    } else {
        ""
    };
    let likelihood = finding.likelihood.map_or_else(
        || "  –  ".to_owned(),
        |share| format!("{:.1} %", share * 100.0),
    );
    say(format_args!(
        "{:<24} {:<8} {likelihood:>7} {:>4} devices  {exploited}{}",
        finding.id, finding.level, finding.open_devices, finding.title
    ))
}

fn print_occurrence(found: &OccurrenceDocument) -> std::io::Result<()> {
    say(format_args!(
        "  {} {} {} {} {}",
        found.device, found.name, found.place, found.state, found.evidence
    ))
}

fn print_score(score: &ScoreDocument) -> std::io::Result<()> {
    say(format_args!("{:.1} of 100", score.score))?;
    score.parts.iter().try_for_each(|part| {
        let remedy = part.remedy.as_deref().unwrap_or_default();
        say(format_args!(
            "  -{:<5.1} {:<14} {} {remedy}",
            part.lost, part.part, part.reason
        ))
    })
}
