//! Supervision: from a running process to the end of its tree.

use std::future::Future;
use std::pin::pin;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::bounds::{DELIVERY, DRAIN, HOLD, KILL_WAIT, LOOK};
use super::ended::{Chunk, End, Ended, Ending, Stop};
use super::leader::Leader;
use super::output::Output;
use super::spawn::Running;
use super::tree::Tree;

impl Running {
    /// Sees the process through to its end, and ends it at its time limit or when told
    /// to stop.
    ///
    /// Output goes to `chunks`; if its receiver is gone, it is read and dropped. A stop
    /// that comes after the exit changes nothing. If the future is dropped, everything the
    /// script started is killed.
    pub async fn supervise(
        self,
        stop: watch::Receiver<Option<Stop>>,
        chunks: mpsc::Sender<Chunk>,
    ) -> Ended {
        let Running {
            mut tree,
            mut leader,
            pipes,
            limits,
            started,
            files,
            ..
        } = self;
        let mut io = Io {
            feed: Feed::new(pipes.stdin),
            output: Output::new(pipes.stdout, pipes.stderr, chunks, limits.max_output),
        };

        let deadline = Instant::from_std(started) + limits.timeout;
        let reason = io.during(end_of(&mut leader, deadline, stop)).await;
        let mut ending = None;
        if reason.is_some() {
            ending = Some(end(&mut tree, &mut leader, &mut io, limits.grace).await);
        }
        let elapsed = started.elapsed();

        let delivered_by = Instant::now() + DELIVERY;
        let leaked = io.drain(delivered_by).await;
        if leaked && limits.kill_leaked && reason.is_none() {
            ending = Some(end(&mut tree, &mut leader, &mut io, limits.grace).await);
            io.drain(Instant::now() + DELIVERY).await;
        }
        io.output.finish(Instant::now() + DELIVERY).await;

        tree.release();
        let status = if ending == Some(Ending::Survived) {
            // It may never exit; the runtime reaps it if it does.
            timeout(Duration::ZERO, leader.reap()).await.ok().flatten()
        } else {
            leader.reap().await
        };
        drop(files);
        let reached = tree.reached();
        Ended {
            end: reason.unwrap_or_else(|| own_end(status)),
            ending,
            method: tree.method(),
            elapsed,
            output_bytes: io.output.bytes(),
            dropped_bytes: io.output.dropped(),
            leaked,
            reached,
        }
    }
}

/// Waits for the exit, or for a reason to end it. An exit wins over all else.
async fn end_of(
    leader: &mut Leader,
    deadline: Instant,
    mut stop: watch::Receiver<Option<Stop>>,
) -> Option<End> {
    let stopped = async {
        // Taken out of its lock at once, so that the future can move between threads.
        let stop = stop.wait_for(Option::is_some).await.map(|stop| *stop);
        match stop {
            Ok(stop) => stop,
            // Nobody is left who could stop it.
            Err(_) => std::future::pending().await,
        }
    };
    let reason = tokio::select! {
        biased;
        () = leader.exited() => None,
        stop = stopped => stop.map(End::Stopped),
        () = sleep_until(deadline) => Some(End::HookTimedOut),
    };
    reason.filter(|_| !leader.has_exited())
}

/// Ends a whole tree: TERM, grace, KILL.
async fn end(tree: &mut Tree, leader: &mut Leader, io: &mut Io, grace: Duration) -> Ending {
    io.during(asked(tree)).await;
    if io
        .during(timeout(grace, gone(tree, leader, false)))
        .await
        .is_ok()
    {
        return Ending::Term;
    }
    tree.kill();
    match io
        .during(timeout(KILL_WAIT, gone(tree, leader, true)))
        .await
    {
        Ok(()) => Ending::Kill,
        Err(_) => Ending::Survived,
    }
}

/// Asks all of a tree to end, when it stands still.
pub(super) async fn asked(tree: &mut Tree) {
    let held = async {
        while !tree.hold() {
            sleep(LOOK.0 / 10).await;
        }
    };
    // What does not stop in time is asked nevertheless.
    let _ = timeout(HOLD, held).await;
    tree.terminate();
}

/// Waits until a leader has exited and nothing of its tree runs.
async fn gone(tree: &mut Tree, leader: &mut Leader, kill: bool) {
    leader.exited().await;
    emptied(tree, kill).await;
}

/// Waits until nothing of a tree runs; with `kill`, kills again what is still there, as
/// it may have been started since.
pub(super) async fn emptied(tree: &mut Tree, kill: bool) {
    let (mut pause, longest) = LOOK;
    while tree.lives() {
        if kill {
            tree.kill();
        }
        sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

fn own_end(status: Option<ExitStatus>) -> End {
    #[cfg(unix)]
    if let Some(signal) =
        status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status))
    {
        return End::Signaled(super::tree::signal_name(signal));
    }
    // Without a status somebody else reaped it: that must not look like success.
    End::Exited(status.and_then(|status| status.code()).unwrap_or(-1))
}

/// All that moves while a process runs.
struct Io {
    feed: Feed,
    output: Output,
}

impl Io {
    /// Moves input and output until that future is done.
    async fn during<T>(&mut self, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        loop {
            tokio::select! {
                biased;
                done = &mut wait => return done,
                () = self.output.step() => {}
                () = self.feed.step(), if !self.feed.is_done() => {}
            }
        }
    }

    /// Reads the rest of the output after an exit; returns whether somebody still holds
    /// a pipe.
    async fn drain(&mut self, delivered_by: Instant) -> bool {
        self.feed.stop();
        let drained = timeout(DRAIN, self.output.drain()).await;
        if drained.is_err() && !(self.output.ended() && self.output.is_clear()) {
            // An error says that the receiver took too long; the rest counts as dropped.
            drop(timeout_at(delivered_by, self.output.sweep()).await);
        }
        !self.output.ended()
    }
}

/// The script on its way to stdin.
struct Feed(Option<(ChildStdin, Vec<u8>, usize)>);

impl Feed {
    fn new(stdin: Option<(ChildStdin, Vec<u8>)>) -> Feed {
        Feed(stdin.map(|(pipe, script)| (pipe, script, 0)))
    }

    fn is_done(&self) -> bool {
        self.0.is_none()
    }

    fn stop(&mut self) {
        self.0 = None;
    }

    /// Writes a part; closes the pipe behind the last, or if nobody reads it. Cancel safe.
    async fn step(&mut self) {
        let Some((pipe, script, written)) = &mut self.0 else {
            return;
        };
        if *written < script.len()
            && let Ok(more) = pipe.write(&script[*written..]).await
        {
            *written += more;
            if *written < script.len() && more > 0 {
                return;
            }
        }
        self.stop();
    }
}
