//! A progress bar on standard error, when somebody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;

/// A bar over bytes, or over cases.
pub(crate) fn bar(console: &Console, length: u64, template: &str) -> ProgressBar {
    if !console.progress {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// The bar of bytes that are read.
pub(crate) const BYTES: &str = "{wide_bar} {bytes}/{total_bytes} {eta}";
/// The bar of cases.
pub(crate) const CASES: &str = "{wide_bar} {pos}/{len} {eta}";
