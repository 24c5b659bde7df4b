//! Prints one yardstick: `cargo run --profile quick -p replays --example yardstick -- scan ../shared/data/slips`.

use std::path::Path;
use std::process::ExitCode;

use replays::exfiltration::{Scene, exfiltration};
use replays::{agent, botnet, connections, fingerprint, scan, setups};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (name, folder, test) = match &arguments[..] {
        [name, folder] => (name, Path::new(folder), None),
        [name, folder, test] => (name, Path::new(folder), Some(Path::new(test))),
        _ => {
            eprintln!(
                "say scan, botnet_replay, setups, fingerprint, connections, exfiltration or agent, a folder with captures, and perhaps one to judge"
            );
            return ExitCode::from(2);
        }
    };
    let printed = match name.as_str() {
        "scan" => scan::scan(folder).map(|metrics| format!("{metrics:?}")),
        "botnet_replay" => botnet::botnet_replay(folder, &detect::rules::Parameters::default())
            .map(|metrics| format!("{metrics:?}")),
        "fingerprint" => {
            fingerprint::fingerprint(folder, test).map(|metrics| format!("{metrics:?}"))
        }
        "exfiltration" => Ok(format!("{:?}", exfiltration(&Scene::default()))),
        "agent" => Ok(format!("{:#?}", agent::agent(agent::Length::default()))),
        "setups" => setups::setups(folder).map(|metrics| format!("{metrics:#?}")),
        "connections" => connections::connections(folder).map(|metrics| format!("{metrics:?}")),
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
