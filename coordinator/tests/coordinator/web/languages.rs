//! Which language a page is in, and that whatever is no page stays English.

use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::{Method, StatusCode};
use coordinator::web::doors::all;
use language::Language;
use language::present::speaking;
use protocol::class::DeviceClass;
use ui::parts::class::class_name;

use super::mesh::device_id;
use super::releases::with_repository;
use super::rig::{Answer, Asker, Rig, form};

/// Navigation that only an English page has.
const ENGLISH: [&str; 8] = [
    ">Overview<",
    ">Devices<",
    ">Mesh<",
    ">Alerts<",
    ">Rollouts<",
    ">Findings<",
    ">Reports<",
    ">Log out<",
];

async fn get(rig: &Rig, asker: &Asker, path: &str, accepted: &str) -> Answer {
    let request = asker.request(Method::GET, path);
    let request = request.header(ACCEPT_LANGUAGE, accepted);
    rig.ask(request.body(Body::empty()).unwrap()).await
}

/// The cookie that carries a choice, if the answer sets one.
fn carried(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all(SET_COOKIE).iter();
    let mut pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    pairs
        .find(|pair| pair.starts_with("__Host-palisade-language="))
        .map(str::to_owned)
}

fn with(asker: &Asker, cookie: &str) -> Asker {
    Asker::with_cookie(&format!("{}; {cookie}", asker.cookie()))
}

#[tokio::test]
async fn without_a_choice_the_browser_is_asked() {
    let (rig, admin) = Rig::with_admin().await;
    let french = get(&rig, &admin, "/devices", "fr-FR,fr;q=0.9,en;q=0.5").await;
    assert!(french.body.contains("<html lang=\"fr\""), "{}", french.body);
    assert!(french.body.contains(">Appareils</a>"));
    assert_eq!(french.header("content-language"), "fr");
    let english = get(&rig, &admin, "/devices", "de,en;q=0.5").await;
    assert!(english.body.contains("<html lang=\"en\"") && english.body.contains(">Devices</a>"));
    let login = get(&rig, &Asker::default(), "/login", "fr").await;
    assert!(login.body.contains("Se connecter"));
    let missing = get(&rig, &admin, "/no-such-page", "fr").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body.contains("Introuvable"), "{}", missing.body);
}

#[tokio::test]
pub async fn the_choice_of_an_account_goes_before_the_browser_and_comes_with_each_login() {
    let (rig, admin) = Rig::with_admin().await;
    let french = form(&[("language", "fr")]);
    let chosen = rig.post(&admin, "/account/language", &french).await;
    assert_eq!(
        (chosen.status, chosen.location()),
        (StatusCode::SEE_OTHER, "/account")
    );
    let cookie = carried(&chosen).expect("the choice comes with the answer");
    let page = get(&rig, &with(&admin, &cookie), "/account", "en").await;
    assert!(page.body.contains("Mot de passe actuel"));
    let pressed = "value=\"fr\" lang=\"fr\" aria-pressed=\"true\"";
    assert!(page.body.contains(pressed), "{}", page.body);

    let elsewhere = rig.log_in("amina", super::rig::PASSWORD).await;
    assert_eq!(carried(&elsewhere), Some(cookie));

    let left = rig
        .post(&admin, "/account/language", &form(&[("language", "")]))
        .await;
    assert_eq!(carried(&left).as_deref(), Some("__Host-palisade-language="));
    let refused = rig
        .post(&admin, "/account/language", &form(&[("language", "de")]))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn programs_are_answered_in_english_whatever_they_send() {
    let (rig, admin) = Rig::with_admin().await;
    for path in ["/api/v1/devices", "/api/v1/nothing", "/metrics"] {
        let english = get(&rig, &admin, path, "en").await;
        let french = get(&rig, &admin, path, "fr").await;
        assert_eq!(french.status, english.status, "{path}");
        assert_eq!(french.header("content-language"), "", "{path}");
        assert!(!french.body.contains("appareil"), "{path}: {}", french.body);
    }
}

#[tokio::test]
async fn no_page_in_french_keeps_english_navigation() {
    let (rig, admin) = with_repository().await;
    let device = device_id(5);
    let mut pages: Vec<String> = [
        "/",
        "/devices",
        "/devices/new",
        "/mesh",
        "/alerts",
        "/alerts/rules",
        "/firmware",
        "/firmware/new",
        "/firmware/signers",
        "/rollouts",
        "/findings",
        "/evidence",
        "/reports",
        "/audit",
        "/account",
        "/people",
        "/privacy",
        "/system",
        "/settings",
        "/commands",
        "/scans",
        "/compliance",
        "/interface",
        "/delivery",
    ]
    .map(str::to_owned)
    .into();
    pages.extend(
        ["", "/telemetry", "/peers", "/profile", "/logs"]
            .map(|tab| format!("/devices/{device}{tab}")),
    );
    for path in &pages {
        let page = get(&rig, &admin, path, "fr").await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("<html lang=\"fr\""), "{path}");
        for word in ENGLISH {
            assert!(!page.body.contains(word), "{path} says {word}");
        }
    }
}

