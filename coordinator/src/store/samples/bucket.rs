//! One bucket: a summary of each metric that had a sample, in as few bytes as they need.

use detect::summary::Summary;

use super::metric::METRICS;

/// The summaries of one device and one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Bucket {
    pub summaries: [Option<Summary>; METRICS],
}

impl Bucket {
    pub fn push(&mut self, figures: &[Option<i64>; METRICS]) {
        for (summary, figure) in self.summaries.iter_mut().zip(figures) {
            match (summary.as_mut(), *figure) {
                (Some(summary), Some(figure)) => summary.push(figure),
                (None, Some(figure)) => *summary = Some(Summary::of(figure)),
                (_, None) => {}
            }
        }
    }

    /// A mask of the metrics, then for each its count and either the one sample, or the smallest
    /// followed by what the others lie above it.
    pub fn encode(&self, row: &mut Vec<u8>) {
        let present = (0..METRICS).filter(|&metric| self.summaries[metric].is_some());
        row.push(present.fold(0, |mask, metric| mask | (1 << metric)));
        for summary in self.summaries.iter().flatten() {
            put(row, u128::from(summary.count()));
            put_signed(row, summary.min());
            if summary.count() > 1 {
                put(row, above(summary.max(), summary.min()));
                put(row, above(summary.last(), summary.min()));
                put(row, excess(summary));
            }
        }
    }

    pub fn decode(mut row: &[u8]) -> Option<Self> {
        let row = &mut row;
        let mask = take_byte(row)?;
        let mut bucket = Self::default();
        for metric in (0..METRICS).filter(|metric| mask & (1 << metric) != 0) {
            bucket.summaries[metric] = Some(decode_summary(row)?);
        }
        row.is_empty().then_some(bucket)
    }
}

/// One metric of an encoded bucket, the others skipped.
pub(super) fn decode_one(row: &[u8], metric: usize) -> Option<Option<Summary>> {
    Bucket::decode(row).map(|bucket| bucket.summaries[metric])
}

fn decode_summary(row: &mut &[u8]) -> Option<Summary> {
    let count = u64::try_from(take(row)?).ok()?;
    let min = take_signed(row)?;
    if count == 1 {
        return Some(Summary::of(min));
    }
    let max = lifted(min, take(row)?)?;
    let last = lifted(min, take(row)?)?;
    let floor = i128::from(min).checked_mul(i128::from(count))?;
    let sum = floor.checked_add(i128::try_from(take(row)?).ok()?)?;
    Summary::from_parts(count, sum, min, max, last).ok()
}

fn above(figure: i64, min: i64) -> u128 {
    u128::try_from(i128::from(figure) - i128::from(min)).unwrap_or(0)
}

/// What the sum is above `count` times the smallest.
fn excess(summary: &Summary) -> u128 {
    let floor = i128::from(summary.min()) * i128::from(summary.count());
    u128::try_from(summary.sum() - floor).unwrap_or(0)
}

fn lifted(min: i64, above: u128) -> Option<i64> {
    i64::try_from(i128::from(min).checked_add(i128::try_from(above).ok()?)?).ok()
}

/// Seven bits a byte, the lowest first.
fn put(row: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        row.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    row.push((number & 0x7f) as u8);
}

fn take(row: &mut &[u8]) -> Option<u128> {
    let mut number = 0_u128;
    for shift in (0..128).step_by(7) {
        let byte = take_byte(row)?;
        number |= u128::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The sign goes into the lowest bit, so that small figures of either sign stay short.
fn put_signed(row: &mut Vec<u8>, figure: i64) {
    put(
        row,
        u128::from(((figure << 1) ^ (figure >> 63)).cast_unsigned()),
    );
}

fn take_signed(row: &mut &[u8]) -> Option<i64> {
    let folded = u64::try_from(take(row)?).ok()?;
    Some((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed()))
}

fn take_byte(row: &mut &[u8]) -> Option<u8> {
    let (byte, rest) = row.split_first()?;
    *row = rest;
    Some(*byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(bucket: Bucket) {
        let mut row = Vec::new();
        bucket.encode(&mut row);
        assert_eq!(Bucket::decode(&row), Some(bucket));
        assert_eq!(Bucket::decode(&row[..row.len() - 1]), None);
    }

    #[test]
    fn a_bucket_reads_back_whatever_its_figures() {
        let mut bucket = Bucket::default();
        bucket.push(&[
            Some(i64::MIN),
            Some(i64::MAX),
            Some(-1),
            None,
            Some(0),
            None,
            None,
        ]);
        round_trip(bucket);
        bucket.push(&[
            Some(i64::MAX),
            Some(i64::MIN),
            Some(-1),
            None,
            Some(7),
            None,
            Some(3),
        ]);
        round_trip(bucket);
    }

    #[test]
    fn a_bucket_of_one_ordinary_sample_is_short() {
        let mut bucket = Bucket::default();
        bucket.push(&[
            Some(120),
            Some(512_000),
            Some(250),
            Some(48_500),
            Some(400),
            Some(12_000),
            Some(9_000),
        ]);
        let mut row = Vec::new();
        bucket.encode(&mut row);
        assert!(row.len() <= 28, "{} bytes", row.len());
    }
}
