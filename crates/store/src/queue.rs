//! The queue before the writer: bounded, in order, and taken in groups.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Why nothing was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// More requests than the disk takes.
    #[error("too many requests wait to be written down")]
    Busy,
    /// The writer is gone.
    #[error("the store was closed")]
    Stopped,
}

/// How long a group that could be larger is waited for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gather {
    /// As many are on their way, it seems.
    pub expected: usize,
    /// All that is worth waiting.
    pub at_most: Duration,
    /// When nothing came for so long, nothing will.
    pub silence: Duration,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    /// The taker sleeps until there are so many; 0 when it is awake.
    wanted: usize,
    is_closed: bool,
}

/// Many put in, one takes out.
#[derive(Debug)]
pub struct Queue<T> {
    state: Mutex<State<T>>,
    enough: Condvar,
    limit: usize,
}

impl<T> Queue<T> {
    pub fn new(limit: usize) -> Queue<T> {
        let state = State { items: VecDeque::new(), wanted: 0, is_closed: false };
        Queue { state: Mutex::new(state), enough: Condvar::new(), limit }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing is called while it is held that could leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in at the end.
    pub fn push(&self, item: T) -> Result<(), SubmitError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(SubmitError::Stopped);
        }
        if state.items.len() >= self.limit {
            return Err(SubmitError::Busy);
        }
        state.items.push_back(item);
        if state.wanted > 0 && state.items.len() >= state.wanted {
            self.enough.notify_one();
        }
        Ok(())
    }

    /// Nothing more goes in; what is in can be taken.
    pub fn close(&self) {
        self.state().is_closed = true;
        self.enough.notify_one();
    }

    /// Nobody takes out any more: what is in is dropped.
    pub fn abandon(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let items = std::mem::take(&mut state.items);
        drop(state);
        // What an item does when it is dropped may ask for the queue.
        drop(items);
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.state().items.len()
    }

    /// Waits for the first, gathers, and takes up to so many. Takes none only when the queue is closed and empty.
    pub fn take(&self, items: &mut Vec<T>, most: usize, gather: Gather) {
        let mut state = self.state();
        while state.items.is_empty() && !state.is_closed {
            state.wanted = 1;
            state = self.enough.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (begin, expected) = (Instant::now(), gather.expected.min(most));
        while state.items.len() < expected && !state.is_closed && begin.elapsed() < gather.at_most {
            let before = state.items.len();
            state.wanted = expected;
            let (woken, _) =
                self.enough.wait_timeout(state, gather.silence).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if state.items.len() == before {
                break;
            }
        }
        state.wanted = 0;
        let count = state.items.len().min(most);
        items.extend(state.items.drain(..count));
    }
}
