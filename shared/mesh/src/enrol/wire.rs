//! Length-prefixed bodies on a TCP stream, each within its time.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::EnrolError;

#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    step: Duration,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream, step: Duration) -> Result<Self, EnrolError> {
        tcp.set_nodelay(true).map_err(EnrolError::Io)?;
        Ok(Self { tcp, step })
    }

    /// Writes one body that is given in parts.
    pub(super) async fn write(&mut self, parts: &[&[u8]]) -> Result<(), EnrolError> {
        let body = parts.concat();
        let length = u16::try_from(body.len()).map_err(|_| EnrolError::TooLong)?;
        let frame = [&length.to_be_bytes()[..], &body].concat();
        within(self.step, self.tcp.write_all(&frame)).await
    }

    pub(super) async fn read(&mut self, longest: usize) -> Result<Vec<u8>, EnrolError> {
        self.read_within(self.step, longest).await
    }

    /// A read that times out leaves the stream between two frames at an unknown place: it must not be used again.
    pub(super) async fn read_within(
        &mut self,
        time: Duration,
        longest: usize,
    ) -> Result<Vec<u8>, EnrolError> {
        let tcp = &mut self.tcp;
        let read = async {
            let length = usize::from(tcp.read_u16().await?);
            if length > longest {
                return Ok(None);
            }
            let mut body = vec![0; length];
            tcp.read_exact(&mut body).await?;
            Ok(Some(body))
        };
        within(time, read).await?.ok_or(EnrolError::TooLong)
    }
}

pub(super) async fn within<T>(
    time: Duration,
    step: impl Future<Output = io::Result<T>>,
) -> Result<T, EnrolError> {
    timeout(time, step)
        .await
        .map_err(|_| EnrolError::TimedOut)?
        .map_err(EnrolError::Io)
}
