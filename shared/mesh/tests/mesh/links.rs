//! Links between admitted peers.

use std::time::Duration;

use bytes::Bytes;
use mesh::{Config, DownReason, Dropped, Event, Mesh, Sent, StartError, Unreachable, limits};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{
    rig::{Peer, linked, open_gate},
    road::Road,
};

fn numbered(number: u32) -> Bytes {
    Bytes::copy_from_slice(&number.to_be_bytes())
}

#[tokio::test]
async fn frames_arrive_in_order_both_ways() {
    let (mut a, mut b) = linked().await;
    for number in 0..200 {
        assert_eq!(a.mesh.send(b.key(), numbered(number)), Sent::Queued);
        assert_eq!(b.mesh.send(a.key(), numbered(number)), Sent::Queued);
    }
    for number in 0..200 {
        assert_eq!(a.frame().await, numbered(number));
        assert_eq!(b.frame().await, numbered(number));
    }
}

/// Story: two nodes ran on one host with the port that both had by default. Each took half of what came for either.
#[tokio::test]
async fn a_port_on_which_somebody_listens_is_not_shared() {
    let first = Peer::start(1, open_gate()).await;
    let mut config = Config::new(Zeroizing::new([2; 32]));
    config.listen = first.mesh.listen_addresses();
    let refused = Mesh::start(config, open_gate())
        .await
        .expect_err("it is taken");
    assert!(matches!(refused, StartError::Taken { .. }), "{refused}");
}

#[tokio::test]
async fn empty_and_longest_frames_arrive_whole() {
    let (a, mut b) = linked().await;
    for length in [0, 1, 127, 128, 16_383, 16_384, limits::MAX_FRAME] {
        let frame = Bytes::from(vec![7; length]);
        assert_eq!(a.mesh.send(b.key(), frame.clone()), Sent::Queued);
        assert_eq!(b.frame().await, frame);
    }
}

#[tokio::test]
async fn three_peers_hold_a_link_each_to_the_others() {
    let mut peers = Vec::new();
    for seed in 1..=3 {
        peers.push(Peer::start(seed, open_gate()).await);
    }
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        peers[from].dial(&peers[to]);
    }
    let keys: Vec<_> = peers.iter().map(Peer::key).collect();
    for peer in &mut peers {
        let own = peer.key();
        for other in keys.iter().filter(|key| **key != own) {
            peer.up(*other).await;
        }
    }
    peers[0]
        .mesh
        .send(keys[1], Bytes::from_static(b"to the second"));
    peers[0]
        .mesh
        .send(keys[2], Bytes::from_static(b"to the third"));
    assert_eq!(peers[1].frame().await, "to the second");
    assert_eq!(peers[2].frame().await, "to the third");
}

#[tokio::test]
async fn peers_that_dial_at_once_settle_on_one_link() {
    for round in 0..20 {
        let mut a = Peer::start(1, open_gate()).await;
        let mut b = Peer::start(2, open_gate()).await;
        a.dial(&b);
        b.dial(&a);
        a.up(b.key()).await;
        b.up(a.key()).await;
        a.send(&b, b"from a");
        b.send(&a, b"from b");
        assert_eq!(b.frame().await, "from a", "round {round}");
        assert_eq!(a.frame().await, "from b", "round {round}");
        let (a_key, b_key) = (a.key(), b.key());
        assert_eq!(
            (a.links_to(b_key), b.links_to(a_key)),
            (0, 0),
            "no further link came or went"
        );
        a.mesh.stop().await;
        b.mesh.stop().await;
    }
}

/// A copied device: both are heard, one after the other, and whoever is replaced learns of it.
#[tokio::test]
async fn two_peers_of_one_key_take_the_link_from_each_other() {
    let (mut original, mut witness) = linked().await;
    let mut copy = Peer::start(1, open_gate()).await;
    assert_eq!(copy.key(), original.key());
    original.send(&witness, b"of the original");
    assert_eq!(witness.frame().await, "of the original");
    copy.dial(&witness);
    copy.up(witness.key()).await;
    assert_eq!(witness.down(copy.key()).await, DownReason::Replaced);
    original.down(witness.key()).await;
    copy.send(&witness, b"of the copy");
    assert_eq!(witness.frame().await, "of the copy");
    original.dial(&witness);
    original.up(witness.key()).await;
    original.send(&witness, b"of the original again");
    assert_eq!(witness.frame().await, "of the original again");
    copy.down(witness.key()).await;
}

