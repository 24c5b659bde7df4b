//! The signs by which classes are known: services, ports, groups, words. Tables, so that a reader can argue with them.

use std::net::Ipv4Addr;

use super::{Class, Hint};

use Class::{
    Camera, Computer, Gateway, Medical, Meter, Other, Phone, Plc, Printer, Sensor, Vehicle,
};

/// DNS-SD service types (IANA, "Service Name and Transport Protocol Port Number Registry", and their makers' pages).
const SERVICES: [(&str, Class, u8); 36] = [
    ("_ipp._tcp", Printer, 80),
    ("_ipps._tcp", Printer, 80),
    ("_printer._tcp", Printer, 80),
    ("_pdl-datastream._tcp", Printer, 80),
    ("_uscan._tcp", Printer, 50),
    ("_scanner._tcp", Printer, 40),
    ("_axis-video._tcp", Camera, 90),
    ("_rtsp._tcp", Camera, 60),
    ("_onvif._tcp", Camera, 80),
    ("_psia._tcp", Camera, 80),
    ("_camera._tcp", Camera, 60),
    ("_opcua-tcp._tcp", Plc, 80),
    ("_modbus._tcp", Plc, 80),
    ("_mbap._tcp", Plc, 80),
    ("_profinet._udp", Plc, 80),
    ("_dicom._tcp", Medical, 90),
    ("_dicom-tls._tcp", Medical, 90),
    ("_acr-nema._tcp", Medical, 90),
    ("_hl7._tcp", Medical, 80),
    ("_ocpp._tcp", Vehicle, 80),
    ("_smartenergy._tcp", Meter, 70),
    ("_ship._tcp", Meter, 50),
    ("_hue._tcp", Gateway, 70),
    ("_meshcop._udp", Gateway, 70),
    ("_ewelink._tcp", Sensor, 50),
    ("_shelly._tcp", Sensor, 50),
    ("_esphomelib._tcp", Sensor, 60),
    ("_matter._tcp", Sensor, 30),
    ("_coap._udp", Sensor, 40),
    ("_apple-mobdev2._tcp", Phone, 70),
    ("_remotepairing._tcp", Phone, 40),
    ("_workstation._tcp", Computer, 60),
    ("_rdp._tcp", Computer, 50),
    ("_smb._tcp", Computer, 40),
    ("_googlecast._tcp", Other, 70),
    ("_spotify-connect._tcp", Other, 50),
];

/// Ports on which only such devices listen (same registry).
const PORTS: [(u16, Class, u8, &str); 15] = [
    (102, Plc, 80, "S7 and ISO transport"),
    (502, Plc, 80, "Modbus"),
    (4840, Plc, 70, "OPC UA"),
    (20000, Plc, 70, "DNP3"),
    (44818, Plc, 80, "EtherNet/IP"),
    (47808, Plc, 50, "BACnet"),
    (104, Medical, 80, "DICOM"),
    (11112, Medical, 80, "DICOM"),
    (2575, Medical, 80, "HL7"),
    (554, Camera, 50, "RTSP"),
    (515, Printer, 60, "LPD"),
    (631, Printer, 50, "IPP"),
    (9100, Printer, 70, "raw printing"),
    (4059, Meter, 80, "DLMS"),
    (3389, Computer, 60, "remote desktop"),
];

/// Words in descriptions that makers write: SSDP's `SERVER` and targets.
const SERVER_WORDS: [(&str, Class, u8); 10] = [
    ("internetgatewaydevice", Gateway, 80),
    ("wandevice", Gateway, 60),
    ("wlanaccesspoint", Gateway, 60),
    ("ipbridge", Gateway, 60),
    ("networkcamera", Camera, 80),
    ("digitalsecuritycamera", Camera, 80),
    ("printer", Printer, 70),
    ("sensor", Sensor, 50),
    ("mediarenderer", Other, 50),
    ("mediaserver", Other, 40),
];

/// Beginnings of the DHCP vendor class that systems send.
const VENDOR_CLASSES: [(&str, Class, u8); 8] = [
    ("android-dhcp", Phone, 60),
    ("msft 5.0", Computer, 60),
    ("dhcpcd", Computer, 10),
    ("hewlett-packard jetdirect", Printer, 80),
    ("siemens", Plc, 50),
    ("axis", Camera, 70),
    ("cisco ap", Gateway, 60),
    ("ubnt", Gateway, 50),
];

