//! Traffic that is not as usual: by a fixed rule, or because no habit of the device allows it.

use protocol::alert::Alert;
use protocol::flows::{Sight, Strange, Whose};

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};
use crate::text::fitted;

/// What the names of rules about traffic begin with.
const PREFIX: &str = "traffic_";

pub(super) const RULES: [Known; 14] = [
    UNUSUAL,
    DENIED,
    AMOUNTS,
    FAN_OUT,
    ARP_SCAN,
    PING_SWEEP,
    LOGIN_BURST,
    LOGIN_TRIED,
    NEW_LISTENER,
    BYTE_BURST,
    BEACON,
    RATE_CAP,
    KNOCKING,
    OTHER,
];

const fn rule(
    name: &'static str,
    title: &'static str,
    severity: Severity,
    attack: Option<&'static str>,
    stops: &'static str,
) -> Known {
    Known {
        name,
        title,
        severity,
        attack,
        stops,
    }
}

const UNUSUAL: Known = rule(
    "traffic_unusual",
    "A device speaks with somebody it never spoke with",
    Severity::Medium,
    Some("T1071"),
    "The habit becomes part of its profile: say `this is normal` on its page, or it speaks with nobody new any more.",
);
const DENIED: Known = rule(
    "traffic_denied",
    "A device does what its profile does not allow",
    Severity::High,
    Some("T1071"),
    "Allow the habit on its page, or take the profile back to trial. Until then every attempt is told once a day.",
);
const AMOUNTS: Known = rule(
    "traffic_amounts",
    "A device does far more or less than it ever does, with those whom it usually speaks with",
    Severity::Low,
    None,
    "It does what it usually does again; what goes on for an hour becomes what is usual.",
);
const FAN_OUT: Known = rule(
    "traffic_fan_out",
    "A device knocks at many places, and nobody answers",
    Severity::High,
    Some("T1046"),
    "It stops asking. If it is a scanner of yours, let the coordinator order its scans.",
);
const ARP_SCAN: Known = rule(
    "traffic_arp_scan",
    "A device asks for many hardware addresses",
    Severity::Medium,
    Some("T1018"),
    "It stops asking. If it is a scanner of yours, let the coordinator order its scans.",
);
const PING_SWEEP: Known = rule(
    "traffic_ping_sweep",
    "A device pings many addresses",
    Severity::Medium,
    Some("T1018"),
    "It stops asking. If it is a scanner of yours, let the coordinator order its scans.",
);
const LOGIN_BURST: Known = rule(
    "traffic_login_burst",
    "A device tries to log in again and again",
    Severity::High,
    Some("T1110"),
    "It stops trying, or the right password is given to it.",
);
const LOGIN_TRIED: Known = rule(
    "traffic_login_tried",
    "Somebody from outside tries to log in at a device again and again",
    Severity::High,
    Some("T1110"),
    "The source stops trying. Take the port off the internet, or let a firewall keep the source away.",
);
const NEW_LISTENER: Known = rule(
    "traffic_new_listener",
    "A device is asked on a port on which it never was",
    Severity::Medium,
    Some("T1543"),
    "The service is stopped, or the habit becomes part of its profile.",
);
const BYTE_BURST: Known = rule(
    "traffic_byte_burst",
    "A device sends far more than it ever does",
    Severity::High,
    Some("T1041"),
    "The transfer ends; what goes on for long becomes what is usual.",
);
const BEACON: Known = rule(
    "traffic_beacon",
    "A device calls a place that is new to it like clockwork",
    Severity::Medium,
    Some("T1071"),
    "It stops calling, or the habit becomes part of its profile.",
);
const RATE_CAP: Known = rule(
    "traffic_rate_cap",
    "A device opens more connections than any device needs",
    Severity::High,
    Some("T1498"),
    "It stops: restart it, or take it off the network.",
);
const KNOCKING: Known = rule(
    "traffic_knocking",
    "A device calls one place on the internet again and again, in vain",
    Severity::Medium,
    Some("T1008"),
    "It gives up, or the place answers. If it is no service of yours that is gone, look what the device runs.",
);
const OTHER: Known = rule(
    "traffic_other",
    "Traffic is not as usual, by a rule that this release does not know",
    Severity::Medium,
    None,
    "Update the coordinator to the release of the device that says so: then it says what it is.",
);

/// Whether a rule judges what a device's traffic looks like.
pub fn is_about_traffic(rule: &str) -> bool {
    rule.starts_with(PREFIX)
}

fn known(rule: &str) -> &'static Known {
    let found = RULES.iter().find(|known| {
        let name = known.name.strip_prefix(PREFIX);
        name == Some(rule)
    });
    found.unwrap_or(&OTHER)
}

/// The value that names the habit which would have allowed what was seen.
pub const HABIT: &str = "habit that would allow it";

/// What is counted, in words.
fn unit(rule: &str) -> &'static str {
    match rule {
        "fan_out" => "places asked that did not answer",
        "arp_scan" => "addresses asked for",
        "ping_sweep" => "addresses pinged",
        "login_burst" | "login_tried" => "logins tried at one place",
        "new_listener" => "port on which it is asked, and ports before",
        "byte_burst" => "bytes sent",
        "beacon" => "thousandths of unevenness",
        "rate_cap" => "connections asked for",
        "knocking" => "calls of one place in vain",
        "amounts" => "in five minutes",
        _ => "places it speaks with",
    }
}

