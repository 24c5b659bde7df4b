//! An update that somebody has carried to the device: read like any other, and ordered by whoever stands there.

use super::{Notice, Output, Updater};
use crate::dice::Dice;
use crate::id::Digest;
use crate::install::{Nonce, Order};
use crate::library::{Brought, Unusable};
use crate::text::Path;
use crate::time::Now;

impl Updater {
    pub(super) fn brought(
        &mut self,
        brought: &Brought,
        path: Path,
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let order = self.read(brought, path, dice, now, out);
        out.push(Output::Notice(Notice::Brought(order.clone())));
        if let Ok(order) = order {
            self.ordered(order, dice, now, out);
        }
    }

    fn read(
        &mut self,
        brought: &Brought,
        path: Path,
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Order, Unusable> {
        let library = self.library.as_mut().ok_or(Unusable::Foreign)?;
        let outputs = library.brought(brought, now)?;
        let found = library.find(path.as_str());
        let target = found.and_then(|found| found.hashes.sha256);
        self.told_by_library(outputs, out);
        let target = target.ok_or_else(|| Unusable::NotListed(path.to_string()))?;
        Ok(Order {
            target: Digest::from_bytes(target),
            nonce: Nonce(dice.bytes()),
            path,
        })
    }
}
