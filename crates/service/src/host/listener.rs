//! Taking connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::Shared;
use super::admission::{Tale, Turned};
use super::metrics::add;
use super::shared::locked;
use crate::log::Level;

/// Takes connections until the service ends.
pub(super) async fn accept(listener: TcpListener, local: SocketAddr, shared: Arc<Shared>) {
    let groups = AtomicU32::new(1);
    let mut stop = shared.stop.subscribe();
    let mut failing = false;
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let (stream, peer) = match taken {
            Ok(taken) => {
                failing = false;
                taken
            }
            Err(error) => {
                // Out of descriptors, most likely; the others give theirs back. Told when it begins.
                if !std::mem::replace(&mut failing, true) {
                    shared.log.tell(Level::Warning, "accept-failed", &[("problem", &error)]);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let address = peer.ip();
        let entered = locked(&shared.admission).enter(address, Instant::now());
        match entered {
            Ok(()) => {}
            Err(turned) => {
                turn_away(turned, address, &shared);
                continue;
            }
        }
        add(&shared.metrics.connections);
        // Small answers leave at once. If that can't be set they leave a little later.
        let _ = stream.set_nodelay(true);
        // 0 stands for no group.
        let group = groups.fetch_add(1, Ordering::Relaxed).max(1);
        let shared = shared.clone();
        tokio::spawn(async move {
            super::connection::serve(stream, address, local.port(), group, shared.clone()).await;
            locked(&shared.admission).leave(address);
        });
    }
}

fn turn_away(turned: Turned, address: std::net::IpAddr, shared: &Shared) {
    match turned {
        Turned::NotAllowed => {
            add(&shared.metrics.not_allowed);
            shared.tell_once(
                address,
                Tale::NotAllowed,
                Level::Warning,
                "not-allowed",
                &[("remedy", &"if this is a client of yours, add its network with --allow")],
            );
        }
        Turned::TooManyOfOne | Turned::TooMany => {
            add(&shared.metrics.too_many);
            shared.tell_once(address, Tale::TooMuch, Level::Warning, "too-many-connections", &[]);
        }
    }
}
