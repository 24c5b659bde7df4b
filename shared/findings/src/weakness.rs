//! Services that are weak whatever their version: each rule with its reason and one next step.

use serde::{Deserialize, Serialize};

use crate::advisory::severity::Level;
use crate::limits;
use crate::scan::{Host, Method, Port, PortKey, Service, Transport};
use crate::shown::line;
use crate::version::Scheme;

/// The rules, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    Telnet,
    RemoteShell,
    AnonymousFtp,
    DefaultCredentials,
    OldTls,
    AnonymousMqtt,
    OpenAdb,
    Upnp,
    OpenModbus,
    OldSsh,
    PublicSnmp,
}

/// What a rule says to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    pub title: &'static str,
    pub reason: &'static str,
    pub level: Level,
    /// How probable abuse is, in millionths: our judgement, where EPSS has no figure because there is no CVE.
    pub likelihood_ppm: u32,
    pub next_step: &'static str,
}

/// A weak service of one host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Weakness {
    pub rule: Rule,
    pub port: PortKey,
    /// What was seen.
    pub evidence: String,
}

/// The first releases of 2020: SSH servers before them are old.
const OLDEST_DROPBEAR: &str = "2020.79";
const OLDEST_OPENSSH: &str = "8.2";

impl Rule {
    pub const ALL: [Self; 11] = [
        Self::Telnet,
        Self::RemoteShell,
        Self::AnonymousFtp,
        Self::DefaultCredentials,
        Self::OldTls,
        Self::AnonymousMqtt,
        Self::OpenAdb,
        Self::Upnp,
        Self::OpenModbus,
        Self::OldSsh,
        Self::PublicSnmp,
    ];

    /// The name in links and files: `anonymous-mqtt`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Telnet => "telnet",
            Self::RemoteShell => "remote-shell",
            Self::AnonymousFtp => "anonymous-ftp",
            Self::DefaultCredentials => "default-credentials",
            Self::OldTls => "old-tls",
            Self::AnonymousMqtt => "anonymous-mqtt",
            Self::OpenAdb => "open-adb",
            Self::Upnp => "upnp",
            Self::OpenModbus => "open-modbus",
            Self::OldSsh => "old-ssh",
            Self::PublicSnmp => "public-snmp",
        }
    }

    pub fn advice(self) -> Advice {
        let advice = |title, reason, level, likelihood_ppm, next_step| Advice {
            title,
            reason,
            level,
            likelihood_ppm,
            next_step,
        };
        match self {
            Self::Telnet => advice(
                "Telnet answers",
                "Names and passwords cross the network in the clear, and botnets try this port first.",
                Level::High,
                300_000,
                "Turn telnet off in the device's settings; where it must stay, let only one management host reach it.",
            ),
            Self::RemoteShell => advice(
                "rsh, rlogin or rexec answers",
                "These services believe the address of whoever asks.",
                Level::High,
                200_000,
                "Turn the r-services off and use SSH.",
            ),
            Self::AnonymousFtp => advice(
                "FTP lets anybody in",
                "Files can be read, and perhaps left, without a name.",
                Level::Medium,
                100_000,
                "Turn anonymous access off in the FTP server's settings.",
            ),
            Self::DefaultCredentials => advice(
                "A default password works",
                "The scanner logged in with a name and a password that stand in the manual.",
                Level::Critical,
                600_000,
                "Change the password now, then look for logins that were not yours.",
            ),
            Self::OldTls => advice(
                "TLS 1.1 or older is offered",
                "SSL and TLS before 1.2 are broken or withdrawn (RFC 8996).",
                Level::Medium,
                10_000,
                "Allow TLS 1.2 and later only, or update the firmware if it cannot.",
            ),
            Self::AnonymousMqtt => advice(
                "The MQTT broker asks nobody who he is",
                "Whoever reaches it can read all topics and send commands.",
                Level::High,
                100_000,
                "Set allow_anonymous to false and give each device a name and a password.",
            ),
            Self::OpenAdb => advice(
                "Android's debug bridge is open",
                "Whoever reaches it has a shell on the device.",
                Level::Critical,
                400_000,
                "Turn off debugging over the network in the developer options.",
            ),
            Self::Upnp => advice(
                "UPnP answers",
                "Programs inside may open the firewall, and stacks of UPnP are seldom updated.",
                Level::Low,
                20_000,
                "Turn UPnP off where nothing in the house needs it.",
            ),
            Self::OpenModbus => advice(
                "Modbus answers without asking who calls",
                "The protocol has no passwords: whoever reaches the port can write registers.",
                Level::High,
                50_000,
                "Put the device in a segment of its own and let only its controller reach port 502.",
            ),
            Self::OldSsh => advice(
                "The SSH server is old",
                "Its release is from before 2020 (or speaks protocol 1), and holes found since are open in it.",
                Level::Medium,
                30_000,
                "Update the firmware; until then let only one management host reach the port.",
            ),
            Self::PublicSnmp => advice(
                "SNMP answers to a community that everybody knows",
                "The scanner read the device with the word \"public\"; some devices can be written alike.",
                Level::Medium,
                30_000,
                "Set another community or SNMPv3, or turn SNMP off.",
            ),
        }
    }
}

