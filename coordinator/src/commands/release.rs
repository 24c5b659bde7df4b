//! `release` and `repository`: what devices may install, prepared here and signed elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use data_encoding::BASE64;

use super::{answer, say};
use crate::control::releases::{DraftTold, Staged, WishAsked};
use crate::control::{self, Answer, Request};
use crate::offices::Paths;
use crate::releases::blobs::{Blobs, IMAGE_BYTES, SBOM_BYTES};
use crate::releases::comparison::document::ComparedLists;
use crate::releases::document::{DraftDocument, NeedDocument, ReleaseDocument, RepositoryDocument};
use crate::store::repository::payload_name;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Release {
    /// Takes an image in, and writes the payload that has to be signed for it.
    Prepare {
        image: PathBuf,
        #[arg(long)]
        product: String,
        #[arg(long)]
        version: String,
        /// Orders a product's releases, whatever their versions are called: above that of every release before.
        #[arg(long)]
        counter: u64,
        /// A model that it runs on; once for each.
        #[arg(long, required = true)]
        hardware: Vec<String>,
        /// The list of its parts (CycloneDX, JSON).
        #[arg(long, value_name = "FILE")]
        sbom: Option<PathBuf>,
        #[command(flatten)]
        out: Out,
    },
    /// Puts a signature of `palisade-sign` to a draft.
    AddSignature { draft: u64, signature: PathBuf },
    /// Publishes a draft that enough people have signed.
    Publish { draft: u64 },
    /// Throws a draft away.
    Discard { draft: u64 },
    /// Lists what is published, and what waits for signatures.
    List,
    /// Shows a draft, and whose signatures it lacks.
    Show { draft: u64 },
    /// Writes the payloads of a draft once more.
    Payload {
        draft: u64,
        #[command(flatten)]
        out: Out,
    },
    /// Writes a published release with all that vouches for it into one file, for a device that no network reaches:
    /// `palisade-node update --bundle FILE` takes it there.
    Bundle {
        product: String,
        version: String,
        /// How long devices may take it: 1 to 90 days.
        #[arg(long, default_value_t = 14)]
        days: u64,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Says how two published versions of a product differ, file by file and part by part.
    Compare {
        product: String,
        from: String,
        to: String,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Repository {
    /// Shows roles, versions, expiry, keys and thresholds.
    Status,
    /// Lets other people sign for a role: root, targets, firmware, policy, models or feeds. All keys are named anew.
    Threshold {
        role: String,
        /// How many of the keys must sign.
        threshold: u32,
        /// Public keys in hexadecimal, as `palisade-sign key` prints them.
        #[arg(required = true)]
        keys: Vec<String>,
        #[command(flatten)]
        out: Out,
    },
    /// Has everything signed anew: before it expires, or after the root was replaced.
    Renew {
        #[command(flatten)]
        out: Out,
    },
    /// Makes other keys for what is signed online. The root signs that they take the place of those before.
    OnlineKeys {
        #[command(flatten)]
        out: Out,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Out {
    /// Where the payloads go.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
}

pub(super) async fn release(dir: &Path, as_json: bool, command: &Release) -> anyhow::Result<()> {
    let request = match command {
        Release::Prepare { .. } => prepared(dir, command)?,
        Release::AddSignature { draft, signature } => Request::AddSignature {
            number: *draft,
            signature: BASE64.encode(&read(signature)?),
        },
        Release::Publish { draft } => Request::Publish { number: *draft },
        Release::Discard { draft } => Request::Discard { number: *draft },
        Release::List => Request::Releases,
        Release::Show { draft } | Release::Payload { draft, .. } => {
            Request::Draft { number: *draft }
        }
        Release::Bundle {
            product,
            version,
            days,
            ..
        } => Request::Bundle {
            product: product.clone(),
            version: version.clone(),
            days: *days,
        },
        Release::Compare { product, from, to } => Request::Compare {
            product: product.clone(),
            from: from.clone(),
            to: to.clone(),
        },
    };
    let answer = control::ask(dir, &request).await?;
    if let (Answer::Bundle(bundle), Release::Bundle { out, .. }) = (&answer, command) {
        return super::bundle::write(dir, bundle, out, as_json);
    }
    let out = match command {
        Release::Prepare { out, .. } | Release::Payload { out, .. } => Some(out),
        _ => None,
    };
    shown(&answer, as_json, out)
}

pub(super) async fn repository(
    dir: &Path,
    as_json: bool,
    command: &Repository,
) -> anyhow::Result<()> {
    let (request, out) = match command {
        Repository::Status => (Request::Repository, None),
        Repository::Threshold {
            role,
            threshold,
            keys,
            out,
        } => {
            let wish = WishAsked::Appoint {
                role: role.clone(),
                threshold: *threshold,
                keys: keys.clone(),
            };
            (Request::Prepare(wish), Some(out))
        }
        Repository::Renew { out } => (Request::Prepare(WishAsked::Renew), Some(out)),
        Repository::OnlineKeys { out } => (Request::Prepare(WishAsked::OnlineKeys), Some(out)),
    };
    let answer = control::ask(dir, &request).await?;
    shown(&answer, as_json, out)
}

/// The files are taken in here, where they may be read, and piece by piece.
fn prepared(dir: &Path, command: &Release) -> anyhow::Result<Request> {
    let Release::Prepare {
        image,
        product,
        version,
        counter,
        hardware,
        sbom,
        ..
    } = command
    else {
        anyhow::bail!("only an image is prepared");
    };
    let blobs = Blobs::open(&Paths::new(dir).targets())?;
    let take = |path: &Path, bound| -> anyhow::Result<Staged> {
        let name = || path.display().to_string();
        let file = File::open(path).with_context(name)?;
        let blob = blobs.take(file, bound).with_context(name)?;
        Ok(Staged::of(&blob))
    };
    Ok(Request::PrepareRelease {
        product: product.clone(),
        version: version.clone(),
        counter: *counter,
        hardware: hardware.clone(),
        image: take(image, IMAGE_BYTES)?,
        sbom: match sbom {
            Some(sbom) => Some(take(sbom, SBOM_BYTES)?),
            None => None,
        },
    })
}

pub(super) fn shown(answer: &Answer, as_json: bool, out: Option<&Out>) -> anyhow::Result<()> {
    let mut files = Vec::new();
    if let (Answer::Draft(draft), Some(out)) = (answer, out) {
        files = write_payloads(draft, &out.out)?;
    }
    if as_json {
        let mut document = answer::as_document(answer);
        if let Some(fields) = document.as_object_mut().filter(|_| !files.is_empty()) {
            let files: Vec<_> = files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            fields.insert("files".to_owned(), files.into());
        }
        return Ok(say(format_args!("{document}"))?);
    }
    match answer {
        Answer::Draft(told) => print_draft(&told.draft)?,
        Answer::Published { purpose } => say(format_args!("published: {purpose}"))?,
        Answer::Releases { items, drafts } => print_releases(items, drafts)?,
        Answer::Repository(told) => print_repository(told)?,
        Answer::Comparison(comparison) => {
            print_compared("files", &comparison.files)?;
            print_compared("parts", &comparison.parts)?;
        }
        other => answer::print(other, false)?,
    }
    for file in files {
        say(format_args!(
            "to sign: palisade-sign sign {} --key KEY_FILE --passphrase-file FILE --out SIGNATURE_FILE",
            file.display()
        ))?;
    }
    Ok(())
}

/// A payload that is there already and says something else is never replaced.
fn write_payloads(told: &DraftTold, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let number = told.draft.number;
    for paper in &told.draft.papers {
        let payload = told.payloads.get(&paper.role).map(String::as_bytes);
        let payload = BASE64.decode(payload.unwrap_or_default())?;
        let path = folder.join(payload_name(number, &paper.role, paper.version));
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&path);
        match created {
            Ok(mut file) => file.write_all(&payload)?,
            Err(_) if fs::read(&path).is_ok_and(|there| there == payload) => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot create {}", path.display()));
            }
        }
        files.push(path);
    }
    Ok(files)
}

fn print_draft(draft: &DraftDocument) -> std::io::Result<()> {
    say(format_args!("draft {}: {}", draft.number, draft.purpose))?;
    for paper in &draft.papers {
        let (role, version, sha256) = (&paper.role, paper.version, &paper.sha256);
        say(format_args!(
            "  {role}, version {version}: SHA-256 {sha256}"
        ))?;
    }
    for need in &draft.needs {
        print_need(need)?;
    }
    if draft.complete {
        say(format_args!(
            "enough have signed: release publish {}",
            draft.number
        ))?;
    }
    Ok(())
}

fn print_need(need: &NeedDocument) -> std::io::Result<()> {
    let (role, by, valid) = (&need.role, &need.by, need.signed.len());
    say(format_args!(
        "  {role}: {valid} of {} signatures, by the keys of {by}",
        need.threshold
    ))?;
    for key in &need.signed {
        say(format_args!("    signed   {key}"))?;
    }
    for key in &need.missing {
        say(format_args!("    missing  {key}"))?;
    }
    Ok(())
}

fn print_releases(items: &[ReleaseDocument], drafts: &[DraftDocument]) -> std::io::Result<()> {
    for one in items {
        say(format_args!(
            "{:<16} {:<12} counter {:<5} {:>11} bytes  {}  {}",
            one.product,
            one.version,
            one.counter,
            one.length,
            &one.sha256[..12],
            one.hardware.join(", ")
        ))?;
    }
    for draft in drafts {
        let state = if draft.complete {
            "can be published"
        } else {
            "lacks signatures"
        };
        say(format_args!(
            "draft {}: {} ({state})",
            draft.number, draft.purpose
        ))?;
    }
    Ok(())
}

fn print_compared(what: &str, compared: &ComparedLists) -> std::io::Result<()> {
    match compared {
        ComparedLists::Not(why) => say(format_args!("{what}: {why}")),
        ComparedLists::Differences {
            same,
            added,
            removed,
            changed,
            listed,
        } => {
            say(format_args!(
                "{what}: {added} added, {removed} removed, {changed} changed, {same} the same"
            ))?;
            for one in listed {
                let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "–".to_owned());
                let (before, after) = (side(&one.before), side(&one.after));
                say(format_args!("  {}: {before} → {after}", one.name))?;
            }
            Ok(())
        }
    }
}

fn print_repository(told: &RepositoryDocument) -> std::io::Result<()> {
    for role in &told.roles {
        let expires = role.expires.as_deref();
        let expires =
            expires.map_or_else(|| "not published".to_owned(), |at| format!("until {at}"));
        say(format_args!(
            "{:<10} version {:<11} {expires}  {} of {} keys ({}){}",
            role.role,
            role.version,
            role.threshold,
            role.keys.len(),
            role.keys.join(", "),
            if role.online { ", online" } else { "" }
        ))?;
    }
    let (root, served_root) = (told.root, told.served_root);
    if root != served_root {
        say(format_args!(
            "root {root} is in force and root {served_root} is served: run repository renew"
        ))?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
