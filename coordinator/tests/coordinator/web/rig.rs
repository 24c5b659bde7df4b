//! A coordinator's web side with an invented mesh, and browsers and programs to ask it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use coordinator::bulletin::Bulletin;
use coordinator::command::Commands;
use coordinator::delivery::Delivery;
use coordinator::factors::Demand;
use coordinator::keyed;
use coordinator::live::Live;
use coordinator::logbook::Logbook;
use coordinator::mesh_name::MeshName;
use coordinator::offices::Paths;
use coordinator::orders::Orders;
use coordinator::releases::Releases;
use coordinator::report::{self, Reporter};
use coordinator::risk::Risk;
use coordinator::scans::Scans;
use coordinator::store::api_tokens::ApiToken;
use coordinator::store::key::StoreKey;
use coordinator::store::operators::{Operator, Role};
use coordinator::store::secret_hash::SecretHash;
use coordinator::store::setup::SetupToken;
use coordinator::store::{Reader, Store, Writer};
use coordinator::web::metrics::Metrics;
use coordinator::web::{COOKIE_NAME, MeshFacts, Sources, Web, router};
use protocol::coordinator::Event;
use protocol::coordinator::save::Save;
use protocol::id::{DeviceId, Digest, MeshId};
use protocol::key::SecretKey;
use protocol::seal::DataKey;
use protocol::statement::Statement;
use protocol::statement::host::Reading;
use protocol::text::Name;
use protocol::time::Timestamp;
use redb::backends::InMemoryBackend;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::mesh::{collected, mesh, obey};

pub const SETUP: &str = "first-link";
pub const PASSWORD: &str = "eight small wet stones";
/// A name that tries everything a device may try.
pub const HOSTILE: &str = "\"><script>alert(1)</script><img src=x>";

pub struct Rig {
    pub router: Router,
    pub scans: Scans,
    pub commands: Commands,
    pub risk: Risk,
    pub reporter: Reporter,
    pub reader: Reader,
    pub writer: Writer,
    pub live: watch::Sender<Arc<Live>>,
    pub events: broadcast::Sender<Event>,
    pub stopping: CancellationToken,
    pub logbook: Logbook,
    pub delivery: Delivery,
    store: Arc<Mutex<Store>>,
    /// What the repository keeps beside the store, and where delivery is set.
    pub home: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// Somebody who asks: with a session, with a token, or with nothing.
#[derive(Debug, Clone, Default)]
pub struct Asker {
    cookie: Option<String>,
    token: Option<String>,
    address: Option<SocketAddr>,
}

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap())
}

