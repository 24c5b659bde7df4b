//! The language that is spoken at the moment, kept beside the thread so that no page has to hand it on.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Language;

thread_local! {
    static PRESENT: Cell<Language> = const { Cell::new(Language::English) };
}

/// The language that [`crate::say!`] speaks here; English outside of [`speaking`] and [`Speaking`].
pub fn present() -> Language {
    PRESENT.get()
}

/// Does `what` in `language`, and then goes back to the language before.
pub fn speaking<T>(language: Language, what: impl FnOnce() -> T) -> T {
    let _back = Back(PRESENT.replace(language));
    what()
}

/// Puts the language back, after a panic as well.
struct Back(Language);

impl Drop for Back {
    fn drop(&mut self) {
        PRESENT.set(self.0);
    }
}

/// A future that speaks a language whenever it runs, on whichever thread. What it spawns elsewhere speaks English.
pub struct Speaking<F> {
    language: Language,
    inner: Pin<Box<F>>,
}

impl<F> std::fmt::Debug for Speaking<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speaking")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl<F: Future> Speaking<F> {
    pub fn new(language: Language, future: F) -> Self {
        Self {
            language,
            inner: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Speaking<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let language = self.language;
        speaking(language, || self.inner.as_mut().poll(context))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use Language::{English, French};

    #[test]
    fn the_language_before_comes_back_after_a_panic_too() {
        assert_eq!(present(), English);
        let nested = speaking(French, || (speaking(English, present), present()));
        assert_eq!(nested, (English, French));
        let fallen = std::panic::catch_unwind(|| speaking(French, || panic!("half way through")));
        assert!(fallen.is_err());
        assert_eq!(present(), English);
    }

    #[test]
    fn a_future_speaks_only_while_it_runs() {
        let mut polls = 0;
        let mut heard = Vec::new();
        let twice = std::future::poll_fn(|_| {
            polls += 1;
            heard.push(present());
            if polls == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let mut future = Box::pin(Speaking::new(French, twice));
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
        assert_eq!(present(), English);
        assert!(future.as_mut().poll(&mut context).is_ready());
        assert_eq!(present(), English);
        drop(future);
        assert_eq!(heard, [French, French]);
    }
}
