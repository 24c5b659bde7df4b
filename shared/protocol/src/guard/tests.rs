//! Several guards on one segment, with words that arrive at once and devices that speak or answer as they are told.

use super::*;
use crate::class::DeviceClass;
use crate::record::Incarnation;
use crate::time::Instant;

struct Town {
    now_s: u64,
    guards: Vec<(Guard, u32)>,
    alive: Vec<bool>,
    /// Devices that answer calls.
    answering: BTreeSet<Mac>,
    /// Who asked which device, when and how; and every page with its author.
    calls: Vec<(u64, usize, Mac, Means)>,
    pages: Vec<(u64, usize, Heard)>,
}

fn member(n: usize) -> DeviceId {
    DeviceId::from_bytes([n as u8 + 1; 8])
}

fn hardware(n: usize) -> Mac {
    Mac([0x02, 0xaa, 0, 0, 0, n as u8])
}

fn dumb(n: u8) -> Mac {
    Mac([0x02, 0xdd, 0, 0, 0, n])
}

fn now(now_s: u64) -> Now {
    Now {
        monotonic: Instant::from_millis(now_s * 1000),
        wall: Timestamp::from_millis((1_000_000 + now_s) * 1000),
    }
}

fn device(mac: Mac, class: DeviceClass, at_s: u64) -> Device {
    Device {
        mac,
        addresses: vec![Address::from([10, 0, 0, mac.0[5]])],
        names: Vec::new(),
        vendor: None,
        class,
        confidence: 0,
        reasons: Vec::new(),
        ports: vec![80],
        first: now(at_s).wall,
        last: now(at_s).wall,
    }
}

impl Town {
    fn new(members: usize) -> Self {
        Self {
            now_s: 0,
            guards: (0..members).map(|n| (Guard::new(member(n)), 0)).collect(),
            alive: vec![true; members],
            answering: BTreeSet::new(),
            calls: Vec::new(),
            pages: Vec::new(),
        }
    }

    /// A member's shell hears these devices, and the hardware of all other members.
    fn hear(&mut self, who: usize, devices: Vec<Device>) {
        let members = (0..self.guards.len()).filter(|n| *n != who && self.alive[*n]);
        let members = members.map(|n| device(hardware(n), DeviceClass::Computer, self.now_s));
        let devices = members.chain(devices).map(|device| (0, device)).collect();
        let ears = Ears {
            own: vec![hardware(who)],
            ..Ears::default()
        };
        let hearing = Hearing {
            ears,
            devices,
            events: Vec::new(),
        };
        self.guards[who].0.hear(hearing, now(self.now_s));
    }

    fn hear_all(&mut self, devices: &[Device]) {
        for who in 0..self.guards.len() {
            self.hear(who, devices.to_vec());
        }
    }

    /// Everybody greets everybody.
    fn meet(&mut self) {
        for from in 0..self.guards.len() {
            let word = self.guards[from].0.greeting();
            for to in (0..self.guards.len()).filter(|to| *to != from) {
                self.guards[to]
                    .0
                    .told(member(from), word.clone(), now(self.now_s));
            }
        }
    }

    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now_s += 1;
            for who in 0..self.guards.len() {
                if self.alive[who] {
                    self.look(who);
                }
            }
        }
    }

    fn look(&mut self, who: usize) {
        let at = now(self.now_s);
        let others = (0..self.guards.len()).filter(|n| *n != who && self.alive[*n]);
        let living = others.map(member).collect();
        for deed in self.guards[who].0.look(&living, at) {
            match deed {
                Deed::Call { mac, means, .. } => {
                    self.calls.push((self.now_s, who, mac, means));
                    if self.answering.contains(&mac) {
                        self.guards[who].0.answered(mac, means, at);
                    }
                }
                Deed::Say(heard) => {
                    assert!(!heard.is_oversize());
                    let guard = &mut self.guards[who];
                    guard.1 += 1;
                    let position = Position {
                        incarnation: Incarnation(1),
                        sequence: guard.1,
                    };
                    guard.0.said(&heard, position);
                    self.pages.push((self.now_s, who, heard));
                }
                Deed::Tell { to, word } => {
                    let to = usize::from(to.as_bytes()[0]) - 1;
                    self.guards[to].0.told(member(who), word, at);
                }
            }
        }
    }

    /// Living members who guard a device by their own view.
    fn on_duty(&self, mac: Mac) -> Vec<usize> {
        let guards = self.guards.iter().enumerate();
        let living = guards.filter(|(who, _)| self.alive[*who]);
        let duty = living.filter(|(_, (guard, _))| {
            let view = guard.guarded().find(|one| one.mac == mac);
            view.is_some_and(|one| one.presence.is_some())
        });
        duty.map(|(who, _)| who).collect()
    }

    fn lines(&self, mac: Mac) -> Vec<(usize, crate::heard::Watched)> {
        let pages = self.pages.iter();
        let lines = pages.flat_map(|(_, who, page)| page.watched.iter().map(|line| (*who, *line)));
        lines.filter(|(_, line)| line.mac == mac).collect()
    }

    fn events(&self) -> Vec<What> {
        let pages = self.pages.iter();
        pages
            .flat_map(|(_, _, page)| page.events.iter().map(|event| event.what))
            .collect()
    }
}

fn three_and(devices: &[Device]) -> Town {
    let mut town = Town::new(3);
    town.hear_all(devices);
    town.meet();
    town
}

