use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::flow::Direction;

const TABS: &str = "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\torig_bytes\tconn_state\torig_pkts\torig_ip_bytes\n\
1511365000.250000\tC1\t192.168.2.16\t2561\t95.127.217.12\t23\ttcp\t-\t-\tS0\t1\t60\n\
broken\tC1\t192.168.2.16\t2561\t95.127.217.12\t23\ttcp\t-\t-\tS0\t1\t60\n\
1511365001.5\tC2\tfe80::1\t2561\tff02::fb\t5353\tudp\t1.5\t100\tSF\t2\t-\n";

fn read(text: &str) -> Vec<Result<Connection, ZeekError>> {
    ConnectionLog::open(text, &Nets::private()).collect()
}

#[test]
fn tab_separated_lines_are_flows() {
    let read = read(TABS);
    let first = read[0].as_ref().expect("it is sound");
    assert_eq!(first.flow.first, Moment::from_millis(1_511_365_000_250));
    assert_eq!(first.flow.key.responder.port, 23);
    assert_eq!(
        (first.flow.answer, first.flow.direction),
        (Answer::Nothing, Direction::Out)
    );
    assert_eq!(
        first.flow.forward,
        Count {
            packets: 1,
            bytes: 60
        }
    );
    assert_eq!(
        read[1],
        Err(ZeekError::Field {
            line: 4,
            field: "ts"
        })
    );
    let last = read[2].as_ref().expect("it is sound");
    assert_eq!(
        last.flow.last.since(last.flow.first),
        Duration::from_millis(1500)
    );
    assert_eq!(
        last.flow.forward,
        Count {
            packets: 2,
            bytes: 100
        }
    );
    assert_eq!(last.flow.direction, Direction::Inside);
}

#[test]
fn json_lines_say_the_same() {
    let line = r#"{"ts":1511365000.25,"id.orig_h":"192.168.2.16","id.orig_p":2561,"id.resp_h":"95.127.217.12","id.resp_p":23,"proto":"tcp","conn_state":"S0","orig_pkts":1,"orig_ip_bytes":60}"#;
    assert_eq!(read(line)[0], read(TABS)[0]);
    assert_eq!(read("{\"ts\":1"), [Err(ZeekError::Json(1))]);
    assert_eq!(read("no head"), [Err(ZeekError::NoFields(1))]);
}

#[test]
fn labels_of_data_sets_are_kept() {
    let text = "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttunnel_parents   label   detailed-label\n\
        1.0\t10.0.0.1\t1\t10.0.0.2\t2\tudp\t-   Malicious   C&C\n";
    let read = read(text);
    let line = read[0].as_ref().expect("it is sound");
    assert_eq!(line.label.as_deref(), Some("Malicious"));
    assert_eq!(line.detailed_label.as_deref(), Some("C&C"));
}

proptest! {
    #[test]
    fn no_text_breaks_it(at in 0usize..600, text in ".{0,20}", tail in ".*") {
        let mut log = TABS.to_owned();
        let at = at.min(log.len());
        log.insert_str(at, &text);
        log.push_str(&tail);
        let _any = read(&log);
        let _any = read(&tail);
    }
}
