//! Testing a channel, once for pages and programs: it is there, the trail has it, and it is sent.

use crate::delivery::TestError;
use crate::delivery::channel::SendError;
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::trail::{Change, Trail};

/// Waits for the receiver's answer: whether it took the message, and why not.
pub async fn test(
    web: &Web,
    trail: &Trail,
    channel: &str,
) -> Result<Result<(), SendError>, WebError> {
    let known = web.delivery.channel_called(channel);
    known.map_err(refused)?;
    trail
        .note(web, "delivery.test", channel, Change::default())
        .await?;
    match web.delivery.test(channel).await {
        Ok(()) => Ok(Ok(())),
        Err(TestError::Send(error)) => Ok(Err(error)),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: TestError) -> WebError {
    match error {
        TestError::Change(error) => error.into(),
        TestError::NoSuchChannel(_) | TestError::Send(_) => WebError::NoSuch("channel"),
    }
}
