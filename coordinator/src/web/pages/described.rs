//! The form with which somebody says where a device stands and which tags it has.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use serde::Deserialize;
use ui::links;
use ui::pages::described::{self as page, DescribedView, Own};
use ui::parts::form::Field;

use super::html;
use crate::risk::holder::Holder;
use crate::risk::said::{SaidError, Words};
use crate::web::Web;
use crate::web::acts::described::{describe, meant};
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

/// Characters that are drawn again of what was typed.
const TYPED: usize = 4096;
/// Sites that are offered while typing.
const OFFERED: usize = 200;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeForm {
    #[serde(default)]
    site: String,
    /// With commas between them.
    #[serde(default)]
    tags: String,
    /// Only devices without a node are asked for the next two.
    name: Option<String>,
    class: Option<String>,
}

pub async fn begin(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, &id)).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

pub async fn keep(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(id): Named<String>,
    PageForm(form): PageForm<DescribeForm>,
) -> Result<Response, WebError> {
    let done = describe(&web, &trail, id.clone(), form.words()).await?;
    let read = move |web: &Web| view(web, &id);
    let view = web.read(read).await?;
    match done {
        Ok(()) => {
            let name = &view.name;
            web.notes
                .flashes
                .put(&caller, say!("What is said of {name} is kept.", name));
            Ok(Redirect::to(&view.back).into_response())
        }
        Err(error) if view.own.is_none() && ["name", "class"].contains(&error.place()) => {
            Err(WebError::Invalid(vec![Flaw::new(error.place(), error)]))
        }
        Err(error) => {
            let view = form.shown(view, &error);
            Ok(again(&page::page(&web.shell(&frame), &view)))
        }
    }
}

fn view(web: &Web, id: &str) -> Result<DescribedView, WebError> {
    let (holder, name) = meant(web, id)?;
    let index = web.risk.index();
    let id = holder.to_string();
    let known = index.devices.get(&id);
    let tags = known.map(|known| known.listed_tags().join(", "));
    let site = known.map(|known| known.site.clone());
    let sites = index.devices.values().map(|known| known.site.as_str());
    let mut sites: Vec<&str> = sites.filter(|site| !site.is_empty()).collect();
    sites.sort_unstable();
    sites.dedup();
    let own = (!matches!(holder, Holder::Member(_))).then(|| Own {
        name: Field::new(known.map(|known| known.called.clone()).unwrap_or_default()),
        class: Field::new(
            known
                .and_then(|known| known.classed)
                .map(|class| class.word().to_owned())
                .unwrap_or_default(),
        ),
    });
    Ok(DescribedView {
        back: back(web, holder),
        id,
        name,
        site: Field::new(site.unwrap_or_default()),
        tags: Field::new(tags.unwrap_or_default()),
        own,
        sites: sites.into_iter().take(OFFERED).map(str::to_owned).collect(),
        classes: super::offered(&web.snapshot()).0,
    })
}

/// The page of the device: what its guardians hear, or what is found on it where nobody hears it.
fn back(web: &Web, holder: Holder) -> String {
    match holder {
        Holder::Member(device) => links::device(&device.to_string()),
        Holder::Mac(mac) => {
            let mac = mac.to_string();
            match crate::web::neighbours::one(web, &web.snapshot(), &mac) {
                Ok(_) => links::neighbour(&mac),
                Err(_) => links::findings_on(&holder.to_string()),
            }
        }
        Holder::Address(_) => links::findings_on(&holder.to_string()),
    }
}

impl DescribeForm {
    fn words(&self) -> Words {
        let tags = self.tags.split(',').map(str::trim);
        let said = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Words {
            name: self.name.as_ref().map(|name| name.trim().to_owned()),
            class: self.class.as_ref().and_then(said),
            site: Some(self.site.clone()),
            tags: Some(
                tags.filter(|tag| !tag.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
        }
    }

    /// The form again, with what was typed and what is wrong with it.
    fn shown(&self, view: DescribedView, error: &SaidError) -> DescribedView {
        let field = |place: &str, typed: &str| {
            let typed: String = typed.chars().take(TYPED).collect();
            match error.place() == place {
                true => Field::wrong(typed, sentence(&error.to_string())),
                false => Field::new(typed),
            }
        };
        let own = view.own.is_some().then(|| Own {
            name: field("name", self.name.as_deref().unwrap_or_default()),
            class: field("class", self.class.as_deref().unwrap_or_default()),
        });
        DescribedView {
            site: field("site", &self.site),
            tags: field("tags", &self.tags),
            own,
            ..view
        }
    }
}
