//! What the engine does over a damaged file is a fault of the file: its panics are caught, and no trace of them is printed.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::fault::Fault;

thread_local! {
    /// How many calls of [`caught`] this thread is inside.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs what may panic over a damaged file, and makes a fault of the panic.
pub(super) fn caught<T, E: From<Fault>>(run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    hush();
    DEPTH.set(DEPTH.get() + 1);
    let ran = panic::catch_unwind(AssertUnwindSafe(run));
    DEPTH.set(DEPTH.get() - 1);
    ran.unwrap_or_else(|payload| Err(E::from(Fault::Panicked(words(payload.as_ref())))))
}

/// The words of a panic reach people in the fault; whatever else panics is printed as before.
fn hush() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if DEPTH.get() == 0 {
                before(panicked);
            }
        }));
    });
}

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("the storage engine panicked").to_owned()
}
