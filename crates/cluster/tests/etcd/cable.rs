//! A cable between a host and a member, which can be cut: bytes stay in it, and nobody is told.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Cables to several members, cut together.
pub struct Cables {
    /// Where their host ends are.
    pub addresses: Vec<String>,
    whole: watch::Sender<bool>,
}

impl Cables {
    /// One to each address.
    pub async fn to(members: &[String]) -> Cables {
        let whole = watch::Sender::new(true);
        let mut addresses = Vec::new();
        for member in members {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap().to_string());
            tokio::spawn(accept(listener, member.clone(), whole.subscribe()));
        }
        Cables { addresses, whole }
    }

    /// From now on nothing passes.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// New connections pass; the old ones are closed.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn accept(listener: TcpListener, member: String, whole: watch::Receiver<bool>) {
    while let Ok((near, _)) = listener.accept().await {
        tokio::spawn(pass(near, member.clone(), whole.clone()));
    }
}

async fn pass(mut near: TcpStream, member: String, mut whole: watch::Receiver<bool>) {
    if *whole.borrow_and_update() {
        let Ok(mut far) = TcpStream::connect(member).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut near, &mut far) => return,
            _ = whole.changed() => {}
        }
    }
    // Held open, and not read, until the cable is mended.
    let _ = whole.wait_for(|whole| *whole).await;
}
