//! What machines say to people, with who said it: observers live on it.

use protocol::coordinator;
use protocol::node::Notice;

/// One thing that was said.
#[derive(Debug, Clone)]
pub enum Said {
    Node { seat: usize, notice: Notice },
    Coordinator(coordinator::Event),
}
