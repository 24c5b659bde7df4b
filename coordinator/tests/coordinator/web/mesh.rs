//! An invented mesh: its members, the records they sent, and a run loop that only obeys.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use coordinator::live::silence::{Accuser, Held, Judgement, Standing, Testimony};
use coordinator::live::suspicion::Suspicion;
use coordinator::live::{Live, LiveDevice, Pending, Quarantine, State, Withdrawn};
use coordinator::orders::{Issued, Order, OrderError};
use coordinator::rotation::Proposed;
use coordinator::store::Store;
use protocol::appeal::Automation;
use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::coordinator::presence::Heard;
use protocol::coordinator::save::{Collected, Link, Save, Token, TokenState};
use protocol::coordinator::verdict::{Cause, Verdict};
use protocol::coordinator::{Jury, LogState, Replacement, RevocationError, RolloutError};
use protocol::dice::Dice;
use protocol::enrolment::TokenId;
use protocol::id::{DeviceId, Digest, Epoch, MeshId};
use protocol::key::{SecretKey, Signer as _, Strict};
use protocol::ledger::Withdrawal;
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::rollout::{self, RolloutId, Word};
use protocol::roster::Roster;
use protocol::ruling::Decision;
use protocol::seal::{DataKey, UnsealingKey};
use protocol::signed::{Signed, Unchecked};
use protocol::statement::Statement;
use protocol::statement::host::EvidenceKind;
use protocol::text::Name;
use protocol::time::Timestamp;
use tokio::sync::{mpsc, watch};
use zeroize::Zeroizing;

use super::rig::{HOSTILE, name, now};

/// The seed of the administrator's key in the invented charter.
pub const ADMINISTRATOR: [u8; 32] = [5; 32];

/// What the run loop would say to a withdrawal for good.
fn judged(withdrawal: &[u8]) -> Result<Withdrawal, OrderError> {
    let administrator = SecretKey::from_seed(&ADMINISTRATOR).public();
    let unchecked = Unchecked::<Withdrawal>::parse(withdrawal).map_err(RevocationError::from)?;
    let checked = unchecked.check(&administrator, &Strict);
    let checked = checked.map_err(|_| RevocationError::NotAnAdministrator)?;
    Ok(Withdrawal::clone(&checked))
}

pub fn device_id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 8])
}

pub fn device(number: u8, called: &str, state: State) -> LiveDevice {
    let at = |seconds| now().saturating_sub(Duration::from_secs(seconds));
    let heard = (state != State::Enrolled).then(|| at(u64::from(number)));
    let witness = |from: u8| {
        let heard = Heard {
            at: at(2),
            evidence: EvidenceKind::ReceivedTraffic,
            shown: None,
        };
        (device_id(from), heard)
    };
    let shut_out = Withdrawn {
        at: at(5),
        reason: name("sold"),
        until: None,
        wipe: None,
    };
    LiveDevice {
        stale: None,
        device: device_id(number),
        name: name(called),
        class: DeviceClass::Sensor,
        cell: name("workshop"),
        state,
        since: at(600),
        heard,
        directly: heard,
        witnesses: heard
            .map(|_| vec![witness(1), witness(2)])
            .unwrap_or_default(),
        degraded: None,
        testimony: Testimony::default(),
        judgement: Judgement::Nothing,
        suspicion: Suspicion::default(),
        appeal: None,
        held: None,
        returned: None,
        linked: state == State::Online,
        admitted: at(9_000),
        membership_until: now().saturating_add(Duration::from_secs(86_400)),
        withdrawal: (state == State::Retired).then_some(shut_out),
        proof: None,
    }
}

/// Five members, one in each state, and a stranger at the door.
pub fn mesh() -> Live {
    let mut camera = device(2, "gate-camera", State::Silent);
    camera.class = DeviceClass::Camera;
    let pending = Pending {
        ticket: 7,
        code: "4PK9-7TWM-XQ2H".to_owned(),
        name: name(HOSTILE),
        agent: name("palisade-node 0.1.0"),
        address: "10.0.0.23".to_owned(),
        asked: now(),
    };
    Live {
        places: Default::default(),
        at: now(),
        roster: Arc::new(Roster::new(Arc::new(charter()))),
        devices: vec![
            device(1, "boiler-sensor", State::Online),
            camera,
            device(3, "old-meter", State::Retired),
            device(4, "press", State::Stopped),
            device(5, HOSTILE, State::Enrolled),
        ],
        pending: vec![pending],
        log: LogState::Open,
        held: Held {
            accusations: 5,
            refutations: 1,
        },
        jury: Jury::OneModel { groups: 1 },
        automation: Automation::Off,
        rotation: None,
        rollouts: Vec::new(),
    }
}

/// A rotation of which one device has not heard.
pub fn rotation() -> Replacement {
    Replacement {
        charter: 2,
        issued: now(),
        until: Some(now()),
        members: 4,
        done: 3,
        stragglers: vec![device_id(4)],
    }
}

/// Silences a device by a cause that it shares with others, as five of its eight witnesses certify.
pub fn silenced(device: &mut LiveDevice, cause: Cause, others: &[DeviceId]) {
    let accuser = |number: u8| Accuser {
        witness: device_id(number),
        at: now().saturating_sub(Duration::from_secs(4)),
        last: Some(Position {
            incarnation: Incarnation(3),
            sequence: 41,
        }),
    };
    device.state = State::Silent;
    device.testimony = Testimony {
        accusers: [1, 4, 5, 6, 7].map(accuser).to_vec(),
        witnesses: 8,
        quorum: Some(5),
        standing: Standing::Certified,
    };
    let mut devices = vec![device.device];
    devices.extend(others);
    device.judgement = Judgement::Given(Arc::new(Verdict {
        cause,
        devices,
        since: device.since,
    }));
}

