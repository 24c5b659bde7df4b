//! The seeds of the corpora, written anew after a change of a format, and the shortest of what fuzzing has found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use detect::boosting::{Boosting, BoostingConfig};
use detect::conformal::Calibration;
use detect::forest::{Forest, ForestConfig};
use detect::fusion::Fusion;
use detect::hotelling::Hotelling;
use detect::mud::Mud;
use detect::profile::{Profile, ProfileConfig};
use detect::robust::Robust;
use detect::rows::Rows;
use detect::sequence::markov::Markov;
use detect::sequence::ngram::NgramRegression;
use detect::sequence::{Class, Example};
use fuzz::bodies;
use protocol::dice::Dice;

use super::{corpus, inputs};

/// Seeds for each of the two machines.
const SCRIPTS: u8 = 40;
/// Scripts kept for each thing that they bring about, so that one may rot.
const KEPT: usize = 3;

pub fn bless() {
    for vectors in ["messages", "records", "enrolment", "documents"] {
        for (name, bytes) in vectors_of(vectors) {
            write("message", &format!("{vectors}-{name}"), &bytes);
        }
    }
    let kinds = ["head", "membership", "suspension", "log_head", "contact"];
    let documents = [vectors_of("documents"), vectors_of("records")].concat();
    for (kind, first) in kinds.iter().zip(0u8..) {
        for (name, signed) in [(kind.to_string(), 0), (format!("{kind}_payload"), 1)] {
            let found = documents.iter().find(|(known, _)| *known == name);
            let (_, bytes) = found.expect("there is a vector of that name");
            write(
                "signed",
                &name,
                &[&[first << 1 | signed], bytes.as_slice()].concat(),
            );
        }
    }
    for (name, bytes) in vectors_of("documents") {
        if name.starts_with("proof") {
            write("proof", &name, &[&[0], bytes.as_slice()].concat());
        }
    }
    bless_texts();
    bless_metadata();
    bless_archives();
    bless_detection();
    bless_scripts();
    bless_found("node_inputs", bodies::node_tally);
    bless_found("coordinator_inputs", bodies::coordinator_tally);
}

/// The shortest of the scripts that fuzzing has found, for each thing that they bring about.
fn bless_found(target: &str, run: fn(&[u8]) -> bodies::Tally) {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/corpus")
        .join(target);
    if !found.is_dir() {
        return;
    }
    let mut by_reach = BTreeMap::<_, Vec<Vec<u8>>>::new();
    for path in inputs(&found) {
        let script = fs::read(path).expect("the corpus can be read");
        for what in run(&script).into_keys() {
            by_reach.entry(what).or_default().push(script.clone());
        }
    }
    for (what, mut scripts) in by_reach {
        scripts.sort_unstable_by_key(|script| (script.len(), script.clone()));
        for (script, number) in scripts.iter().take(KEPT).zip(0..) {
            let name = format!("reaches-{}-{number}", what.replace(' ', "-"));
            write(target, &name, script);
        }
    }
}

fn bless_texts() {
    let joins = fs::read_to_string(vector_file("join_strings")).expect("the vectors are there");
    for (line, number) in joins.lines().zip(0..) {
        let (_, text) = line.split_once(' ').expect("a name and a value");
        write("join_string", &format!("join-{number}"), text.as_bytes());
        write(
            "join_string",
            &format!("capitals-{number}"),
            text.to_uppercase().as_bytes(),
        );
        write(
            "join_string",
            &format!("cut-{number}"),
            &text.as_bytes()[..90],
        );
        let spaced = text.replace('a', " a\n");
        write(
            "join_string",
            &format!("spaced-{number}"),
            spaced.as_bytes(),
        );
    }
    let words = protocol::words::spell(&[9; 32]);
    write("join_string", "words", words.as_bytes());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tuf-core/tests/python-tuf");
    for path in inputs(&folder) {
        let bytes = fs::read(&path).expect("the root can be read");
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("it has a name");
        write("root", name, &bytes);
        write("root", &format!("{name}-cut"), &bytes[..bytes.len() / 2]);
        let changed =
            String::from_utf8_lossy(&bytes).replace("\"threshold\": 1", "\"threshold\": 0");
        write("root", &format!("{name}-threshold"), changed.as_bytes());
    }
}

