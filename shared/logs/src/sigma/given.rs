//! Fields of a rule that no parser gives: such a rule reads well and never speaks.

use std::collections::{BTreeMap, BTreeSet};

use super::Threshold;
use super::selection::Selection;
use crate::line::GIVEN;
use crate::sudo;

/// One sentence for each such field; a device may still send it by itself, in JSON or in structured data.
pub(super) fn warnings(
    programs: &[&str],
    selections: &BTreeMap<String, Selection>,
    threshold: Option<&Threshold>,
) -> Vec<String> {
    let mut asked = BTreeSet::new();
    for (name, selection) in selections {
        let fields = selection.fields();
        asked.extend(fields.map(|field| (format!("detection.{name}.{field}"), field)));
    }
    let by = threshold.and_then(|threshold| threshold.by.as_deref());
    asked.extend(by.map(|field| (format!("detection.condition: {field}"), field)));
    asked
        .into_iter()
        .filter(|(_, field)| !is_given(field, programs))
        .map(|(place, _)| {
            format!(
                "{place}: no parser gives this field, so it is there only where a device sends it in JSON or in structured data"
            )
        })
        .collect()
}

fn is_given(field: &str, programs: &[&str]) -> bool {
    let is_sudo = programs.is_empty() || programs.contains(&"sudo");
    GIVEN.contains(&field) || (is_sudo && sudo::FIELDS.contains(&field))
}
