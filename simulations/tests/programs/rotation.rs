//! Stories of a rotation: the admission key and the root change under running nodes.

use std::time::Duration;

use coordinator::control::{Answer, Progress, Request};
use coordinator::holders::{self, Holders};
use coordinator::offices::{self, Paths};
use coordinator::rotation;
use protocol::ledger::Entry;

use super::rig::{Mesh, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_admission_key_and_the_root_are_replaced_under_running_nodes() {
    let mesh = Mesh::start().await;
    let mut running = vec![mesh.admit("a").await, mesh.admit("b").await];
    for name in ["a", "b"] {
        mesh.until_status(name, "online").await;
    }
    let paths = Paths::new(&mesh.dir("coordinator"));
    let day = Duration::from_secs(86_400);
    let holders = opened(&paths, &mesh.words);
    let charter = rotation::draft_admission(&paths, &holders, ::mesh::wall(), day);
    put_into_force(&mesh, &charter.expect("the root signs")).await;
    until_done(&mesh, 2, 2).await;
    assert!(!paths.next_admission().exists(), "the key is in its place");

    running.push(mesh.admit("late").await);
    mesh.until_status("late", "online").await;
    until_done(&mesh, 2, 3).await;

    let trust = offices::trust(&paths).expect("a mesh");
    let new = rotation::draft_root(&trust, &holders, (1, 1), ::mesh::wall());
    put_into_force(&mesh, &new.expect("the root signs").documents).await;
    until_done(&mesh, 3, 3).await;
    let trust = offices::trust(&paths).expect("it was written down");
    let former = holders::from_words(&mesh.words).expect("the words are good");
    let refused = Holders::of(trust.root().expect("it is held"), former);
    let why = refused
        .expect_err("the former root signs no more")
        .to_string();
    assert!(why.contains("no such root key"), "{why}");
    for name in ["a", "b", "late"] {
        mesh.until_status(name, "online").await;
        let status = mesh.status(name).expect("it runs");
        assert_eq!(status.incarnation, 0, "{name} was never restarted");
    }
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

pub(super) fn opened(paths: &Paths, words: &str) -> Holders {
    let trust = offices::trust(paths).expect("a mesh");
    let seeds = holders::from_words(words).expect("the words are good");
    Holders::of(trust.root().expect("it is held"), seeds).expect("the root's words")
}

pub(super) async fn put_into_force(mesh: &Mesh, documents: &[Entry]) {
    let answer = mesh.ask(&Request::succeed(documents)).await;
    assert_eq!(answer.expect("the documents follow"), Answer::Done);
}

pub(super) async fn until_done(mesh: &Mesh, charter: u32, members: usize) {
    until(&format!("{members} hold charter {charter}"), || async {
        let told = progress(mesh).await;
        told.is_some_and(|told| (told.charter, told.done) == (charter, members))
    })
    .await;
}

async fn progress(mesh: &Mesh) -> Option<Progress> {
    match mesh.ask(&Request::Rotation).await {
        Ok(Answer::Rotation { rotation }) => rotation,
        other => panic!("the progress was asked for, and the answer is {other:?}"),
    }
}
