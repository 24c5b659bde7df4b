//! Reports: made on the spot, kept, made again by schedule, and held against their seal.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use coordinator::keyed;
use coordinator::report::seal::{self, SealError};
use coordinator::store::ddi::Target;
use coordinator::store::operators::Role;
use coordinator::store::reports::{Kind, ReportFormat};
use coordinator::store::secret_hash::SecretHash;
use protocol::id::MeshId;

use super::groups::hear_a_plug;
use super::mesh::device_id;
use super::rig::{Asker, Rig, form, name, now};

async fn file(rig: &Rig, asker: &Asker, path: &str) -> (StatusCode, Vec<u8>) {
    let request = asker
        .request(Method::GET, path)
        .body(Body::empty())
        .unwrap();
    let (parts, body) = rig.open(request).await.into_parts();
    (
        parts.status,
        to_bytes(body, 16 << 20).await.unwrap().to_vec(),
    )
}

#[tokio::test]
async fn every_kind_is_made_as_pdf_and_csv_and_holds() {
    let (rig, admin) = Rig::with_admin().await;
    rig.record(device_id(1), 30);
    for kind in Kind::ALL {
        for format in ["pdf", "csv"] {
            let mut path = format!("/reports/generate?kind={}&format={format}", kind.word());
            if kind == Kind::Device {
                path += &format!("&device={}", device_id(1));
            }
            let (status, bytes) = file(&rig, &admin, &path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            let sealed = seal::open(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(sealed.key, rig.reporter.key());
            if sealed.format == ReportFormat::Pdf {
                assert!(bytes.starts_with(b"%PDF-"), "{path}");
                if let Ok(folder) = std::env::var("PALISADE_REPORTS") {
                    let name = format!("{folder}/{}.pdf", kind.word());
                    std::fs::write(name, &bytes).unwrap();
                }
            }
            let mut changed = bytes.clone();
            changed[20] ^= 1;
            let told = seal::open(&changed);
            assert!(matches!(told, Err(SealError::Content { .. })), "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_report_is_in_the_language_of_who_asks_for_it() {
    let (rig, admin) = Rig::with_admin().await;
    let french = "/reports/generate?kind=compliance&format=csv&language=fr";
    let (_, bytes) = file(&rig, &admin, french).await;
    let text = String::from_utf8(bytes).unwrap();
    for words in [
        "Rapport de conformité",
        "Contrôle d’accès",
        "Désigner des passerelles",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("Access control"), "{text}");
    let (_, bytes) = file(&rig, &admin, "/reports/generate?kind=fleet&format=csv").await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("Fleet report"), "{text}");

    let plan = form(&[("kind", "fleet"), ("format", "csv"), ("every", "daily")]);
    let request = admin
        .request(Method::POST, "/reports/schedules")
        .header("accept-language", "fr")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(plan))
        .unwrap();
    rig.ask(request).await;
    rig.reporter.due(now()).unwrap();
    let (_, bytes) = file(&rig, &admin, "/api/v1/reports/1").await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("Rapport sur le parc"), "{text}");
}

/// Two thirds of a fleet can run no node: a report on the fleet that leaves them out is about something else.
#[tokio::test]
async fn a_fleet_report_names_the_devices_without_a_node() {
    let (rig, admin) = Rig::with_admin().await;
    hear_a_plug(&rig);
    let matrix = rig.keyed_device("plsd_dev_matrix");
    let target = Target {
        product: name("lamp"),
        model: name("lamp-2"),
        token: SecretHash::of_ddi_token(b"plsd_ddi_lamp"),
        created: now(),
        asked: None,
        attributes: None,
        floor: None,
        action: None,
    };
    rig.writer
        .write(|changes| changes.add_ddi_target(&name("hall-lamp"), &target))
        .unwrap();
    let (_, bytes) = file(&rig, &admin, "/reports/generate?kind=fleet&format=csv").await;
    let text = String::from_utf8(bytes).unwrap();
    let (_, apart) = text.split_once("\"Devices without a node\"\r\n").unwrap();
    let rows: Vec<&str> = apart.lines().collect();
    let plug = r#""plug","Online","other","nodes beside it","10.0.0.44",""#;
    assert!(rows.iter().any(|row| row.starts_with(plug)), "{rows:#?}");
    let tag = keyed::tag(&MeshId::from_bytes([9; 32]), &matrix);
    let has = |begins: &str, ends: &str| {
        let ends = format!("\"{ends}\"");
        rows.iter()
            .any(|row| row.starts_with(begins) && row.ends_with(&ends))
    };
    assert!(
        has(r#""matrix","Not yet heard","sensor","#, &tag),
        "{rows:#?}"
    );
    assert!(has(r#""hall-lamp","#, "lamp · lamp-2"), "{rows:#?}");
    assert!(text.contains("\"Devices without a node\",\"3\""), "{text}");
}

#[tokio::test]
async fn every_report_says_how_it_is_checked() {
    let (rig, admin) = Rig::with_admin().await;
    let key = data_encoding::HEXLOWER.encode(rig.reporter.key().as_bytes());
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Device) {
        let path = format!("/reports/generate?kind={}&format=csv", kind.word());
        let (_, bytes) = file(&rig, &admin, &path).await;
        let text = String::from_utf8(bytes).unwrap();
        let told = format!("palisade-coordinator report verify FILE --key {key}");
        assert!(text.contains(&told), "{path}: {text}");
    }
}

#[tokio::test]
pub async fn a_report_is_made_kept_scheduled_and_verified() {
    let (rig, admin) = Rig::with_admin().await;
    let wish = form(&[("kind", "fleet"), ("format", "pdf"), ("device", "")]);
    let made = rig.post(&admin, "/reports", &wish).await;
    assert_eq!(made.location(), "/reports", "{}", made.body);
    let token = rig.token(Role::Operator);
    let kept = rig
        .post_json(
            &token,
            "/api/v1/reports",
            r#"{"kind":"compliance","format":"csv"}"#,
        )
        .await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.body);
    let listed = rig.get(&token, "/api/v1/reports").await.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["kind"]), (2, &"compliance".into()));
    let (_, bytes) = file(&rig, &token, "/api/v1/reports/1").await;
    let sealed = seal::open(&bytes).unwrap();
    assert_eq!(items[1]["sha256"], sealed.sha256.as_str());
    let page = rig.get(&admin, "/reports").await;
    assert!(page.body.contains(&sealed.sha256), "{}", page.body);
    let plan = form(&[("kind", "scan"), ("format", "csv"), ("every", "weekly")]);
    rig.post(&admin, "/reports/schedules", &plan).await;
    rig.reporter.due(now()).unwrap();
    rig.reporter.due(now()).unwrap();
    assert_eq!(rig.reader.reports().unwrap().len(), 3, "one is due, once");
    rig.reporter
        .due(now().saturating_add(Duration::from_secs(8 * 86_400)))
        .unwrap();
    assert_eq!(rig.reader.reports().unwrap().len(), 4, "a week later again");
    let removed = rig.post(&admin, "/reports/schedules/1/remove", "").await;
    assert_eq!(removed.location(), "/reports");
    assert!(rig.reader.report_schedules().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_asked_wrongly_or_by_the_wrong_person_is_refused() {
    let (rig, admin) = Rig::with_admin().await;
    for path in [
        "/reports/generate?format=docx",
        "/reports/generate?kind=fleet&format=docx",
        "/reports/generate?kind=weather",
    ] {
        assert!(
            rig.get(&admin, path).await.status.is_client_error(),
            "{path}"
        );
    }
    // The asked-for path has no parameter: it is the whole fleet.
    let fleet = rig.get(&admin, "/reports/generate?format=csv").await;
    assert_eq!(fleet.status, StatusCode::OK, "{}", fleet.body);
    let without = rig.get(&admin, "/reports/generate?kind=device").await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stranger = format!("/reports/generate?kind=device&device={}", device_id(99));
    assert_eq!(
        rig.get(&admin, &stranger).await.status,
        StatusCode::NOT_FOUND
    );
    let viewer = rig.token(Role::Viewer);
    rig.post_json(
        &rig.token(Role::Operator),
        "/api/v1/reports",
        r#"{"kind":"audit"}"#,
    )
    .await;
    assert_eq!(
        rig.reader.reports().unwrap().len(),
        0,
        "an operator reads no audit log"
    );
    let kept = rig
        .post_json(&admin, "/api/v1/reports", r#"{"kind":"audit"}"#)
        .await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.body);
    let refused = rig.get(&viewer, "/api/v1/reports/1").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn compliance_shows_evidence_with_a_link_or_says_what_would_meet_it() {
    let (rig, admin) = Rig::with_admin().await;
    let items = rig.get(&admin, "/api/v1/compliance").await.json();
    let items = items["items"].as_array().unwrap();
    assert!(items.len() > 100, "{}", items.len());
    for item in items {
        match item["state"].as_str().unwrap() {
            "met" => {
                let link = item["link"].as_str().unwrap();
                let page = rig.get(&admin, link).await;
                assert_eq!(page.status, StatusCode::OK, "{link}");
            }
            _ => assert!(item["would"].as_str().unwrap().ends_with('.')),
        }
    }
    for slug in ["iso-27001", "iec-62443", "en-303-645", "hipaa", "gdpr"] {
        let page = rig.get(&admin, &format!("/compliance?view={slug}")).await;
        assert_eq!(page.status, StatusCode::OK, "{slug}");
    }
    let none = rig.get(&admin, "/compliance?view=none").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}