/// One thing with several who saw it is one alert: what was told by somebody else is said so, and is no sight.
pub(super) fn strange(alert: &Alert, strange: &Strange) -> Sighting {
    let rule = strange.rule.as_str();
    let known = known(rule);
    let (usual, observed) = (strange.usual, strange.observed);
    let device = (strange.whose == Whose::Own).then_some(alert.alarm.subject);
    let says = match strange.examples.first() {
        Some(place) => format!("normally {usual}, now {observed}: {place}"),
        None => format!("normally {usual}, now {observed}"),
    };
    let mut sighting = known.sighting(device, alert.time, &says).value(
        unit(rule),
        Some(&usual.to_string()),
        &observed.to_string(),
    );
    if device.is_none() {
        sighting.about = Some(fitted(&strange.whose.to_string()));
        sighting = sighting.value("address", None, &strange.address.to_string());
    }
    if strange.window_s > 0 {
        sighting = sighting.value("within", None, &format!("{} s", strange.window_s));
    }
    for place in strange.examples.iter().skip(1) {
        sighting = sighting.value("also", None, place.as_str());
    }
    if let Some(habit) = &strange.habit {
        sighting = sighting.value(HABIT, None, habit.as_str());
    }
    // Of a stranger one alert may have many.
    if known.name == LOGIN_TRIED.name
        && let Some(stranger) = strange.examples.first()
    {
        sighting = sighting.source(stranger.as_str(), None);
    }
    sighting = sighting.value("known by", None, by(strange.sight));
    let cause = match strange.whose {
        Whose::Own => format!("traffic of {}", alert.alarm.subject),
        other => format!("traffic of {other}"),
    };
    sighting.cause(&cause)
}

const fn by(sight: Sight) -> &'static str {
    match sight {
        Sight::Frames => "frames that the node read itself",
        Sight::Connections => "the node's own table of connections",
        Sight::Exported => "flow records that an exporter sent: told, not seen",
        Sight::Replayed => "a log that was replayed: told, not seen",
    }
}

#[cfg(test)]
mod tests {
    use protocol::alert::{Alarm, Matter};
    use protocol::heard::Mac;
    use protocol::id::DeviceId;
    use protocol::record::{Incarnation, Position};
    use protocol::text::Name;
    use protocol::time::Timestamp;

    use super::*;
    use crate::book::{Book, Outcome};
    use crate::sources::raised;

    fn alert(node: u8, sequence: u32, sight: Sight) -> Alert {
        let device = DeviceId::from_bytes([node; 8]);
        let whose = Whose::Mac {
            mac: Mac([2, 0, 0, 0, 0, 7]),
        };
        let strange = Strange {
            whose,
            address: std::net::IpAddr::from([10, 0, 0, 7]).into(),
            rule: Name::new("unusual").expect("a name"),
            sight,
            observed: 41,
            usual: 3,
            window_s: 0,
            examples: vec![Name::new("c2.example.org:443").expect("a name")],
            habit: None,
        };
        Alert {
            device,
            position: Position {
                incarnation: Incarnation(1),
                sequence,
            },
            time: Timestamp::from_millis(1_000),
            alarm: Alarm {
                subject: device,
                matter: Matter::Strange(Box::new(strange)),
            },
        }
    }

    #[test]
    fn what_three_nodes_see_of_one_device_is_one_alert_seen_by_three_and_an_echo_does_not_count() {
        let mut book = Book::default();
        let now = Timestamp::from_millis(2_000);
        let first = book.sight(&raised(&alert(1, 5, Sight::Frames)), None, now);
        assert_eq!(first, Outcome::New(1));
        for node in 2..4 {
            let again = book.sight(&raised(&alert(node, 5, Sight::Frames)), None, now);
            assert_eq!(again, Outcome::Counted(1));
        }
        let echo = book.sight(&raised(&alert(2, 5, Sight::Frames)), None, now);
        assert_eq!(echo, Outcome::Known(1));
        let kept = book.alert(1).expect("it is kept");
        assert_eq!((kept.count, kept.witnesses.len()), (3, 3));
        assert_eq!(
            kept.about.as_ref().map(Name::as_str),
            Some("mac:02:00:00:00:00:07")
        );
        assert_eq!(kept.says.as_str(), "normally 3, now 41: c2.example.org:443");
    }

    #[test]
    fn what_an_exporter_tells_is_no_sight() {
        let sighting = raised(&alert(1, 5, Sight::Exported));
        assert_eq!(sighting.witnesses, []);
        let own = raised(&alert(1, 5, Sight::Connections));
        assert_eq!(own.witnesses.len(), 1);
    }

    #[test]
    fn every_fixed_rule_has_a_name_here() {
        for rule in [
            "fan_out",
            "arp_scan",
            "ping_sweep",
            "login_burst",
            "new_listener",
            "byte_burst",
            "beacon",
            "rate_cap",
            "knocking",
            "unusual",
            "denied",
            "amounts",
            "login_tried",
        ] {
            assert_ne!(known(rule).name, OTHER.name, "{rule}");
        }
        assert_eq!(known("of a later version").name, OTHER.name);
    }
}
