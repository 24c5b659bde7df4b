//! One link: frames to and from one stream, from its `LinkUp` to its `LinkDown`.

use std::{borrow::Cow, io, sync::Arc};

use bytes::Bytes;
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _,
    io::{AsyncRead, AsyncWrite, BufReader},
};
use libp2p::swarm::Stream;
use protocol::head_delta::Passed;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Direction, DownReason, Event, Key,
    bulk::{Ask, Bulk, Context, Desk, substream::Passage},
    limits::{GOODBYE_TIMEOUT, MAX_FRAME},
    mesh::{Ends, Shared},
    outbox::{Queue, outbox},
};

/// The byte with which a listener accepts the stream.
const ACCEPTED: u8 = 1;
/// Frames that wait together travel in one Noise message up to about this size.
const COALESCED: usize = 8 * 1024;
const READ_BUFFER: usize = 4 * 1024;
/// A length takes seven bits per byte, so the longest frame needs three.
const LENGTH_BYTES: usize = 3;

pub(crate) struct Link {
    pub(crate) key: Key,
    pub(crate) address: String,
    pub(crate) direction: Direction,
    pub(crate) stream: Stream,
    pub(crate) passage: Passage,
    pub(crate) max_asks: usize,
    /// Ends when the peer's previous link has said `LinkDown`.
    pub(crate) previous: Option<oneshot::Receiver<()>>,
    pub(crate) end: oneshot::Receiver<DownReason>,
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) stopping: CancellationToken,
}

