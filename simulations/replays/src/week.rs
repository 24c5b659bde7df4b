//! `benign_week`: a week of devices that do nothing wrong, through the lookout that nodes run. How often does it speak?
//!
//! The traffic is made up from a seed, site by site: ten devices of several classes and one node that sees all of them.
//! Devices call their maker's cloud, the resolver, the clock and the broker at uneven times; cameras send more when
//! something moves, ask another clock of a pool each time, say on the network who they are, and speak IPv6 as well. What is not of every day is in it too: a restart, a check for updates in the middle of the week, a
//! new name of the same maker, and one device in forty-seven whose maker moves to somebody else's network, which nobody can
//! tell from a theft: that one is said. On the last evening one camera is taken over, to show that the ears are open.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use detect::profile::ProfileConfig;
use hearing::flow::{Answer, Flow, Nets, protocol};
use hearing::frame::TcpFlags;
use hearing::mac::Mac;
use hearing::moment::Moment;
use lookout::firing::{Evidence, Firing};
use lookout::lookout::{Lookout, Settings};

use crate::dice::Dice;
use crate::traffic::{self, Made};

/// How the week is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Week {
    pub seed: u64,
    pub devices: u32,
    pub days: u32,
    /// How long a device is watched before its profile is tried.
    pub learning: Duration,
    /// Flows without which it goes on learning.
    pub flows: u64,
}

