//! A report as a tagged PDF (PDF/UA-1): drawn from what was set, with the words that a reader is read.

use krilla::color::rgb;
use krilla::configure::{Accessibility, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::{Document, SerializeSettings};
use language::present::speaking;
use language::say;
use thiserror::Error;

use crate::fonts::{Face, Faces};
use crate::page::{HEIGHT, Ink, MARGIN, Mark, Setting, WIDTH, Weight};
use crate::report::{Moment, Report};
use crate::tags::Drawn;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PdfError {
    #[error("a report does not become a PDF: {0}")]
    Krilla(String),
}

/// The same report gives the same bytes.
pub fn report(report: &Report) -> Result<Vec<u8>, PdfError> {
    speaking(report.language, || report_now(report))
}

fn report_now(report: &Report) -> Result<Vec<u8>, PdfError> {
    let faces = Faces::load();
    let setting = Setting::of(report, &faces);
    let mut document = Document::new_with(settings()?);
    let (mut drawn, pages) = (setting.outline.nothing_drawn(), setting.pages.len());
    for (index, marks) in setting.pages.iter().enumerate() {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            draw(mark, &faces, &mut surface, &mut drawn);
        }
        let below = format!(
            "{} · {} · {}",
            report.mesh,
            report.title,
            report.made.words()
        );
        let number = say!("Page {number} of {pages}", number = index + 1, pages);
        footer(&below, &number, &faces.plain, &mut surface);
        surface.finish();
        page.finish();
    }
    document.set_metadata(metadata(report));
    document.set_outline(outline(&setting.begins));
    document.set_tag_tree(setting.outline.tree(drawn, report.language));
    document
        .finish()
        .map_err(|error| PdfError::Krilla(format!("{error:?}")))
}

fn settings() -> Result<SerializeSettings, PdfError> {
    let configuration: Configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PdfError::Krilla(format!("{error:?}")))?;
    Ok(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    })
}

/// The list of sections that readers show beside the pages.
fn outline(begins: &[(String, usize, f32)]) -> Outline {
    let mut outline = Outline::new();
    for (title, page, y) in begins {
        let place = XyzDestination::new(*page, Point::from_xy(MARGIN, *y));
        outline.push_child(OutlineNode::new(title.clone(), place));
    }
    outline
}

fn metadata(report: &Report) -> Metadata {
    Metadata::new()
        .title(format!("{} · {}", report.title, report.mesh))
        .language(report.language.tag().to_owned())
        .creator("Palisade".to_owned())
        .creation_date(date(&report.made))
}

fn date(made: &Moment) -> DateTime {
    DateTime::new(made.year)
        .month(made.month)
        .day(made.day)
        .hour(made.hour)
        .minute(made.minute)
        .second(made.second)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn draw(mark: &Mark, faces: &Faces, surface: &mut Surface<'_>, drawn: &mut Drawn) {
    match mark {
        Mark::Words {
            x,
            y,
            size,
            weight,
            ink,
            text,
            leaf,
        } => {
            let face = match weight {
                Weight::Plain => &faces.plain,
                Weight::Bold => &faces.bold,
            };
            let tag = match leaf {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
            };
            let what = surface.start_tagged(tag);
            words(text, face, *size, Point::from_xy(*x, *y), *ink, surface);
            surface.end_tagged();
            if let Some(leaf) = leaf {
                leaf.took(what, drawn);
            }
        }
        Mark::Bar {
            x,
            y,
            width,
            height,
            leaf,
        } => {
            let what = surface.start_tagged(ContentTag::Other);
            filled(*x, *y, *width, *height, Ink::Accent, surface);
            surface.end_tagged();
            leaf.took(what, drawn);
        }
        Mark::Box {
            x,
            y,
            width,
            height,
            ink,
        } => {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
                ArtifactType::Layout,
            )));
            filled(*x, *y, *width, *height, *ink, surface);
            surface.end_tagged();
        }
    }
}

fn footer(below: &str, number: &str, face: &Face, surface: &mut Surface<'_>) {
    let (size, y) = (7.5, HEIGHT - 34.0);
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
        ArtifactType::Footer,
    )));
    filled(
        MARGIN,
        y - 12.0,
        WIDTH - 2.0 * MARGIN,
        0.4,
        Ink::Line,
        surface,
    );
    let room = WIDTH - 2.0 * MARGIN - 80.0;
    let first = face.lines(below, size, room).remove(0);
    words(
        &first,
        face,
        size,
        Point::from_xy(MARGIN, y),
        Ink::Grey,
        surface,
    );
    let x = WIDTH - MARGIN - face.width(number, size);
    words(number, face, size, Point::from_xy(x, y), Ink::Grey, surface);
    surface.end_tagged();
}

fn words(text: &str, face: &Face, size: f32, at: Point, ink: Ink, surface: &mut Surface<'_>) {
    let run = face.run(text);
    surface.set_fill(Some(fill(ink)));
    surface.draw_glyphs(at, &run.glyphs, face.font.clone(), &run.text, size, false);
}

