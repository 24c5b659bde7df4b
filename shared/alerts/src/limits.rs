//! What bounds everything that others can make grow.

use std::time::Duration;

/// Alerts that are kept. Where there are more, the one that has been over longest goes first, then the one that nobody
/// has seen again for longest.
pub const ALERTS: usize = 4_096;
/// Incidents that are kept, by the same rule.
pub const INCIDENTS: usize = 4_096;
/// Alerts of one incident; a later one begins another incident.
pub const INCIDENT_ALERTS: usize = 256;
/// Witnesses that an alert remembers; the newest stay.
pub const WITNESSES: usize = 16;
/// Sources that an alert remembers: the first, and the newest.
pub const ORIGINS: usize = 16;
/// Values that an alert shows.
pub const VALUES: usize = 8;
/// Rules that people have tuned.
pub const TUNINGS: usize = 256;
/// Routes that a plan has, and channels that it names.
pub const ROUTES: usize = 32;
/// Letters that are kept, those that were sent among them.
pub const LETTERS: usize = 2_048;
/// Alerts that one letter tells; the rest it counts.
pub const LETTER_ALERTS: usize = 16;
/// Incidents that one letter speaks of.
pub const LETTER_INCIDENTS: usize = 64;

/// How long an alert that is over stays.
pub const OVER_KEPT: Duration = Duration::from_secs(90 * 86_400);
/// How long an open alert stays that nobody has seen again.
pub const OPEN_KEPT: Duration = Duration::from_secs(400 * 86_400);
/// How long a letter that was sent, or given up, stays.
pub const LETTER_KEPT: Duration = Duration::from_secs(14 * 86_400);
/// How far ahead a person may snooze an alert or tune a rule.
pub const LONGEST: Duration = Duration::from_secs(366 * 86_400);
