//! `join`: from a join string, or an address and a person who compares a code, to a membership.

use std::path::Path;
use std::time::Duration;

use mesh::enrol::{self, Channel, EnrolError, Proof, Rejection};
use protocol::class::DeviceClass;
use protocol::dice::Dice;
use protocol::enrolment::{
    self, DATA_KEY_PURPOSE, EnrolAnswer, EnrolHello, EnrolOffer, EnrolRefusal, EnrolRequest,
    TokenId, VERSION, Welcome, comparison_code,
};
use protocol::id::MeshId;
use protocol::join::{JoinError as JoinTextError, JoinString, pin_of};
use protocol::key::Signer as _;
use protocol::seal::SealError;
use protocol::text::Name;
use thiserror::Error;
use tuf_core::root::Root;

use crate::keys::{EntropyError, Keys, KeysError, entropy};
use crate::member::{Documents, Member, MemberError, check_charter};
use crate::wipe::{self, WipeError};

/// How long the coordinator may take for one message.
const STEP: Duration = Duration::from_secs(5);
/// How long a device waits for a person.
const WAIT_FOR_PEOPLE: Duration = Duration::from_secs(15 * 60);

/// How the device is to enter.
#[derive(Debug)]
pub enum Way {
    Token(JoinString),
    /// `host:port` of an enrolment listener; a person compares the code.
    Address(String),
}

/// What the device says of itself.
#[derive(Debug, Clone)]
pub struct Applicant {
    pub name: Name,
    pub class: Option<DeviceClass>,
}