fn filled(x: f32, y: f32, width: f32, height: f32, ink: Ink, surface: &mut Surface<'_>) {
    let mut path = PathBuilder::new();
    let Some(rect) = Rect::from_xywh(x, y, width, height) else {
        return;
    };
    path.push_rect(rect);
    surface.set_fill(Some(fill(ink)));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Black => rgb::Color::new(24, 28, 32),
        Ink::Grey => rgb::Color::new(94, 102, 110),
        Ink::Accent => rgb::Color::new(22, 94, 131),
        Ink::Line => rgb::Color::new(214, 219, 224),
        Ink::Band => rgb::Color::new(235, 239, 243),
    };
    Fill {
        paint: color.into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

#[cfg(test)]
mod tests {
    use language::Language;

    use super::*;
    use crate::report::{Bars, Block, Section, Table};

    fn long(rows: usize) -> Report {
        let mut table = Table::of(&[("Name", 3), ("State", 1), ("Said", 4)], "None.");
        table.rows = (0..rows)
            .map(|row| {
                let hostile = "<script>\u{202e} 日本 \u{0} ÄÖÜ ✓ ".repeat(row % 5);
                vec![format!("device {row}"), "online".to_owned(), hostile]
            })
            .collect();
        let bars = Bars {
            title: "Devices by state".to_owned(),
            bars: vec![("online".to_owned(), 7), ("silent".to_owned(), 0)],
        };
        let empty = Table::of(&[("Name", 1)], "No device is lost.");
        let facts = vec![("Devices".to_owned(), rows.to_string())];
        Report {
            title: "Fleet".to_owned(),
            mesh: "mesh 9f".to_owned(),
            language: Language::English,
            made: Moment {
                year: 2026,
                month: 11,
                day: 27,
                ..Moment::default()
            },
            sections: vec![
                Section {
                    title: "Sum".to_owned(),
                    blocks: vec![Block::Facts(facts), Block::Bars(bars), Block::Table(empty)],
                },
                Section {
                    title: "Devices".to_owned(),
                    blocks: vec![Block::Text("All of them.".to_owned()), Block::Table(table)],
                },
            ],
        }
    }

    #[test]
    fn a_report_is_an_accessible_pdf_of_as_many_pages_as_it_needs() {
        for rows in [0, 1, 40, 300] {
            let bytes = report(&long(rows)).expect("it becomes a PDF");
            assert!(bytes.starts_with(b"%PDF-1.7"), "{rows}");
            assert!(bytes.trim_ascii_end().ends_with(b"%%EOF"), "{rows}");
        }
        let faces = Faces::load();
        assert!(Setting::of(&long(300), &faces).pages.len() > 5);
    }

    #[test]
    fn a_report_says_its_language_and_its_own_words_in_it() {
        let french = Report {
            language: Language::French,
            ..long(3)
        };
        let bytes = report(&french).expect("it becomes a PDF");
        let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|at| at == part);
        assert!(holds(&bytes, b"/Lang (fr)") || holds(&bytes, b"/Lang(fr)"));
        assert!(!holds(&bytes, b"/Lang (en)") && !holds(&bytes, b"/Lang(en)"));
        let faces = Faces::load();
        let words = speaking(Language::French, || Setting::of(&french, &faces));
        let texts = words.pages.iter().flatten().filter_map(|mark| match mark {
            Mark::Words { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let texts: Vec<&str> = texts.collect();
        assert!(
            texts.contains(&"Quoi") && texts.contains(&"Valeur"),
            "{texts:?}"
        );
    }

    /// The narrow space before French signs has a glyph of its own, or each would be a box.
    #[test]
    fn the_faces_hold_what_french_writes() {
        let faces = Faces::load();
        let french = "ÀÂÇÉÈÊËÎÏÔŒÙÛÜàâçéèêëîïôœùûü’«\u{202f}»\u{202f}:…–";
        for face in [&faces.plain, &faces.bold] {
            assert_eq!(face.run(french).text, french);
        }
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        assert_eq!(report(&long(30)), report(&long(30)));
    }

    /// Whoever holds the third page alone still reads what its columns are; who listens hears the head once.
    #[test]
    fn a_table_has_its_head_on_every_page() {
        let faces = Faces::load();
        let setting = Setting::of(&long(200), &faces);
        assert!(setting.pages.len() > 3);
        let mut read = 0;
        for (index, page) in setting.pages.iter().enumerate() {
            let heads = page.iter().filter_map(|mark| match mark {
                Mark::Words { y, text, leaf, .. } if text == "Said" => Some((y, leaf)),
                _ => None,
            });
            let heads: Vec<_> = heads.collect();
            let [(y, leaf)] = heads.as_slice() else {
                panic!("page {index}: {heads:?}");
            };
            assert!(index == 0 || **y < MARGIN + 20.0, "page {index}");
            read += usize::from(leaf.is_some());
        }
        assert_eq!(read, 1);
    }

    #[test]
    fn nothing_stands_outside_the_page() {
        let faces = Faces::load();
        let setting = Setting::of(&long(200), &faces);
        for mark in setting.pages.iter().flatten() {
            let (Mark::Words { x, y, .. } | Mark::Bar { x, y, .. } | Mark::Box { x, y, .. }) = mark;
            assert!((MARGIN..=WIDTH - MARGIN).contains(x), "{mark:?}");
            assert!((0.0..=HEIGHT - 50.0).contains(y), "{mark:?}");
        }
    }
}
