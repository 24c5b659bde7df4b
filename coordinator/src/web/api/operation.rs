//! What one operation of the interface takes and gives, told by the types that requests are read into.

use axum::http::{Method, StatusCode};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{Listing, Problem};
use crate::web::doors;

/// One operation, described beside its handler; the door of the same method and path leads there.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: Method,
    pub path: &'static str,
    pub summary: &'static str,
    pub query: Option<Shape>,
    pub body: Option<Body>,
    pub answer: Answer,
    /// Where other words of the same address are answered with nothing.
    pub or_nothing: Option<StatusCode>,
}

/// Draws a type's schema.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

#[derive(Debug, Clone, Copy)]
pub enum Body {
    Json(Shape),
    /// Which only some words of the address want.
    Wanted(Shape),
    /// Text of one of these media types.
    Text(&'static [&'static str]),
    /// A form with files.
    Form(Shape),
}

#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Nothing(StatusCode),
    Json(StatusCode, Shape),
    /// A file of one of these media types.
    File(&'static [&'static str]),
}

impl Operation {
    pub fn get(path: &'static str, summary: &'static str) -> Self {
        Self::new(Method::GET, path, summary)
    }

    pub fn post(path: &'static str, summary: &'static str) -> Self {
        Self::new(Method::POST, path, summary)
    }

    fn new(method: Method, path: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            summary,
            query: None,
            body: None,
            answer: Answer::Nothing(StatusCode::NO_CONTENT),
            or_nothing: None,
        }
    }

    pub fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(T::json_schema);
        self
    }

    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Body::Json(SchemaGenerator::subschema_for::<T>));
        self
    }

    /// For addresses with a word, of which some need no body.
    pub fn takes_where_wanted<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Body::Wanted(SchemaGenerator::subschema_for::<T>));
        self
    }

    pub fn or_nothing(mut self) -> Self {
        self.or_nothing = Some(StatusCode::NO_CONTENT);
        self
    }

    pub fn takes_form<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Body::Form(SchemaGenerator::subschema_for::<T>));
        self
    }

    pub fn takes_text(mut self, kinds: &'static [&'static str]) -> Self {
        self.body = Some(Body::Text(kinds));
        self
    }

    pub fn gives<T: JsonSchema>(self) -> Self {
        self.gives_as::<T>(StatusCode::OK)
    }

    pub fn gives_as<T: JsonSchema>(mut self, status: StatusCode) -> Self {
        self.answer = Answer::Json(status, SchemaGenerator::subschema_for::<T>);
        self
    }

    /// One page of a list.
    pub fn lists<T: JsonSchema>(mut self) -> Self {
        self.answer = Answer::Json(StatusCode::OK, Listing::<T>::json_schema);
        self
    }

    pub fn file(mut self, kinds: &'static [&'static str]) -> Self {
        self.answer = Answer::File(kinds);
        self
    }

    /// A name for programs that are made from the description: `get_devices_id_telemetry`.
    pub fn id(&self) -> String {
        let path = self.path.strip_prefix("/api/v1").unwrap_or(self.path);
        let words = path.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        format!(
            "{}_{}",
            self.method.as_str().to_lowercase(),
            words.join("_")
        )
    }

    /// What it is about: the first word of its path.
    pub fn tag(&self) -> &'static str {
        let path = self.path.strip_prefix("/api/v1").unwrap_or(self.path);
        path.split('/').find(|word| !word.is_empty()).unwrap_or("")
    }

    /// The parts of the path that are names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let parts = self.path.split('/');
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Statuses of failures that it can have, each with the problem document.
    pub fn failures(&self) -> Vec<StatusCode> {
        let mut all = vec![
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::INTERNAL_SERVER_ERROR,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        if self.names().next().is_some() {
            all.push(StatusCode::NOT_FOUND);
        }
        if self.query.is_some() {
            all.extend([StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY]);
        }
        if self.method != Method::GET {
            // What a body names need not be there either.
            all.extend([
                StatusCode::NOT_FOUND,
                StatusCode::CONFLICT,
                StatusCode::INSUFFICIENT_STORAGE,
            ]);
        }
        if doors::changed_by(&self.method, self.path).is_some() {
            all.extend([
                StatusCode::PRECONDITION_FAILED,
                StatusCode::UNPROCESSABLE_ENTITY,
            ]);
        }
        if self.body.is_some() {
            all.extend([
                StatusCode::BAD_REQUEST,
                StatusCode::PAYLOAD_TOO_LARGE,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                StatusCode::UNPROCESSABLE_ENTITY,
            ]);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// For what is answered: fields that are always there are required.
pub fn answers() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
        .into_generator()
}

/// For what is asked: whole in its place, because a type may be read otherwise than it is written.
pub fn requests() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    settings
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .into_generator()
}

/// The problem document of every failure.
pub fn problem(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Problem>()
}
