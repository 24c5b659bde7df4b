//! A table of numbers, row after row, as the models read it.

use thiserror::Error;

use crate::limits::{FEATURES, ROWS};

/// Borrowed rows of equal width, row-major.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    values: &'a [f32],
    width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RowsError {
    #[error("a row has {0} features: give between 1 and {FEATURES}")]
    Width(usize),
    #[error("{values} values do not make rows of {width}: the last row is cut short")]
    Ragged { values: usize, width: usize },
    #[error("{0} rows are more than {ROWS}: give a sample of them")]
    TooMany(usize),
}

impl<'a> Rows<'a> {
    pub fn new(values: &'a [f32], width: usize) -> Result<Self, RowsError> {
        if !(1..=FEATURES).contains(&width) {
            return Err(RowsError::Width(width));
        }
        if !values.len().is_multiple_of(width) {
            return Err(RowsError::Ragged {
                values: values.len(),
                width,
            });
        }
        let count = values.len() / width;
        if count > ROWS {
            return Err(RowsError::TooMany(count));
        }
        Ok(Self { values, width })
    }

    pub const fn width(&self) -> usize {
        self.width
    }

    pub const fn count(&self) -> usize {
        self.values.len() / self.width
    }

    pub fn row(&self, index: usize) -> &'a [f32] {
        &self.values[index * self.width..(index + 1) * self.width]
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f32]> + use<'a> {
        self.values.chunks_exact(self.width)
    }

    pub(crate) fn value(&self, row: u32, feature: usize) -> f32 {
        self.values[row as usize * self.width + feature]
    }

    /// One feature of all rows.
    pub fn column(&self, feature: usize) -> impl Iterator<Item = f32> + use<'a> {
        self.iter().map(move |row| row[feature])
    }
}
