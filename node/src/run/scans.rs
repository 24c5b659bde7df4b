//! Orders to scan, handed to whoever scans here.

use protocol::node::{Input, ScanAsked};
use tracing::info;

use super::Shell;

impl Shell {
    pub(super) fn scan(&mut self, asked: ScanAsked) -> Option<Input> {
        if let ScanAsked::Order(order) = &asked {
            info!(job = order.job, wish = ?order.wish, targets = ?order.targets, "a scan is ordered");
        }
        self.scans.asked(asked).map(Input::Scan)
    }
}
