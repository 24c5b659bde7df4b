//! Every form of the wire and the store as bytes, each with the one way to read it and write it again.

mod messages;

use protocol::alert::Matter;
use protocol::appeal::Finding;
use protocol::beacon::Dealt;
use protocol::bulk::Question;
use protocol::cbor;
use protocol::charter::Charter;
use protocol::enrolment::{
    self, DATA_KEY_PURPOSE, EnrolAnswer, EnrolHello, EnrolOffer, EnrolRefusal, EnrolRequest,
    TokenId, Welcome,
};
use protocol::install::State;
use protocol::join::JoinString;
use protocol::key::{Signer as _, Strict};
use protocol::ledger::{Entry, Strength};
use protocol::limits;
use protocol::membership::Membership;
use protocol::proof::Proof;
use protocol::roster::Credentials;
use protocol::signed::{Signable, Signed};
use protocol::statement::Statement;
use protocol::statement::host::Reading;
use protocol::succession::Succession;
use protocol::{dice::Dice, statement::Farewell};

use super::head_deltas;
use super::samples as sample;

pub use messages::messages;

type Reread = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, String>>;

/// One form: its name, a sample of it, and what reading and writing again makes of any bytes.
pub struct Form {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub reread: Reread,
}

pub fn form<E: ToString>(
    name: &'static str,
    bytes: Vec<u8>,
    reread: impl Fn(&[u8]) -> Result<Vec<u8>, E> + 'static,
) -> Form {
    let reread = Box::new(move |bytes: &[u8]| reread(bytes).map_err(|error| error.to_string()));
    Form {
        name,
        bytes,
        reread,
    }
}

/// The envelope, whose payload is signed anew after reading: Ed25519 gives the same signature again.
fn signed<T: Signable + Clone + 'static>(name: &'static str, value: &T, signer: u8) -> Form {
    let bytes = Signed::seal(value.clone(), &sample::key(signer))
        .bytes()
        .to_vec();
    form(name, bytes, move |bytes| {
        let signer = sample::key(signer);
        Signed::<T>::open(bytes, &signer.public(), &Strict)
            .map(|open| Signed::seal((*open).clone(), &signer).bytes().to_vec())
    })
}

