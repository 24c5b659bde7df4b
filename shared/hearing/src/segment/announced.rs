//! What each kind of announcement tells of who made it.

use std::net::{IpAddr, Ipv4Addr};

use crate::announcement::{Announcement, Dialect};
use crate::class::{self, Class, Hint};
use crate::dhcp;
use crate::dns::{self, Data, Direction};
use crate::frame::Arp;
use crate::igmp::Membership;
use crate::limits::DHCP_SERVERS;
use crate::mac::Mac;
use crate::moment::Moment;
use crate::netbios::{NetBiosName, Status};
use crate::ssdp;
use crate::tls::Hello;

use super::{Event, NameSource, Neighbour, Segment, Way};

impl Segment {
    pub(super) fn take(
        &mut self,
        now: Moment,
        mac: Mac,
        source: Option<IpAddr>,
        announcement: &Announcement,
        events: &mut Vec<Event>,
    ) {
        match announcement {
            Announcement::Arp(arp) => self.take_arp(now, arp, events),
            Announcement::Neighbour {
                mac: owner,
                address,
            } if *owner == mac => {
                self.claim(now, mac, (*address).into(), Way::Ndp, events);
            }
            Announcement::Dhcp(message) => self.take_dhcp(now, mac, message, events),
            Announcement::Dns(dialect, message) => {
                if self.is_from_here(now, mac, source, *dialect, events) {
                    self.take_dns(now, mac, *dialect, message);
                }
            }
            Announcement::Ssdp(message) => self.take_ssdp(now, mac, source, message, events),
            Announcement::Igmp(membership) => self.take_igmp(mac, membership),
            Announcement::Tls(hello) => self.take_tls(mac, source, hello),
            Announcement::Neighbour { .. } => {}
        }
    }

    /// A reply or a request speaks for its sender's address; a probe (RFC 5227) speaks for none.
    fn take_arp(&mut self, now: Moment, arp: &Arp, events: &mut Vec<Event>) {
        if !arp.sender_address.is_unspecified() && arp.sender.is_device() {
            self.claim(now, arp.sender, arp.sender_address.into(), Way::Arp, events);
        }
    }

    /// What is said to a group of this segment was said on it; an answer of a name server comes from anywhere.
    fn is_from_here(
        &mut self,
        now: Moment,
        mac: Mac,
        source: Option<IpAddr>,
        dialect: Dialect,
        events: &mut Vec<Event>,
    ) -> bool {
        match (dialect, source) {
            (Dialect::Multicast | Dialect::Llmnr, Some(source)) => {
                self.claim(now, mac, source, Way::Multicast, events);
                true
            }
            (Dialect::NetBios, Some(source)) => self.claims.holder(source) == Some(mac),
            _ => false,
        }
    }

    fn take_dhcp(
        &mut self,
        now: Moment,
        mac: Mac,
        message: &dhcp::Message,
        events: &mut Vec<Event>,
    ) {
        if message.kind.is_servers() {
            self.note_dhcp_server(now, mac, message.server, events);
            return;
        }
        // A relay speaks for clients that are elsewhere.
        if message.client != mac {
            return;
        }
        if let Some(address) = message.client_address {
            self.claim(now, mac, address.into(), Way::Dhcp, events);
        }
        let Some(neighbour) = self.roll.find_mut(mac) else {
            return;
        };
        neighbour.way(Way::Dhcp);
        if let Some(name) = &message.full_name {
            neighbour.name(now, NameSource::DhcpFullName, name);
        }
        if let Some(name) = &message.host_name {
            neighbour.name(now, NameSource::DhcpHostName, name);
        }
        if let Some(class) = &message.vendor_class {
            neighbour.hints(class::of_dhcp_vendor_class(class));
            neighbour.dhcp_class = Some(class.clone());
        }
        neighbour.dhcp_parameters.clone_from(&message.parameters);
    }

