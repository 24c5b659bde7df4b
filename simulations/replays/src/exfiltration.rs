//! `exfiltration`: a new device of a known class carries data away, and the class's baseline gives it away.
//!
//! The traffic is made up from a seed: cameras send evenly, and more when something moves before them. The rule knows
//! nothing of that; it has the baselines of the cameras that have been there for a day.

use detect::rules::{Baseline, Observation, Parameters, Rule, Rules, Subject, Verdict, What};

/// How the made-up cameras are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    pub seed: u64,
    /// Cameras that are known.
    pub cameras: u32,
    /// How long they are watched before the new one comes.
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
            hours: 24,
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
    /// From the first stolen byte to the verdict.
    pub delay_s: f64,
    /// 1 when the first verdict of that hour was about it.
    pub source_right: u32,
    /// Verdicts about the other cameras, and about the new one before it began.
    pub false_alerts: u32,
}

/// A step of the made-up time, in seconds.
const STEP_S: u64 = 5;
const SECOND_US: u64 = 1_000_000;
const START_US: u64 = 1_700_000_000 * SECOND_US;
/// What a camera sends when nothing moves, in bytes a second.
const USUAL_BYTES: u64 = 6_000;
/// Of a thousand steps, in how many a movement begins.
const MOVEMENTS: u64 = 8;

/// Plays the scene.
pub fn exfiltration(scene: &Scene) -> Metrics {
    let mut rules = Rules::new(&Parameters::default());
    let mut dice = Dice(scene.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut cameras = vec![Camera::default(); scene.cameras as usize + 1];
    let known = scene.cameras as usize;
    let day_s = u64::from(scene.hours) * 3600;
    let mut metrics = Metrics::default();
    for second in (0..day_s).step_by(STEP_S as usize) {
        let verdicts = step(&mut rules, &mut cameras[..known], &mut dice, second);
        metrics.false_alerts += verdicts.len() as u32;
    }
    let newcomer = Subject(known as u128);
    let baseline = of_class(&rules, scene.cameras);
    let lent = baseline.filter(|_| scene.lending == Lending::OfTheClass);
    if let Some(baseline) = lent {
        rules.lend(START_US + day_s * SECOND_US, newcomer, baseline);
    }
    let theft_s = day_s + u64::from(scene.after_s);
    for second in (day_s..day_s + 3600).step_by(STEP_S as usize) {
        cameras[known].stolen = if second >= theft_s {
            scene.stolen_bytes_per_s
        } else {
            0
        };
        for verdict in step(&mut rules, &mut cameras, &mut dice, second) {
            metrics.judge(&verdict, newcomer, START_US + theft_s * SECOND_US);
        }
    }
    metrics
}

impl Metrics {
    fn judge(&mut self, verdict: &Verdict, newcomer: Subject, theft_us: u64) {
        let is_right = verdict.source == newcomer
            && verdict.rule == Rule::ByteBurst
            && verdict.at_us >= theft_us;
        if !is_right {
            self.false_alerts += 1;
        } else if self.detected == 0 {
            self.detected = 1;
            self.source_right = u32::from(self.false_alerts == 0);
            self.delay_s = (verdict.at_us - theft_us) as f64 / SECOND_US as f64;
        }
    }
}

/// The median of the cameras' medians, and the largest of their deviations: a class is as wide as its widest member.
fn of_class(rules: &Rules, cameras: u32) -> Option<Baseline> {
    let own = (0..cameras).filter_map(|number| rules.baseline(Subject(number.into())));
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|baseline| baseline.median);
    Some(Baseline {
        median: own.get(own.len() / 2)?.median,
        deviation: own.iter().map(|baseline| baseline.deviation).max()?,
    })
}

#[derive(Debug, Clone, Copy, Default)]
struct Camera {
    /// Seconds for which something still moves before it, and how much more it sends meanwhile, in percent.
    moves_s: u64,
    more_percent: u64,
    stolen: u64,
}

fn step(rules: &mut Rules, cameras: &mut [Camera], dice: &mut Dice, second: u64) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (camera, number) in cameras.iter_mut().zip(0_u32..) {
        camera.moves_s = camera.moves_s.saturating_sub(STEP_S);
        if camera.moves_s == 0 {
            camera.more_percent = 0;
            if dice.below(1_000) < MOVEMENTS {
                camera.moves_s = 5 + dice.below(40);
                camera.more_percent = 50 + dice.below(250);
            }
        }
        let percent = 90 + dice.below(20) + camera.more_percent;
        let bytes = (USUAL_BYTES * percent / 100 + camera.stolen) * STEP_S;
        verdicts.extend(rules.observe(Observation {
            at_us: START_US + second * SECOND_US,
            source: Subject(number.into()),
            what: What::Sent(bytes),
        }));
    }
    verdicts
}

/// xorshift64*.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) * bound) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_camera_that_steals_is_named_soon_and_no_other() {
        for seed in 1..4 {
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
