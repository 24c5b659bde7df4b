//! Who witnesses whom: K permuted rings over the roster, the same for everybody who holds it.
//!
//! The construction is that of Fireflies (Johansen et al., EuroSys 2006) and Rapid (Suresh et al.,
//! ATC 2018): a device is watched by its predecessor on each ring. A predecessor that already has a
//! seat is passed over, so that a small fleet still gives K different witnesses.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::id::{DeviceId, Digest, Epoch, MeshId};
use crate::limits::{OVERLAY_DIALS, SUCCESSORS, WITNESSES};
use crate::quorum;

/// Devices that are held to be down.
pub type Down = BTreeSet<DeviceId>;

/// A fleet in which one device often stands before another on several rings.
const SMALL: usize = 100;
const WITNESS_RINGS: std::ops::Range<usize> = 0..WITNESSES;
const OVERLAY_RINGS: std::ops::Range<usize> = WITNESSES..WITNESSES + OVERLAY_DIALS;

/// The order of a roster on every ring; indices are places in the sorted list of devices.
#[derive(Debug)]
pub struct Rings {
    devices: Vec<DeviceId>,
    /// Who may hold seats; the others are guests, whom others watch.
    seated: Vec<bool>,
    seats: usize,
    rings: Vec<Ring>,
    subjects: Vec<Vec<u32>>,
    /// What every device has while nobody is down, which is asked for all the time.
    usual: Vec<Neighbours>,
}

/// Places of others, by ring.
#[derive(Debug)]
struct Neighbours {
    witnesses: Vec<u32>,
    overlay: Vec<u32>,
}

#[derive(Debug)]
struct Ring {
    order: Vec<u32>,
    rank: Vec<u32>,
}

/// The seed of an epoch without dealt shares: everybody can compute it, nobody can choose it.
pub fn frozen_seed(mesh: &MeshId, epoch: Epoch) -> Digest {
    Digest::of(
        "palisade 2026 frozen seed",
        &[mesh.as_bytes(), &crate::cbor::encode(&epoch)],
    )
}

impl Rings {
    /// Builds the rings; `devices` may come in any order and hold no device twice.
    pub fn new(seed: &Digest, devices: Vec<DeviceId>) -> Self {
        Self::with_guests(&[*seed; 2], devices, Vec::new())
    }

    /// By one seed for the rings of even numbers and one for the odd ones, so that they need not change at once;
    /// and with devices that are watched and have neighbours, but are nobody's witness or neighbour.
    pub fn with_guests(
        seeds: &[Digest; 2],
        mut devices: Vec<DeviceId>,
        guests: Vec<DeviceId>,
    ) -> Self {
        let seats = devices.len();
        let mut seated = devices.clone();
        seated.sort_unstable();
        devices.extend(guests);
        devices.sort_unstable();
        let is_seated = |device| seated.binary_search(device).is_ok();
        let seated = devices.iter().map(is_seated).collect();
        let rings = (0..WITNESSES + OVERLAY_DIALS)
            .map(|ring| Ring::new(&seeds[ring % 2], ring, &devices))
            .collect();
        let mut built = Self {
            subjects: vec![Vec::new(); devices.len()],
            usual: Vec::with_capacity(devices.len()),
            devices,
            seated,
            seats,
            rings,
        };
        for subject in 0..built.devices.len() {
            let witnesses = built.predecessors(subject, WITNESS_RINGS);
            let overlay = built.predecessors(subject, OVERLAY_RINGS);
            for &witness in &witnesses {
                built.subjects[witness as usize].push(place(subject));
            }
            built.usual.push(Neighbours { witnesses, overlay });
        }
        built
    }

    /// The witnesses of a device, by ring; fewer than K in a fleet of K or less.
    pub fn witnesses(&self, device: &DeviceId) -> Vec<DeviceId> {
        let chosen = self.find(device).map(|subject| &self.usual[subject]);
        chosen.map_or_else(Vec::new, |usual| self.names(&usual.witnesses))
    }

    /// The devices that this one witnesses.
    pub fn subjects(&self, device: &DeviceId) -> Vec<DeviceId> {
        let subjects = self.find(device).map(|witness| &self.subjects[witness]);
        subjects.map_or_else(Vec::new, |subjects| self.names(subjects))
    }

    /// How many devices are watched.
    pub fn watched(&self) -> usize {
        self.devices.len()
    }

