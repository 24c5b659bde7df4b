//! How wide the columns of a table are: by their shares, and wide enough for their words where the page has room.

use crate::fonts::{Face, Faces, parts};
use crate::limits;
use crate::page::{CELL, INNER, PADDING};
use crate::report::Table;

/// A cell of so few letters stands on one line where the page has room.
const SHORT: usize = 12;
/// The widest word that a column is widened for; digests are wider, and are broken.
const WORD: f32 = 120.0;

/// What a column needs, room at its sides included.
#[derive(Clone, Copy, Default)]
struct Need {
    /// For its widest word.
    whole: f32,
    /// For the widest part of a word that is broken at its signs.
    parts: f32,
}

pub(crate) fn widths(table: &Table, faces: &Faces) -> Vec<f32> {
    let mut needs: Vec<Need> = table
        .columns
        .iter()
        .map(|column| need(&column.name, &faces.bold))
        .collect();
    for row in table.rows.iter().take(limits::ROWS) {
        for (known, cell) in needs.iter_mut().zip(row) {
            let more = need(cell, &faces.plain);
            known.whole = known.whole.max(more.whole);
            known.parts = known.parts.max(more.parts);
        }
    }
    let shares: Vec<f32> = table
        .columns
        .iter()
        .map(|column| f32::from(column.share.max(1)))
        .collect();
    let whole: Vec<f32> = needs.iter().map(|need| need.whole).collect();
    if whole.iter().sum::<f32>() <= INNER {
        return fitted(&shares, &whole);
    }
    let parts: Vec<f32> = needs.iter().map(|need| need.parts).collect();
    let all: f32 = parts.iter().sum();
    let squeezed = (INNER / all).min(1.0);
    fitted(
        &shares,
        &parts
            .iter()
            .map(|part| part * squeezed)
            .collect::<Vec<f32>>(),
    )
}

fn need(cell: &str, face: &Face) -> Need {
    let width = |text: &str| face.width(text, CELL.size).min(WORD) + 2.0 * PADDING + 0.1;
    let cut = cell
        .char_indices()
        .nth(limits::CELL)
        .map_or(cell, |(end, _)| &cell[..end]);
    let need = cut
        .split_whitespace()
        .fold(Need::default(), |known, word| Need {
            whole: known.whole.max(width(word)),
            parts: parts(word).map(width).fold(known.parts, f32::max),
        });
    match cut.chars().count() {
        ..=SHORT => Need {
            whole: need.whole.max(width(cut)),
            ..need
        },
        _ => need,
    }
}

/// The page divided by shares, none below its floor; the floors fit on the page together.
fn fitted(shares: &[f32], floors: &[f32]) -> Vec<f32> {
    let mut widths: Vec<Option<f32>> = vec![None; shares.len()];
    loop {
        let room = INNER - widths.iter().flatten().sum::<f32>();
        let open = shares
            .iter()
            .zip(&widths)
            .filter(|(_, width)| width.is_none());
        let all: f32 = open.map(|(share, _)| share).sum();
        let by_share = |share: f32| share / all * room;
        let mut settled = true;
        for ((width, share), floor) in widths.iter_mut().zip(shares).zip(floors) {
            if width.is_none() && by_share(*share) < *floor {
                *width = Some(*floor);
                settled = false;
            }
        }
        if settled {
            let widths = widths.into_iter().zip(shares);
            return widths
                .map(|(width, share)| width.unwrap_or_else(|| by_share(*share)))
                .collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, u16)], row: &[&str]) -> Table {
        let mut table = Table::of(columns, "");
        table
            .rows
            .push(row.iter().map(|cell| (*cell).to_owned()).collect());
        table
    }

    #[test]
    fn no_word_that_fits_on_the_page_is_broken() {
        let faces = Faces::load();
        let words = [
            "not met",
            "2026-11-29T12:00:00Z",
            "delivery.channel-removed",
            "00112233445566aa",
        ];
        let names = [
            ("Vulnerabilities", 1),
            ("Time", 1),
            ("Action", 1),
            ("Evidence", 60),
        ];
        let found = widths(&table(&names, &words), &faces);
        for ((width, word), (name, _)) in found.iter().zip(words).zip(names) {
            assert_eq!(
                faces.plain.lines(word, CELL.size, width - 2.0 * PADDING),
                [word]
            );
            assert_eq!(
                faces.bold.lines(name, CELL.size, width - 2.0 * PADDING),
                [name]
            );
        }
        assert!((found.iter().sum::<f32>() - INNER).abs() < 0.5, "{found:?}");
    }

    #[test]
    fn a_page_that_is_too_narrow_is_still_divided_whole() {
        let faces = Faces::load();
        let digest = "0".repeat(64);
        for count in [1, 3, 9, 40] {
            let columns = vec![("Name", 1); count];
            let found = widths(&table(&columns, &vec![digest.as_str(); count]), &faces);
            assert!((found.iter().sum::<f32>() - INNER).abs() < 0.5, "{found:?}");
            assert!(found.iter().all(|width| *width > 0.0), "{found:?}");
        }
    }
}
