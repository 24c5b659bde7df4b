//! Somebody at a port on which nobody has any business.

use protocol::alert::Alert;
use protocol::text::Line;
use protocol::tripwire::Touched;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [TOUCHED];

const TOUCHED: Known = Known {
    name: "decoy_touched",
    title: "Somebody touched a decoy",
    severity: Severity::Critical,
    attack: Some("T1046"),
    stops: "The source connects to no decoy any more. Find out what it is; if it is a scanner of yours, let the coordinator order its scans.",
};

pub(super) fn touched(alert: &Alert, touched: &Touched) -> Sighting {
    let (source, service) = (touched.source, touched.service.word());
    let says = format!(
        "{source} connected to the {service} decoy on port {}",
        touched.port
    );
    let said = touched.said.as_ref().map(Line::as_str);
    TOUCHED
        .sighting(Some(alert.alarm.subject), alert.time, &says)
        .counted("connections", Some("none"), 1)
        .counted(
            "names with passwords that were tried",
            Some("none"),
            touched.credentials.into(),
        )
        .source(&source.to_string(), said)
        .cause(&format!("source {source}"))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use protocol::alert::{Alarm, Matter};
    use protocol::id::DeviceId;
    use protocol::record::{Incarnation, Position};
    use protocol::time::Timestamp;
    use protocol::tripwire::{Service, Words};

    use crate::book::{Book, Outcome};
    use crate::limits;
    use crate::sources::raised;

    use super::*;

    fn touch(sequence: u32, from: u8, credentials: u8, said: Option<&str>) -> Alert {
        let device = DeviceId::from_bytes([7; 8]);
        let touched = Touched {
            source: IpAddr::from([10, 0, 0, from]).into(),
            service: Service::Telnet,
            port: 23,
            credentials,
            said: said.map(|said| Words::new(said).expect("words")),
        };
        Alert {
            device,
            position: Position {
                incarnation: Incarnation(1),
                sequence,
            },
            time: Timestamp::from_millis(u64::from(sequence) * 1_000),
            alarm: Alarm {
                subject: device,
                matter: Matter::Touched(touched),
            },
        }
    }

    /// The fourth touch took the place of the first three: who began, and with what, was gone.
    #[test]
    fn a_later_touch_does_not_take_away_who_was_first_and_what_was_tried() {
        let mut book = Book::default();
        let now = Timestamp::from_millis(9_000);
        for touch in [
            touch(1, 66, 3, Some("login root")),
            touch(2, 67, 0, None),
            touch(3, 66, 2, None),
            touch(4, 68, 0, Some("GET /")),
        ] {
            book.sight(&raised(&touch), None, now);
        }
        let again = book.sight(&raised(&touch(4, 68, 0, Some("GET /"))), None, now);
        assert_eq!(again, Outcome::Known(1), "a record counts once");
        let alert = book.alert(1).expect("it is kept");
        let values: Vec<&str> = alert.values.iter().map(|it| it.seen.as_str()).collect();
        assert_eq!(values, ["4", "5"]);
        let from: Vec<_> = alert
            .origins
            .iter()
            .map(|it| {
                let times = (it.first.as_millis(), it.last.as_millis(), it.count);
                (it.from.as_str(), times, it.said.as_ref().map(Line::as_str))
            })
            .collect();
        assert_eq!(
            from,
            [
                ("10.0.0.66", (1_000, 3_000, 2), Some("login root")),
                ("10.0.0.67", (2_000, 2_000, 1), None),
                ("10.0.0.68", (4_000, 4_000, 1), Some("GET /")),
            ]
        );
    }

    #[test]
    fn of_very_many_sources_the_first_and_the_newest_stay() {
        let mut book = Book::default();
        let now = Timestamp::from_millis(900_000);
        for number in 1..=100 {
            book.sight(&raised(&touch(number, number as u8, 0, None)), None, now);
        }
        let alert = book.alert(1).expect("it is kept");
        let from: Vec<&str> = alert.origins.iter().map(|it| it.from.as_str()).collect();
        assert_eq!(from.len(), limits::ORIGINS);
        assert_eq!((from[0], from[1]), ("10.0.0.1", "10.0.0.86"));
        assert_eq!(from.last(), Some(&"10.0.0.100"));
        assert_eq!(alert.count, 100);
    }
}
