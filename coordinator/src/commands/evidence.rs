//! `evidence`: what has convicted whom, to take away, and to check on a machine without network.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use data_encoding::BASE64;
use protocol::id::MeshId;
use serde_json::json;
use ui::links::encode;
use ui::parts::time::format;

use super::answer::as_document;
use super::{look, say};
use crate::control::{self, Answer, Request};
use crate::evidence::{self, Finding, Kept};

#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    /// Lists the proofs that the coordinator keeps.
    List,
    /// Shows one proof: whom it convicts, and of what.
    Show { id: String },
    /// Writes one proof into a file that verifies on its own.
    Export {
        /// The proof's name or the beginning of it, or the id of the device that it convicts.
        id: String,
        /// Where to write it.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Checks a file, without network and without a mesh, and says what it proves.
    Verify {
        file: PathBuf,
        /// The mesh that it must be about, as `init` printed it.
        #[arg(long)]
        mesh: Option<MeshId>,
    },
}

pub(super) async fn run(dir: &Path, json: bool, command: &Evidence) -> anyhow::Result<()> {
    match command {
        Evidence::Show { id } => look::at(dir, json, &format!("evidence/{}", encode(id))).await,
        Evidence::List => list(control::ask(dir, &Request::Evidence).await?, json),
        Evidence::Export { id, out } => {
            let request = Request::ExportEvidence { id: id.clone() };
            export(control::ask(dir, &request).await?, out.as_deref(), json)
        }
        Evidence::Verify { file, mesh } => verify(file, mesh.as_ref(), json),
    }
}

fn list(answer: Answer, json: bool) -> anyhow::Result<()> {
    if json {
        return Ok(say(format_args!("{}", as_document(&answer)))?);
    }
    let Answer::Evidence { items } = answer else {
        anyhow::bail!("the coordinator answered something else");
    };
    for Kept {
        finding,
        at_ms,
        brought_by,
    } in items
    {
        say(format_args!(
            "{}  {}  brought by {:<14} {}",
            &finding.id[..12],
            format(at_ms, "%Y-%m-%d %H:%M:%S UTC"),
            brought_by.as_deref().unwrap_or("coordinator"),
            finding.says
        ))?;
    }
    Ok(())
}

fn export(answer: Answer, out: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let Answer::Dossier { name, bytes } = answer else {
        anyhow::bail!("the coordinator answered something else");
    };
    let bytes = BASE64
        .decode(bytes.as_bytes())
        .context("the coordinator's answer cannot be read")?;
    let path = out.map_or_else(|| PathBuf::from(&name), Path::to_owned);
    std::fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    if json {
        let document = json!({ "file": path, "bytes": bytes.len() });
        return Ok(say(format_args!("{document}"))?);
    }
    Ok(say(format_args!("{}", path.display()))?)
}

fn verify(path: &Path, mesh: Option<&MeshId>, json: bool) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(evidence::FILE_BYTES).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    match evidence::verify(&bytes, mesh) {
        Ok((found, finding)) if json => {
            let document = json!({
                "verifies": true,
                "mesh": found.to_string(),
                "pinned": mesh.is_some(),
                "proof": finding,
            });
            Ok(say(format_args!("{document}"))?)
        }
        Ok((found, finding)) => Ok(tell(&found, mesh.is_some(), &finding)?),
        Err(refused) => {
            if json {
                let reason = refused.to_string();
                let document = json!({ "verifies": false, "reason": reason });
                say(format_args!("{document}"))?;
            }
            anyhow::bail!("{} proves nothing: {refused}", path.display())
        }
    }
}

fn tell(mesh: &MeshId, pinned: bool, finding: &Finding) -> std::io::Result<()> {
    say(format_args!("It verifies: {}.", finding.says))?;
    for (which, part) in ["first", "second"].iter().zip(&finding.signed) {
        say(format_args!(
            "  the {which} carries the time {} and has the digest {}",
            format(part.time_ms, "%Y-%m-%d %H:%M:%S UTC"),
            part.digest
        ))?;
    }
    say(format_args!("What it means: {}.", finding.remedy))?;
    let asked = if pinned {
        "which is the one that was asked for"
    } else {
        "compare that with what `init` printed, or name it with --mesh"
    };
    say(format_args!("Mesh: {mesh}, {asked}."))
}
