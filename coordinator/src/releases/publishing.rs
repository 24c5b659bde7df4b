//! From a draft that enough people have signed to what is served: all of it in one transaction, or nothing.

use std::collections::BTreeSet;

use protocol::ledger::Entry;
use tuf_core::key::PublicKey;
use tuf_core::root::Root;

use super::blobs::BlobError;
use super::firmware::Published;
use super::online::OnlineKeys;
use super::plan::Before;
use super::roles::{FIRMWARE, ROOT};
use super::{ReleaseError, Releases, firmware, now_s, plan, standing};
use crate::offices;
use crate::store::audit::Act;
use crate::store::fault::ChangeError;
use crate::store::released::Released;
use crate::store::repository::{Draft, Publication};

/// Releases, by the paths of their images.
struct News {
    new: BTreeSet<String>,
    all: BTreeSet<String>,
    released: Released,
}

impl Releases {
    /// Publishes a draft that enough people have signed. A root comes into force in the mesh first; should the
    /// coordinator end right after that, its next start publishes the rest.
    pub async fn publish(&self, number: u64, act: Act) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        let draft = self.draft(number)?;
        let before = self.before()?;
        is_fresh(&draft, &before)?;
        for need in standing::needs(&draft, &before)? {
            need.met()?;
        }
        let publication = self.publication(&draft, &before)?;
        if let Some(root) = draft.papers.iter().find(|paper| paper.role == ROOT) {
            let root = Entry::Root(plan::assemble(root)?.into());
            self.orders.succeed(vec![root]).await?;
        }
        self.serve(&publication, &draft, Some(act))?;
        Ok(draft)
    }

    /// What comes out with a draft; nothing where it does not speak of firmware.
    fn news(&self, draft: &Draft) -> Result<Option<News>, ReleaseError> {
        let Some(paper) = draft.papers.iter().find(|paper| paper.role == FIRMWARE) else {
            return Ok(None);
        };
        let paths = |all: Vec<Published>| all.into_iter().map(|one| one.path).collect();
        let all: BTreeSet<_> = paths(firmware::releases(&plan::read_payload(paper)?));
        let known: BTreeSet<_> = paths(self.published()?);
        let signatures = paper.signatures().into_iter();
        let keys = signatures.filter_map(|(key, _)| PublicKey::from_bytes(&key).ok());
        Ok(Some(News {
            new: all.difference(&known).cloned().collect(),
            all,
            released: Released {
                at: mesh::wall(),
                keys: keys.map(|key| key.id()).collect(),
            },
        }))
    }

    pub(super) fn publication(
        &self,
        draft: &Draft,
        before: &Before,
    ) -> Result<Publication, ReleaseError> {
        let mut candidate = before.candidate.clone();
        for paper in &draft.papers {
            let document = plan::assemble(paper)?;
            if paper.role != ROOT {
                let versioned = (paper.version, document);
                candidate.roles.insert(paper.role.clone(), versioned);
            } else if paper.version > before.root.version() {
                candidate.roots.push(document);
            }
        }
        self.check_files(draft)?;
        let newest = candidate.roots.last();
        let newest = Root::open(newest.ok_or_else(|| self.no_mesh())?)?;
        let keys = self.online(&newest)?;
        let current = self.reader.repository()?;
        Ok(candidate.publication(current.as_ref(), &keys, now_s())?)
    }

    /// Every file that a draft vouches for has to be there before anybody is told of it.
    fn check_files(&self, draft: &Draft) -> Result<(), ReleaseError> {
        for paper in draft.papers.iter().filter(|paper| paper.role != ROOT) {
            for target in plan::read_payload(paper)?.targets.values() {
                if !self.blobs.has(&target.sha256, target.length) {
                    return Err(BlobError::Missing.into());
                }
            }
        }
        Ok(())
    }

    pub(super) fn serve(
        &self,
        publication: &Publication,
        draft: &Draft,
        act: Option<Act>,
    ) -> Result<(), ReleaseError> {
        let news = self.news(draft)?;
        self.writer.write(|changes| {
            changes.publish(publication)?;
            if let Some(news) = &news {
                changes.note_released(&news.new, &news.all, &news.released)?;
            }
            if draft.number > 0 {
                changes.remove_draft(draft.number)?;
            }
            if let Some(act) = act {
                changes.audit(act)?;
            }
            Ok::<_, ChangeError>(())
        })?;
        let trust = offices::trust(&self.paths)?;
        let root = trust.root().ok_or_else(|| self.no_mesh())?;
        Ok(OnlineKeys::promote(&self.paths, root)?)
    }
}

/// A draft that was made before something else was published says less than what is in force.
fn is_fresh(draft: &Draft, before: &Before) -> Result<(), ReleaseError> {
    for paper in &draft.papers {
        let now = match paper.role.as_str() {
            ROOT => before.root.version(),
            role => before
                .candidate
                .roles
                .get(role)
                .map_or(0, |(version, _)| *version),
        };
        if paper.version != now + 1 {
            return Err(ReleaseError::Stale {
                role: paper.role.clone(),
                found: paper.version,
                now,
            });
        }
    }
    Ok(())
}
