use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::flow::{Answer, Direction, protocol};
use crate::limits::{TEMPLATE_LIFE, TEMPLATES_PER_EXPORTER};

const EXPORTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

fn collector() -> Collector {
    Collector::new(Nets::private())
}

fn at(secs: u64) -> Moment {
    Moment::from_secs(1_700_000_000 + secs)
}

fn set(id: u16, body: &[u8]) -> Vec<u8> {
    [
        &id.to_be_bytes()[..],
        &(body.len() as u16 + 4).to_be_bytes(),
        body,
    ]
    .concat()
}

fn ipfix(domain: u32, sets: &[u8]) -> Vec<u8> {
    let length = (sets.len() as u16 + 16).to_be_bytes();
    [
        &[0, 10][..],
        &length,
        &1_700_000_000_u32.to_be_bytes(),
        &[0; 4],
        &domain.to_be_bytes(),
        sets,
    ]
    .concat()
}

fn netflow9(sets: &[u8]) -> Vec<u8> {
    let uptime = 10_000_u32.to_be_bytes();
    [
        &[0, 9, 0, 1][..],
        &uptime,
        &1_700_000_000_u32.to_be_bytes(),
        &[0; 4],
        &[0; 4],
        sets,
    ]
    .concat()
}

/// Both addresses, ports, protocol, flags, packets and bytes, both times in milliseconds, and the way back.
fn biflow_template(id: u16) -> Vec<u8> {
    let mut body = [id.to_be_bytes(), 12_u16.to_be_bytes()].concat();
    for (number, bytes) in [
        (8, 4),
        (12, 4),
        (7, 2),
        (11, 2),
        (4, 1),
        (6, 1),
        (2, 4),
        (1, 4),
        (152, 8),
        (153, 8),
    ] {
        body.extend(u16::to_be_bytes(number));
        body.extend(u16::to_be_bytes(bytes));
    }
    for number in [0x8002, 0x8001_u16] {
        body.extend(number.to_be_bytes());
        body.extend([0, 4]);
        body.extend(29_305_u32.to_be_bytes());
    }
    set(2, &body)
}

fn biflow(back_packets: u32, flags: u8) -> Vec<u8> {
    let mut record = vec![10, 0, 0, 7, 93, 184, 216, 34];
    record.extend(40_000_u16.to_be_bytes());
    record.extend(443_u16.to_be_bytes());
    record.extend([6, flags]);
    record.extend(3_u32.to_be_bytes());
    record.extend(300_u32.to_be_bytes());
    record.extend(1_700_000_000_500_u64.to_be_bytes());
    record.extend(1_700_000_002_500_u64.to_be_bytes());
    record.extend(back_packets.to_be_bytes());
    record.extend((back_packets * 100).to_be_bytes());
    record
}

#[test]
fn ipfix_records_are_flows_both_ways() {
    let sets = [
        biflow_template(256),
        set(256, &[biflow(5, 0x1b), biflow(0, 2)].concat()),
    ]
    .concat();
    let export = collector()
        .read(at(0), EXPORTER, &ipfix(1, &sets))
        .expect("it is sound");
    let [first, second] = &export.flows[..] else {
        panic!("{export:?}")
    };
    assert_eq!(first.key.responder.port, 443);
    assert_eq!(
        (first.key.protocol, first.direction),
        (protocol::TCP, Direction::Out)
    );
    assert_eq!((first.forward.bytes, first.back.bytes), (300, 500));
    assert_eq!(first.last.since(first.first), Duration::from_secs(2));
    assert_eq!(
        (first.answer, second.answer),
        (Answer::Given, Answer::Nothing)
    );
}

#[test]
fn netflow_9_counts_its_times_from_the_exporters_start() {
    let mut template = [300_u16.to_be_bytes(), 4_u16.to_be_bytes()].concat();
    for (number, bytes) in [(8, 4), (12, 4), (22, 4), (21, 4)] {
        template.extend(u16::to_be_bytes(number));
        template.extend(u16::to_be_bytes(bytes));
    }
    let mut record = vec![10, 0, 0, 7, 10, 0, 0, 8];
    record.extend(4_000_u32.to_be_bytes());
    record.extend(9_000_u32.to_be_bytes());
    // Three bytes pad the set.
    record.extend([0; 3]);
    let sets = [set(0, &template), set(300, &record)].concat();
    let export = collector()
        .read(at(0), EXPORTER, &netflow9(&sets))
        .expect("it is sound");
    assert_eq!(export.flows.len(), 1);
    assert_eq!(export.flows[0].first, Moment::from_secs(1_699_999_994));
    assert_eq!(export.flows[0].last, Moment::from_secs(1_699_999_999));
}

