//! What each class of devices means here: the template that everything asks, the root's word, and what people have set.

use std::collections::BTreeMap;

use findings::finding::decision::Scope as Decided;
use protocol::class::template::Quarantine;
use protocol::class::{Classified as _, DeviceClass};
use protocol::settings::Scope;
use protocol::statement::host::Reading;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bulletin::document::TuningDocument;
use crate::census;
use crate::live::{Live, State};
use crate::neighbours::Neighbour;
use crate::releases::settings::Wanted;
use crate::risk::index::Index;
use crate::settings::Periods;

/// One class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClassDocument {
    pub class: String,
    /// Devices that belong to the mesh.
    pub members: usize,
    /// Devices without a node: by what people have said, or else by the guess.
    pub without_node: usize,
    /// `never`, `exempt` (by the charter), `by_order` (of a person), or `automated`: neighbours that agree hold it too.
    pub quarantine: String,
    /// `open`, or `by_name_only`: alone, and if an administrator types the device's name.
    pub scans: String,
    /// How a guardian asks one without a node whether it is there: `any`, or `hardware_only` (ARP).
    pub calls: String,
    /// Who tells people outside while the coordinator is gone: `first`, or `otherwise`, where there are too few of those.
    pub telling: String,
    /// What administrators have signed for the class; `null` where nothing is set, and everything as usual.
    pub settings: Option<Periods>,
    /// Rules that people have tuned for the class.
    pub tunings: Vec<TuningDocument>,
    /// Decisions about findings that were made for the class.
    pub decisions: usize,
    /// How far each field of its readings may go; the same for every class.
    pub labels: BTreeMap<String, String>,
}

/// What the list is made of.
#[derive(Debug)]
pub struct Makings<'m> {
    pub live: &'m Live,
    pub index: &'m Index,
    pub neighbours: &'m [Neighbour],
    pub wanted: &'m Wanted,
    pub tunings: &'m [TuningDocument],
}

impl Makings<'_> {
    /// Every class, in the order of the table.
    pub fn documents(&self) -> Vec<ClassDocument> {
        DeviceClass::ALL.map(|class| self.document(class)).to_vec()
    }

    pub fn document(&self, class: DeviceClass) -> ClassDocument {
        let template = class.template();
        let belongs = self.live.devices.iter();
        let belongs = belongs.filter(|one| one.state != State::Retired && one.class == class);
        let heard = self.neighbours.iter();
        let heard = heard.filter(|one| census::class(self.index, one) == class);
        let scope = format!("class:{class}");
        let decisions = (0..).map_while(|place| self.index.ledger.get(place));
        let decided = Decided::Class(class.word().to_owned());
        ClassDocument {
            class: class.to_string(),
            members: belongs.count(),
            without_node: heard.count(),
            quarantine: self.quarantine(class).to_owned(),
            scans: template.scans.word().to_owned(),
            calls: template.calls.word().to_owned(),
            telling: template.telling.word().to_owned(),
            settings: self.wanted.get(&Scope::Class(class)).map(Periods::of),
            tunings: self
                .tunings
                .iter()
                .filter(|tuning| tuning.of == scope)
                .cloned()
                .collect(),
            decisions: decisions.filter(|one| one.scope == decided).count(),
            labels: labels(),
        }
    }

    fn quarantine(&self, class: DeviceClass) -> &'static str {
        let charter = self.live.roster.charter();
        match class.template().quarantine {
            never @ Quarantine::Never => never.word(),
            Quarantine::ByTheCharter if charter.exempt.contains(&class) => "exempt",
            Quarantine::ByTheCharter if charter.automate.contains(&class) => "automated",
            Quarantine::ByTheCharter => "by_order",
        }
    }
}

fn labels() -> BTreeMap<String, String> {
    let fields = Reading::FIELDS.iter();
    fields
        .map(|(field, label)| ((*field).to_owned(), label.word().to_owned()))
        .collect()
}
