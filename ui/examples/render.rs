//! Writes every sample page, in both themes and in each language, and its assets into a folder: `cargo run -p ui --features samples --example render -- DIR`.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::{env, fs, io};

use language::Language;
use language::present::speaking;
use ui::layout::Theme;
use ui::{assets, samples};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(
        env::args_os()
            .nth(1)
            .unwrap_or_else(|| "target/pages".into()),
    );
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::all() {
        fs::write(folder.join("assets").join(&asset.file), asset.bytes)?;
    }
    for language in Language::ALL {
        for theme in [Theme::Light, Theme::Dark] {
            for (name, page) in speaking(language, || samples::pages(theme)) {
                // Relative, so that the pages also open from the disk.
                let page = page.into_string().replace("\"/assets/", "\"assets/");
                let file = format!("{name}-{}-{}.html", language.tag(), theme.slug());
                fs::write(folder.join(file), page)?;
            }
        }
    }
    Ok(())
}
