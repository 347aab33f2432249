//! The calls of one connection: how many there may be, how long a request may take, and the
//! memory of requests and answers.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::Service;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep, timeout_at};
use tonic::Status;
use tonic::body::Body as AnswerBody;
use tonic::service::Routes;
use tower::ServiceExt as _;

use super::registry::{Client, Held};
use crate::service::{call_deadline, status};

/// The services, for the calls of one connection.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) routes: Routes,
    pub(super) client: Client,
    /// The time in which a request has to be complete.
    pub(super) request_time: Duration,
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

impl Service<Request<Incoming>> for Calls {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let (routes, client) = (self.routes.clone(), self.client.clone());
        let request_time = self.request_time;
        Box::pin(async move {
            let Some(permit) = client.permit() else {
                let refusal = status::too_many_calls().into_http();
                return Ok(refusal.map(|body| Answer { body, call: None }));
            };
            let call = Arc::new(Call::begin(client, permit));
            let deadline = call_deadline(request.headers());
            let mut request = request.map(|body| RequestBody {
                body,
                call: Arc::clone(&call),
                late: Box::pin(sleep(request_time)),
            });
            request.extensions_mut().insert(call.client.clone());
            let answering = routes.oneshot(request);
            let answer = match deadline {
                None => answering.await?,
                Some(deadline) => match timeout_at(deadline, answering).await {
                    Ok(answer) => answer?,
                    Err(_) => status::late().into_http(),
                },
            };
            call.answered();
            let call = Some(call);
            Ok(answer.map(|body| Answer { body, call }))
        })
    }
}

/// A call, until its answer is complete or given up.
#[derive(Debug)]
struct Call {
    client: Client,
    is_busy: AtomicBool,
    /// The request so far, until the handler has answered. A stream of requests goes on after
    /// that; only reflection has one, whose requests are small.
    request: Mutex<Option<Vec<Held>>>,
    _permit: OwnedSemaphorePermit,
}

impl Call {
    fn begin(client: Client, permit: OwnedSemaphorePermit) -> Call {
        client.connection.set_busy(true);
        Call {
            client,
            is_busy: AtomicBool::new(true),
            request: Mutex::new(Some(Vec::new())),
            _permit: permit,
        }
    }

    /// Holds a piece of the request.
    fn received(&self, bytes: usize) {
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = &mut *request {
            request.push(self.client.hold(bytes));
        }
    }

    fn answered(&self) {
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        *request = None;
    }

    fn is_answered(&self) -> bool {
        let request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        request.is_none()
    }

    fn set_busy(&self, busy: bool) {
        if self.is_busy.swap(busy, Ordering::Relaxed) != busy {
            self.client.connection.set_busy(busy);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.set_busy(false);
    }
}

/// The body of a request, which has to be complete in time.
struct RequestBody {
    body: Incoming,
    call: Arc<Call>,
    late: Pin<Box<Sleep>>,
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            if !self.call.is_answered() && self.late.as_mut().poll(context).is_ready() {
                return Poll::Ready(Some(Err(status::slow_request().into())));
            }
            return Poll::Pending;
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.call.received(data.len());
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, whose bytes are held until the client has taken them.
#[derive(Debug)]
pub(super) struct Answer {
    body: AnswerBody,
    call: Option<Arc<Call>>,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(call) = &this.call else {
            return Pin::new(&mut this.body).poll_frame(context);
        };
        call.set_busy(true);
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        // The client has to take this before the next piece is asked for.
        call.set_busy(false);
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| {
                frame.map_data(|bytes| {
                    let _held = call.client.hold(bytes.len());
                    Bytes::from_owner(HeldBytes { bytes, _held })
                })
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

struct HeldBytes {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
