//! The JSON of RFC 8520 §7 and the parts of RFC 8519 that it uses, field for field.

use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(rename = "ietf-mud:mud")]
    pub(super) mud: Container,
    /// RFC 8519 names it `acls`; files written to its drafts say `access-lists`.
    #[serde(
        rename = "ietf-access-control-list:acls",
        alias = "ietf-access-control-list:access-lists"
    )]
    pub(super) lists: Option<Lists>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Container {
    pub(super) mud_version: u16,
    pub(super) mud_url: String,
    pub(super) last_update: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mud_signature: Option<String>,
    #[serde(default = "two_days")]
    pub(super) cache_validity: u16,
    pub(super) is_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) systeminfo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mfg_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) firmware_rev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) software_rev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) documentation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extensions: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_device_policy: Option<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_device_policy: Option<Policy>,
}

/// The RFC's default of 48 hours.
const fn two_days() -> u16 {
    48
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) access_lists: AccessLists,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct AccessLists {
    #[serde(default)]
    pub(super) access_list: Vec<ListName>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListName {
    pub(super) name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    #[serde(default)]
    pub(super) acl: Vec<List>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) aces: Rules,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    #[serde(default)]
    pub(super) ace: Vec<Rule>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) matches: Matches,
    pub(super) actions: Actions,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Actions {
    pub(super) forwarding: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Matches {
    #[serde(rename = "ietf-mud:mud", skip_serializing_if = "Option::is_none")]
    pub(super) mud: Option<Roles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) eth: Option<Ethernet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv4: Option<Internet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv6: Option<Internet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tcp: Option<Transport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) udp: Option<Transport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icmp: Option<IcmpMessage>,
}

/// A leaf of type `empty`, which RFC 7951 §6.9 writes as `[null]`.
pub(super) type Empty = [(); 1];

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Roles {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) manufacturer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) same_manufacturer: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) local_networks: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) controller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) my_controller: Option<Empty>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Ethernet {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_mac_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_mac_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ethertype: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Internet {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol: Option<u8>,
    #[serde(
        rename = "ietf-acldns:dst-dnsname",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) dst_dnsname: Option<String>,
    #[serde(
        rename = "ietf-acldns:src-dnsname",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) src_dnsname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_ipv4_network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_ipv4_network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_ipv6_network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_ipv6_network: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Transport {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_port: Option<Ports>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_port: Option<Ports>,
    #[serde(
        rename = "ietf-mud:direction-initiated",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) direction_initiated: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Ports {
    #[serde(default = "equal")]
    pub(super) operator: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lower_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upper_port: Option<u16>,
}

/// The default of RFC 8519.
fn equal() -> String {
    "eq".to_owned()
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IcmpMessage {
    #[serde(rename = "type")]
    pub(super) kind: u8,
    #[serde(default)]
    pub(super) code: u8,
}
