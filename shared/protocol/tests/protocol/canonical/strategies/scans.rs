//! What is said of scans.

use proptest::collection::vec;
use proptest::prelude::*;
use protocol::message::Message;
use protocol::scan::{Depth, ScanOrder, ScanPart, ScanStage, ScanStep, ScanWord, Wish};

use super::{bytes, device, digest, mesh, name, time};

pub fn step() -> impl Strategy<Value = ScanStep> {
    let stage =
        prop_oneof![
            name().prop_map(|why| ScanStage::Refused { why }),
            (name(), any::<u16>(), any::<u32>())
                .prop_map(|(phase, done, hosts)| ScanStage::Running { phase, done, hosts }),
            (any::<u32>(), any::<u64>(), digest()).prop_map(|(hosts, bytes, digest)| {
                ScanStage::Finished {
                    hosts,
                    bytes,
                    digest,
                }
            }),
            name().prop_map(|why| ScanStage::Failed { why }),
            Just(ScanStage::Cancelled),
        ];
    (any::<u64>(), stage).prop_map(|(job, stage)| ScanStep { job, stage })
}

pub fn message() -> impl Strategy<Value = Message> {
    let part = (any::<u64>(), any::<u64>(), any::<u64>(), bytes(300));
    let word = prop_oneof![
        bytes(300).prop_map(|order| ScanWord::Order { order }),
        (any::<u64>(), any::<u64>()).prop_map(|(job, from)| ScanWord::Wanted { job, from }),
        part.prop_map(|(job, from, total, bytes)| ScanWord::Part {
            part: ScanPart {
                job,
                from,
                total,
                bytes,
            },
        }),
    ];
    word.prop_map(|word| Message::Scan { word })
}

pub fn order() -> impl Strategy<Value = ScanOrder> {
    let wish = prop::sample::select(vec![Wish::Begin, Wish::Cancel]);
    let depth = prop::sample::select(vec![Depth::Known, Depth::Every]);
    let names = || vec(name(), 0..5);
    let whom = (mesh(), any::<u64>(), device(), time());
    (whom, wish, depth, names(), names()).prop_map(
        |((mesh, job, device, until), wish, depth, targets, spared)| ScanOrder {
            mesh,
            job,
            device,
            until,
            wish,
            depth,
            targets,
            spared,
        },
    )
}
