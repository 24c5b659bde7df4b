//! The channel in which a device asks for a membership.

use std::time::Duration;

use mesh::enrol::{self, Channel, EnrolError, Knock, Proof, Rejection};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};
use zeroize::Zeroizing;

const COORDINATOR: [u8; 32] = [9; 32];
const PSK: [u8; 32] = [4; 32];
const HELLO: &[u8] = b"version, mesh id, token id";
const STEP: Duration = Duration::from_millis(500);

type Accepted = Result<(Channel, Vec<u8>), EnrolError>;

fn token(secret: [u8; 32]) -> Proof {
    Proof::Token(Zeroizing::new(secret))
}

fn right_pin(key: &[u8; 32]) -> bool {
    *key == enrol::public_of(&COORDINATOR)
}

async fn meet(
    proof: Proof,
    pin: impl FnOnce(&[u8; 32]) -> bool,
    find: impl FnOnce(Knock<'_>) -> Result<Proof, Rejection>,
) -> (Result<Channel, EnrolError>, Accepted) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let coordinator = async {
        let (tcp, _) = listener.accept().await.expect("the device connects");
        enrol::accept(tcp, &COORDINATOR, find, STEP).await
    };
    tokio::join!(
        enrol::connect(address, HELLO, pin, proof, STEP),
        coordinator
    )
}

#[tokio::test]
async fn a_device_with_a_token_gets_a_channel_that_carries_messages_both_ways() {
    let (device, coordinator) = meet(token(PSK), right_pin, |knock| {
        assert!(matches!(knock, Knock::Token(HELLO)));
        Ok(token(PSK))
    })
    .await;
    let mut device = device.expect("the device has the right secret");
    let (mut coordinator, hello) = coordinator.expect("the device has the right secret");
    assert_eq!(hello, HELLO);
    assert_eq!(device.handshake_hash(), coordinator.handshake_hash());
    for length in [0, 1, 5_000, mesh::limits::MAX_ENROL_MESSAGE] {
        let message = vec![3; length];
        let (sent, received) = tokio::join!(device.send(&message), coordinator.recv(STEP));
        sent.expect("the coordinator reads");
        assert_eq!(received.expect("the device sent it"), message);
        let (sent, received) = tokio::join!(coordinator.send(&message), device.recv(STEP));
        sent.expect("the device reads");
        assert_eq!(received.expect("the coordinator sent it"), message);
    }
    let too_long = vec![0; mesh::limits::MAX_ENROL_MESSAGE + 1];
    assert!(matches!(
        device.send(&too_long).await,
        Err(EnrolError::TooLong)
    ));
}

#[tokio::test]
async fn a_device_without_a_token_gets_a_channel_whose_code_can_be_compared() {
    let (device, coordinator) = meet(
        Proof::Code,
        |_| true,
        |knock| {
            assert!(matches!(knock, Knock::Code(HELLO)));
            Ok(Proof::Code)
        },
    )
    .await;
    let device = device.expect("no secret is needed");
    let (coordinator, _) = coordinator.expect("no secret is needed");
    assert_eq!(device.handshake_hash(), coordinator.handshake_hash());
    assert_eq!(device.remote_static(), enrol::public_of(&COORDINATOR));
}

#[tokio::test]
async fn a_coordinator_with_another_key_never_sees_the_third_message() {
    let (device, coordinator) = meet(token(PSK), |_| false, |_| Ok(token(PSK))).await;
    let Err(EnrolError::WrongCoordinator { presented }) = device else {
        panic!("{device:?}")
    };
    assert_eq!(presented, enrol::public_of(&COORDINATOR));
    let Err(EnrolError::Io(error)) = coordinator else {
        panic!("{coordinator:?}")
    };
    assert_eq!(
        error.kind(),
        std::io::ErrorKind::UnexpectedEof,
        "the device closed without a word"
    );
}

#[tokio::test]
async fn a_wrong_secret_is_reported_on_both_sides() {
    let (device, coordinator) = meet(token([5; 32]), right_pin, |_| Ok(token(PSK))).await;
    assert!(
        matches!(device, Err(EnrolError::Rejected(Rejection::WrongSecret))),
        "{device:?}"
    );
    assert!(
        matches!(
            coordinator,
            Err(EnrolError::TurnedAway(Rejection::WrongSecret))
        ),
        "{coordinator:?}"
    );
}

#[tokio::test]
async fn a_coordinator_that_lacks_the_secret_cannot_pretend_to_have_taken_it() {
    let impostor = enrol::public_of(&COORDINATOR);
    let (device, _) = meet(
        token([5; 32]),
        |key| *key == impostor,
        |_| Ok(token([6; 32])),
    )
    .await;
    assert!(device.is_err());
}

#[tokio::test]
async fn the_device_hears_why_it_is_turned_away() {
    for rejection in [
        Rejection::UnknownToken,
        Rejection::ExpiredToken,
        Rejection::UsedToken,
        Rejection::WrongMesh,
        Rejection::UnsupportedVersion,
        Rejection::CodeClosed,
        Rejection::Busy,
    ] {
        let (device, coordinator) = meet(token(PSK), right_pin, |_| Err(rejection)).await;
        let Err(EnrolError::Rejected(said)) = device else {
            panic!("{device:?}")
        };
        let Err(EnrolError::TurnedAway(meant)) = coordinator else {
            panic!("{coordinator:?}")
        };
        assert_eq!((said, meant), (rejection, rejection));
    }
}

#[tokio::test]
async fn a_device_that_knocks_at_a_busy_coordinator_hears_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let busy = async {
        let (tcp, _) = listener.accept().await.expect("the device connects");
        enrol::reject(tcp, Rejection::Busy, STEP).await
    };
    let (device, busy) = tokio::join!(
        enrol::connect(address, HELLO, right_pin, token(PSK), STEP),
        busy
    );
    busy.expect("the device reads");
    assert!(
        matches!(device, Err(EnrolError::Rejected(Rejection::Busy))),
        "{device:?}"
    );
}

#[tokio::test]
async fn a_device_that_announces_no_token_cannot_pass_where_one_is_needed() {
    let (device, coordinator) = meet(Proof::Code, right_pin, |_| Ok(token(PSK))).await;
    assert!(device.is_err() && coordinator.is_err());
}

#[tokio::test]
async fn a_device_that_drips_bytes_is_dropped_after_one_step() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let dripping = tokio::spawn(async move {
        let mut tcp = TcpStream::connect(address).await.expect("it listens");
        while tcp.write_all(&[0]).await.is_ok() {
            tokio::time::sleep(STEP / 10).await;
        }
    });
    let (tcp, _) = listener.accept().await.expect("the device connects");
    let begun = tokio::time::Instant::now();
    let long_hello = enrol::accept(tcp, &COORDINATOR, |_| Ok(token(PSK)), STEP).await;
    assert!(begun.elapsed() < 3 * STEP);
    assert!(long_hello.is_err());
    dripping.await.expect("it ends when the coordinator closes");
}

#[tokio::test]
async fn silence_ends_either_side_after_one_step() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let device = enrol::connect(address, HELLO, right_pin, token(PSK), STEP).await;
    assert!(matches!(device, Err(EnrolError::TimedOut)), "{device:?}");
    let _silent = TcpStream::connect(address).await.expect("it listens");
    listener.accept().await.expect("the first device");
    let (tcp, _) = listener.accept().await.expect("the silent device");
    let coordinator = enrol::accept(tcp, &COORDINATOR, |_| Ok(token(PSK)), STEP).await;
    assert!(
        matches!(coordinator, Err(EnrolError::TimedOut)),
        "{coordinator:?}"
    );
}