    /// How many witnesses a device has; none, if it has no seat itself.
    pub fn jury(&self, device: &DeviceId) -> usize {
        self.find(device)
            .map_or(0, |place| quorum::witnesses(self.others(place) + 1))
    }

    /// The witnesses of a device while some of the fleet are down: the seat of a dead one passes along
    /// its ring to the next who is not, over [`SUCCESSORS`] at most.
    pub fn seats(&self, device: &DeviceId, down: &Down) -> Vec<DeviceId> {
        let seated = self
            .find(device)
            .map(|subject| self.witnessing(subject, down));
        seated.map_or_else(Vec::new, |seated| self.names(&seated))
    }

    /// The devices that this one witnesses while some of the fleet are down, those among them.
    pub fn charges(&self, device: &DeviceId, down: &Down) -> Vec<DeviceId> {
        let Some(witness) = self.find(device) else {
            return Vec::new();
        };
        let own = self.subjects[witness].iter().copied();
        let inherited = self.rings[WITNESS_RINGS]
            .iter()
            .flat_map(|ring| self.behind_the_dead(ring, witness, down));
        let places: BTreeSet<u32> = own.chain(inherited).collect();
        let seated = |place: &u32| {
            self.witnessing(*place as usize, down)
                .contains(&self::place(witness))
        };
        let charges: Vec<u32> = places.into_iter().filter(seated).collect();
        self.names(&charges)
    }

    /// Those whose death or return changes the seats that a device holds, or who holds its own: the next
    /// ones on each ring both ways, as far as the dead let through.
    pub fn near(&self, device: &DeviceId, down: &Down) -> Down {
        let Some(me) = self.find(device) else {
            return Down::new();
        };
        let ahead = self.rings[WITNESS_RINGS]
            .iter()
            .flat_map(|ring| self.behind_the_dead(ring, me, down));
        let behind = self.rings.iter().flat_map(|ring| {
            let mut living = 0;
            self.seated_before(ring, me)
                .take(SUCCESSORS + WITNESSES)
                .take_while(move |place| {
                    let passed = living;
                    living += usize::from(!down.contains(&self.devices[*place as usize]));
                    passed < 2
                })
        });
        ahead
            .chain(behind)
            .map(|place| self.devices[place as usize])
            .collect()
    }

    /// The neighbours that a device dials for the overlay while some of the fleet are down.
    pub fn overlay(&self, device: &DeviceId, down: &Down) -> Vec<DeviceId> {
        let dialled = self
            .find(device)
            .map(|dialler| self.dialling(dialler, down));
        dialled.map_or_else(Vec::new, |dialled| self.names(&dialled))
    }

    /// Whether a device dials another for the overlay while some of the fleet are down.
    pub fn dials(&self, device: &DeviceId, other: &DeviceId, down: &Down) -> bool {
        let both = self.find(device).zip(self.find(other));
        both.is_some_and(|(dialler, other)| self.dialling(dialler, down).contains(&place(other)))
    }

