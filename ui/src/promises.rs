//! What every page promises, checked on every sample page.

use std::collections::BTreeSet;
use std::{fs, path::Path};

use language::Language;
use language::present::speaking;
use maud::Markup;

use crate::layout::{Role, Shell, Theme};
use crate::links::{self, MeshMode};
use crate::pages::{device, device_new, devices, mesh, overview, rollouts, rotation};
use crate::samples;

/// A start tag, as maud writes it: no quote, bracket or ampersand stands raw in a value.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
    text_after: &'a str,
}

impl<'a> Tag<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| *value)
    }
}

#[test]
fn nothing_is_inline_so_the_strict_policy_blocks_nothing() {
    for_every_tag(|page, tag| {
        for (name, value) in &tag.attributes {
            assert!(
                *name != "style" && !name.starts_with("on"),
                "{page}: {} has {name}",
                tag.name
            );
            assert!(
                !name.starts_with("hx-on") && *name != "hx-vals",
                "{page}: {name} needs eval"
            );
            assert!(
                !value.trim_start().starts_with("javascript:"),
                "{page}: {value}"
            );
            assert!(
                *name != "hx-trigger" || !value.contains('['),
                "{page}: a trigger filter needs eval"
            );
        }
        assert!(tag.name != "style", "{page}: inline style");
        if tag.name == "script" {
            assert!(
                tag.value("src").is_some() && tag.text_after.is_empty(),
                "{page}: inline script"
            );
        }
    });
}

#[test]
fn every_reference_by_id_finds_exactly_one_element() {
    for_every_page(|page, html| {
        let tags = tags(html);
        let ids: Vec<_> = tags.iter().filter_map(|tag| tag.value("id")).collect();
        let distinct: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{page}: an id is used twice");
        for tag in &tags {
            let lists = [
                "for",
                "aria-labelledby",
                "aria-describedby",
                "list",
                "data-copy",
            ];
            let listed = lists
                .iter()
                .filter_map(|name| tag.value(name))
                .flat_map(str::split_whitespace);
            let linked = ["href", "hx-target"]
                .iter()
                .filter_map(|name| tag.value(name)?.strip_prefix('#'));
            for id in listed.chain(linked) {
                assert!(distinct.contains(id), "{page}: {} refers to {id}", tag.name);
            }
        }
    });
}

#[test]
fn every_url_is_a_route_of_ours() {
    let source = include_str!("links.rs");
    let routes: Vec<Vec<&str>> = source
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("pub const ")?
                .split_once("&str = \"/")
        })
        .map(|(_, path)| path.trim_end_matches("\";").split('/').collect())
        .collect();
    assert!(routes.len() > 15, "the routes have moved");
    for_every_tag(|page, tag| {
        let urls = ["href", "src", "action", "hx-get", "hx-sse:connect"];
        for url in urls
            .iter()
            .filter_map(|name| tag.value(name))
            .filter(|url| !url.starts_with('#'))
        {
            let path = url.split('?').next().unwrap_or_default();
            let parts: Vec<_> = path
                .strip_prefix('/')
                .unwrap_or("not local")
                .split('/')
                .collect();
            let fits = |route: &&Vec<&str>| {
                route.len() == parts.len()
                    && route
                        .iter()
                        .zip(&parts)
                        .all(|(a, b)| a == b || a.starts_with('{'))
            };
            assert!(routes.iter().any(|route| fits(&route)), "{page}: {url}");
        }
    });
}

#[test]
fn what_a_device_calls_itself_stays_text() {
    let mut seen = 0;
    for_every_page(|page, html| {
        seen += html.matches("&lt;script&gt;alert(1)").count();
        let names: BTreeSet<_> = tags(html).iter().map(|tag| tag.name.to_owned()).collect();
        assert!(
            !names.contains("img") && !names.contains("hx-partial"),
            "{page}: {names:?}"
        );
        for piece in html.split("&lt;script&gt;alert(1)").skip(1) {
            assert!(
                piece.starts_with("&lt;/script&gt;"),
                "{page}: {}",
                &piece[..40]
            );
        }
    });
    assert!(seen > 9, "the hostile name was shown only {seen} times");
}

#[test]
fn every_form_works_without_scripts() {
    for_every_tag(|page, tag| {
        if tag.name == "form" {
            assert!(
                tag.value("action").is_some() && tag.value("method").is_some(),
                "{page}: a form leads nowhere"
            );
            assert!(
                tag.value("hx-get")
                    .is_none_or(|url| Some(url) == tag.value("action")),
                "{page}"
            );
        }
        if tag.name == "a" {
            assert!(tag.value("href").is_some(), "{page}: a link leads nowhere");
        }
    });
}

