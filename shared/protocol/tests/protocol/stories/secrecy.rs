//! What is Highly Sensitive: no frame says it, not even to the coordinator, and nobody's disk; the coordinator reads it.

use data_encoding::{BASE64, HEXLOWER};
use protocol::node::Input;
use protocol::statement::Statement;
use protocol::statement::host::{Process, Reading, WatchedFile};
use protocol::tail::Tailed;

use crate::rig::Mesh;
use crate::samples as sample;

const SPEAKER: usize = 2;
/// What a log of the device says of somebody.
const IN_A_LOG: &[u8] = b"glucose-412-of-room-9";
/// What a record of the device says.
const IN_A_RECORD: &str = "insulin-pump-7f3a";
/// What an alert tells everybody, because everybody is to know it.
const IN_AN_ALERT: &str = "/etc/ordinary-word-5c";

/// A mesh that listens to its own frames, and what its device said since.
fn spoken() -> Mesh {
    let mut mesh = Mesh::of(6);
    mesh.run(10);
    mesh.overheard = Some(Vec::new());
    for seed in [1, 2] {
        mesh.members[SPEAKER].reading = reading(seed);
        mesh.run(12);
    }
    let lines = Tailed {
        number: 7,
        dropped: 0,
        lines: IN_A_LOG.to_vec(),
    };
    mesh.tell(SPEAKER, Input::Tail(lines));
    mesh.run(12);
    mesh
}

fn reading(seed: u8) -> Reading {
    Reading {
        processes: Some(vec![Process {
            name: sample::name(IN_A_RECORD),
            count: 1,
            memory_kib: 9,
        }]),
        files: Some(vec![WatchedFile {
            path: sample::path(IN_AN_ALERT),
            digest: Some(sample::digest(seed)),
        }]),
        ..Reading::default()
    }
}

/// As it is, and as somebody would write it down.
fn says(bytes: &[u8], value: &[u8]) -> bool {
    let hex = HEXLOWER.encode(value);
    let has = |form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
    // Base64 depends on where in a group of three the value begins; its inner groups are the same for each.
    let in_base64 = (0..3).any(|skip| {
        let whole = &value[skip..][..(value.len() - skip) / 3 * 3];
        has(BASE64.encode(whole).as_bytes())
    });
    has(value) || has(hex.as_bytes()) || has(hex.to_uppercase().as_bytes()) || in_base64
}

fn frames_that_say(mesh: &Mesh, value: &[u8]) -> Vec<&'static str> {
    let overheard = mesh.overheard.iter().flatten();
    let saying = overheard.filter(|(_, bytes)| says(bytes, value));
    saying.map(|(word, _)| *word).collect()
}

/// Whose journal or custody says it.
fn disks_that_say(mesh: &Mesh, value: &[u8]) -> Vec<usize> {
    let disk_says = |index: &usize| {
        let disk = &mesh.members[*index].disk;
        let kept = disk.custody.values().flat_map(|records| records.values());
        kept.chain(disk.journal.values())
            .any(|record| says(&protocol::cbor::encode(record), value))
    };
    (0..mesh.members.len()).filter(disk_says).collect()
}

#[test]
fn a_highly_sensitive_value_is_in_no_frame_and_on_no_disk_and_the_coordinator_reads_it() {
    let mesh = spoken();
    let speaker = &mesh.members[SPEAKER];
    for secret in [IN_A_LOG, IN_A_RECORD.as_bytes(), &speaker.seed] {
        assert_eq!(frames_that_say(&mesh, secret), [""; 0]);
        assert_eq!(disks_that_say(&mesh, secret), [0; 0]);
    }
    let alerts = frames_that_say(&mesh, IN_AN_ALERT.as_bytes());
    assert!(
        alerts.len() >= mesh.members.len() - 1,
        "what is ordinary is overheard, so that silence means something: {alerts:?}"
    );
    let sealed = |index: &usize| {
        mesh.members[*index]
            .disk
            .custody
            .contains_key(&speaker.device)
    };
    let custodians: Vec<usize> = (0..mesh.members.len()).filter(sealed).collect();
    assert!(!custodians.is_empty(), "somebody keeps what it said");
    assert_eq!(mesh.hub.tailed.len(), 1);
    assert_eq!(mesh.hub.tailed[0].1.lines, IN_A_LOG);
    let read = mesh.hub.records(speaker.device).iter().any(|record| {
        let Some(Statement::Reading(reading)) = &record.statement else {
            return false;
        };
        let mut processes = reading.processes.iter().flatten();
        processes.any(|process| process.name.as_str() == IN_A_RECORD)
    });
    assert!(read, "the coordinator reads what the device recorded");
}

#[test]
fn what_is_looked_for_is_found_in_each_form_and_at_each_place() {
    for lead in ["", "a", "ab"] {
        let text = [lead.as_bytes(), IN_A_LOG, b"tail"].concat();
        assert!(says(&text, IN_A_LOG));
        assert!(says(HEXLOWER.encode(&text).as_bytes(), IN_A_LOG));
        assert!(says(BASE64.encode(&text).as_bytes(), IN_A_LOG));
    }
    assert!(!says(b"glucose-412-of-room-8", IN_A_LOG));
}
