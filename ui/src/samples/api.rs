//! The interface for programs.

use maud::Markup;

use crate::layout::Shell;
use crate::pages::api::{self, ApiView, OperationRow};

pub fn pages(shell: &Shell) -> Vec<(&'static str, Markup)> {
    vec![
        ("api", api::page(shell, &api_view())),
        ("api-try", api::try_page(shell)),
    ]
}

pub fn api_view() -> ApiView {
    let rows = [
        (
            "GET",
            "/api/v1/devices",
            "Devices with and without a node.",
            "see",
        ),
        (
            "POST",
            "/api/v1/devices/{id}/retire",
            "Shut a device out.",
            "act",
        ),
    ];
    let row = |(method, path, summary, needs): (&str, &str, &str, &str)| OperationRow {
        method: method.into(),
        path: path.into(),
        summary: summary.into(),
        needs: needs.into(),
    };
    ApiView {
        operations: rows.map(row).into(),
    }
}
