//! The root of the mesh and its charter, and those that follow.

use std::sync::Arc;

use protocol::charter::{Charter, Former, RootSignature};
use protocol::class::DeviceClass;
use protocol::id::MeshId;
use protocol::key::Signer;
use protocol::ledger::Entry;
use protocol::succession::Succession;
use tuf_core::draft::RootDraft;
use tuf_core::root::Root;

use super::{
    ADMINISTRATOR, ADMISSION, COORDINATOR, GATEWAYS, NEXT_ADMISSION, NEXT_ROOT, ROOT, key, time,
    unsealing,
};

pub fn root() -> Root {
    let signer = key(ROOT);
    let draft = RootDraft::new(1, 4_102_444_800, 1, vec![*signer.public().as_bytes()]);
    let signature = signer.sign(&draft.payload().unwrap());
    let document = draft
        .assemble(&[(*signer.public().as_bytes(), signature.0)])
        .unwrap();
    Root::open(&document).unwrap()
}

pub fn mesh() -> MeshId {
    MeshId::from_bytes(root().digest())
}

pub fn charter() -> Charter {
    Charter {
        mesh: mesh(),
        version: 1,
        issued: time(0),
        admission: key(ADMISSION).public(),
        coordinator: key(COORDINATOR).public(),
        enrolment_pin: [0x11; 32],
        tls_pin: [0x12; 32],
        sealing: unsealing().public(),
        administrators: vec![key(ADMINISTRATOR).public()],
        gateways: GATEWAYS.map(|seed| key(seed).public()).into(),
        exempt: vec![DeviceClass::Plc, DeviceClass::Medical],
        former: Vec::new(),
        automate: Vec::new(),
    }
}

/// A charter that allows committees to hold some devices.
pub fn automating_charter() -> Charter {
    Charter {
        automate: vec![DeviceClass::Camera, DeviceClass::Sensor],
        ..charter()
    }
}

pub fn anchor() -> Arc<Root> {
    Arc::new(root())
}

/// The charter that follows: another admission key, the former one good for a while.
pub fn next_charter() -> Charter {
    Charter {
        version: 2,
        issued: time(100),
        admission: key(NEXT_ADMISSION).public(),
        former: vec![Former {
            admission: key(ADMISSION).public(),
            until: time(100 + 86_400),
        }],
        ..charter()
    }
}

/// The root that follows, signed by the keys of both.
pub fn next_root() -> Vec<u8> {
    root_of(2, NEXT_ROOT, &[ROOT, NEXT_ROOT])
}

/// A root document of one holder, signed by whomever.
pub fn root_of(version: u64, holder: u8, signers: &[u8]) -> Vec<u8> {
    let public = |seed: u8| *key(seed).public().as_bytes();
    let draft = RootDraft::new(version, 4_102_444_800, 1, vec![public(holder)]);
    let payload = draft.payload().unwrap();
    let sign = |&seed: &u8| (public(seed), key(seed).sign(&payload).0);
    draft
        .assemble(&signers.iter().map(sign).collect::<Vec<_>>())
        .unwrap()
}

pub fn charter_entry(charter: &Charter, signer: u8) -> Entry {
    let signature = RootSignature {
        key: key(signer).public(),
        signature: key(signer).sign(&charter.message()),
    };
    Entry::Charter(charter.assemble(vec![signature]).into())
}

/// Another root, and a charter that it has signed.
pub fn succession() -> Succession {
    let charter = charter_entry(&next_charter(), NEXT_ROOT);
    Succession::of(&[Entry::Root(next_root().into()), charter])
}

pub fn signed_charter(charter: &Charter) -> Vec<u8> {
    let signature = RootSignature {
        key: key(ROOT).public(),
        signature: key(ROOT).sign(&charter.message()),
    };
    charter.assemble(vec![signature])
}
