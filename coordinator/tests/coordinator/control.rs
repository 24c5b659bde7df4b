//! The control socket, over a run loop that only obeys: what it orders, and what of that is in the audit trail.

use std::sync::{Arc, Mutex};

use coordinator::access;
use coordinator::addresses::Addresses;
use coordinator::bulletin::Bulletin;
use coordinator::bulletin::wish::{ActWish, TuneWish};
use coordinator::command::Commands;
use coordinator::control::alerts::{AlertAsked, DeliveryAsked, LogsAsked};
use coordinator::control::{self, Answer, ControlError, Request};
use coordinator::delivery::Delivery;
use coordinator::live::Live;
use coordinator::logbook::Logbook;
use coordinator::mesh_name::MeshName;
use coordinator::offices::Paths;
use coordinator::orders::Orders;
use coordinator::people::Service;
use coordinator::releases::Releases;
use coordinator::report::{self, Reporter};
use coordinator::risk::Risk;
use coordinator::scans::Scans;
use coordinator::secrets::private_dir;
use coordinator::store::key::StoreKey;
use coordinator::store::{Reader, Store};
use data_encoding::BASE64;
use protocol::id::MeshId;
use protocol::key::SecretKey;
use protocol::ledger::{Strength, Withdrawal};
use protocol::signed::Signed;
use redb::backends::InMemoryBackend;
use tempfile::TempDir;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::web::mesh::{ADMINISTRATOR, device_id, mesh, obey};
use super::web::rig::{name, now};

struct Rig {
    dir: TempDir,
    reader: Reader,
    service: Service,
    stopping: CancellationToken,
}

