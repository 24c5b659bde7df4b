//! A coordinator and nodes in one process, each with a directory of its own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use coordinator::ceremony::{self, RootPlan};
use coordinator::config::Config;
use coordinator::control::{self, Answer, Device, Request};
use node::join::{Applicant, JoinError, Way};
use node::member::Member;
use protocol::join::JoinString;
use protocol::text::Name;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// How long anything may take on a loaded machine before the story counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running mesh of one coordinator.
pub struct Mesh {
    home: TempDir,
    /// The recovery words of the root.
    pub words: String,
    coordinator: JoinHandle<anyhow::Result<()>>,
}

impl Mesh {
    pub async fn start() -> Self {
        // A second story in the same process finds the provider installed.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let home = tempfile::tempdir().expect("a temporary directory");
        let dir = home.path().join("coordinator");
        let any = "127.0.0.1:0".parse().expect("an address");
        let config = Config {
            people: any,
            mesh: any,
            enrolment: any,
            ..Config::default()
        };
        let plan = RootPlan {
            holders: 1,
            threshold: 1,
            passphrase: None,
        };
        let made =
            ceremony::init(&dir, &config, &plan, ::mesh::wall()).expect("an empty directory");
        let words = made.words[0].to_string();
        let coordinator = tokio::spawn(serve(dir));
        let mesh = Self {
            home,
            words,
            coordinator,
        };
        until("the coordinator listens", || async {
            mesh.devices().await.is_ok()
        })
        .await;
        mesh
    }

    pub fn dir(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub async fn ask(&self, request: &Request) -> Result<Answer, control::ControlError> {
        control::ask(&self.dir("coordinator"), request).await
    }

    pub async fn devices(&self) -> Result<Vec<Device>, control::ControlError> {
        match self.ask(&Request::Devices { filter: None }).await? {
            Answer::Devices { items } => Ok(items),
            other => panic!("devices were asked for, and the answer is {other:?}"),
        }
    }

    pub async fn device(&self, name: &str) -> Option<Device> {
        let devices = self.devices().await.expect("the coordinator runs");
        devices.into_iter().find(|device| device.name == name)
    }

    /// A join string for a device of this name.
    pub async fn token(&self, name: &str, life_s: u64) -> String {
        let request = Request::MakeToken {
            name: name.to_owned(),
            class: "sensor".to_owned(),
            cell: "main".to_owned(),
            life_s,
        };
        match self.ask(&request).await {
            Ok(Answer::Join { join, .. }) => join,
            other => panic!("a join string was asked for, and the answer is {other:?}"),
        }
    }

    pub async fn join(&self, name: &str, text: &str) -> Result<Member, JoinError> {
        let way = Way::Token(JoinString::parse(text)?);
        let applicant = Applicant {
            name: Name::new(name).expect("a short name"),
            class: None,
        };
        node::join::join(&self.dir(name), way, applicant, |_| {}).await
    }

    /// Joins a device and runs it.
    pub async fn admit(&self, name: &str) -> JoinHandle<anyhow::Result<()>> {
        let text = self.token(name, 600).await;
        self.join(name, &text)
            .await
            .expect("a fresh join string admits");
        self.run(name)
    }

    pub fn run(&self, name: &str) -> JoinHandle<anyhow::Result<()>> {
        let dir = self.dir(name);
        let flags = node::config::Flags {
            listen: vec!["127.0.0.1:0".to_owned()],
            mdns: Some("off".to_owned()),
            telemetry: Some("1s".to_owned()),
            beat: Some("1s".to_owned()),
            ..node::config::Flags::default()
        };
        let (config, _) =
            node::config::Config::load(&dir, |_| None, &flags).expect("sound settings");
        tokio::spawn(async move { node::run::run(&dir, config).await })
    }

    pub async fn until_status(&self, name: &str, status: &str) {
        until(&format!("{name} is {status}"), || async {
            self.device(name)
                .await
                .is_some_and(|device| device.status == status)
        })
        .await;
    }

    pub fn status(&self, name: &str) -> Option<node::status::Status> {
        node::status::Status::read(&self.dir(name)).ok()
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        self.coordinator.abort();
    }
}

/// Runs the coordinator of a folder.
pub async fn serve(dir: PathBuf) -> anyhow::Result<()> {
    coordinator::run::serve(Path::new(&dir)).await
}

/// Asks again and again until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
