//! The goals of detection, measured on the public data where it lies beside the workspace.

use std::path::PathBuf;

use yardsticks::{Metrics, Options};

/// The folder of the data, or a line that says that the test was skipped.
fn data() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder =
        std::env::var_os("PALISADE_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no data in {} (PALISADE_DATA)", folder.display());
    None
}

fn measured(name: &str, repeats: u32) -> Option<Metrics> {
    let options = Options {
        repeats,
        ..Options::default()
    };
    Some(yardsticks::run(name, &data()?, options).expect("the data are those the yardstick knows"))
}

#[test]
fn the_same_seed_and_data_give_the_same_forest() {
    let Some(metrics) = measured("same_model", 1) else {
        return;
    };
    assert_eq!(metrics.number("same"), Some(1.0), "{metrics:?}");
    let again = measured("same_model", 1);
    assert_eq!(Some(metrics), again);
}

#[test]
fn the_isolation_forest_is_as_good_as_the_reference() {
    let Some(metrics) = measured("iforest", 1) else {
        return;
    };
    let mean = metrics.number("auc_mean").unwrap();
    assert!(mean >= 0.9253 - 0.01, "{mean}");
    assert!(
        metrics.number("row_us").unwrap() < 200.0,
        "even without optimisation"
    );
}

#[test]
fn false_alarms_come_at_the_rate_that_was_asked() {
    let Some(metrics) = measured("conformal", 3) else {
        return;
    };
    for set in [
        "16_http",
        "34_smtp",
        "32_shuttle",
        "23_mammography",
        "28_pendigits",
        "31_satimage-2",
    ] {
        let rate = metrics.of_set("fpr", set).unwrap();
        assert!((0.004..=0.016).contains(&rate), "{set}: {rate}");
    }
    assert!(metrics.number("auc_fused").unwrap() > metrics.number("auc_forest").unwrap() - 0.005);
}

#[test]
fn nothing_leaks_into_the_negative_control() {
    let Some(metrics) = measured("negative_control", 5) else {
        return;
    };
    let area = metrics.number("auc").unwrap();
    assert!((0.45..=0.55).contains(&area), "{area}");
}

#[test]
fn an_unknown_yardstick_and_an_empty_folder_are_said() {
    let unknown = yardsticks::run("mile", &PathBuf::from("."), Options::default()).unwrap_err();
    assert!(unknown.to_string().contains("iforest"), "{unknown}");
    for yardstick in yardsticks::ALL {
        let absent = PathBuf::from("/nonexistent");
        assert!(yardsticks::run(yardstick.name, &absent, Options::default()).is_err());
    }
}

#[test]
fn streams_are_judged_as_well_as_the_goal_asks() {
    let Some(metrics) = measured("streaming", 1) else {
        return;
    };
    for (set, least) in [("16_http", 0.995), ("34_smtp", 0.90), ("32_shuttle", 0.985)] {
        let area = metrics.of_set("auc", set).unwrap();
        assert!(area >= least, "{set}: {area}");
    }
    assert!(metrics.number("state_kb").unwrap() <= 512.0);
}

#[test]
fn shapes_reach_the_goal_on_the_anomaly_benchmark() {
    let Some(metrics) = measured("nab", 1) else {
        return;
    };
    let score = metrics.number("score").unwrap();
    assert!(score >= 52.0, "{score}");
}

#[test]
fn profiles_transfer_to_the_same_model_and_not_to_others() {
    let Some(metrics) = measured("mud_transfer", 1) else {
        return;
    };
    let (same, other) = (
        metrics.number("same").unwrap(),
        metrics.number("other").unwrap(),
    );
    assert!(same >= 0.62 && other <= 0.27, "{same} {other}");
}

#[test]
fn every_mud_file_is_read_or_refused_with_a_reason() {
    let Some(data) = data() else { return };
    let (mut read, mut refused) = (0, Vec::new());
    for path in files_below(&data.join("mud-unsw"))
        .into_iter()
        .chain(files_below(&data.join("mud-locations")))
    {
        let bytes = std::fs::read(&path).unwrap();
        match detect::mud::Mud::from_json(&bytes) {
            Ok(mud) => {
                read += 1;
                let again = detect::mud::Mud::from_json(mud.to_json().as_bytes()).unwrap();
                assert_eq!(again.entries, mud.entries, "{}", path.display());
            }
            Err(why) => refused.push(format!("{}: {why}", path.display())),
        }
    }
    assert!(
        read >= 125 && refused.len() <= 15,
        "{read} read, refused: {refused:#?}"
    );
}

fn files_below(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the data folder is readable") {
        let path = entry.expect("the data folder is readable").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
    found
}

#[test]
fn letters_tell_controlled_machines_at_sources_never_seen() {
    let Some(metrics) = measured("sequence", 1) else {
        return;
    };
    assert!(metrics.number("auc").unwrap() >= 0.86, "{metrics:?}");
    assert!(metrics.number("auc_markov").unwrap() >= 0.76, "{metrics:?}");
}

#[test]
fn known_threats_are_told_apart_and_most_of_them_without_the_port() {
    let Some(metrics) = measured("threat", 1) else {
        return;
    };
    assert!(metrics.number("f1").unwrap() >= 0.975, "{metrics:?}");
    assert!(metrics.number("f1_blind").unwrap() >= 0.68, "{metrics:?}");
}

#[test]
fn attacks_of_kinds_never_seen_are_ranked_as_the_goal_asks() {
    let Some(metrics) = measured("boosting", 1) else {
        return;
    };
    assert!(metrics.number("auc").unwrap() >= 0.955, "{metrics:?}");
}

#[test]
fn a_stream_whose_times_change_is_followed() {
    let Some(metrics) = measured("drift", 1) else {
        return;
    };
    assert!(metrics.number("acc").unwrap() >= 0.975, "{metrics:?}");
}

#[test]
fn equals_are_seldom_told_apart_and_better_models_found() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let metrics = yardsticks::run("abtest", &folder, Options::default()).unwrap();
    assert!(
        metrics.number("false_switch").unwrap() <= 0.05,
        "{metrics:?}"
    );
    assert!(metrics.number("power").unwrap() >= 0.90, "{metrics:?}");
}
