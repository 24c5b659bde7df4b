//! Every frame of a mesh link.

use minicbor::bytes::ByteVec;
use protocol::beacon::Deal;
use protocol::evidence::{Evidence, EvidenceId};
use protocol::heads::ShownOf;
use protocol::id::{DeviceId, Digest};
use protocol::message::{Last, Message};
use protocol::name::ShortIds;
use protocol::signed::Signed;

use super::{Form, form};
use crate::samples as sample;

/// With and without what it may lack.
pub fn messages() -> Vec<Form> {
    let head = Signed::seal(sample::full_head(), &sample::key(sample::DEVICE));
    let log_head = Signed::seal(sample::log_head(), &sample::key(sample::ADMISSION));
    let contact = Signed::seal(sample::contact(), &sample::key(sample::DEVICE));
    let position = sample::position(3, 256);
    let last = Last {
        position,
        digest: head.digest(),
    };
    let entries = vec![
        sample::admission_entry().encode().into(),
        sample::withdrawal_entry().encode().into(),
    ];
    let devices = vec![sample::device(), DeviceId::from_bytes([1; 8])];
    let wanted = devices.clone();
    let head = || head.bytes().to_vec().into();
    let log_head = || log_head.bytes().to_vec().into();
    let accusation = Signed::seal(sample::accusation(), &sample::key(sample::DEVICE));
    let accusation: ByteVec = accusation.bytes().to_vec().into();
    let evidence = vec![
        Evidence::Accusation(accusation.clone()),
        Evidence::Head(head()),
        Evidence::Proof(vec![1, 2].into()),
        Evidence::Alert(vec![3].into()),
        Evidence::Delivery(vec![4].into()),
        Evidence::Report(vec![5].into()),
        Evidence::Cosigned(vec![6].into()),
        Evidence::Ruling(vec![7].into()),
        Evidence::Dealing(vec![8].into()),
        Evidence::Share(vec![9].into()),
        Evidence::Secret(vec![10].into()),
        Evidence::Vote(vec![11].into()),
        Evidence::Halt(vec![12].into()),
        Evidence::Errand(vec![13].into()),
    ];
    let ids: Vec<EvidenceId> = evidence.iter().map(Evidence::id).collect();
    let all = [
        (
            "hello",
            Message::Hello {
                log_size: 2,
                head: None,
            },
        ),
        (
            "hello_with_head",
            Message::Hello {
                log_size: 2,
                head: Some(Digest::from_bytes([7; 32])),
            },
        ),
        ("beat", Message::Beat { position }),
        ("head", Message::Head { head: head() }),
        (
            "record",
            Message::Record {
                record: sample::record(),
            },
        ),
        ("ack", Message::Ack { position }),
        ("standing", Message::Standing { last: Some(last) }),
        ("standing_nowhere", Message::Standing { last: None }),
        ("head_request", Message::HeadRequest),
        ("head_answer", Message::HeadAnswer { head: Some(head()) }),
        ("head_answer_nothing", Message::HeadAnswer { head: None }),
        ("log_grown", Message::LogGrown { head: log_head() }),
        ("log_request", Message::LogRequest { from: 1 }),
        (
            "log_entries",
            Message::LogEntries {
                from: 0,
                entries,
                head: Some(log_head()),
            },
        ),
        (
            "log_entries_more_follow",
            Message::LogEntries {
                from: 7,
                entries: vec![sample::admission_entry().encode().into()],
                head: None,
            },
        ),
        ("contact_request", Message::ContactRequest { devices }),
        (
            "contacts",
            Message::Contacts {
                contacts: vec![contact.bytes().to_vec().into()],
            },
        ),
        ("renew_request", Message::RenewRequest),
        ("gossip", Message::Gossip { evidence }),
        (
            "have",
            Message::Have {
                ids: ids.clone(),
                words: sample::short_names(),
            },
        ),
        (
            "want",
            Message::Want {
                ids,
                words: ShortIds::default(),
            },
        ),
        ("prune", Message::Prune),
        ("probe", Message::Probe),
        ("challenge", Message::Challenge),
        (
            "capability",
            Message::Capability {
                sealed: vec![5].into(),
            },
        ),
        ("accuse", Message::Accuse { accusation }),
        (
            "vouch",
            Message::Vouch {
                heads: vec![head()],
            },
        ),
        (
            "deal_offer",
            Message::Deal {
                deal: Deal::Offer {
                    offer: vec![1].into(),
                    shares: vec![2].into(),
                },
            },
        ),
        (
            "deal_commit",
            Message::Deal {
                deal: Deal::Commit {
                    number: 1,
                    commitment: sample::digest(3),
                },
            },
        ),
        (
            "deal_commitments",
            Message::Deal {
                deal: Deal::Commitments {
                    number: 1,
                    commitments: vec![sample::digest(3), sample::digest(4)],
                },
            },
        ),
        (
            "deal_reveal",
            Message::Deal {
                deal: Deal::Reveal {
                    number: 1,
                    part: sample::seed_part(),
                },
            },
        ),
        ("heads_wanted", Message::HeadsWanted { devices: wanted }),
        (
            "shown",
            Message::Shown {
                heads: vec![ShownOf {
                    subject: sample::device(),
                    head: sample::shown(),
                }],
            },
        ),
        (
            "mark",
            Message::Mark {
                mark: sample::mark(),
            },
        ),
        (
            "compare",
            Message::Compare {
                parts: sample::parts(),
            },
        ),
        (
            "words",
            Message::Words {
                brief: sample::brief(),
            },
        ),
    ];
    let all = all.into_iter().chain(sample::updates::messages());
    let all = all.chain(sample::neighbours::messages());
    let all = all.chain(sample::scans::messages());
    let all = all.chain(sample::commands::messages());
    let all = all.chain(sample::flows::messages());
    let all = all.chain(sample::countersign::messages());
    let all = all.chain(sample::tail::messages());
    all.map(|(name, message)| {
        form(name, message.encode(), |bytes| {
            Message::decode(bytes).map(|message| message.encode())
        })
    })
    .collect()
}
