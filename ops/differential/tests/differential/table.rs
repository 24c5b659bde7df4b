//! The table: what is served, and who takes it.

use crate::clients::{ALL, Client, Memory};
use crate::repository::{IMAGE, LATER, PAST, Plan, Repository, rightful, served};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Taken,
    Refused,
}

use Wanted::{Refused, Taken};

struct Row {
    name: &'static str,
    /// What was served before, and was sound.
    before: Option<Plan>,
    now: Plan,
    /// What somebody has done to the files after that.
    then: fn(&mut Repository),
    wanted: Wanted,
    /// Who does otherwise, and how that comes.
    otherwise: &'static [(Client, &'static str)],
}

impl Row {
    fn new(name: &'static str, wanted: Wanted, now: Plan) -> Self {
        Self {
            name,
            before: None,
            now,
            then: |_| {},
            wanted,
            otherwise: &[],
        }
    }

    fn after(mut self, before: Plan) -> Self {
        self.before = Some(before);
        self
    }

    fn then(mut self, then: fn(&mut Repository)) -> Self {
        self.then = then;
        self
    }

    fn but(mut self, otherwise: &'static [(Client, &'static str)]) -> Self {
        self.otherwise = otherwise;
        self
    }

    async fn verdicts(&self) -> Vec<(Client, Result<Vec<u8>, String>)> {
        let mut verdicts = Vec::new();
        for client in ALL {
            let mut served = self.now.write();
            let first = self.before.as_ref().map(Plan::write);
            let root = first.as_ref().unwrap_or(&served).metadata["1.root.json"].clone();
            let mut memory = Memory::of(&root);
            if let Some(first) = first {
                let known = client.fetch(&first, &mut memory).await;
                assert_eq!(
                    known.as_deref(),
                    Ok(IMAGE),
                    "{}: {client:?} before",
                    self.name
                );
            }
            (self.then)(&mut served);
            verdicts.push((client, client.fetch(&served, &mut memory).await));
        }
        verdicts
    }
}

fn edition(edition: u64) -> Plan {
    Plan {
        edition,
        roles: edition,
        ..Plan::default()
    }
}

fn ends(expires: fn(&str) -> u64) -> Plan {
    Plan {
        expires,
        ..Plan::default()
    }
}

fn by(signed_by: fn(&str) -> Vec<u8>) -> Plan {
    Plan {
        signed_by,
        ..Plan::default()
    }
}

fn roots(second_root_by: &[u8]) -> Plan {
    Plan {
        roots: 2,
        second_root_by: second_root_by.to_vec(),
        ..Plan::default()
    }
}

fn image(repository: &mut Repository) -> &mut Vec<u8> {
    repository.targets.get_mut(&served(IMAGE)).unwrap()
}

