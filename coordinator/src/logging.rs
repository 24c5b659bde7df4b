//! Logs: for people on a terminal, for journald where it listens, as JSON elsewhere.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// What is logged without `PALISADE_LOG`. What rustls warns of is what a stranger has sent, such as a name that is none:
/// whoever can reach a port could fill the disk with it.
const DEFAULT: &str = "info,libp2p_swarm=warn,rustls=error";

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

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Story: each connection with a wrong server name left a warning, at the pace of whoever sent them.
    #[test]
    fn what_strangers_send_in_a_handshake_leaves_no_line() {
        let written = Written::default();
        let sink = written.clone();
        let layer = fmt::layer().with_writer(move || sink.clone());
        let logged =
            tracing_subscriber::registry().with(layer.with_filter(EnvFilter::new(DEFAULT)));
        tracing::subscriber::with_default(logged, || {
            tracing::warn!(target: "rustls::msgs::handshake", "Illegal SNI hostname received");
            tracing::warn!(target: "coordinator::tls", "ours");
        });
        let all = written.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&all);
        assert!(text.contains("ours") && !text.contains("SNI"), "{text}");
    }
}