#[test]
fn every_page_has_one_heading_one_title_and_a_language() {
    for_every_page(|page, html| {
        let tags = tags(html);
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
        assert_eq!((count("h1"), count("main")), (1, 1), "{page}");
        assert!(
            html.starts_with("<!DOCTYPE html><html lang=\"en\" data-theme=\"light\">"),
            "{page}"
        );
        let pictures = tags.iter().filter(|tag| tag.name == "svg");
        for picture in pictures {
            let silent = picture.value("aria-hidden") == Some("true");
            assert!(
                silent || picture.value("aria-label").is_some(),
                "{page}: a picture without words"
            );
        }
    });
}

/// Words between tags and in what people read or hear, but for what devices and people said and what says that it is English.
fn words_of(html: &str) -> Vec<String> {
    let heard = ["title", "aria-label", "placeholder", "alt", "data-label"];
    let (mut words, mut foreign) = (Vec::new(), Vec::new());
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        if let Some(name) = name.strip_prefix('/') {
            if foreign.last() == Some(&name) {
                foreign.pop();
            }
        } else {
            let attributes = attributes(rest);
            let english = name != "html" && attributes.contains(&("lang", "en"));
            if english || ["bdi", "code", "pre"].contains(&name) || foreign.last() == Some(&name) {
                foreign.push(name);
            }
            let heard = attributes.iter().filter(|(name, _)| heard.contains(name));
            words.extend(heard.map(|(_, value)| (*value).to_owned()));
        }
        if foreign.is_empty() {
            words.push(text.to_owned());
        }
    }
    // The narrow spaces of French are a part of its texts.
    let trimmed = words
        .iter()
        .map(|text| text.trim_matches([' ', '\n']).replace("&amp;", "&"));
    trimmed.filter(|text| !text.is_empty()).collect()
}