#[test]
fn two_of_three_guard_each_device_and_nobody_calls_what_speaks() {
    let devices: Vec<_> = (0..10)
        .map(|n| device(dumb(n), DeviceClass::Sensor, 0))
        .collect();
    let mut town = three_and(&devices);
    for _ in 0..6 {
        town.run(20);
        let heard: Vec<_> = (0..10)
            .map(|n| device(dumb(n), DeviceClass::Sensor, town.now_s))
            .collect();
        town.hear_all(&heard);
    }
    for n in 0..10 {
        assert_eq!(town.on_duty(dumb(n)).len(), 2);
    }
    assert!(town.on_duty(hardware(1)).is_empty(), "it has a node");
    assert_eq!(town.calls, []);
}

#[test]
fn whoever_takes_over_calls_at_once_and_cites_the_dead() {
    let mut town = three_and(&[device(dumb(1), DeviceClass::Sensor, 0)]);
    town.answering.insert(dumb(1));
    town.run(40);
    let before = town.on_duty(dumb(1));
    let dead = before[0];
    town.alive[dead] = false;
    let died_s = town.now_s;
    town.run(10);
    let after = town.on_duty(dumb(1));
    assert_eq!(after.len(), 2);
    let heir = *after
        .iter()
        .find(|who| !before.contains(who))
        .expect("a new one");
    let (at_s, ..) = *town
        .calls
        .iter()
        .find(|call| call.1 == heir)
        .expect("it calls");
    assert!(at_s <= died_s + 2, "{at_s} after {died_s}");
    let lines = town.lines(dumb(1));
    let (_, first) = lines
        .iter()
        .find(|(who, _)| *who == heir)
        .expect("it writes");
    let cited = first.cites.expect("there were lines before");
    assert!(before.iter().any(|who| member(*who) == cited.guardian));
    assert_eq!(first.presence, Presence::There);
}

#[test]
fn a_device_that_only_one_heard_is_guarded_by_those_who_were_told() {
    let mut town = three_and(&[]);
    town.hear(2, vec![device(dumb(1), DeviceClass::Sensor, 0)]);
    town.answering.insert(dumb(1));
    town.run(20);
    assert_eq!(town.on_duty(dumb(1)).len(), 2);
    town.alive[2] = false;
    town.run(20);
    assert_eq!(town.on_duty(dumb(1)), [0, 1]);
}

#[test]
fn a_controller_is_only_ever_asked_for_its_hardware_address() {
    let quiet = [
        device(dumb(1), DeviceClass::Plc, 0),
        device(dumb(2), DeviceClass::Sensor, 0),
    ];
    let mut town = three_and(&quiet);
    town.run(300);
    let ways = |mac| {
        let of_it = town.calls.iter().filter(move |call| call.2 == mac);
        of_it.map(|call| call.3).collect::<BTreeSet<_>>()
    };
    assert_eq!(ways(dumb(1)), BTreeSet::from([Means::Arp]));
    let all = BTreeSet::from([Means::Arp, Means::Icmp, Means::Tcp]);
    assert_eq!(ways(dumb(2)), all);
}

#[test]
fn a_device_that_neither_speaks_nor_answers_is_gone_until_it_does() {
    let mut town = three_and(&[device(dumb(1), DeviceClass::Sensor, 0)]);
    town.run(100);
    let gone = What::Gone { mac: dumb(1) };
    assert_eq!(
        town.events().iter().filter(|what| **what == gone).count(),
        2
    );
    town.answering.insert(dumb(1));
    town.run(70);
    let back = What::Back { mac: dumb(1) };
    assert_eq!(
        town.events().iter().filter(|what| **what == back).count(),
        2
    );
}

#[test]
fn lines_of_one_guardian_leave_no_hole() {
    let mut town = three_and(&[device(dumb(1), DeviceClass::Sensor, 0)]);
    town.answering.insert(dumb(1));
    town.run(400);
    for who in town.on_duty(dumb(1)) {
        let lines = town.lines(dumb(1));
        let own: Vec<_> = lines.iter().filter(|(by, _)| *by == who).collect();
        assert!(own.len() >= 6, "{}", own.len());
        for pair in own.windows(2) {
            assert_eq!(pair[0].1.until, pair[1].1.from);
        }
    }
}

#[test]
fn a_flood_of_invented_devices_pushes_out_its_own_kind() {
    let mut town = three_and(&[]);
    let mut old = device(dumb(1), DeviceClass::Sensor, 0);
    old.last = now(60).wall;
    town.now_s = 60;
    town.hear(0, vec![old]);
    for n in 0..2000_u16 {
        let [high, low] = n.to_be_bytes();
        let invented = Mac([0x02, 0xff, 0, 0, high, low]);
        town.hear(0, vec![device(invented, DeviceClass::Other, 60)]);
    }
    let guard = &town.guards[0].0;
    assert!(guard.guarded().any(|one| one.mac == dumb(1)));
    assert!(guard.charges.len() <= limits::HEARD_DEVICES);
}

#[test]
fn somebody_whose_hardware_is_not_heard_has_no_say() {
    let mut town = Town::new(2);
    town.guards[0].0.hear(Hearing::default(), now(0));
    let told = Told {
        mac: dumb(1),
        address: None,
        class: DeviceClass::Other,
        line: None,
    };
    let word = Word {
        own: vec![hardware(1)],
        told: vec![told],
    };
    town.guards[0].0.told(member(1), word, now(0));
    assert_eq!(town.guards[0].0.guarded().count(), 0);
    town.hear(0, Vec::new());
    town.run(12);
    assert_eq!(
        town.guards[0].0.guarded().count(),
        1,
        "it is believed when it is heard"
    );
}