#[test]
fn every_class_of_devices_has_a_name_in_french() {
    for class in DeviceClass::ALL {
        let known = |language| speaking(language, || class_name(class.word()).to_owned());
        assert_eq!(known(Language::English), class.word());
        assert_ne!(
            known(Language::French),
            class.word(),
            "no page has its French"
        );
    }
}

#[tokio::test]
async fn errors_are_said_in_french() {
    let (rig, admin) = Rig::with_admin().await;
    let french = async |path: &str| get(&rig, &admin, path, "fr").await;
    let missing = french("/alerts/999").await;
    assert!(
        missing.body.contains("Il n’existe pas de telle alerte."),
        "{}",
        missing.body
    );
    let wrong = form(&[("name", "sco\u{200b}pe"), ("role", "viewer")]);
    let request = admin.request(Method::POST, "/people");
    let request = request
        .header(ACCEPT_LANGUAGE, "fr")
        .header("content-type", "application/x-www-form-urlencoded");
    let refused = rig.ask(request.body(Body::from(wrong)).unwrap()).await;
    assert!(
        refused.body.contains("Le caractère U+200B ne se voit pas"),
        "{}",
        refused.body
    );
}

/// Sentences in English that a French page shows: what others wrote, and what this product's interface is described by.
const ENGLISH_IN_FRENCH: [&str; 0] = [];

/// What is no page, or describes the interface for programs, which is in English.
const NO_PAGES: [&str; 4] = ["/reports/generate", "/events", "/ws", "/interface"];

/// Whether somebody reads it as an English sentence.
fn is_english(text: &str) -> bool {
    let spaced = format!(" {} ", text.to_lowercase());
    let signs = [
        "the", "is", "are", "not", "and", "was", "has", "it", "by", "no", "of", "for", "to",
    ];
    let signs = signs
        .iter()
        .filter(|sign| spaced.contains(&format!(" {sign} ")));
    signs.count() > 0
}

/// All that a page shows but code, by pieces between tags.
fn shown(html: &str) -> Vec<String> {
    let (mut words, mut code) = (Vec::new(), 0_usize);
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        match tag.split(' ').next().unwrap_or_default() {
            "code" | "pre" | "script" | "template" => code += 1,
            "/code" | "/pre" | "/script" | "/template" => code = code.saturating_sub(1),
            _ => {}
        }
        if code == 0 && !text.trim().is_empty() {
            words.push(text.trim().to_owned());
        }
    }
    words
}

#[tokio::test]
async fn no_english_sentence_stands_in_a_french_page() {
    let (rig, admin) = with_repository().await;
    let device = device_id(5);
    let mut paths: Vec<String> = all()
        .iter()
        .filter(|door| door.method == Method::GET && !door.path.starts_with("/api/"))
        .map(|door| door.path.replace("{id}", &device.to_string()))
        .filter(|path| !path.contains('{') && !NO_PAGES.contains(&path.as_str()))
        .collect();
    paths.extend(
        [
            "/classes/plc",
            "/alerts/1",
            "/findings/on/mac:02:00:00:00:00:01",
            "/rollouts/1",
            "/scans/1",
        ]
        .map(str::to_owned),
    );
    let mut left = std::collections::BTreeSet::new();
    let mut pages = 0;
    for path in paths {
        let page = get(&rig, &admin, &path, "fr").await;
        if !page.header("content-type").starts_with("text/html") {
            continue;
        }
        pages += 1;
        let sentences = shown(&page.body)
            .into_iter()
            .filter(|text| is_english(text));
        let ours = sentences.filter(|text| !ENGLISH_IN_FRENCH.contains(&text.as_str()));
        left.extend(ours.map(|text| format!("{path}: {text}")));
    }
    assert!(
        left.is_empty(),
        "{} on {pages} pages: {left:#?}",
        left.len()
    );
    assert!(pages > 40, "{pages} pages");
}
