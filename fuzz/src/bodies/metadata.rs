//! Trusted metadata below the root: whatever a script serves, floors never fall and no stranger's word is taken.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use protocol::key::{SecretKey, Signer as _};
use tuf_core::canonical::Json;
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};
use tuf_core::draft::{RootDraft, Signers};
use tuf_core::floors::Floors;
use tuf_core::key::PublicKey;
use tuf_core::role::RoleName;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::{Search, Step};
use tuf_core::trusted::Trusted;
use tuf_core::update::{Fetch, Need, Save, Update};

use crate::script::Script;

const NOW: u64 = 1_800_000_000;
const EXPIRES: u64 = 1_900_000_000;
const PATH: &str = "firmware/gate/2.img";
/// Steps of one script: each update takes about ten.
const STEPS: usize = 120;

static KEYS: LazyLock<[SecretKey; 5]> =
    LazyLock::new(|| [1, 2, 3, 4, 5].map(|seed| SecretKey::from_seed(&[seed; 32])));
const ROOT: usize = 0;
const TIMESTAMP: usize = 1;
const SNAPSHOT: usize = 2;
const TARGETS: usize = 3;
const FIRMWARE: usize = 4;

/// What honest people signed: a root, and two versions of each targets role.
struct Genuine {
    root: Vec<u8>,
    roles: BTreeMap<(String, u64), Vec<u8>>,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let signers = |key: usize| Signers {
        threshold: 1,
        keys: vec![*KEYS[key].public().as_bytes()],
    };
    let mut root = RootDraft::new(1, EXPIRES, 1, signers(ROOT).keys);
    root.others.insert(RoleName::Timestamp, signers(TIMESTAMP));
    root.others.insert(RoleName::Snapshot, signers(SNAPSHOT));
    root.others.insert(RoleName::Targets, signers(TARGETS));
    let payload = root.payload().expect("the draft is sound");
    let signature = (signers(ROOT).keys[0], KEYS[ROOT].sign(&payload).0);
    let mut roles = BTreeMap::new();
    for version in [1, 2] {
        let mut targets = TargetsDraft::new(version, EXPIRES);
        targets.delegations.push(DelegationDraft {
            role: "firmware".to_owned(),
            signers: signers(FIRMWARE),
            paths: vec!["firmware/*/*".to_owned()],
            terminating: true,
        });
        let mut firmware = TargetsDraft::new(version, EXPIRES);
        let image = TargetDraft::of(&[u8::try_from(version).expect("it is small")]);
        firmware.targets.insert(PATH.to_owned(), image);
        for (role, draft, key) in [
            ("targets", targets, TARGETS),
            ("firmware", firmware, FIRMWARE),
        ] {
            let unsigned = draft.unsigned().expect("the draft is sound");
            roles.insert((role.to_owned(), version), sign(&unsigned, key));
        }
    }
    Genuine {
        root: root.assemble(&[signature]).expect("the signature is good"),
        roles,
    }
});

fn sign(unsigned: &Unsigned, key: usize) -> Vec<u8> {
    let signature = KEYS[key].sign(&unsigned.payload()).0;
    unsigned
        .assemble(&[(*KEYS[key].public().as_bytes(), signature)])
        .expect("the signature is good")
}

/// The first byte says whether the rest is the signed part of one document or the moves of an attacker.
pub fn metadata(data: &[u8]) {
    match data.split_first() {
        Some((&kind @ 0..=3, rest)) => document(usize::from(kind), rest),
        Some((_, rest)) => attack(&mut Script::new(rest)),
        None => {}
    }
}

