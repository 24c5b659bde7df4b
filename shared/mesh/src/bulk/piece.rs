//! A question or an answer on its stream: a length in four bytes, and that many bytes.

use std::io;

use bytes::Bytes;
use futures::{
    AsyncReadExt as _, AsyncWriteExt as _,
    io::{AsyncRead, AsyncWrite},
};

pub(super) async fn write(io: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(bytes).await?;
    io.flush().await
}

/// Nothing of what is longer than `most` is read, and memory grows with what has come, not with what is announced.
pub(super) async fn read(io: &mut (impl AsyncRead + Unpin), most: usize) -> io::Result<Bytes> {
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = u32::from_be_bytes(length);
    if usize::try_from(length).map_or(true, |length| length > most) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    let read = io.take(length.into()).read_to_end(&mut bytes).await?;
    match read == length as usize {
        true => Ok(bytes.into()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn written(length: usize) -> Vec<u8> {
        let mut written = Vec::new();
        block_on(write(&mut written, &vec![7; length])).expect("a vector takes everything");
        written
    }

    #[test]
    fn what_is_as_long_as_the_bound_is_read_and_one_byte_more_is_not() {
        for length in [0, 1, 64] {
            let read = block_on(read(&mut &*written(length), 64)).expect("it is within the bound");
            assert_eq!(read, vec![7; length]);
        }
        let longer = block_on(read(&mut &*written(65), 64)).expect_err("it is over the bound");
        assert_eq!(longer.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn what_ends_before_its_length_is_nothing() {
        let cut = block_on(read(&mut &written(9)[..12], 64)).expect_err("a byte is missing");
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
    }
}