#[test]
fn netflow_5_needs_no_template() {
    let mut datagram = vec![0, 5, 0, 1];
    datagram.extend(10_000_u32.to_be_bytes());
    datagram.extend(1_700_000_000_u32.to_be_bytes());
    datagram.extend([0; 12]);
    let mut record = [0; 48];
    record[..8].copy_from_slice(&[93, 184, 216, 34, 10, 0, 0, 7]);
    record[19] = 1;
    record[23] = 40;
    record[35] = 23;
    record[37] = 2;
    record[38] = 6;
    datagram.extend(record);
    let export = collector()
        .read(at(0), EXPORTER, &datagram)
        .expect("it is sound");
    let flow = &export.flows[0];
    assert_eq!(
        (flow.direction, flow.answer),
        (Direction::In, Answer::Nothing)
    );
    assert_eq!(flow.key.responder.port, 23);
    let cut = collector().read(at(0), EXPORTER, &datagram[..70]);
    assert_eq!(cut, Err(ExportError::CutOff("record")));
}

#[test]
fn templates_belong_to_their_exporter_and_domain_and_grow_old() {
    let mut collector = collector();
    let data = ipfix(1, &set(256, &biflow(1, 0)));
    let flows = |collector: &mut Collector, now, exporter, datagram: &[u8]| {
        let export = collector
            .read(now, exporter, datagram)
            .expect("it is sound");
        (export.flows.len(), export.unread_sets)
    };
    assert_eq!(flows(&mut collector, at(0), EXPORTER, &data), (0, 1));
    flows(
        &mut collector,
        at(0),
        EXPORTER,
        &ipfix(1, &biflow_template(256)),
    );
    assert_eq!(flows(&mut collector, at(1), EXPORTER, &data), (1, 0));
    assert_eq!(
        flows(&mut collector, at(1), [10, 0, 0, 2].into(), &data),
        (0, 1)
    );
    assert_eq!(
        flows(
            &mut collector,
            at(1),
            EXPORTER,
            &ipfix(2, &set(256, &biflow(1, 0)))
        ),
        (0, 1)
    );
    let late = at(TEMPLATE_LIFE.as_secs());
    assert_eq!(flows(&mut collector, late, EXPORTER, &data), (0, 1));
}

#[test]
fn a_template_can_be_taken_back() {
    let mut collector = collector();
    collector
        .read(at(0), EXPORTER, &ipfix(1, &biflow_template(256)))
        .expect("it is sound");
    collector
        .read(at(0), EXPORTER, &ipfix(1, &set(2, &[1, 0, 0, 0])))
        .expect("it is sound");
    assert_eq!(collector.templates(), 0);
}

#[test]
fn one_exporter_holds_a_bounded_number_of_templates() {
    let mut collector = collector();
    for id in 256..1_256 {
        collector
            .read(at(0), EXPORTER, &ipfix(1, &biflow_template(id)))
            .expect("it is sound");
    }
    assert_eq!(collector.templates(), TEMPLATES_PER_EXPORTER);
}

#[test]
fn values_of_varying_length_are_stepped_over() {
    let mut template = [256_u16.to_be_bytes(), 3_u16.to_be_bytes()].concat();
    template.extend([0, 82, 0xff, 0xff, 0, 8, 0, 4, 0, 12, 0, 4]);
    let record = [
        &[4][..],
        b"eth0",
        &[10, 0, 0, 7, 10, 0, 0, 8],
        &[0xff, 0, 2],
        b"lo",
        &[10, 0, 0, 9, 10, 0, 0, 8],
    ]
    .concat();
    let sets = [set(2, &template), set(256, &record)].concat();
    let export = collector()
        .read(at(0), EXPORTER, &ipfix(1, &sets))
        .expect("it is sound");
    assert_eq!(export.flows.len(), 2);
    assert_eq!(
        export.flows[1].key.initiator.address,
        IpAddr::from([10, 0, 0, 9])
    );
}

#[test]
fn lengths_that_lie_are_refused() {
    let read = |datagram: &[u8]| collector().read(at(0), EXPORTER, datagram);
    assert_eq!(
        read(&ipfix(1, &[1, 0, 0, 3])),
        Err(ExportError::SetLength(3))
    );
    assert_eq!(
        read(&ipfix(1, &[1, 0, 0, 9])),
        Err(ExportError::SetLength(9))
    );
    assert_eq!(read(&[0, 7, 0, 0]), Err(ExportError::Version(7)));
    assert_eq!(
        read(&ipfix(1, &set(2, &[1, 0, 1, 0]))),
        Err(ExportError::Template(256))
    );
    let hollow = set(2, &[1, 0, 0, 1, 0, 8, 0, 0]);
    assert_eq!(read(&ipfix(1, &hollow)), Err(ExportError::Template(256)));
}

proptest! {
    #[test]
    fn no_change_breaks_it(version in 0usize..3, at_byte in 0usize..400, to in any::<u8>(), keep in 0usize..400, tail in proptest::collection::vec(any::<u8>(), 0..100)) {
        let sets = [biflow_template(256), set(256, &[biflow(5, 0x1b), biflow(0, 2)].concat())].concat();
        let mut datagram = ipfix(1, &sets);
        datagram[1] = [5, 9, 10][version];
        let index = at_byte % datagram.len();
        datagram[index] = to;
        datagram.truncate(keep);
        datagram.extend(tail);
        let mut collector = collector();
        for _ in 0..2 {
            if let Ok(export) = collector.read(at(0), EXPORTER, &datagram) {
                prop_assert!(export.flows.len() <= RECORDS_PER_DATAGRAM);
            }
        }
    }
}