/// Bytes that the right key has signed: the readers behind the signature get to see them.
fn document(kind: usize, signed: &[u8]) {
    let Ok(json) = Json::parse(signed, 1 << 16) else {
        return;
    };
    let canonical = json.to_canonical();
    let again = Json::parse(&canonical, 1 << 20).map(|json| json.to_canonical());
    // Control characters stand as they are in the canonical form, which is then no JSON.
    assert!(again.is_err() || again == Ok(canonical.clone()));
    let mut trusted = Trusted::open(&GENUINE.root, Floors::default(), &Ed25519Only)
        .expect("the root vouches for itself");
    let by = |key| enveloped(signed, &canonical, key);
    if kind == 0 {
        let _ = trusted.update_timestamp(&by(TIMESTAMP), NOW);
        return;
    }
    let version = version_of(&json);
    let promise = format!(
        r#"{{"_type":"timestamp","expires":"2030-01-01T00:00:00Z","meta":{{"snapshot.json":{{"version":{version}}}}},"spec_version":"1.0.0","version":1}}"#
    );
    let _ = trusted.update_timestamp(&signed_text(&promise, TIMESTAMP), NOW);
    if kind == 1 {
        let _ = trusted.update_snapshot(&by(SNAPSHOT), NOW);
        return;
    }
    let list = format!(
        r#"{{"_type":"snapshot","expires":"2030-01-01T00:00:00Z","meta":{{"firmware.json":{{"version":{version}}},"targets.json":{{"version":{version}}}}},"spec_version":"1.0.0","version":{version}}}"#
    );
    let _ = trusted.update_snapshot(&signed_text(&list, SNAPSHOT), NOW);
    if trusted
        .update_targets("targets", "root", &by(TARGETS), NOW)
        .is_ok()
    {
        let _ = trusted.update_targets("firmware", "targets", &by(FIRMWARE), NOW);
        let found = trusted.find_target(PATH);
        assert_eq!(found, trusted.find_target(PATH));
    }
}

fn version_of(json: &Json) -> u64 {
    let Json::Object(fields) = json else { return 1 };
    match fields.get("version") {
        Some(Json::Integer(version)) => u64::try_from(*version).unwrap_or(1).max(1),
        _ => 1,
    }
}

fn signed_text(signed: &str, key: usize) -> Vec<u8> {
    let json = Json::parse(signed.as_bytes(), 1 << 16).expect("it is JSON");
    enveloped(signed.as_bytes(), &json.to_canonical(), key)
}

fn enveloped(signed: &[u8], canonical: &[u8], key: usize) -> Vec<u8> {
    let public = PublicKey::from_bytes(KEYS[key].public().as_bytes()).expect("it is a good key");
    let signature = KEYS[key]
        .sign(canonical)
        .0
        .map(|byte| format!("{byte:02x}"));
    let head = format!(
        r#"{{"signatures":[{{"keyid":"{}","sig":"{}"}}],"signed":"#,
        public.id(),
        signature.concat()
    );
    [head.as_bytes(), signed, b"}"].concat()
}

/// The attacker holds the online keys and may serve anything; the device restarts at will.
fn attack(script: &mut Script<'_>) {
    let mut files = BTreeMap::<String, Vec<u8>>::new();
    let mut floors = Floors::default();
    let mut steps = STEPS;
    while !script.is_over() && steps > 0 {
        let mut update = Update::begin(&GENUINE.root, floors.clone(), NOW, &Ed25519Only)
            .expect("the root vouches for itself");
        while let Some(need) = update.need() {
            if steps == 0 {
                return;
            }
            steps -= 1;
            let answers = answers(script, &need, &files);
            let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
            let Ok(saves) = update.feed(&answers) else {
                break;
            };
            for save in saves {
                keep(save, &answers, &mut files, &mut floors, script);
            }
        }
        if let Some(mut trusted) = update.finish() {
            search(script, &mut trusted, &files);
        }
        if script.flag() {
            files.remove(*script.pick(&["timestamp", "snapshot", "targets"]));
        }
    }
}

