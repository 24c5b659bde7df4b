//! Finding peers on the local network, in a network namespace of the test's own.

use std::process::Command;

use mesh::{Config, Event, Mdns, Mesh};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::rig::{PATIENCE, open_gate};

const STORY: &str = "discovery::peers_on_one_network_discover_each_other";
const INSIDE: &str = "PALISADE_TEST_NAMESPACE";
const NETWORK: &str = "ip link add lan0 type veth peer name far0 && ip link set far0 up && ip addr add 192.0.2.1/24 dev lan0 && \
    ip link set lan0 multicast on up && ip link set lo up && \
    ip route add 224.0.0.0/4 dev lan0 && exec \"$0\" --exact \"$1\" --nocapture";

#[test]
fn peers_on_one_network_discover_each_other() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let tests = std::env::current_exe().expect("the tests run from a file");
    let namespace = Command::new("unshare")
        .args(["-Urn", "sh", "-c", NETWORK])
        .arg(tests)
        .arg(STORY)
        .env(INSIDE, "1")
        .output()
        .expect("util-linux is installed");
    assert!(
        namespace.status.success(),
        "{}",
        String::from_utf8_lossy(&namespace.stderr)
    );
    // A renamed story would find no test of its name inside, and pass.
    let said = String::from_utf8_lossy(&namespace.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

fn inside() {
    let runtime = tokio::runtime::Runtime::new().expect("the system has threads");
    runtime.block_on(async {
        let (a, mut events) = start(1).await;
        let (b, _events) = start(2).await;
        loop {
            let event = timeout(PATIENCE, events.recv())
                .await
                .expect("b announces itself");
            if let Some(Event::Discovered { key, addresses }) = event {
                assert_eq!(key, b.key());
                a.connect(key, addresses);
                break;
            }
        }
        loop {
            let event = timeout(PATIENCE, events.recv())
                .await
                .expect("b can be dialled");
            match event {
                Some(Event::LinkUp { key, .. }) => return assert_eq!(key, b.key()),
                Some(Event::Unreachable { reason, .. }) => panic!("{reason}"),
                _ => {}
            }
        }
    });
}

async fn start(seed: u8) -> (Mesh, tokio::sync::mpsc::Receiver<Event>) {
    let mut config = Config::new(Zeroizing::new([seed; 32]));
    config.listen.push("192.0.2.1:0".to_owned());
    config.mdns = Mdns::On;
    Mesh::start(config, open_gate())
        .await
        .expect("the interface is up")
}
