//! The interface described in OpenAPI 3.1, made from the doors and the types behind them.

use std::sync::OnceLock;

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use ui::links::route;

use super::operation::{self, Answer, Body, Operation};
use crate::web::caller::Need;
use crate::web::{Web, doors};

/// How the description is found.
pub const PATH: &str = route::API_DESCRIPTION;

pub async fn show(Handle(web): Handle<Web>) -> Response {
    static MADE: OnceLock<Value> = OnceLock::new();
    let made = MADE.get_or_init(|| document(web.facts.version));
    Json(made).into_response()
}

/// Every operation, in the order of their paths.
pub fn operations() -> Vec<Operation> {
    let mut all = [
        super::access_tokens::operations(),
        super::account::operations(),
        super::passkeys::operations(),
        super::alerts::operations(),
        super::audit::operations(),
        super::auth::operations(),
        super::bulletin::operations(),
        super::classes::operations(),
        super::commands::operations(),
        super::dashboard::operations(),
        super::delivery::operations(),
        super::devices::operations(),
        super::drafts::operations(),
        super::evidence::operations(),
        super::follow::operations(),
        super::keyed::operations(),
        super::logs::operations(),
        super::observations::operations(),
        super::people::operations(),
        super::privacy::operations(),
        super::profiles::operations(),
        super::records::operations(),
        super::releases::operations(),
        super::reports::operations(),
        super::rollouts::operations(),
        super::rotation::operations(),
        super::scans::operations(),
        super::settings::operations(),
        super::system::operations(),
        super::telemetry::operations(),
        super::tokens::operations(),
        super::traffic::operations(),
        super::vulnerabilities::operations(),
        own(),
    ]
    .concat();
    all.sort_by(|a, b| (a.path, a.method.as_str()).cmp(&(b.path, b.method.as_str())));
    all
}

fn own() -> Vec<Operation> {
    vec![Operation::get(PATH, "This description.").gives::<Map<String, Value>>()]
}

pub fn document(version: &str) -> Value {
    let (mut answers, mut requests) = (operation::answers(), operation::requests());
    let mut paths = Map::new();
    for operation in operations() {
        let drawn = drawn(&operation, &mut answers, &mut requests);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_lowercase()] = drawn;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Palisade coordinator",
            "version": version,
            "description": "Times are RFC 3339 in UTC. Unknown parameters and unknown fields are refused. Failures are problem documents (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token (plsd_pat_…)."},
                "session": {"type": "apiKey", "in": "cookie", "name": crate::web::session::COOKIE_NAME, "description": "The session of a browser."},
            },
            "schemas": answers.take_definitions(true),
        },
    })
}

fn drawn(
    operation: &Operation,
    answers: &mut SchemaGenerator,
    requests: &mut SchemaGenerator,
) -> Value {
    let mut drawn = json!({
        "operationId": operation.id(),
        "summary": operation.summary,
        "tags": [operation.tag()],
        "description": format!("Needs: {}.", need(operation).map_or("nothing", Need::word)),
        "responses": responses(operation, answers),
    });
    if need(operation) == Some(Need::Nothing) {
        drawn["security"] = json!([]);
    }
    let parameters = parameters(operation, requests);
    if !parameters.is_empty() {
        drawn["parameters"] = parameters.into();
    }
    if let Some(body) = operation.body {
        drawn["requestBody"] = taken(body, requests);
    }
    drawn
}

fn taken(body: Body, requests: &mut SchemaGenerator) -> Value {
    let (required, content) = match body {
        Body::Json(shape) => (
            true,
            json!({"application/json": {"schema": shape(requests)}}),
        ),
        Body::Wanted(shape) => (
            false,
            json!({"application/json": {"schema": shape(requests)}}),
        ),
        Body::Text(kinds) => {
            let kinds = kinds.iter();
            let kinds =
                kinds.map(|kind| ((*kind).to_owned(), json!({"schema": {"type": "string"}})));
            (true, Value::Object(kinds.collect()))
        }
        Body::Form(shape) => (
            true,
            json!({"multipart/form-data": {"schema": shape(requests)}}),
        ),
    };
    json!({"required": required, "content": content})
}

/// What the door asks of whoever passes it.
pub fn need(operation: &Operation) -> Option<Need> {
    let mut doors = doors::all().into_iter();
    let door = doors.find(|door| door.path == operation.path && door.method == operation.method);
    door.map(|door| door.need)
}

