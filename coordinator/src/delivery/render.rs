//! The words of letters: as text, as HTML, as JSON. Everything that a device chose is escaped where it could be more than text.

use alerts::hours::Offset;
use alerts::letter::{Item, Letter, times};
use language::present::speaking;
use language::{say, written};
use maud::{DOCTYPE, Markup, html};
use protocol::text::Line;
use serde_json::{Value, json};
use ui::links;
use ui::parts::sentence::sentence;
use ui::parts::time::format;

use crate::bulletin::document::time;

const STAMP: &str = "%Y-%m-%d %H:%M:%S";

/// Where letters are read: with which pages beside them, and by which clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place<'s> {
    pub pages: Option<&'s str>,
    pub zone: Offset,
}

impl Place<'_> {
    fn stamp(self, item: &Item) -> String {
        let moment = |at| {
            format!(
                "{} {}",
                format(self.zone.shown(at).as_millis(), STAMP),
                self.zone
            )
        };
        match item.count {
            1 => moment(item.first),
            count => say!(
                "{times}, from {first} to {last}",
                times = times(count),
                first = moment(item.first),
                last = moment(item.last)
            ),
        }
    }
}

fn device(item: &Item) -> &str {
    item.device
        .as_ref()
        .map_or(say!("the mesh"), |name| name.as_str())
}

/// The page of the letter's first alert.
pub(super) fn link(letter: &Letter, place: Place<'_>) -> Option<String> {
    let item = letter.items.first()?;
    Some(format!("{}{}", place.pages?, links::alert(item.alert)))
}

fn more(letter: &Letter) -> Option<String> {
    (letter.more > 0).then(|| {
        say!(
            "And {number} more, which the page of alerts lists.",
            number = letter.more
        )
    })
}

pub(super) fn text(letter: &Letter, place: Place<'_>) -> String {
    speaking(letter.language, || text_now(letter, place))
}

fn text_now(letter: &Letter, place: Place<'_>) -> String {
    let mut text = format!("{}\n", letter.opening());
    for item in &letter.items {
        let head = say!(
            "{severity}: {title} on {device}",
            severity = item.severity.shown().to_uppercase(),
            title = written::spoken(item.title.as_str()),
            device = device(item)
        );
        text += &format!("\n{head}\n");
        text += &format!(
            "  {}\n  {}\n",
            written::spoken(item.says.as_str()),
            place.stamp(item)
        );
        if let Some(evidence) = &item.evidence {
            text += &format!("  {evidence}\n");
        }
        if let Some(pages) = place.pages {
            text += &format!("  {pages}{}\n", links::alert(item.alert));
        }
    }
    if let Some(more) = more(letter) {
        text += &format!("\n{more}\n");
    }
    text
}

pub(super) fn html(letter: &Letter, place: Place<'_>) -> Markup {
    speaking(letter.language, || html_now(letter, place))
}

fn html_now(letter: &Letter, place: Place<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(letter.language.tag()) {
            head { meta charset="utf-8"; title { (letter.subject()) } }
            body {
                p { (letter.opening()) }
                @for item in &letter.items {
                    h3 { (sentence!(
                        "{severity}: {title} on {device}",
                        severity = item.severity.shown(),
                        title = written::spoken(item.title.as_str()),
                        device = html! { bdi { (device(item)) } },
                    )) }
                    p { bdi { (written::spoken(item.says.as_str())) } br; (place.stamp(item)) }
                    @if let Some(evidence) = &item.evidence { p { bdi { (evidence) } } }
                    @if let Some(pages) = place.pages {
                        p { a href={ (pages) (links::alert(item.alert)) } { (say!("Open the alert")) } }
                    }
                }
                @if let Some(more) = more(letter) { p { (more) } }
            }
        }
    }
}

pub(super) fn json(letter: &Letter, place: Place<'_>) -> Value {
    let items = letter.items.iter().map(|item| {
        json!({
            "id": item.alert,
            "title": item.title.as_str(),
            "severity": item.severity.word(),
            "device": item.device.as_ref().map(Line::as_str),
            "count": item.count,
            "first": time(item.first),
            "last": time(item.last),
            "says": item.says.as_str(),
            "evidence": item.evidence.as_ref().map(Line::as_str),
        })
    });
    json!({
        "type": format!("alerts.{}", letter.kind.word()),
        "timestamp": time(letter.at),
        "data": {
            "text": letter.subject(),
            "severity": letter.severity.word(),
            "incidents": letter.incidents,
            "count": letter.count,
            "alerts": items.collect::<Vec<_>>(),
            "more": letter.more,
            "link": link(letter, place),
        },
    })
}

/// Text cut at a length, for a telephone.
pub(super) fn short(letter: &Letter, zone: Offset, most: usize) -> String {
    let place = Place { pages: None, zone };
    let mut text = text(letter, place);
    if text.len() > most {
        let end = text.floor_char_boundary(most);
        text.truncate(end);
        text.push('…');
    }
    text
}
