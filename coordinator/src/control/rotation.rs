//! Documents of the root put into force, and who has heard of them.

use super::{Answer, Desk, Progress};
use crate::rotation;

impl Desk {
    pub(super) async fn succeed(&self, documents: &str) -> Result<Answer, String> {
        let entries = rotation::from_text(documents).map_err(|error| error.to_string())?;
        self.note("charter.replace", "mesh")?;
        let succeeded = self.orders.succeed(entries).await;
        self.done("mesh", succeeded)?;
        Ok(Answer::Done)
    }

    pub(super) fn rotation(&self) -> Answer {
        let live = self.service.live.borrow();
        Answer::Rotation {
            rotation: live.rotation.as_ref().map(Progress::of),
        }
    }
}
