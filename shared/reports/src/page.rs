//! Setting a report: what stands where on which page. Nothing is drawn here.

use language::{count, say};

use crate::columns::widths;
use crate::fonts::Faces;
use crate::limits;
use crate::report::{Bars, Block, Report, Table};
use crate::tags::{Leaf, Outline};

/// A4, in points.
pub(crate) const WIDTH: f32 = 595.0;
pub(crate) const HEIGHT: f32 = 842.0;
pub(crate) const MARGIN: f32 = 46.0;
/// Where text ends above the footer.
const BOTTOM: f32 = HEIGHT - 62.0;
pub(crate) const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// Between the lines of a text, in parts of its size.
const LEADING: f32 = 1.35;
pub(crate) const PADDING: f32 = 4.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Black,
    Grey,
    Accent,
    Line,
    Band,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Plain,
    Bold,
}

/// One thing on a page.
#[derive(Debug)]
pub(crate) enum Mark {
    /// Its baseline begins at `x`, `y`.
    Words {
        x: f32,
        y: f32,
        size: f32,
        weight: Weight,
        ink: Ink,
        text: String,
        /// None where it repeats what was said: it is seen, and not read out again.
        leaf: Option<Leaf>,
    },
    /// Of a chart; what it says is said by its leaf.
    Bar {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        leaf: Leaf,
    },
    /// Lines and bands that say nothing.
    Box {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Ink,
    },
}

/// Pages that are filled from the top.
pub(crate) struct Setting<'f> {
    faces: &'f Faces,
    pub(crate) pages: Vec<Vec<Mark>>,
    pub(crate) outline: Outline,
    /// Where each section begins: its title, the page and the height there.
    pub(crate) begins: Vec<(String, usize, f32)>,
    y: f32,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    weight: Weight,
    ink: Ink,
}

const TITLE: Style = Style {
    size: 20.0,
    weight: Weight::Bold,
    ink: Ink::Black,
};
const HEADING: Style = Style {
    size: 13.0,
    weight: Weight::Bold,
    ink: Ink::Accent,
};
const BODY: Style = Style {
    size: 9.5,
    weight: Weight::Plain,
    ink: Ink::Black,
};
const QUIET: Style = Style {
    ink: Ink::Grey,
    ..BODY
};
pub(crate) const CELL: Style = Style {
    size: 8.0,
    weight: Weight::Plain,
    ink: Ink::Black,
};
const HEAD: Style = Style {
    weight: Weight::Bold,
    ..CELL
};

