use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use protocol::install::Mishap;
use protocol::release::Counter;
use tempfile::TempDir;

use super::super::program;
use super::super::rauc::Rauc;
use super::super::swupdate::SwUpdate;
use super::*;

/// As `rauc` behaves: what is installed is active, and marks are kept for the next boot.
const RAUC: &str = r#"
case "$*" in
"status --output-format=json")
    printf '{"compatible":"x","variant":"","booted":"%s","boot_primary":"rootfs.0","slots":[]}\n' "$(cat booted)" ;;
"install "*)
    [ "$(head -c 4 "$2")" = good ] || { echo "LastError: Failed to check signature" >&2; exit 1; }
    other > primary ;;
"status mark-active other") other > primary ;;
"status mark-active booted") cat booted > primary ;;
"status mark-good booted") cat booted > good ;;
"status mark-bad booted") cat booted > bad ;;
*) echo "no such command: $*" >&2; exit 1 ;;
esac
"#;

/// As `swupdate` behaves with two copies: `-e` selects which is written, and that is booted next.
const SWUPDATE: &str = r#"
[ "$1 $2" = "-k key.pem" ] || exit 1
shift 2
case "$1" in
-g) echo "[TRACE] : something"; echo "/dev/$(cat booted)" ;;
-c) [ "$(head -c 4 "$3")" = good ] || { echo "[ERROR] : SWUPDATE failed" >&2; exit 1; } ;;
-e) [ "$2" = "stable,$(other)" ] || exit 1
    other > primary ;;
*) exit 1 ;;
esac
"#;

const PROGRAMS: [&str; 2] = ["rauc", "swupdate"];

#[test]
fn a_version_is_booted_on_trial_and_kept() {
    for program in PROGRAMS {
        let rig = Rig::new(program);
        let image = rig.image("good two");
        let mut slots = rig.slots();
        slots.stage(&image, &rig.file()).unwrap();
        assert_eq!(
            rig.state("primary"),
            "a",
            "{program}: staging boots nothing"
        );
        let effect = slots.switch(&image, &rig.file()).unwrap();
        assert_eq!(effect, Effect::AfterReboot);
        assert_eq!(rig.state("booted"), "b", "{program}");
        let mut slots = rig.slots();
        let standing = slots.standing().unwrap();
        assert_eq!(standing.running.as_ref(), Some(&image), "{program}");
        assert_eq!(standing.trial, Trial::Open);
        let again = slots.switch(&image, &rig.file()).unwrap();
        assert_eq!(again, Effect::AtOnce, "{program}: it runs");
        slots.commit().unwrap();
        slots.commit().expect("it may be repeated");
        assert_eq!(rig.state("good"), "b", "{program}");
        assert_eq!(slots.standing().unwrap().trial, Trial::Settled);
    }
}

#[test]
fn going_back_boots_what_ran_before() {
    for program in PROGRAMS {
        let rig = Rig::new(program);
        let image = rig.image("good two");
        let mut slots = rig.slots();
        slots.stage(&image, &rig.file()).unwrap();
        slots.switch(&image, &rig.file()).unwrap();
        let effect = rig.slots().roll_back().unwrap();
        assert_eq!(effect, Effect::AfterReboot);
        assert_eq!(rig.state("booted"), "a", "{program}");
        let standing = rig.slots().standing().unwrap();
        assert_eq!(standing.trial, Trial::Settled, "{program}");
        assert_ne!(standing.running, Some(image));
    }
}

#[test]
fn a_boot_loader_that_went_back_by_itself_is_noticed() {
    let rig = Rig::new("rauc");
    let image = rig.image("good two");
    let mut slots = rig.slots();
    slots.stage(&image, &rig.file()).unwrap();
    slots.switch(&image, &rig.file()).unwrap();
    fs::write(rig.dir.path().join("booted"), "a").unwrap();
    let standing = rig.slots().standing().unwrap();
    assert_eq!(standing.trial, Trial::Settled);
    assert_ne!(standing.running, Some(image));
}

#[test]
fn an_image_that_the_updater_refuses_is_not_staged() {
    for program in PROGRAMS {
        let rig = Rig::new(program);
        let image = rig.image("evil two");
        let mut slots = rig.slots();
        let staged = slots.stage(&image, &rig.file()).expect_err(program);
        assert_eq!(staged.mishap(), Mishap::Program);
        let switched = slots.switch(&image, &rig.file()).expect_err(program);
        assert!(matches!(switched, SlotError::NotStaged));
        fs::write(rig.file(), "good other").unwrap();
        let staged = slots.stage(&image, &rig.file()).expect_err(program);
        assert_eq!(staged.mishap(), Mishap::Digest);
        assert_eq!(rig.state("primary"), "a");
    }
}