    fn note_dhcp_server(
        &mut self,
        now: Moment,
        mac: Mac,
        address: Option<Ipv4Addr>,
        events: &mut Vec<Event>,
    ) {
        if self.dhcp_servers.insert(mac, now).is_some() {
            return;
        }
        events.push(Event::NewDhcpServer { mac, address });
        if self.dhcp_servers.len() > DHCP_SERVERS {
            let others = self.dhcp_servers.iter().filter(|(known, _)| **known != mac);
            let oldest = others
                .min_by_key(|(_, heard)| **heard)
                .map(|(known, _)| *known);
            oldest.map(|oldest| self.dhcp_servers.remove(&oldest));
        }
    }

    fn take_dns(&mut self, now: Moment, mac: Mac, dialect: Dialect, message: &dns::Message) {
        let Some(neighbour) = self.roll.find_mut(mac) else {
            return;
        };
        match dialect {
            Dialect::NetBios => return take_netbios(now, neighbour, message),
            Dialect::Llmnr => neighbour.way(Way::Llmnr),
            _ => neighbour.way(Way::Mdns),
        }
        if message.direction == Direction::Query {
            return;
        }
        let source = if dialect == Dialect::Llmnr {
            NameSource::Llmnr
        } else {
            NameSource::Mdns
        };
        // A responder repeats what others said only to take it back.
        for record in message.records.iter().filter(|record| record.ttl_secs > 0) {
            neighbour.hints(class::of_service(&record.name));
            match &record.data {
                Data::Service { port, host } => {
                    neighbour.name(now, source, host);
                    neighbour.listens(now, *port);
                    neighbour.name(now, NameSource::Service, instance(&record.name));
                }
                Data::Address(address) if neighbour.has(*address) => {
                    neighbour.name(now, source, &record.name);
                }
                _ => {}
            }
        }
    }

    fn take_ssdp(
        &mut self,
        now: Moment,
        mac: Mac,
        source: Option<IpAddr>,
        message: &ssdp::Message,
        events: &mut Vec<Event>,
    ) {
        if message.kind == ssdp::Kind::Alive
            && let Some(source) = source
        {
            self.claim(now, mac, source, Way::Multicast, events);
        }
        let Some(neighbour) = self.roll.find_mut(mac) else {
            return;
        };
        neighbour.way(Way::Ssdp);
        if matches!(message.kind, ssdp::Kind::Alive | ssdp::Kind::Answer) {
            neighbour.hints(message.target.as_deref().and_then(class::of_server));
            if let Some(server) = &message.server {
                neighbour.hints(class::of_server(server));
                neighbour.name(now, NameSource::Ssdp, server);
            }
        }
    }

    fn take_igmp(&mut self, mac: Mac, membership: &Membership) {
        let Some(neighbour) = self.roll.find_mut(mac) else {
            return;
        };
        neighbour.way(Way::Igmp);
        match membership {
            Membership::Join(groups) => {
                for group in groups {
                    neighbour.hints(class::of_group(*group));
                }
            }
            Membership::Query => {
                neighbour.hint(Hint::new(Class::Gateway, 20, "asks who listens to groups"));
            }
            Membership::Leave(_) => {}
        }
    }

    fn take_tls(&mut self, mac: Mac, source: Option<IpAddr>, hello: &Hello) {
        let is_own = source.is_some_and(|source| self.claims.holder(source) == Some(mac));
        if let Some(neighbour) = self.roll.find_mut(mac).filter(|_| is_own) {
            neighbour.tls(hello.fingerprint());
        }
    }
}

fn take_netbios(now: Moment, neighbour: &mut Neighbour, message: &dns::Message) {
    neighbour.way(Way::NetBios);
    for record in &message.records {
        let named = NetBiosName::decode(&record.name).filter(NetBiosName::is_machine);
        match &record.data {
            Data::NetBios(addresses) => {
                let own = addresses
                    .iter()
                    .any(|address| neighbour.has((*address).into()));
                if let Some(name) = named.filter(|_| own) {
                    neighbour.name(now, NameSource::NetBios, &name.text);
                }
            }
            Data::Status(data) => {
                if let Some(name) = Status::read(data).as_ref().and_then(Status::machine) {
                    neighbour.name(now, NameSource::NetBios, name);
                }
            }
            _ => {}
        }
    }
}

/// What stands before the type in the name of a service.
fn instance(name: &str) -> &str {
    name.split("._").next().unwrap_or(name)
}
