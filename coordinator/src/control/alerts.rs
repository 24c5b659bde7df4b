//! Alerts, logs and delivery over the control socket.

use alerts::filter::Filter;
use alerts::severity::SeverityError;
use protocol::id::DeviceId;
use protocol::text::{Line, Name};
use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::access;
use crate::bulletin::document::{AlertDocument, TuningDocument};
use crate::bulletin::sight::Sight;
use crate::bulletin::there;
use crate::bulletin::wish::{self, ActWish, TuneWish};
use crate::bulletin::{Bulletin, BulletinError};
use crate::delivery::document::DeliveryDocument;
use crate::logbook;
use crate::logbook::document::{LineDocument, RulesDocument};
use crate::store::audit::Act;

/// Alerts and lines that one answer carries.
const AT_MOST: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum AlertAsked {
    List {
        state: String,
        severity: Option<String>,
        device: Option<String>,
    },
    Show {
        id: u64,
    },
    Act {
        id: u64,
        word: String,
        wish: ActWish,
    },
    Tunings,
    Tune {
        wish: TuneWish,
    },
    Untune {
        id: u64,
    },
    Rules,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum DeliveryAsked {
    Show,
    Test { channel: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum LogsAsked {
    /// Makes the key with which a device sends its lines.
    Key {
        device: String,
    },
    Show {
        device: String,
        limit: usize,
    },
}

impl Desk {
    pub(super) async fn alert(&self, asked: AlertAsked) -> Result<Answer, String> {
        match asked {
            AlertAsked::List {
                state,
                severity,
                device,
            } => self.alerts(&state, severity.as_deref(), device.as_deref()),
            AlertAsked::Show { id } => self.one_alert(id),
            AlertAsked::Act { id, word, wish } => {
                let unknown = || format!("`{word}` is nothing that can be done about an alert");
                let (act, why) = wish
                    .act(&word)
                    .ok_or_else(unknown)?
                    .map_err(|flaw| told(&flaw))?;
                let assignee = there::assignee(&self.service.reader, &act);
                if let Some(flaw) = assignee.map_err(|error| error.to_string())? {
                    return Err(told(&flaw));
                }
                let entry = entry(act.action(), &format!("alert {id}"))?;
                let by = owner();
                self.ordered(move |bulletin| {
                    bulletin.act(id, &act, (&by, why), |before, after| {
                        wish::noted(entry, before, after)
                    })
                })
                .await?;
                self.one_alert(id)
            }
            AlertAsked::Tunings => Ok(Answer::Tunings {
                items: self.bulletin().look(|pages| {
                    let all = pages.book.tunings().iter();
                    all.map(TuningDocument::of).collect()
                }),
            }),
            AlertAsked::Tune { wish } => self.tune(&wish).await,
            AlertAsked::Untune { id } => {
                let entry = entry("rule.untune", &format!("tuning {id}"))?;
                let tuning = self
                    .ordered(move |bulletin| {
                        bulletin.untune(id, |tuning| Act {
                            before: Line::fitted(&wish::tuned(tuning)),
                            ..entry
                        })
                    })
                    .await?;
                Ok(Answer::Tunings {
                    items: vec![TuningDocument::of(&tuning)],
                })
            }
            AlertAsked::Rules => Ok(Answer::Rules(RulesDocument::of(&self.service.logbook))),
        }
    }

    async fn tune(&self, wish: &TuneWish) -> Result<Answer, String> {
        let tuning = wish.tuning(&owner(), mesh::wall()).map_err(|flaws| {
            let flaws: Vec<String> = flaws.iter().map(told).collect();
            flaws.join("; ")
        })?;
        if let Some(flaw) = there::rule(&self.service.logbook, tuning.rule.as_str()) {
            return Err(told(&flaw));
        }
        let entry = entry("rule.tune", tuning.rule.as_str())?;
        let tuning = self
            .ordered(move |bulletin| {
                bulletin.tune(tuning, |tuning| Act {
                    after: Line::fitted(&wish::tuned(tuning)),
                    ..entry
                })
            })
            .await?;
        Ok(Answer::Tunings {
            items: vec![TuningDocument::of(&tuning)],
        })
    }

    async fn ordered<T: Send + 'static>(
        &self,
        order: impl FnOnce(&Bulletin) -> Result<T, BulletinError> + Send + 'static,
    ) -> Result<T, String> {
        let bulletin = self.bulletin().clone();
        let done = tokio::task::spawn_blocking(move || order(&bulletin)).await;
        done.map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())
    }

    fn bulletin(&self) -> &Bulletin {
        self.service.delivery.bulletin()
    }

    fn alerts(
        &self,
        state: &str,
        severity: Option<&str>,
        device: Option<&str>,
    ) -> Result<Answer, String> {
        let severity = severity.map(str::parse).transpose();
        let filter = Filter {
            states: alerts::filter::Shown::parse(state).ok_or_else(|| {
                format!("`{state}` is no state of alerts: use current, all or one")
            })?,
            severity: severity.map_err(|error: SeverityError| error.to_string())?,
            device: device
                .map(|device| self.device_called(device))
                .transpose()?,
            ..Filter::default()
        };
        let (live, now) = (self.service.live.borrow().clone(), mesh::wall());
        let mut items: Vec<AlertDocument> = self.bulletin().look(|pages| {
            let page = pages.book.page(&filter, None, AT_MOST, now).into_iter();
            page.map(|alert| AlertDocument::of(alert, &pages.book, &live, now))
                .collect()
        });
        let told = Sight::new(&self.service.reader).complete(&mut items);
        told.map_err(|error| error.to_string())?;
        Ok(Answer::Alerts { items })
    }

    fn one_alert(&self, id: u64) -> Result<Answer, String> {
        let (live, now) = (self.service.live.borrow().clone(), mesh::wall());
        let found = self.bulletin().look(|pages| {
            let alert = pages.book.alert(id)?;
            Some(AlertDocument::of(alert, &pages.book, &live, now))
        });
        let mut alert = found.ok_or_else(|| format!("there is no alert {id}"))?;
        let told = Sight::new(&self.service.reader).complete([&mut alert]);
        told.map_err(|error| error.to_string())?;
        Ok(Answer::Alert(Box::new(alert)))
    }

    /// A device by its id or its name.
    fn device_called(&self, text: &str) -> Result<DeviceId, String> {
        let live = self.service.live.borrow();
        let mut found = live.called(text);
        match (found.next(), found.next()) {
            (Some(known), None) => Ok(known.device),
            (Some(_), Some(_)) => Err(format!("several devices are called {text}: use the id")),
            (None, _) => Err(format!("there is no device {text}")),
        }
    }

    pub(super) async fn delivery(&self, asked: DeliveryAsked) -> Result<Answer, String> {
        match asked {
            DeliveryAsked::Show => Ok(Answer::Delivery(Box::new(DeliveryDocument::of(
                &self.service.delivery,
            )))),
            DeliveryAsked::Test { channel } => {
                let known = self.service.delivery.channel_called(&channel);
                known.map_err(|error| error.to_string())?;
                self.note("delivery.test", &channel)?;
                let tried = self.service.delivery.test(&channel).await;
                tried.map_err(|error| error.to_string())?;
                Ok(Answer::Taken { by: channel })
            }
        }
    }

    pub(super) fn logs(&self, asked: &LogsAsked) -> Result<Answer, String> {
        match asked {
            LogsAsked::Key { device } => {
                let device = self.device_called(device)?;
                let key = logbook::new_key(&self.service.writer, &device);
                let key = key.map_err(|error| error.to_string())?;
                Ok(Answer::LogKey {
                    key: key.to_string(),
                })
            }
            LogsAsked::Show { device, limit } => {
                let device = self.device_called(device)?;
                let limit = (*limit).clamp(1, AT_MOST);
                let lines = self.service.reader.log_lines(&device, None, limit);
                let lines = lines.map_err(|error| error.to_string())?;
                Ok(Answer::LogLines {
                    items: lines.iter().map(LineDocument::of).collect(),
                })
            }
        }
    }
}

fn owner() -> Name {
    Name::new(access::ACTOR).expect("it is a short word of ours")
}

fn entry(action: &str, object: &str) -> Result<Act, String> {
    access::act(action, object).map_err(|error| error.to_string())
}

fn told(flaw: &wish::Flaw) -> String {
    format!("{}: {}", flaw.field, flaw.what)
}
