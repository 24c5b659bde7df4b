//! The language of the pages: chosen for an account, and carried by its browsers in a cookie.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::Language;
use serde::Deserialize;
use ui::links;

use crate::web::Web;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::PageForm;
use crate::web::tongue::carry;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageForm {
    /// A tag; empty leaves it to the browser.
    language: String,
}

pub async fn choose(
    Handle(web): Handle<Web>,
    caller: Caller,
    PageForm(form): PageForm<LanguageForm>,
) -> Result<Response, WebError> {
    let chosen: Option<Language> = match form.language.as_str() {
        "" => None,
        tag => Some(
            tag.parse()
                .map_err(|flaw| WebError::Invalid(vec![Flaw::new("language", flaw)]))?,
        ),
    };
    web.change(move |changes| changes.choose_language(&caller.account, chosen))
        .await?;
    Ok(carry(
        chosen,
        Redirect::to(links::account()).into_response(),
    ))
}
