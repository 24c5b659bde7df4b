//! What `oidc.toml` in the coordinator's directory says: which provider, as which client, and which groups have which role.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::store::operators::{Role, RoleError};

/// Bytes of a file that are read.
const FILE_BYTES: u64 = 64 * 1024;
const FILE: &str = "oidc.toml";

#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("there is no oidc.toml: logins at a provider are off")]
    Off,
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("oidc.toml is not understood: {0}")]
    Parse(#[source] Box<toml::de::Error>),
    #[error("{path} may be read by others: run chmod 600 {path}", path = path.display())]
    TooOpen { path: PathBuf },
    #[error("ca_file holds no certificate in PEM form")]
    Certificates,
    #[error("roles: {group}: {source}")]
    Role { group: String, source: RoleError },
    #[error("redirect: write https://…/login/oidc/callback, as people reach the pages")]
    Redirect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuer: String,
    client_id: String,
    client_secret_file: String,
    redirect: String,
    ca_file: Option<String>,
    #[serde(default = "scope")]
    scope: String,
    #[serde(default = "groups_claim")]
    groups_claim: String,
    #[serde(default = "name_claim")]
    name_claim: String,
    roles: BTreeMap<String, String>,
}

fn scope() -> String {
    "openid profile groups".to_owned()
}

fn groups_claim() -> String {
    "groups".to_owned()
}

fn name_claim() -> String {
    "preferred_username".to_owned()
}

/// The settings, with the secret that they name.
pub struct OidcSettings {
    pub issuer: String,
    pub client_id: String,
    pub secret: Zeroizing<String>,
    pub redirect: String,
    /// Certificates that are trusted instead of the system's, as DER.
    pub authorities: Option<Vec<Vec<u8>>>,
    pub scope: String,
    pub groups_claim: String,
    pub name_claim: String,
    roles: BTreeMap<String, Role>,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OidcSettings({} at {})", self.client_id, self.issuer)
    }
}

impl OidcSettings {
    /// Read anew for each login, so that a change needs no restart.
    pub fn load(folder: &Path) -> Result<Self, SettingsError> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(SettingsError::Off);
            }
            Err(source) => return Err(SettingsError::Read { path, source }),
        };
        let file: File =
            toml::from_str(&text).map_err(|error| SettingsError::Parse(Box::new(error)))?;
        if !file.redirect.starts_with("https://")
            || !file.redirect.ends_with(ui::links::route::OIDC_CALLBACK)
        {
            return Err(SettingsError::Redirect);
        }
        let roles = file.roles.into_iter().map(|(group, role)| {
            let role = role.parse();
            role.map(|role| (group.clone(), role))
                .map_err(|source| SettingsError::Role { group, source })
        });
        Ok(Self {
            secret: secret(&folder.join(&file.client_secret_file))?,
            authorities: file
                .ca_file
                .map(|name| authorities(&folder.join(name)))
                .transpose()?,
            roles: roles.collect::<Result<_, _>>()?,
            issuer: file.issuer,
            client_id: file.client_id,
            redirect: file.redirect,
            scope: file.scope,
            groups_claim: file.groups_claim,
            name_claim: file.name_claim,
        })
    }

    /// Whether there are settings at all.
    pub fn are_there(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// The role that somebody's groups have; nothing where none of them has one. Where several have, what includes most.
    pub fn role(&self, groups: &[String]) -> Option<Role> {
        let own = groups.iter().filter_map(|group| self.roles.get(group));
        own.copied().max_by_key(|role| match role {
            Role::Viewer => 0,
            Role::Auditor => 1,
            Role::Operator => 2,
            Role::Admin => 3,
        })
    }
}

fn secret(path: &Path) -> Result<Zeroizing<String>, SettingsError> {
    let read = |source| SettingsError::Read {
        path: path.to_owned(),
        source,
    };
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)
        .map_err(read)?;
    let mode = opened.metadata().map_err(read)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(SettingsError::TooOpen {
            path: path.to_owned(),
        });
    }
    let mut text = Zeroizing::new(String::new());
    opened
        .take(FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(read)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

fn authorities(path: &Path) -> Result<Vec<Vec<u8>>, SettingsError> {
    let pem = std::fs::read(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|_| SettingsError::Certificates)?;
    if found.is_empty() {
        return Err(SettingsError::Certificates);
    }
    Ok(found.iter().map(|der| der.to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
issuer = "https://id.example"
client_id = "palisade"
client_secret_file = "oidc.secret"
redirect = "https://hub.example:8443/login/oidc/callback"

[roles]
admins = "admin"
staff = "viewer"
audit = "auditor"
"#;

    fn load(toml: &str, mode: u32) -> Result<OidcSettings, SettingsError> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FILE), toml).expect("written");
        let secret = folder.path().join("oidc.secret");
        std::fs::write(&secret, "hush\n").expect("written");
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&secret, mode).expect("set");
        OidcSettings::load(folder.path())
    }

    #[test]
    fn whoever_is_in_no_group_gets_nothing() {
        let settings = load(TOML, 0o600).expect("in order");
        assert_eq!(settings.secret.as_str(), "hush");
        let role = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
            settings.role(&groups)
        };
        assert_eq!(role(&[]), None);
        assert_eq!(role(&["Admins", "other"]), None);
        assert_eq!(role(&["staff"]), Some(Role::Viewer));
        assert_eq!(role(&["staff", "admins", "audit"]), Some(Role::Admin));
    }

    #[test]
    fn what_cannot_be_used_is_said_with_its_key() {
        assert!(matches!(
            load(TOML, 0o644),
            Err(SettingsError::TooOpen { .. })
        ));
        let plain = TOML.replace("https://hub", "http://hub");
        assert!(matches!(load(&plain, 0o600), Err(SettingsError::Redirect)));
        let role = TOML.replace("\"viewer\"", "\"root\"");
        assert!(matches!(
            load(&role, 0o600),
            Err(SettingsError::Role { .. })
        ));
        let unknown = format!("issuers = 1\n{TOML}");
        assert!(matches!(
            load(&unknown, 0o600),
            Err(SettingsError::Parse(_))
        ));
        let nowhere = tempfile::tempdir().expect("a folder");
        let none = OidcSettings::load(nowhere.path());
        assert!(matches!(none, Err(SettingsError::Off)));
    }
}
