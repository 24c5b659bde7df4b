//! Letters on their way: a mail server and a receiver of webhooks on loopback, and what they are sent.

use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alerts::severity::Severity;
use alerts::sighting::{Known, Sighting};
use axum::http::StatusCode;
use coordinator::bulletin::Bulletin;
use coordinator::delivery::Delivery;
use protocol::id::MeshId;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::mesh::device_id;
use super::rig::{Rig, now};

type Taken = Arc<Mutex<Vec<String>>>;

/// A mail server that takes whatever comes.
async fn mail_server() -> (u16, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Taken::default();
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take_mail(stream, Arc::clone(&kept)));
        }
    });
    (port, taken)
}

async fn take_mail(stream: TcpStream, taken: Taken) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 here\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer: &[u8] = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => b"250-here\r\n250 8BITMIME\r\n",
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.unwrap();
                let mut mail = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    mail += &line;
                    mail.push('\n');
                }
                taken.lock().unwrap().push(mail);
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 well\r\n",
        };
        if writer.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// A receiver of webhooks.
async fn receiver() -> (u16, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Taken::default();
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let mut length = 0;
            while let Ok(count @ 1..) = stream.read(&mut request[length..]).await {
                length += count;
                if is_whole(&String::from_utf8_lossy(&request[..length])) || length > 60_000 {
                    break;
                }
            }
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            kept.lock().unwrap().push(text);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    });
    (port, taken)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}

