//! The coordinator: identities, collection and the admin pages.
#![forbid(unsafe_code)]

pub mod commands;
pub mod config;

pub mod ceremony;
pub mod command;
pub mod holders;
pub mod offices;
pub mod offline;
pub mod rotation;
pub mod secrets;
pub mod settings;
pub mod tls;

pub mod run;

pub mod access;
pub mod accounts;
pub mod addresses;
pub mod audit;
pub mod backup;
pub mod bulletin;
pub mod census;
pub mod classes;
pub mod compliance;
pub mod control;
pub mod ddi;
pub mod delivery;
pub mod demonstration;
pub mod deputies;
pub mod enrolment;
pub mod evidence;
pub mod factors;
pub mod integrity;
pub mod jwt;
pub mod keyed;
pub mod live;
pub mod logbook;
pub mod logging;
pub mod mesh_name;
pub mod neighbours;
pub mod oidc;
pub mod orders;
pub mod passkeys;
pub mod people;
pub mod permissions;
pub mod ports;
pub mod privacy;
pub mod profiles;
pub mod releases;
pub mod report;
pub mod risk;
pub mod rollouts;
pub mod scans;
pub mod system;
pub mod totp;

pub mod staleness;
pub mod store;

pub mod web;
