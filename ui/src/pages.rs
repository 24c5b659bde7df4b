//! One file per page: its view, its page, and the parts that partial answers and event streams reuse.

pub mod commands;
pub mod login;
pub mod login_passkey;
pub mod settings;
pub mod setup;
pub mod welcome;

pub mod overview;

pub mod classes;
pub mod described;
pub mod device;
pub mod device_new;
pub mod devices;
pub mod neighbours;
pub mod pending;
pub mod reports;

pub mod mesh;
pub mod rotation;

pub mod findings;
pub mod firmware;
pub mod release_new;
pub mod rollouts;
pub mod scans;

pub mod alerts;
pub mod delivery;

pub mod appeal;
pub mod evidence;
pub mod observations;

pub mod account;
pub mod account_code;
pub mod account_passkeys;
pub mod invited;
pub mod keyed;
pub mod people;

pub mod api;
pub mod audit;
pub mod compliance;
pub mod error;
pub mod privacy;
pub mod system;
