//! What a report is made of.

use language::Language;

/// One report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub title: String,
    /// Whose it is.
    pub mesh: String,
    /// In which its texts are; the words around them follow.
    pub language: Language,
    pub made: Moment,
    pub sections: Vec<Section>,
}

/// A moment in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    pub year: u16,
    /// From one.
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    pub title: String,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Names and what they stand at.
    Facts(Vec<(String, String)>),
    Table(Table),
    Bars(Bars),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    /// A cell for each column.
    pub rows: Vec<Vec<String>>,
    /// What is said where there are no rows.
    pub empty: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// How much of the width is its own, beside the others' shares.
    pub share: u16,
}

/// Figures beside each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bars {
    pub title: String,
    pub bars: Vec<(String, u64)>,
}

impl Moment {
    /// As it stands below each page.
    pub fn words(&self) -> String {
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }
}

impl Table {
    pub fn of(columns: &[(&str, u16)], empty: &str) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|(name, share)| Column {
                    name: (*name).to_owned(),
                    share: *share,
                })
                .collect(),
            rows: Vec::new(),
            empty: empty.to_owned(),
        }
    }
}

impl Bars {
    /// What a reader who does not see the chart is told.
    pub fn words(&self) -> String {
        let bars = self.bars.iter();
        let bars: Vec<String> = bars
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        format!("{}: {}", self.title, bars.join(", "))
    }
}
