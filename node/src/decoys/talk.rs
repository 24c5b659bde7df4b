//! What a decoy says: enough that whoever came goes on talking, and nothing that is of use to anybody.

use protocol::tripwire::Service;

/// What is said to whoever has connected.
pub(super) fn greeting(service: Service) -> &'static [u8] {
    match service {
        // RFC 854, RFC 857: the server echoes, as it does before it asks for a password.
        Service::Telnet => b"\xff\xfb\x01\r\nlogin: ",
        Service::Ssh => b"SSH-2.0-dropbear_2019.78\r\n",
        Service::Http | Service::Mqtt | Service::Modbus => b"",
    }
}

/// What is answered to what came after the first `before` bytes.
pub(super) fn answer(service: Service, said: &[u8], before: usize) -> Vec<u8> {
    match service {
        Service::Telnet => login(said, before),
        Service::Ssh => Vec::new(),
        Service::Http => http(said, before),
        Service::Mqtt => mqtt(said, before),
        Service::Modbus => modbus(&said[before..]),
    }
}

/// After a name a password is asked for, and after a password a name.
fn login(said: &[u8], before: usize) -> Vec<u8> {
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    let (old, new) = (lines(&said[..before]), lines(said));
    let answers = (old..new).map(|line| match line % 2 {
        0 => &b"Password: "[..],
        _ => b"\r\nLogin incorrect\r\nlogin: ",
    });
    answers.collect::<Vec<_>>().concat()
}

/// RFC 9110, section 15.5.2, once a request is complete.
fn http(said: &[u8], before: usize) -> Vec<u8> {
    const END: &[u8] = b"\r\n\r\n";
    let from = before.saturating_sub(END.len() - 1);
    let is_complete = said[from..].windows(END.len()).any(|four| four == END);
    match is_complete {
        true => b"HTTP/1.1 401 Unauthorized\r\nServer: lighttpd/1.4.35\r\nWWW-Authenticate: Basic realm=\"camera\"\r\n\
                  Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"
            .to_vec(),
        false => Vec::new(),
    }
}

/// MQTT 3.1.1, section 3.2: CONNACK with "not authorized", after the first packet.
fn mqtt(said: &[u8], before: usize) -> Vec<u8> {
    const CONNECT: u8 = 0x10;
    match before == 0 && said.first() == Some(&CONNECT) {
        true => vec![0x20, 0x02, 0x00, 0x05],
        false => Vec::new(),
    }
}

/// The exception "slave device busy" to a request that is whole (Modbus application protocol 1.1b3, section 7).
fn modbus(request: &[u8]) -> Vec<u8> {
    const BUSY: u8 = 0x06;
    let [t0, t1, 0, 0, _, _, unit, function, ..] = request else {
        return Vec::new();
    };
    vec![*t0, *t1, 0, 0, 0, 3, *unit, function | 0x80, BUSY]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_asked_for_in_turn() {
        let said = b"root\r\nxc3511\r\n";
        assert_eq!(answer(Service::Telnet, &said[..6], 0), b"Password: ");
        let then = answer(Service::Telnet, said, 6);
        assert_eq!(then, b"\r\nLogin incorrect\r\nlogin: ");
        assert_eq!(answer(Service::Telnet, b"ro", 0), b"");
    }

    #[test]
    fn a_request_is_answered_when_it_is_complete_also_in_pieces() {
        let said = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let cut = said.len() - 2;
        assert_eq!(answer(Service::Http, &said[..cut], 0), b"");
        assert!(answer(Service::Http, said, cut).starts_with(b"HTTP/1.1 401"));
    }

    #[test]
    fn what_is_too_short_for_an_answer_gets_none() {
        for service in Service::ALL {
            for said in [&b""[..], b"\x00", b"\x00\x01\x00\x00\x00"] {
                assert_eq!(answer(service, said, 0), b"", "{service:?}");
            }
        }
    }
}
