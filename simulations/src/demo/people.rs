//! People of each role, with one password for all of them that is made anew each time.

use coordinator::keyed;
use coordinator::secrets::Secret;
use coordinator::store::Writer;
use coordinator::store::fault::ChangeError;
use coordinator::store::operators::{Operator, Role};
use coordinator::web::kept_form;
use protocol::time::Timestamp;

use super::{act, name};

const PEOPLE: [(&str, Role); 4] = [
    ("amina", Role::Admin),
    ("otto", Role::Operator),
    ("noor", Role::Viewer),
    ("ada", Role::Auditor),
];

/// How to log in.
#[derive(Debug)]
pub struct Login {
    pub names: Vec<(&'static str, String)>,
    pub password: String,
}

pub fn arrive(writer: &Writer, start: Timestamp) -> anyhow::Result<Login> {
    let random = Secret::random()?;
    let password = data_encoding::BASE32_NOPAD.encode(&random.bytes()[..15]);
    let password = password.to_lowercase();
    let hash = kept_form(&password).map_err(|error| anyhow::anyhow!("{error}"))?;
    writer.write(|changes| {
        for (person, role) in PEOPLE {
            changes.add_operator(&Operator {
                name: name(person),
                role,
                created: start,
                password: hash.clone(),
            })?;
            changes.audit(act(start, "amina", "user.create", person))?;
        }
        Ok::<_, ChangeError>(())
    })?;
    for (device, class) in [("pump-2", "sensor"), ("weighbridge", "other")] {
        let made = keyed::register(device, class, &name("otto"), start)?;
        writer.write(|changes| {
            changes.add_keyed(&made.device, &made.keyed)?;
            changes.audit(act(start, "otto", "keyed.register", device))?;
            Ok::<_, ChangeError>(())
        })?;
    }
    let names = PEOPLE.map(|(person, role)| (person, role.to_string()));
    Ok(Login {
        names: names.into(),
        password,
    })
}
