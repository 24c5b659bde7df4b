//! `exfiltration`: a new device of a known class carries data away, and the class's baseline gives it away.
//!
//! The traffic is made up from a seed: cameras send evenly to their maker's relay, and more when something moves before
//! them. It goes through the lookout that nodes run, which knows nothing of that. What is stolen goes over the same relay
//! as everything else, so that no new place gives it away: only the amount does.

use std::net::IpAddr;

use hearing::flow::Nets;
use hearing::mac::Mac;
use hearing::moment::Moment;
use lookout::firing::{Evidence, Firing};
use lookout::lookout::{Lookout, Settings};
use lookout::whose::Whose;

use crate::dice::Dice;
use crate::traffic::{Made, made};

/// How the made-up cameras are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    pub seed: u64,
    /// Cameras that are known.
    pub cameras: u32,
    /// How long they are watched before the new one comes: longer than a profile learns.
    pub hours: u32,
    /// When after its start the new one begins to carry data away, in seconds.
    pub after_s: u32,
    /// How much more it sends then than it would, in bytes a second.
    pub stolen_bytes_per_s: u64,
    pub lending: Lending,
}

/// What a newcomer begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lending {
    OfTheClass,
    Nothing,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            seed: 1,
            cameras: 20,
            hours: 25,
            after_s: 20 * 60,
            stolen_bytes_per_s: 60_000,
            lending: Lending::OfTheClass,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Metrics {
    /// 1 when the new camera was named within its first hour.
    pub detected: u32,
    /// From the first stolen byte to the alert.
    pub delay_s: f64,
    /// Which rule named it.
    pub rule: Option<&'static str>,
    /// 1 when the first alert was about it.
    pub source_right: u32,
    /// Alerts about the other cameras, and about the new one before it began.
    pub false_alerts: u32,
}

/// A step of the made-up time, in seconds.
const STEP_S: u64 = 10;
/// How often a camera connects anew.
const CALL_S: u64 = 300;
const START_S: u64 = 1_700_000_100;
/// What a camera sends when nothing moves, in bytes a second.
const USUAL_BYTES: u64 = 6_000;
/// Of a thousand steps, in how many a movement begins.
const MOVEMENTS: u64 = 8;
const CLASS: &str = "camera";

/// Plays the scene.
pub fn exfiltration(scene: &Scene) -> Metrics {
    let mut site = Site::new(scene);
    let known = site.cameras.len() - 1;
    let day_s = u64::from(scene.hours) * 3600;
    let mut metrics = Metrics::default();
    for second in (0..day_s).step_by(STEP_S as usize) {
        site.step(known, second);
        metrics.false_alerts += site.lookout.firings().count() as u32;
    }
    let theft_s = day_s + u64::from(scene.after_s);
    for second in (day_s..day_s + 3600).step_by(STEP_S as usize) {
        site.cameras[known].stolen = match second >= theft_s {
            true => scene.stolen_bytes_per_s,
            false => 0,
        };
        site.step(known + 1, second);
        if second == day_s && scene.lending == Lending::OfTheClass {
            let newcomer = Whose::Mac(mac(known));
            site.lookout.introduce(newcomer, CLASS, moment(second));
        }
        for firing in site.lookout.firings().collect::<Vec<_>>() {
            metrics.judge(&firing, address(known), moment(theft_s));
        }
    }
    metrics
}

impl Metrics {
    fn judge(&mut self, firing: &Firing, newcomer: IpAddr, theft: Moment) {
        if firing.address != newcomer || firing.at < theft {
            self.false_alerts += 1;
        } else if self.detected == 0 {
            self.detected = 1;
            self.source_right = u32::from(self.false_alerts == 0);
            self.delay_s = firing.at.since(theft).as_secs_f64();
            self.rule = Some(firing.rule.word());
        }
    }
}

struct Site {
    lookout: Lookout,
    cameras: Vec<Camera>,
    dice: Dice,
}

#[derive(Debug, Clone, Copy, Default)]
struct Camera {
    /// Seconds for which something still moves before it, and how much more it sends meanwhile, in percent.
    moves_s: u64,
    more_percent: u64,
    stolen: u64,
}

impl Site {
    fn new(scene: &Scene) -> Self {
        let own = vec![IpAddr::from([10, 30, 0, 1])];
        let mut lookout = Lookout::new(&Settings::default(), Nets::private(), own);
        let cameras = vec![Camera::default(); scene.cameras as usize + 1];
        for number in 0..cameras.len() {
            lookout.owners().learn(address(number), mac(number));
        }
        Self {
            lookout,
            cameras,
            dice: Dice::new(scene.seed),
        }
    }

    /// What the first cameras send in a step.
    fn step(&mut self, count: usize, second: u64) {
        let now = moment(second);
        for number in 0..count {
            let bytes = self.sent(number) * STEP_S;
            let mut flow = made(&Made {
                from: (address(number), 40_000 + (second / CALL_S % 20_000) as u16),
                to: (IpAddr::from([198, 51, 100, 7]), 443),
                name: Some("relay.camera-maker.example".to_owned()),
                at: now,
                ..Made::default()
            });
            if second.is_multiple_of(CALL_S) {
                self.lookout.told(now, &flow, Evidence::Connections);
                let whose = Whose::Mac(mac(number));
                if number + 1 < self.cameras.len() {
                    self.lookout.introduce(whose, CLASS, now);
                }
            }
            flow.forward.bytes = bytes;
            self.lookout.carried(now, &flow, Evidence::Connections);
        }
        self.lookout.tick(now);
    }

    /// Bytes a second.
    fn sent(&mut self, number: usize) -> u64 {
        let camera = &mut self.cameras[number];
        camera.moves_s = camera.moves_s.saturating_sub(STEP_S);
        if camera.moves_s == 0 {
            camera.more_percent = 0;
            if self.dice.below(1_000) < MOVEMENTS {
                camera.moves_s = 5 + self.dice.below(40);
                camera.more_percent = 50 + self.dice.below(250);
            }
        }
        let percent = 90 + self.dice.below(20) + camera.more_percent;
        USUAL_BYTES * percent / 100 + camera.stolen
    }
}

const fn moment(second: u64) -> Moment {
    Moment::from_secs(START_S + second)
}

fn address(number: usize) -> IpAddr {
    [10, 30, 0, 10 + number as u8].into()
}

const fn mac(number: usize) -> Mac {
    Mac([2, 0, 0, 1, 0, number as u8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_camera_that_steals_is_named_soon_and_no_other() {
        for seed in 1..3 {
            let found = exfiltration(&Scene {
                seed,
                ..Scene::default()
            });
            assert_eq!(
                (found.detected, found.source_right, found.false_alerts),
                (1, 1, 0),
                "{seed}: {found:?}"
            );
            assert!(found.delay_s <= 120.0, "{found:?}");
        }
    }

    #[test]
    fn a_new_camera_that_does_not_is_left_alone() {
        let honest = Scene {
            stolen_bytes_per_s: 0,
            ..Scene::default()
        };
        assert_eq!(exfiltration(&honest), Metrics::default());
    }
}