fn keep(
    save: Save,
    answers: &[&[u8]],
    files: &mut BTreeMap<String, Vec<u8>>,
    floors: &mut Floors,
    script: &mut Script<'_>,
) {
    match save {
        Save::Floors(bytes) => {
            let next = Floors::parse(&bytes).expect("what is saved can be read");
            assert!(next.root >= floors.root && next.timestamp >= floors.timestamp);
            assert!(next.promised >= floors.promised && next.snapshot >= floors.snapshot);
            for (role, floor) in &floors.roles {
                assert!(next.roles.get(role) >= Some(floor));
            }
            *floors = next;
        }
        Save::Metadata { role, bytes } => {
            assert!(answers.contains(&bytes.as_slice()), "kept as it came");
            if role == "targets" {
                let genuine = GENUINE.roles.iter();
                let mut genuine = genuine.filter(|((role, _), _)| role == "targets");
                assert!(genuine.any(|(_, document)| *document == bytes));
            }
            // The power may fail before a file is there, never before the floors are.
            if !script.flag() {
                files.insert(role, bytes);
            }
        }
    }
}

fn search(script: &mut Script<'_>, trusted: &mut Trusted, files: &BTreeMap<String, Vec<u8>>) {
    let mut search = Search::new(PATH, NOW);
    loop {
        let need = match search.step(trusted) {
            Ok(Step::Need(need)) => need,
            Ok(Step::Found(target)) => {
                assert!(target.length == 1, "only genuine firmware is found");
                return;
            }
            Ok(Step::Absent) | Err(_) => return,
        };
        let answers = answers(script, &need, files);
        let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
        if search.feed(trusted, &answers).is_err() {
            return;
        }
    }
}

fn answers(
    script: &mut Script<'_>,
    need: &Need,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<Vec<u8>> {
    match need {
        Need::Stored(role) => files.get(role).cloned().into_iter().collect(),
        Need::Fetch(fetch) => (0..script.below(3))
            .map(|_| served(script, fetch))
            .collect(),
    }
}

fn served(script: &mut Script<'_>, fetch: &Fetch) -> Vec<u8> {
    let mut document = match fetch.role.as_str() {
        "timestamp" => timestamp(script),
        "snapshot" => snapshot(fetch.version.unwrap_or(1)),
        "root" => GENUINE.root.clone(),
        role => genuine(role, 1 + u64::from(script.flag())),
    };
    match script.byte() {
        0..=3 => document.truncate(document.len() * script.below(256) / 256),
        4..=7 => {
            let at = document.len() * script.below(256) / 256;
            document[at] ^= script.byte();
        }
        8 => document = script.bytes(64).to_vec(),
        _ => {}
    }
    document
}

fn genuine(role: &str, version: u64) -> Vec<u8> {
    let known = GENUINE.roles.get(&(role.to_owned(), version));
    known.cloned().unwrap_or_default()
}

fn timestamp(script: &mut Script<'_>) -> Vec<u8> {
    let version = script.number().max(1);
    let header = HeaderDraft {
        version: script.number().max(1),
        expires_unix_s: EXPIRES,
    };
    let document = snapshot(version);
    let snapshot = Listed::of(version, &document);
    sign(
        &TimestampDraft { header, snapshot }
            .unsigned()
            .expect("the draft is sound"),
        TIMESTAMP,
    )
}

/// Its version says what it lists, so that a promise is kept by whoever serves that version.
fn snapshot(version: u64) -> Vec<u8> {
    let choice = version % 16;
    let header = HeaderDraft {
        version,
        expires_unix_s: EXPIRES,
    };
    let mut roles = BTreeMap::new();
    for (role, bit) in [("targets", 1), ("firmware", 2)] {
        let chosen = 1 + u64::from(choice & bit != 0);
        if choice & (bit << 2) == 0 {
            roles.insert(role.to_owned(), Listed::of(chosen, &genuine(role, chosen)));
        }
    }
    sign(
        &SnapshotDraft { header, roles }
            .unsigned()
            .expect("the draft is sound"),
        SNAPSHOT,
    )
}
