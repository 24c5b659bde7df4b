//! The one-time link behind which the first administrator is made.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::Response;
use language::say;
use protocol::text::Name;
use serde::Deserialize;
use ui::links;
use ui::pages::setup::{self, SetupView};
use ui::parts::form::Field;

use super::html;
use crate::accounts::names::new_account_name;
use crate::mesh_name;
use crate::store::fault::ChangeError;
use crate::store::operators::{Operator, Role};
use crate::store::secret_hash::SecretHash;
use crate::store::setup::Redemption;
use crate::web::acts::sentence;
use crate::web::error::WebError;
use crate::web::forms::{Named, PageForm, again, dressed};
use crate::web::frame::Frame;
use crate::web::origin::Origin;
use crate::web::session::Fresh;
use crate::web::session::password::{Typed, weakness};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupForm {
    name: String,
    password: Typed,
    /// What the mesh is called; as before where nothing is said.
    #[serde(default)]
    mesh: String,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(token): Named<String>,
) -> Result<Response, WebError> {
    if !waits(&web, &token)? {
        return Ok(over(&web, &frame));
    }
    let fields = Fields {
        mesh: Field::new(web.facts.name.shown()),
        ..Fields::default()
    };
    Ok(html(&page(&web, &frame, token, fields)))
}

pub async fn create(
    Handle(web): Handle<Web>,
    origin: Origin,
    frame: Frame,
    Named(token): Named<String>,
    PageForm(form): PageForm<SetupForm>,
) -> Result<Response, WebError> {
    web.guards.logins.pace(&origin)?;
    if !waits(&web, &token)? {
        return Ok(over(&web, &frame));
    }
    let (name, mesh) = match check(&form, &web.facts.name.shown()) {
        Ok(read) => read,
        Err(fields) => return Ok(again(&page(&web, &frame, token, *fields))),
    };
    let password = web.guards.passwords.hash(form.password.as_str()).await?;
    let operator = Operator {
        name: name.clone(),
        role: Role::Admin,
        created: wall(),
        password,
    };
    let fresh = Fresh::new(&name, &origin, wall())?;
    let refused = |error: String| {
        let fields = Fields {
            name: Field::wrong(form.name.clone(), error),
            mesh: Field::new(form.mesh.clone()),
            ..Fields::default()
        };
        Ok(again(&page(&web, &frame, token.clone(), fields)))
    };
    match store(&web, &origin, &token, (operator, mesh), &fresh).await {
        Ok(()) => Ok(fresh.enter(links::welcome())),
        Err(WebError::NoSuch(_)) => Ok(over(&web, &frame)),
        Err(WebError::AlreadySo(_)) => refused(say!("Somebody has this name already.").to_owned()),
        Err(WebError::Invalid(flaws)) => {
            let why = flaws.first().map(|flaw| sentence(&flaw.what));
            refused(why.unwrap_or_default())
        }
        Err(error) => Err(error),
    }
}

/// The link is used up, the account made and the person let in, all at once or not at all.
async fn store(
    web: &Web,
    origin: &Origin,
    token: &str,
    (operator, mesh): (Operator, Name),
    fresh: &Fresh,
) -> Result<(), WebError> {
    let hash = SecretHash::of_setup_token(token.as_bytes());
    let (session_hash, session) = (fresh.hash, fresh.session.clone());
    let change = Change {
        after: Some("admin"),
        ..Change::default()
    };
    let act = Trail::of(&operator.name, origin).act("user.create", operator.name.as_str(), change);
    let known = web.facts.name.shown();
    let renamed = (known != mesh.as_str()).then(|| {
        let change = Change {
            before: Some(&known),
            after: Some(mesh.as_str()),
        };
        Trail::of(&operator.name, origin).act("mesh.name", "mesh", change)
    });
    let name = mesh.clone();
    web.change(move |changes| {
        match changes.redeem_setup_token(&hash, wall())? {
            Redemption::Redeemed => {}
            Redemption::Expired | Redemption::Unknown => {
                return Err(ChangeError::Missing("setup link"));
            }
        }
        changes.add_operator(&operator)?;
        changes.open_session(&session_hash, &session)?;
        changes.audit(act)?;
        if let Some(renamed) = renamed {
            changes.name_mesh(&name)?;
            changes.audit(renamed)?;
        }
        Ok(())
    })
    .await?;
    web.facts.name.become_known(mesh);
    Ok(())
}

fn waits(web: &Web, token: &str) -> Result<bool, WebError> {
    let hash = SecretHash::of_setup_token(token.as_bytes());
    let waiting = web.reader.setup_token()?;
    Ok(waiting.is_some_and(|waiting| waiting.hash == hash && wall() < waiting.expires))
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Fields {
    name: Field,
    password: Field,
    mesh: Field,
}

fn check(form: &SetupForm, known: &str) -> Result<(Name, Name), Box<Fields>> {
    let name = form.name.trim();
    let weak = weakness(form.password.as_str(), name);
    let mesh = match form.mesh.trim() {
        "" => mesh_name::read(known),
        typed => mesh_name::read(typed),
    };
    match (new_account_name(name), mesh, weak) {
        (Ok(name), Ok(mesh), None) => Ok((name, mesh)),
        (named, mesh, weak) => Err(Box::new(Fields {
            name: Field {
                value: name.to_owned(),
                error: named.err().map(|error| sentence(&error.to_string())),
            },
            password: Field {
                value: String::new(),
                error: weak.map(str::to_owned),
            },
            mesh: Field {
                value: form.mesh.clone(),
                error: mesh.err().map(|error| sentence(&error.to_string())),
            },
        })),
    }
}

fn page(web: &Web, frame: &Frame, token: String, fields: Fields) -> maud::Markup {
    let view = SetupView::Form {
        token,
        name: fields.name,
        password: fields.password,
        mesh: fields.mesh,
    };
    setup::page(&web.shell(&frame.clone().signed_in(None)), &view)
}

/// Used, expired and never made look the same.
fn over(web: &Web, frame: &Frame) -> Response {
    let shell = web.shell(&frame.clone().signed_in(None));
    dressed(StatusCode::GONE, &setup::page(&shell, &SetupView::Expired))
}
