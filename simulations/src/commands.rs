//! The subcommands of `palisade-sim`, one file each.

mod all;
#[cfg(feature = "shells")]
mod bench;
#[cfg(feature = "shells")]
mod demo;
#[cfg(feature = "shells")]
mod feed;
mod list;
mod model;
mod peers;
mod request;
mod run;
mod twice;
mod yardstick;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Name every scenario and its mutations.
    List(list::List),
    /// Run one scenario from one seed.
    Run(run::Run),
    /// Run one seed in two processes and compare every event.
    Twice(twice::Twice),
    /// Run every scenario with several seeds.
    All(all::All),
    /// Explore a small world in every order of events.
    Model(model::Explore),
    /// Measure, beside a peer in the same run.
    #[cfg(feature = "shells")]
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Run another program through what ours has to live through.
    #[command(subcommand)]
    Peers(peers::Peers),
    /// Measure the detectors on public data.
    Yardstick(yardstick::Yardstick),
    /// Run many real nodes in one process against a running coordinator.
    #[cfg(feature = "shells")]
    Feed(feed::Feed),
    /// Fill a coordinator's folder with an invented week.
    #[cfg(feature = "shells")]
    Demo(demo::Demo),
    /// Run one scenario and print the hashes of its events, for `twice`.
    #[command(hide = true)]
    Trace(twice::Recording),
}

impl Command {
    /// Success means that everything passed.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run(),
            Self::Run(run) => run.run(),
            Self::Twice(twice) => twice.run(),
            Self::All(all) => all.run(),
            Self::Model(explore) => explore.run(),
            #[cfg(feature = "shells")]
            Self::Bench(bench) => bench.run(),
            Self::Peers(peers) => peers.run(),
            Self::Yardstick(yardstick) => yardstick.run(),
            #[cfg(feature = "shells")]
            Self::Feed(feed) => feed.run(),
            #[cfg(feature = "shells")]
            Self::Demo(demo) => demo.run(),
            Self::Trace(recording) => recording.run(),
        }
    }
}

/// A run that did not pass must fail whatever script started it.
fn exit_code(passed: bool) -> ExitCode {
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
