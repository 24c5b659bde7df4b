//! A stretch of network between two peers that counts bytes and hides from each that the other is gone.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::rig::Peer;

pub struct Road {
    /// Dial this to reach the peer.
    pub address: String,
    bytes: Arc<AtomicUsize>,
}

impl Road {
    /// Carries one connection to `peer`.
    pub async fn to(peer: &Peer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let target = peer.mesh.listen_addresses()[0].replace("/ip4/127.0.0.1/tcp/", "127.0.0.1:");
        let bytes = Arc::new(AtomicUsize::new(0));
        let counter = bytes.clone();
        tokio::spawn(async move {
            let (near, _) = listener.accept().await.expect("somebody dials");
            let far = TcpStream::connect(target).await.expect("the peer listens");
            let (near_read, near_write) = near.into_split();
            let (far_read, far_write) = far.into_split();
            tokio::join!(
                carry(near_read, far_write, &counter),
                carry(far_read, near_write, &counter)
            );
        });
        Self { address, bytes }
    }

    /// What has been carried both ways.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }
}

/// Never closes what it writes to.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    bytes: &AtomicUsize,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        bytes.fetch_add(length, Ordering::SeqCst);
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    std::future::pending::<()>().await;
}
