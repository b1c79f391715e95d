//! Up to where old rows may go.

use std::ops::ControlFlow;

use activation::Moment;

/// Rows that one step of pruning takes away at most, so that answers never wait for long.
pub const PRUNE_STEP: u32 = 1000;

/// Sees the rows from the oldest on. Only rows at the front go, so that no gap arises; rows that a clock wrote which
/// ran ahead are no older than those behind them.
#[derive(Debug)]
pub struct Prunable {
    older_than: Moment,
    newest: Moment,
    end: Option<i64>,
    /// The last number that may go.
    pub through: Option<i64>,
}

impl Prunable {
    /// Before the first row. `newest` is when the last granted request came.
    pub fn new(older_than: Moment, newest: Moment) -> Prunable {
        Prunable { older_than, newest, end: None, through: None }
    }

    /// Sees a row; no other need be shown after a break.
    pub fn see(&mut self, sequence: i64, at: Moment) -> ControlFlow<()> {
        let end = *self.end.get_or_insert(sequence + i64::from(PRUNE_STEP) - 1);
        if at < self.older_than {
            self.through = Some(sequence.min(end));
        } else if at <= self.newest {
            return ControlFlow::Break(());
        }
        if self.through == Some(end) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