#[tokio::test]
async fn a_link_is_dialled_once_however_often_it_is_asked_for() {
    let (mut a, mut b) = linked().await;
    for _ in 0..10 {
        a.dial(&b);
        b.dial(&a);
    }
    a.send(&b, b"still here");
    assert_eq!(b.frame().await, "still here");
    let (a_key, b_key) = (a.key(), b.key());
    assert_eq!((a.links_to(b_key), b.links_to(a_key)), (0, 0));
}

#[tokio::test]
async fn a_killed_peer_is_missed_and_linked_again_when_it_returns() {
    let (mut a, b) = linked().await;
    let (key, address) = (b.key(), b.mesh.listen_addresses());
    drop(b);
    a.down(key).await;
    let gone = a.mesh.send(key, Bytes::from_static(b"nobody is there"));
    assert_eq!(gone, Sent::Dropped(Dropped::NoLink));
    let mut b = Peer::start_at(2, open_gate(), &address[0]).await;
    a.dial(&b);
    a.up(key).await;
    b.up(a.key()).await;
    a.send(&b, b"welcome back");
    assert_eq!(b.frame().await, "welcome back");
}

#[tokio::test]
async fn a_peer_that_disconnects_and_dials_again_at_once_gets_a_new_link() {
    let (mut a, mut b) = linked().await;
    a.send(&b, b"last words");
    a.mesh.disconnect(b.key());
    assert_eq!(a.down(b.key()).await, DownReason::Requested);
    a.dial(&b);
    a.up(b.key()).await;
    assert_eq!(b.frame().await, "last words");
    b.down(a.key()).await;
    b.up(a.key()).await;
    a.send(&b, b"first words");
    assert_eq!(b.frame().await, "first words");
}

#[tokio::test]
async fn what_is_queued_before_a_stop_still_arrives() {
    let (a, mut b) = linked().await;
    for number in 0..100 {
        a.mesh.send(b.key(), numbered(number));
    }
    let key = a.key();
    a.mesh.stop().await;
    for number in 0..100 {
        assert_eq!(b.frame().await, numbered(number));
    }
    assert_eq!(b.down(key).await, DownReason::Closed);
}

#[tokio::test]
async fn a_frame_over_the_limit_is_not_taken() {
    let (a, b) = linked().await;
    let frame = Bytes::from(vec![0; limits::MAX_FRAME + 1]);
    assert_eq!(
        a.mesh.send(b.key(), frame),
        Sent::Dropped(Dropped::Oversize)
    );
}