fn rows() -> Vec<Row> {
    let past = |role: &'static str| match role {
        "timestamp" => ends(|role| if role == "timestamp" { PAST } else { LATER }),
        "snapshot" => ends(|role| if role == "snapshot" { PAST } else { LATER }),
        "targets" => ends(|role| if role == "targets" { PAST } else { LATER }),
        "firmware" => ends(|role| if role == "firmware" { PAST } else { LATER }),
        _ => ends(|role| if role == "root" { PAST } else { LATER }),
    };
    vec![
        Row::new("sound", Taken, Plan::default()),
        Row::new("the same again", Taken, edition(1)).after(edition(1)),
        Row::new("a newer edition", Taken, edition(2)).after(edition(1)),
        Row::new("a second root", Taken, roots(&[1, 2])),
        Row::new(
            "a second root later",
            Taken,
            Plan {
                roots: 2,
                ..edition(2)
            },
        )
        .after(edition(1)),
        Row::new("the root has ended", Refused, past("root")),
        Row::new("the timestamp has ended", Refused, past("timestamp")),
        Row::new("the snapshot has ended", Refused, past("snapshot")),
        Row::new("the targets have ended", Refused, past("targets")),
        Row::new("the delegated role has ended", Refused, past("firmware")),
        Row::new(
            "one of two signs the root",
            Refused,
            by(|role| match role {
                "root" => vec![1],
                role => rightful(role),
            }),
        ),
        Row::new(
            "one of two signs the firmware",
            Refused,
            by(|role| match role {
                "firmware" => vec![21],
                role => rightful(role),
            }),
        ),
        Row::new(
            "one of two signs the firmware twice",
            Refused,
            by(|role| match role {
                "firmware" => vec![21, 21],
                role => rightful(role),
            }),
        ),
        Row::new(
            "a stranger is the second",
            Refused,
            by(|role| match role {
                "firmware" => vec![21, 31],
                role => rightful(role),
            }),
        ),
        Row::new(
            "a stranger signs the timestamp",
            Refused,
            by(|role| match role {
                "timestamp" => vec![31],
                role => rightful(role),
            }),
        ),
        Row::new(
            "the snapshot's key signs the targets",
            Refused,
            by(|role| match role {
                "targets" => vec![12],
                role => rightful(role),
            }),
        ),
        Row::new(
            "a stranger too signs the targets",
            Taken,
            by(|role| match role {
                "targets" => vec![31, 13],
                role => rightful(role),
            }),
        ),
        Row::new("one of two signs the second root", Refused, roots(&[1])),
        Row::new("strangers sign the second root", Refused, roots(&[31, 32])),
        Row::new("all of it is older", Refused, edition(1)).after(edition(2)),
        Row::new(
            "the timestamp alone is newer, the rest older",
            Refused,
            Plan {
                edition: 3,
                roles: 1,
                ..Plan::default()
            },
        )
        .after(edition(2)),
        Row::new(
            "a snapshot promises versions that the roles do not have",
            Refused,
            Plan {
                promised_roles: Some(2),
                ..edition(1)
            },
        ),
        Row::new("one byte of the image is another", Refused, Plan::default())
            .then(|repository| image(repository)[3] ^= 1),
        Row::new("the image is a byte longer", Refused, Plan::default())
            .then(|repository| image(repository).push(0)),
        Row::new("the image is a byte shorter", Refused, Plan::default())
            .then(|repository| image(repository).truncate(IMAGE.len() - 1)),
        Row::new("the image is not there", Refused, Plan::default())
            .then(|repository| repository.targets.clear()),
        Row::new(
            "the firmware role lists a file outside of its folder too",
            Taken,
            Plan {
                also: Some("policy/settings/fleet"),
                ..Plan::default()
            },
        )
        .but(&[(Client::Tough, "it refuses the whole role for one path")]),
        Row::new(
            "a space stands behind the snapshot",
            Refused,
            Plan::default(),
        )
        .then(|repository| {
            repository
                .metadata
                .get_mut("1.snapshot.json")
                .unwrap()
                .push(b' ')
        }),
        Row::new(
            "the targets are those of another edition",
            Refused,
            Plan::default(),
        )
        .then(|repository| {
            let other = ends(|_| LATER + 1).write();
            let targets = other.metadata["1.targets.json"].clone();
            repository
                .metadata
                .insert("1.targets.json".to_owned(), targets);
        }),
        Row::new("the timestamp is cut off", Refused, Plan::default()).then(|repository| {
            repository
                .metadata
                .get_mut("timestamp.json")
                .unwrap()
                .truncate(90)
        }),
        Row::new("the targets are not there", Refused, Plan::default())
            .then(|repository| drop(repository.metadata.remove("1.targets.json"))),
    ]
}

#[tokio::test]
async fn all_three_say_the_same_of_every_repository_or_the_table_says_why_not() {
    let (mut wrong, mut otherwise) = (Vec::new(), 0);
    let rows = rows();
    for row in &rows {
        for (client, verdict) in row.verdicts().await {
            let found = match &verdict {
                Ok(bytes) => {
                    assert_eq!(bytes, IMAGE, "{}: {client:?} takes other bytes", row.name);
                    Taken
                }
                Err(_) => Refused,
            };
            let differs = row.otherwise.iter().any(|(other, _)| *other == client);
            otherwise += usize::from(differs);
            if (found != row.wanted) != differs {
                let why = verdict.err().unwrap_or_default();
                wrong.push(format!("{}: {client:?} {found:?} {why}", row.name));
            }
        }
    }
    println!(
        "{} repositories, three verifiers, {otherwise} verdicts otherwise",
        rows.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
