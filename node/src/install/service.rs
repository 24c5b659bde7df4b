//! The service that runs from the current slot: started, started again when it ends, and stopped with all its children.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

#[derive(Debug, Clone)]
pub struct Config {
    /// The program, through the link to the current slot, so that each start runs what is current then.
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// The first pause before it is started again; each further one is twice as long.
    pub pause: Duration,
    pub longest_pause: Duration,
    /// From the polite signal to the other one.
    pub grace: Duration,
}

/// Owns the service; when it is dropped, the service is killed.
#[derive(Debug)]
pub struct Service {
    orders: mpsc::Sender<Order>,
    keeper: JoinHandle<()>,
}

#[derive(Debug)]
enum Order {
    /// Stops what runs, and starts what is current; whoever waits is told whether it started.
    Start(Option<oneshot::Sender<Started>>),
    Stop,
}

/// Whether the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    Yes,
    No,
}

/// What ended a wait.
enum Woken {
    Ordered(Option<Order>),
    Due,
}

impl Config {
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            arguments: Vec::new(),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
            grace: Duration::from_secs(5),
        }
    }
}

impl Service {
    pub fn new(config: Config) -> Self {
        let (orders, taken) = mpsc::channel(8);
        let keeper = Keeper {
            pause: config.pause,
            config,
            orders: taken,
        };
        let keeper = tokio::spawn(keeper.keep());
        Self { orders, keeper }
    }

    /// Runs what is current, also where something runs already.
    pub async fn start(&self) {
        self.order(Order::Start(None)).await;
    }

    /// The same, and waits until it is known how that went.
    pub async fn restart(&self) -> Started {
        let (teller, told) = oneshot::channel();
        self.order(Order::Start(Some(teller))).await;
        told.await.unwrap_or(Started::No)
    }

    pub async fn stop(&self) {
        self.order(Order::Stop).await;
    }

    async fn order(&self, order: Order) {
        if self.orders.send(order).await.is_err() {
            warn!("the keeper of the service is gone");
        }
    }

    /// Stops the service and waits until it is gone.
    pub async fn end(self) {
        let Self { orders, keeper } = self;
        drop(orders);
        if let Err(error) = keeper.await {
            warn!(%error, "the keeper of the service did not end well");
        }
    }
}

struct Keeper {
    config: Config,
    orders: mpsc::Receiver<Order>,
    pause: Duration,
}

impl Keeper {
    async fn keep(mut self) {
        let mut order = self.orders.recv().await;
        while let Some(now) = order {
            order = match now {
                Order::Start(waiting) => {
                    self.pause = self.config.pause;
                    self.run(waiting).await
                }
                Order::Stop => self.orders.recv().await,
            };
        }
    }

    /// Runs the service, again and again, until there is another order.
    async fn run(&mut self, mut waiting: Option<oneshot::Sender<Started>>) -> Option<Order> {
        loop {
            let started = Instant::now();
            let child = self.started();
            if let Some(waiting) = waiting.take() {
                let how = if child.is_ok() {
                    Started::Yes
                } else {
                    Started::No
                };
                // Whoever asked may have gone meanwhile.
                waiting.send(how).ok();
            }
            match child {
                Err(error) => warn!(%error, "cannot start the service"),
                Ok(child) => {
                    if let Woken::Ordered(order) = self.watch(child).await {
                        return order;
                    }
                }
            }
            if started.elapsed() > self.config.longest_pause {
                self.pause = self.config.pause;
            }
            if let Woken::Ordered(order) = self.wait().await {
                return order;
            }
            self.pause = (self.pause * 2).min(self.config.longest_pause);
        }
    }

    fn started(&self) -> io::Result<Child> {
        Command::new(&self.config.program)
            .args(&self.config.arguments)
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }

    async fn watch(&mut self, mut child: Child) -> Woken {
        tokio::select! {
            ended = child.wait() => {
                match ended {
                    Ok(status) => info!(%status, "the service ended"),
                    Err(error) => warn!(%error, "the service cannot be watched"),
                }
                Woken::Due
            }
            order = self.orders.recv() => {
                self.stop(child).await;
                Woken::Ordered(order)
            }
        }
    }

