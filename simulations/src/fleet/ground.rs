//! Where the seats of a fleet stand: so many in a row share a switch, and more of them a site.

use std::ops::Range;

use protocol::text::Name;

/// How many seats share what. Sites are whole numbers of switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    pub per_switch: usize,
    pub per_site: usize,
}

impl Default for Ground {
    fn default() -> Self {
        Self {
            per_switch: 8,
            per_site: 64,
        }
    }
}

impl Ground {
    /// The seats behind one switch, in a fleet of so many.
    pub fn behind(self, switch: usize, seats: usize) -> Range<usize> {
        row(switch, self.per_switch, seats)
    }

    /// The seats of one site.
    pub fn site(self, site: usize, seats: usize) -> Range<usize> {
        row(site, self.per_site, seats)
    }

    /// What the members of a seat's site have in common in their memberships.
    pub(super) fn cell(self, seat: usize) -> Name {
        Name::new(format!("hall-{}", seat / self.per_site)).expect("a short word and a number")
    }

    /// What a host knows of its segment; a hash of the gateway's address, where there are real ones.
    pub fn hint(self, seat: usize) -> [u8; 8] {
        ((seat / self.per_switch) as u64 + 1).to_be_bytes()
    }
}

fn row(place: usize, length: usize, seats: usize) -> Range<usize> {
    let end = ((place + 1) * length).min(seats);
    (place * length).min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seats_behind_a_switch_share_its_hint_and_nobody_else_has_it() {
        let ground = Ground::default();
        assert_eq!(ground.behind(1, 20), 8..16);
        assert_eq!(ground.behind(2, 20), 16..20);
        assert!(ground.behind(9, 20).is_empty());
        for seat in 0..20 {
            let mates = ground.behind(seat / ground.per_switch, 20);
            for other in 0..20 {
                let same = ground.hint(seat) == ground.hint(other);
                assert_eq!(same, mates.contains(&other));
            }
        }
    }
}
