//! Doors to accounts, and to devices that have a key in place of a node.

use axum::routing::{get, post};
use ui::links::route;

use super::{Hung, read, write};
use crate::web::caller::Need;
use crate::web::{api, pages};

/// People, their accounts, and what programs may do for them.
pub(super) fn accounts() -> Vec<Hung> {
    vec![
        read(route::PEOPLE, Need::Audit, get(pages::people::show)),
        read(route::PERSON_NEW, Need::Govern, get(pages::people::begin)),
        write(route::PEOPLE, Need::Govern, post(pages::people::invite)),
        write(route::PERSON, Need::Govern, post(pages::people::order)),
        read(route::OIDC, Need::Nothing, get(pages::oidc::begin)),
        read(
            route::OIDC_CALLBACK,
            Need::Nothing,
            get(pages::oidc::finish),
        ),
        read(route::INVITED, Need::Nothing, get(pages::invited::show)),
        write(route::INVITED, Need::Nothing, post(pages::invited::accept)),
        read(route::ACCOUNT, Need::See, get(pages::account::show)),
        write(
            route::ACCOUNT_PASSWORD,
            Need::See,
            post(pages::account::password),
        ),
        write(
            route::ACCOUNT_LANGUAGE,
            Need::See,
            post(pages::language::choose),
        ),
        write(
            route::ACCOUNT_SESSIONS,
            Need::See,
            post(pages::account::end_sessions),
        ),
        write(
            route::ACCOUNT_TOKENS,
            Need::See,
            post(pages::account_tokens::make),
        ),
        write(
            route::ACCOUNT_TOKEN,
            Need::See,
            post(pages::account_tokens::tell),
        ),
        read(
            route::ACCOUNT_CODE,
            Need::See,
            get(pages::account_code::show),
        ),
        write(
            route::ACCOUNT_CODE,
            Need::See,
            post(pages::account_code::tell),
        ),
        read(
            route::ACCOUNT_PASSKEYS,
            Need::See,
            get(pages::account_passkeys::show),
        ),
        write(
            route::ACCOUNT_PASSKEYS,
            Need::See,
            post(pages::account_passkeys::tell),
        ),
        read("/api/v1/people", Need::Audit, get(api::people::list)),
        write("/api/v1/people", Need::Govern, post(api::people::invite)),
        write(
            "/api/v1/people/{id}/{word}",
            Need::Govern,
            post(api::people::order),
        ),
        read(
            "/api/v1/account/sessions",
            Need::See,
            get(api::account::sessions),
        ),
        write(
            "/api/v1/account/sessions/{id}/revoke",
            Need::See,
            post(api::account::revoke),
        ),
        read(
            "/api/v1/account/passkeys",
            Need::See,
            get(api::passkeys::list),
        ),
        write(
            "/api/v1/account/passkeys/{id}/{word}",
            Need::See,
            post(api::passkeys::tell),
        ),
        read(
            "/api/v1/access-tokens",
            Need::See,
            get(api::access_tokens::list),
        ),
        write(
            "/api/v1/access-tokens",
            Need::See,
            post(api::access_tokens::make),
        ),
        write(
            "/api/v1/access-tokens/{id}/{word}",
            Need::See,
            post(api::access_tokens::tell),
        ),
        write("/api/v1/auth/token", Need::Nothing, post(api::auth::grant)),
        write(
            "/api/v1/auth/refresh",
            Need::Nothing,
            post(api::auth::refresh),
        ),
        write(
            "/api/v1/auth/revoke",
            Need::Nothing,
            post(api::auth::revoke),
        ),
    ]
}

/// Devices that run no node and speak with a key of their own.
pub(super) fn keyed() -> Vec<Hung> {
    vec![
        read(route::KEYED, Need::See, get(pages::keyed::show)),
        write(route::KEYED, Need::Act, post(pages::keyed::register)),
        read(route::KEYED_ONE, Need::See, get(pages::keyed::one)),
        write(route::KEYED_ONE, Need::Act, post(pages::keyed::tell)),
        write("/devices/register", Need::Act, post(api::keyed::register)),
        read("/api/v1/keyed-devices", Need::See, get(api::keyed::list)),
        read(
            "/api/v1/keyed-devices/{id}",
            Need::See,
            get(api::keyed::one),
        ),
        write(
            "/api/v1/keyed-devices/{id}/{word}",
            Need::Act,
            post(api::keyed::tell),
        ),
        write(
            "/api/v1/self/heartbeat",
            Need::Device,
            post(api::keyed::heartbeat),
        ),
        write(
            "/api/v1/self/telemetry",
            Need::Device,
            post(api::keyed::telemetry),
        ),
    ]
}
