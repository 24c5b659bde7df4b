use super::*;

async fn decoy(service: Service) -> (Decoys, SocketAddr) {
    let address = "127.0.0.1:0".parse().expect("it is an address");
    let decoys = Decoys::open(&[Decoy { service, address }]).await;
    let address = decoys.opened()[0].address;
    (decoys, address)
}

#[tokio::test]
async fn a_login_at_telnet_is_told_with_its_source_and_without_its_password() {
    let (mut decoys, address) = decoy(Service::Telnet).await;
    let mut bot = TcpStream::connect(address).await.expect("it listens");
    bot.write_all(b"root\r\nhunter2-secret\r\ncat /proc/cpuinfo\r\n")
        .await
        .expect("it reads");
    let touched = decoys.next().await;
    assert_eq!(
        touched.source,
        bot.local_addr().expect("it is bound").ip().into()
    );
    assert_eq!(
        (touched.service, touched.port),
        (Service::Telnet, address.port())
    );
    assert_eq!(touched.credentials, 1);
    let said = format!("{touched:?}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn whoever_says_nothing_is_told_within_two_seconds() {
    let (mut decoys, address) = decoy(Service::Modbus).await;
    let begun = std::time::Instant::now();
    let silent = TcpStream::connect(address).await.expect("it listens");
    let touched = decoys.next().await;
    assert_eq!(touched.said, None);
    assert!(begun.elapsed() < Duration::from_secs(2));
    drop(silent);
}

#[tokio::test]
async fn whoever_types_slowly_is_told_of_again_with_what_was_typed() {
    let (mut decoys, address) = decoy(Service::Telnet).await;
    let mut person = TcpStream::connect(address).await.expect("it listens");
    assert_eq!(decoys.next().await.credentials, 0);
    person
        .write_all(b"root\r\nhunter2\r\n")
        .await
        .expect("it reads");
    drop(person);
    assert_eq!(decoys.next().await.credentials, 1);
}

#[tokio::test]
async fn a_port_that_is_taken_closes_no_other() {
    let taken = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is one");
    let address = taken.local_addr().expect("it is bound");
    let free = "127.0.0.1:0".parse().expect("it is an address");
    let wanted = [(Service::Http, address), (Service::Mqtt, free)];
    let wanted = wanted.map(|(service, address)| Decoy { service, address });
    let decoys = Decoys::open(&wanted).await;
    let open = decoys.opened().iter().map(|decoy| decoy.service);
    assert_eq!(open.collect::<Vec<_>>(), [Service::Mqtt]);
}

#[tokio::test]
async fn more_guests_than_there_is_room_for_are_told_of_and_sent_away() {
    let (mut decoys, address) = decoy(Service::Ssh).await;
    let mut guests = Vec::new();
    for _ in 0..CONVERSATIONS {
        guests.push(TcpStream::connect(address).await.expect("it listens"));
    }
    // All of them are told of before the room is full: none has said anything, and their second is not over.
    let mut late = TcpStream::connect(address).await.expect("it listens");
    let mut rest = Vec::new();
    let ended = late.read_to_end(&mut rest).await;
    assert!(ended.is_err() || rest.is_empty(), "it was not greeted");
    assert_eq!(decoys.next().await.service, Service::Ssh);
}