#[tokio::test]
async fn a_peer_that_does_not_read_fills_a_bounded_queue() {
    let (a, b) = linked().await;
    let frame = Bytes::from(vec![0; limits::MAX_FRAME]);
    let mut queued = 0;
    // The receiver of b is not read, so everything between the two fills up.
    let last = loop {
        match a.mesh.send(b.key(), frame.clone()) {
            Sent::Queued => queued += 1,
            dropped => break dropped,
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(last, Sent::Dropped(Dropped::QueueFull));
    let bound = limits::MAX_QUEUED_EVENTS + limits::MAX_QUEUED_FRAMES + 64;
    assert!(queued <= bound, "{queued} frames were taken");
}

#[tokio::test]
async fn small_frames_are_bounded_by_their_number() {
    let (a, b) = linked().await;
    let taken = (0..10_000)
        .take_while(|_| a.send(&b, b"x") == Sent::Queued)
        .count();
    assert_eq!(
        taken,
        limits::MAX_QUEUED_FRAMES,
        "the link had no turn in between"
    );
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_unreachable() {
    let mut a = Peer::start(1, open_gate()).await;
    let b = Peer::start(2, open_gate()).await;
    let (key, addresses) = (b.key(), b.mesh.listen_addresses());
    b.mesh.stop().await;
    a.mesh.connect(key, addresses);
    assert_eq!(
        unreachable(&mut a).await,
        Unreachable::Io(std::io::ErrorKind::ConnectionRefused)
    );
    a.mesh.connect(key, vec!["nonsense".to_owned()]);
    assert_eq!(unreachable(&mut a).await, Unreachable::NoAddress);
}

#[tokio::test]
async fn another_key_at_the_address_is_not_linked() {
    let mut a = Peer::start(1, open_gate()).await;
    let b = Peer::start(2, open_gate()).await;
    let c = Peer::start(3, open_gate()).await;
    a.mesh.connect(c.key(), b.mesh.listen_addresses());
    assert_eq!(unreachable(&mut a).await, Unreachable::WrongKey);
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told_apart_from_silence() {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = server.local_addr().expect("it is bound").to_string();
    let key = Peer::start(2, open_gate()).await.key();
    let mut a = Peer::start(1, open_gate()).await;

    a.mesh.connect(key, vec![address.clone()]);
    let (_silent, _) = server.accept().await.expect("a dials");
    assert_eq!(unreachable(&mut a).await, Unreachable::TimedOut);

    a.mesh.connect(key, vec![address]);
    let (mut chatty, _) = server.accept().await.expect("a dials");
    let page = format!("HTTP/1.1 400 Bad Request\r\n\r\n{}", "no ".repeat(50));
    chatty.write_all(page.as_bytes()).await.expect("a listens");
    assert_eq!(unreachable(&mut a).await, Unreachable::Foreign);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_go_up_and_down_in_turn_however_peers_dial_and_disconnect() {
    let mut a = Peer::start(1, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    let (a_key, b_key) = (a.key(), b.key());
    for step in 0..300_u32 {
        match step.wrapping_mul(2_654_435_761) >> 29 {
            0 => a.mesh.disconnect(b_key),
            1 => b.mesh.disconnect(a_key),
            2..=4 => a.dial(&b),
            _ => b.dial(&a),
        }
        if step % 3 == 0 {
            tokio::time::sleep(Duration::from_millis(u64::from(step % 7))).await;
        }
        for links in [a.links_to(b_key), b.links_to(a_key)] {
            assert!((0..=1).contains(&links), "{links} links at step {step}");
        }
    }
    a.disconnect_and_forget(b_key).await;
    b.disconnect_and_forget(a_key).await;
    a.dial(&b);
    a.up(b_key).await;
    b.up(a_key).await;
    a.send(&b, b"in the end");
    assert_eq!(b.frame().await, "in the end");
}

/// A beat of 16 bytes takes 1 of length, 12 of Yamux and 18 of Noise; nothing else travels, not even
/// the round-trip pings that Yamux would send by then.
#[tokio::test]
async fn an_idle_link_stays_up_without_a_byte_and_a_beat_costs_47() {
    let mut a = Peer::start(1, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    let road = Road::to(&b).await;
    a.mesh.connect(b.key(), vec![road.address.clone()]);
    a.up(b.key()).await;
    b.up(a.key()).await;
    a.send(&b, b"settled");
    b.frame().await;
    let before = road.bytes();
    tokio::time::sleep(limits::IDLE_TIMEOUT + Duration::from_secs(1)).await;
    assert_eq!(road.bytes(), before, "an idle link is silent");
    for beat in 1..=3 {
        a.send(&b, &[0; 16]);
        b.frame().await;
        b.send(&a, &[0; 16]);
        a.frame().await;
        assert_eq!(road.bytes() - before, beat * 2 * 47);
    }
}

#[tokio::test]
async fn a_peer_that_lost_its_link_unseen_replaces_it_by_dialling_again() {
    let mut a = Peer::start(1, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    let road = Road::to(&a).await;
    b.mesh.connect(a.key(), vec![road.address.clone()]);
    a.up(b.key()).await;
    b.up(a.key()).await;
    drop(b);
    let mut b = Peer::start(2, open_gate()).await;
    b.dial(&a);
    b.up(a.key()).await;
    assert_eq!(a.down(b.key()).await, DownReason::Replaced);
    a.up(b.key()).await;
    a.send(&b, b"on the new link");
    assert_eq!(b.frame().await, "on the new link");
}

#[tokio::test]
async fn one_address_cannot_fill_the_doorway() {
    let a = Peer::start(1, open_gate()).await;
    let address = a.mesh.listen_addresses()[0].replace("/ip4/127.0.0.1/tcp/", "127.0.0.1:");
    let mut silent = Vec::new();
    for _ in 0..limits::MAX_PENDING_PER_ADDRESS {
        silent.push(TcpStream::connect(&address).await.expect("it listens"));
    }
    let mut turned_away = TcpStream::connect(&address)
        .await
        .expect("the system accepts it");
    let end = timeout(Duration::from_secs(1), turned_away.read_u8()).await;
    end.expect("it is closed at once")
        .expect_err("no byte comes first");
    let mut early = [0];
    assert!(
        timeout(Duration::from_millis(10), silent[0].peek(&mut early))
            .await
            .is_err()
    );
}

async fn unreachable(peer: &mut Peer) -> Unreachable {
    peer.wait(|event| match event {
        Event::Unreachable { reason, .. } => Some(*reason),
        _ => None,
    })
    .await
}