impl Default for Week {
    fn default() -> Self {
        Self {
            seed: 1,
            devices: 100,
            days: 7,
            learning: ProfileConfig::default().learning,
            flows: ProfileConfig::default().flows,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Metrics {
    /// What was said of devices that do nothing wrong, each rule of a device once a day.
    pub alerts: u32,
    pub device_days: u32,
    pub alerts_per_100_device_days: f64,
    /// 1 when the camera that was taken over at the end is named.
    pub control_found: u32,
    /// Of the alerts, those about a device whose maker has moved.
    pub moved: u32,
    pub flows: u64,
    /// Words of the rules that spoke.
    pub rules: Vec<String>,
}

const SITE: u32 = 10;
const DAY_S: u64 = 24 * 3600;
const START_S: u64 = 1_700_006_400;
/// One device in so many has a maker that moves.
const MOVES: u32 = 47;

/// Somebody whom a class of devices calls, and how often.
#[derive(Debug, Clone, Copy)]
struct Call {
    /// A host below the maker's domain, or a role on the site's network.
    to: To,
    port: u16,
    protocol: u8,
    /// Between two calls, in seconds; each is up to half more or less.
    every_s: u64,
    sent: u64,
}

#[derive(Debug, Clone, Copy)]
enum To {
    Maker(&'static str),
    /// The site's gateway, which resolves names too.
    Gateway,
    Broker,
    Clock,
    /// A clock of a pool, another one each time, by its bare address.
    Pool,
    /// Everybody on the network, and all who listen to mDNS.
    Everybody,
    Group,
    /// The gateway by its link-local address (RFC 4291).
    GatewayByV6,
    /// Somebody asks the device.
    FromRecorder,
}

const fn call(to: To, port: u16, protocol: u8, every_s: u64, sent: u64) -> Call {
    Call {
        to,
        port,
        protocol,
        every_s,
        sent,
    }
}

const CAMERA: &[Call] = &[
    call(To::Maker("relay"), 443, protocol::TCP, 300, 90_000),
    call(To::Maker("api"), 443, protocol::TCP, 1_800, 2_000),
    call(To::FromRecorder, 554, protocol::TCP, 900, 40_000),
    call(To::Gateway, 53, protocol::UDP, 600, 80),
    call(To::Pool, 123, protocol::UDP, 2_048, 90),
    call(To::Group, 5_353, protocol::UDP, 1_200, 200),
    call(To::Everybody, 67, protocol::UDP, 43_200, 300),
    call(To::GatewayByV6, 53, protocol::UDP, 3_600, 80),
];
const SENSOR: &[Call] = &[
    call(To::Broker, 8_883, protocol::TCP, 900, 600),
    call(To::Gateway, 53, protocol::UDP, 3_600, 80),
    call(To::Clock, 123, protocol::UDP, 4_096, 90),
];
const METER: &[Call] = &[
    call(To::Maker("head-end"), 443, protocol::TCP, 900, 1_500),
    call(To::Gateway, 53, protocol::UDP, 1_800, 80),
];
const PRINTER: &[Call] = &[
    call(To::Maker("supplies"), 443, protocol::TCP, 14_400, 3_000),
    call(To::FromRecorder, 631, protocol::TCP, 3_600, 500),
    call(To::Gateway, 53, protocol::UDP, 7_200, 80),
];
const PLC: &[Call] = &[
    call(To::FromRecorder, 502, protocol::TCP, 300, 300),
    call(To::Clock, 123, protocol::UDP, 2_048, 90),
];
const CLASSES: [(&str, &[Call]); 10] = [
    ("camera", CAMERA),
    ("camera", CAMERA),
    ("camera", CAMERA),
    ("camera", CAMERA),
    ("sensor", SENSOR),
    ("sensor", SENSOR),
    ("sensor", SENSOR),
    ("meter", METER),
    ("printer", PRINTER),
    ("plc", PLC),
];

/// Lives the week.
pub fn week(week: &Week) -> Metrics {
    let mut metrics = Metrics {
        device_days: week.devices * week.days,
        ..Metrics::default()
    };
    let sites = week.devices.div_ceil(SITE);
    for site in 0..sites {
        let count = SITE.min(week.devices - site * SITE);
        Site::new(week, site, count).live(week, &mut metrics);
    }
    metrics.rules.sort_unstable();
    metrics.rules.dedup();
    metrics.alerts_per_100_device_days =
        f64::from(metrics.alerts) * 100.0 / f64::from(metrics.device_days.max(1));
    metrics
}

struct Site {
    number: u32,
    devices: Vec<Device>,
    lookout: Lookout,
    dice: Dice,
}

struct Device {
    number: u32,
    class: &'static str,
    calls: &'static [Call],
    address: IpAddr,
    /// When each call is due.
    due: Vec<u64>,
    has_moved: bool,
}

/// The control is the first device of the first site.
const CONTROL: u32 = 0;

impl Site {
    fn new(week: &Week, number: u32, count: u32) -> Self {
        let settings = Settings {
            profile: ProfileConfig {
                learning: week.learning,
                flows: week.flows,
            },
            ..Settings::default()
        };
        let mut dice = Dice::new(week.seed ^ u64::from(number) << 32);
        let mut lookout = Lookout::new(&settings, Nets::private(), vec![host(1)]);
        let devices = (0..count).map(|at| {
            let (class, calls) = CLASSES[at as usize % CLASSES.len()];
            let address = host(10 + at as u8);
            lookout.owners().learn(address, mac(at));
            Device {
                number: number * SITE + at,
                class,
                calls,
                address,
                due: calls
                    .iter()
                    .map(|call| START_S + dice.below(call.every_s))
                    .collect(),
                has_moved: false,
            }
        });
        Self {
            number,
            devices: devices.collect(),
            dice,
            lookout,
        }
    }

    fn live(mut self, week: &Week, metrics: &mut Metrics) {
        let end_s = START_S + u64::from(week.days) * DAY_S;
        // Firings are one alert a rule and device and day, as people see them.
        let mut said = std::collections::BTreeSet::new();
        let mut now_s = START_S;
        while now_s < end_s {
            self.minute(week, now_s);
            for firing in self.lookout.firings().collect::<Vec<Firing>>() {
                let Some(device) = self
                    .devices
                    .iter()
                    .find(|one| [one.address, link_local(one.address)].contains(&firing.address))
                else {
                    continue;
                };
                let day = (now_s - START_S) / DAY_S;
                if said.insert((device.number, firing.rule.word(), day)) {
                    metrics.alerts += 1;
                    metrics.moved += u32::from(device.has_moved);
                    metrics.rules.push(firing.rule.word().to_owned());
                }
            }
            now_s += 60;
        }
        if self.number == 0 {
            metrics.control_found = u32::from(self.takes_over(end_s));
        }
        metrics.flows += self.lookout.totals().flows;
    }

    /// Whatever is due within a minute.
    fn minute(&mut self, week: &Week, now_s: u64) {
        let middle = START_S + u64::from(week.days) * DAY_S / 2;
        for at in 0..self.devices.len() {
            let number = self.devices[at].number;
            if now_s == middle + u64::from(number % 60) * 60 {
                self.midweek(at, now_s);
            }
            for call in 0..self.devices[at].calls.len() {
                if self.devices[at].due[call] < now_s + 60 {
                    self.calls(at, call, now_s);
                }
            }
            if (now_s / 60).is_multiple_of(60) {
                let (whose, class) = (
                    lookout::whose::Whose::Mac(mac(at as u32)),
                    self.devices[at].class,
                );
                self.lookout
                    .introduce(whose, class, Moment::from_secs(now_s));
            }
        }
        self.lookout.tick(Moment::from_secs(now_s + 59));
    }

    /// A restart, a look for updates at another host of the maker; and of one in fifty the maker moves.
    fn midweek(&mut self, at: usize, now_s: u64) {
        for due in &mut self.devices[at].due {
            *due = now_s;
        }
        if self.devices[at].number % MOVES == MOVES - 1 {
            self.devices[at].has_moved = true;
        }
        // Who has no cloud is updated by the broker, or by a person: a first call out would be said, and rightly.
        let has_cloud = |call: &Call| matches!(call.to, To::Maker(_));
        if !self.devices[at].calls.iter().any(has_cloud) {
            return;
        }
        let maker = self.maker(at);
        self.flow(at, now_s, ("updates", &maker), 443, 1_000);
    }

    fn maker(&self, at: usize) -> String {
        let device = &self.devices[at];
        match device.has_moved {
            true => format!("{}-cloud.example", device.class),
            false => format!("{}-maker.example", device.class),
        }
    }

    fn calls(&mut self, at: usize, call: usize, now_s: u64) {
        let Call {
            to,
            port,
            protocol: number,
            every_s,
            sent,
        } = self.devices[at].calls[call];
        let moves = 1 + self.dice.below(8) / 7 * 2;
        let wait = every_s / 2 + self.dice.below(every_s);
        self.devices[at].due[call] = now_s + wait.max(60);
        let (device, gateway) = (self.devices[at].address, host(1));
        let port_here = 32_768 + self.dice.below(28_000) as u16;
        let second = now_s + self.dice.below(59);
        let local = |to: IpAddr| made((device, port_here), (to, port), number, None, sent, second);
        let flow = match to {
            To::Maker(name) => {
                let maker = self.maker(at);
                self.flow(at, second, (name, &maker), port, sent * moves);
                return;
            }
            To::Gateway | To::Clock => local(gateway),
            To::Broker => local(host(2)),
            To::Pool => local([192, 0, 2, self.dice.below(250) as u8].into()),
            To::Everybody => unanswered(local([255, 255, 255, 255].into())),
            To::Group => unanswered(local([224, 0, 0, 251].into())),
            To::GatewayByV6 => by_v6(local(gateway)),
            To::FromRecorder => made(
                (host(3), port_here),
                (device, port),
                number,
                None,
                sent,
                second,
            ),
        };
        self.lookout
            .told(Moment::from_secs(second), &flow, Evidence::Connections);
    }

    fn flow(&mut self, at: usize, at_s: u64, (name, maker): (&str, &str), port: u16, sent: u64) {
        let far = IpAddr::from([198, 51, 100, (name.len() * 7 + maker.len()) as u8]);
        let port_here = 32_768 + self.dice.below(28_000) as u16;
        let name = format!("{name}.{maker}");
        let from = (self.devices[at].address, port_here);
        let flow = made(from, (far, port), protocol::TCP, Some(name), sent, at_s);
        self.lookout
            .told(Moment::from_secs(at_s), &flow, Evidence::Connections);
    }

    /// Whether the lookout names the control when it calls a stranger and knocks at its neighbours' doors.
    fn takes_over(&mut self, now_s: u64) -> bool {
        let control = self.devices[CONTROL as usize].address;
        self.flow(CONTROL as usize, now_s, ("c2", "evil.example"), 6_667, 500);
        for last in 100..140 {
            let mut knock = made(
                (control, 40_000),
                (host(last), 23),
                protocol::TCP,
                None,
                60,
                now_s + 1,
            );
            (knock.answer, knock.back_flags) = (Answer::Nothing, TcpFlags::default());
            self.lookout
                .told(Moment::from_secs(now_s + 1), &knock, Evidence::Connections);
        }
        self.lookout.tick(Moment::from_secs(now_s + 5));
        let named: Vec<Firing> = self
            .lookout
            .firings()
            .filter(|one| one.address == control)
            .collect();
        let by = |word: &str| named.iter().any(|firing| firing.rule.word() == word);
        by("unusual") && by("fan_out")
    }
}

fn host(last: u8) -> IpAddr {
    [10, 20, 0, last].into()
}

const fn mac(at: u32) -> Mac {
    Mac([2, 0, 0, 0, 0, at as u8])
}

fn unanswered(mut flow: Flow) -> Flow {
    flow.answer = Answer::Nothing;
    flow.back = Default::default();
    flow
}

/// The same between the link-local addresses of both.
fn by_v6(mut flow: Flow) -> Flow {
    flow.key.initiator.address = link_local(flow.key.initiator.address);
    flow.key.responder.address = link_local(flow.key.responder.address);
    flow
}

fn link_local(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(four) => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, four.octets()[3].into()).into(),
        IpAddr::V6(_) => address,
    }
}

fn made(
    from: (IpAddr, u16),
    to: (IpAddr, u16),
    protocol: u8,
    name: Option<String>,
    sent: u64,
    at_s: u64,
) -> Flow {
    traffic::made(&Made {
        from,
        to,
        protocol,
        name,
        sent,
        at: Moment::from_secs(at_s),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_devices_are_spoken_of_less_than_once_in_a_hundred_device_days() {
        let found = week(&Week::default());
        println!("{found:?}");
        assert!(found.alerts_per_100_device_days <= 1.0, "{found:?}");
        assert_eq!((found.device_days, found.control_found), (700, 1));
        assert_eq!(
            found.alerts, found.moved,
            "only a maker that has moved is spoken of"
        );
    }

    #[test]
    fn a_site_that_does_nothing_wrong_is_left_alone_and_a_hasty_profile_is_not() {
        let small = Week {
            devices: 10,
            ..Week::default()
        };
        let found = week(&small);
        assert_eq!((found.alerts, found.control_found), (0, 1), "{found:?}");
        let hasty = Week {
            learning: Duration::from_secs(60),
            flows: 1,
            ..small
        };
        assert!(
            week(&hasty).alerts > 0,
            "a profile that has hardly learnt speaks often"
        );
    }
}
