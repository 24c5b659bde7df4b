//! The listener for people: pages and API over TLS, apart from everything that devices reach.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::http::HeaderValue;
use axum_server::Handle;
use protocol::coordinator::Event;
use protocol::id::MeshId;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::access;
use crate::addresses::Addresses;
use crate::command::Commands;
use crate::ddi::Ddi;
use crate::delivery::Delivery;
use crate::evidence::Documents;
use crate::factors::Demand;
use crate::live::LiveHandle;
use crate::logbook::Logbook;
use crate::mesh_name::MeshName;
use crate::offices::Paths;
use crate::orders::Orders;
use crate::releases::Releases;
use crate::report::Reporter;
use crate::risk::Risk;
use crate::scans::Scans;
use crate::store::{Reader, Writer};
use crate::tls;
use crate::web::metrics::Metrics;
use crate::web::{self, MeshFacts, Sources, Web, head};

/// How long open pages may take to end when the coordinator stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the pages are made of.
#[derive(Debug, Clone)]
pub struct Service {
    pub people: SocketAddr,
    pub paths: Paths,
    pub mesh_id: MeshId,
    pub mesh_name: MeshName,
    /// The names under which people open the pages.
    pub names: BTreeSet<String>,
    /// Who has to show more than a password.
    pub second_factor: Demand,
    pub live: LiveHandle,
    pub orders: Orders,
    pub events: broadcast::Sender<Event>,
    pub reader: Reader,
    pub writer: Writer,
    pub metrics: Arc<Metrics>,
    pub documents: Arc<Documents>,
    pub releases: Releases,
    pub logbook: Logbook,
    pub delivery: Delivery,
    pub risk: Risk,
    pub scans: Scans,
    pub commands: Commands,
    pub reporter: Reporter,
    /// Origins of other pages that may use the interface with a token.
    pub api_origins: Arc<[HeaderValue]>,
    /// Where weaknesses are reported.
    pub security_contact: Option<Arc<str>>,
    /// Whether everything in the store was invented.
    pub demonstration: bool,
}

impl Service {
    /// Pages and API, for the listener and for the control socket.
    pub fn router(&self, addresses: &Addresses, stopping: &CancellationToken) -> Router {
        web::router(Web::new(self.sources(addresses, stopping)))
    }

    /// Binds, serves until the coordinator stops, and returns the addresses with the bound one in them.
    pub async fn listen(
        &self,
        router: Router,
        addresses: Addresses,
        stopping: CancellationToken,
    ) -> anyhow::Result<Addresses> {
        let served = tls::serving(&self.paths.tls(), tls::Served::People)
            .context("the certificate for people cannot be used")?;
        let listener = TcpListener::bind(self.people)
            .with_context(|| format!("people: cannot listen on {}", self.people))?;
        listener.set_nonblocking(true)?;
        let bound = format!("https://{}", listener.local_addr()?);
        let app = router.into_make_service_with_connect_info::<SocketAddr>();
        let handle = Handle::new();
        let (folder, stop) = (self.paths.tls(), stopping.clone());
        tokio::spawn(tls::follow(
            folder,
            tls::Served::People,
            served.clone(),
            stop,
        ));
        let mut server = axum_server::from_tcp_rustls(listener, served)?.handle(handle.clone());
        let reads = server.http_builder();
        reads.http1().max_headers(head::READ_HEADERS);
        reads.http2().max_header_list_size(head::READ_HEADER_BYTES);
        tokio::spawn(async move {
            if let Err(error) = server.serve(app).await {
                error!(%error, "the listener for people ended");
            }
        });
        tokio::spawn(async move {
            stopping.cancelled().await;
            handle.graceful_shutdown(Some(FAREWELL));
        });
        self.welcome(&bound)?;
        Ok(Addresses {
            people: bound,
            ..addresses
        })
    }

    /// Devices without a node, as the same store knows them.
    pub fn ddi(&self) -> Ddi {
        let (reader, writer) = (self.reader.clone(), self.writer.clone());
        Ddi::new(reader, writer, self.releases.clone())
    }

    fn sources(&self, addresses: &Addresses, stopping: &CancellationToken) -> Sources {
        Sources {
            live: self.live.clone(),
            orders: self.orders.clone(),
            events: self.events.clone(),
            reader: self.reader.clone(),
            writer: self.writer.clone(),
            facts: MeshFacts {
                id: self.mesh_id,
                name: self.mesh_name.clone(),
                names: self.names.clone(),
                second_factor: self.second_factor,
                address: addresses.mesh.join(", "),
                started: mesh::wall(),
                version: env!("CARGO_PKG_VERSION"),
                store: Some(self.paths.store()),
                documents: Arc::clone(&self.documents),
                api_origins: Arc::clone(&self.api_origins),
                security_contact: self.security_contact.clone(),
                demonstration: self.demonstration,
            },
            metrics: Arc::clone(&self.metrics),
            releases: self.releases.clone(),
            logbook: self.logbook.clone(),
            delivery: self.delivery.clone(),
            risk: self.risk.clone(),
            scans: self.scans.clone(),
            commands: self.commands.clone(),
            reporter: self.reporter.clone(),
            home: Some(self.paths.dir().to_owned()),
            clock: mesh::wall,
            stopping: stopping.clone(),
        }
    }

    /// Before there is an operator, each start prints a link with which the first one is made.
    fn welcome(&self, bound: &str) -> anyhow::Result<()> {
        info!(address = bound, "pages");
        if self.reader.operators()?.is_empty() {
            let token = access::new_setup_token(&self.writer)?;
            println!(
                "Open this link within an hour to make the first operator:\n  {bound}/setup/{}",
                token.as_str()
            );
        }
        Ok(())
    }
}
