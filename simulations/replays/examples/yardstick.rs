//! Prints one yardstick: `cargo run --profile quick -p replays --example yardstick -- scan ../shared/data/slips`.

use std::path::Path;
use std::process::ExitCode;

use replays::{botnet, scan};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [name, folder] = &arguments[..] else {
        eprintln!("say scan or botnet_replay, and a folder with captures");
        return ExitCode::from(2);
    };
    let folder = Path::new(folder);
    let printed = match name.as_str() {
        "scan" => scan::scan(folder).map(|metrics| format!("{metrics:?}")),
        "botnet_replay" => botnet::botnet_replay(folder).map(|metrics| format!("{metrics:?}")),
        _ => return ExitCode::from(2),
    };
    match printed {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