impl Rig {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::new(dir.path());
        private_dir(&paths.run()).unwrap();
        let key = StoreKey::from_bytes([7; 32]);
        let (store, _) = Store::with_backend(InMemoryBackend::new(), key).unwrap();
        let (reader, writer) = (store.reader(), store.writer());
        let (orders, ordered) = Orders::channel();
        let (live, live_handle) = watch::channel(Arc::new(mesh()));
        tokio::spawn(obey(ordered, Arc::new(Mutex::new(store)), live));
        let releases = Releases::new(&paths, reader.clone(), writer.clone(), orders.clone());
        let bulletin = Bulletin::open(reader.clone(), writer.clone(), live_handle.clone());
        let (bulletin, _) = bulletin.unwrap();
        let mesh_id = MeshId::from_bytes([9; 32]);
        let risk = Risk::new(reader.clone(), writer.clone(), live_handle.clone());
        let scans = Scans::new(
            risk.clone(),
            writer.clone(),
            live_handle.clone(),
            orders.clone(),
        );
        let logbook = Logbook::open(None, writer.clone(), bulletin.clone());
        let delivery = Delivery::new(None, bulletin, live_handle.clone(), mesh_id);
        let releases = releases.unwrap();
        let mesh_name = MeshName::of(&reader, &mesh_id).unwrap();
        let reporter = Reporter::new(report::Sources {
            reader: reader.clone(),
            writer: writer.clone(),
            live: live_handle.clone(),
            risk: risk.clone(),
            delivery: delivery.clone(),
            logbook: logbook.clone(),
            releases: releases.clone(),
            signer: Arc::new(SecretKey::from_seed(&[3; 32])),
            mesh: mesh_id,
            mesh_name: mesh_name.clone(),
        });
        let commands = Commands::new(
            (reader.clone(), writer.clone()),
            live_handle.clone(),
            orders.clone(),
            releases.clone(),
            risk.clone(),
        );
        let service = Service {
            commands,
            reporter,
            logbook,
            delivery,
            scans,
            releases,
            risk,
            people: "127.0.0.1:0".parse().unwrap(),
            paths: paths.clone(),
            mesh_id,
            mesh_name,
            names: std::collections::BTreeSet::new(),
            second_factor: coordinator::factors::Demand::Nobody,
            live: live_handle,
            orders: orders.clone(),
            events: broadcast::channel(1).0,
            reader: reader.clone(),
            writer,
            metrics: Arc::default(),
            documents: Arc::default(),
            api_origins: Arc::default(),
            security_contact: None,
            demonstration: false,
        };
        let stopping = CancellationToken::new();
        let addresses = Addresses {
            people: "https://127.0.0.1:1".to_owned(),
            mesh: Vec::new(),
            enrol: Vec::new(),
            ddi: None,
        };
        let router = service.router(&addresses, &stopping);
        let served = (service.clone(), router);
        control::listen(&paths, served, orders, &addresses, stopping.clone())
            .await
            .unwrap();
        Self {
            dir,
            reader,
            service,
            stopping,
        }
    }

    async fn ask(&self, request: &Request) -> Result<Answer, ControlError> {
        control::ask(self.dir.path(), request).await
    }

    /// The newest entry of the audit trail: actor, action, object, and what it says.
    fn newest(&self) -> (String, String, String, String) {
        let entries = self.reader.audit_page(None, 1).unwrap();
        let act = &entries[0].act;
        let says = act.after.as_ref().map(ToString::to_string);
        let words = [act.actor.to_string(), act.action.to_string()];
        let [actor, action] = words;
        (
            actor,
            action,
            act.object.to_string(),
            says.unwrap_or_default(),
        )
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// An order to wipe for the next place of the log, signed by the key of this seed.
fn order(live: &Live, seed: [u8; 32]) -> Request {
    let withdrawal = Withdrawal {
        mesh: live.roster.charter().mesh,
        device: device_id(1),
        log_index: live.roster.size(),
        time: now(),
        strength: Strength::Retirement,
        reason: name("stolen"),
    };
    let signed = Signed::seal(withdrawal, &SecretKey::from_seed(&seed));
    Request::Revoke {
        withdrawal: BASE64.encode(signed.bytes()),
    }
}

fn noted(actor: &str, action: &str, says: &str) -> (String, String, String, String) {
    let [actor, action, says] = [actor, action, says].map(str::to_owned);
    (actor, action, device_id(1).to_string(), says)
}

#[tokio::test]
async fn an_order_to_wipe_and_its_confirmation_are_in_the_audit_trail() {
    let rig = Rig::start().await;
    let live = Arc::clone(&rig.service.live.borrow());
    let answer = rig.ask(&order(&live, ADMINISTRATOR)).await;
    assert_eq!(answer.unwrap(), Answer::Done);
    let ordered = noted(
        "command line",
        "device.retire",
        "ordered to wipe itself: stolen",
    );
    assert_eq!(rig.newest(), ordered);

    access::note_wiped(&rig.service.writer, &device_id(1)).unwrap();
    let actor = format!("device {}", device_id(1));
    let says = "its last statement: it wipes its keys and its journal";
    assert_eq!(rig.newest(), noted(&actor, "device.wiped", says));
}

/// Story: whoever sits at the coordinator tries with the key that they have, and leaves a trace.
/// A name that was mistyped at the first setup is put right where the coordinator runs.
#[tokio::test]
async fn the_mesh_is_called_something_else_at_the_terminal() {
    let rig = Rig::start().await;
    let asked = |name: Option<&str>| Request::MeshName {
        name: name.map(str::to_owned),
    };
    let called = |answer: Answer| match answer {
        Answer::MeshName { name } => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        called(rig.ask(&asked(None)).await.unwrap()),
        "mesh 09090909"
    );
    let renamed = rig.ask(&asked(Some(" Riverside "))).await.unwrap();
    assert_eq!(called(renamed), "Riverside");
    assert_eq!(called(rig.ask(&asked(None)).await.unwrap()), "Riverside");
    assert_eq!(rig.newest(), {
        let words = ["command line", "mesh.name", "mesh", "Riverside"];
        let [actor, action, object, says] = words.map(str::to_owned);
        (actor, action, object, says)
    });
    let refused = rig.ask(&asked(Some(" "))).await.unwrap_err().to_string();
    assert!(refused.contains("the name: the text is empty"), "{refused}");
}

#[tokio::test]
async fn an_order_that_no_administrator_signed_is_noted_as_refused() {
    let rig = Rig::start().await;
    let live = Arc::clone(&rig.service.live.borrow());
    let why = "no administrator whom the charter names has signed it";
    let refused = rig.ask(&order(&live, [2; 32])).await;
    assert_eq!(refused.unwrap_err().to_string(), why);
    assert_eq!(rig.newest(), noted("command line", "order.refused", why));
}

#[tokio::test]
async fn what_is_no_order_at_all_is_noted_too() {
    let rig = Rig::start().await;
    let withdrawal = BASE64.encode(b"words");
    let refused = rig.ask(&Request::Revoke { withdrawal }).await;
    assert!(matches!(refused, Err(ControlError::Refused(_))));
    let (_, action, object, _) = rig.newest();
    assert_eq!(
        (action.as_str(), object.as_str()),
        ("order.refused", "none")
    );
}

#[tokio::test]
async fn a_device_is_named_by_its_id_or_by_a_name_that_only_it_has() {
    let rig = Rig::start().await;
    let place = |device: &str| Request::PlaceOfRevocation {
        device: device.to_owned(),
    };
    for device in ["boiler-sensor", &device_id(1).to_string()] {
        let answer = rig.ask(&place(device)).await.unwrap();
        let Answer::PlaceOfRevocation { device: found, .. } = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(found, device_id(1).to_string());
    }
    let unknown = rig.ask(&place("nobody")).await.unwrap_err().to_string();
    assert!(unknown.contains("no device nobody"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_are_listed_looked_at_closed_and_tuned_on_the_command_line() {
    let rig = Rig::start().await;
    let key = Request::Logs(LogsAsked::Key {
        device: device_id(1).to_string(),
    });
    let Ok(Answer::LogKey { key }) = rig.ask(&key).await else {
        panic!("no key was made");
    };
    assert!(key.starts_with("plsd_log_"), "{key}");
    assert_eq!(rig.newest().1, "log_key.create");
    let mut line = logs::line::Line::of("pi : user NOT in sudoers ; TTY=pts/0");
    line.program = Some("sudo".to_owned());
    let taken = rig.service.logbook.take(device_id(1), &[line], now());
    taken.unwrap();
    let list = Request::Alert(AlertAsked::List {
        state: "current".to_owned(),
        severity: None,
        device: Some(device_id(1).to_string()),
    });
    let Ok(Answer::Alerts { items }) = rig.ask(&list).await else {
        panic!("no list came");
    };
    assert_eq!((items.len(), items[0].rule.as_str()), (1, "sudo_failures"));
    let act = |word: &str, why: &str| {
        Request::Alert(AlertAsked::Act {
            id: items[0].id,
            word: word.to_owned(),
            wish: ActWish {
                why: why.to_owned(),
                ..ActWish::default()
            },
        })
    };
    let hidden = rig.ask(&act("false_positive", "")).await.unwrap_err();
    assert!(hidden.to_string().contains("say why"), "{hidden}");
    let Ok(Answer::Alert(closed)) = rig.ask(&act("close", "asked him")).await else {
        panic!("it was not closed");
    };
    assert_eq!(closed.state, "closed");
    let (actor, action, object, says) = rig.newest();
    assert_eq!(
        [actor, action, object, says],
        [
            "command line",
            "alert.close",
            "alert 1",
            "closed: asked him"
        ]
    );
    let tune = Request::Alert(AlertAsked::Tune {
        wish: TuneWish {
            rule: "sudo_failures".to_owned(),
            of: "class:camera".to_owned(),
            effect: "low".to_owned(),
            why: "students".to_owned(),
            length: "7d".to_owned(),
        },
    });
    assert!(matches!(rig.ask(&tune).await, Ok(Answer::Tunings { items }) if items.len() == 1));
    assert_eq!(rig.newest().1, "rule.tune");
    let shown = rig.ask(&Request::Delivery(DeliveryAsked::Show)).await;
    let Ok(Answer::Delivery(told)) = shown else {
        panic!("nothing was said of delivery");
    };
    assert!(told.warnings[0].contains("nobody is told"), "{told:?}");
    let missing = DeliveryAsked::Test {
        channel: "ops".to_owned(),
    };
    let missing = rig.ask(&Request::Delivery(missing)).await.unwrap_err();
    assert!(missing.to_string().contains("no such channel"), "{missing}");
}

/// What deputies are told has room for 32 bytes, and Standard Webhooks lets a secret have 24 to 64.
#[tokio::test]
async fn a_secret_that_does_not_fit_for_deputies_is_refused_with_its_length() {
    let rig = Rig::start().await;
    let set = |bytes: usize| Request::SetDeputies {
        url: "https://hooks.example/palisade".to_owned(),
        secret: Some(format!("whsec_{}", BASE64.encode(&vec![7; bytes]))),
    };
    for bytes in [24, 64] {
        let refused = rig.ask(&set(bytes)).await.unwrap_err().to_string();
        let says = format!("secret: it has {bytes} bytes");
        assert!(refused.contains(&says), "{refused}");
        assert!(rig.reader.sink().unwrap().is_none());
    }
    // Nobody listens to orders here: it is stored all the same.
    drop(rig.ask(&set(32)).await);
    assert!(rig.reader.sink().unwrap().is_some());
}

#[tokio::test]
async fn the_whole_interface_is_there_at_the_console() {
    let rig = Rig::start().await;
    let ask = |method: &str, path: &str, body: &str| Request::Interface {
        method: method.to_owned(),
        path: path.to_owned(),
        body: body.to_owned(),
    };
    let answer = rig.ask(&ask("GET", "/api/v1/audit?limit=1", "")).await;
    let Ok(Answer::Interface { status, body }) = answer else {
        panic!("it answers: {answer:?}");
    };
    assert_eq!(status, 200, "{body}");
    let wish =
        r#"{"rule":"decoy_touched","of":"everybody","effect":"low","why":"a test","for":"8h"}"#;
    let tuned = rig.ask(&ask("POST", "/api/v1/tunings", wish)).await;
    assert!(
        matches!(tuned, Ok(Answer::Interface { status: 201, .. })),
        "{tuned:?}"
    );
    assert_eq!(rig.newest().0, "command line");
    let wrong = rig.ask(&ask("POST", "/api/v1/tunings", "{}")).await;
    assert!(
        matches!(wrong, Ok(Answer::Interface { status: 422, .. })),
        "{wrong:?}"
    );
    for (method, path) in [
        ("GET", "/devices"),
        ("DELETE", "/api/v1/devices"),
        ("GET", "nowhere"),
    ] {
        let refused = rig.ask(&ask(method, path, "")).await;
        assert!(
            matches!(refused, Err(ControlError::Refused(_))),
            "{method} {path}"
        );
    }
}
