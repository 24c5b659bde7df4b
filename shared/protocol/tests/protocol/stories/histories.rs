//! Any history of an honest device: power cuts, restored and lost disks, cuts, clocks that jump. Nothing of it convicts.

use std::time::Duration;

use proptest::prelude::*;
use protocol::key::Signer as _;

use crate::rig::{Disk, Mesh};

/// What happens to the first member of a small mesh.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Time {
        seconds: u64,
    },
    PowerCut,
    Cut,
    Mended,
    CoordinatorGone,
    CoordinatorBack,
    Backup,
    /// The disk of the backup is put back.
    Restored,
    /// The disk is replaced by an empty one; the keys are kept elsewhere.
    Lost,
    Clock {
        ahead_s: u64,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (1_u64..90).prop_map(|seconds| Happening::Time { seconds }),
        2 => Just(Happening::PowerCut),
        1 => Just(Happening::Cut),
        1 => Just(Happening::Mended),
        1 => Just(Happening::CoordinatorGone),
        1 => Just(Happening::CoordinatorBack),
        2 => Just(Happening::Backup),
        2 => Just(Happening::Restored),
        1 => Just(Happening::Lost),
        1 => (0_u64..300).prop_map(|ahead_s| Happening::Clock { ahead_s }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_proof_can_be_made_from_what_an_honest_device_shows(
        history in proptest::collection::vec(happening(), 1..14),
    ) {
        let mut mesh = Mesh::of(4);
        let mut backup = mesh.members[0].disk.clone();
        for happened in history {
            live_through(&mut mesh, &mut backup, happened);
        }
        let device = mesh.members[0].device;
        let proofs = mesh.proofs_against(device);
        prop_assert!(proofs.is_empty(), "{}", proofs[0]);
        for member in &mesh.members {
            prop_assert!(member.convicted().is_empty());
        }
    }
}

fn live_through(mesh: &mut Mesh, backup: &mut Disk, happened: Happening) {
    let peer = mesh.members[0].key().public().peer();
    match happened {
        Happening::Time { seconds } => mesh.run(seconds),
        Happening::PowerCut => restart(mesh, None),
        Happening::Cut => mesh.cut(peer),
        Happening::Mended => mesh.mend(peer),
        Happening::CoordinatorGone => mesh.stop_hub(),
        Happening::CoordinatorBack if mesh.hub.machine.is_none() => mesh.start_hub(),
        Happening::CoordinatorBack => {}
        Happening::Backup => *backup = mesh.members[0].disk.clone(),
        Happening::Restored => restart(mesh, Some(backup.clone())),
        Happening::Lost => restart(mesh, Some(Disk::default())),
        Happening::Clock { ahead_s } => {
            mesh.members[0].clock_ahead = Duration::from_secs(ahead_s);
        }
    }
}

fn restart(mesh: &mut Mesh, disk: Option<Disk>) {
    mesh.stop(0);
    mesh.run(2);
    if let Some(disk) = disk {
        mesh.members[0].disk = disk;
    }
    mesh.start(0);
}
