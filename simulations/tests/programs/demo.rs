//! An invented week, served by the coordinator as any folder is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use coordinator::config::Config;
use coordinator::control::{self, Answer, Request};
use coordinator::offices::Paths;
use simulations::demo::{Wish, fill};

use super::rig::{serve, until};

const WISH: Wish = Wish {
    devices: 20,
    days: 2,
    seed: 7,
};

/// Filters over an invented week, each with somebody who passes.
const FILTERS: [&str; 7] = [
    "node==no",
    "status==online && class!=camera",
    "findings>0 || score<100",
    "last_heard<1d && node==yes",
    "version:0. && node==yes",
    "address:. && node==no",
    "!class==gateway",
];

async fn get(dir: &std::path::Path, path: &str) -> serde_json::Value {
    let request = Request::Interface {
        method: "GET".to_owned(),
        path: format!("/api/v1/{path}"),
        body: String::new(),
    };
    match control::ask(dir, &request).await {
        Ok(Answer::Interface { status: 200, body }) => serde_json::from_str(&body).expect("JSON"),
        other => panic!("{path}: {other:?}"),
    }
}

fn items(told: &serde_json::Value) -> &Vec<serde_json::Value> {
    told["items"].as_array().expect("a list")
}

/// Profiles that were learnt, and an attack that shows in flows, seen by more than the device itself.
async fn has_traffic(
    dir: &std::path::Path,
    devices: &serde_json::Value,
    alerts: &[serde_json::Value],
) {
    let mut without = Vec::new();
    for device in items(devices) {
        let id = device["id"].as_str().expect("an id");
        let told = get(dir, &format!("devices/{id}/profile")).await;
        let vantages = told["vantages"].as_array().expect("a list");
        let is_learnt = vantages.iter().any(|one| one["stage"] == "trial");
        let habits = told["habits"].as_array().expect("a list");
        if !is_learnt || habits.len() < 2 {
            without.push((device["name"].clone(), vantages.len(), habits.len()));
        }
    }
    assert!(without.len() <= 2, "no profile was learnt: {without:?}");
    let of = |rule: &str| {
        let mut found = alerts.iter().filter(|alert| alert["rule"] == rule);
        found
            .next()
            .unwrap_or_else(|| panic!("{rule} was not raised"))
    };
    let says = |rule: &str| of(rule)["says"].as_str().expect("text").to_owned();
    assert!(says("traffic_byte_burst").ends_with("198.51.100.66:8443"));
    let scan = of("traffic_fan_out");
    let witnesses = scan["witnesses"].as_array().map(Vec::len);
    assert_eq!(
        (witnesses, &scan["could_see"]),
        (Some(2), &2.into()),
        "{scan}"
    );
    assert_eq!(scan["device"], of("traffic_byte_burst")["device"]);
    let unusual = alerts
        .iter()
        .filter(|alert| alert["rule"] == "traffic_unusual");
    let places: Vec<&str> = unusual.filter_map(|alert| alert["says"].as_str()).collect();
    assert!(
        places.iter().any(|says| says.contains("adnet.example")),
        "{places:?}"
    );
    let decoys = of("decoy_touched");
    assert_eq!(
        decoys["origins"].as_array().map(Vec::len),
        Some(1),
        "{decoys}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invented_week_fills_what_people_look_at_and_says_that_it_is_one() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let home = tempfile::tempdir().expect("a temporary directory");
    let dir = home.path().join("week");
    let made = fill(&dir, &WISH, ::mesh::wall())
        .await
        .expect("it is filled");
    assert_eq!((made.members, made.without_node), (15, 5));
    let any = "127.0.0.1:0".parse().expect("an address");
    let config = Config {
        people: any,
        mesh: any,
        enrolment: any,
        ..Config::default()
    };
    std::fs::write(Paths::new(&dir).config(), config.to_toml()).expect("it is written");
    let running = tokio::spawn(serve(dir.clone()));
    until("the coordinator listens", || async {
        control::ask(&dir, &Request::Devices { filter: None })
            .await
            .is_ok()
    })
    .await;

    until("the devices are shown as they were", || async {
        let told = get(&dir, "devices?limit=1000").await;
        items(&told)
            .iter()
            .any(|device| device["status"] == "online")
    })
    .await;
    let devices = get(&dir, "devices?limit=1000").await;
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    for device in items(&devices) {
        *by_status
            .entry(device["status"].as_str().expect("a word"))
            .or_default() += 1;
    }
    assert_eq!(items(&devices).len(), 20, "{by_status:?}");
    assert!(
        by_status["online"] >= 12 && by_status["silent"] == 1,
        "{by_status:?}"
    );

    let first = items(&devices)
        .iter()
        .find(|device| device["status"] == "online");
    let id = first.expect("a device")["id"].as_str().expect("an id");
    let points = get(
        &dir,
        &format!("devices/{id}/telemetry?metric=cpu_permille&range=24h"),
    )
    .await;
    assert!(items(&points).len() > 50, "a day of figures");

    let alerts = get(&dir, "alerts?state=all").await;
    let states: Vec<_> = items(&alerts)
        .iter()
        .map(|alert| alert["state"].clone())
        .collect();
    assert!(states.len() >= 6, "{states:?}");
    assert!(
        states.contains(&"closed".into()) && states.contains(&"open".into()),
        "{states:?}"
    );
    has_traffic(&dir, &devices, items(&alerts)).await;
    let rollouts = get(&dir, "rollouts").await;
    assert_eq!(items(&rollouts).len(), 1, "{rollouts}");
    assert!(!items(&get(&dir, "vulnerabilities").await).is_empty());
    assert!(!items(&get(&dir, "scans").await).is_empty());
    assert_eq!(items(&get(&dir, "people").await).len(), 4);
    assert_eq!(get(&dir, "audit/verify").await["whole"], true);

    for filter in FILTERS {
        let mut query = String::new();
        for byte in filter.bytes() {
            write!(query, "%{byte:02X}").expect("a String takes every text");
        }
        let told = get(&dir, &format!("devices?limit=1000&filter={query}")).await;
        let ids = items(&told).iter().map(|device| &device["id"]);
        let ids: BTreeSet<&str> = ids.map(|id| id.as_str().expect("an id")).collect();
        assert!(!ids.is_empty(), "{filter} finds nothing");
        let request = Request::Devices {
            filter: Some(filter.to_owned()),
        };
        let Ok(Answer::Devices { items }) = control::ask(&dir, &request).await else {
            panic!("{filter} is refused on the command line");
        };
        let listed: BTreeSet<&str> = items.iter().map(|device| device.id.as_str()).collect();
        assert_eq!(listed, ids, "{filter}");
    }
    let wrong = Request::Devices {
        filter: Some("clas==camera".to_owned()),
    };
    let refused = control::ask(&dir, &wrong).await.expect_err("no filter");
    assert!(refused.to_string().contains("did you mean class?"));

    assert_eq!(get(&dir, "dashboard/metrics").await["demonstration"], true);
    running.abort();
}
