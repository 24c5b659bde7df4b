//! Waiting for sockets, though never for long, so that the thread which reads them hears that it is to stop.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Milliseconds.
const DOZE: u16 = 100;

/// Until one of them can be read, or a tenth of a second is over. Where that cannot be asked, for a breath.
pub(super) fn doze<'a>(sockets: impl Iterator<Item = BorrowedFd<'a>>, breath: Duration) {
    let mut ready: Vec<PollFd<'_>> = sockets
        .map(|socket| PollFd::new(socket, PollFlags::POLLIN))
        .collect();
    if poll(&mut ready, PollTimeout::from(DOZE)).is_err() {
        std::thread::sleep(breath);
    }
}
