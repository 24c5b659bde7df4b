//! A silence in words: which kind it is, who says so, and what would clear it.

use protocol::coordinator::verdict::{Ended, Return};

use crate::live::LiveDevice;
use crate::live::silence::{Kind, Standing, Testimony};

/// The kind in a few words, as lists show it.
pub const fn says(kind: Kind) -> &'static str {
    match kind {
        Kind::Goodbye => "said goodbye",
        Kind::Device => "device or its link",
        Kind::Segment => "its segment",
        Kind::Uplink => "uplink or coordinator",
        Kind::Undecided => "not decided yet",
        Kind::Unwatched => "silent since before the coordinator began",
    }
}

/// Kind and company in one line: "its segment, with 7 others".
pub fn line(device: &LiveDevice) -> Option<String> {
    let kind = device.silence()?;
    let mut line = says(kind).to_owned();
    match device.silenced_with().count() {
        0 if device.testimony.standing == Standing::Certified => {
            line += &format!("; {} agree", share(&device.testimony));
        }
        0 => {}
        1 => line += ", with one other",
        others => line += &format!(", with {others} others"),
    }
    Some(line)
}

/// On what the verdict rests.
pub fn why(device: &LiveDevice, kind: Kind) -> String {
    let word = witnesses(&device.testimony);
    let others = match device.silenced_with().count() {
        1 => "one other device".to_owned(),
        others => format!("{others} other devices"),
    };
    match kind {
        Kind::Goodbye => "It said that it stops, so its silence is no alarm.".to_owned(),
        Kind::Device => format!(
            "{word} The coordinator does not hear it either, and too few fell silent with it to blame what they share: the device is down, or its own link is. Its return will tell which."
        ),
        Kind::Segment => format!(
            "It fell silent together with {others} attached to the same segment: the switch or access point before them is the likely cause, not each of them. {word}"
        ),
        Kind::Uplink => {
            let lost = format!(
                "The coordinator lost it together with {others}: the way to them is cut, or the coordinator's own."
            );
            match device.testimony.standing {
                Standing::Certified => format!("{lost} {word}"),
                Standing::Open => {
                    format!("{lost} They may be well, and go on watching each other.")
                }
            }
        }
        Kind::Undecided => format!(
            "{word} The coordinator waits a few seconds for the witnesses, and whether others fall silent with it, before it says which kind of silence this is."
        ),
        Kind::Unwatched => format!(
            "The coordinator has not heard it since it began itself, and so did not see how it fell silent. {word}"
        ),
    }
}

/// What would end the state, in one sentence.
pub const fn clears(kind: Kind) -> &'static str {
    match kind {
        Kind::Goodbye => "Its next record: start the node program on it.",
        Kind::Device => {
            "One fresh record of its own: look at its power, its cable or radio, and its node program."
        }
        Kind::Segment => {
            "One fresh record of each of them: look at the switch or access point that they share."
        }
        Kind::Uplink => {
            "One sign of life that reaches the coordinator: look at the way between it and the site first."
        }
        Kind::Undecided | Kind::Unwatched => {
            "One sign of life, heard by a witness or by the coordinator."
        }
    }
}

/// What a member's return has said about its latest silence.
pub fn returned(ended: &Ended) -> &'static str {
    match ended.what {
        Return::Restarted => "It had stopped: its log began anew.",
        Return::CutOff => "It was cut off: its log went on, so it never stopped.",
    }
}

/// What is held against a member that is online nevertheless.
pub fn doubts(device: &LiveDevice) -> Option<String> {
    let doubted = device.is_there() && !device.testimony.accusers.is_empty();
    doubted.then(|| {
        format!(
            "{} say that they do not hear it; its next record refutes them.",
            share(&device.testimony)
        )
    })
}

fn witnesses(testimony: &Testimony) -> String {
    match (testimony.accusers.len(), testimony.witnesses) {
        (_, 0) => "No other node is there to witness it.".to_owned(),
        (0, _) if testimony.quorum.is_none() => {
            "The mesh is too small for its witnesses to certify a silence.".to_owned()
        }
        (0, of) => format!("None of its {of} witnesses has said that it is silent."),
        _ => match testimony.standing {
            Standing::Certified => format!(
                "{} probed it, heard nothing, and signed that: a certificate.",
                share(testimony)
            ),
            Standing::Open => format!(
                "{} probed it and heard nothing: too few for a certificate.",
                share(testimony)
            ),
        },
    }
}

/// "5 of 8 witnesses"; whoever stands in for a dead witness counts as well.
fn share(testimony: &Testimony) -> String {
    let count = testimony.accusers.len();
    format!("{count} of {} witnesses", testimony.witnesses.max(count))
}
