//! A listener of its own for these devices, over TLS: from their network nothing of the pages answers.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use anyhow::Context as _;
use axum_server::Handle;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::Ddi;
use crate::{tls, web};

/// Binds, serves until the coordinator stops, and returns the address with the bound port.
pub async fn listen(
    ddi: Ddi,
    address: SocketAddr,
    certificate: &Path,
    stopping: CancellationToken,
) -> anyhow::Result<String> {
    let served = tls::serving(certificate, tls::Served::Devices)
        .context("the certificate for DDI devices cannot be used")?;
    let listener =
        TcpListener::bind(address).with_context(|| format!("ddi: cannot listen on {address}"))?;
    listener.set_nonblocking(true)?;
    let bound = format!("https://{}", listener.local_addr()?);
    info!(address = bound, "devices that speak DDI");
    let app = web::ddi::router(ddi, mesh::wall).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    tokio::spawn(tls::follow(
        certificate.to_owned(),
        tls::Served::Devices,
        served.clone(),
        stopping.clone(),
    ));
    let server = axum_server::from_tcp_rustls(listener, served)?.handle(handle.clone());
    tokio::spawn(async move {
        if let Err(error) = server.serve(app).await {
            error!(%error, "the listener for DDI devices ended");
        }
    });
    tokio::spawn(async move {
        stopping.cancelled().await;
        handle.shutdown();
    });
    Ok(bound)
}
