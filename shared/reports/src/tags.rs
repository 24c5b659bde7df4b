//! What a reader who does not see the pages is read: headings, paragraphs, tables and what charts say.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, Node, TableHeaderScope, Tag, TagGroup, TagTree};
use language::Language;

/// A place in the structure that what is drawn belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leaf(usize);

/// The structure, in the order in which it is read.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    parts: Vec<Part>,
    leaves: usize,
}

#[derive(Debug)]
enum Part {
    Heading(u16, String, Leaf),
    Paragraph(Leaf),
    Figure(String, Leaf),
    Table {
        head: Vec<Leaf>,
        rows: Vec<Vec<Leaf>>,
    },
}

/// What was drawn for each leaf.
pub(crate) type Drawn = Vec<Vec<Identifier>>;

impl Outline {
    fn leaf(&mut self) -> Leaf {
        self.leaves += 1;
        Leaf(self.leaves - 1)
    }

    pub(crate) fn heading(&mut self, level: u16, title: &str) -> Leaf {
        let leaf = self.leaf();
        self.parts
            .push(Part::Heading(level, title.to_owned(), leaf));
        leaf
    }

    pub(crate) fn paragraph(&mut self) -> Leaf {
        let leaf = self.leaf();
        self.parts.push(Part::Paragraph(leaf));
        leaf
    }

    pub(crate) fn figure(&mut self, says: String) -> Leaf {
        let leaf = self.leaf();
        self.parts.push(Part::Figure(says, leaf));
        leaf
    }

    /// A table whose first row is its head.
    pub(crate) fn table(&mut self, columns: usize, rows: usize) -> (Vec<Leaf>, Vec<Vec<Leaf>>) {
        let head: Vec<Leaf> = (0..columns).map(|_| self.leaf()).collect();
        let rows: Vec<Vec<Leaf>> = (0..rows)
            .map(|_| (0..columns).map(|_| self.leaf()).collect())
            .collect();
        self.parts.push(Part::Table {
            head: head.clone(),
            rows: rows.clone(),
        });
        (head, rows)
    }

    pub(crate) fn nothing_drawn(&self) -> Drawn {
        vec![Vec::new(); self.leaves]
    }

    /// The tree, with what was drawn at its leaves.
    pub(crate) fn tree(self, mut drawn: Drawn, language: Language) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.tag().to_owned()));
        for part in self.parts {
            tree.push(part.group(&mut drawn));
        }
        tree
    }
}

impl Leaf {
    pub(crate) fn took(self, what: Identifier, drawn: &mut Drawn) {
        drawn[self.0].push(what);
    }

    fn filled(self, mut group: TagGroup, drawn: &mut Drawn) -> TagGroup {
        for what in drawn[self.0].drain(..) {
            group.push(what);
        }
        group
    }
}

impl Part {
    fn group(self, drawn: &mut Drawn) -> Node {
        let group = match self {
            Self::Heading(level, title, leaf) => {
                let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
                leaf.filled(TagGroup::new(Tag::Hn(level, Some(title))), drawn)
            }
            Self::Paragraph(leaf) => leaf.filled(TagGroup::new(Tag::P), drawn),
            Self::Figure(says, leaf) => leaf.filled(TagGroup::new(Tag::Figure(Some(says))), drawn),
            Self::Table { head, rows } => {
                let mut table = TagGroup::new(Tag::Table);
                let mut top = TagGroup::new(Tag::TR);
                for leaf in head {
                    let cell = TagGroup::new(Tag::TH(TableHeaderScope::Column));
                    top.push(leaf.filled(cell, drawn));
                }
                table.push(TagGroup::with_children(Tag::THead, vec![top.into()]));
                let mut body = TagGroup::new(Tag::TBody);
                for row in rows {
                    let mut line = TagGroup::new(Tag::TR);
                    for leaf in row {
                        line.push(leaf.filled(TagGroup::new(Tag::TD), drawn));
                    }
                    body.push(line);
                }
                table.push(body);
                table
            }
        };
        group.into()
    }
}
