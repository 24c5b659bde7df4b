//! Stories of a device that an administrator orders to wipe itself.

use std::path::Path;

use clap::Parser as _;
use coordinator::commands::{self, Arguments};
use coordinator::control::{Request, Wipe};
use coordinator::offices::{self, Paths};
use data_encoding::BASE64;
use node::wipe::{self, RetiredError};
use protocol::key::Signer;
use protocol::ledger::{Strength, Withdrawal};
use protocol::signed::Signed;
use protocol::text::Name;

use super::rig::{Mesh, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_ordered_to_wipe_keeps_neither_keys_nor_journal() {
    let mesh = Mesh::start().await;
    let (stolen, other) = (mesh.admit("stolen").await, mesh.admit("other").await);
    for name in ["stolen", "other"] {
        mesh.until_status(name, "online").await;
    }
    let words = mesh.dir("words");
    std::fs::write(&words, &mesh.words).expect("the directory is ours");

    // Nobody has typed the name of the device, and there is no terminal to ask at.
    let error = retire(&mesh, &words, &[]).await.expect_err("it asks");
    assert_eq!(commands::exit_code(&error), 2, "{error}");
    assert!(!stolen.is_finished());

    let ordered = retire(&mesh, &words, &["--yes"]).await;
    ordered.expect("the administrator's key is good");
    let error = ended(stolen.await).expect_err("it does not run any more");
    assert_eq!(node::commands::exit_code(&error), 77, "{error}");
    assert!(error.is::<RetiredError>(), "{error}");
    assert_eq!(left_in(&mesh.dir("stolen")), ["retired.json"]);
    let retired = wipe::read(&mesh.dir("stolen")).expect("it can be read");
    assert!(retired.is_some_and(|retired| retired.wiped_ms.is_some()));
    until("the coordinator knows", || async {
        let device = mesh.device("stolen").await.expect("it was a member");
        device.status == "retired" && matches!(device.wipe, Some(Wipe::Confirmed { .. }))
    })
    .await;

    let error = ended(mesh.run("stolen").await).expect_err("there is nothing to run");
    assert_eq!(node::commands::exit_code(&error), 77, "{error}");
    mesh.until_status("other", "online").await;

    // The machine is free for another life.
    let text = mesh.token("again", 600).await;
    let joined = mesh.join("stolen", &text).await;
    joined.expect("a fresh join string admits");
    let again = mesh.run("stolen");
    mesh.until_status("again", "online").await;
    [other, again]
        .iter()
        .for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_off_wipes_itself_when_it_comes_back() {
    let mesh = Mesh::start().await;
    let text = mesh.token("lost", 600).await;
    let joined = mesh.join("lost", &text).await;
    joined.expect("a fresh join string admits");
    let words = mesh.dir("words");
    std::fs::write(&words, &mesh.words).expect("the directory is ours");
    let ordered = order(&mesh, &words, "lost", &["--yes"]).await;
    ordered.expect("the administrator's key is good");
    until(
        "the coordinator shows that nobody has confirmed",
        || async {
            let device = mesh.device("lost").await.expect("it was a member");
            device.wipe == Some(Wipe::Ordered)
        },
    )
    .await;
    let error = ended(mesh.run("lost").await).expect_err("it obeys");
    assert!(error.is::<RetiredError>(), "{error}");
    assert_eq!(left_in(&mesh.dir("lost")), ["retired.json"]);
}

/// Story: whoever steals the coordinator holds the admission key, and could have wiped the fleet.
#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_coordinator_wipes_nobody() {
    let mesh = Mesh::start().await;
    let running = mesh.admit("safe").await;
    mesh.until_status("safe", "online").await;
    let device = mesh.device("safe").await.expect("it is a member");
    let paths = Paths::new(&mesh.dir("coordinator"));
    let certified = offices::load(&paths).expect("they are in order");
    let admission = certified.offices.admission;
    for log_index in 0..4 {
        let withdrawal = Withdrawal {
            mesh: certified.mesh,
            device: device.id.parse().expect("an id"),
            log_index,
            time: ::mesh::wall(),
            strength: Strength::Retirement,
            reason: Name::new("stolen").expect("a short word"),
        };
        let signed = Signed::seal(withdrawal, admission.as_ref() as &dyn Signer);
        let withdrawal = BASE64.encode(signed.bytes());
        // For every place but the next one the log has grown; for that one the key is the wrong one.
        match mesh.ask(&Request::Revoke { withdrawal }).await {
            Ok(answer) => assert_eq!(answer, coordinator::control::Answer::LogHasGrown),
            Err(error) => assert!(error.to_string().contains("no administrator"), "{error}"),
        }
    }
    let after = mesh.device("safe").await.expect("it is a member");
    assert_eq!((after.status.as_str(), after.wipe), ("online", None));
    assert!(mesh.dir("safe").join("identity.key").exists());
    running.abort();
}

async fn retire(mesh: &Mesh, words: &Path, more: &[&str]) -> anyhow::Result<()> {
    order(mesh, words, "stolen", more).await
}

/// Runs `palisade-coordinator device retire --wipe` as a person would.
async fn order(mesh: &Mesh, words: &Path, device: &str, more: &[&str]) -> anyhow::Result<()> {
    let (dir, words) = (mesh.dir("coordinator"), words.to_owned());
    let more: Vec<String> = more.iter().map(ToString::to_string).collect();
    let device = device.to_owned();
    let run = move || {
        let mut line = vec!["palisade-coordinator".into(), "--dir".into(), dir.into()];
        line.extend(["device", "retire", "--wipe", "--admin-key"].map(Into::into));
        line.push(std::ffi::OsString::from(words));
        line.extend(more.into_iter().map(Into::into));
        line.push(device.into());
        commands::run(&Arguments::try_parse_from(line)?)
    };
    tokio::task::spawn_blocking(run).await?
}

fn ended(task: Result<anyhow::Result<()>, tokio::task::JoinError>) -> anyhow::Result<()> {
    task.expect("the node's task ends by itself")
}

fn left_in(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("the directory is ours");
    let names = entries.map(|entry| entry.expect("it can be read").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into()).collect();
    names.sort();
    names
}
