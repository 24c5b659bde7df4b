//! Waiting for sockets, though never for long, so that the thread which reads them hears that it is to stop.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Milliseconds.
const DOZE: u16 = 100;
/// What comes shortly after the first is read with it: waking for each frame alone costs more than reading it.
const GATHERED: Duration = Duration::from_millis(5);

/// Until one of them can be read and others had a moment to come too, or a tenth of a second is over. Where that cannot be
/// asked, for a breath.
pub(super) fn doze<'a>(sockets: impl Iterator<Item = BorrowedFd<'a>>, breath: Duration) {
    let mut ready: Vec<PollFd<'_>> = sockets
        .map(|socket| PollFd::new(socket, PollFlags::POLLIN))
        .collect();
    match poll(&mut ready, PollTimeout::from(DOZE)) {
        Ok(0) => {}
        Ok(_) => std::thread::sleep(GATHERED),
        Err(_) => std::thread::sleep(breath),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    use super::*;

    #[test]
    fn what_comes_shortly_after_the_first_is_read_with_it() {
        let (here, mut there) = UnixStream::pair().expect("two ends");
        there.write_all(b"x").expect("it is sent");
        let began = Instant::now();
        doze([here.as_fd()].into_iter(), Duration::ZERO);
        assert!(began.elapsed() >= GATHERED, "{:?}", began.elapsed());
    }
}
