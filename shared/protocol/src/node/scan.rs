//! Scans that the coordinator orders: judged here, made by the shell.

use super::{Node, Output};
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::Flags;
use crate::scan::{ScanOrder, ScanPart, ScanStep, ScanWord};
use crate::statement::Statement;
use crate::time::Now;

/// What the shell is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanAsked {
    /// A checked order to this device.
    Order(Box<ScanOrder>),
    /// The coordinator wants what was found, from a byte on.
    Wanted { job: u64, from: u64 },
}

/// What the shell has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanTold {
    Step(ScanStep),
    Part(ScanPart),
}

impl Node {
    pub(super) fn scan_said(
        &mut self,
        from: PeerKey,
        word: ScanWord,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator orders a scan", out);
        }
        match word {
            ScanWord::Order { order } => {
                let (me, roster) = (self.identity.device, self.ledger.roster());
                let verifier = self.identity.verifier.as_ref();
                match ScanOrder::open(&order, &me, roster, verifier, now.wall) {
                    Ok(order) => {
                        let order = Box::new((*order).clone());
                        out.push(Output::Scan(ScanAsked::Order(order)));
                    }
                    Err(_) => self.misbehaved(from, "an order to scan that does not hold", out),
                }
            }
            ScanWord::Wanted { job, from } => {
                out.push(Output::Scan(ScanAsked::Wanted { job, from }));
            }
            ScanWord::Part { .. } => self.misbehaved(from, "the coordinator scans nothing", out),
        }
    }

    pub(super) fn scan_told(&mut self, told: ScanTold, now: Now, out: &mut Vec<Output>) {
        match told {
            ScanTold::Step(step) if self.report.may_sign() => {
                self.record(Statement::Scan(step), Flags::NONE, now, out);
            }
            // The coordinator asks again, and is told again.
            ScanTold::Step(_) => {}
            ScanTold::Part(part) => {
                let coordinator = self.links.up().find(|peer| self.is_coordinator(*peer));
                out.extend(coordinator.map(|to| Output::Send {
                    to,
                    message: Message::Scan {
                        word: ScanWord::Part { part },
                    },
                }));
            }
        }
    }
}
