//! Stories of devices at the door: each wrong join string has its own sentence and exit code.

use std::sync::{Arc, Mutex};

use coordinator::control::Request;
use mesh::enrol::Rejection;
use node::join::{Applicant, JoinError, Way};
use protocol::join::JoinString;
use protocol::text::Name;
use zeroize::Zeroizing;

use super::rig::{Mesh, until};

/// The same join string with other parts.
fn altered(
    text: &str,
    mesh: Option<[u8; 32]>,
    pin: Option<[u8; 32]>,
    id: Option<[u8; 8]>,
) -> String {
    let join = JoinString::parse(text).expect("a sound join string");
    JoinString::new(
        join.addresses().to_vec(),
        mesh.unwrap_or(*join.mesh()),
        pin.unwrap_or(*join.pin()),
        id.unwrap_or(*join.token_id()),
        Zeroizing::new(*join.secret()),
    )
    .expect("the parts fit")
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_join_strings_are_refused_with_their_reason() {
    let mesh = Mesh::start().await;
    let text = mesh.token("one", 600).await;
    let cases = [
        (
            "another mesh",
            altered(&text, Some([9; 32]), None, None),
            Rejection::WrongMesh,
        ),
        (
            "an unknown token",
            altered(&text, None, None, Some([9; 8])),
            Rejection::UnknownToken,
        ),
    ];
    for (what, wrong, expected) in cases {
        let error = mesh.join("one", &wrong).await.expect_err(what);
        assert!(
            matches!(&error, JoinError::Rejected(found) if *found == expected),
            "{what}: {error}"
        );
        assert_eq!(error.exit_code(), 77, "{what}");
    }
    let impostor = mesh
        .join("one", &altered(&text, None, Some([9; 32]), None))
        .await
        .expect_err("a wrong pin");
    assert!(matches!(impostor, JoinError::Impostor(_)), "{impostor}");
    assert_eq!(impostor.exit_code(), 77);
    let member = mesh
        .join("one", &text)
        .await
        .expect("the right one still works: no try has used it up");
    assert_eq!(member.membership.name.as_str(), "one");
    let again = mesh.join("two", &text).await.expect_err("a used token");
    assert!(
        matches!(again, JoinError::Rejected(Rejection::UsedToken)),
        "{again}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_join_string_says_that_it_expired() {
    let mesh = Mesh::start().await;
    let text = mesh.token("late", 1).await;
    let refused = Arc::new(Mutex::new(None));
    until("the token has expired", || async {
        match mesh
            .join("late", &altered(&text, None, None, Some([1; 8])))
            .await
        {
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1100)).await,
            Ok(_) => panic!("an unknown token admits nobody"),
        }
        *refused.lock().expect("one story") = mesh.join("late", &text).await.err();
        true
    })
    .await;
    let error = refused
        .lock()
        .expect("one story")
        .take()
        .expect("it was refused");
    assert!(
        matches!(error, JoinError::Rejected(Rejection::ExpiredToken)),
        "{error}"
    );
    assert!(error.to_string().contains("expired"), "{error}");
    assert!(
        !mesh.dir("late").join("identity.key").exists(),
        "a refused device keeps no keys"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_without_a_token_waits_until_its_code_is_approved() {
    let mesh = Mesh::start().await;
    let text = mesh.token("unused", 600).await;
    let address = JoinString::parse(&text).expect("sound").addresses()[0].clone();
    let (dir, shown) = (mesh.dir("guest"), Arc::new(Mutex::new(None)));
    let code_here = Arc::clone(&shown);
    let joining = tokio::spawn(async move {
        let applicant = Applicant {
            name: Name::new("guest").expect("short"),
            class: None,
        };
        let show = move |code: &str| *code_here.lock().expect("one story") = Some(code.to_owned());
        node::join::join(&dir, Way::Address(address), applicant, show).await
    });
    until("the device shows its code", || async {
        shown.lock().expect("one story").is_some()
    })
    .await;
    let code = shown
        .lock()
        .expect("one story")
        .clone()
        .expect("it was shown");
    until("the coordinator shows the same", || async {
        mesh.devices()
            .await
            .expect("it runs")
            .iter()
            .any(|device| device.id == code && device.status == "pending")
    })
    .await;
    let request = Request::Approve {
        code,
        name: "guest-room".to_owned(),
        class: "camera".to_owned(),
        cell: "main".to_owned(),
    };
    mesh.ask(&request)
        .await
        .expect("somebody waits with this code");
    let member = joining.await.expect("the task ends").expect("approved");
    assert_eq!(member.membership.name.as_str(), "guest-room");
}
