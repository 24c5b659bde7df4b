//! `feed`: real nodes with real links in one process, joined to a coordinator that runs elsewhere.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use coordinator::control::{self, Answer, Request};
use node::config::{Config, Flags};
use node::join::{Applicant, Way};
use protocol::class::DeviceClass;
use protocol::join::JoinString;
use protocol::text::Name;
use serde_json::json;

/// Nodes that are enrolled at the same time.
const AT_ONCE: usize = 8;

#[derive(Debug, Args)]
pub struct Feed {
    /// The directory of the coordinator that the nodes join.
    #[arg(long)]
    coordinator: PathBuf,
    #[arg(long, default_value_t = 500)]
    nodes: usize,
    /// How long the nodes run once all have joined.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

impl Feed {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.feed())
    }

    async fn feed(&self) -> anyhow::Result<ExitCode> {
        let home = tempfile::tempdir()?;
        let dirs: Vec<PathBuf> = (0..self.nodes)
            .map(|number| home.path().join(number.to_string()))
            .collect();
        let clock = Instant::now();
        for batch in dirs.chunks(AT_ONCE) {
            let joins = batch.iter().map(|dir| join(&self.coordinator, dir.clone()));
            futures::future::try_join_all(joins).await?;
        }
        let joined_s = clock.elapsed().as_secs_f64();
        eprintln!("{} nodes joined in {joined_s:.1} s", self.nodes);
        let flags = Flags {
            listen: vec!["127.0.0.1:0".to_owned()],
            mdns: Some("off".to_owned()),
            ..Flags::default()
        };
        let mut running = tokio::task::JoinSet::new();
        for dir in dirs {
            let (config, _) = Config::load(&dir, |_| None, &flags)?;
            running.spawn(async move { node::run::run(&dir, config).await });
        }
        tokio::select! {
            ended = running.join_next() => ended.context("there are no nodes")??.context("a node ended early")?,
            () = tokio::time::sleep(Duration::from_secs(self.seconds)) => {}
        }
        running.shutdown().await;
        println!(
            "{}",
            json!({ "nodes": self.nodes, "joined_s": joined_s, "seconds": self.seconds })
        );
        Ok(ExitCode::SUCCESS)
    }
}

async fn join(coordinator: &Path, dir: PathBuf) -> anyhow::Result<()> {
    let name = format!(
        "fed-{}",
        dir.file_name().unwrap_or_default().to_string_lossy()
    );
    let request = Request::MakeToken {
        name: name.clone(),
        class: DeviceClass::Sensor.word().to_owned(),
        cell: "main".to_owned(),
        life_s: 600,
    };
    let Answer::Join { join, .. } = control::ask(coordinator, &request).await? else {
        anyhow::bail!("the coordinator answered something else");
    };
    let applicant = Applicant {
        name: Name::new(name)?,
        class: None,
    };
    node::join::join(
        &dir,
        Way::Token(JoinString::parse(&join)?),
        applicant,
        |_| {},
    )
    .await?;
    Ok(())
}
