//! Stories of alerts, from sightings to letters, in virtual time.

mod books;
mod hostile;
mod letters;
mod rig;
