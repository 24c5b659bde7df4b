//! A QR code as inline SVG: one path, no styles, dark on light in every theme because scanners need it so.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

const QUIET_ZONE: usize = 4;

/// Nothing when the text is too long for a code; the text itself always stands beside it.
pub fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return html! {};
    };
    let side = code.width() + 2 * QUIET_ZONE;
    html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(dark_runs(&code)) {}
        }
    }
}

fn dark_runs(code: &QrCode) -> String {
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..]
                .iter()
                .take_while(|color| **color == Color::Dark)
                .count();
            if run > 0 {
                let (left, top) = (x + QUIET_ZONE, y + QUIET_ZONE);
                write!(path, "M{left} {top}h{run}v1h-{run}z")
                    .expect("writing to a String cannot fail");
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let code = QrCode::with_error_correction_level("plsd1_x", EcLevel::M).expect("it is short");
        let dark = code
            .to_colors()
            .iter()
            .filter(|color| **color == Color::Dark)
            .count();
        let drawn: usize = dark_runs(&code)
            .split('h')
            .filter_map(|part| {
                part.strip_suffix('z')
                    .is_none()
                    .then(|| part.split('v').next())
                    .flatten()
            })
            .filter_map(|run| run.parse::<usize>().ok())
            .sum();
        assert_eq!(drawn, dark);
    }

    #[test]
    fn a_text_too_long_for_a_code_draws_nothing() {
        assert_eq!(qr(&"x".repeat(5_000), "join").into_string(), "");
    }
}