/// The signed part of each kind of document, behind the byte that chooses its reader.
fn bless_metadata() {
    let header = r#""expires":"2030-01-01T00:00:00Z","spec_version":"1.0.31","version":1"#;
    let promise = r#"{"version":1,"length":3,"hashes":{"sha256":"00"}}"#;
    let role = r#""keyids":["k"],"threshold":1"#;
    let key = r#"{"keytype":"ecdsa","keyval":{"public":"x"},"scheme":"ecdsa-sha2-nistp256"}"#;
    let delegations = format!(
        r#""delegations":{{"keys":{{"k":{key}}},"roles":[{{{role},"name":"firmware","paths":["f*/[!a-z]?"],"terminating":true}}]}}"#
    );
    let bins = format!(
        r#""delegations":{{"keys":{{}},"succinct_roles":{{{role},"bit_length":3,"name_prefix":"b"}}}}"#
    );
    let target = r#""targets":{"a/b":{"hashes":{"sha512":"00","x":"y"},"length":0,"custom":{}}}"#;
    for (name, kind, body) in [
        (
            "timestamp",
            0,
            format!(r#""_type":"timestamp",{header},"meta":{{"snapshot.json":{promise}}}"#),
        ),
        (
            "snapshot",
            1,
            format!(r#""_type":"snapshot",{header},"meta":{{"targets.json":{promise}}}"#),
        ),
        (
            "targets",
            2,
            format!(r#""_type":"targets",{header},{target},{delegations}"#),
        ),
        (
            "bins",
            3,
            format!(r#""_type":"targets",{header},"targets":{{}},{bins}"#),
        ),
    ] {
        let input = format!("{}{{{body}}}", char::from(kind));
        write("metadata", name, input.as_bytes());
    }
}

/// A small model of each kind by its body, and files of makers with one rule of each sort.
fn bless_detection() {
    let values: Vec<f32> = (0..40u16).map(|n| f32::from(n * 7 % 11)).collect();
    let rows = Rows::new(&values, 2).expect("twenty rows of two");
    let labels: Vec<u8> = (0..20).map(|n| n % 2).collect();
    let config = ForestConfig {
        trees: 2,
        sample: 16,
    };
    let forest = Forest::fit(rows, config, 1).expect("there are rows");
    let boosting = BoostingConfig {
        rounds: 2,
        leaves: 4,
        rate: 0.5,
    };
    let boosting = Boosting::fit(rows, &labels, boosting).expect("both classes are there");
    let mut fusion = Fusion::new(2, 4).expect("two detectors");
    fusion.push(&[1.0, 2.0]).expect("two scores");
    let mut calibration = Calibration::default();
    calibration.push(3.0);
    let examples = [
        Example {
            letters: b"ababab",
            class: Class::Controlled,
        },
        Example {
            letters: b"aabbab",
            class: Class::Usual,
        },
    ];
    let models = [
        ("forest", forest.to_bytes()),
        (
            "robust",
            Robust::fit(rows).expect("there are rows").to_bytes(),
        ),
        (
            "hotelling",
            Hotelling::fit(rows).expect("there are rows").to_bytes(),
        ),
        ("calibration", calibration.to_bytes()),
        ("fusion", fusion.to_bytes()),
        (
            "markov",
            Markov::fit(&examples)
                .expect("both classes are there")
                .to_bytes(),
        ),
        (
            "ngram",
            NgramRegression::fit(&examples)
                .expect("both classes are there")
                .to_bytes(),
        ),
        ("boosting", boosting.to_bytes()),
    ];
    for ((name, bytes), choice) in models.iter().zip(0u8..) {
        let body = &bytes[10..bytes.len() - 16];
        write("model", name, &[&[choice], body].concat());
        write(
            "model",
            &format!("{name}-cut"),
            &[&[choice], &body[..body.len() / 2]].concat(),
        );
    }
    let rules = [
        (
            "cloud",
            r#""ipv4":{"protocol":6,"ietf-acldns:dst-dnsname":"a.com"},"tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":443}}"#,
        ),
        (
            "local",
            r#""ietf-mud:mud":{"local-networks":[null]},"ipv6":{"protocol":17},"udp":{"source-port":{"operator":"range","lower-port":1,"upper-port":9}}"#,
        ),
        (
            "ping",
            r#""ipv4":{"destination-ipv4-network":"10.0.0.0/8"},"icmp":{"type":8,"code":0}"#,
        ),
        ("frame", r#""eth":{"ethertype":"0x888e"}"#),
        ("unknown", r#""ipv4":{"dscp":3}"#),
    ];
    for (name, matches) in rules {
        let file = format!(
            r#"{{"ietf-mud:mud":{{"mud-version":1,"mud-url":"https://a.com/d","last-update":"2026-01-01T00:00:00Z","is-supported":true,"from-device-policy":{{"access-lists":{{"access-list":[{{"name":"fr"}}]}}}}}},"ietf-access-control-list:acls":{{"acl":[{{"name":"fr","type":"ipv4-acl-type","aces":{{"ace":[{{"name":"one","matches":{{{matches}}},"actions":{{"forwarding":"accept"}}}}]}}}}]}}}}"#
        );
        write("mud", name, file.as_bytes());
        let Ok(mud) = Mud::from_json(file.as_bytes()) else {
            continue;
        };
        let profile = Profile::declared(&mud.entries, ProfileConfig::default(), 1);
        write("mud", &format!("{name}-profile"), &profile.to_bytes());
    }
}

/// Small images, each with one thing about it. The byte in front has their sums mended.
fn bless_archives() {
    let dir = || entry("etc/", b'5', b"");
    let file = || entry("etc/unit.conf", b'0', b"listen = 8080\n");
    let deep = format!("{}x", "d/".repeat(16));
    let long = "n".repeat(99);
    for (name, entries) in [
        (
            "good",
            vec![dir(), file(), entry("service", b'0', &[7; 600])],
        ),
        ("implied-directory", vec![file()]),
        ("empty", Vec::new()),
        ("out", vec![entry("../passwd", b'0', b"root")]),
        ("absolute", vec![entry("/etc/passwd", b'0', b"root")]),
        ("hidden-out", vec![entry("etc/../../passwd", b'0', b"root")]),
        ("link", vec![entry("etc", b'2', b""), file()]),
        ("hard-link", vec![entry("etc", b'1', b"")]),
        ("device", vec![entry("sda", b'4', b"")]),
        ("pipe", vec![entry("pipe", b'6', b"")]),
        (
            "long-name",
            vec![entry(&long, b'L', b"a longer name"), file()],
        ),
        (
            "later-format",
            vec![entry("x", b'x', b"30 path=../out\n"), file()],
        ),
        ("twice", vec![file(), file()]),
        ("file-as-directory", vec![entry("etc", b'0', b"x"), file()]),
        ("directory-as-file", vec![dir(), entry("etc", b'0', b"x")]),
        ("deep", vec![entry(&deep, b'0', b"x")]),
        ("no-name", vec![entry("", b'0', b"x")]),
        ("no-text", vec![entry("\u{fffd}\u{202e}", b'0', b"x")]),
    ] {
        let image = [vec![1], entries.concat(), vec![0; 1024]].concat();
        write("archive", name, &image);
        if name == "good" {
            write("archive", "cut", &image[..900]);
            write("archive", "sums-as-they-are", &[&[0], &image[1..]].concat());
        }
    }
}

/// A header of ustar without its sum, and the body behind it in whole blocks.
fn entry(name: &str, kind: u8, body: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{:011o}\0", body.len()).as_bytes());
    block[156] = kind;
    block[157..163].copy_from_slice(b"target");
    block[257..265].copy_from_slice(b"ustar\x0000");
    block.extend_from_slice(body);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

/// Scripts that begin with other decisions each: whom they link first, and how far they go.
fn bless_scripts() {
    for number in 0..SCRIPTS {
        let mut dice = Dice::from_seed([number; 32]);
        let length = 100 + usize::from(number) * 15;
        let noise = dice.bytes::<700>();
        let links: Vec<u8> = (0..8).flat_map(|link| [0, link * 2]).collect();
        let node = [&[number % 13], &links[..], &noise[..length]].concat();
        write("node_inputs", &format!("script-{number:02}"), &node);
        let links: Vec<u8> = (3..9).flat_map(|link| [0, link]).collect();
        let coordinator = [&links[..], &noise[..length]].concat();
        write(
            "coordinator_inputs",
            &format!("script-{number:02}"),
            &coordinator,
        );
        write("credentials", &format!("script-{number:02}"), &noise[..40]);
        let moves = [&[4], &noise[..length]].concat();
        write("metadata", &format!("script-{number:02}"), &moves);
        let heads = [&[1], &noise[..30]].concat();
        write("proof", &format!("script-{number:02}"), &heads);
    }
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = corpus(target);
    fs::create_dir_all(&folder).expect("the corpus can be made");
    fs::write(folder.join(name), bytes).expect("the seed can be written");
}

fn vector_file(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/protocol/tests/vectors")
        .join(file)
        .with_extension("txt")
}

fn vectors_of(file: &str) -> Vec<(String, Vec<u8>)> {
    let text = fs::read_to_string(vector_file(file)).expect("the vectors are there");
    let vector = |line: &str| {
        let (name, hex) = line.split_once(' ').expect("a name and a value");
        let bytes = HEXLOWER
            .decode(hex.as_bytes())
            .expect("the value is hexadecimal");
        (name.to_owned(), bytes)
    };
    text.lines().map(vector).collect()
}
