//! Scans with a program in nmap's place, which says what it was asked and answers what the test wrote.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use protocol::id::{DeviceId, MeshId};
use protocol::time::Timestamp;

use protocol::scan;

use super::*;

const FOUND: &str = "<?xml version=\"1.0\"?><nmaprun scanner=\"nmap\"><taskbegin task=\"Connect Scan\" time=\"1\"/><taskprogress task=\"Connect Scan\" time=\"1\" percent=\"42.50\" remaining=\"3\" etc=\"4\"/><host><status state=\"up\"/><address addr=\"10.0.3.9\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"23\"><state state=\"open\"/></port></ports></host><runstats><finished time=\"1\" exit=\"success\"/><hosts up=\"1\" down=\"0\" total=\"1\"/></runstats></nmaprun>";

fn here() -> Vec<Network> {
    vec!["10.0.3.0/24".parse().expect("a network")]
}

/// A folder with a scanner that runs this script.
fn rig(script: &str) -> (tempfile::TempDir, Scans) {
    let dir = tempfile::tempdir().expect("a folder");
    let program = dir.path().join("scanner");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("it is written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may run");
    fs::write(dir.path().join("found.xml"), FOUND).expect("it is written");
    let scans = Scans::on(dir.path(), Some(program), here);
    (dir, scans)
}

fn order(job: u64, target: &str, wish: Wish) -> ScanAsked {
    ScanAsked::Order(Box::new(ScanOrder {
        mesh: MeshId::from_bytes([1; 32]),
        job,
        device: DeviceId::from_bytes([1; 8]),
        until: Timestamp::from_millis(u64::MAX),
        wish,
        depth: Depth::Known,
        targets: vec![short(target)],
        spared: vec![short("10.0.3.5")],
    }))
}

fn stage(told: Option<ScanTold>) -> ScanStage {
    match told {
        Some(ScanTold::Step(step)) => step.stage,
        other => panic!("it says how it stands: {other:?}"),
    }
}

async fn end(scans: &mut Scans) -> ScanStage {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), scans.next());
        let Scanned::Told(told) = next.await.expect("it ends") else {
            panic!("nobody has commanded it");
        };
        let stage = stage(Some(told));
        if stage.is_over() {
            return stage;
        }
    }
}

fn fetched(scans: &mut Scans, job: u64) -> Vec<u8> {
    let mut found = Vec::new();
    loop {
        let from = found.len() as u64;
        let Some(ScanTold::Part(part)) = scans.asked(ScanAsked::Wanted { job, from }) else {
            panic!("it hands a part over");
        };
        found.extend_from_slice(&part.bytes);
        if found.len() as u64 >= part.total {
            return found;
        }
    }
}

#[tokio::test]
async fn a_scan_of_an_own_subnet_runs_and_is_fetched_in_parts_even_by_a_later_life() {
    let (dir, mut scans) = rig("echo \"$@\" > $(dirname $0)/asked; cat $(dirname $0)/found.xml");
    let waits = stage(scans.asked(order(4, "10.0.3.0/24", Wish::Begin)));
    assert!(matches!(waits, ScanStage::Running { .. }), "{waits:?}");
    let ended = end(&mut scans).await;
    let ScanStage::Finished {
        hosts: 1,
        bytes,
        digest,
    } = ended.clone()
    else {
        panic!("it has finished: {ended:?}");
    };
    let found = fetched(&mut scans, 4);
    assert_eq!(
        (found.as_slice(), found.len() as u64),
        (FOUND.as_bytes(), bytes)
    );
    assert_eq!(scan::digest(&found), digest);
    let asked = fs::read_to_string(dir.path().join("asked")).expect("it was asked");
    for word in [
        "-oX -",
        "-sT",
        "--max-rate 100",
        "--exclude 10.0.3.5 10.0.3.0/24",
    ] {
        assert!(asked.contains(word), "{word}: {asked}");
    }
    assert!(!asked.contains("--script"), "{asked}");
    assert_eq!(
        stage(scans.asked(order(4, "10.0.3.0/24", Wish::Begin))),
        ended
    );
    let mut later = Scans::on(dir.path(), Some(dir.path().join("gone")), here);
    assert_eq!(
        stage(later.asked(order(4, "10.0.3.0/24", Wish::Begin))),
        ended
    );
    assert_eq!(fetched(&mut later, 4), found);
}