fn charter() -> Charter {
    let key = |seed| SecretKey::from_seed(&[seed; 32]).public();
    Charter {
        mesh: MeshId::from_bytes([9; 32]),
        version: 1,
        issued: now(),
        admission: key(2),
        coordinator: key(3),
        enrolment_pin: [0; 32],
        tls_pin: [0; 32],
        sealing: UnsealingKey::from_seed(&[4; 32]).public(),
        administrators: vec![key(5)],
        gateways: Vec::new(),
        exempt: Vec::new(),
        former: Vec::new(),
        automate: Vec::new(),
    }
}

pub fn collected(
    device: DeviceId,
    sequence: u32,
    time: Timestamp,
    previous: Digest,
    key: &DataKey,
    statement: Statement,
) -> Collected {
    let body = Body::seal(&statement, key, &mut Dice::from_seed([1; 32])).unwrap();
    let position = Position {
        incarnation: Incarnation(0),
        sequence,
    };
    let head = Head {
        device,
        position,
        time,
        previous,
        body: body.digest(),
        epoch: Epoch::FROZEN,
        entangled: None,
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    };
    let head = Signed::seal(head, &SecretKey::from_seed(&[8; 32]));
    Collected {
        device,
        position,
        time,
        received: time,
        digest: head.digest(),
        flags: Flags::NONE,
        link: if sequence == 0 {
            Link::First
        } else {
            Link::Chained
        },
        record: Record::new(&head, body),
        statement: Some(statement),
    }
}

/// Rollouts are judged by their own machine; only the ones that these stories need are carried out.
fn say(live: &mut Live, id: RolloutId, word: Word, by: &Name) -> Result<(), RolloutError> {
    let known = live.rollouts.iter_mut().find(|one| one.id() == id);
    let rollout = known.ok_or(RolloutError::NoSuch)?;
    rollout.judge(word, by)?;
    let input = match word {
        Word::Start => rollout::Input::Start { fleet: Vec::new() },
        Word::Approve => rollout::Input::Approve { by: by.clone() },
        _ => rollout::Input::Abort,
    };
    Arc::make_mut(rollout).handle(input, now());
    Ok(())
}

/// A run loop that carries out orders and decides nothing.
pub async fn obey(
    mut orders: mpsc::Receiver<Order>,
    store: Arc<Mutex<Store>>,
    live: watch::Sender<Arc<Live>>,
) {
    let mut made = 0;
    while let Some(order) = orders.recv().await {
        match order {
            Order::MakeToken { terms, answer } => {
                made += 1;
                let token = Token {
                    id: TokenId([made; 8]),
                    psk: Zeroizing::new([made; 32]),
                    name: terms.name,
                    class: terms.class,
                    cell: terms.cell,
                    created: now(),
                    expires: now().saturating_add(terms.life),
                    state: TokenState::Open,
                };
                store
                    .lock()
                    .unwrap()
                    .commit(&[Save::Token(token.clone())])
                    .unwrap();
                let issued = Issued {
                    id: token.id,
                    join: Zeroizing::new(format!("plsd1_SECRET{made}")),
                    expires: token.expires,
                };
                answer.send(issued).unwrap();
            }
            Order::Scan { answer, .. } | Order::WantScan { answer, .. } => {
                answer.send(()).unwrap();
            }
            Order::Retire { device, answer, .. } => {
                let mut changed = Live::clone(&live.borrow());
                let found = changed
                    .devices
                    .iter_mut()
                    .find(|known| known.device == device);
                let result = found.map(|known| known.state = State::Retired);
                live.send_replace(Arc::new(changed));
                answer.send(result.ok_or(OrderError::NoSuchDevice)).unwrap();
            }
            Order::Rule {
                device,
                decision,
                reason,
                answer,
            } => {
                let mut changed = Live::clone(&live.borrow());
                let found = changed
                    .devices
                    .iter_mut()
                    .find(|known| known.device == device);
                let held = (decision == Decision::Hold).then(|| Quarantine {
                    since: now(),
                    until: now().saturating_add(Duration::from_secs(86_400)),
                    reason,
                });
                let result = found.map(|known| known.held = held);
                live.send_replace(Arc::new(changed));
                answer.send(result.ok_or(OrderError::NoSuchDevice)).unwrap();
            }
            Order::Revoke { withdrawal, answer } => answer.send(judged(&withdrawal)).unwrap(),
            Order::Succeed { answer, .. } => {
                let open = live.borrow().log == LogState::Open;
                let obeyed = open.then_some(()).ok_or(OrderError::LogNotOpen);
                answer.send(obeyed).unwrap();
            }
            Order::Propose { overlap, answer } => {
                let proposed = Proposed {
                    file: format!("for {} s\n", overlap.as_secs()),
                    charter: 2,
                };
                answer.send(Ok(proposed)).unwrap();
            }
            Order::Approve { ticket, answer, .. } | Order::TurnDown { ticket, answer } => {
                let mut changed = Live::clone(&live.borrow());
                let before = changed.pending.len();
                changed.pending.retain(|pending| pending.ticket != ticket);
                let gone = changed.pending.len() < before;
                live.send_replace(Arc::new(changed));
                answer
                    .send(if gone {
                        Ok(())
                    } else {
                        Err(OrderError::NobodyWaits)
                    })
                    .unwrap();
            }
            Order::TellRollout {
                id,
                word,
                by,
                answer,
            } => {
                let mut changed = Live::clone(&live.borrow());
                let said = say(&mut changed, id, word, &by);
                live.send_replace(Arc::new(changed));
                answer.send(said.map_err(OrderError::from)).unwrap();
            }
            _ => {}
        }
    }
}