fn write_private(rig: &Rig, file: &str, text: &str) {
    use std::io::Write as _;
    let path = rig.home.path().join(file);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Another run of delivery over the same store, as after a restart.
fn restarted(rig: &Rig) -> (Delivery, CancellationToken) {
    let live = rig.live.subscribe();
    let bulletin = Bulletin::open(rig.reader.clone(), rig.writer.clone(), live.clone());
    let (bulletin, heard) = bulletin.unwrap();
    let stopping = CancellationToken::new();
    tokio::spawn(bulletin.clone().keep(heard, stopping.clone()));
    let folder = Some(rig.home.path().to_owned());
    let delivery = Delivery::new(folder, bulletin, live, MeshId::from_bytes([9; 32]));
    tokio::spawn(delivery.clone().run(stopping.clone()));
    (delivery, stopping)
}

fn mail_settings(port: u16) -> String {
    format!(
        "utc_offset = \"+05:30\"\n[pace]\ngather_s = 1\n\n[[channel]]\nname = \"ops\"\nmail = {{ server = \"127.0.0.1:{port}\", tls = \"none\", from = \"palisade@hub.example\", to = [\"ops@hub.example\"] }}\n\n[[route]]\nname = \"all\"\nto = [\"ops\"]\nseverity = \"low\"\n"
    )
}

fn sighting(number: u8) -> Sighting {
    const LOGINS: Known = Known {
        name: "failed_logins",
        title: "Failed logins",
        severity: Severity::High,
        attack: None,
        stops: "It stops.",
    };
    LOGINS.sighting(Some(device_id(number)), now(), "somebody tried")
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..100 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what} did not happen within ten seconds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_copies_are_one_mail_with_a_count_and_a_restart_sends_it_no_second_time() {
    let rig = Rig::new();
    let (port, taken) = mail_server().await;
    write_private(&rig, "delivery.toml", &mail_settings(port));
    let (delivery, stopping) = restarted(&rig);
    for _ in 0..20 {
        delivery.bulletin().take(&[sighting(1)], now()).unwrap();
    }
    until("a mail", || !taken.lock().unwrap().is_empty()).await;
    let mail = taken.lock().unwrap()[0].clone();
    assert!(mail.contains("(20 times)"), "{mail}");
    assert!(mail.contains("UTC+05:30"), "{mail}");
    assert!(
        mail.contains("List-Id:") && mail.contains("text/html"),
        "{mail}"
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    stopping.cancel();
    let (again, stopping) = restarted(&rig);
    again.bulletin().take(&[sighting(1)], now()).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(taken.lock().unwrap().len(), 1, "one cause is one mail");
    let letters = again.bulletin().look(|pages| pages.outbox.newest().count());
    assert_eq!(letters, 1);
    stopping.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_before_a_crash_is_sent_after_it() {
    let rig = Rig::new();
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    write_private(&rig, "delivery.toml", &mail_settings(port));
    let (delivery, stopping) = restarted(&rig);
    delivery.bulletin().take(&[sighting(1)], now()).unwrap();
    let failed = || {
        delivery
            .bulletin()
            .look(|pages| pages.outbox.newest().any(|it| it.attempts > 0))
    };
    until("a failed attempt", failed).await;
    stopping.cancel();
    let (port, taken) = mail_server().await;
    write_private(&rig, "delivery.toml", &mail_settings(port));
    let (_, stopping) = restarted(&rig);
    until("the mail after the crash", || {
        taken.lock().unwrap().len() == 1
    })
    .await;
    stopping.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_signed_and_a_private_receiver_has_to_be_allowed() {
    let (rig, admin) = Rig::with_admin().await;
    let (port, taken) = receiver().await;
    write_private(
        &rig,
        "hook.secret",
        "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n",
    );
    let settings = |private: bool| {
        format!(
            "[[channel]]\nname = \"hook\"\nwebhook = {{ url = \"http://127.0.0.1:{port}/x\", secret_file = \"hook.secret\", private = {private} }}\n"
        )
    };
    write_private(&rig, "delivery.toml", &settings(false));
    let (delivery, stopping) = restarted(&rig);
    let refused = delivery.test("hook").await.unwrap_err().to_string();
    assert!(refused.contains("private network"), "{refused}");
    assert!(refused.contains("write private = true"), "{refused}");
    stopping.cancel();
    write_private(&rig, "delivery.toml", &settings(true));
    let (delivery, stopping) = restarted(&rig);
    delivery.test("hook").await.unwrap();
    let request = taken.lock().unwrap()[0].clone();
    assert!(request.contains("webhook-signature: v1,"), "{request}");
    assert!(request.contains("\"type\":\"alerts.test\""), "{request}");
    let standing = delivery.bulletin().look(|pages| {
        let name = protocol::text::Name::new("hook").unwrap();
        let standing = pages.outbox.standing(&name);
        (standing.sent.is_some(), standing.error.is_some())
    });
    assert_eq!(standing, (true, false));
    stopping.cancel();
    drop(admin);
}

/// What ntfy documents as publishing by JSON: to the root of the server, under the topic's own name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_to_ntfy_has_the_form_that_ntfy_documents() {
    let rig = Rig::new();
    let (port, taken) = receiver().await;
    write_private(&rig, "ntfy.topic", "hall-alerts-7f3k\n");
    write_private(&rig, "ntfy.token", "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2\n");
    let settings = format!(
        "pages = \"https://hub.example\"\nutc_offset = \"-03:00\"\n[pace]\ngather_s = 1\n[[channel]]\nname = \"phone\"\nntfy = {{ url = \"http://127.0.0.1:{port}/\", topic_file = \"ntfy.topic\", token_file = \"ntfy.token\", private = true }}\n[[route]]\nname = \"all\"\nto = [\"phone\"]\nseverity = \"low\"\n"
    );
    write_private(&rig, "delivery.toml", &settings);
    let (delivery, stopping) = restarted(&rig);
    delivery.bulletin().take(&[sighting(1)], now()).unwrap();
    until("a letter", || !taken.lock().unwrap().is_empty()).await;
    let request = taken.lock().unwrap()[0].clone();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST / HTTP/1.1"), "{head}");
    let head = head.to_lowercase();
    assert!(head.contains("authorization: bearer tk_agqdq7"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let known = ["topic", "title", "message", "priority", "click"];
    for (field, _) in body.as_object().unwrap() {
        assert!(known.contains(&field.as_str()), "{field} is none of ntfy's");
    }
    assert_eq!(
        (&body["topic"], &body["priority"]),
        (&"hall-alerts-7f3k".into(), &4.into())
    );
    assert_eq!(body["click"], "https://hub.example/alerts/1");
    let title = body["title"].as_str().unwrap();
    assert!(title.contains("Failed logins on"), "{title}");
    let message = body["message"].as_str().unwrap();
    assert!(
        message.contains("somebody tried") && message.contains("UTC-03:00"),
        "{message}"
    );
    stopping.cancel();
}

#[tokio::test]
async fn settings_that_are_wrong_are_told_and_the_old_ones_go_on() {
    let (rig, admin) = Rig::with_admin().await;
    let page = rig.get(&admin, "/delivery").await.body;
    assert!(page.contains("nothing is set"), "{page}");
    for (text, said) in [
        (
            "[[channel]]\nname = \"a b\"\n",
            "channel.name: use 1 to 24 small letters",
        ),
        (
            "[[channel]]\nname = \"a\"\n",
            "channel a: write one of mail, webhook and ntfy",
        ),
        ("[[route]]\nname = \"r\"\nhours = \"7-8\"\n", "route.hours"),
        (
            "[[route]]\nname = \"r\"\nclasses = [\"robot\"]\n",
            "route.classes",
        ),
        ("[pace]\nper_hour = 0\n", "pace.per_hour"),
        ("colour = 1\n", "unknown field"),
        (
            "[[channel]]\nname = \"m\"\nmail = { server = \"mail.example\", user = \"x\", password_file = \"nowhere\", from = \"a@b.example\", to = [\"c@d.example\"] }\n",
            "password_file: cannot read",
        ),
    ] {
        let parsed = coordinator::delivery::settings::Settings::parse(text, rig.home.path());
        let error = parsed.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let rig = Rig::new();
    write_private(&rig, "hook.secret", "whsec_x");
    let path = rig.home.path().join("hook.secret");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let text = "[[channel]]\nname = \"h\"\nwebhook = { url = \"https://a.example/\", secret_file = \"hook.secret\" }\n";
    let error = coordinator::delivery::settings::Settings::parse(text, rig.home.path());
    assert!(error.unwrap_err().to_string().contains("chmod 600"));
}

/// Only the settings themselves were looked at: whoever put a secret right had to touch them too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_is_put_right_is_taken_up() {
    use std::os::unix::fs::PermissionsExt as _;
    let (rig, _admin) = Rig::with_admin().await;
    let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    write_private(&rig, "hook.secret", secret);
    let path = rig.home.path().join("hook.secret");
    let rights = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
    rights(0o644).unwrap();
    let text = "[[channel]]\nname = \"h\"\nwebhook = { url = \"https://a.example/\", secret_file = \"hook.secret\" }\n";
    write_private(&rig, "delivery.toml", text);
    let (delivery, stopping) = restarted(&rig);
    let is_wrong = || {
        delivery
            .error()
            .is_some_and(|error| error.contains("chmod 600"))
    };
    until("it is refused", is_wrong).await;
    rights(0o600).unwrap();
    until("it is taken", || delivery.settings().channels.len() == 1).await;
    stopping.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_test_button_says_what_the_server_said() {
    let (rig, admin) = Rig::with_admin().await;
    let (port, taken) = mail_server().await;
    write_private(&rig, "delivery.toml", &mail_settings(port));
    // The rig's own delivery takes the file up within seconds.
    for _ in 0..100 {
        if !rig.delivery.settings().channels.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answer = rig.post(&admin, "/delivery/ops/test", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(taken.lock().unwrap().len(), 1);
    let page = rig.get(&admin, "/delivery").await.body;
    assert!(page.contains("ops took a test message"), "{page}");
    // The same at the end of the first setup.
    let answer = rig.post(&admin, "/welcome/ops/test", "").await;
    assert_eq!(answer.location(), "/welcome", "{}", answer.body);
    assert_eq!(taken.lock().unwrap().len(), 2);
    let page = rig.get(&admin, "/welcome").await.body;
    assert!(page.contains("ops took a test message"), "{page}");
    assert!(page.contains("action=\"/welcome/ops/test\""), "{page}");
    let told = rig
        .post(&admin, "/api/v1/delivery/ops/test", "")
        .await
        .json();
    assert_eq!(told["taken"], true);
    let missing = rig.post(&admin, "/api/v1/delivery/nobody/test", "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let shown = rig.get(&admin, "/api/v1/delivery").await.json();
    assert!(shown["channels"][0]["last_delivery"].is_string(), "{shown}");
    assert_eq!(rig.audited()[0], "delivery.test");
}

/// Story: whoever mistyped a name found in the audit log that a test of it was made.
#[tokio::test]
async fn a_test_of_a_channel_that_is_not_there_leaves_no_entry() {
    let (rig, admin) = Rig::with_admin().await;
    let before = rig.audited();
    let answer = rig
        .post_json(&admin, "/api/v1/delivery/nosuch/test", "")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    let page = rig.post(&admin, "/delivery/nosuch/test", "").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.body);
    assert_eq!(rig.audited(), before);
}
