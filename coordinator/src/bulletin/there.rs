//! Whether what somebody names in an act or a tuning is there: a typing mistake would stop an escalation, or tune nothing.

use alerts::act::Act;
use alerts::sources;

use super::wish::Flaw;
use crate::logbook::Logbook;
use crate::store::Reader;
use crate::store::fault::ReadError;

/// Whoever an alert is assigned to has to be one of the people.
pub fn assignee(reader: &Reader, act: &Act) -> Result<Option<Flaw>, ReadError> {
    let Act::Assign(to) = act else {
        return Ok(None);
    };
    let people = reader.operators()?;
    if people.iter().any(|one| one.name.as_str() == to.as_str()) {
        return Ok(None);
    }
    let names: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
    Ok(Some(Flaw {
        field: "to",
        what: format!(
            "nobody here is called {to}: name one of {}",
            names.join(", ")
        ),
    }))
}

/// A rule that is tuned has to be one of those that watch.
pub fn rule(logbook: &Logbook, name: &str) -> Option<Flaw> {
    let mut own = sources::RULES.iter().flat_map(|rules| rules.iter());
    let is_known = own.any(|rule| rule.name == name)
        || logbook.rules(|rules| rules.iter().any(|rule| rule.name == name));
    (!is_known).then(|| Flaw {
        field: "rule",
        what: format!("there is no rule {name}: `palisade-coordinator alert rules` lists them"),
    })
}
