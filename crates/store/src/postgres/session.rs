//! One connection to PostgreSQL, with the settings that a journal needs, for callers that block.

use std::cell::OnceCell;
use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::error::Severity;
use tokio_postgres::{Client, Statement};

use super::address::Database;
use crate::error::StoreError;

/// How long the end of a connection may take that is closed in order.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long a server may take from the first byte until it takes commands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Whatever the server, database or role sets: no limit of time that ends a session while nobody asks; a machine that
/// was switched off loses its lock within half a minute; a commit is durable before it returns. Of servers that wait
/// for their replicas' reading (`remote_apply`), the stricter setting stays. No name is looked up in others' schemas.
const SETTINGS: &str = "
    SELECT set_config(name, value, false) FROM (VALUES
        ('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_session_timeout', '0'),
        ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
        ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
        ('tcp_user_timeout', '25000'), ('search_path', ''), ('default_transaction_isolation', 'read committed'),
        ('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply'
                               ELSE 'on' END)
    ) AS wanted (name, value)
    WHERE EXISTS (SELECT FROM pg_settings AS known WHERE known.name = wanted.name)";

/// A connection, driven only while somebody waits for it.
#[derive(Debug)]
pub struct Session {
    runtime: Option<Runtime>,
    client: Option<Client>,
    connection: Option<JoinHandle<()>>,
    patience: Option<Duration>,
    /// The statement that writes rows, prepared once.
    append: OnceCell<Statement>,
}

impl Session {
    /// Connects. With a patience, no answer is waited for longer.
    pub fn connect(database: &Database, patience: Option<Duration>) -> Result<Session, StoreError> {
        let lost =
            |source: std::io::Error| StoreError::Lost { place: database.to_string(), source: source.into() };
        let connector = database.security.connector()?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(lost)?;
        let mut config = database.config.clone();
        if config.get_application_name().is_none() {
            config.application_name(format!("kmscope host {}", database.machine).trim());
        }
        let connected = runtime.block_on(async { timeout(HANDSHAKE, config.connect(connector)).await });
        let (client, connection) = connected.map_err(|_| StoreError::Slow(HANDSHAKE.as_secs()))??;
        let connection = runtime.spawn(async move {
            // It ends with an error when the server goes, which whoever waits for an answer is told, too.
            let _ = connection.await;
        });
        let (client, connection) = (Some(client), Some(connection));
        let append = OnceCell::new();
        let session = Session { runtime: Some(runtime), client, connection, patience, append };
        let encoding = session.text("SHOW server_encoding")?;
        if encoding != "UTF8" {
            return Err(StoreError::Encoding(encoding));
        }
        session.run(|client| client.query(SETTINGS, &[]))?;
        Ok(session)
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("it is only taken when the session is dropped")
    }

    /// Waits for something that the client does.
    pub fn run<'a, T, F>(&'a self, work: impl FnOnce(&'a Client) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        let runtime = self.runtime.as_ref().expect("it is only taken when the session is dropped");
        let work = work(self.client());
        match self.patience {
            None => Ok(runtime.block_on(work)?),
            Some(patience) => {
                let done = runtime.block_on(async { timeout(patience, work).await });
                Ok(done.map_err(|_| StoreError::Slow(patience.as_secs()))??)
            }
        }
    }

    /// The statement that writes rows.
    pub fn append(&self, sql: impl FnOnce() -> String) -> Result<&Statement, StoreError> {
        if self.append.get().is_none() {
            let sql = sql();
            let statement = self.run(|client| client.prepare(&sql))?;
            return Ok(self.append.get_or_init(|| statement));
        }
        Ok(self.append.get().expect("it was looked at"))
    }

    /// Statements without parameters or results.
    pub fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.run(|client| client.batch_execute(sql))
    }

    /// The one text that a statement gives.
    pub fn text(&self, sql: &str) -> Result<String, StoreError> {
        self.run(|client| client.query_one(sql, &[]))?.try_get(0).map_err(StoreError::from)
    }

    /// A transaction: all or nothing.
    pub fn transact<T>(
        &self,
        begin: &str,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.execute(begin)?;
        match work() {
            Ok(done) => {
                self.execute("COMMIT")?;
                Ok(done)
            }
            Err(error) => {
                // Where the connection is gone, so is the transaction.
                let _ = self.execute("ROLLBACK");
                Err(error)
            }
        }
    }

    /// True when an error means that this connection is of no use any more, and that nobody told what became of the
    /// last statement.
    pub fn is_lost(&self, error: &StoreError) -> bool {
        match error {
            StoreError::Slow(_) => true,
            StoreError::Postgres(error) => match error.as_db_error() {
                // An end that the administrator or the server ordered, class 57P, comes with such a severity.
                // The word itself may be in another language.
                Some(told) => {
                    matches!(told.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
                        || self.client().is_closed()
                }
                None => error.is_closed() || self.client().is_closed(),
            },
            _ => false,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let (Some(runtime), Some(connection)) = (self.runtime.take(), self.connection.take()) else { return };
        let client = self.client.take();
        // By a thread of its own: whoever drops a store may be a task of another runtime, where nothing may block.
        let closing = std::thread::Builder::new().name("goodbye".to_owned()).spawn(move || {
            drop(client);
            // The connection says goodbye and ends, so that its lock is soon free.
            let _ = runtime.block_on(async { timeout(GOODBYE, connection).await });
            runtime.shutdown_background();
        });
        if let Ok(closing) = closing {
            let _ = closing.join();
        }
    }
}
