//! The rules of the mesh: every decision, and no socket, disk, clock or dice.
#![forbid(unsafe_code)]

pub mod address;
pub mod cbor;
pub mod class;
pub mod dice;
pub mod id;
pub mod key;
pub mod limits;
pub mod scan;
pub mod seal;
pub mod shares;
pub mod signed;
pub mod text;
pub mod time;

pub mod accounts;
pub mod accusation;
pub mod alert;
pub mod appeal;
pub mod beacon;
pub mod bulk;
pub mod contact;
pub mod cosign;
pub mod countersign;
pub mod enrolment;
pub mod errand;
pub mod evidence;
pub mod heard;
pub mod ledger;
pub mod membership;
pub mod message;
pub mod proof;
pub mod record;
pub mod refusal;
pub mod statement;
pub mod tripwire;

pub mod charter;
pub mod deadlines;
pub mod depot;
pub mod deputies;
pub mod gossip;
pub mod guard;
pub mod heads;
pub mod install;
pub mod join;
pub mod library;
pub mod merkle;
pub mod quorum;
pub mod reconcile;
pub mod release;
pub mod rings;
pub mod rollout;
pub mod roster;
pub mod ruling;
pub mod settings;
pub mod silence;
pub mod spread;
pub mod succession;
pub mod suspicion;
pub mod unlike;
pub mod updater;
pub mod words;

mod catchup;
pub mod coordinator;
pub mod node;
