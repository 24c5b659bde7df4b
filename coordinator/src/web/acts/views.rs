//! Filters of findings and of devices that are kept under a name.

use findings::filter::{DEVICE_FIELDS, FINDING_FIELDS, Filter, Schema};
use protocol::text::Name;

use crate::store::advice::Shelf;
use crate::web::Web;
use crate::web::error::{Flaw, WebError};
use crate::web::trail::{Change, Trail};

fn fields(of: Shelf) -> &'static Schema {
    match of {
        Shelf::Findings => FINDING_FIELDS,
        Shelf::Devices => DEVICE_FIELDS,
    }
}

/// Keeps a filter; an empty one takes the name away. The error names the field without a slash in front.
pub async fn keep(
    web: &Web,
    trail: &Trail,
    of: Shelf,
    name: &str,
    filter: &str,
) -> Result<Name, WebError> {
    let flaw = |place: &str, what: String| WebError::Invalid(vec![Flaw::new(place, what)]);
    let name = Name::new(name.trim()).map_err(|error| flaw("name", error.to_string()))?;
    let read = Filter::parse(filter, fields(of));
    read.map_err(|error| flaw("filter", error.to_string()))?;
    let change = Change {
        after: Some(filter),
        ..Change::default()
    };
    let act = trail.act("view.keep", name.as_str(), change);
    let (kept, filter) = (name.to_string(), filter.to_owned());
    web.change(move |changes| {
        changes.put_view(of, &kept, &filter)?;
        changes.audit(act)
    })
    .await?;
    Ok(name)
}
