//! Any value comes back from its bytes, and bytes that are read at all are the only ones of their value.

use std::fmt::Debug;
use std::sync::LazyLock;

use minicbor::{Decode, Encode};
use proptest::prelude::*;
use proptest::sample::Index;
use protocol::cbor;
use protocol::charter::{Charter, Former};
use protocol::enrolment::{EnrolAnswer, EnrolHello, EnrolOffer, Welcome};
use protocol::limits;
use protocol::message::Message;
use protocol::roster::{Credentials, RetirementOrder};
use protocol::statement::Statement;

use super::strategies as some;
use crate::tree::{Flaw, Item};

/// The bytes of every form: making them signs some hundred times, which is not done anew for each case.
static FORMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let forms = crate::forms::all().into_iter();
    forms.map(|form| form.bytes).collect()
});

/// Where and how the encoding is damaged as well.
type Damage = (Index, Index);

fn damage() -> impl Strategy<Value = Damage> {
    any::<(Index, Index)>()
}

fn comes_back<T>(value: &T, (place, flaw): Damage) -> Result<(), TestCaseError>
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug,
{
    let bytes = cbor::encode(value);
    let read = cbor::decode::<T>("value", limits::FRAME_BYTES, &bytes);
    prop_assert_eq!(read.as_ref(), Ok(value));
    let (item, _) = Item::parse(&bytes).expect("it is CBOR");
    let flaw = Flaw::ALL[flaw.index(Flaw::ALL.len())];
    if let Some(flawed) = item.flawed(place.index(item.count()), flaw) {
        let read = cbor::decode::<T>("value", limits::FRAME_BYTES, &flawed);
        prop_assert!(read.is_err(), "{flaw:?} in {flawed:x?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn questions(value in some::updates::question(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn steps(value in some::updates::step(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn memberships(value in some::membership(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn withdrawals(value in some::withdrawal(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn log_heads(value in some::log_head(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn cosignatures(value in some::cosignature(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn seed_offers(value in some::seed_offer(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn contacts(value in some::contact(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn heads(value in some::head(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn accusations(value in some::accusation(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn reports(value in some::report(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn votes(value in some::vote(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn rulings(value in some::ruling(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn errands(value in some::tripwire::errand(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn habit_orders(value in some::flows::order(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn commands(value in some::commands::command(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn scan_orders(value in some::scans::order(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn halts(value in some::updates::halt(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn alerts(value in some::alert(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn records(value in some::record(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn statements(value in some::statement(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn messages(value in some::message(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn requests(value in some::request(), flaw in damage()) { comes_back(&value, flaw)?; }

    #[test]
    fn hellos(
        version: u16,
        mesh in proptest::option::of(some::mesh()),
        token in proptest::option::of(some::token()),
        flaw in damage(),
    ) {
        comes_back(&EnrolHello { version, mesh, token }, flaw)?;
    }

    #[test]
    fn offers(
        root in some::bytes(300),
        charter in some::bytes(300),
        succession in some::succession(),
        flaw in damage(),
    ) {
        comes_back(&succession, flaw)?;
        comes_back(&EnrolOffer { root, charter, succession }, flaw)?;
    }

    #[test]
    fn welcomes(
        membership in some::bytes(300),
        log_size: u64,
        addresses in proptest::collection::vec(some::path(), 0..4),
        flaw in damage(),
    ) {
        let welcome = Welcome { membership, log_size, addresses };
        comes_back(&EnrolAnswer::Welcome(welcome), flaw)?;
    }

    #[test]
    fn charters(
        mesh in some::mesh(),
        version: u32,
        keys in proptest::collection::vec(some::key(), 2..6),
        exempt in proptest::collection::vec(some::class(), 0..5),
        former in proptest::collection::vec((some::key(), some::time()), 0..3),
        automate in proptest::collection::vec(some::class(), 0..3),
        flaw in damage(),
    ) {
        let charter = Charter {
            mesh,
            version,
            admission: keys[0],
            coordinator: keys[1],
            administrators: keys[2..].to_vec(),
            gateways: keys[1..].to_vec(),
            exempt,
            former: former
                .into_iter()
                .map(|(admission, until)| Former { admission, until })
                .collect(),
            automate,
            ..crate::samples::charter()
        };
        comes_back(&charter, flaw)?;
    }

    #[test]
    fn bytes_of_a_stranger_are_read_in_one_way_or_not_at_all(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        one_way(&bytes)?;
    }

    #[test]
    fn a_changed_byte_makes_another_value_or_none(
        form: Index,
        place: Index,
        byte: u8,
    ) {
        let mut bytes = FORMS[form.index(FORMS.len())].clone();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        one_way(&bytes)?;
    }
}

/// Whatever can be read is written again as the same bytes.
fn one_way(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(message) = Message::decode(bytes) {
        prop_assert_eq!(message.encode(), bytes);
    }
    if let Ok(statement) = Statement::decode(bytes) {
        prop_assert_eq!(statement.encode(), bytes);
    }
    if let Ok(shown) = cbor::decode::<Credentials>("credentials", limits::CREDENTIAL_BYTES, bytes) {
        prop_assert_eq!(shown.encode(), bytes);
    }
    if let Ok(order) = RetirementOrder::decode(bytes) {
        prop_assert_eq!(order.encode(), bytes);
    }
    Ok(())
}
