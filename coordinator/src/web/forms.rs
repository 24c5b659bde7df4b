//! Extractors that refuse in our own words: forms of pages, and JSON, queries and paths of programs.

use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use maud::Markup;
use serde::de::DeserializeOwned;

use super::error::WebError;
use super::error::dress::Dressed;
use super::places;

/// A form of a page.
#[derive(Debug)]
pub struct PageForm<T>(pub T);

/// A JSON document of a program.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

/// A query; unknown parameters are refused where the type says so.
#[derive(Debug)]
pub struct AskedFor<T>(pub T);

/// What stands in the path: what cannot be read as an id names nothing.
#[derive(Debug)]
pub struct Named<T>(pub T);

/// A form that was not accepted, drawn again with what was typed.
pub fn again(markup: &Markup) -> Response {
    dressed(StatusCode::UNPROCESSABLE_ENTITY, markup)
}

/// A failed answer whose page is its own explanation.
pub fn dressed(status: StatusCode, markup: &Markup) -> Response {
    let mut response = (status, Html(markup.clone().into_string())).into_response();
    response.extensions_mut().insert(Dressed);
    response
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for PageForm<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let form = Form::<T>::from_request(request, state).await;
        form.map(|Form(form)| Self(form))
            .map_err(|rejection| match rejection {
                FormRejection::InvalidFormContentType(_) => {
                    WebError::WrongMediaType("application/x-www-form-urlencoded")
                }
                rejection if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                    WebError::TooLarge
                }
                rejection => WebError::Unreadable(rejection.body_text()),
            })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiJson<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let json = Json::<T>::from_request(request, state).await;
        json.map(|Json(json)| Self(json)).map_err(|rejection| {
            if let Some(flaw) = places::of_document(&rejection) {
                return WebError::Invalid(vec![flaw]);
            }
            match rejection {
                JsonRejection::MissingJsonContentType(_) => {
                    WebError::WrongMediaType("application/json")
                }
                rejection if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                    WebError::TooLarge
                }
                rejection => WebError::Unreadable(rejection.body_text()),
            }
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for AskedFor<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|rejection| {
            match places::of_query(&rejection) {
                Some(flaw) => WebError::Misasked(vec![flaw]),
                None => WebError::Unreadable(rejection.body_text()),
            }
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(path)| Self(path))
            .map_err(|_| WebError::NoSuchPage)
    }
}
