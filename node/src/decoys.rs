//! Decoys: ports that look like services, on which nobody legitimate has any business.
//!
//! Each connection is answered for a while as such a service answers, and told to the machine as soon as something was
//! said or a second has passed.

mod talk;

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hearing::touch::Touch;
use protocol::tripwire::{Service, Touched, Words};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};

/// Conversations at once; who comes beyond that is told of and sent away.
const CONVERSATIONS: usize = 64;
/// Touches that wait for the machine; who makes more is known by those.
const WAITING: usize = 64;
/// A touch is told after this, whatever was said.
const TOLD: Duration = Duration::from_secs(1);
/// So long somebody may talk.
const LONGEST: Duration = Duration::from_secs(20);
/// So much of what is said is kept.
const KEPT: usize = hearing::limits::TOUCH_BYTES;

/// A decoy as it is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoy {
    pub service: Service,
    pub address: SocketAddr,
}

/// The listeners; they end when this is dropped.
#[derive(Debug)]
pub struct Decoys {
    open: Vec<Decoy>,
    touches: mpsc::Receiver<Touched>,
    _listeners: JoinSet<()>,
}

impl Decoys {
    /// Opens those that can be; a port that is taken belongs to a real service, and is named in the log.
    pub async fn open(wanted: &[Decoy]) -> Self {
        let (tell, touches) = mpsc::channel(WAITING);
        let room = Arc::new(Semaphore::new(CONVERSATIONS));
        let mut listeners = JoinSet::new();
        let mut open = Vec::new();
        for decoy in wanted {
            let service = decoy.service.word();
            match bind(decoy.address).await {
                Ok((address, listener)) => {
                    info!(service, %address, "a decoy listens");
                    let decoy = Decoy { address, ..*decoy };
                    open.push(decoy);
                    listeners.spawn(listen(decoy, listener, tell.clone(), Arc::clone(&room)));
                }
                Err(error) => {
                    warn!(service, address = %decoy.address, %error, "a decoy cannot listen: set another port in decoys.listen");
                }
            }
        }
        Self {
            open,
            touches,
            _listeners: listeners,
        }
    }

    /// Those that listen, with the ports that they have got.
    pub fn opened(&self) -> &[Decoy] {
        &self.open
    }

    /// The next touch; never where no decoy listens.
    pub async fn next(&mut self) -> Touched {
        match self.touches.recv().await {
            Some(touched) => touched,
            None => std::future::pending().await,
        }
    }
}

/// Where IPv6 is switched off, everywhere means everywhere in IPv4.
async fn bind(address: SocketAddr) -> io::Result<(SocketAddr, TcpListener)> {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port()));
    let listener = match TcpListener::bind(address).await {
        Err(error)
            if address.ip() == Ipv6Addr::UNSPECIFIED && error.kind() != ErrorKind::AddrInUse =>
        {
            TcpListener::bind(everywhere).await
        }
        bound => bound,
    }?;
    Ok((listener.local_addr()?, listener))
}

async fn listen(
    decoy: Decoy,
    listener: TcpListener,
    tell: mpsc::Sender<Touched>,
    room: Arc<Semaphore>,
) {
    let mut conversations = JoinSet::new();
    loop {
        let (stream, source) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(service = decoy.service.word(), %error, "a decoy could not answer");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        while conversations.try_join_next().is_some() {}
        let visitor = Visitor {
            decoy,
            source,
            said: Vec::new(),
        };
        match Arc::clone(&room).try_acquire_owned() {
            Ok(seat) => {
                let tell = tell.clone();
                conversations.spawn(async move {
                    visitor.converse(stream, &tell).await;
                    drop(seat);
                });
            }
            Err(_) => visitor.report(&tell),
        }
    }
}

/// Somebody at a decoy.
struct Visitor {
    decoy: Decoy,
    source: SocketAddr,
    said: Vec<u8>,
}

impl Visitor {
    async fn converse(mut self, mut stream: TcpStream, tell: &mpsc::Sender<Touched>) {
        let begun = Instant::now();
        let (told, end) = (begun + TOLD, begun + LONGEST);
        // Nobody is owed a word: who does not listen has been heard all the same.
        let _ = timeout_at(end, stream.write_all(talk::greeting(self.decoy.service))).await;
        let _ = timeout_at(told, self.listen(&mut stream)).await;
        self.report(tell);
        let before = self.said.len();
        let _ = timeout_at(end, self.listen(&mut stream)).await;
        // People type more slowly than programs.
        if self.said.len() > before {
            self.report(tell);
        }
        self.note();
    }

    async fn listen(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        let mut chunk = [0; 512];
        while self.said.len() < KEPT {
            let count = stream.read(&mut chunk).await?;
            if count == 0 {
                break;
            }
            let before = self.said.len();
            let room = KEPT - before;
            self.said.extend_from_slice(&chunk[..count.min(room)]);
            let answer = talk::answer(self.decoy.service, &self.said, before);
            stream.write_all(&answer).await?;
        }
        Ok(())
    }

    fn report(&self, tell: &mpsc::Sender<Touched>) {
        let touch = self.read();
        let said = touch.requests.first().or(touch.agent.as_ref());
        let touched = Touched {
            source: self.source.ip().into(),
            service: self.decoy.service,
            port: self.decoy.address.port(),
            credentials: u8::try_from(touch.credentials.len()).unwrap_or(u8::MAX),
            said: said.and_then(|said| Words::fitted(said)),
        };
        // Beyond what waits already nothing new would be learnt.
        let _ = tell.try_send(touched);
    }

    /// All that was said, for whoever looks into it; passwords show themselves masked.
    fn note(&self) {
        let (touch, service) = (self.read(), self.decoy.service.word());
        let tried: Vec<String> = touch
            .credentials
            .iter()
            .map(|tried| format!("{} / {}", tried.user, tried.password))
            .collect();
        let (requests, agent) = (&touch.requests, &touch.agent);
        warn!(service, source = %self.source, ?requests, ?agent, ?tried, "a decoy was touched");
    }

    fn read(&self) -> Touch {
        Touch::read(kind(self.decoy.service), &self.said)
    }
}

fn kind(service: Service) -> hearing::touch::Service {
    match service {
        Service::Telnet => hearing::touch::Service::Telnet,
        Service::Ssh => hearing::touch::Service::Ssh,
        Service::Http => hearing::touch::Service::Http,
        Service::Mqtt => hearing::touch::Service::Mqtt,
        Service::Modbus => hearing::touch::Service::Modbus,
    }
}

#[cfg(test)]
mod tests;