/// The moment at which somebody first asked.
fn standstill() -> Timestamp {
    static MOMENT: OnceLock<Timestamp> = OnceLock::new();
    *MOMENT.get_or_init(now)
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

impl Rig {
    /// Needs a running tokio.
    pub fn new() -> Self {
        Self::built((now, Demand::Nobody))
    }

    /// The same in a moment that does not pass for whoever counts requests.
    pub fn at_a_standstill() -> Self {
        Self::built((standstill, Demand::Nobody))
    }

    /// The same where some have to show more than a password.
    pub fn demanding(demand: Demand) -> Self {
        Self::built((now, demand))
    }

    fn built((clock, second_factor): (fn() -> Timestamp, Demand)) -> Self {
        let key = StoreKey::from_bytes([7; 32]);
        let (store, _) = Store::with_backend(InMemoryBackend::new(), key).unwrap();
        let (reader, writer) = (store.reader(), store.writer());
        let (orders, ordered) = Orders::channel();
        let (live, live_handle) = watch::channel(Arc::new(mesh()));
        let (events, _) = broadcast::channel(64);
        let stopping = CancellationToken::new();
        let store = Arc::new(Mutex::new(store));
        tokio::spawn(obey(ordered, Arc::clone(&store), live.clone()));
        let facts = MeshFacts {
            id: MeshId::from_bytes([9; 32]),
            name: MeshName::called(name("Riverside workshop")),
            second_factor,
            names: ["coordinator.example", "127.0.0.1"]
                .map(str::to_owned)
                .into(),
            address: "10.0.0.2:7443".to_owned(),
            started: now(),
            version: "0.1.0",
            store: None,
            documents: Arc::default(),
            api_origins: Arc::new([axum::http::HeaderValue::from_static("https://dash.example")]),
            security_contact: Some("mailto:security@plant.example".into()),
            demonstration: false,
        };
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::new(home.path());
        let releases = Releases::new(&paths, reader.clone(), writer.clone(), orders.clone());
        let bulletin = Bulletin::open(reader.clone(), writer.clone(), live_handle.clone());
        let (bulletin, heard) = bulletin.unwrap();
        tokio::spawn(bulletin.clone().keep(heard, stopping.clone()));
        let logbook = Logbook::open(None, writer.clone(), bulletin.clone());
        let folder = Some(home.path().to_owned());
        let delivery = Delivery::new(folder, bulletin, live_handle.clone(), facts.id);
        tokio::spawn(delivery.clone().run(stopping.clone()));
        let risk = Risk::new(reader.clone(), writer.clone(), live_handle.clone());
        let scans = Scans::new(
            risk.clone(),
            writer.clone(),
            live_handle.clone(),
            orders.clone(),
        );
        let releases = releases.unwrap();
        let reporter = Reporter::new(report::Sources {
            reader: reader.clone(),
            writer: writer.clone(),
            live: live_handle.clone(),
            risk: risk.clone(),
            delivery: delivery.clone(),
            logbook: logbook.clone(),
            releases: releases.clone(),
            signer: Arc::new(SecretKey::from_seed(&[3; 32])),
            mesh: facts.id,
            mesh_name: facts.name.clone(),
        });
        let commands = Commands::new(
            (reader.clone(), writer.clone()),
            live_handle.clone(),
            orders.clone(),
            releases.clone(),
            risk.clone(),
        );
        let sources = Sources {
            commands: commands.clone(),
            reporter: reporter.clone(),
            logbook: logbook.clone(),
            delivery: delivery.clone(),
            scans: scans.clone(),
            releases,
            risk: risk.clone(),
            live: live_handle,
            orders,
            events: events.clone(),
            reader: reader.clone(),
            writer: writer.clone(),
            facts,
            metrics: Arc::new(Metrics::default()),
            home: Some(home.path().to_owned()),
            clock,
            stopping: stopping.clone(),
        };
        let router = router(Web::new(sources));
        let rig = Self {
            router,
            scans,
            commands,
            risk,
            reporter,
            reader,
            writer,
            live,
            events,
            stopping,
            logbook,
            delivery,
            store,
            home,
        };
        rig.make_setup_link(Duration::from_secs(3600));
        rig
    }

    /// With an administrator who is logged in.
    pub async fn with_admin() -> (Self, Asker) {
        Self::new().administered().await
    }

    /// The same, and no time passes for whoever counts requests.
    pub async fn with_admin_at_a_standstill() -> (Self, Asker) {
        Self::at_a_standstill().administered().await
    }

    pub async fn administered(self) -> (Self, Asker) {
        let rig = self;
        let answer = rig.set_up("amina", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let admin = Asker::with_session(&answer);
        (rig, admin)
    }

    pub fn make_setup_link(&self, life: Duration) {
        let token = SetupToken {
            hash: SecretHash::of_setup_token(SETUP.as_bytes()),
            created: now(),
            expires: now().saturating_add(life),
        };
        self.writer
            .write(|changes| changes.set_setup_token(&token))
            .unwrap();
    }

    /// A token with a role of its own.
    pub fn token(&self, role: Role) -> Asker {
        let token = format!("plsd_pat_{role}");
        let granted = ApiToken {
            name: name(role.word()),
            role,
            operator: name("amina"),
            created: now(),
            used: None,
            expires: None,
            reach: None,
            areas: None,
        };
        let hash = SecretHash::of_api_token(token.as_bytes());
        self.writer
            .write(|changes| changes.add_api_token(&hash, &granted))
            .unwrap();
        Asker {
            token: Some(token),
            ..Asker::default()
        }
    }

    /// Takes back what [`Self::token`] gave.
    pub fn revoke_token(&self, role: Role) {
        let hash = SecretHash::of_api_token(format!("plsd_pat_{role}").as_bytes());
        self.writer
            .write(|changes| changes.remove_api_token(&hash))
            .unwrap();
    }

    /// An account without a password that anybody has.
    pub fn person(&self, text: &str, role: Role) {
        let operator = Operator {
            name: name(text),
            role,
            created: now(),
            password: zeroize::Zeroizing::new("$argon2id$none".to_owned()),
        };
        self.writer
            .write(|changes| changes.add_operator(&operator))
            .unwrap();
    }

    /// A device with this key.
    pub fn keyed_device(&self, key: &str) -> DeviceId {
        let mut made = keyed::register("matrix", "sensor", &name("amina"), now()).unwrap();
        made.keyed.key = keyed::hash(key);
        self.writer
            .write(|changes| changes.add_keyed(&made.device, &made.keyed))
            .unwrap();
        made.device
    }

    pub async fn set_up(&self, name: &str, password: &str) -> Answer {
        let form = form(&[("name", name), ("password", password)]);
        self.post(&Asker::default(), &format!("/setup/{SETUP}"), &form)
            .await
    }

    pub async fn log_in(&self, name: &str, password: &str) -> Answer {
        let form = form(&[("name", name), ("password", password)]);
        self.post(&Asker::default(), "/login", &form).await
    }

    pub async fn get(&self, asker: &Asker, path: &str) -> Answer {
        self.ask(
            asker
                .request(Method::GET, path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// What a browser sends for a form of ours.
    pub async fn post(&self, asker: &Asker, path: &str, form: &str) -> Answer {
        let request = asker
            .request(Method::POST, path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    pub async fn post_json(&self, asker: &Asker, path: &str, json: &str) -> Answer {
        let request = asker
            .request(Method::POST, path)
            .header(CONTENT_TYPE, "application/json");
        self.ask(request.body(Body::from(json.to_owned())).unwrap())
            .await
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().to_string());
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        super::audited::look(&self.reader, &method, &path, &answer);
        answer
    }

    /// The answer with its body still to come.
    pub async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The actions of the audit trail, newest first.
    pub fn audited(&self) -> Vec<String> {
        let entries = self.reader.audit_page(None, 100).unwrap();
        entries
            .iter()
            .map(|entry| entry.act.action.to_string())
            .collect()
    }

    /// Stores something as the run loop would.
    pub fn save(&self, save: Save) {
        self.save_all(&[save]);
    }

    /// The same in one batch.
    pub fn save_all(&self, saves: &[Save]) {
        self.store.lock().unwrap().commit(saves).unwrap();
    }

    /// So many readings of a device, one every ten seconds until now.
    pub fn record(&self, device: DeviceId, count: u16) {
        let reading = |sequence| Reading {
            cpu_permille: 100 + sequence,
            memory_used_kib: 500,
            memory_total_kib: 1_000,
            ..Reading::default()
        };
        self.readings(device, (0..count).map(reading).collect());
    }

    /// These readings of a device, one every ten seconds until now.
    pub fn readings(&self, device: DeviceId, readings: Vec<Reading>) {
        let said = readings.into_iter().map(Statement::Reading);
        self.says(device, said.collect());
    }

    /// What a device's log says, a record every ten seconds until now.
    pub fn says(&self, device: DeviceId, said: Vec<Statement>) {
        let key = DataKey::from_bytes([6; 32]);
        let enrolled = Save::Enrolled {
            device,
            data_key: key.clone(),
            at: now(),
        };
        self.save(enrolled);
        let mut previous = Digest::ZERO;
        let count = said.len();
        for (sequence, statement) in said.into_iter().enumerate() {
            let age = Duration::from_secs(10 * (count - sequence) as u64);
            let sequence = u32::try_from(sequence).unwrap();
            let time = now().saturating_sub(age);
            let collected = collected(device, sequence, time, previous, &key, statement);
            previous = collected.digest;
            self.save(Save::Record(Box::new(collected)));
        }
    }

    pub fn happens(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.events.send(event).unwrap();
        }
    }

    pub fn change_live(&self, change: impl FnOnce(&mut Live)) {
        let mut live = Live::clone(&self.live.borrow());
        change(&mut live);
        self.live.send_replace(Arc::new(live));
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Asker {
    /// The header that a browser sends.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    /// The token that a program sends.
    pub fn bearer(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub fn with_session(answer: &Answer) -> Self {
        let cookie = answer
            .header(SET_COOKIE.as_str())
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        assert!(cookie.starts_with(COOKIE_NAME), "{cookie}");
        Self {
            cookie: Some(cookie),
            ..Self::default()
        }
    }

    pub fn with_token(token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..Self::default()
        }
    }

    pub fn with_cookie(cookie: &str) -> Self {
        Self {
            cookie: Some(cookie.to_owned()),
            ..Self::default()
        }
    }

    pub fn at(&self, address: &str) -> Self {
        Self {
            address: Some(address.parse().unwrap()),
            ..self.clone()
        }
    }

    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let address: SocketAddr = self
            .address
            .unwrap_or_else(|| "10.0.0.50:40000".parse().unwrap());
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "coordinator.example:8443")
            .extension(ConnectInfo(address));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        request
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub fn form(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap()
}
