//! Prints the figures of one yardstick: `cargo run --profile quick -p yardsticks --example yardstick NAME DIR`.

use std::path::Path;

use yardsticks::Options;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, data] = arguments.as_slice() else {
        return Err("give the name of a yardstick and the folder of the data".into());
    };
    let metrics = yardsticks::run(name, Path::new(data), Options::default())?;
    println!("{}", serde_json::to_string(&metrics)?);
    Ok(())
}
