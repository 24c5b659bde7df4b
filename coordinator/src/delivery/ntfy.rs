//! Letters to a topic of ntfy, as its JSON form takes them.

use std::path::Path;

use alerts::letter::{Kind, Letter};
use alerts::severity::Severity;
use serde::Deserialize;
use serde_json::json;
use webhook::address::{Address, Reach};
use webhook::post::{Message, PostError, Proof, Roots, send};
use zeroize::Zeroizing;

use super::channel::{ChannelError, secret};
use super::render::{self, Place};
use super::webhooks::reach;

/// Bytes of a message; ntfy makes an attachment of more than 4096.
const MESSAGE: usize = 3_500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NtfyText {
    /// Of the server, without the topic.
    url: String,
    /// Holds the topic, because whoever knows it reads along.
    topic_file: String,
    token_file: Option<String>,
    #[serde(default)]
    private: bool,
}

#[derive(Debug)]
pub struct Ntfy {
    address: Address,
    topic: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
    reach: Reach,
}

impl Ntfy {
    pub(super) fn read(text: &NtfyText, folder: &Path) -> Result<Self, ChannelError> {
        let address = text
            .url
            .parse()
            .map_err(|source| ChannelError::Address { key: "url", source })?;
        let token = text.token_file.as_deref();
        let token = token.map(|file| secret("token_file", file, folder));
        let token = token.transpose()?;
        let plain = |token: &Zeroizing<String>| token.bytes().all(|byte| byte.is_ascii_graphic());
        if token.as_ref().is_some_and(|token| !plain(token)) {
            return Err(ChannelError::Value {
                key: "token_file",
                what: "a token is one word of letters, digits and signs",
            });
        }
        Ok(Self {
            address,
            topic: secret("topic_file", &text.topic_file, folder)?,
            token,
            reach: reach(text.private),
        })
    }

    pub(super) fn to(&self) -> String {
        self.address.authority().to_owned()
    }

    pub(super) async fn send(&self, letter: &Letter, place: Place<'_>) -> Result<(), PostError> {
        let priority = match (letter.kind, letter.severity) {
            (Kind::Test | Kind::Digest, _) => 3,
            (_, Severity::Critical) => 5,
            (_, Severity::High) => 4,
            (_, Severity::Medium) => 3,
            (_, Severity::Low | Severity::Info) => 2,
        };
        let mut body = json!({
            "topic": self.topic.as_str(),
            "title": letter.subject(),
            "message": render::short(letter, place.zone, MESSAGE),
            "priority": priority,
        });
        if let Some(link) = render::link(letter, place) {
            body["click"] = link.into();
        }
        let message = Message {
            id: letter.id.to_string(),
            second: mesh::wall().as_millis() / 1000,
            body: body.to_string().into_bytes(),
        };
        let proof = self.token.as_ref().map_or(Proof::Nothing, Proof::Bearer);
        send(&self.address, proof, &message, Roots::System, self.reach).await
    }
}
