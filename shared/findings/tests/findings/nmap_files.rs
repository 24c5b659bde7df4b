//! The 26 real outputs of nmap in the data folder: each is imported, or refused with its reason.

use findings::scan::compare::compare;
use findings::scan::nmap::{NmapReader, import};
use findings::scan::{Completeness, HostState};

use crate::data;

#[test]
fn every_file_is_imported_or_refused_with_a_reason() {
    let Some(files) = data::files("nmap-xml", "xml") else {
        return;
    };
    assert_eq!(files.len(), 26);
    let mut refused = Vec::new();
    for (name, bytes) in &files {
        match import(bytes) {
            Ok(scan) => {
                assert_eq!(scan.completeness, Completeness::Whole, "{name}");
                let up = scan
                    .hosts
                    .iter()
                    .filter(|host| host.state == HostState::Up)
                    .count();
                let stats = scan.stats.as_ref().expect("the run ended");
                assert_eq!(up as u64, stats.up, "{name}: hosts that are up");
            }
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    assert_eq!(
        refused,
        [
            "defused_et_included.xml: this is no output of nmap: it starts with <root> where <nmaprun> is expected (use nmap -oX)",
            "defused_et_local_includer.xml: the document declares entities or a document type of its own: such files are refused unread",
        ]
    );
}

#[test]
fn fed_in_small_parts_a_file_gives_the_same_scan() {
    let Some(files) = data::files("nmap-xml", "xml") else {
        return;
    };
    for (name, bytes) in &files {
        let Ok(whole) = import(bytes) else { continue };
        let mut reader = NmapReader::new();
        for part in bytes.chunks(111) {
            reader.feed(part).expect("it was imported whole");
        }
        assert_eq!(reader.finish().expect("it is complete"), whole, "{name}");
    }
}

#[test]
fn cut_anywhere_a_file_gives_its_complete_hosts() {
    let Some(files) = data::files("nmap-xml", "xml") else {
        return;
    };
    for (name, bytes) in &files {
        let Ok(whole) = import(bytes) else { continue };
        for cut in (1..bytes.len()).step_by(bytes.len() / 60 + 1) {
            let Ok(scan) = import(&bytes[..cut]) else {
                continue;
            };
            assert!(
                matches!(scan.completeness, Completeness::Cut { .. }),
                "{name} at {cut}"
            );
            assert_eq!(
                scan.hosts[..],
                whole.hosts[..scan.hosts.len()],
                "{name} at {cut}"
            );
        }
    }
}

#[test]
fn what_the_files_hold_is_read() {
    let Some(files) = data::files("nmap-xml", "xml") else {
        return;
    };
    let read = |name: &str| {
        let found = files
            .iter()
            .find(|(file, _)| file == name)
            .expect("the file is there");
        import(&found.1).expect("it is a scan")
    };
    let scan = read("1_os_banner_scripts.xml");
    let host = &scan.hosts[0];
    let ssh = host.ports[&"22/tcp".parse().expect("a port")]
        .service
        .as_ref()
        .expect("a service");
    assert_eq!(ssh.product, "OpenSSH");
    let scan = read("dionaea_scan.xml");
    let mut services = scan
        .hosts
        .iter()
        .flat_map(|host| host.ports.values())
        .filter_map(|port| port.service.as_ref());
    assert!(services.any(|service| !service.cpes.is_empty()));
    assert!(host.ports.values().any(|port| !port.scripts.is_empty()));
    for name in ["os_scan5.xml", "os_scan6.xml"] {
        let hosts = read(name).hosts;
        let guess = hosts
            .iter()
            .find_map(|host| host.os.first())
            .expect("a guess");
        assert!(!guess.family.is_empty(), "{name}");
    }

    let (first, second) = (read("1_hosts.xml"), read("1_hosts_diff.xml"));
    assert!(!compare(&first.hosts[0], &second.hosts[0]).is_empty());
    assert_eq!(compare(&first.hosts[0], &first.hosts[0]), []);
}