    async fn wait(&mut self) -> Woken {
        tokio::select! {
            () = sleep(self.pause) => Woken::Due,
            order = self.orders.recv() => Woken::Ordered(order),
        }
    }

    /// First it is asked to end, then it is killed with its children.
    async fn stop(&self, mut child: Child) {
        let Some(group) = child.id().and_then(|id| i32::try_from(id).ok()) else {
            return;
        };
        let group = Pid::from_raw(group);
        // Whoever has ended by itself cannot be signalled, and need not be.
        killpg(group, Signal::SIGTERM).ok();
        if timeout(self.config.grace, child.wait()).await.is_err() {
            killpg(group, Signal::SIGKILL).ok();
            if let Err(error) = child.wait().await {
                warn!(%error, "the service cannot be watched");
            }
        }
        killpg(group, Signal::SIGKILL).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use tempfile::TempDir;
    use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
    use tokio::net::unix::pipe;

    use super::*;

    /// A service that writes a line into a pipe each time it starts.
    struct Rig {
        dir: TempDir,
        lines: Lines<BufReader<pipe::Receiver>>,
    }

    impl Rig {
        fn new() -> Self {
            let dir = tempfile::tempdir().expect("a directory");
            let pipe = dir.path().join("pipe");
            nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
            let mut options = pipe::OpenOptions::new();
            let receiver = options.read_write(true).open_receiver(&pipe);
            let lines = BufReader::new(receiver.expect("a pipe")).lines();
            Self { dir, lines }
        }

        fn script(&self, name: &str, then: &str) {
            let pipe = self.dir.path().join("pipe");
            let text = format!("#!/bin/sh\necho {name} > {}\n{then}\n", pipe.display());
            let path = self.program();
            let fresh = path.with_extension("new");
            fs::write(&fresh, text).expect("the directory is ours");
            fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).expect("it is ours");
            fs::rename(&fresh, &path).expect("the directory is ours");
        }

        fn program(&self) -> PathBuf {
            self.dir.path().join("service")
        }

        fn service(&self) -> Service {
            Service::new(Config {
                pause: Duration::from_millis(1),
                longest_pause: Duration::from_millis(20),
                grace: Duration::from_secs(20),
                ..Config::new(self.program())
            })
        }

        async fn said(&mut self) -> String {
            let line = self.lines.next_line().await.expect("the pipe stays open");
            line.expect("the pipe stays open")
        }
    }

    fn exists(process: &str) -> bool {
        Path::new("/proc").join(process).exists()
    }

    #[tokio::test]
    async fn what_ends_is_started_again_and_runs_what_is_current() {
        let mut rig = Rig::new();
        rig.script("one", "exit 1");
        let service = rig.service();
        service.start().await;
        for _ in 0..3 {
            assert_eq!(rig.said().await, "one");
        }
        rig.script("two", "exec sleep 600");
        while rig.said().await != "two" {}
        service.end().await;
    }

    #[tokio::test]
    async fn what_is_stopped_is_gone_with_its_children() {
        let mut rig = Rig::new();
        rig.script("$$", "sleep 600 & wait");
        let service = rig.service();
        service.start().await;
        let first = rig.said().await;
        service.start().await;
        let second = rig.said().await;
        assert_ne!(first, second, "it was started anew");
        assert!(!exists(&first));
        service.stop().await;
        assert_eq!(service.restart().await, Started::Yes);
        let third = rig.said().await;
        assert!(!exists(&second));
        fs::remove_file(rig.program()).expect("it is ours");
        assert_eq!(service.restart().await, Started::No, "nothing is there");
        assert!(!exists(&third));
        service.end().await;
    }

    #[tokio::test]
    async fn what_does_not_listen_is_killed() {
        let mut rig = Rig::new();
        rig.script("$$", "trap '' TERM\nwhile :; do sleep 600; done");
        let service = Service::new(Config {
            grace: Duration::from_millis(20),
            ..Config::new(rig.program())
        });
        service.start().await;
        let process = rig.said().await;
        service.end().await;
        assert!(!exists(&process));
    }
}
