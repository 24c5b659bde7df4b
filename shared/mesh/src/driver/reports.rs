//! Turns what libp2p says about connections that never became links into events.

use super::*;

use libp2p::{connection_limits, mdns};

impl Driver {
    pub(super) async fn report_unreachable(&mut self, key: Key, reason: Unreachable) {
        tracing::debug!(key = %Hex(&key), %reason, "unreachable");
        self.emit(Event::Unreachable { key, reason }).await;
    }

    pub(super) async fn on_dial_error(
        &mut self,
        peer: Option<PeerId>,
        connection: ConnectionId,
        error: DialError,
    ) {
        let Some(key) = peer.as_ref().and_then(key_of) else {
            return;
        };
        let ours = self.slots.get(&key) == Some(&Slot::Dialling(connection));
        if ours {
            self.slots.remove(&key);
        }
        match refusals(&error) {
            refused if !refused.is_empty() => {
                for (address, cause) in refused {
                    self.report_refusal(&address, cause).await;
                }
            }
            _ if ours => self.report_dial_error(key, error).await,
            // The peer dialled this side meanwhile, or the caller gave the dial up.
            _ => tracing::debug!(key = %Hex(&key), %error, "a dial that is not needed failed"),
        }
    }

    pub(super) async fn report_dial_error(&mut self, key: Key, error: DialError) {
        let reason = match &error {
            DialError::NoAddresses => Unreachable::NoAddress,
            DialError::WrongPeerId { .. } | DialError::LocalPeerId { .. } => Unreachable::WrongKey,
            DialError::Denied { cause } if is_limit(cause) => Unreachable::Limit,
            DialError::Transport(failures) => first_reason(failures),
            DialError::Denied { .. }
            | DialError::Aborted
            | DialError::DialPeerConditionFalse(_) => Unreachable::ClosedEarly,
        };
        tracing::debug!(key = %Hex(&key), %error, "dial failed");
        self.report_unreachable(key, reason).await;
    }

    pub(super) async fn on_listen_error(&mut self, address: &Multiaddr, error: &ListenError) {
        match transport::cause::<AdmissionError>(error) {
            Some(cause @ AdmissionError::Refused { .. }) => {
                self.report_refusal(address, cause).await;
            }
            _ => tracing::debug!(%address, %error, "an inbound connection was not admitted"),
        }
    }

    async fn report_refusal(&mut self, address: &Multiaddr, cause: &AdmissionError) {
        let AdmissionError::Refused {
            key,
            ours,
            theirs,
            order,
        } = cause
        else {
            return;
        };
        let judged = [(Judge::Us, ours, &None), (Judge::Them, theirs, order)];
        for (by, reason, order) in judged
            .into_iter()
            .filter_map(|(by, reason, order)| Some((by, (*reason)?, order)))
        {
            tracing::info!(key = %Hex(key), %address, %reason, ?by, remedy = reason.remedy(), "refused");
            let (key, address) = (Some(*key), address.to_string());
            self.emit(Event::Refused {
                key,
                address,
                reason,
                by,
                order: order.clone(),
            })
            .await;
        }
    }

    pub(super) async fn on_mdns(&mut self, event: mdns::Event) {
        let mdns::Event::Discovered(found) = event else {
            return;
        };
        let mut peers = BTreeMap::<Key, Vec<String>>::new();
        for (peer, address) in found {
            let Some(key) = key_of(&peer) else { continue };
            if peers.len() >= MAX_DISCOVERED && !peers.contains_key(&key) {
                continue;
            }
            let addresses = peers.entry(key).or_default();
            if addresses.len() < MAX_ADDRESSES {
                addresses.push(address.to_string());
            }
        }
        for (key, addresses) in peers {
            self.emit(Event::Discovered { key, addresses }).await;
        }
    }

    pub(super) async fn on_listening(&mut self, address: &Multiaddr) {
        let address = address.to_string();
        lock(&self.shared.listening).push(address.clone());
        self.emit(Event::Listening { address }).await;
    }

    pub(super) fn on_expired(&self, address: &Multiaddr) {
        let address = address.to_string();
        lock(&self.shared.listening).retain(|other| *other != address);
    }
}

fn refusals(error: &DialError) -> Vec<(Multiaddr, &AdmissionError)> {
    let DialError::Transport(failures) = error else {
        return Vec::new();
    };
    failures
        .iter()
        .filter_map(|(address, error)| Some((address.clone(), transport::cause(error)?)))
        .filter(|(_, cause)| matches!(cause, AdmissionError::Refused { .. }))
        .collect()
}

fn first_reason(failures: &[(Multiaddr, TransportError<io::Error>)]) -> Unreachable {
    match failures.first() {
        None | Some((_, TransportError::MultiaddrNotSupported(_))) => Unreachable::NoAddress,
        Some((_, error)) => transport::reason(error),
    }
}

fn is_limit(cause: &libp2p::swarm::ConnectionDenied) -> bool {
    cause
        .downcast_ref::<connection_limits::Exceeded>()
        .is_some()
}