#[derive(Debug, Error)]
pub enum JoinError {
    #[error(transparent)]
    Text(#[from] JoinTextError),
    #[error("{0}")]
    Refused(EnrolRefusal),
    #[error("the coordinator says: {}. {}", .0.word(), .0.remedy())]
    Rejected(Rejection),
    #[error("{addresses}: nobody answers there; check the address, or the coordinator")]
    Unreachable {
        addresses: String,
        source: EnrolError,
    },
    #[error("{0}: make a new join string on the coordinator that you want to join")]
    Impostor(EnrolError),
    #[error("the enrolment broke off: {0}")]
    Channel(EnrolError),
    #[error("the coordinator's message cannot be read: {0}")]
    Decode(#[from] protocol::cbor::DecodeError),
    #[error(transparent)]
    Member(#[from] MemberError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Wipe(#[from] WipeError),
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    #[error("the coordinator's sealing key cannot be used: {0}")]
    Seal(#[from] SealError),
}

impl JoinError {
    /// The exit code of sysexits.h that says whether to try again.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Text(_) => 2,
            Self::Refused(EnrolRefusal::Full | EnrolRefusal::NotReady)
            | Self::Rejected(Rejection::Busy) => 75,
            Self::Refused(_) | Self::Rejected(_) | Self::Impostor(_) => 77,
            Self::Unreachable { .. } | Self::Channel(_) => 69,
            Self::Decode(_)
            | Self::Member(_)
            | Self::Keys(_)
            | Self::Wipe(_)
            | Self::Entropy(_)
            | Self::Seal(_) => 1,
        }
    }
}

/// Enrols this device; the keys are made here and stay here.
pub async fn join(
    dir: &Path,
    way: Way,
    applicant: Applicant,
    show_code: impl FnOnce(&str),
) -> Result<Member, JoinError> {
    wipe::resume(dir, mesh::wall().as_millis())?;
    let mut dice = Dice::from_seed(entropy()?);
    let keys = Keys::create(dir, &mut dice)?;
    let result = enrol(way, &applicant, &keys, &mut dice, show_code).await;
    let (documents, mesh) = match result {
        Ok(enrolled) => enrolled,
        Err(error) => {
            Keys::destroy(dir)?;
            return Err(error);
        }
    };
    wipe::forget(dir)?;
    Member::store(dir, &documents, mesh)?;
    Ok(Member::check(&documents, mesh)?)
}

async fn enrol(
    way: Way,
    applicant: &Applicant,
    keys: &Keys,
    dice: &mut Dice,
    show_code: impl FnOnce(&str),
) -> Result<(Documents, MeshId), JoinError> {
    let (mut channel, pinned) = open(&way).await?;
    let offer: EnrolOffer = receive(&mut channel, "enrolment offer", STEP).await?;
    let mesh = match pinned {
        Some(mesh) => mesh,
        None => MeshId::from_bytes(Root::open(&offer.root).map_err(MemberError::from)?.digest()),
    };
    let trust = check_charter(&offer.root, &offer.charter, mesh)?;
    let trust = trust
        .followed(&offer.succession)
        .map_err(MemberError::from)?;
    let charter = trust.charter();
    if charter.enrolment_pin != pin_of(&channel.remote_static()) {
        return Err(JoinError::Impostor(EnrolError::WrongCoordinator {
            presented: channel.remote_static(),
        }));
    }
    let request = request(&channel, &charter.sealing, applicant, keys, dice)?;
    send(&mut channel, &request).await?;
    let welcome = answer(&mut channel, show_code).await?;
    let documents = Documents {
        root: offer.root.into(),
        charter: offer.charter.into(),
        succession: offer.succession,
        welcome,
    };
    let member = Member::check(&documents, mesh)?;
    if member.membership.key != keys.signer().public() {
        return Err(JoinError::Member(MemberError::OtherMesh));
    }
    Ok((documents, mesh))
}

/// Tries the addresses of a join string in turn; a refusal ends the search.
async fn open(way: &Way) -> Result<(Channel, Option<MeshId>), JoinError> {
    match way {
        Way::Address(address) => {
            let hello = EnrolHello {
                version: VERSION,
                mesh: None,
                token: None,
            };
            let channel = dial(address, &hello, None, Proof::Code).await;
            channel
                .map(|channel| (channel, None))
                .map_err(|error| classify(error, address))
        }
        Way::Token(join) => {
            let mesh = MeshId::from_bytes(*join.mesh());
            let hello = EnrolHello {
                version: VERSION,
                mesh: Some(mesh),
                token: Some(TokenId(*join.token_id())),
            };
            let mut last = None;
            for address in join.addresses() {
                match dial(address, &hello, Some(*join.pin()), Proof::Token(join.psk())).await {
                    Ok(channel) => return Ok((channel, Some(mesh))),
                    Err(error @ (EnrolError::Connect(_) | EnrolError::TimedOut)) => {
                        last = Some(error);
                    }
                    Err(error) => return Err(classify(error, address)),
                }
            }
            let source = last.unwrap_or(EnrolError::TimedOut);
            Err(JoinError::Unreachable {
                addresses: join.addresses().join(", "),
                source,
            })
        }
    }
}

async fn dial(
    address: &str,
    hello: &EnrolHello,
    pin: Option<[u8; 32]>,
    proof: Proof,
) -> Result<Channel, EnrolError> {
    let right = |key: &[u8; 32]| pin.is_none_or(|pin| pin_of(key) == pin);
    enrol::connect(address, &protocol::cbor::encode(hello), right, proof, STEP).await
}

fn classify(error: EnrolError, address: &str) -> JoinError {
    match error {
        EnrolError::Rejected(rejection) => JoinError::Rejected(rejection),
        EnrolError::WrongCoordinator { .. } => JoinError::Impostor(error),
        EnrolError::Connect(_) | EnrolError::TimedOut => JoinError::Unreachable {
            addresses: address.to_owned(),
            source: error,
        },
        _ => JoinError::Channel(error),
    }
}

fn request(
    channel: &Channel,
    coordinator: &protocol::seal::SealingKey,
    applicant: &Applicant,
    keys: &Keys,
    dice: &mut Dice,
) -> Result<EnrolRequest, JoinError> {
    let signer = keys.signer();
    let sealing = keys.unsealing().public();
    Ok(EnrolRequest {
        key: signer.public(),
        sealing,
        possession: EnrolRequest::prove(&signer, &channel.handshake_hash(), &sealing),
        data_key: coordinator.seal(DATA_KEY_PURPOSE, keys.data_key().as_bytes(), dice)?,
        name: applicant.name.clone(),
        class: applicant.class,
        agent: Name::fitted(env!("CARGO_PKG_VERSION")).expect("a version is a short line"),
    })
}

async fn answer(channel: &mut Channel, show_code: impl FnOnce(&str)) -> Result<Welcome, JoinError> {
    let mut answer: EnrolAnswer = receive(channel, "enrolment answer", STEP).await?;
    if answer == EnrolAnswer::Pending {
        show_code(&comparison_code(&channel.handshake_hash()));
        answer = receive(channel, "enrolment answer", WAIT_FOR_PEOPLE).await?;
    }
    match answer {
        EnrolAnswer::Welcome(welcome) => Ok(welcome),
        EnrolAnswer::Refused(refusal) => Err(JoinError::Refused(refusal)),
        EnrolAnswer::Pending => Err(JoinError::Channel(EnrolError::Malformed)),
    }
}

async fn receive<T>(
    channel: &mut Channel,
    what: &'static str,
    within: Duration,
) -> Result<T, JoinError>
where
    T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
{
    let bytes = channel.recv(within).await.map_err(JoinError::Channel)?;
    Ok(enrolment::decode(what, &bytes)?)
}

async fn send<T: minicbor::Encode<()>>(
    channel: &mut Channel,
    message: &T,
) -> Result<(), JoinError> {
    channel
        .send(&protocol::cbor::encode(message))
        .await
        .map_err(JoinError::Channel)
}
