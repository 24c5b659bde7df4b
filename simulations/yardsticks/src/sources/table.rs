//! Tables of text: a head that names the columns, and rows of fields.

use std::path::Path;

use super::{SourceError, read};

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A file whose first line names the columns; a byte order mark before it is passed over.
    pub(crate) fn load(path: &Path, separator: u8) -> Result<Self, SourceError> {
        let mut rows = lines(path, separator)?;
        if rows.is_empty() {
            return Err(SourceError::malformed(
                path,
                "no first line that names the columns",
            ));
        }
        let columns = rows.remove(0);
        if let Some(short) = rows.iter().position(|row| row.len() != columns.len()) {
            return Err(SourceError::malformed(
                path,
                format!("line {} has another number of fields", short + 2),
            ));
        }
        Ok(Self { columns, rows })
    }

    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// Rows of a file without such a line.
pub(crate) fn lines(path: &Path, separator: u8) -> Result<Vec<Vec<String>>, SourceError> {
    let bytes = read(path)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|why| SourceError::malformed(path, why))?;
        rows.push(
            record
                .iter()
                .map(|field| String::from_utf8_lossy(field).trim().to_owned())
                .collect(),
        );
    }
    Ok(rows)
}
