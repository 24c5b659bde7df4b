//! Doors of the pages that everybody starts from, and of what they are made of.

use axum::routing::{get, post};
use ui::links::route;

use super::{Hung, read, write};
use crate::web::caller::Need;
use crate::web::{api, assets, events, pages};

/// What people who are not signed in need.
pub(super) fn entrances() -> Vec<Hung> {
    vec![
        read(route::SETUP, Need::Nothing, get(pages::setup::show)),
        write(route::SETUP, Need::Nothing, post(pages::setup::create)),
        read(route::LOGIN, Need::Nothing, get(pages::login::show)),
        write(route::LOGIN, Need::Nothing, post(pages::login::enter)),
        read(
            route::LOGIN_PASSKEY,
            Need::Nothing,
            get(pages::login_passkey::show),
        ),
        write(
            route::LOGIN_PASSKEY,
            Need::Nothing,
            post(pages::login_passkey::enter),
        ),
        write(route::LOGOUT, Need::See, post(pages::login::leave)),
        read(route::ASSET, Need::Nothing, get(assets::serve)),
    ]
}

/// What takes files.
pub(super) fn uploads() -> Vec<Hung> {
    vec![write(
        route::RELEASES,
        Need::Act,
        post(pages::release::take),
    )]
}

pub(super) fn rooms() -> Vec<Hung> {
    vec![
        write(route::THEME, Need::See, post(pages::theme::choose)),
        read(route::OVERVIEW, Need::See, get(pages::overview::show)),
        read(route::DEVICES, Need::See, get(pages::devices::show)),
        read(route::DEVICES_CSV, Need::See, get(pages::devices::csv)),
        read(route::DEVICE_NEW, Need::Act, get(pages::device_new::show)),
        write(route::DEVICE_NEW, Need::Act, post(pages::device_new::make)),
        read(route::JOIN, Need::Act, get(pages::device_new::join)),
        read(route::DEVICE, Need::See, get(pages::device::summary)),
        read(
            route::DEVICE_TELEMETRY,
            Need::See,
            get(pages::device::telemetry),
        ),
        read(route::DEVICE_PEERS, Need::See, get(pages::device::peers)),
        write(route::RETIRE, Need::Act, post(pages::device::retire)),
        write(
            route::QUARANTINE,
            Need::Act,
            post(pages::device::quarantine),
        ),
        write(route::CLEAR, Need::Act, post(pages::device::clear)),
        read(route::APPROVE, Need::See, get(pages::pending::show)),
        write(route::APPROVE, Need::Act, post(pages::pending::decide)),
        read(route::DESCRIBE, Need::Act, get(pages::described::begin)),
        write(route::DESCRIBE, Need::Act, post(pages::described::keep)),
        write(
            route::DEVICE_VIEWS,
            Need::Act,
            post(pages::devices::keep_view),
        ),
        read(route::NEIGHBOUR, Need::See, get(pages::neighbours::show)),
        read(route::MESH, Need::See, get(pages::mesh::show)),
        read(route::ROTATION, Need::See, get(pages::rotation::show)),
        write(
            route::ROTATION,
            Need::Govern,
            post(pages::rotation::put_into_force),
        ),
        read(
            route::ROTATION_NEW,
            Need::Govern,
            get(pages::rotation::begin),
        ),
        read(
            route::ROTATION_PROPOSAL,
            Need::Govern,
            get(pages::rotation::proposal),
        ),
        write(
            route::ROTATION_PROPOSAL,
            Need::Govern,
            post(pages::rotation::propose),
        ),
        read(route::FIRMWARE, Need::See, get(pages::firmware::show)),
        read(
            route::REPOSITORY,
            Need::See,
            get(pages::firmware::repository),
        ),
        read(route::DRAFT, Need::See, get(pages::firmware::draft)),
        write(route::DRAFT, Need::Act, post(pages::firmware::sign)),
        read(route::DRAFT_PAPER, Need::See, get(api::drafts::payload)),
        write(
            route::DRAFT_PUBLISH,
            Need::Govern,
            post(pages::firmware::publish),
        ),
        write(
            route::DRAFT_DISCARD,
            Need::Act,
            post(pages::firmware::discard),
        ),
        read(route::RELEASE_NEW, Need::Act, get(pages::release::begin)),
        read(route::ROLLOUTS, Need::See, get(pages::rollouts::show)),
        write(route::ROLLOUTS, Need::Act, post(pages::rollouts::plan)),
        read(route::ROLLOUT_NEW, Need::Act, get(pages::rollouts::begin)),
        read(route::ROLLOUT, Need::See, get(pages::rollouts::one)),
        write(route::ROLLOUT, Need::Act, post(pages::rollouts::tell)),
        read(route::CLASSES, Need::See, get(pages::classes::show)),
        read(route::CLASS, Need::See, get(pages::classes::one)),
        read(route::COMMANDS, Need::See, get(pages::commands::show)),
        write(route::COMMANDS, Need::Act, post(pages::commands::give)),
        read(route::COMMAND_NEW, Need::Act, get(pages::commands::begin)),
        read(route::COMMAND, Need::See, get(pages::commands::one)),
        read(route::SETTINGS, Need::See, get(pages::settings::show)),
        write(route::SETTINGS, Need::Act, post(pages::settings::prepare)),
        read(route::SETTINGS_NEW, Need::Act, get(pages::settings::begin)),
        read(route::FINDINGS, Need::See, get(pages::findings::show)),
        read(route::FINDING, Need::See, get(pages::findings::one)),
        write(route::FINDING, Need::Act, post(pages::findings::decide)),
        read(
            route::FINDINGS_ON,
            Need::See,
            get(pages::findings::on_device),
        ),
        read(route::SCANS, Need::See, get(pages::scans::show)),
        write(route::SCANS, Need::Act, post(pages::scans::ask)),
        read(route::SCAN_NEW, Need::Act, get(pages::scans::begin)),
        write(route::SCHEDULES, Need::Act, post(pages::scans::unschedule)),
        read(route::SCAN, Need::See, get(pages::scans::one)),
        write(route::SCAN_CANCEL, Need::Act, post(pages::scans::cancel)),
        write(route::VIEWS, Need::Act, post(pages::findings::keep)),
        read(route::LIBRARIES, Need::See, get(pages::findings::libraries)),
        read(route::EVIDENCE, Need::See, get(pages::evidence::show)),
        read(route::EVIDENCE_PROOF, Need::See, get(pages::evidence::one)),
        read(route::EVIDENCE_FILE, Need::See, get(pages::evidence::file)),
        read(route::API, Need::See, get(pages::interface::show)),
        read(route::API_TRY, Need::See, get(pages::interface::try_out)),
        read(route::EVENTS, Need::See, get(events::stream)),
        read(route::SYSTEM, Need::See, get(pages::system::show)),
    ]
}
