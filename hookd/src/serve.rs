//! The life of a daemon: load, listen, serve, drain, end.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hook_core::load::LoadError;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::access::WebAccess;
use crate::config::Config;
use crate::connections::{Acceptor, ClientTimes, Connections, Serving, possible_connections};
use crate::daemon::Daemon;
use crate::limits::{AT_ONCE, CLOSE_TIMEOUT};
use crate::listen::{self, ListenError, Listener};
use crate::paths::DaemonPaths;
use crate::private::PrivateError;
use crate::settings::Settings;
use crate::settings::cli::Serve;
use crate::shutdown::{self, ReloadSignals, StopSignals};
use crate::store::OpenError;
use crate::{backup, embedded_folder, memory, open_store, paths, server, systemd, web};

/// Error of a daemon that did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The config cannot be read or is faulty.
    #[error(transparent)]
    Config(#[from] LoadError),
    /// The store cannot be opened or read.
    #[error("{0}; `--store memory` goes on without what it holds")]
    OpenStore(#[from] OpenError),
    /// hookd cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// hookd's own folder cannot be used.
    #[error("cannot use the state folder {}: {source}{} give another folder with --state", path.display(), before_other_folder(source))]
    State {
        /// The folder.
        path: PathBuf,
        /// The cause, with the remedy if there is one.
        source: PrivateError,
    },
    /// The services or signal handlers cannot be set up.
    #[error("cannot start: {0}")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Returns the words between the cause and the remedy of another folder.
fn before_other_folder(cause: &PrivateError) -> &'static str {
    match cause {
        PrivateError::InUse => ": stop that one, or",
        PrivateError::System { .. } => ":",
        _ => ", or",
    }
}

/// Serves until it receives a request to stop.
/// Fails if the daemon does not start.
pub async fn serve(flags: Serve) -> Result<(), ServeError> {
    let setup = |error: io::Error| ServeError::Setup(error.into());
    let mut stop = StopSignals::install().map_err(setup)?;
    let reload = ReloadSignals::install().map_err(setup)?;
    shutdown::exit_at_second_request().map_err(setup)?;
    shutdown::survive_file_size_limit().map_err(setup)?;
    let file = flags.config.unwrap_or_else(paths::default_config);
    let (config, section) = Config::load(&file)?;
    for warning in config.current().warnings.iter() {
        match &warning.remedy {
            Some(remedy) => warn!("{warning}: {remedy}"),
            None => warn!("{warning}"),
        }
    }
    let settings = Settings::new(flags.settings, section);
    let state = &settings.state;
    let unusable = |source| ServeError::State {
        path: state.clone(),
        source,
    };
    let _lock = paths::lock_state(state).map_err(unusable)?;
    let paths = DaemonPaths::create(state).map_err(unusable)?;
    backup::remove_left_over(state);
    embedded_folder::remove_left_over();
    let open_store = open_store::open(&settings).await?;
    let store = Arc::clone(&open_store.store);
    let advice = settings.on_interrupted;
    let left = open_store::recover(&store, &paths, advice).await?;
    let clock = open_store::clock_check(&store).await;
    let clock = clock.map_err(OpenError::from)?;

    let listeners = open_listeners(&settings)?;
    let listen: Vec<String> = listeners.iter().map(Listener::address).collect();
    let daemon = Arc::new(Daemon::new(
        config,
        settings.limits,
        paths,
        open_store,
        listen,
    ));
    let (routes, health) = server::routes(&daemon)
        .await
        .map_err(|e| ServeError::Setup(e.into()))?;

    let access = WebAccess::new(settings.web_origins);
    let routes = web::routes(&access, routes, &daemon);
    let times = ClientTimes::default();
    let serving = Serving::new(routes, access.is_open(), times, daemon.closing.clone());
    let connections = Connections::new();
    let served = TaskTracker::new();
    let mut accepting = JoinSet::new();
    let possible = possible_connections(settings.limits.max_concurrent_runs);
    let most = possible.div_ceil(listeners.len());
    for (number, listener) in listeners.into_iter().enumerate() {
        let acceptor = Acceptor {
            connections: Arc::clone(&connections),
            listener: number,
            address: listener.address(),
            most,
            serving: serving.clone(),
            tasks: served.clone(),
        };
        let closing = daemon.closing.clone();
        accepting.spawn(async move {
            acceptor.run(&listener, closing).await;
            listener.close()
        });
    }
    let mut background = JoinSet::new();
    background.spawn(open_store::close_later(Arc::clone(&daemon), left, advice));
    background.spawn(open_store::prune(Arc::clone(&daemon), clock));
    background.spawn(open_store::watch_place(Arc::clone(&daemon)));
    background.spawn(memory::give_back(Arc::clone(&daemon)));
    background.spawn(reload_when_asked(Arc::clone(&daemon), reload));
    announce(&daemon);

    stop.recv().await;
    info!("shutting down: no new runs are taken, those under way may finish");
    systemd::stopping();
    server::stop_serving(&health).await;
    daemon.watching.cancel();
    // The time limit is for clients that do not close their connections.
    let mut close_timeout = CLOSE_TIMEOUT;
    tokio::select! {
        () = daemon.runner.drain(settings.limits.drain_timeout) => {}
        () = stop.recv() => {
            close_timeout = AT_ONCE;
            warn!("told to end again: runs are ended now");
            let ended = timeout(AT_ONCE, daemon.runner.drain(Duration::ZERO)).await;
            if ended.is_err() {
                // Dropped at the end of the process, which kills what they started.
                warn!("runs are cut off: the next start closes them as interrupted");
            }
        }
    }
    daemon.closing.cancel();
    served.close();
    tokio::select! {
        _ = timeout(close_timeout, served.wait()) => {}
        () = stop.recv() => {}
    }
    background.abort_all();
    open_store::close(&store).await;
    // Sockets are removed when nothing is stored any more.
    drop(accepting.join_all().await);
    info!("ended");
    Ok(())
}

/// Loads the config anew at each request, one after another. A faulty config is logged, and the
/// previous one stays in force.
async fn reload_when_asked(daemon: Arc<Daemon>, mut reload: ReloadSignals) {
    loop {
        reload.recv().await;
        let config = Arc::clone(&daemon.config);
        // Checking its templates may take seconds.
        let reloaded = tokio::task::spawn_blocking(move || drop(config.reload()));
        if let Err(panic) = reloaded.await {
            error!(%panic, "the config was not loaded");
        }
    }
}

fn open_listeners(settings: &Settings) -> Result<Vec<Listener>, ListenError> {
    let mut listeners = Vec::new();
    for address in &settings.listen {
        listeners.extend(listen::open(address, settings.insecure_loopback)?);
    }
    Ok(listeners)
}

/// Prints one line on stdout for people and scripts, and notifies systemd.
fn announce(daemon: &Daemon) {
    let hooks = daemon.config.current().catalog.all_hooks().count();
    let line = format!(
        "hookd {} is ready on {} with {hooks} hooks of {}",
        env!("CARGO_PKG_VERSION"),
        daemon.listen.join(", "),
        daemon.config.file().display()
    );
    // The daemon serves even if stdout is closed.
    let _ = writeln!(io::stdout(), "{line}");
    systemd::ready();
}