/// Words in names, which anybody may choose.
const NAME_WORDS: [(&str, Class, u8); 25] = [
    ("camera", Camera, 30),
    ("ipcam", Camera, 40),
    ("webcam", Camera, 30),
    ("nvr", Camera, 25),
    ("printer", Printer, 30),
    ("officejet", Printer, 40),
    ("laserjet", Printer, 40),
    ("iphone", Phone, 50),
    ("android", Phone, 40),
    ("galaxy", Phone, 30),
    ("desktop-", Computer, 40),
    ("laptop", Computer, 40),
    ("macbook", Computer, 50),
    ("router", Gateway, 30),
    ("gateway", Gateway, 30),
    ("bridge", Gateway, 20),
    ("plc", Plc, 40),
    ("simatic", Plc, 50),
    ("meter", Meter, 30),
    ("sensor", Sensor, 30),
    ("thermo", Sensor, 25),
    ("infusion", Medical, 40),
    ("ventilator", Medical, 40),
    ("wallbox", Vehicle, 40),
    ("charger", Vehicle, 25),
];

/// Multicast groups that tell what speaks.
const GROUPS: [(Ipv4Addr, Class, u8, &str); 3] = [
    (Ipv4Addr::new(224, 0, 1, 187), Sensor, 30, "CoAP"),
    (Ipv4Addr::new(224, 0, 23, 12), Sensor, 40, "KNX"),
    (Ipv4Addr::new(224, 0, 1, 129), Plc, 20, "precision time"),
];

/// What a service offered over mDNS tells; the name may have an instance before the type.
pub fn of_service(name: &str) -> Option<Hint> {
    let (service, class, weight) = SERVICES
        .iter()
        .find(|(service, _, _)| has_labels(name, service))?;
    Some(Hint::new(
        *class,
        *weight,
        &format!("offers {service} over mDNS"),
    ))
}

/// What a port tells on which it accepts connections.
pub fn of_port(port: u16) -> Option<Hint> {
    let (_, class, weight, what) = PORTS.iter().find(|(known, ..)| *known == port)?;
    Some(Hint::new(
        *class,
        *weight,
        &format!("listens on port {port} ({what})"),
    ))
}

/// What its UPnP device type or server line tells.
pub fn of_server(text: &str) -> Option<Hint> {
    let (word, class, weight) = within(&SERVER_WORDS, text)?;
    Some(Hint::new(
        class,
        weight,
        &format!("calls itself {word} over UPnP"),
    ))
}

/// What option 60 of DHCP tells.
pub fn of_dhcp_vendor_class(text: &str) -> Option<Hint> {
    let text = text.to_ascii_lowercase();
    let (start, class, weight) = VENDOR_CLASSES
        .iter()
        .find(|(start, ..)| text.starts_with(start))?;
    Some(Hint::new(
        *class,
        *weight,
        &format!("asks for its address as {start}"),
    ))
}

/// What a name tells.
pub fn of_name(text: &str) -> Option<Hint> {
    let (word, class, weight) = within(&NAME_WORDS, text)?;
    Some(Hint::new(
        class,
        weight,
        &format!("has the word {word} in its name"),
    ))
}

/// What a multicast group tells that it listens to.
pub fn of_group(group: Ipv4Addr) -> Option<Hint> {
    let (_, class, weight, what) = GROUPS.iter().find(|(known, ..)| *known == group)?;
    Some(Hint::new(
        *class,
        *weight,
        &format!("listens to the group {group} ({what})"),
    ))
}

fn within<'a>(table: &[(&'a str, Class, u8)], text: &str) -> Option<(&'a str, Class, u8)> {
    let text = text.to_ascii_lowercase();
    table.iter().copied().find(|(word, ..)| text.contains(word))
}

/// Whether the labels of `service` stand in `name`, whole and one after the other.
fn has_labels(name: &str, service: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(at) = name.find(service) else {
        return false;
    };
    let before = name[..at].chars().next_back();
    let after = name[at + service.len()..].chars().next();
    before.is_none_or(|char| char == '.') && after.is_none_or(|char| char == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_as_whole_labels() {
        let class = |name| of_service(name).map(|hint| hint.class);
        assert_eq!(class("Lab._ipp._tcp.local"), Some(Printer));
        assert_eq!(class("_ipp._tcp.local"), Some(Printer));
        assert_eq!(class("x_ipp._tcp.local"), None);
        assert_eq!(class("_ipp._tcpx.local"), None);
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert_eq!(
            of_name("HP-LaserJet-4").map(|hint| hint.class),
            Some(Printer)
        );
        assert_eq!(
            of_dhcp_vendor_class("MSFT 5.0").map(|hint| hint.class),
            Some(Computer)
        );
        let upnp = of_server("urn:schemas-upnp-org:device:InternetGatewayDevice:1");
        assert_eq!(upnp.map(|hint| hint.class), Some(Gateway));
        assert_eq!(of_port(502).map(|hint| hint.class), Some(Plc));
    }
}
