//! One function for each target: any bytes in, and a panic where a promise is broken.

mod archive;
mod bundle;
mod coordinator_inputs;
mod credentials;
mod detection;
mod findings;
mod formats;
mod heard;
mod logs;
mod metadata;
mod node_inputs;
mod parts;
mod proofs;
mod trust;

use std::collections::BTreeMap;

pub use archive::{archive, archive_tally};
pub use bundle::{bundle, bundle_tally};
pub use coordinator_inputs::{coordinator_inputs, coordinator_tally};
pub use credentials::credentials;
pub use detection::{model, mud};
pub use findings::{advisories, filters, product_names, sboms, scans};
pub use formats::{join_string, message};
pub use heard::{captures, flow_exports, heard_dhcp, heard_dns, heard_frames};
pub use logs::{log_lines, log_rules};
pub use metadata::metadata;
pub use node_inputs::{node_inputs, node_tally};
pub use parts::parts;
pub use proofs::proof;
pub use trust::{root, signed};

/// How often a script made something happen.
pub type Tally = BTreeMap<&'static str, u32>;

fn count(tally: &mut Tally, what: &'static str) {
    *tally.entry(what).or_default() += 1;
}

/// What a target does with its input.
pub type Body = fn(&[u8]);

/// The targets by name, in the order in which they are run.
pub const ALL: [(&str, Body); 26] = [
    ("message", message),
    ("signed", signed),
    ("credentials", credentials),
    ("join_string", join_string),
    ("root", root),
    ("metadata", metadata),
    ("proof", proof),
    ("model", model),
    ("mud", mud),
    ("archive", archive),
    ("bundle", bundle),
    ("parts", parts),
    ("heard_frames", heard_frames),
    ("heard_dns", heard_dns),
    ("heard_dhcp", heard_dhcp),
    ("flow_exports", flow_exports),
    ("captures", captures),
    ("node_inputs", node_inputs),
    ("coordinator_inputs", coordinator_inputs),
    ("scans", scans),
    ("advisories", advisories),
    ("product_names", product_names),
    ("filters", filters),
    ("sboms", sboms),
    ("log_lines", log_lines),
    ("log_rules", log_rules),
];
