//! Supervision: from a running script to the end of its tree.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use crate::bounds::{DELIVERY, DRAIN, HOLD, KILL_WAIT, SCAN_PAUSE};
use crate::leader::Leader;
use crate::output::Output;
use crate::tree::Tree;
use crate::{Chunk, Containment, EndReason, EndReport, RunningScript, Termination};

impl RunningScript {
    /// Waits until the script and its tree have ended; ends them at its timeout or when `stop`
    /// completes.
    ///
    /// Output goes to `chunks`; if its receiver is gone, output is read and dropped. A stop after
    /// the exit has no effect. If the future is dropped, all processes that the script started are
    /// killed.
    pub async fn supervise<R>(
        self,
        stop: impl Future<Output = R>,
        chunks: mpsc::Sender<Chunk>,
    ) -> EndReport<R> {
        let RunningScript {
            mut tree,
            mut leader,
            stdin,
            stdout,
            stderr,
            filter,
            limits,
            started,
            files,
            ..
        } = self;
        let mut streams = Streams {
            stdin: stdin.map(|(mut pipe, script)| -> StdinWriter {
                // If the interpreter does not read all of it, the rest is dropped.
                Box::pin(async move { drop(pipe.write_all(&script).await) })
            }),
            output: Output::new(stdout, stderr, filter, chunks, limits.max_output),
        };

        let deadline = Instant::from_std(started) + limits.timeout;
        let ended = streams.during(exit_or_reason(&mut leader, deadline, stop));
        let reason = ended.await;
        let mut termination = None;
        if reason.is_some() {
            let ended = end_tree(&mut tree, Some(&mut leader), limits.grace);
            termination = Some(streams.during(ended).await);
        }
        let elapsed = started.elapsed();

        let leaked = streams.drain(Instant::now() + DELIVERY).await;
        if leaked && limits.kill_leaked && reason.is_none() {
            let ended = end_tree(&mut tree, Some(&mut leader), limits.grace);
            termination = Some(streams.during(ended).await);
            streams.drain(Instant::now() + DELIVERY).await;
        }
        streams.output.finish(Instant::now() + DELIVERY).await;

        tree.release();
        let status = if termination == Some(Termination::Survived) {
            // It may never exit; else the runtime reaps it later.
            timeout(Duration::ZERO, leader.reap()).await.ok().flatten()
        } else {
            leader.reap().await
        };
        drop(files);
        EndReport {
            reason: reason.unwrap_or_else(|| own_reason(status)),
            termination,
            containment: match termination {
                Some(Termination::Survived) => Containment::NotKnown,
                _ => tree.containment(),
            },
            elapsed,
            output_bytes: streams.output.bytes(),
            dropped_bytes: streams.output.dropped(),
            leaked,
            limit_hits: tree.limit_hits(),
        }
    }
}

/// Waits for the exit, or for a reason to end the script; `None` if it exited, which takes
/// precedence over all reasons.
async fn exit_or_reason<R>(
    leader: &mut Leader,
    deadline: Instant,
    stop: impl Future<Output = R>,
) -> Option<EndReason<R>> {
    let reason = tokio::select! {
        biased;
        () = leader.exited() => None,
        stop = stop => Some(EndReason::Stopped(stop)),
        () = sleep_until(deadline) => Some(EndReason::TimedOut),
    };
    reason.filter(|_| !leader.has_exited())
}

/// Ends a whole tree, including its leader if that is a child of this process: TERM, grace, KILL.
pub(crate) async fn end_tree(
    tree: &mut Tree,
    mut leader: Option<&mut Leader>,
    grace: Duration,
) -> Termination {
    let held = async {
        while !tree.hold().await {
            sleep(SCAN_PAUSE.0 / 10).await;
        }
    };
    // A process that does not stop in time gets TERM all the same.
    let _ = timeout(HOLD, held).await;
    tree.terminate().await;
    let gone = gone(tree, leader.as_deref_mut(), false);
    if timeout(grace, gone).await.is_ok() {
        return Termination::Term;
    }
    tree.kill().await;
    match timeout(KILL_WAIT, self::gone(tree, leader, true)).await {
        Ok(()) => Termination::Kill,
        Err(_) => Termination::Survived,
    }
}

/// Waits until the leader has exited and no process of the tree runs. With `kill`, remaining
/// processes are killed repeatedly, as they may have been started since.
async fn gone(tree: &mut Tree, leader: Option<&mut Leader>, kill: bool) {
    if let Some(leader) = leader {
        leader.exited().await;
    }
    let (mut pause, longest) = SCAN_PAUSE;
    while tree.lives().await {
        if kill {
            tree.kill().await;
        }
        sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Returns the reason for the end of a script that was not ended by the supervisor.
fn own_reason<R>(status: Option<ExitStatus>) -> EndReason<R> {
    #[cfg(unix)]
    if let Some(signal) =
        status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status))
    {
        return EndReason::Signaled(signal_name(signal));
    }
    // Without a status, other code of this process has reaped it, which must not look like success.
    EndReason::Exited(status.and_then(|status| status.code()).unwrap_or(-1))
}

/// Returns the name of a signal, such as `SIGSEGV`; its number if it has no name.
#[cfg(unix)]
fn signal_name(number: i32) -> String {
    nix::sys::signal::Signal::try_from(number).map_or_else(
        |_| format!("signal {number}"),
        |signal| signal.as_str().to_owned(),
    )
}

/// Future that writes a script to its interpreter's stdin and closes it.
type StdinWriter = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Input and output that are transferred while a script runs.
struct Streams {
    /// `None` once everything is written.
    stdin: Option<StdinWriter>,
    output: Output,
}

impl Streams {
    /// Transfers input and output until the given future completes.
    async fn during<T>(&mut self, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        loop {
            let written = async {
                match &mut self.stdin {
                    Some(writer) => writer.await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                done = &mut wait => return done,
                () = self.output.step() => {}
                () = written => self.stdin = None,
            }
        }
    }

    /// Reads the rest of the output after an exit; returns whether a process still holds a
    /// pipe.
    async fn drain(&mut self, delivered_by: Instant) -> bool {
        self.stdin = None;
        let drained = timeout(DRAIN, self.output.drain()).await;
        if drained.is_err() && !(self.output.ended() && self.output.is_clear()) {
            // If the receiver takes too long, the rest counts as dropped.
            drop(timeout_at(delivered_by, self.output.sweep()).await);
        }
        !self.output.ended()
    }
}
