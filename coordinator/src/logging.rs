//! Logs: for people on a terminal, for journald where it listens, as JSON elsewhere.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// What is logged without `PALISADE_LOG`.
const DEFAULT: &str = "info,libp2p_swarm=warn";

pub fn start() -> anyhow::Result<()> {
    let filter = match std::env::var("PALISADE_LOG") {
        Ok(text) => {
            EnvFilter::try_new(text).context("PALISADE_LOG: write info, debug or target=level")?
        }
        Err(_) => EnvFilter::new(DEFAULT),
    };
    tracing_subscriber::registry()
        .with(sink()?.with_filter(filter))
        .init();
    Ok(())
}

fn sink() -> anyhow::Result<Box<dyn Layer<Registry> + Send + Sync>> {
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        return Ok(tracing_journald::layer()
            .context("journald does not answer")?
            .boxed());
    }
    if std::io::stderr().is_terminal() {
        return Ok(fmt::layer()
            .with_writer(std::io::stderr)
            .with_target(false)
            .boxed());
    }
    Ok(fmt::layer().json().with_writer(std::io::stderr).boxed())
}
