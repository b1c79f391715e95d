//! Metrics in Prometheus' text format, and health, over HTTP.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Shared;

/// Numbers that only go up.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Connections taken.
    pub connections: AtomicU64,
    /// Connections turned away: wrong network.
    pub not_allowed: AtomicU64,
    /// Connections turned away: too many.
    pub too_many: AtomicU64,
    /// Requests that were answered with a lease.
    pub granted: AtomicU64,
    /// Requests that were refused.
    pub refused: AtomicU64,
    /// Requests that were not answered because they came too fast.
    pub too_fast: AtomicU64,
    /// Requests that were not answered because the journal could not be written.
    pub not_durable: AtomicU64,
    /// Requests that were not answered because the shared count was not known.
    pub not_counted: AtomicU64,
    /// Binds for another interface.
    pub wrong_interface: AtomicU64,
    /// Connections that broke the protocol, or took too long.
    pub broken: AtomicU64,
    /// Publications that succeeded.
    pub published: AtomicU64,
    /// Publications that failed.
    pub publish_failed: AtomicU64,
    /// Chores that ended before the host did.
    pub chores_ended: AtomicU64,
}

/// Adds one.
pub fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Metrics {
    fn rows(&self) -> [(&'static str, &'static str, &AtomicU64); 13] {
        [
            ("connections_total", "Connections taken.", &self.connections),
            (
                "connections_not_allowed_total",
                "Connections from networks that may not ask.",
                &self.not_allowed,
            ),
            ("connections_too_many_total", "Connections turned away for their number.", &self.too_many),
            ("requests_granted_total", "Requests that were granted a lease.", &self.granted),
            ("requests_refused_total", "Requests refused with a code.", &self.refused),
            ("requests_too_fast_total", "Requests beyond the rate of their address.", &self.too_fast),
            (
                "requests_not_durable_total",
                "Requests without an answer, as the journal failed.",
                &self.not_durable,
            ),
            (
                "requests_not_counted_total",
                "Requests without an answer, as the shared count is lost.",
                &self.not_counted,
            ),
            (
                "binds_wrong_interface_total",
                "Binds for another interface, as of Windows clients.",
                &self.wrong_interface,
            ),
            (
                "connections_broken_total",
                "Connections that broke the protocol or took too long.",
                &self.broken,
            ),
            ("publications_total", "SRV records published.", &self.published),
            ("publications_failed_total", "SRV records that could not be published.", &self.publish_failed),
            ("chores_ended_total", "Chores that ended early and were started again.", &self.chores_ended),
        ]
    }
}

/// All metrics as text.
pub(super) fn render(shared: &Shared) -> String {
    let mut text = String::with_capacity(4096);
    // Writing to a string does not fail.
    for (name, help, counter) in shared.metrics.rows() {
        let _ = writeln!(text, "# HELP kmscope_host_{name} {help}\n# TYPE kmscope_host_{name} counter");
        let _ = writeln!(text, "kmscope_host_{name} {}", counter.load(Ordering::Relaxed));
    }
    gauge(
        &mut text,
        "connections",
        "Connections that are open.",
        &[(String::new(), shared.connections() as f64)],
    );
    let products = shared.products();
    let labels = |status: &activation::host::ProductStatus| {
        let product = &status.grant.product;
        format!(
            "{{product=\"{}\",application=\"{}\"}}",
            escaped(&product.name),
            escaped(&product.application_name)
        )
    };
    let of = |value: fn(&activation::host::ProductStatus) -> f64| -> Vec<(String, f64)> {
        products.iter().map(|status| (labels(status), value(status))).collect()
    };
    gauge(&mut text, "current_count", "Machines counted within 30 days.", &of(|s| f64::from(s.count)));
    gauge(
        &mut text,
        "n_policy",
        "Machines that the product needs.",
        &of(|s| f64::from(s.grant.product.n_policy)),
    );
    gauge(
        &mut text,
        "licence_minutes_left",
        "Minutes until the host's licence ends.",
        &of(|s| s.minutes_left as f64),
    );
    gauge(
        &mut text,
        "licence_in_force",
        "1 while the host may activate.",
        &of(|s| f64::from(u8::from(s.in_force))),
    );
    text
}

fn gauge(text: &mut String, name: &str, help: &str, values: &[(String, f64)]) {
    let _ = writeln!(text, "# HELP kmscope_host_{name} {help}\n# TYPE kmscope_host_{name} gauge");
    for (labels, value) in values {
        let _ = writeln!(text, "kmscope_host_{name}{labels} {value}");
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// How long a request for metrics may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections at once: scrapers are few, and must not take the places of clients.
const CONNECTIONS_MAX: usize = 32;
/// Bytes of such a request.
const REQUEST_BYTES_MAX: usize = 8 << 10;

/// Answers `GET /metrics` and `GET /healthz` until its task ends.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            // A scraper that hangs up has lost its own answer only.
            let _ = timeout(PATIENCE, answer(stream, &shared)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while request.len() < REQUEST_BYTES_MAX && !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            break;
        }
        request.extend_from_slice(&chunk[..count]);
    }
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let (status, kind, body) = match line.split(|byte| *byte == b' ').nth(1) {
        Some(b"/metrics") => ("200 OK", "text/plain; version=0.0.4; charset=utf-8", render(shared)),
        Some(b"/healthz") => match shared.health() {
            Ok(()) => ("200 OK", "text/plain; charset=utf-8", "ok\n".to_owned()),
            Err(why) => ("503 Service Unavailable", "text/plain; charset=utf-8", format!("{why}\n")),
        },
        _ => ("404 Not Found", "text/plain; charset=utf-8", "see /metrics and /healthz\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    stream.shutdown().await
}
