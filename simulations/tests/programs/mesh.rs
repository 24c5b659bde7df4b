//! Stories of running nodes: they find each other, come back after a kill, and go when they are retired.

use coordinator::control::{Answer, Request};

use super::rig::{Mesh, until};

#[tokio::test(flavor = "multi_thread")]
async fn devices_find_their_witnesses_and_come_back_with_an_unbroken_chain() {
    let mesh = Mesh::start().await;
    let mut running = Vec::new();
    for name in ["a", "b", "c"] {
        running.push(mesh.admit(name).await);
    }
    for name in ["a", "b", "c"] {
        mesh.until_status(name, "online").await;
        until(&format!("{name} has links to both others"), || async {
            mesh.status(name)
                .is_some_and(|status| status.links.len() == 2)
        })
        .await;
    }
    running.remove(0).abort();
    mesh.until_status("a", "silent").await;
    running.push(mesh.run("a"));
    mesh.until_status("a", "online").await;
    until("a has begun anew, linked", || async {
        mesh.status("a")
            .is_some_and(|status| status.incarnation == 1 && !status.unlinked)
    })
    .await;
    until("everything is stored", || async {
        mesh.status("a")
            .is_some_and(|status| status.acknowledged == status.last_record && status.backlog == 0)
    })
    .await;
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_device_is_refused_by_everybody() {
    let mesh = Mesh::start().await;
    let mut running = Vec::new();
    for name in ["keeper", "goner"] {
        running.push(mesh.admit(name).await);
        mesh.until_status(name, "online").await;
    }
    let goner = mesh.device("goner").await.expect("it is listed");
    let request = Request::Retire {
        device: goner.id.clone(),
        reason: "sold".to_owned(),
    };
    assert_eq!(
        mesh.ask(&request).await.expect("it can be retired"),
        Answer::Done
    );
    mesh.until_status("goner", "retired").await;
    until("the other device has no link to it", || async {
        mesh.status("keeper")
            .is_some_and(|status| status.links.is_empty())
    })
    .await;
    until("the retired one is told why", || async {
        mesh.status("goner").is_some_and(|status| {
            status
                .refusals
                .iter()
                .any(|refusal| refusal.reason == "revoked")
        })
    })
    .await;
    assert!(
        mesh.ask(&request).await.is_err(),
        "it cannot be retired twice"
    );
    running.iter().for_each(tokio::task::JoinHandle::abort);
}
