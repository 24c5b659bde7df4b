//! Numpy archives with the arrays `X` and `y` (NEP 1, format versions 1 to 3), for the tabular sets.

use std::io::{Cursor, Read as _};
use std::path::Path;

use super::{SourceError, files, read, stem};

/// Bytes of one array.
const ARRAY_BYTES: u64 = 512 * 1024 * 1024;

/// Rows and which of them are anomalies.
#[derive(Debug)]
pub(crate) struct Labelled {
    pub(crate) name: String,
    pub(crate) width: usize,
    pub(crate) values: Vec<f32>,
    pub(crate) anomalous: Vec<bool>,
}

impl Labelled {
    pub(crate) fn rows(&self) -> detect::rows::Rows<'_> {
        detect::rows::Rows::new(&self.values, self.width).expect("the reader gives whole rows")
    }

    pub(crate) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..(index + 1) * self.width]
    }

    /// Some of the rows, in the order given.
    pub(crate) fn picked(&self, indices: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            width: self.width,
            values: indices
                .iter()
                .flat_map(|index| self.row(*index))
                .copied()
                .collect(),
            anomalous: indices.iter().map(|index| self.anomalous[*index]).collect(),
        }
    }
}

/// Every set below `adbench/`, in the order of the file names.
pub(crate) fn adbench(data: &Path) -> Result<Vec<Labelled>, SourceError> {
    files(&data.join("adbench"), "npz")?
        .iter()
        .map(|path| load(path))
        .collect()
}

/// Those of the sets whose names are given.
pub(crate) fn named(data: &Path, names: &[&str]) -> Result<Vec<Labelled>, SourceError> {
    names
        .iter()
        .map(|name| load(&data.join("adbench").join(format!("{name}.npz"))))
        .collect()
}

fn load(path: &Path) -> Result<Labelled, SourceError> {
    let malformed = |why: String| SourceError::malformed(path, why);
    let bytes = read(path)?;
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|why| malformed(why.to_string()))?;
    let mut array = |name: &str| -> Result<Array, SourceError> {
        let entry = archive
            .by_name(name)
            .map_err(|why| malformed(format!("{name}: {why}")))?;
        let mut bytes = Vec::new();
        entry
            .take(ARRAY_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|why| malformed(format!("{name}: {why}")))?;
        Array::parse(&bytes).map_err(|why| malformed(format!("{name}: {why}")))
    };
    let (x, y) = (array("X.npy")?, array("y.npy")?);
    let [count, width] = x.shape[..] else {
        return Err(malformed(format!(
            "X has the shape {:?}: give rows and columns",
            x.shape
        )));
    };
    if y.values.len() != count {
        return Err(malformed(format!(
            "{count} rows and {} labels",
            y.values.len()
        )));
    }
    let values: Vec<f32> = x.values.iter().map(|value| *value as f32).collect();
    detect::rows::Rows::new(&values, width).map_err(|why| malformed(why.to_string()))?;
    let anomalous = y.values.iter().map(|label| *label != 0.0).collect();
    Ok(Labelled {
        name: stem(path),
        width,
        values,
        anomalous,
    })
}

#[derive(Debug, PartialEq)]
struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Array {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (head, version) = bytes
            .split_at_checked(8)
            .ok_or("shorter than its head")?
            .head()?;
        let wide = version > 1;
        let size = if wide { 4 } else { 2 };
        let (length, rest) = head.split_at_checked(size).ok_or("shorter than its head")?;
        let length = length
            .iter()
            .rev()
            .fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        let (header, body) = rest
            .split_at_checked(length)
            .ok_or("shorter than its head")?;
        let header = std::str::from_utf8(header).map_err(|why| why.to_string())?;
        let by_columns = header.contains("'fortran_order': True");
        let shape = shape(header)?;
        let kind = quoted(header, "'descr':").ok_or("no `descr`")?;
        let values = numbers(kind, body)?;
        let expected = shape
            .iter()
            .try_fold(1usize, |all, one| all.checked_mul(*one));
        if expected != Some(values.len()) {
            return Err(format!("{} values for the shape {shape:?}", values.len()));
        }
        let values = match shape[..] {
            [rows, columns] if by_columns => (0..rows)
                .flat_map(|row| values[row..].iter().step_by(rows).take(columns))
                .copied()
                .collect(),
            _ => values,
        };
        Ok(Self { shape, values })
    }
}

trait Head<'a> {
    fn head(self) -> Result<(&'a [u8], u8), String>;
}

impl<'a> Head<'a> for (&'a [u8], &'a [u8]) {
    fn head(self) -> Result<(&'a [u8], u8), String> {
        let (magic, rest) = self;
        if &magic[..6] != b"\x93NUMPY" || !(1..=3).contains(&magic[6]) {
            return Err("not a numpy array of version 1 to 3".to_owned());
        }
        Ok((rest, magic[6]))
    }
}

fn shape(header: &str) -> Result<Vec<usize>, String> {
    let inside = header
        .split_once("'shape': (")
        .and_then(|(_, rest)| rest.split_once(')'));
    let (inside, _) = inside.ok_or("no `shape`")?;
    let sizes = inside
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    sizes
        .map(|size| size.parse().map_err(|why| format!("shape: {why}")))
        .collect()
}

fn quoted<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(key)?;
    rest.split('\'').nth(1)
}

fn numbers(kind: &str, body: &[u8]) -> Result<Vec<f64>, String> {
    macro_rules! of {
        ($number:ty) => {{
            let (whole, rest) = body.as_chunks::<{ size_of::<$number>() }>();
            if !rest.is_empty() {
                return Err("the last value is cut short".to_owned());
            }
            whole
                .iter()
                .map(|bytes| <$number>::from_le_bytes(*bytes) as f64)
                .collect()
        }};
    }
    Ok(match kind {
        "<f8" => of!(f64),
        "<f4" => of!(f32),
        "<i8" => of!(i64),
        "<i4" => of!(i32),
        "<i2" => of!(i16),
        "|i1" => of!(i8),
        "|u1" | "|b1" => of!(u8),
        "<u2" => of!(u16),
        "<u4" => of!(u32),
        "<u8" => of!(u64),
        _ => return Err(format!("values of the kind `{kind}` are not read")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(header: &str, body: &[u8]) -> Vec<u8> {
        let length = (header.len() as u16).to_le_bytes();
        [
            b"\x93NUMPY\x01\x00".as_slice(),
            &length,
            header.as_bytes(),
            body,
        ]
        .concat()
    }

    #[test]
    fn arrays_are_read_as_numpy_writes_them() {
        let bytes = npy(
            "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }\n",
            &[1, 0, 0xfe, 0xff],
        );
        assert_eq!(
            Array::parse(&bytes),
            Ok(Array {
                shape: vec![2, 1],
                values: vec![1.0, -2.0]
            })
        );
    }

    #[test]
    fn columns_before_rows_become_rows() {
        let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
        let array = Array::parse(&npy(header, &[1, 4, 2, 5, 3, 6])).unwrap();
        assert_eq!(array.values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn what_is_cut_short_or_of_another_kind_is_refused() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
        assert!(Array::parse(&npy(header, &[0; 4])).is_ok());
        assert!(Array::parse(&npy(header, &[0; 3])).is_err());
        assert!(Array::parse(&npy(header, &[0; 8])).is_err());
        assert!(Array::parse(&npy(&header.replace("<f4", "|O"), &[0; 4])).is_err());
        let whole = npy(header, &[0; 4]);
        for end in 0..whole.len() {
            assert!(Array::parse(&whole[..end]).is_err());
        }
    }
}