    fn dialling(&self, dialler: usize, down: &Down) -> Cow<'_, [u32]> {
        let usual = &self.usual[dialler].overlay;
        self.standing_in(dialler, usual, OVERLAY_RINGS, down)
    }

    fn witnessing(&self, subject: usize, down: &Down) -> Cow<'_, [u32]> {
        let usual = &self.usual[subject].witnesses;
        self.standing_in(subject, usual, WITNESS_RINGS, down)
    }

    /// Those after this one on a ring whose seat may pass to it: everybody between is down, or holds
    /// a seat of theirs on another ring, which is likely in small fleets only.
    fn behind_the_dead(&self, ring: &Ring, witness: usize, down: &Down) -> Vec<u32> {
        let mut passed = 0..if self.devices.len() < SMALL {
            WITNESSES
        } else {
            1
        };
        let (mut heirs, mut steps) = (Vec::new(), 0..SUCCESSORS + WITNESSES - 1);
        for place in ring.after(witness) {
            heirs.push(place);
            if !self.seated[place as usize] {
                continue;
            }
            let lives = !down.contains(&self.devices[place as usize]);
            if steps.next().is_none() || lives && passed.next().is_none() {
                break;
            }
        }
        heirs
    }

    /// The usual ones unless one of them is down: then like [`Self::predecessors`], passing over the dead while there
    /// is somebody behind them.
    fn standing_in<'u>(
        &self,
        subject: usize,
        usual: &'u [u32],
        rings: std::ops::Range<usize>,
        down: &Down,
    ) -> Cow<'u, [u32]> {
        let is_down = |seat: &u32| down.contains(&self.devices[*seat as usize]);
        if down.is_empty() || !usual.iter().any(is_down) {
            return Cow::Borrowed(usual);
        }
        let others = self.others(subject);
        let mut chosen = Vec::with_capacity(rings.len());
        for ring in self.rings[rings].iter().take(others) {
            let mut free = self
                .seated_before(ring, subject)
                .filter(|seat| !chosen.contains(seat))
                .take(SUCCESSORS + 1)
                .peekable();
            let first = free.peek().copied();
            let living = free.find(|seat| !down.contains(&self.devices[*seat as usize]));
            chosen.extend(living.or(first));
        }
        Cow::Owned(chosen)
    }

    fn find(&self, device: &DeviceId) -> Option<usize> {
        self.devices.binary_search(device).ok()
    }

    fn names(&self, places: &[u32]) -> Vec<DeviceId> {
        let name = |place: &u32| self.devices[*place as usize];
        places.iter().map(name).collect()
    }

    fn predecessors(&self, subject: usize, rings: std::ops::Range<usize>) -> Vec<u32> {
        let others = self.others(subject);
        let mut chosen = Vec::with_capacity(rings.len());
        for ring in self.rings[rings].iter().take(others) {
            let before = self
                .seated_before(ring, subject)
                .find(|seat| !chosen.contains(seat));
            chosen.extend(before);
        }
        chosen
    }

    /// How many others may hold seats.
    fn others(&self, place: usize) -> usize {
        self.seats - usize::from(self.seated[place])
    }

    /// Everybody else who may hold a seat, walking backwards.
    fn seated_before<'r>(
        &'r self,
        ring: &'r Ring,
        subject: usize,
    ) -> impl Iterator<Item = u32> + 'r {
        ring.before(subject)
            .filter(|place| self.seated[*place as usize])
    }
}

impl Ring {
    fn new(seed: &Digest, ring: usize, devices: &[DeviceId]) -> Self {
        let mut placed: Vec<(Digest, u32)> = devices
            .iter()
            .enumerate()
            .map(|(index, device)| (position(seed, ring, device), place(index)))
            .collect();
        placed.sort_unstable();
        let order: Vec<u32> = placed.into_iter().map(|(_, index)| index).collect();
        let mut rank = vec![0; order.len()];
        for (position, &index) in order.iter().enumerate() {
            rank[index as usize] = place(position);
        }
        Self { order, rank }
    }

    /// Everybody else on the ring, walking backwards.
    fn before(&self, subject: usize) -> impl Iterator<Item = u32> + '_ {
        let length = self.order.len();
        let start = self.rank[subject] as usize;
        (1..length).map(move |back| self.order[(start + length - back) % length])
    }

    /// Everybody else on the ring, walking forwards.
    fn after(&self, witness: usize) -> impl Iterator<Item = u32> + '_ {
        let length = self.order.len();
        let start = self.rank[witness] as usize;
        (1..length).map(move |ahead| self.order[(start + ahead) % length])
    }
}

fn position(seed: &Digest, ring: usize, device: &DeviceId) -> Digest {
    Digest::of(
        "palisade 2026 ring position",
        &[
            seed.as_bytes(),
            &place(ring).to_be_bytes(),
            device.as_bytes(),
        ],
    )
}

fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a roster is far smaller than 2^32")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings(count: u8) -> (Vec<DeviceId>, Rings) {
        let devices: Vec<_> = (0..count)
            .map(|n| DeviceId::from_bytes([n, 1, 2, 3, 4, 5, 6, 7]))
            .collect();
        let seed = frozen_seed(&MeshId::from_bytes([7; 32]), Epoch::FROZEN);
        (devices.clone(), Rings::new(&seed, devices))
    }

    #[test]
    fn every_device_has_its_full_number_of_different_witnesses() {
        for count in [1, 2, 3, 6, 9, 10, 60] {
            let (devices, rings) = rings(count);
            for device in &devices {
                let mut witnesses = rings.witnesses(device);
                assert!(!witnesses.contains(device), "nobody witnesses itself");
                witnesses.sort_unstable();
                witnesses.dedup();
                assert_eq!(
                    witnesses.len(),
                    WITNESSES.min(usize::from(count) - 1),
                    "{count} devices"
                );
            }
        }
    }

    #[test]
    fn subjects_are_the_inverse_of_witnesses() {
        let (devices, rings) = rings(40);
        for witness in &devices {
            for subject in &devices {
                let seated = rings.witnesses(subject).contains(witness);
                assert_eq!(rings.subjects(witness).contains(subject), seated);
            }
        }
    }

    #[test]
    fn a_dead_witness_passes_its_seat_to_the_next_on_the_ring() {
        let (devices, rings) = rings(60);
        let down: Down = devices.iter().copied().step_by(2).collect();
        for subject in &devices {
            let seats = rings.seats(subject, &down);
            assert_eq!(seats.len(), WITNESSES);
            let living = seats.iter().filter(|seat| !down.contains(seat)).count();
            assert!(living >= WITNESSES - 2, "{living} seats are held");
            for seat in seats {
                assert!(rings.charges(&seat, &down).contains(subject));
            }
        }
        for witness in &devices {
            for subject in rings.charges(witness, &down) {
                assert!(rings.seats(&subject, &down).contains(witness));
            }
        }
    }

    #[test]
    fn where_nobody_is_down_seats_are_those_of_the_roster() {
        let (devices, rings) = rings(30);
        for device in &devices {
            assert_eq!(rings.seats(device, &Down::new()), rings.witnesses(device));
            let mut charges = rings.charges(device, &Down::new());
            let mut subjects = rings.subjects(device);
            charges.sort_unstable();
            subjects.sort_unstable();
            assert_eq!(charges, subjects);
        }
    }

    #[test]
    fn the_death_of_others_moves_no_seat() {
        let (devices, rings) = rings(60);
        for subject in &devices {
            let usual = rings.witnesses(subject);
            let others = devices.iter().filter(|device| !usual.contains(device));
            let down: Down = others.copied().collect();
            assert_eq!(rings.seats(subject, &down), usual);
        }
    }

    #[test]
    fn guests_are_watched_and_are_nobodys_witness_or_neighbour() {
        let (devices, _) = rings(60);
        let seed = frozen_seed(&MeshId::from_bytes([7; 32]), Epoch::FROZEN);
        let (guests, members) = devices.split_at(20);
        let rings = Rings::with_guests(&[seed; 2], members.to_vec(), guests.to_vec());
        let down: Down = members.iter().copied().step_by(3).collect();
        for device in &devices {
            for down in [&Down::new(), &down] {
                let seats = rings.seats(device, down);
                assert_eq!(seats.len(), WITNESSES);
                let neighbours = rings.overlay(device, down);
                assert_eq!(neighbours.len(), OVERLAY_DIALS);
                for other in seats.iter().chain(&neighbours) {
                    assert!(members.contains(other));
                }
                for witness in &seats {
                    assert!(rings.charges(witness, down).contains(device));
                }
            }
        }
        let without = Rings::new(&seed, members.to_vec());
        for member in members {
            let seats = rings.seats(member, &down);
            assert_eq!(seats, without.seats(member, &down), "guests move no seat");
        }
    }

    #[test]
    fn a_fleet_of_guests_alone_has_no_witnesses() {
        let (devices, _) = rings(5);
        let seed = frozen_seed(&MeshId::from_bytes([7; 32]), Epoch::FROZEN);
        let rings = Rings::with_guests(&[seed; 2], Vec::new(), devices.clone());
        assert!(rings.witnesses(&devices[0]).is_empty());
        assert_eq!(rings.jury(&devices[0]), 0);
    }

    #[test]
    fn the_order_of_the_roster_does_not_matter_and_strangers_have_no_seat() {
        let (mut devices, forward) = rings(20);
        devices.reverse();
        let seed = frozen_seed(&MeshId::from_bytes([7; 32]), Epoch::FROZEN);
        let backward = Rings::new(&seed, devices.clone());
        assert_eq!(
            forward.witnesses(&devices[3]),
            backward.witnesses(&devices[3])
        );
        assert!(
            forward
                .witnesses(&DeviceId::from_bytes([0xff; 8]))
                .is_empty()
        );
    }
}
