//! What goes wrong in the week, and what people do about it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use alerts::act::Act as AlertAct;
use alerts::sources;
use alerts::text::fitted;
use coordinator::bulletin::Bulletin;
use coordinator::logbook::Logbook;
use coordinator::store::Writer;
use coordinator::store::fault::ChangeError;
use logs::line::Line;
use protocol::alert::{Alarm, Matter};
use protocol::coordinator::{Command, Input};
use protocol::heard::Address;
use protocol::id::Digest;
use protocol::ruling::Decision;
use protocol::statement::Statement;
use protocol::text::Path;
use protocol::time::Timestamp;
use protocol::tripwire::{Service, Touched};

use super::seats::{CAPTURED, Seat};
use super::site::Site;
use super::{act, name};

/// What happens at a share of the week, in thousandths.
enum Scene {
    /// A file is changed by an update of the system, and somebody says so.
    FileChanged {
        place: usize,
    },
    /// Somebody types a password wrongly again and again.
    FailedLogins {
        place: usize,
        from: Ipv4Addr,
    },
    /// The attack: a camera was taken over and looks around; its traffic says so first.
    Touch {
        place: usize,
        service: Service,
        port: u16,
    },
    Quarantine {
        place: usize,
    },
}

/// Scenes that are still to come, the next one last.
pub struct Story(Vec<(Timestamp, Scene)>);

impl Story {
    pub fn new(start: Timestamp, now: Timestamp, seats: &[Seat]) -> Self {
        let (captured, office) = (seats[CAPTURED].address, Ipv4Addr::new(10, 20, 3, 40));
        let length = now.since(start);
        let at = |permille: u32| start.saturating_add(length * permille / 1_000);
        let place = |number: usize| number % seats.len();
        let touch = |number, service, port| Scene::Touch {
            place: place(number),
            service,
            port,
        };
        let logins = |number, from| Scene::FailedLogins {
            place: place(number),
            from,
        };
        let mut scenes = vec![
            (at(120), Scene::FileChanged { place: place(4) }),
            (at(260), logins(7, office)),
            (at(430), Scene::FileChanged { place: place(2) }),
            (at(860), touch(3, Service::Telnet, 23)),
            (at(862), touch(6, Service::Telnet, 23)),
            (at(864), touch(8, Service::Http, 80)),
            (at(866), touch(10, Service::Modbus, 502)),
            (at(868), logins(6, captured)),
            (at(925), Scene::Quarantine { place: CAPTURED }),
            (at(985), logins(1, office)),
        ];
        scenes.reverse();
        Self(scenes)
    }

    pub fn go_on(
        &mut self,
        site: &mut Site,
        bulletin: &Bulletin,
        logbook: &Logbook,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        while let Some((at, scene)) = self.0.pop_if(|(at, _)| *at <= now) {
            play(site, logbook, &scene, at, now)?;
        }
        let raised = std::mem::take(&mut site.raised);
        let sightings: Vec<_> = raised.iter().map(sources::raised).collect();
        if !sightings.is_empty() {
            site.commit()?;
            bulletin.take(&sightings, now)?;
        }
        Ok(())
    }
}

fn play(
    site: &mut Site,
    logbook: &Logbook,
    scene: &Scene,
    at: Timestamp,
    now: Timestamp,
) -> anyhow::Result<()> {
    match scene {
        Scene::FileChanged { place } => {
            let path = "/etc/ssh/sshd_config";
            let digest = |text: &str| Some(Digest::of("demo file", &[text.as_bytes()]));
            let matter = Matter::FileChanged {
                path: Path::new(path)?,
                before: digest("before"),
                after: digest("after"),
            };
            alarm(site, *place, matter, now)
        }
        Scene::Touch {
            place,
            service,
            port,
        } => {
            let source = Address::from(IpAddr::V4(site.seats[CAPTURED].address));
            let matter = Matter::Touched(Touched {
                source,
                service: *service,
                port: *port,
                credentials: 3,
                said: None,
            });
            alarm(site, *place, matter, now)
        }
        Scene::FailedLogins { place, from } => {
            let line = |number: u16| {
                let port = 40_000 + number;
                let text = format!("Failed password for root from {from} port {port} ssh2");
                let mut line = Line::of(&text);
                line.note("program", "sshd");
                line
            };
            let lines: Vec<Line> = (0..8).map(line).collect();
            Ok(logbook.take(site.seats[*place].device, &lines, at)?)
        }
        Scene::Quarantine { place } => {
            let seat = &site.seats[*place];
            let (device, object) = (seat.device, seat.name.to_string());
            let reason = name("it touched decoys in three halls");
            let noted = site
                .store
                .writer()
                .write(|changes| changes.audit(act(at, "otto", "device.quarantine", &object)));
            noted.map_err(|error: ChangeError| anyhow::anyhow!(error))?;
            let decision = Decision::Hold;
            let command = Command::Rule {
                device,
                decision,
                reason,
            };
            site.tell(Input::Command(command), now).map(drop)
        }
    }
}

fn alarm(site: &mut Site, place: usize, matter: Matter, at: Timestamp) -> anyhow::Result<()> {
    let subject = site.seats[place].device;
    let said = Statement::Alert(Alarm { subject, matter });
    site.say(place, &said, at)
}

/// People look at the alerts of the week: what is old is closed, what is grave is somebody's.
pub fn answer(
    bulletin: &Bulletin,
    writer: &Writer,
    start: Timestamp,
    now: Timestamp,
) -> anyhow::Result<()> {
    let half = start.saturating_add(now.since(start) / 2);
    let alerts: Vec<(u64, Timestamp)> = bulletin.look(|pages| {
        let open = pages.book.open(now);
        open.map(|alert| (alert.number, alert.last)).collect()
    });
    for (number, last) in alerts {
        let at = last.saturating_add(Duration::from_secs(1_500));
        let what: &[(AlertAct, &str)] = match last < half {
            true => &[
                (AlertAct::Acknowledge, "I look at it"),
                (AlertAct::Close, "the package was updated by us"),
            ],
            false if number % 2 == 0 => &[(AlertAct::Acknowledge, "it is the same source")],
            false => &[],
        };
        for (what, why) in what {
            let by = name("otto");
            bulletin.change(|pages| {
                pages
                    .book
                    .act(number, what, &fitted("otto"), Some(fitted(why)), at)
            })??;
            writer.write(|changes| {
                changes.audit(act(
                    at,
                    by.as_str(),
                    what.action(),
                    &format!("alert {number}"),
                ))?;
                Ok::<_, ChangeError>(())
            })?;
        }
    }
    Ok(())
}
