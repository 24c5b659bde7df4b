//! What people call the mesh: said at the first setup, changed at the terminal, shown on every page and report.

use std::sync::{Arc, PoisonError, RwLock};

use protocol::id::MeshId;
use protocol::text::{Name, TextError};

use crate::store::fault::{ChangeError, ReadError};
use crate::store::{Changes, Reader};

const ROW: &str = "mesh-name";

/// One name for everybody who shows it; a small handle.
#[derive(Debug, Clone)]
pub struct MeshName(Arc<RwLock<Name>>);

/// What a mesh is called before anybody has said anything.
fn usual(id: &MeshId) -> Name {
    Name::fitted(&format!("mesh {}", &id.to_string()[..8])).expect("an id is letters and digits")
}

/// A name as somebody typed it.
pub fn read(typed: &str) -> Result<Name, TextError> {
    Name::new(typed.trim())
}

impl MeshName {
    /// What was said, or else what follows from the id.
    pub fn of(reader: &Reader, id: &MeshId) -> Result<Self, ReadError> {
        let kept = reader
            .meta(ROW)?
            .and_then(|kept| String::from_utf8(kept).ok());
        let kept = kept.and_then(|kept| Name::new(kept).ok());
        Ok(Self::called(kept.unwrap_or_else(|| usual(id))))
    }

    pub fn called(name: Name) -> Self {
        Self(Arc::new(RwLock::new(name)))
    }

    pub fn shown(&self) -> String {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .to_string()
    }

    /// From here on this is what is shown; it was stored before.
    pub fn become_known(&self, name: Name) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = name;
    }
}

impl Changes<'_> {
    pub fn name_mesh(&mut self, name: &Name) -> Result<(), ChangeError> {
        self.set_meta(ROW, name.as_str().as_bytes())
    }
}
