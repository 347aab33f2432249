//! hookd without a daemon: the same services inside the caller's process, over a connection in
//! memory. Runs are in memory, too, because nothing could query them after the process has
//! ended, and because a store on disk belongs to one daemon.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;

use crate::settings::OnStoreFailure;
use hook_core::catalog::RunRetention;
use hook_core::load::LoadError;
use hookd_proto::v1;
use hyper_util::rt::TokioIo;
use tokio::task::{JoinHandle, spawn_blocking};
use tonic::transport::{Channel, Endpoint, Uri};

use crate::config::Config;
use crate::connections::{ClientTimes, Connections, Serving};
use crate::daemon::Daemon;
use crate::embedded_folder::{self, EmbeddedFolder};
use crate::limits::Limits;
use crate::runs::{OpenStore, StoreHealth};
use crate::server;
use crate::service::to_proto;
use crate::store::{Store, StoreError};

/// The capacity of the connection in memory, in bytes.
const PIPE_BYTES: usize = 256 << 10;

/// hookd inside the caller's process.
#[derive(Debug)]
pub struct Embedded {
    /// The connection to it.
    pub channel: Channel,
    daemon: Arc<Daemon>,
    server: JoinHandle<()>,
    _folder: EmbeddedFolder,
}

/// Error of an hookd that could not be embedded.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The config cannot be read or is faulty.
    #[error("{source}")]
    Config {
        /// All diagnostics of it.
        diagnostics: Vec<v1::Diagnostic>,
        /// The first fault.
        source: LoadError,
    },
    /// No private folder for scripts can be made.
    #[error("no folder for scripts can be made: {0}")]
    Scripts(#[source] std::io::Error),
    /// The store in memory cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The services cannot be built.
    #[error("the services cannot be built: {0}")]
    Services(#[from] tonic_reflection::server::Error),
    /// The connection in memory cannot be made.
    #[error("no connection in memory: {0}")]
    Connection(#[from] tonic::transport::Error),
}

/// Starts hookd with a config, inside this process.
/// Fails if the config is faulty, or a folder, a store or a connection cannot be made.
pub async fn connect(config: &Path) -> Result<Embedded, EmbeddedError> {
    let file = config.to_owned();
    // May take seconds, in which the caller has to hear of signals.
    let loaded = spawn_blocking(move || Config::load(&file)).await;
    let loaded = loaded.unwrap_or_else(|panic| resume_unwind(panic.into_panic()));
    let (config, _) = loaded.map_err(|source| EmbeddedError::Config {
        diagnostics: to_proto::load_error(&source),
        source,
    })?;
    embedded_folder::remove_left_over();
    let (folder, paths) = EmbeddedFolder::create().map_err(EmbeddedError::Scripts)?;
    let open_store = OpenStore {
        store: Arc::new(Store::in_memory()?),
        health: Arc::new(StoreHealth::default()),
        on_store_failure: OnStoreFailure::default(),
        retention: RunRetention::default(),
    };
    let listen = vec!["embedded".to_owned()];
    let daemon = Daemon::new(config, Limits::default(), paths, open_store, listen);
    let daemon = Arc::new(daemon);
    let (routes, _health) = server::routes(&daemon).await?;
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let serving = Serving::new(
        routes,
        false,
        ClientTimes::default(),
        daemon.closing.clone(),
    );
    let server = tokio::spawn(serving.serve(ours, Connections::new().add(0), false));
    let mut theirs = Some(theirs);
    let connector = tower::service_fn(move |_: Uri| {
        let stream = theirs
            .take()
            .ok_or_else(|| std::io::Error::other("hookd has ended"));
        async move { stream.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://embedded");
    let channel = endpoint.connect_with_connector(connector).await?;
    Ok(Embedded {
        channel,
        daemon,
        server,
        _folder: folder,
    })
}

impl Embedded {
    /// Drains the runs under way within the drain limit, then ends them.
    pub async fn shutdown(self) {
        self.daemon.watching.cancel();
        self.daemon
            .runner
            .drain(self.daemon.limits.drain_timeout)
            .await;
        self.daemon.closing.cancel();
        // Runs in memory end with the process.
        let _ = self.daemon.open_store.store.close().await;
        self.server.abort();
    }
}
