//! What may be asked by whom: everything by who may read the service's own key, less by others.

use std::sync::Arc;

use activation::slmgr::{self, Verb};

use super::message::{Asked, Told};
use super::serve::Handler;

/// For other machines: slmgr's options and status, not what needs this machine's own account.
pub fn for_others(handler: Handler) -> Handler {
    Arc::new(move |asked| match asked {
        Asked::Slmgr(_) | Asked::Status => handler(asked),
        _ => told(Told::Failed("only slmgr's options and status from another machine".to_owned())),
    })
}

/// For everybody on this machine: what changes nothing.
pub fn for_display(handler: Handler) -> Handler {
    Arc::new(move |asked| match &asked {
        Asked::Status => handler(asked),
        Asked::Slmgr(words) => match Verb::parse(words) {
            Ok(verb) if verb.is_display() => handler(asked),
            Ok(_) => {
                let output = slmgr::access_denied();
                told(Told::Text { text: output.text, exit_code: output.exit_code })
            }
            Err(error) => told(Told::Failed(error.to_string())),
        },
        _ => told(Told::Failed("only root and the service's own account may do this".to_owned())),
    })
}

fn told(told: Told) -> std::pin::Pin<Box<dyn Future<Output = Told> + Send>> {
    Box::pin(std::future::ready(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_may_only_look_changes_nothing() {
        let all: Handler = Arc::new(|_| told(Told::Done));
        let verb = |text: &str| Asked::Slmgr(text.split(' ').map(str::to_owned).collect());
        let (look, others) = (for_display(all.clone()), for_others(all));
        for asked in [Asked::Status, verb("/dli"), verb("/dlv all"), verb("-XPR")] {
            assert_eq!(look(asked).await, Told::Done);
        }
        for text in [
            "/ipk A",
            "/upk",
            "/ato",
            "/skms a",
            "/ckms",
            "/skhc",
            "/act-type 1",
            "/rearm",
            "/sai 60",
            "/cdns",
        ] {
            let told = look(verb(text)).await;
            assert!(matches!(told, Told::Text { exit_code: 0x8007_0005, .. }), "{text}: {told:?}");
            assert_eq!(others(verb(text)).await, Told::Done);
        }
        for asked in
            [Asked::Reload, Asked::Backup("x".to_owned()), Asked::Revocations(String::new()), Asked::Stop]
        {
            assert!(matches!(look(asked.clone()).await, Told::Failed(_)), "{asked:?}");
            assert!(matches!(others(asked.clone()).await, Told::Failed(_)), "{asked:?}");
        }
        assert!(matches!(look(verb("/nonsense")).await, Told::Failed(_)));
    }
}
