//! One connection, from its first byte to its end.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tracing::debug;

use super::ClientTimes;
use super::authority::AuthorityRewriter;
use super::calls::Calls;
use super::registry::{Client, Connection};
use crate::limits::{
    CONNECTION_WINDOW, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, MAX_HEADER_BYTES, MAX_STREAMS,
    SEND_BUFFER, STREAM_WINDOW,
};

/// Length of the first bytes by which a client says that it speaks HTTP/2; a request by
/// HTTP/1.1 with a path and a host is longer, too.
const FIRST_BYTES: usize = 24;

/// The protocols and services of connections.
#[derive(Clone)]
pub(crate) struct Serving {
    builder: Builder<TokioExecutor>,
    routes: Routes,
    times: ClientTimes,
    /// Cancelled when connections have to end after their calls.
    closing: CancellationToken,
}

impl Serving {
    /// Serves these routes by HTTP/2, and by HTTP/1.1 if `http1`.
    pub(crate) fn new(
        routes: Routes,
        http1: bool,
        times: ClientTimes,
        closing: CancellationToken,
    ) -> Serving {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_header_list_size(MAX_HEADER_BYTES)
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(times.handshake)
            .max_buf_size(SEND_BUFFER);
        if !http1 {
            builder = builder.http2_only();
        }
        Serving {
            builder,
            routes: routes.prepare(),
            times,
            closing,
        }
    }

    /// Serves a connection until it ends.
    pub(crate) async fn serve<S>(self, stream: S, client: Client, is_unix: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = Arc::clone(&client.connection);
        let stream = ClientStream {
            stream,
            connection: Arc::clone(&connection),
            received: 0,
            authority: is_unix.then(AuthorityRewriter::default),
        };
        let calls = Calls {
            routes: self.routes,
            client: client.clone(),
            request_time: self.times.request,
        };
        let mut served = pin!(self.builder.serve_connection(TokioIo::new(stream), calls));
        let mut check = interval(self.times.check);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ending = false;
        loop {
            tokio::select! {
                end = served.as_mut() => {
                    if let Err(error) = end {
                        debug!(error, "a connection failed");
                    }
                    break;
                }
                () = connection.close.cancelled() => break,
                () = self.closing.cancelled(), if !ending => {
                    ending = true;
                    served.as_mut().graceful_shutdown();
                }
                _ = check.tick() => match connection.is_overdue(&self.times) {
                    false => {}
                    // It was told to end at the last check.
                    true if ending => break,
                    true => {
                        ending = true;
                        served.as_mut().graceful_shutdown();
                    }
                },
            }
        }
        client.remove();
    }
}

/// The bytes of a client.
struct ClientStream<S> {
    stream: S,
    connection: Arc<Connection>,
    /// The number of bytes so far, up to [`FIRST_BYTES`].
    received: usize,
    authority: Option<AuthorityRewriter>,
}

impl<S: AsyncRead + Unpin> AsyncRead for ClientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let new = &mut buffer.filled_mut()[before..];
        if self.received < FIRST_BYTES {
            self.received += new.len();
            let spoke = self.received >= FIRST_BYTES;
            self.connection.spoke.store(spoke, Ordering::Relaxed);
        }
        if let Some(authority) = &mut self.authority {
            authority.rewrite(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::{Duration, Instant};

    use hookd_test_support::{PATIENCE, RawClient, RawFrame};

    use super::super::Connections;
    use super::*;

    /// The longest of the times in the tests.
    const TIME: Duration = Duration::from_millis(300);

    /// Serves a connection with short times; returns the client's side of it.
    async fn connect(http1: bool) -> UnixStream {
        let (_, health) = tonic_health::server::health_reporter();
        let times = ClientTimes {
            handshake: TIME / 3,
            request: TIME / 2,
            idle: TIME,
            check: TIME / 10,
        };
        let closing = CancellationToken::new();
        let serving = Serving::new(Routes::new(health), http1, times, closing);
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        theirs.set_read_timeout(Some(PATIENCE)).unwrap();
        let ours = tokio::net::UnixStream::from_std(ours).unwrap();
        tokio::spawn(serving.serve(ours, Connections::new().add(0), true));
        theirs
    }

    /// Reads to the end on another thread; returns what came and how long it took.
    async fn read_all(mut client: UnixStream) -> (Vec<u8>, Duration) {
        let begun = Instant::now();
        let read = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            client.read_to_end(&mut all).unwrap();
            all
        });
        (read.await.unwrap(), begun.elapsed())
    }

    #[tokio::test]
    async fn a_client_that_does_not_say_its_protocol_is_cut_off() {
        for (sent, http1) in [
            ("", false),
            ("PRI * HTTP/2.0", false),
            ("", true),
            ("PRI", true),
        ] {
            let mut client = connect(http1).await;
            client.write_all(sent.as_bytes()).unwrap();
            let (_, took) = read_all(client).await;
            assert!(took >= TIME / 3 - TIME / 10, "{took:?}");
        }
    }

    #[tokio::test]
    async fn headers_of_http_1_have_a_time_limit() {
        let mut client = connect(true).await;
        let half = b"POST /hookd.v1.HookService/GetRun HTTP/1.1\r\nhost: a\r\n";
        client.write_all(half).unwrap();
        read_all(client).await;
    }

    async fn frames(mut client: RawClient<UnixStream>) -> Vec<RawFrame> {
        let read = move || std::iter::from_fn(|| client.read().ok()).collect();
        tokio::task::spawn_blocking(read).await.unwrap()
    }

    #[tokio::test]
    async fn a_connection_without_calls_is_told_to_end() {
        let client = RawClient::begin(connect(false).await).unwrap();
        let begun = Instant::now();
        let frames = frames(client).await;
        assert!(frames.iter().any(|frame| frame.kind == 7), "{frames:?}");
        assert!(begun.elapsed() >= TIME - TIME / 10);
    }

    #[tokio::test]
    async fn a_request_that_does_not_come_is_answered() {
        let mut client = RawClient::begin(connect(false).await).unwrap();
        client
            .open("grpc.health.v1.Health/Check", "localhost")
            .unwrap();
        let frames = frames(client).await;
        assert!(frames.iter().any(|frame| frame.kind == 1), "{frames:?}");
    }
}
