//! Buckets of tokens that bound how often somebody may try something.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol::time::Timestamp;

/// Buckets that are kept at most; beyond, those that are full again are forgotten first.
const BUCKETS: usize = 10_000;

/// One bucket for each key: `burst` tries at once, then one for each `refill`.
#[derive(Debug)]
pub struct Limit<K> {
    burst: u32,
    refill: Duration,
    buckets: Mutex<BTreeMap<K, Bucket>>,
}

/// How much of the burst is used, as the moment at which all of it is back.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    whole_again: Timestamp,
}

impl<K: Ord + Clone> Limit<K> {
    pub fn new(burst: u32, refill: Duration) -> Self {
        Self {
            burst,
            refill,
            buckets: Mutex::new(BTreeMap::new()),
        }
    }

    /// Takes one try; the error says how long until there is one.
    pub fn take(&self, key: &K, now: Timestamp) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = self.refill * self.burst;
        let used = buckets
            .get(key)
            .map_or(Duration::ZERO, |bucket| bucket.whole_again.since(now));
        // A clock that was set back must not shut anybody out for longer than a whole bucket takes.
        let after = used.min(whole) + self.refill;
        if after > whole {
            return Err(after - whole);
        }
        if buckets.len() >= BUCKETS && !buckets.contains_key(key) {
            make_room(&mut buckets, now);
        }
        let whole_again = now.saturating_add(after);
        buckets.insert(key.clone(), Bucket { whole_again });
        Ok(())
    }

    /// Forgets what a key has used.
    pub fn forgive(&self, key: &K) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.remove(key);
    }
}

fn make_room<K: Ord + Clone>(buckets: &mut BTreeMap<K, Bucket>, now: Timestamp) {
    buckets.retain(|_, bucket| bucket.whole_again > now);
    if buckets.len() < BUCKETS {
        return;
    }
    let nearest = buckets.iter().min_by_key(|(_, bucket)| bucket.whole_again);
    if let Some(key) = nearest.map(|(key, _)| key.clone()) {
        buckets.remove(&key);
    }
}

/// Who a request counts for: an address, or the network that one host can choose addresses from.
pub fn neighbourhood(address: Option<IpAddr>) -> u128 {
    match address {
        None => 0,
        Some(IpAddr::V4(address)) => u128::from(u32::from(address)) | (1 << 64),
        Some(IpAddr::V6(address)) => u128::from(address) >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + second * 1000)
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_try_for_each_refill() {
        let limit = Limit::new(3, Duration::from_secs(10));
        for _ in 0..3 {
            assert_eq!(limit.take(&"a", at(0)), Ok(()));
        }
        assert_eq!(limit.take(&"a", at(0)), Err(Duration::from_secs(10)));
        assert_eq!(limit.take(&"b", at(0)), Ok(()));
        assert_eq!(limit.take(&"a", at(9)), Err(Duration::from_secs(1)));
        assert_eq!(limit.take(&"a", at(10)), Ok(()));
        assert!(limit.take(&"a", at(10)).is_err());
        limit.forgive(&"a");
        assert_eq!(limit.take(&"a", at(10)), Ok(()));
    }

    #[test]
    fn strangers_cannot_make_the_memory_grow() {
        let limit = Limit::new(1, Duration::from_secs(3600));
        for stranger in 0..BUCKETS + 50 {
            assert_eq!(limit.take(&stranger, at(0)), Ok(()));
        }
        let kept = limit.buckets.lock().expect("nobody panicked").len();
        assert_eq!(kept, BUCKETS);
    }

    #[test]
    fn a_clock_set_back_shuts_nobody_out_for_long() {
        let limit = Limit::new(2, Duration::from_secs(10));
        assert_eq!(limit.take(&"a", at(100_000)), Ok(()));
        let wait = limit.take(&"a", at(0)).expect_err("the bucket looks empty");
        assert!(wait <= Duration::from_secs(20));
    }

    #[test]
    fn one_host_with_many_v6_addresses_is_one_neighbour() {
        let one: IpAddr = "2001:db8::1".parse().expect("an address");
        let two: IpAddr = "2001:db8::ffff:2".parse().expect("an address");
        assert_eq!(neighbourhood(Some(one)), neighbourhood(Some(two)));
        let v4: IpAddr = "10.0.0.1".parse().expect("an address");
        assert_ne!(neighbourhood(Some(v4)), neighbourhood(None));
    }
}
