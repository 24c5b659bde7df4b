//! How the coordinator itself is, and what to do about it.

use axum::extract::State as Handle;
use axum::response::Response;
use ui::pages::system::{self as page, Judgement, SystemRow, SystemView};

use super::html;
use crate::system::{self, SystemDocument};
use crate::web::acts::sentence;
use crate::web::error::WebError;
use crate::web::frame::Frame;
use crate::web::{Web, system as gathered};

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let document = web.read(gathered::document).await?;
    Ok(html(&page::page(&web.shell(&frame), &view(&document))))
}

fn view(document: &SystemDocument) -> SystemView {
    let rows = document.items.iter().map(|item| SystemRow {
        title: item.title.clone(),
        judgement: judgement(item.judgement),
        says: sentence(&item.says),
        remedy: item.remedy.clone(),
    });
    SystemView {
        judgement: judgement(document.judgement),
        rows: rows.collect(),
    }
}

const fn judgement(judgement: system::Judgement) -> Judgement {
    match judgement {
        system::Judgement::Fine => Judgement::Fine,
        system::Judgement::Look => Judgement::Look,
        system::Judgement::Act => Judgement::Act,
    }
}
