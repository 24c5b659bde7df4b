//! Who is let in, and what both sides hear when somebody is not.

use std::sync::Arc;

use mesh::{Event, Judge, limits};
use protocol::refusal::Refusal;

use crate::rig::{Fixed, Peer, gate, open_gate};

const ALL: [Refusal; 6] = [
    Refusal::Unknown,
    Refusal::Expired,
    Refusal::Revoked,
    Refusal::WrongMesh,
    Refusal::ClockWrong,
    Refusal::Malformed,
];

#[tokio::test]
async fn both_sides_hear_the_same_reason_when_the_listener_refuses() {
    for reason in ALL {
        let dialler = Peer::start(1, open_gate()).await;
        let listener = Peer::start(2, gate(Err(reason))).await;
        both_hear(
            dialler,
            listener,
            (Judge::Them, reason),
            (Judge::Us, reason),
        )
        .await;
    }
}

#[tokio::test]
async fn both_sides_hear_the_same_reason_when_the_dialler_refuses() {
    for reason in ALL {
        let dialler = Peer::start(1, gate(Err(reason))).await;
        let listener = Peer::start(2, open_gate()).await;
        both_hear(
            dialler,
            listener,
            (Judge::Us, reason),
            (Judge::Them, reason),
        )
        .await;
    }
}

#[tokio::test]
async fn two_refusals_are_both_heard_on_both_sides() {
    let mut dialler = Peer::start(1, gate(Err(Refusal::Expired))).await;
    let mut listener = Peer::start(2, gate(Err(Refusal::Revoked))).await;
    dialler.dial(&listener);
    assert_eq!(refused(&mut dialler).await, (Judge::Us, Refusal::Expired));
    assert_eq!(refused(&mut dialler).await, (Judge::Them, Refusal::Revoked));
    assert_eq!(refused(&mut listener).await, (Judge::Us, Refusal::Revoked));
    assert_eq!(
        refused(&mut listener).await,
        (Judge::Them, Refusal::Expired)
    );
}

#[tokio::test]
async fn whoever_is_turned_away_as_revoked_is_shown_its_order() {
    for (verdict, order, hears) in [
        (
            Refusal::Revoked,
            Some(b"wipe".to_vec()),
            Some(b"wipe".to_vec()),
        ),
        (Refusal::Revoked, None, None),
        (Refusal::Expired, Some(b"wipe".to_vec()), None),
        (
            Refusal::Revoked,
            Some(vec![0; limits::MAX_CREDENTIALS + 1]),
            None,
        ),
    ] {
        let mut dialler = Peer::start(1, open_gate()).await;
        let gate = Fixed {
            presents: b"credentials".to_vec(),
            verdict: Err(verdict),
            order,
        };
        let mut listener = Peer::start(2, Arc::new(gate)).await;
        dialler.dial(&listener);
        assert_eq!(shown(&mut dialler).await, (verdict, hears));
        assert_eq!(shown(&mut listener).await, (verdict, None));
    }
}

#[tokio::test]
async fn whoever_is_dialled_and_turned_away_is_shown_its_order_as_well() {
    let gate = Fixed {
        presents: b"credentials".to_vec(),
        verdict: Err(Refusal::Revoked),
        order: Some(b"wipe".to_vec()),
    };
    let dialler = Peer::start(1, Arc::new(gate)).await;
    let mut listener = Peer::start(2, open_gate()).await;
    dialler.dial(&listener);
    let hears = Some(b"wipe".to_vec());
    assert_eq!(shown(&mut listener).await, (Refusal::Revoked, hears));
}

#[tokio::test]
async fn credentials_over_the_limit_are_refused_unread() {
    let presents = vec![0; limits::MAX_CREDENTIALS + 1];
    let dialler = Peer::start(
        1,
        Arc::new(Fixed {
            presents,
            verdict: Ok(()),
            order: None,
        }),
    )
    .await;
    let listener = Peer::start(2, open_gate()).await;
    let reason = Refusal::Malformed;
    both_hear(
        dialler,
        listener,
        (Judge::Them, reason),
        (Judge::Us, reason),
    )
    .await;
}

#[tokio::test]
async fn a_gate_sees_the_proven_key_and_the_credentials_as_presented() {
    struct Careful([u8; 32]);
    impl mesh::Gate for Careful {
        fn credentials(&self) -> Vec<u8> {
            b"listener".to_vec()
        }
        fn judge(&self, key: mesh::Key, credentials: &[u8]) -> Result<(), Refusal> {
            if key == self.0 && credentials == b"credentials" {
                Ok(())
            } else {
                Err(Refusal::Unknown)
            }
        }
    }
    let mut dialler = Peer::start(1, open_gate()).await;
    let mut listener = Peer::start(2, Arc::new(Careful(dialler.key()))).await;
    dialler.dial(&listener);
    dialler.up(listener.key()).await;
    listener.up(dialler.key()).await;
}

#[tokio::test]
async fn the_mesh_key_is_the_ed25519_key_of_the_seed() {
    let peer = Peer::start(5, open_gate()).await;
    let signing = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    assert_eq!(peer.key(), signing.verifying_key().to_bytes());
}

async fn both_hear(
    mut dialler: Peer,
    mut listener: Peer,
    dialler_hears: (Judge, Refusal),
    listener_hears: (Judge, Refusal),
) {
    dialler.dial(&listener);
    assert_eq!(refused(&mut dialler).await, dialler_hears);
    assert_eq!(refused(&mut listener).await, listener_hears);
    let (dialler_key, listener_key) = (dialler.key(), listener.key());
    assert_eq!(dialler.links_to(listener_key), 0);
    assert_eq!(listener.links_to(dialler_key), 0);
}

async fn shown(peer: &mut Peer) -> (Refusal, Option<Vec<u8>>) {
    peer.wait(|event| match event {
        Event::Refused { reason, order, .. } => Some((*reason, order.clone())),
        _ => None,
    })
    .await
}

async fn refused(peer: &mut Peer) -> (Judge, Refusal) {
    peer.wait(|event| match event {
        Event::Refused { by, reason, .. } => Some((*by, *reason)),
        _ => None,
    })
    .await
}