#[test]
fn no_page_says_in_french_what_the_catalogue_knows_in_english() {
    let known: BTreeSet<&str> = language::entries().map(|(english, _)| english).collect();
    // "Close" is French too, of an alert.
    let french: BTreeSet<&str> = language::entries().map(|(_, french)| french).collect();
    // What stands in a view was said by the coordinator, whose pages have a check of their own (ops/page-lints).
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/samples");
    let samples = rust_files(&folder).into_iter();
    let samples = samples.chain([folder.with_extension("rs")]);
    let given: String = samples
        .map(|file| fs::read_to_string(file).expect("sources are readable"))
        .collect();
    let mut wrong = BTreeSet::new();
    speaking(Language::French, || {
        for_every_page(|page, html| {
            for text in words_of(html) {
                let missed = known.contains(text.as_str()) && !french.contains(text.as_str());
                if missed && !given.contains(&format!("\"{text}\"")) {
                    wrong.insert(format!("{page}: {text}"));
                }
            }
        });
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The cause that a rule of somebody else's names.
const WRITTEN_BY_OTHERS: [&str; 1] = ["address 203.0.113.9"];
/// The interface for programs is described in English, as its OpenAPI document is.
const FOR_PROGRAMS: &str = "api";

/// Sentences that were written down in English, a page has to say in French: where it cannot, it marks them.
#[test]
fn no_page_in_french_shows_a_sentence_of_ours_in_english() {
    let mut left = BTreeSet::new();
    let hostile = maud::html! { (samples::HOSTILE) }.into_string();
    speaking(Language::French, || {
        for_every_page(|page, html| {
            for piece in html.split(" lang=\"en\">").skip(1) {
                let text = piece.split('<').next().unwrap_or_default();
                let by_others = WRITTEN_BY_OTHERS.contains(&text) || text.contains(&hostile);
                if !by_others && page != FOR_PROGRAMS {
                    left.insert(format!("{page}: {text}"));
                }
            }
        });
    });
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn live_messages_find_their_regions() {
    let shell = samples::shell("/", Theme::Light);
    let overview = samples::overview_view();
    let devices = samples::devices_view(3);
    let device = samples::device_view();
    let join = samples::join_view(device_new::JoinState::Waiting);
    let mesh = samples::mesh_view(5, MeshMode::Map);
    let rotated = samples::rotation_view(&[2]);
    let (all, one) = (
        samples::rollouts_view(),
        samples::rollout_view(rollouts::State::Running),
    );
    let pairs: [(Markup, Markup); 9] = [
        (rollouts::page(&shell, &all), rollouts::live(&shell, &all)),
        (
            rollouts::one::page(&shell, &one),
            rollouts::one::live(&shell, &one),
        ),
        (
            overview::page(&shell, &overview),
            overview::live(&shell, &overview),
        ),
        (
            devices::page(&shell, &devices),
            devices::live(&shell, &devices),
        ),
        (
            devices::page(&shell, &devices),
            devices::filtered(&shell, &devices),
        ),
        (device::page(&shell, &device), device::live(&shell, &device)),
        (
            device_new::join_page(&shell, &join),
            device_new::join_live(&shell, &join),
        ),
        (mesh::page(&shell, &mesh), mesh::live(&shell, &mesh)),
        (
            rotation::page(&shell, &rotated),
            rotation::live(&shell, &rotated),
        ),
    ];
    for (page, message) in pairs.map(|(page, message)| (page.into_string(), message.into_string()))
    {
        let targets: Vec<_> = tags(&message)
            .iter()
            .filter_map(|tag| tag.value("hx-target"))
            .collect();
        assert!(!targets.is_empty());
        for target in targets {
            let id = target.strip_prefix('#').expect("targets are ids");
            assert!(page.contains(&format!("id=\"{id}\"")), "{target}");
        }
        assert_eq!(page.matches("hx-sse:connect").count(), 1);
    }
}

#[test]
fn who_may_not_change_devices_is_not_offered_it() {
    let mut viewing = samples::shell("/", Theme::Light);
    viewing.user.as_mut().expect("the sample is signed in").role = Role::Viewer;
    let pages = |shell: &Shell| {
        let pending = crate::pages::pending::page(shell, &samples::pending_view());
        let summary = device::summary::SummaryView::default();
        let mut view = samples::device_view();
        view.tab = device::Tab::Summary(Box::new(summary));
        let all = [
            devices::page(shell, &samples::devices_view(0)),
            device::page(shell, &view),
            pending,
        ];
        all.map(Markup::into_string).concat()
    };
    let offers =
        |html: &str| [links::device_new(), "/retire", "/approve\""].map(|url| html.contains(url));
    assert_eq!(
        offers(&pages(&samples::shell("/", Theme::Light))),
        [true; 3]
    );
    assert_eq!(offers(&pages(&viewing)), [false; 3]);
}

#[test]
fn only_who_governs_the_mesh_is_offered_its_keys() {
    let mut shell = samples::shell("/", Theme::Light);
    let offered = |shell: &Shell| {
        let page = rotation::page(shell, &samples::rotation_view(&[2]));
        page.into_string().contains(links::rotation_new())
    };
    assert!(offered(&shell));
    shell.user.as_mut().expect("the sample is signed in").role = Role::Operator;
    assert!(!offered(&shell));
}

#[test]
fn a_full_page_of_devices_stays_small() {
    let shell = samples::shell("/devices", Theme::Light);
    let page = devices::page(&shell, &samples::devices_view(50)).into_string();
    assert!(page.len() < 96 * 1024, "{} bytes", page.len());
}

#[test]
fn no_text_passes_unescaped() {
    let marker = ["Pre", "Escaped"].concat();
    for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).expect("sources are readable");
        assert!(!text.contains(&marker), "{}", file.display());
    }
}

fn for_every_page(mut check: impl FnMut(&str, &str)) {
    for (name, page) in samples::pages(Theme::Light) {
        check(name, &page.into_string());
    }
}

fn for_every_tag(check: impl Fn(&str, &Tag<'_>)) {
    for_every_page(|page, html| tags(html).iter().for_each(|tag| check(page, tag)));
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let pieces = html
        .split('<')
        .skip(1)
        .filter(|piece| !piece.starts_with(['/', '!']));
    pieces
        .map(|piece| {
            let (tag, text_after) = piece.split_once('>').expect("every tag ends");
            let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
            Tag {
                name,
                attributes: attributes(rest),
                text_after,
            }
        })
        .collect()
}

fn attributes(mut rest: &str) -> Vec<(&str, &str)> {
    let mut attributes = Vec::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let quoted = after
            .strip_prefix("=\"")
            .and_then(|value| value.split_once('"'));
        let (value, after) = quoted.unwrap_or(("", after));
        attributes.push((name, value));
        rest = after;
    }
    attributes
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let paths = entries.map(|entry| entry.expect("it is readable").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