fn plain<T>(name: &'static str, value: &T) -> Form
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
{
    form(name, cbor::encode(value), |bytes| {
        cbor::decode::<T>("form", limits::FRAME_BYTES, bytes).map(|value| cbor::encode(&value))
    })
}

/// A proof is read by checking it.
fn proof(name: &'static str, proof: &Proof) -> Form {
    form(name, proof.bytes().to_vec(), |bytes| {
        Proof::open(bytes, &sample::charter(), &Strict).map(|proof| proof.bytes().to_vec())
    })
}

/// What the coordinator, the root and the administrators sign, and what a device shows of it.
pub fn documents() -> Vec<Form> {
    let sparse = Membership {
        next_key: None,
        ..sample::membership()
    };
    let revocation = sample::withdrawal(Strength::Revocation);
    let retirement = sample::withdrawal(Strength::Retirement);
    let entry = |bytes: &[u8]| Entry::decode(bytes).map(|entry| entry.encode());
    vec![
        form(
            "charter",
            sample::signed_charter(&sample::charter()),
            |bytes| {
                Charter::open(bytes, &sample::root(), &sample::mesh())
                    .map(|charter| sample::signed_charter(&charter))
            },
        ),
        plain("charter_payload", &sample::charter()),
        signed("membership", &sample::membership(), sample::ADMISSION),
        plain("membership_payload", &sample::membership()),
        plain("membership_payload_without_next_key", &sparse),
        signed("suspension", &sample::suspension(), sample::ADMISSION),
        plain("suspension_payload", &sample::suspension()),
        signed("revocation", &revocation, sample::ADMINISTRATOR),
        plain("revocation_payload", &revocation),
        signed("retirement", &retirement, sample::ADMINISTRATOR),
        plain("retirement_payload", &retirement),
        plain("order_to_retire", &sample::order_to_retire()),
        signed("log_head", &sample::log_head(), sample::ADMISSION),
        plain("log_head_payload", &sample::log_head()),
        signed("cosignature", &sample::cosignature(), sample::GATEWAYS[0]),
        plain("cosignature_payload", &sample::cosignature()),
        signed("seed_offer", &sample::seed_offer(), sample::ADMISSION),
        plain("seed_offer_payload", &sample::seed_offer()),
        form("dealing", sample::dealing().0, |bytes| {
            Dealt::open(bytes, &sample::charter(), &Strict).map(|dealt| dealt.bytes().to_vec())
        }),
        plain("hand_of_shares", &sample::dealing().1[0]),
        plain(
            "share",
            &sample::dealing().1[0]
                .share(sample::opened_seed().epoch)
                .unwrap(),
        ),
        plain("opened_secret", &sample::opened_seed()),
        form("entry_admission", sample::admission_entry().encode(), entry),
        form(
            "entry_withdrawal",
            sample::withdrawal_entry().encode(),
            entry,
        ),
        form(
            "entry_conviction",
            sample::conviction_entry().encode(),
            entry,
        ),
        proof("proof_of_two_heads", &sample::proof_of_two_heads()),
        proof(
            "proof_of_two_admissions",
            &sample::proof_of_two_admissions(),
        ),
        proof("proof_of_two_logs", &sample::proof_of_two_logs()),
        plain("charter_payload_after_a_rotation", &sample::next_charter()),
        plain(
            "charter_payload_that_automates",
            &sample::automating_charter(),
        ),
        form(
            "entry_charter",
            sample::charter_entry(&sample::next_charter(), sample::ROOT).encode(),
            entry,
        ),
        form(
            "entry_root",
            Entry::Root(sample::next_root().into()).encode(),
            entry,
        ),
        plain("succession", &sample::succession()),
        signed("contact", &sample::contact(), sample::DEVICE),
        plain("contact_payload", &sample::contact()),
        plain("credentials_of_a_member", &sample::credentials()),
        plain("credentials_of_the_coordinator", &Credentials::Coordinator),
    ]
}

/// A device's log: heads, bodies, and what the bodies say.
pub fn records() -> Vec<Form> {
    let statement = |name, statement: Statement| {
        form(name, statement.encode(), |bytes| {
            Statement::decode(bytes).map(|statement| statement.encode())
        })
    };
    let unknown = Statement::Unknown {
        kind: 4_711,
        body: b"of a later version".to_vec(),
    };
    let unknown_matter = Matter::Unknown {
        kind: 4_711,
        body: b"of a later version".to_vec(),
    };
    let install = Statement::Install(sample::updates::step(State::Committed));
    let stopped = Matter::AutomationStopped {
        cell: sample::name("hall"),
    };
    vec![
        signed("head", &sample::full_head(), sample::DEVICE),
        plain("head_payload", &sample::full_head()),
        plain("head_payload_without_options", &sample::sparse_head()),
        plain("body", &sample::body()),
        plain("record", &sample::record()),
        signed("accusation", &sample::accusation(), sample::DEVICE),
        plain("accusation_payload", &sample::accusation()),
        signed("ruling", &sample::ruling(), sample::ADMISSION),
        plain("ruling_payload", &sample::ruling()),
        signed("halt", &sample::updates::halt(), sample::ADMISSION),
        plain("halt_payload", &sample::updates::halt()),
        signed("errand", &sample::tripwire::errand(), sample::ADMISSION),
        plain("errand_payload", &sample::tripwire::errand()),
        signed("vote", &sample::vote(), sample::DEVICE),
        plain("vote_payload", &sample::vote()),
        plain("finding_answered", &Finding::Answered),
        plain("finding_unreached", &Finding::Unreached),
        signed("report", &sample::report(), sample::DEVICE),
        plain("report_payload", &sample::report()),
        signed("alert", &sample::alert(), sample::DEVICE),
        plain("alert_payload", &sample::alert()),
        plain("alert_unknown_matter", &unknown_matter),
        plain("alert_automation_stopped", &stopped),
        signed("delivery", &sample::delivery(), sample::DEVICE),
        plain("delivery_payload", &sample::delivery()),
        plain("sink", &sample::sink()),
        statement("statement_alert", Statement::Alert(sample::alarm())),
        statement("statement_start", Statement::Start(sample::start())),
        statement(
            "statement_reading",
            Statement::Reading(sample::full_reading()),
        ),
        statement(
            "statement_reading_empty",
            Statement::Reading(Reading::default()),
        ),
        statement("statement_goodbye", Statement::Goodbye(Farewell::Stopped)),
        statement("statement_left", Statement::Goodbye(Farewell::Left)),
        statement("statement_retired", Statement::Goodbye(Farewell::Retired)),
        statement("statement_present", Statement::Present),
        statement(
            "statement_accounts",
            Statement::Accounts(sample::accounts()),
        ),
        statement("statement_unknown", unknown),
        plain("alert_wrong_chunk", &sample::updates::wrong_chunk()),
        plain("alert_touched", &sample::tripwire::touched()),
        plain("alert_strange", &sample::flows::alarm()),
        statement(
            "statement_flows",
            Statement::Flows(Box::new(sample::flows::page())),
        ),
        signed("habit_order", &sample::flows::order(), sample::ADMISSION),
        plain("habit_order_payload", &sample::flows::order()),
        statement("statement_install", install),
        plain(
            "alert_document_refused",
            &sample::updates::document_refused(),
        ),
        statement(
            "statement_settings",
            Statement::Settings(sample::updates::obeyed()),
        ),
        statement(
            "statement_heard",
            Statement::Heard(sample::neighbours::heard()),
        ),
        signed("scan_order", &sample::scans::order(), sample::ADMISSION),
        plain("scan_order_payload", &sample::scans::order()),
        signed("command", &sample::commands::command(), sample::ADMISSION),
        plain("command_payload", &sample::commands::command()),
    ]
    .into_iter()
    .chain(
        sample::commands::answers().map(|(name, word)| statement(name, Statement::Command(word))),
    )
    .chain(sample::scans::steps().map(|(name, step)| statement(name, Statement::Scan(step))))
    .chain(
        sample::countersign::words()
            .map(|(name, word)| statement(name, Statement::Countersigned(word))),
    )
    .collect()
}

/// How far an update has come, and why it came no further.
pub fn states() -> Vec<Form> {
    let states = sample::updates::states().into_iter();
    states.map(|(name, state)| plain(name, &state)).collect()
}

/// The first bytes of a substream.
pub fn questions() -> Vec<Form> {
    let questions = sample::updates::questions().into_iter();
    questions
        .map(|(name, question)| {
            form(name, question.encode(), |bytes| {
                Question::decode(bytes).map(|question| question.encode())
            })
        })
        .collect()
}

/// The conversation in which a device joins.
pub fn enrolment() -> Vec<Form> {
    let token = Some(TokenId([0x31; 8]));
    let hello = EnrolHello {
        version: enrolment::VERSION,
        mesh: Some(sample::mesh()),
        token,
    };
    let stranger = EnrolHello {
        mesh: None,
        token: None,
        ..hello.clone()
    };
    let offer = EnrolOffer {
        root: sample::root().as_bytes().to_vec().into(),
        charter: sample::signed_charter(&sample::charter()).into(),
        succession: Succession::default(),
    };
    let later_offer = EnrolOffer {
        succession: sample::succession(),
        ..offer.clone()
    };
    let membership = Signed::seal(sample::membership(), &sample::key(sample::ADMISSION));
    let welcome = EnrolAnswer::Welcome(Welcome {
        membership: membership.bytes().to_vec().into(),
        log_size: 1,
        addresses: vec![sample::path("/ip4/192.0.2.1/tcp/7443")],
    });
    vec![
        plain("hello", &hello),
        plain("hello_without_token", &stranger),
        plain("offer", &offer),
        plain("offer_after_a_rotation", &later_offer),
        plain("request", &enrol_request()),
        plain("answer_welcome", &welcome),
        plain("answer_pending", &EnrolAnswer::Pending),
        plain(
            "answer_refused",
            &EnrolAnswer::Refused(EnrolRefusal::UsedToken),
        ),
    ]
}

pub fn enrol_request() -> EnrolRequest {
    let sealing = sample::membership().sealing;
    let data_key = sample::unsealing()
        .public()
        .seal(
            DATA_KEY_PURPOSE,
            sample::DATA_KEY.as_bytes(),
            &mut Dice::from_seed([12; 32]),
        )
        .unwrap();
    EnrolRequest {
        key: sample::key(sample::DEVICE).public(),
        sealing,
        possession: EnrolRequest::prove(&sample::key(sample::DEVICE), &[0x32; 32], &sealing),
        data_key,
        name: sample::name("meter-7"),
        class: Some(protocol::class::DeviceClass::Meter),
        agent: sample::name("palisade-node 0.1.0"),
    }
}

/// The join string is text.
pub fn join_strings() -> Vec<Form> {
    let text = |name, addresses: &[&str]| {
        let addresses = addresses
            .iter()
            .map(|&address| address.to_owned())
            .collect();
        let (pin, secret) = ([0x33; 32], [0x34; 16].into());
        let mesh = *sample::mesh().as_bytes();
        let join = JoinString::new(addresses, mesh, pin, [0x31; 8], secret).unwrap();
        form(name, join.to_string().into_bytes(), |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            let join = JoinString::parse(text).map_err(|error| error.to_string())?;
            Ok::<_, String>(join.to_string().into_bytes())
        })
    };
    vec![
        text("one_address", &["192.0.2.7:7443"]),
        text(
            "four_addresses",
            &[
                "coordinator.example:7443",
                "[2001:db8::7]:7443",
                "[fe80::1%eth0]:7443",
                "192.0.2.7:65535",
            ],
        ),
    ]
}

/// All forms that are CBOR.
pub fn all() -> Vec<Form> {
    [
        documents(),
        records(),
        head_deltas::forms(),
        messages(),
        states(),
        questions(),
        enrolment(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
