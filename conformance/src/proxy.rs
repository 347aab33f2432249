//! A proxy between an agent and hookd that breaks their connection on request.

use std::io::{Read, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};

/// The HTTP/2 frames of an answer: DATA and HEADERS.
const ANSWERS: [u8; 2] = [0, 1];

/// A socket in front of another. Its threads end with their connections.
pub(crate) struct Proxy {
    socket: PathBuf,
    state: Arc<ProxyState>,
}

struct ProxyState {
    daemon: PathBuf,
    /// True while answers are withheld from agents; all other frames pass.
    mute: AtomicBool,
    /// True while new connections are refused.
    closed: AtomicBool,
    /// Both sides of every connection so far.
    connections: Mutex<Vec<UnixStream>>,
}

impl Proxy {
    /// Listens on `socket` for the daemon at `daemon`.
    pub(crate) fn start(socket: &Path, daemon: &Path) -> Result<Self> {
        let listener = UnixListener::bind(socket).context("the proxy cannot listen")?;
        let state = Arc::new(ProxyState {
            daemon: daemon.to_owned(),
            mute: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for agent in listener.incoming().map_while(Result::ok) {
                let _ = serving.connect(agent);
            }
        });
        Ok(Self {
            socket: socket.to_owned(),
            state,
        })
    }

    /// Returns the URL of its socket.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Withholds answers until the connections are cut.
    pub(crate) fn mute(&self) {
        self.state.mute.store(true, Ordering::SeqCst);
    }

    /// Breaks every connection; new ones are accepted.
    pub(crate) fn cut(&self) {
        self.state.mute.store(false, Ordering::SeqCst);
        for connection in self.state.connections().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Breaks every connection and refuses new ones.
    pub(crate) fn close(&self) {
        self.state.closed.store(true, Ordering::SeqCst);
        self.cut();
    }

    /// Accepts new connections again.
    pub(crate) fn open(&self) {
        self.state.closed.store(false, Ordering::SeqCst);
    }
}

impl ProxyState {
    fn connections(&self) -> std::sync::MutexGuard<'_, Vec<UnixStream>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(self: &Arc<Self>, agent: UnixStream) -> Result<()> {
        if self.closed.load(Ordering::SeqCst) {
            return Ok(());
        }
        let daemon = UnixStream::connect(&self.daemon)?;
        let (asking, answering) = (agent.try_clone()?, daemon.try_clone()?);
        let ends = [agent.try_clone()?, daemon.try_clone()?];
        self.connections().extend(ends);
        thread::spawn(move || requests(asking, daemon));
        let state = Arc::clone(self);
        thread::spawn(move || state.answers(answering, agent));
        Ok(())
    }

    /// Forwards frames of the daemon, except answers while it is mute.
    fn answers(&self, mut daemon: UnixStream, mut agent: UnixStream) {
        let mut head = [0; 9];
        while daemon.read_exact(&mut head).is_ok() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut frame = head.to_vec();
            let rest = (&mut daemon).take(length.into()).read_to_end(&mut frame);
            let withheld = self.mute.load(Ordering::SeqCst) && ANSWERS.contains(&head[3]);
            if rest.is_err() || !withheld && agent.write_all(&frame).is_err() {
                break;
            }
        }
        let _ = agent.shutdown(Shutdown::Both);
    }
}

fn requests(mut agent: UnixStream, mut daemon: UnixStream) {
    let _ = std::io::copy(&mut agent, &mut daemon);
    let _ = daemon.shutdown(Shutdown::Both);
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}
