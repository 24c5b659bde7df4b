//! Where the bytes of one window went: the few places that got most, in bounded memory.

use super::limits::{EXAMPLES, HEAVIEST};
use super::{Subject, Target};

/// Which places got the most, by Metwally's space saving: whoever got more than one part in [`HEAVIEST`] is among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    got: Vec<(Target, u64)>,
}

impl Places {
    /// A destination counts once, whatever its ports; the first one stands for it.
    pub fn sent(&mut self, target: Target, bytes: u64) {
        let to: Subject = target.destination;
        if let Some((_, got)) = self
            .got
            .iter_mut()
            .find(|(known, _)| known.destination == to)
        {
            *got = got.saturating_add(bytes);
            return;
        }
        if self.got.len() < HEAVIEST {
            self.got.push((target, bytes));
            return;
        }
        // The newcomer takes over the count of the least, which it may have had before it was forgotten.
        if let Some(least) = self.got.iter_mut().min_by_key(|(_, got)| *got) {
            *least = (target, least.1.saturating_add(bytes));
        }
    }

    /// Those that got a tenth of it at least, the most first.
    pub fn heaviest(&self, of: u64) -> Vec<Target> {
        let mut most: Vec<_> = self
            .got
            .iter()
            .filter(|(_, got)| got.saturating_mul(10) >= of)
            .collect();
        most.sort_by_key(|(target, got)| (std::cmp::Reverse(*got), *target));
        most.into_iter()
            .take(EXAMPLES)
            .map(|(target, _)| *target)
            .collect()
    }

    pub fn clear(&mut self) {
        self.got.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u128) -> Target {
        Target {
            destination: Subject(number),
            port: 443,
        }
    }

    #[test]
    fn whoever_gets_most_is_named_first_however_many_get_a_little() {
        let mut places = Places::default();
        for number in 0..1_000 {
            places.sent(place(number), 10);
            // Whoever comes late finds every room taken.
            if number >= 100 {
                places.sent(place(5_000), 40);
            }
        }
        assert_eq!(places.heaviest(46_000).first(), Some(&place(5_000)));
        assert!(places.got.len() <= HEAVIEST);
    }

    #[test]
    fn several_connections_to_one_place_are_one_place() {
        let mut places = Places::default();
        for port in 0..100 {
            places.sent(Target { port, ..place(1) }, 10);
        }
        assert_eq!(
            places.heaviest(1_000),
            [Target {
                port: 0,
                ..place(1)
            }]
        );
    }
}
