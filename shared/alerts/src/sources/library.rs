//! What devices are given to install: wrong chunks of images, and documents that nobody may take.

use protocol::alert::Alert;
use protocol::id::Digest;
use protocol::library::{Flaw, Refused};
use protocol::spread::image::ImageId;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 2] = [WRONG_CHUNK, DOCUMENT_REFUSED];

const WRONG_CHUNK: Known = Known {
    name: "wrong_chunk",
    title: "A device hands on a firmware image that is not the signed one",
    severity: Severity::High,
    attack: Some("T1195.002"),
    stops: "The device sends chunks of the signed image again, or holds none of it. Look at its disk, and retire it if it did so on purpose.",
};

const DOCUMENT_REFUSED: Known = Known {
    name: "document_refused",
    title: "The online keys vouch for a document that administrators have not signed",
    severity: Severity::Critical,
    attack: Some("T1553"),
    stops: "The repository vouches for signed documents only. If nobody published one by mistake, the online keys are in wrong hands: replace them (ops/runbooks/signing-keys.md).",
};

pub(super) fn wrong_chunk(alert: &Alert, image: &ImageId, chunk: u32, found: &Digest) -> Sighting {
    let says = format!("chunk {chunk} of image {image} came with other bytes than were signed");
    WRONG_CHUNK
        .sighting(Some(alert.alarm.subject), alert.time, &says)
        .value("chunk", None, &chunk.to_string())
        .value(
            "content",
            Some("as the image's signed tree says"),
            &found.to_string(),
        )
        .cause(&format!("image {image}"))
}

pub(super) fn refused(alert: &Alert, refused: &Refused) -> Sighting {
    let flaw = match refused.flaw {
        Flaw::Unsigned => "too few of those who may sign it have signed it",
        Flaw::Older => "it is older than what was seen before",
        Flaw::Unreadable => "it says what cannot be obeyed",
    };
    let document = format!("{} {}", refused.role, refused.version);
    // It is the repository that is wrong, not the device that says so: the alert is the mesh's.
    DOCUMENT_REFUSED
        .sighting(
            None,
            alert.time,
            &format!("version {} of {}: {flaw}", refused.version, refused.role),
        )
        .value(
            "document",
            Some("signed by enough administrators"),
            &format!("{document}: {}", refused.flaw.word()),
        )
        .cause(&format!("document {document}"))
}
