//! The bounded queue of frames that wait for one peer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::limits::{MAX_FRAME, MAX_QUEUED_BYTES, MAX_QUEUED_FRAMES};

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It waits to be written; a `LinkDown` before it is written loses it.
    Queued,
    /// It was not taken.
    Dropped(Dropped),
}

/// Why a frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    NoLink,
    QueueFull,
    Oversize,
}

/// The writing end, which the caller's `send` reaches.
#[derive(Debug)]
pub(crate) struct Outbox {
    frames: mpsc::Sender<Bytes>,
    bytes: Arc<AtomicUsize>,
}

/// The reading end, which the link drains.
#[derive(Debug)]
pub(crate) struct Queue {
    frames: mpsc::Receiver<Bytes>,
    bytes: Arc<AtomicUsize>,
}

pub(crate) fn outbox() -> (Outbox, Queue) {
    let (sender, receiver) = mpsc::channel(MAX_QUEUED_FRAMES);
    let bytes = Arc::new(AtomicUsize::new(0));
    (
        Outbox {
            frames: sender,
            bytes: bytes.clone(),
        },
        Queue {
            frames: receiver,
            bytes,
        },
    )
}

impl Outbox {
    pub(crate) fn push(&self, frame: Bytes) -> Sent {
        let length = frame.len();
        if length > MAX_FRAME {
            return Sent::Dropped(Dropped::Oversize);
        }
        if self.bytes.fetch_add(length, Ordering::Relaxed) + length > MAX_QUEUED_BYTES {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            return Sent::Dropped(Dropped::QueueFull);
        }
        match self.frames.try_send(frame) {
            Ok(()) => Sent::Queued,
            Err(refused) => {
                self.bytes.fetch_sub(length, Ordering::Relaxed);
                Sent::Dropped(match refused {
                    mpsc::error::TrySendError::Full(_) => Dropped::QueueFull,
                    mpsc::error::TrySendError::Closed(_) => Dropped::NoLink,
                })
            }
        }
    }
}

impl Queue {
    /// The next frame; none once the outbox is gone and everything is drained.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        let frame = self.frames.recv().await?;
        Some(self.taken(frame))
    }

    /// The next frame if one waits already.
    pub(crate) fn next_waiting(&mut self) -> Option<Bytes> {
        let frame = self.frames.try_recv().ok()?;
        Some(self.taken(frame))
    }

    fn taken(&self, frame: Bytes) -> Bytes {
        self.bytes.fetch_sub(frame.len(), Ordering::Relaxed);
        frame
    }
}