impl<'f> Setting<'f> {
    pub(crate) fn of(report: &Report, faces: &'f Faces) -> Self {
        let mut setting = Self {
            faces,
            pages: vec![Vec::new()],
            outline: Outline::default(),
            begins: vec![(report.title.clone(), 0, MARGIN)],
            y: MARGIN,
        };
        let leaf = setting.outline.heading(1, &report.title);
        setting.text(&report.title, TITLE, leaf);
        let leaf = setting.outline.paragraph();
        let made = format!("{} · {}", report.mesh, report.made.words());
        setting.text(&made, QUIET, leaf);
        for section in &report.sections {
            // A heading stays with what follows it.
            setting.room(90.0);
            setting.y += 12.0;
            let (page, y) = (setting.pages.len() - 1, setting.y);
            setting.begins.push((section.title.clone(), page, y));
            let leaf = setting.outline.heading(2, &section.title);
            setting.text(&section.title, HEADING, leaf);
            setting.y += 2.0;
            section.blocks.iter().for_each(|block| setting.block(block));
        }
        setting
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(words) => {
                let leaf = self.outline.paragraph();
                self.text(words, BODY, leaf);
            }
            Block::Facts(facts) => {
                let mut table = Table::of(
                    &[(say!("What"), 1), (say!("Stands at"), 2)],
                    say!("Nothing is known."),
                );
                table.rows = facts
                    .iter()
                    .map(|(name, value)| vec![name.clone(), value.clone()])
                    .collect();
                self.table(&table);
            }
            Block::Table(table) => self.table(table),
            Block::Bars(bars) => self.bars(bars),
        }
        self.y += 6.0;
    }

    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }

    fn put(&mut self, mark: Mark) {
        let page = self
            .pages
            .last_mut()
            .expect("there is a page from the beginning");
        page.push(mark);
    }

    fn text(&mut self, words: &str, style: Style, leaf: Leaf) {
        let face = match style.weight {
            Weight::Plain => &self.faces.plain,
            Weight::Bold => &self.faces.bold,
        };
        for line in face.lines(words, style.size, INNER) {
            self.room(style.size * LEADING);
            self.y += style.size * LEADING;
            self.words(MARGIN, self.y - style.size * 0.3, style, line, Some(leaf));
        }
    }

    fn words(&mut self, x: f32, y: f32, style: Style, text: String, leaf: Option<Leaf>) {
        if text.is_empty() {
            return;
        }
        self.put(Mark::Words {
            x,
            y,
            size: style.size,
            weight: style.weight,
            ink: style.ink,
            text,
            leaf,
        });
    }

    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() {
            let leaf = self.outline.paragraph();
            return self.text(&table.empty, QUIET, leaf);
        }
        let rows = &table.rows[..table.rows.len().min(limits::ROWS)];
        let widths = widths(table, self.faces);
        let (head, leaves) = self.outline.table(table.columns.len(), rows.len());
        self.room(60.0);
        self.head(table, &widths, &said(&head));
        for (row, leaves) in rows.iter().zip(&leaves) {
            let lines = self.cells(row, &widths);
            let height = height(&lines);
            if self.y + height > BOTTOM {
                self.turn();
                self.head(table, &widths, &vec![None; widths.len()]);
            }
            self.row(lines, &widths, CELL, &said(leaves));
            self.rule(Ink::Line);
        }
        if rows.len() < table.rows.len() {
            let left = table.rows.len() - rows.len();
            let leaf = self.outline.paragraph();
            let words = count!(
                left,
                "{n} more row is left out here; the CSV of this report holds it.",
                "{n} more rows are left out here; the CSV of this report holds them."
            );
            self.text(&words, QUIET, leaf);
        }
    }

    fn head(&mut self, table: &Table, widths: &[f32], leaves: &[Option<Leaf>]) {
        let names = table.columns.iter().zip(widths);
        let lines: Vec<Vec<String>> = names
            .map(|(column, width)| {
                let room = width - 2.0 * PADDING;
                self.faces.bold.lines(&column.name, HEAD.size, room)
            })
            .collect();
        let height = height(&lines);
        self.put(Mark::Box {
            x: MARGIN,
            y: self.y,
            width: INNER,
            height,
            ink: Ink::Band,
        });
        self.row(lines, widths, HEAD, leaves);
    }

    fn cells(&self, row: &[String], widths: &[f32]) -> Vec<Vec<String>> {
        let cells = row.iter().zip(widths).map(|(cell, width)| {
            let cut: String = cell.chars().take(limits::CELL).collect();
            let mut lines = self
                .faces
                .plain
                .lines(&cut, CELL.size, width - 2.0 * PADDING);
            if lines.len() > limits::CELL_LINES || cut.len() < cell.len() {
                lines.truncate(limits::CELL_LINES);
                lines.push("…".to_owned());
            }
            lines
        });
        cells.collect()
    }

    fn row(
        &mut self,
        cells: Vec<Vec<String>>,
        widths: &[f32],
        style: Style,
        leaves: &[Option<Leaf>],
    ) {
        let height = height(&cells);
        let mut x = MARGIN;
        for ((lines, width), leaf) in cells.into_iter().zip(widths).zip(leaves) {
            let mut y = self.y + PADDING * 0.5;
            for line in lines {
                y += style.size * LEADING;
                self.words(x + PADDING, y - style.size * 0.3, style, line, *leaf);
            }
            x += width;
        }
        self.y += height;
    }

    fn rule(&mut self, ink: Ink) {
        self.put(Mark::Box {
            x: MARGIN,
            y: self.y,
            width: INNER,
            height: 0.4,
            ink,
        });
    }

    fn bars(&mut self, bars: &Bars) {
        let shown = &bars.bars[..bars.bars.len().min(limits::BARS)];
        let (label, step) = (150.0, 16.0);
        self.room(HEAD.size * 2.0 + step * shown.len() as f32);
        let leaf = self.outline.figure(bars.words());
        self.y += 4.0 + HEAD.size * LEADING;
        self.words(MARGIN, self.y - 3.0, HEAD, bars.title.clone(), Some(leaf));
        let most = shown
            .iter()
            .map(|(_, value)| *value)
            .max()
            .unwrap_or(0)
            .max(1);
        for (name, value) in shown {
            let length = (INNER - label - 60.0) * (*value as f32 / most as f32);
            let baseline = self.y + step - 5.0;
            let name = self
                .faces
                .plain
                .lines(name, CELL.size, label - 8.0)
                .remove(0);
            self.words(MARGIN, baseline, CELL, name, Some(leaf));
            self.put(Mark::Bar {
                x: MARGIN + label,
                y: self.y + 3.0,
                width: length.max(0.8),
                height: step - 6.0,
                leaf,
            });
            let x = MARGIN + label + length + 5.0;
            self.words(x, baseline, HEAD, value.to_string(), Some(leaf));
            self.y += step;
        }
        self.y += 4.0;
    }
}

fn said(leaves: &[Leaf]) -> Vec<Option<Leaf>> {
    leaves.iter().copied().map(Some).collect()
}

fn height(cells: &[Vec<String>]) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
    lines as f32 * CELL.size * LEADING + PADDING
}
