//! People, tokens of programs and keys of devices over the control socket.

use protocol::id::DeviceId;
use protocol::text::{Line, Name};
use serde::{Deserialize, Serialize};
use ui::links;

use super::{Answer, Desk};
use crate::access::{self, ACTOR, TokenDocument, TokenTerms};
use crate::accounts::names::{account_name, new_account_name};
use crate::accounts::{self, Known, Link, Order};
use crate::keyed::{self, KeyedDocument};
use crate::store::api_tokens::{ApiToken, Reach};
use crate::store::audit::Act;
use crate::store::fault::ChangeError;
use crate::store::operators::Role;
use crate::store::secret_hash::SecretHash;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum PeopleAsked {
    List,
    Invite {
        name: String,
        role: String,
    },
    /// A link for another password.
    Reset {
        name: String,
    },
    Order {
        name: String,
        word: String,
        role: Option<String>,
    },
    /// Accounts of a file of `NAME:HASH`.
    Import {
        text: String,
        role: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum AccessAsked {
    Make {
        name: String,
        role: String,
        reach: Option<ReachAsked>,
        areas: Vec<String>,
        days: Option<u64>,
    },
    List,
    Rotate {
        id: String,
    },
    Revoke {
        id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReachAsked {
    Reading,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum KeyedAsked {
    Register { name: String, class: String },
    List,
    Rotate { device: String },
    Remove { device: String },
}

impl Desk {
    pub(super) fn people(&self, asked: PeopleAsked) -> Result<Answer, String> {
        match asked {
            PeopleAsked::List => {
                let items = accounts::list(&self.service.reader, mesh::wall());
                Ok(Answer::People {
                    items: items.map_err(|error| error.to_string())?,
                })
            }
            PeopleAsked::Invite { name, role } => {
                let role = role.parse::<Role>().map_err(|error| error.to_string())?;
                self.invite(&name, Some(role))
            }
            PeopleAsked::Reset { name } => self.invite(&name, None),
            PeopleAsked::Order { name, word, role } => {
                let order = Order::read(&word, role.as_deref());
                self.order(&name, order.map_err(|error| error.to_string())?)
            }
            PeopleAsked::Import { text, role } => self.import(&text, &role),
        }
    }

    fn invite(&self, name: &str, role: Option<Role>) -> Result<Answer, String> {
        let name = match role {
            Some(_) => new_account_name(name),
            None => account_name(name),
        };
        let name = name.map_err(|error| format!("name: {error}"))?;
        let link = Link::new(name, role, actor()).map_err(|error| error.to_string())?;
        let invited = &link.invitation;
        let known = Known::of(&self.service.reader, &invited.name);
        let known = known.map_err(|error| error.to_string())?;
        let act = act(link.action(), invited.name.as_str())?;
        self.write(|changes| link.keep(changes, known, act))?;
        Ok(Answer::Invited {
            name: invited.name.to_string(),
            url: format!("{}{}", self.people, links::invited(&link.token)),
            expires_ms: invited.expires.as_millis(),
        })
    }

    fn order(&self, name: &str, order: Order) -> Result<Answer, String> {
        let name = account_name(name).map_err(|error| format!("name: {error}"))?;
        let operator = self.service.reader.operator(&name);
        let operator = operator.map_err(|error| error.to_string())?;
        let before = operator.map(|operator| operator.role);
        let act = act(order.action(), name.as_str())?;
        self.write(|changes| order.carry_out(changes, &name, before, act))?;
        Ok(Answer::Done)
    }

    /// All of them, or none where one cannot be.
    fn import(&self, text: &str, role: &str) -> Result<Answer, String> {
        let role = role.parse::<Role>().map_err(|error| error.to_string())?;
        let operators = accounts::import(text, role, mesh::wall());
        let operators = operators.map_err(|error| error.to_string())?;
        let acts = operators.iter().map(|operator| {
            let act = act("user.import", operator.name.as_str())?;
            Ok(Act {
                after: Line::fitted(role.word()),
                ..act
            })
        });
        let acts = acts.collect::<Result<Vec<_>, String>>()?;
        self.write(|changes| {
            for (operator, act) in operators.iter().zip(acts) {
                changes.add_operator(operator)?;
                changes.audit(act)?;
            }
            Ok(())
        })?;
        let items = accounts::list(&self.service.reader, mesh::wall());
        Ok(Answer::People {
            items: items.map_err(|error| error.to_string())?,
        })
    }

    pub(super) fn access(&self, asked: AccessAsked) -> Result<Answer, String> {
        match asked {
            AccessAsked::Make {
                name,
                role,
                reach,
                areas,
                days,
            } => {
                let reach = reach.map(|ReachAsked::Reading| Reach::Reading);
                let terms = TokenTerms::new((&name, &role), reach, &areas, days, Role::Admin);
                self.api_token(&terms.map_err(|error| error.to_string())?)
            }
            AccessAsked::List => {
                let all = self.service.reader.api_tokens();
                let all = all.map_err(|error| error.to_string())?;
                let items = all.iter().map(|(hash, it)| TokenDocument::of(hash, it));
                Ok(Answer::ApiTokens {
                    items: items.collect(),
                })
            }
            AccessAsked::Rotate { id } => self.rotate_token(&id),
            AccessAsked::Revoke { id } => {
                let (hash, token) = self.token(&id)?;
                let act = act("api_token.revoke", token.name.as_str())?;
                self.write(|changes| {
                    changes.remove_api_token(&hash)?;
                    changes.audit(act).map(drop)
                })?;
                Ok(Answer::Done)
            }
        }
    }

    fn rotate_token(&self, id: &str) -> Result<Answer, String> {
        let (hash, token) = self.token(id)?;
        let secret = access::api_secret().map_err(|error| error.to_string())?;
        let new = SecretHash::of_api_token(secret.as_bytes());
        let act = act("api_token.rotate", token.name.as_str())?;
        let next = ApiToken {
            used: None,
            ..token
        };
        self.write(|changes| {
            changes.rotate_api_token(&hash, &new, &next)?;
            changes.audit(act).map(drop)
        })?;
        Ok(Answer::ApiToken {
            token: secret.to_string(),
        })
    }

    /// By the beginning of its id, where no other begins so.
    fn token(&self, id: &str) -> Result<(SecretHash, ApiToken), String> {
        let all = self.service.reader.api_tokens();
        let all = all.map_err(|error| error.to_string())?;
        let mut meant = all
            .into_iter()
            .filter(|(hash, _)| id.len() >= 8 && hash.shown().starts_with(id));
        let found = meant
            .next()
            .ok_or("no token has this id: take eight letters or more from token list")?;
        match meant.next() {
            Some(_) => Err("several tokens begin so: write more of the id".to_owned()),
            None => Ok(found),
        }
    }

    pub(super) fn keyed(&self, asked: KeyedAsked) -> Result<Answer, String> {
        match asked {
            KeyedAsked::Register { name, class } => self.register(&name, &class),
            KeyedAsked::List => {
                let all = self.service.reader.keyed_devices();
                let all = all.map_err(|error| error.to_string())?;
                let mesh = &self.service.mesh_id;
                let shown = |(device, kept): &(DeviceId, _)| {
                    KeyedDocument::of(mesh, device, kept, mesh::wall())
                };
                Ok(Answer::KeyedDevices {
                    items: all.iter().map(shown).collect(),
                })
            }
            KeyedAsked::Rotate { device } => {
                let device = self.keyed_device(&device)?;
                let key = keyed::new_key().map_err(|error| error.to_string())?;
                let act = act("device_key.rotate", &device.to_string())?;
                self.write(|changes| {
                    changes.rekey(&device, &keyed::hash(&key), mesh::wall())?;
                    changes.audit(act).map(drop)
                })?;
                Ok(self.device_key(&device, &key))
            }
            KeyedAsked::Remove { device } => {
                let device = self.keyed_device(&device)?;
                let act = act("device_key.remove", &device.to_string())?;
                self.write(|changes| {
                    changes.remove_keyed(&device)?;
                    changes.audit(act).map(drop)
                })?;
                Ok(Answer::Done)
            }
        }
    }

    fn register(&self, name: &str, class: &str) -> Result<Answer, String> {
        let made = keyed::register(name, class, &actor(), mesh::wall());
        let made = made.map_err(|error| error.to_string())?;
        let act = Act {
            after: Line::fitted(made.keyed.name.as_str()),
            ..act("device_key.create", &made.device.to_string())?
        };
        self.write(|changes| {
            changes.add_keyed(&made.device, &made.keyed)?;
            changes.audit(act).map(drop)
        })?;
        Ok(self.device_key(&made.device, &made.key))
    }

    fn device_key(&self, device: &DeviceId, key: &str) -> Answer {
        Answer::DeviceKey {
            id: device.to_string(),
            api_key: key.to_owned(),
            tag: keyed::tag(&self.service.mesh_id, device),
        }
    }

    /// By id or by name.
    fn keyed_device(&self, text: &str) -> Result<DeviceId, String> {
        let all = self.service.reader.keyed_devices();
        let all = all.map_err(|error| error.to_string())?;
        let id: Option<DeviceId> = text.parse().ok();
        let found = all
            .iter()
            .find(|(device, kept)| Some(*device) == id || kept.name.as_str() == text);
        let found = found.ok_or_else(|| format!("no device with a key is called {text}"))?;
        Ok(found.0)
    }

    fn write(
        &self,
        change: impl FnOnce(&mut crate::store::Changes<'_>) -> Result<(), ChangeError>,
    ) -> Result<(), String> {
        let written = self.service.writer.write(change);
        written.map_err(|error| error.to_string())
    }
}

fn actor() -> Name {
    Name::new(ACTOR).expect("two short words are a name")
}

fn act(action: &str, object: &str) -> Result<Act, String> {
    access::act(action, object).map_err(|error| error.to_string())
}