/// The dialler's wait for the byte that accepts its stream.
pub(crate) async fn accepted(mut stream: Stream) -> io::Result<Stream> {
    let mut byte = [0];
    stream.read_exact(&mut byte).await?;
    match byte[0] {
        ACCEPTED => Ok(stream),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

impl Link {
    /// Carries frames until the link ends.
    pub(crate) async fn carry(mut self) {
        if let Some(previous) = self.previous.take() {
            // An error means that the previous link is gone, which is what is waited for.
            previous.await.ok();
        }
        let (outbox, queue) = outbox();
        let (desk, asks) = Desk::new(self.max_asks);
        self.shared.link_up(self.key, Ends { outbox, desk });
        let (key, address, direction) = (self.key, self.address.clone(), self.direction);
        tracing::info!(key = %Hex(&key), address, ?direction, "link up");
        let (events, stopping) = (self.events.clone(), self.stopping.clone());
        emit(
            &events,
            &stopping,
            Event::LinkUp {
                key,
                address,
                direction,
            },
        )
        .await;
        let reason = self.run(queue, asks).await;
        tracing::info!(key = %Hex(&key), %reason, "link down");
        emit(&events, &stopping, Event::LinkDown { key, reason }).await;
    }

    async fn run(self, queue: Queue, asks: mpsc::Receiver<Ask>) -> DownReason {
        let mut bulk = Bulk::new(Context::of(&self), asks, self.passage);
        let (read, write) = self.stream.split();
        let mut reading = std::pin::pin!(read_frames(read, self.key, &self.events));
        let mut writing = std::pin::pin!(write_frames(write, queue, self.direction));
        let reason = tokio::select! {
            reason = &mut reading => reason,
            reason = &mut writing => reason,
            asked = self.end => asked.unwrap_or(DownReason::Requested),
            never = bulk.serve() => match never {},
        };
        self.shared.link_down(&self.key);
        bulk.end().await;
        if reason == DownReason::Requested && timeout(GOODBYE_TIMEOUT, writing).await.is_err() {
            tracing::debug!(key = %Hex(&self.key), "the peer did not take the last frames in time");
        }
        reason
    }
}

/// Hands an event to the caller, unless the mesh is being stopped and nobody may be listening.
pub(crate) async fn emit(events: &mpsc::Sender<Event>, stopping: &CancellationToken, event: Event) {
    tokio::select! {
        biased;
        sent = events.send(event) => if sent.is_err() {
            tracing::trace!("an event came after its receiver was dropped");
        },
        () = stopping.cancelled() => tracing::trace!("an event came while the mesh stopped"),
    }
}

async fn read_frames(
    io: impl AsyncRead + Unpin,
    key: Key,
    events: &mpsc::Sender<Event>,
) -> DownReason {
    let mut io = BufReader::with_capacity(READ_BUFFER, io);
    let mut passed = Passed::default();
    loop {
        let bytes = match read_frame(&mut io).await {
            Ok(bytes) => bytes,
            Err(reason) => return reason,
        };
        let bytes = match passed.restore(&bytes) {
            Ok(Cow::Borrowed(same)) => bytes.slice_ref(same),
            Ok(Cow::Owned(whole)) => whole.into(),
            Err(error) => {
                tracing::warn!(key = %Hex(&key), %error, "a frame cannot be read");
                return DownReason::Garbled;
            }
        };
        if events.send(Event::Frame { key, bytes }).await.is_err() {
            return DownReason::Requested;
        }
    }
}

async fn read_frame(io: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, DownReason> {
    let mut length = 0;
    for at in 0..LENGTH_BYTES {
        let mut byte = [0];
        io.read_exact(&mut byte)
            .await
            .map_err(|error| broken(&error))?;
        length |= usize::from(byte[0] & 0x7f) << (7 * at);
        if byte[0] & 0x80 == 0 {
            return read_body(io, length).await;
        }
    }
    Err(DownReason::Oversize)
}

async fn read_body(io: &mut (impl AsyncRead + Unpin), length: usize) -> Result<Bytes, DownReason> {
    if length > MAX_FRAME {
        return Err(DownReason::Oversize);
    }
    let mut body = vec![0; length];
    io.read_exact(&mut body)
        .await
        .map_err(|error| broken(&error))?;
    Ok(body.into())
}

async fn write_frames(
    mut io: impl AsyncWrite + Unpin,
    mut queue: Queue,
    direction: Direction,
) -> DownReason {
    let written = async {
        if direction == Direction::Inbound {
            io.write_all(&[ACCEPTED]).await?;
            io.flush().await?;
        }
        let mut together = Vec::new();
        let mut passed = Passed::default();
        while let Some(frame) = queue.next().await {
            append(&mut together, &passed.shorten(&frame));
            while together.len() < COALESCED
                && let Some(frame) = queue.next_waiting()
            {
                append(&mut together, &passed.shorten(&frame));
            }
            io.write_all(&together).await?;
            io.flush().await?;
            together.clear();
            together.shrink_to(COALESCED);
        }
        io.close().await
    };
    match written.await {
        Ok(()) => DownReason::Requested,
        Err(error) => broken(&error),
    }
}

fn append(together: &mut Vec<u8>, frame: &[u8]) {
    let mut length = frame.len();
    while length > 0x7f {
        together.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    together.push(length as u8);
    together.extend_from_slice(frame);
}

fn broken(error: &io::Error) -> DownReason {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => DownReason::Closed,
        kind => DownReason::Broken(kind),
    }
}

/// The first bytes of a key, which is how logs name a peer.
pub(crate) struct Hex<'a>(pub(crate) &'a Key);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .take(8)
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use protocol::id::{DeviceId, Digest, Epoch};
    use protocol::key::SecretKey;
    use protocol::message::Message;
    use protocol::record::{Flags, Head, Incarnation, Position};
    use protocol::signed::Signed;
    use protocol::time::Timestamp;

    use super::*;
    use crate::Sent;

    fn read(bytes: &[u8]) -> Result<Bytes, DownReason> {
        block_on(read_frame(&mut &*bytes))
    }

    #[test]
    fn frames_of_every_length_read_as_they_were_written() {
        for length in [0, 1, 127, 128, 16_383, 16_384, MAX_FRAME] {
            let frame = vec![5; length];
            let mut written = Vec::new();
            append(&mut written, &frame);
            assert_eq!(read(&written), Ok(frame.into()));
        }
    }

    #[test]
    fn a_frame_over_the_limit_ends_the_link_before_its_body_is_read() {
        let mut written = Vec::new();
        append(&mut written, &vec![5; MAX_FRAME + 1]);
        assert_eq!(read(&written[..LENGTH_BYTES]), Err(DownReason::Oversize));
        assert_eq!(read(&[0xff; 9]), Err(DownReason::Oversize));
    }

    fn key() -> Key {
        [7; 32]
    }

    /// What is written for these frames, and what arrives of it.
    fn passes(frames: &[Bytes]) -> (usize, Vec<Bytes>) {
        let (outbox, queue) = outbox();
        for frame in frames {
            assert_eq!(outbox.push(frame.clone()), Sent::Queued);
        }
        drop(outbox);
        let mut written = Vec::new();
        let reason = block_on(write_frames(&mut written, queue, Direction::Outbound));
        assert_eq!(reason, DownReason::Requested);
        let (events, mut received) = mpsc::channel(frames.len());
        let reason = block_on(read_frames(&written[..], key(), &events));
        assert_eq!(reason, DownReason::Closed);
        let mut arrived = Vec::new();
        while let Ok(Event::Frame { bytes, .. }) = received.try_recv() {
            arrived.push(bytes);
        }
        (written.len(), arrived)
    }

    fn head(sequence: u32, previous: Digest) -> Signed<Head> {
        let head = Head {
            device: DeviceId::from_bytes([3; 8]),
            position: Position {
                incarnation: Incarnation(1),
                sequence,
            },
            time: Timestamp::from_millis(1_790_000_000_000 + 10_000 * u64::from(sequence)),
            previous,
            body: Digest::ZERO,
            epoch: Epoch::FROZEN,
            entangled: None,
            flags: Flags::NONE,
            ring_mask: 0,
            attachment: None,
            checkpoint: None,
        };
        Signed::seal(head, &SecretKey::from_seed(&[1; 32]))
    }

    #[test]
    fn heads_that_follow_each_other_are_shorter_on_the_way_and_arrive_whole() {
        let mut heads = vec![head(0, Digest::ZERO)];
        for sequence in 1..4 {
            let previous = heads[heads.len() - 1].digest();
            heads.push(head(sequence, previous));
        }
        let frames = heads.iter().map(|head| {
            let head = head.bytes().to_vec().into();
            Bytes::from(Message::Head { head }.encode())
        });
        let frames: Vec<Bytes> = frames.collect();
        let (written, arrived) = passes(&frames);
        assert_eq!(arrived, frames);
        let whole: usize = frames.iter().map(Bytes::len).sum();
        assert!(written + 3 * 50 < whole, "{written} of {whole}");
    }

    #[test]
    fn frames_that_are_no_messages_arrive_as_they_are() {
        let frames = [&b""[..], b"\x84", b"\xff\x84", b"hello"].map(Bytes::from_static);
        assert_eq!(passes(&frames).1, frames);
    }

    #[test]
    fn what_follows_from_no_frame_before_it_ends_the_link() {
        let (events, _received) = mpsc::channel(1);
        let reason = block_on(read_frames(&[2, 0x84, 0][..], key(), &events));
        assert_eq!(reason, DownReason::Garbled);
    }

    #[test]
    fn a_stream_that_ends_inside_a_frame_is_closed() {
        assert_eq!(read(&[3, 1, 2]), Err(DownReason::Closed));
    }
}
