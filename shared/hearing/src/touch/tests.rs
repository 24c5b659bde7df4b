use proptest::prelude::*;

use super::*;

fn tried(touch: &Touch) -> Vec<(&str, &str)> {
    let pairs = touch.credentials.iter();
    pairs
        .map(|tried| (tried.user.as_str(), tried.password.reveal()))
        .collect()
}

#[test]
fn a_loader_at_telnet_shows_its_passwords_and_commands() {
    let received = b"\xff\xfd\x01\xff\xfa\x1f\0\x50\0\x18\xff\xf0root\r\nxc3511\r\nadmin\r\nadmin\r\nenable\r\nsystem\r\nshell\r\nsh\r\n/bin/busybox MIRAI\r\n";
    let touch = Touch::read(Service::Telnet, received);
    assert_eq!(tried(&touch), [("root", "xc3511"), ("admin", "admin")]);
    assert_eq!(
        touch.requests,
        ["enable", "system", "shell", "sh", "/bin/busybox MIRAI"]
    );
}

#[test]
fn passwords_show_themselves_masked() {
    let touch = Touch::read(Service::Telnet, b"root\nhunter2hunter2\nroot\nabc\n");
    let shown: Vec<_> = touch
        .credentials
        .iter()
        .map(|tried| tried.password.to_string())
        .collect();
    assert_eq!(shown, ["h****", "*****"]);
    let printed = format!("{touch:?}");
    assert!(
        !printed.contains("hunter2") && !printed.contains("abc"),
        "{printed}"
    );
}

#[test]
fn http_gives_requests_agent_and_basic_credentials() {
    let received = b"GET /cgi-bin/;id HTTP/1.1\r\nHost: x\r\nUser-Agent: Hello, world\r\nAuthorization: Basic YWRtaW46MTIzNA==\r\n\r\n";
    let touch = Touch::read(Service::Http, received);
    assert_eq!(touch.requests, ["GET /cgi-bin/;id HTTP/1.1"]);
    assert_eq!(touch.agent.as_deref(), Some("Hello, world"));
    assert_eq!(tried(&touch), [("admin", "1234")]);
}

#[test]
fn ssh_gives_its_greeting_only() {
    let touch = Touch::read(Service::Ssh, b"SSH-2.0-Go\r\n\0\0\x01\x02binary");
    assert_eq!(touch.agent.as_deref(), Some("SSH-2.0-Go"));
    assert!(touch.requests.is_empty());
}

#[test]
fn mqtt_gives_client_credentials_and_topics() {
    let connect = b"\x10\x1b\0\x04MQTT\x04\xc2\0\x3c\0\x03bot\0\x04user\0\x04pass";
    let subscribe = b"\x82\x06\0\x01\0\x01#\0";
    let touch = Touch::read(Service::Mqtt, &[&connect[..], subscribe].concat());
    assert_eq!(tried(&touch), [("user", "pass")]);
    assert_eq!(touch.requests, ["CONNECT as bot", "SUBSCRIBE #"]);
}

#[test]
fn modbus_names_what_would_be_written() {
    let received = b"\0\x01\0\0\0\x06\x01\x06\0\x10\0\x01\0\x02\0\0\0\x02\xff\x11";
    let touch = Touch::read(Service::Modbus, received);
    assert_eq!(
        touch.requests,
        [
            "unit 1: WRITE a register from 16",
            "unit 255: report server id"
        ]
    );
}

proptest! {
    #[test]
    fn no_bytes_break_it(service in 0usize..5, received in proptest::collection::vec(any::<u8>(), 0..300)) {
        let service = [Service::Telnet, Service::Ssh, Service::Http, Service::Mqtt, Service::Modbus][service];
        let touch = Touch::read(service, &received);
        for text in touch.requests.iter().chain(&touch.agent) {
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
