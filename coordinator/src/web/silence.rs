//! A silence in words: which kind it is, who says so, and what would clear it.

use language::{count, say};
use protocol::coordinator::verdict::{Ended, Return};

use crate::live::LiveDevice;
use crate::live::silence::{Kind, Standing, Testimony};

/// The kind in a few words, as lists show it.
pub fn says(kind: Kind) -> &'static str {
    match kind {
        Kind::Goodbye => say!("said goodbye"),
        Kind::Device => say!("device or its link"),
        Kind::Segment => say!("silence|its segment"),
        Kind::Uplink => say!("uplink or coordinator"),
        Kind::Undecided => say!("not decided yet"),
        Kind::Unwatched => say!("silent since before the coordinator began"),
    }
}

/// Kind and company in one line: "its segment, with 7 others".
pub fn line(device: &LiveDevice) -> Option<String> {
    let kind = device.silence()?;
    let mut line = says(kind).to_owned();
    match device.silenced_with().count() {
        0 if device.testimony.standing == Standing::Certified => {
            line += &say!("; {witnesses} agree", witnesses = share(&device.testimony));
        }
        0 => {}
        others => line += &count!(others, ", with one other", ", with {n} others"),
    }
    Some(line)
}

/// On what the verdict rests.
pub fn why(device: &LiveDevice, kind: Kind) -> String {
    let word = witnesses(&device.testimony);
    let others = count!(
        device.silenced_with().count(),
        "one other device",
        "{n} other devices"
    );
    match kind {
        Kind::Goodbye => say!("It said that it stops, so its silence is no alarm.").to_owned(),
        Kind::Device => say!(
            "{word} The coordinator does not hear it either, and too few fell silent with it to blame what they share: the device is down, or its own link is. Its return will tell which.",
            word
        ),
        Kind::Segment => say!(
            "It fell silent together with {others} attached to the same segment: the switch or access point before them is the likely cause, not each of them. {word}",
            others,
            word
        ),
        Kind::Uplink => {
            let lost = say!(
                "The coordinator lost it together with {others}: the way to them is cut, or the coordinator's own.",
                others
            );
            match device.testimony.standing {
                Standing::Certified => format!("{lost} {word}"),
                Standing::Open => {
                    say!(
                        "{lost} They may be well, and go on watching each other.",
                        lost
                    )
                }
            }
        }
        Kind::Undecided => say!(
            "{word} The coordinator waits a few seconds for the witnesses, and whether others fall silent with it, before it says which kind of silence this is.",
            word
        ),
        Kind::Unwatched => say!(
            "The coordinator has not heard it since it began itself, and so did not see how it fell silent. {word}",
            word
        ),
    }
}

/// What would end the state, in one sentence.
pub fn clears(kind: Kind) -> &'static str {
    match kind {
        Kind::Goodbye => say!("Its next record: start the node program on it."),
        Kind::Device => {
            say!(
                "One fresh record of its own: look at its power, its cable or radio, and its node program."
            )
        }
        Kind::Segment => {
            say!(
                "One fresh record of each of them: look at the switch or access point that they share."
            )
        }
        Kind::Uplink => {
            say!(
                "One sign of life that reaches the coordinator: look at the way between it and the site first."
            )
        }
        Kind::Undecided | Kind::Unwatched => {
            say!("One sign of life, heard by a witness or by the coordinator.")
        }
    }
}

/// What a member's return has said about its latest silence.
pub fn returned(ended: &Ended) -> &'static str {
    match ended.what {
        Return::Restarted => say!("It had stopped: its log began anew."),
        Return::CutOff => say!("It was cut off: its log went on, so it never stopped."),
    }
}

/// What is held against a member that is online nevertheless.
pub fn doubts(device: &LiveDevice) -> Option<String> {
    let doubted = device.is_there() && !device.testimony.accusers.is_empty();
    doubted.then(|| {
        say!(
            "{witnesses} say that they do not hear it; its next record refutes them.",
            witnesses = share(&device.testimony)
        )
    })
}

fn witnesses(testimony: &Testimony) -> String {
    match (testimony.accusers.len(), testimony.witnesses) {
        (_, 0) => say!("No other node is there to witness it.").to_owned(),
        (0, _) if testimony.quorum.is_none() => {
            say!("The mesh is too small for its witnesses to certify a silence.").to_owned()
        }
        (0, of) => say!("None of its {of} witnesses has said that it is silent.", of),
        _ => match testimony.standing {
            Standing::Certified => say!(
                "{witnesses} probed it, heard nothing, and signed that: a certificate.",
                witnesses = share(testimony)
            ),
            Standing::Open => say!(
                "{witnesses} probed it and heard nothing: too few for a certificate.",
                witnesses = share(testimony)
            ),
        },
    }
}

/// "5 of 8 witnesses"; whoever stands in for a dead witness counts as well.
fn share(testimony: &Testimony) -> String {
    let count = testimony.accusers.len();
    say!(
        "{some} of {all} witnesses",
        some = count,
        all = testimony.witnesses.max(count)
    )
}