/// What [`super::conditional`] reads as a condition.
const TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#;

fn parameters(operation: &Operation, requests: &mut SchemaGenerator) -> Vec<Value> {
    let named = operation.names().map(|name| {
        json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}})
    });
    let mut all: Vec<_> = named.collect();
    if let Some(document) = doors::changed_by(&operation.method, operation.path) {
        all.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": format!("The ETag of GET {document}: where it has another by then, nothing is changed and the answer is 412."),
            "schema": {"type": "string", "pattern": TAGS},
        }));
    }
    let Some(shape) = operation.query else {
        return all;
    };
    let schema = shape(requests).to_value();
    let required = |name: &str| {
        let names = schema["required"].as_array().into_iter().flatten();
        names.into_iter().any(|one| one == name)
    };
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let mut schema = schema.clone();
        let says = schema.as_object_mut().and_then(|schema| {
            schema.remove("default");
            schema.remove("description")
        });
        let mut parameter = json!({
            "name": name, "in": "query", "required": required(name), "schema": present(schema),
        });
        if let Some(says) = says {
            parameter["description"] = says;
        }
        all.push(parameter);
    }
    all
}

/// A parameter that is left out is not `null`: it is not there.
fn present(mut schema: Value) -> Value {
    if let Some(kinds) = schema["type"].as_array() {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema["type"] = kind.unwrap_or(Value::Null);
    }
    schema
}

fn responses(operation: &Operation, answers: &mut SchemaGenerator) -> Value {
    let mut all = Map::new();
    let (status, content) = match operation.answer {
        Answer::Nothing(status) => (status, None),
        Answer::Json(status, shape) => {
            let schema = shape(answers);
            let content = json!({"application/json": {"schema": schema}});
            (status, Some(content))
        }
        Answer::File(kinds) => {
            let kinds = kinds.iter().map(|kind| ((*kind).to_owned(), json!({})));
            (StatusCode::OK, Some(Value::Object(kinds.collect())))
        }
    };
    let mut taken = json!({"description": "As asked."});
    if let Some(content) = content {
        taken["content"] = content;
    }
    all.insert(status.as_str().to_owned(), taken);
    if let Some(status) = operation.or_nothing {
        let nothing = json!({"description": "As asked, without a word."});
        all.insert(status.as_str().to_owned(), nothing);
    }
    let problem = operation::problem(answers);
    for status in operation.failures() {
        let says = status.canonical_reason().unwrap_or("Failed");
        all.insert(status.as_str().to_owned(), failure(says, &problem));
    }
    Value::Object(all)
}

fn failure(says: &str, problem: &schemars::Schema) -> Value {
    json!({"description": says, "content": {"application/problem+json": {"schema": problem}}})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(all: impl Iterator<Item = (String, String)>) -> BTreeSet<(String, String)> {
        all.collect()
    }

    #[test]
    fn every_door_of_the_interface_is_described_and_nothing_else() {
        let doors = doors::all();
        let doors = doors.iter().filter(|door| super::super::serves(door.path));
        let doors = names(doors.map(|door| (door.method.to_string(), door.path.to_owned())));
        let described = operations();
        let described = names(
            described
                .iter()
                .map(|one| (one.method.to_string(), one.path.to_owned())),
        );
        let missing: Vec<_> = doors.difference(&described).collect();
        let surplus: Vec<_> = described.difference(&doors).collect();
        assert!(missing.is_empty(), "not described: {missing:?}");
        assert!(surplus.is_empty(), "described, and no door: {surplus:?}");
    }

    #[test]
    fn names_of_operations_are_their_own() {
        let all = operations();
        let ids: BTreeSet<_> = all.iter().map(Operation::id).collect();
        assert_eq!(ids.len(), all.len());
    }

    #[test]
    fn every_reference_leads_to_a_schema_with_a_name_of_its_own() {
        let document = document("1");
        let schemas = document["components"]["schemas"].as_object();
        let schemas = schemas.expect("there are schemas");
        let text = document.to_string();
        for piece in text.split("\"$ref\":\"").skip(1) {
            let name = piece.split('"').next().unwrap_or_default();
            let name = name.strip_prefix("#/components/schemas/");
            let name = name.expect("references stay in the document");
            assert!(schemas.contains_key(name), "{name}");
        }
        for name in schemas.keys() {
            let numbered = name.ends_with(|letter: char| letter.is_ascii_digit());
            assert!(!numbered, "{name}: two types have one name");
        }
    }
}