/// Applies all rules to the open ports of a host.
pub fn weaknesses(host: &Host) -> Vec<Weakness> {
    let open = host.ports.iter().filter(|(_, port)| port.is_open());
    let mut found: Vec<Weakness> = open
        .flat_map(|(key, port)| {
            let seen = Seen {
                key: *key,
                port,
                service: port.service.as_ref(),
            };
            Rule::ALL.into_iter().filter_map(move |rule| {
                let evidence = seen.evidence(rule)?;
                Some(Weakness {
                    rule,
                    port: *key,
                    evidence: line(&evidence, limits::LINE_CHARS),
                })
            })
        })
        .collect();
    found.sort_unstable();
    found
}

/// One open port as the rules look at it.
#[derive(Clone, Copy)]
struct Seen<'a> {
    key: PortKey,
    port: &'a Port,
    service: Option<&'a Service>,
}

impl Seen<'_> {
    fn evidence(self, rule: Rule) -> Option<String> {
        match rule {
            Rule::Telnet => self.named(&["telnet", "telnets"], &[23, 2323]),
            Rule::RemoteShell => self.named(
                &["exec", "login", "shell", "rsh", "rlogin"],
                &[512, 513, 514],
            ),
            Rule::AnonymousFtp => self.script("ftp-anon", &["Anonymous FTP login allowed"]),
            Rule::DefaultCredentials => self.credentials(),
            Rule::OldTls => self
                .script(
                    "ssl-enum-ciphers",
                    &["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"],
                )
                .or_else(|| self.script("sslv2", &["SSLv2 supported"])),
            Rule::AnonymousMqtt => self.script(
                "mqtt-subscribe",
                &["Topics and their most recent payloads", "$SYS/"],
            ),
            Rule::OpenAdb => self.named(&["adb"], &[]),
            Rule::Upnp => self.named(&["upnp", "ssdp"], &[1900]),
            Rule::OpenModbus => self.named(&["modbus", "mbap"], &[502]),
            Rule::OldSsh => self.old_ssh(),
            Rule::PublicSnmp => self.snmp(),
        }
    }

    /// The service has one of these names, by an answer or by its port; or the port is one of these and nobody knows better.
    fn named(self, names: &[&str], ports: &[u16]) -> Option<String> {
        let by_name = self
            .service
            .filter(|service| names.contains(&service.name.as_str()));
        if let Some(service) = by_name {
            let how = match service.method {
                Method::Probed => "answered as",
                Method::Table => "is open; by its number it is",
            };
            return Some(format!("{} {how} {}", self.key, service.shown()));
        }
        let nobody_knows = self
            .service
            .is_none_or(|service| service.name.is_empty() || service.name == "unknown");
        (nobody_knows && ports.contains(&self.key.number)).then(|| format!("{} is open", self.key))
    }

    fn script(self, id: &str, words: &[&str]) -> Option<String> {
        let script = self.port.scripts.iter().find(|script| script.id == id)?;
        let word = words.iter().find(|word| script.output.contains(**word))?;
        Some(format!("{} on {}: {word}", script.id, self.key))
    }

    fn credentials(self) -> Option<String> {
        let script = self.port.scripts.iter().find(|script| {
            let tries = script.id.ends_with("-brute")
                || script.id.ends_with("-default-accounts")
                || script.id.ends_with("-empty-password");
            tries
                && ["Valid credentials", "account has empty password", "at /"]
                    .iter()
                    .any(|word| script.output.contains(word))
        })?;
        // The password itself is no business of whoever reads the page.
        Some(format!("{} on {} found an account", script.id, self.key))
    }

    fn old_ssh(self) -> Option<String> {
        let service = self.service.filter(|service| service.name == "ssh")?;
        let product = service.product.to_ascii_lowercase();
        let oldest = match product.as_str() {
            product if product.contains("dropbear") => OLDEST_DROPBEAR,
            product if product.contains("openssh") => OLDEST_OPENSSH,
            _ => "",
        };
        let is_old = !oldest.is_empty()
            && !service.version.is_empty()
            && Scheme::Generic.compare(&service.version, oldest).is_lt();
        let is_first =
            service.extra.contains("protocol 1.") && !service.extra.contains("protocol 1.99");
        (is_old || is_first).then(|| {
            format!(
                "{} answered as {} {}",
                self.key,
                service.shown(),
                service.extra
            )
        })
    }

    fn snmp(self) -> Option<String> {
        let is_snmp = self.key
            == PortKey {
                transport: Transport::Udp,
                number: 161,
            };
        let script = self.port.scripts.iter().find(|script| {
            matches!(
                script.id.as_str(),
                "snmp-sysdescr" | "snmp-interfaces" | "snmp-processes"
            )
        })?;
        is_snmp.then(|| format!("{} on {} got an answer", script.id, self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::nmap::import;

    fn found(ports: &str) -> Vec<Rule> {
        let text =
            format!("<nmaprun><host><status state='up'/><ports>{ports}</ports></host></nmaprun>");
        let scan = import(text.as_bytes()).unwrap();
        weaknesses(&scan.hosts[0])
            .into_iter()
            .map(|weakness| weakness.rule)
            .collect()
    }

    fn port(number: u16, state: &str, inside: &str) -> String {
        format!("<port protocol='tcp' portid='{number}'><state state='{state}'/>{inside}</port>")
    }

    #[test]
    fn each_rule_finds_what_it_is_for() {
        for (expected, number, inside) in [
            (Rule::Telnet, 23, "<service name='telnet' method='probed'/>"),
            (Rule::Telnet, 2323, ""),
            (Rule::RemoteShell, 514, "<service name='shell'/>"),
            (
                Rule::AnonymousFtp,
                21,
                "<script id='ftp-anon' output='Anonymous FTP login allowed (FTP code 230)'/>",
            ),
            (
                Rule::DefaultCredentials,
                80,
                "<script id='http-default-accounts' output='[ACME] at /&#10; admin:admin'/>",
            ),
            (
                Rule::DefaultCredentials,
                22,
                "<script id='ssh-brute' output='a:b - Valid credentials'/>",
            ),
            (
                Rule::OldTls,
                443,
                "<script id='ssl-enum-ciphers' output='TLSv1.0: x'/>",
            ),
            (
                Rule::AnonymousMqtt,
                1883,
                "<script id='mqtt-subscribe' output='Topics and their most recent payloads: a'/>",
            ),
            (
                Rule::OpenAdb,
                5555,
                "<service name='adb' product='Android Debug Bridge'/>",
            ),
            (Rule::Upnp, 1900, ""),
            (Rule::OpenModbus, 502, "<service name='modbus'/>"),
            (
                Rule::OldSsh,
                22,
                "<service name='ssh' product='Dropbear sshd' version='2013.59'/>",
            ),
            (
                Rule::OldSsh,
                22,
                "<service name='ssh' product='x' extrainfo='protocol 1.5'/>",
            ),
        ] {
            assert_eq!(found(&port(number, "open", inside)), [expected], "{inside}");
            assert_eq!(
                found(&port(number, "closed", inside)),
                [],
                "closed: {inside}"
            );
        }
        let snmp = "<port protocol='udp' portid='161'><state state='open'/><script id='snmp-sysdescr' output='x'/></port>";
        assert_eq!(found(snmp), [Rule::PublicSnmp]);
    }

    #[test]
    fn what_is_current_or_something_else_is_not_found() {
        for (number, inside) in [
            (
                22,
                "<service name='ssh' product='Dropbear sshd' version='2022.83' extrainfo='protocol 2.0'/>",
            ),
            (
                22,
                "<service name='ssh' product='OpenSSH' version='9.2p1'/>",
            ),
            (22, "<service name='ssh' product='OpenSSH'/>"),
            (23, "<service name='http' method='probed'/>"),
            (21, "<script id='ftp-anon' output='ERROR'/>"),
            (443, "<script id='ssl-enum-ciphers' output='TLSv1.2: x'/>"),
        ] {
            assert_eq!(found(&port(number, "open", inside)), [], "{inside}");
        }
    }

    #[test]
    fn no_password_stands_in_the_evidence() {
        let ports = port(
            80,
            "open",
            "<script id='http-default-accounts' output='at /&#10;admin:hunter2'/>",
        );
        let text = format!("<nmaprun><host><ports>{ports}</ports></host></nmaprun>");
        let found = weaknesses(&import(text.as_bytes()).unwrap().hosts[0]);
        assert!(!found[0].evidence.contains("hunter2"));
    }

    #[test]
    fn every_rule_has_its_word() {
        for rule in Rule::ALL {
            assert_eq!(
                serde_json::to_string(&rule).unwrap(),
                format!("{:?}", rule.word())
            );
        }
    }
}
