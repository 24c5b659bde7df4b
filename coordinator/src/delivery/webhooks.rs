//! Letters as signed requests (Standard Webhooks).

use std::path::Path;

use alerts::letter::Letter;
use serde::Deserialize;
use webhook::address::{Address, Reach};
use webhook::post::{Message, PostError, Proof, Roots, send};
use webhook::secret::Secret;

use super::channel::{ChannelError, secret};
use super::render::{self, Place};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookText {
    url: String,
    secret_file: String,
    /// Whether the receiver may be on this machine or in a private network.
    #[serde(default)]
    private: bool,
}

#[derive(Debug)]
pub struct Webhook {
    address: Address,
    secret: Secret,
    reach: Reach,
}

pub(super) fn reach(private: bool) -> Reach {
    if private {
        Reach::Anywhere
    } else {
        Reach::Public
    }
}

impl Webhook {
    pub(super) fn read(text: &WebhookText, folder: &Path) -> Result<Self, ChannelError> {
        let address = text
            .url
            .parse()
            .map_err(|source| ChannelError::Address { key: "url", source })?;
        Ok(Self {
            address,
            secret: secret("secret_file", &text.secret_file, folder)?.parse()?,
            reach: reach(text.private),
        })
    }

    pub(super) fn to(&self) -> String {
        self.address.authority().to_owned()
    }

    pub(super) async fn send(&self, letter: &Letter, place: Place<'_>) -> Result<(), PostError> {
        let message = Message {
            id: letter.id.to_string(),
            second: mesh::wall().as_millis() / 1000,
            body: render::json(letter, place).to_string().into_bytes(),
        };
        let proof = Proof::Signed(&self.secret);
        send(&self.address, proof, &message, Roots::System, self.reach).await
    }
}