#[test]
fn the_real_swupdate_installs_what_its_key_has_signed() {
    for tool in ["swupdate", "openssl"] {
        if Command::new(tool).arg("--help").output().is_err() {
            eprintln!("skipped: {tool} is not installed");
            return;
        }
    }
    let rig = Rig::new("swupdate");
    let installed = rig.dir.path().join("installed");
    let description = format!(
        "software = {{ version = \"2\"; hardware-compatibility: [ \"1.0\" ]; files: ( {{ \
         filename = \"payload\"; path = \"{}\"; sha256 = \"{}\"; }} ); }}\n",
        installed.display(),
        data_encoding::HEXLOWER.encode(&Sha256::digest(b"version two")),
    );
    let signature = rig.signed(&description);
    let swu = cpio(&[
        ("sw-description", description.as_bytes()),
        ("sw-description.sig", &signature),
        ("payload", b"version two"),
    ]);
    let image = rig.image_of(&swu);
    let certificate = rig.dir.path().join("cert.pem").display().to_string();
    let real = SwUpdate {
        swupdate: PathBuf::from("swupdate"),
        options: ["-k", &certificate, "-H", "board:1.0"]
            .map(str::to_owned)
            .into(),
        selections: Vec::new(),
        keep: Vec::new(),
        go_back: Vec::new(),
        stay: Vec::new(),
        reboot: Vec::new(),
    };
    let names = Folder::new(&rig.dir.path().join("real")).unwrap();
    let mut slots = Partitions::new(real.clone(), names);
    slots.stage(&image, &rig.file()).unwrap();
    assert!(!installed.exists(), "it is only checked");
    slots.switch(&image, &rig.file()).unwrap();
    assert_eq!(fs::read(&installed).unwrap(), b"version two");

    let mut forged = swu;
    let at = forged.len() - 200;
    forged[at..].fill(b'x');
    let image = rig.image_of(&forged);
    let names = Folder::new(&rig.dir.path().join("forged")).unwrap();
    let staged = Partitions::new(real, names).stage(&image, &rig.file());
    assert_eq!(staged.expect_err("it is torn").mishap(), Mishap::Program);
}

#[test]
fn the_real_rauc_understands_what_it_is_asked() {
    if Command::new("rauc").arg("--version").output().is_err() {
        eprintln!("skipped: rauc is not installed");
        return;
    }
    // Without its service on the bus it can only say so; a question that it does not know it answers otherwise.
    let refused = Rauc::default().booted();
    let words = refused.expect_err("no service runs here").to_string();
    assert!(words.contains("D-Bus"), "{words}");
}

struct Rig {
    dir: TempDir,
    program: &'static str,
}

impl Rig {
    fn new(program: &'static str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        for slot in ["booted", "primary"] {
            fs::write(dir.path().join(slot), "a").expect("the directory is ours");
        }
        let rig = Self { dir, program };
        let body = if program == "rauc" { RAUC } else { SWUPDATE };
        rig.script(program, body);
        rig.script("reboot", "cat primary > booted");
        rig.script("keep", "cat booted > good");
        rig.script("go-back", "other > primary");
        rig.script("stay", "cat booted > primary");
        rig
    }

    fn script(&self, name: &str, body: &str) {
        let text = format!(
            "#!/bin/sh\ncd '{}' || exit 1\nother() {{ [ \"$(cat booted)\" = a ] && printf b || printf a; }}\n{body}\n",
            self.dir.path().display()
        );
        let path = self.dir.path().join(name);
        fs::write(&path, text).expect("the directory is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    fn state(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).expect("a program wrote it")
    }

    fn image(&self, content: &str) -> Image {
        self.image_of(content.as_bytes())
    }

    fn image_of(&self, content: &[u8]) -> Image {
        fs::write(self.file(), content).expect("the directory is ours");
        Image {
            target: Digest::from_bytes(Sha256::digest(content).into()),
            version: "2".parse().expect("a short name"),
            counter: Counter(2),
        }
    }

    fn slots(&self) -> Box<dyn Slots> {
        let names = Folder::new(&self.dir.path().join("names")).expect("the directory is ours");
        let program = PathBuf::from(self.path(self.program));
        if self.program == "rauc" {
            let reboot = vec![self.path("reboot")];
            let rauc = program;
            return Box::new(Partitions::new(Rauc { rauc, reboot }, names));
        }
        let select =
            |booted: &str, written: &str| (format!("/dev/{booted}"), format!("stable,{written}"));
        let swupdate = SwUpdate {
            swupdate: program,
            options: ["-k", "key.pem"].map(str::to_owned).into(),
            selections: vec![select("a", "b"), select("b", "a")],
            keep: vec![self.path("keep")],
            go_back: vec![self.path("go-back")],
            stay: vec![self.path("stay")],
            reboot: vec![self.path("reboot")],
        };
        Box::new(Partitions::new(swupdate, names))
    }

    /// A signature (CMS) by a key that is made for this test, with its certificate in `cert.pem`.
    fn signed(&self, description: &str) -> Vec<u8> {
        fs::write(self.path("description"), description).expect("the directory is ours");
        let (key, certificate) = (self.path("key"), self.path("cert.pem"));
        let (description, signature) = (self.path("description"), self.path("signature"));
        let make = format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -subj /CN=test \
             -addext extendedKeyUsage=emailProtection -addext keyUsage=digitalSignature"
        );
        let sign = format!(
            "cms -sign -in {description} -out {signature} -signer {certificate} -inkey {key} \
             -outform DER -nosmimecap -binary"
        );
        for line in [make, sign] {
            let words: Vec<&str> = line.split(' ').collect();
            let limit = Duration::from_secs(60);
            program::run(Path::new("openssl"), &words, limit).expect("openssl does this");
        }
        fs::read(signature).expect("it was written")
    }
}

/// The archive of SWUpdate: cpio with checksums.
fn cpio(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    let end = ("TRAILER!!!", &b""[..]);
    for (number, (name, bytes)) in files.iter().chain([&end]).enumerate() {
        let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
        let fields = [
            number + 1,
            0o100_644,
            0,
            0,
            1,
            0,
            bytes.len(),
            0,
            0,
            0,
            0,
            name.len() + 1,
            sum as usize,
        ];
        archive.extend(b"070702");
        for field in fields {
            archive.extend(format!("{field:08X}").bytes());
        }
        archive.extend(name.bytes().chain([0]));
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}
