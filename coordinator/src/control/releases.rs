//! The repository over the control socket: prepare, sign, publish, and how it stands.

use data_encoding::{BASE64, HEXLOWER};
use tuf_core::draft::Signers;
use tuf_core::key::PublicKey;

use super::{Answer, Desk};
use crate::access;
use crate::releases::blobs::Blob;
use crate::releases::document::{DraftDocument, RepositoryDocument};
use crate::releases::firmware::NewRelease;
use crate::releases::plan::Wish;
use crate::releases::{ReleaseError, Releases};
use crate::store::audit::Act;
use crate::store::repository::Draft;

mod words;

pub use words::{BundleDocument, DraftTold, Staged, WishAsked};

impl Desk {
    pub(super) fn releases(&self) -> &Releases {
        &self.service.releases
    }

    pub(super) async fn prepare_release(
        &self,
        (product, version): (String, String),
        counter: u64,
        hardware: Vec<String>,
        (image, sbom): (Staged, Option<Staged>),
    ) -> Result<Answer, String> {
        let sbom = sbom.map(|sbom| blob(&sbom)).transpose()?;
        let names = (product.as_str(), version.as_str());
        let release = NewRelease::new(names, counter, &hardware, blob(&image)?, sbom);
        let release = release.map_err(told)?;
        let act = act("release.prepare", &release.words())?;
        let draft = self.releases().prepare_release(&release, act).await;
        self.drafted(draft)
    }

    pub(super) async fn prepare(&self, asked: WishAsked) -> Result<Answer, String> {
        let (wish, purpose) = match asked {
            WishAsked::Renew => (Wish::Renew, "sign the repository anew".to_owned()),
            WishAsked::OnlineKeys => (Wish::OnlineKeys, "other keys sign online".to_owned()),
            WishAsked::Appoint {
                role,
                threshold,
                keys,
            } => {
                let purpose = format!("{role}: {threshold} of {} keys sign", keys.len());
                let keys = keys.iter().map(|key| public_key(key));
                let keys = keys.collect::<Result<_, _>>()?;
                let signers = Signers { threshold, keys };
                (Wish::Appoint { role, signers }, purpose)
            }
        };
        let act = act("repository.prepare", &purpose)?;
        let draft = self.releases().prepare(&wish, purpose, act).await;
        self.drafted(draft)
    }

    pub(super) fn drafted(&self, draft: Result<Draft, ReleaseError>) -> Result<Answer, String> {
        let draft = draft.map_err(told)?;
        self.draft_answer(&draft)
    }

    pub(super) fn draft(&self, number: u64) -> Result<Answer, String> {
        let draft = self.releases().draft(number).map_err(told)?;
        self.draft_answer(&draft)
    }

    fn draft_answer(&self, draft: &Draft) -> Result<Answer, String> {
        let needs = self.releases().needs(draft).map_err(told)?;
        Ok(Answer::Draft(DraftTold::of(draft, &needs)))
    }

    pub(super) async fn add_signature(
        &self,
        number: u64,
        signature: &str,
    ) -> Result<Answer, String> {
        let file = BASE64.decode(signature.as_bytes());
        let file = file.map_err(|error| error.to_string())?;
        let act = act("release.sign", &format!("draft {number}"))?;
        let added = self.releases().add_signature(number, &file, act).await;
        added.map_err(told)?;
        self.draft(number)
    }

    pub(super) async fn publish(&self, number: u64) -> Result<Answer, String> {
        let object = format!("draft {number}");
        let act = act("release.publish", &object)?;
        let published = self.releases().publish(number, act).await;
        match published {
            Ok(draft) => Ok(Answer::Published {
                purpose: draft.purpose,
            }),
            Err(error) => {
                let why = error.to_string();
                access::note_refused(&self.service.writer, &object, &why).map_err(told)?;
                Err(why)
            }
        }
    }

    pub(super) async fn discard(&self, number: u64) -> Result<Answer, String> {
        let act = act("release.discard", &format!("draft {number}"))?;
        let discarded = self.releases().discard(number, act).await;
        discarded.map_err(told)?;
        Ok(Answer::Done)
    }

    pub(super) fn releases_list(&self) -> Result<Answer, String> {
        let drafts = self.releases().drafts().map_err(told)?;
        let drafts = drafts.iter();
        Ok(Answer::Releases {
            items: self.releases().documents().map_err(told)?,
            drafts: drafts
                .map(|(draft, needs)| DraftDocument::of(draft, needs))
                .collect(),
        })
    }

    pub(super) async fn bundle(
        &self,
        product: &str,
        version: &str,
        days: u64,
    ) -> Result<Answer, String> {
        let bundle = self.releases().bundle(product, version, days).await;
        let bundle = bundle.map_err(told)?;
        access::note(
            &self.service.writer,
            "release.bundle",
            &format!("{product} {version}, {days} days"),
        )
        .map_err(told)?;
        Ok(Answer::Bundle(BundleDocument::of(&bundle)))
    }

    pub(super) async fn compare(
        &self,
        product: String,
        from: String,
        to: String,
    ) -> Result<Answer, String> {
        let releases = self.releases().clone();
        let compared = tokio::task::spawn_blocking(move || releases.compare(&product, &from, &to));
        let compared = compared.await.map_err(told)?.map_err(told)?;
        Ok(Answer::Comparison(compared.into()))
    }

    pub(super) fn repository(&self) -> Result<Answer, String> {
        let status = self.releases().status().map_err(told)?;
        Ok(Answer::Repository(RepositoryDocument::of(&status)))
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn act(action: &str, object: &str) -> Result<Act, String> {
    access::act(action, object).map_err(told)
}

fn blob(staged: &Staged) -> Result<Blob, String> {
    Ok(Blob {
        sha256: hex(&staged.sha256)?,
        length: staged.length,
        chunk_root: hex(&staged.chunk_root)?,
    })
}

fn hex(text: &str) -> Result<[u8; 32], String> {
    let bytes = HEXLOWER.decode(text.as_bytes()).ok();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| format!("{text} is not 32 bytes in hexadecimal"))
}

fn public_key(text: &str) -> Result<[u8; 32], String> {
    let bytes = hex(text)?;
    PublicKey::from_bytes(&bytes).map_err(told)?;
    Ok(bytes)
}
