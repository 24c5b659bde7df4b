//! `token`: join strings for devices, and tokens for programs.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Makes a join string for one device.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "other")]
        class: String,
        #[arg(long, default_value = "main")]
        cell: String,
        /// How long it can be used: 90s, 10m, 1h at most.
        #[arg(long, default_value = "1h", value_parser = parse_life)]
        ttl: u64,
    },
    /// Makes a token for a program that uses the API.
    Api {
        #[arg(long, default_value = "command line")]
        name: String,
    },
}

/// `90s`, `10m`, `1h`, or plain seconds.
fn parse_life(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        _ => (text, 1),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write 90s, 10m or 1h".to_owned())?;
    number
        .checked_mul(unit)
        .filter(|life| (1..=3600).contains(life))
        .ok_or("choose 1s to 1h".to_owned())
}