#[tokio::test]
async fn targets_elsewhere_and_words_that_are_none_are_refused() {
    let (_dir, mut scans) = rig("exit 1");
    for (job, target) in [
        (1, "10.0.4.0/24"),
        (2, "127.0.0.1"),
        (3, "--script=x"),
        (4, "0.0.0.0/0"),
    ] {
        let told = stage(scans.asked(order(job, target, Wish::Begin)));
        assert!(
            matches!(told, ScanStage::Refused { .. }),
            "{target}: {told:?}"
        );
    }
    let mut none = Scans::on(Path::new("/nowhere"), None, here);
    let told = stage(none.asked(order(1, "10.0.3.9", Wish::Begin)));
    assert!(matches!(told, ScanStage::Refused { .. }), "{told:?}");
    assert!(scans.running.is_none());
}

#[tokio::test]
async fn a_scanner_that_fails_or_breaks_off_says_why() {
    for (script, expected) in [
        ("echo 'Failed to resolve the moon' >&2; exit 1", "the moon"),
        (
            "echo '<nmaprun scanner=\"nmap\"><host>'",
            "before its last word",
        ),
        ("echo 'no XML at all'", ""),
    ] {
        let (_dir, mut scans) = rig(script);
        scans.asked(order(1, "10.0.3.9", Wish::Begin));
        match end(&mut scans).await {
            ScanStage::Failed { why } => assert!(why.as_str().contains(expected), "{why}"),
            other => panic!("{script}: {other:?}"),
        }
        assert!(fetched(&mut scans, 1).is_empty());
    }
    let (dir, _) = rig("");
    let mut scans = Scans::on(dir.path(), Some("/no/such/program".into()), here);
    scans.asked(order(1, "10.0.3.9", Wish::Begin));
    let ended = end(&mut scans).await;
    assert!(
        matches!(&ended, ScanStage::Failed { why } if why.as_str().contains("not installed")),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_scan_is_cancelled_while_it_runs_and_the_next_one_begins() {
    let (dir, mut scans) =
        rig("[ -e $(dirname $0)/fast ] || sleep 60; cat $(dirname $0)/found.xml");
    scans.asked(order(1, "10.0.3.9", Wish::Begin));
    scans.asked(order(2, "10.0.3.9", Wish::Begin));
    scans.asked(order(3, "10.0.3.9", Wish::Begin));
    assert_eq!(
        stage(scans.asked(order(2, "10.0.3.9", Wish::Cancel))),
        ScanStage::Cancelled
    );
    fs::write(dir.path().join("fast"), b"").expect("it is written");
    assert_eq!(scans.asked(order(1, "10.0.3.9", Wish::Cancel)), None);
    assert_eq!(end(&mut scans).await, ScanStage::Cancelled);
    let ended = end(&mut scans).await;
    assert!(matches!(ended, ScanStage::Finished { .. }), "{ended:?}");
}

#[tokio::test]
async fn a_scan_by_command_takes_the_own_subnets_and_says_where_it_has_put_what_it_found() {
    let (dir, mut scans) = rig("echo \"$@\" > $(dirname $0)/asked; cat $(dirname $0)/found.xml");
    let command = CommandId([7; 16]);
    scans.command(command).expect("there is a scanner");
    let next = tokio::time::timeout(Duration::from_secs(20), scans.next());
    let Scanned::Commanded {
        command: ended,
        stage: ScanStage::Finished { hosts: 1, .. },
        found,
    } = next.await.expect("it ends")
    else {
        panic!("it finds one host");
    };
    assert_eq!(ended, command);
    assert_eq!(fs::read_to_string(found).expect("it is there"), FOUND);
    let asked = fs::read_to_string(dir.path().join("asked")).expect("it was asked");
    assert!(asked.contains("10.0.3.0/24"), "{asked}");
    let nobody = Scans::on(dir.path(), None, here).command(command);
    let why = Refusal::NoScanner;
    assert_eq!(nobody, Err(Outcome::Refused { why }));
    let nowhere = Scans::on(dir.path(), Some(PathBuf::from("nmap")), Vec::new).command(command);
    assert!(
        matches!(nowhere, Err(Outcome::Failed { .. })),
        "{nowhere:?}"
    );
}
