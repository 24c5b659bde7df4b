//! Whom deputies tell of alerts.

use super::{Answer, Desk};
use crate::deputies;

impl Desk {
    pub(super) async fn set_deputies(
        &self,
        url: &str,
        secret: Option<&str>,
    ) -> Result<Answer, String> {
        let made = deputies::set(&self.service.writer, url, secret);
        let made = made.map_err(|error| error.to_string())?;
        self.appoint().await?;
        self.deputies(made.map(|secret| secret.to_string()))
    }

    pub(super) fn deputies(&self, secret: Option<String>) -> Result<Answer, String> {
        let sink = self.service.reader.sink();
        let sink = sink.map_err(|error| error.to_string())?;
        Ok(Answer::Deputies {
            url: sink.map(|sink| sink.url.to_string()),
            secret,
            items: deputies::candidates(&self.service.live.borrow()),
        })
    }

    pub(super) async fn clear_deputies(&self) -> Result<Answer, String> {
        let cleared = deputies::clear(&self.service.reader, &self.service.writer);
        cleared.map_err(|error| error.to_string())?;
        self.appoint().await?;
        Ok(Answer::Done)
    }

    pub(super) async fn test_deputies(&self) -> Result<Answer, String> {
        let taken = deputies::test(&self.service.reader, &self.service.writer).await;
        let by = taken.map_err(|error| error.to_string())?;
        Ok(Answer::Taken { by })
    }

    async fn appoint(&self) -> Result<(), String> {
        let appointed = self.orders.appoint().await;
        appointed.map_err(|error| error.to_string())
    }
}
