//! The Connect protocol, for callers without a stub: the methods with one answer, as a POST
//! of JSON that `curl` can make. The requests go through the same handlers as gRPC.
//!
//! Methods that stream are served by gRPC and gRPC-Web alone: a stream of Connect is framed,
//! so a shell could not read it.

use std::sync::Arc;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use connectrpc::dispatcher::{
    Dispatcher, MethodDescriptor, RequestStream, StreamingResult, UnaryResult,
};
use connectrpc::{
    CodecFormat, ConnectError, ConnectRpcService, EncodedResponse, ErrorCode, ErrorDetail, Limits,
    Payload, RequestContext,
};
use hookd_proto::v1::admin_service_server::AdminService;
use hookd_proto::v1::hook_service_server::HookService;
use http::{HeaderValue, Method, Request, header};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::service::Routes;
use tonic::{Response, Status};
use tonic_types::StatusExt as _;
use tower::{ServiceExt as _, service_fn};

use crate::daemon::Daemon;
use crate::limits::MAX_REQUEST_BYTES;
use crate::service::{Admin, Hooks};

/// Adds the same services over Connect to the routes.
#[must_use]
pub fn beside(routes: Routes, daemon: &Arc<Daemon>) -> Routes {
    let unary = Unary {
        hooks: Hooks::new(Arc::clone(daemon)),
        admin: Admin::new(Arc::clone(daemon)),
    };
    let limits = Limits::default()
        .with_max_request_body_size(MAX_REQUEST_BYTES)
        .with_max_message_size(MAX_REQUEST_BYTES);
    let connect = ConnectRpcService::new(unary).with_limits(limits);
    let connect = Router::new().fallback_service(connect);
    let grpc = routes.into_axum_router();
    let pick = move |request: Request<_>| {
        let router = if is_connect(&request) {
            connect.clone()
        } else {
            grpc.clone()
        };
        router.oneshot(request)
    };
    Router::new().fallback_service(service_fn(pick)).into()
}

/// Returns whether a request is one of Connect. Browsers send its content types from a web
/// page only after a preflight request.
fn is_connect<B>(request: &Request<B>) -> bool {
    let content = request.headers().get(header::CONTENT_TYPE);
    let content = content.and_then(|content: &HeaderValue| content.to_str().ok());
    let kind = content.map(|content| content.split(';').next().unwrap_or_default().trim());
    request.method() == Method::POST
        && matches!(kind, Some("application/json" | "application/proto"))
}

/// The methods with one answer.
#[derive(Clone)]
struct Unary {
    hooks: Hooks,
    admin: Admin,
}

/// Declares the paths of the methods, and the call of each.
macro_rules! methods {
    ($($path:literal => $service:ident.$method:ident;)*) => {
        const METHODS: &[&str] = &[$($path),*];

        impl Unary {
            async fn answer(
                self,
                path: &str,
                request: Bytes,
                format: CodecFormat,
            ) -> Result<EncodedResponse, ConnectError> {
                match path {
                    $($path => {
                        let request = tonic::Request::new(decoded(&request, format)?);
                        encoded(self.$service.$method(request).await, format)
                    })*
                    _ => Err(ConnectError::unimplemented("no such method")),
                }
            }
        }
    };
}

methods! {
    "hookd.v1.HookService/CancelRun" => hooks.cancel_run;
    "hookd.v1.HookService/GetRun" => hooks.get_run;
    "hookd.v1.HookService/ListRuns" => hooks.list_runs;
    "hookd.v1.HookService/ListHooks" => hooks.list_hooks;
    "hookd.v1.HookService/RenderHooks" => hooks.render_hooks;
    "hookd.v1.HookService/ListHookStats" => hooks.list_hook_stats;
    "hookd.v1.AdminService/CheckConfig" => admin.check_config;
    "hookd.v1.AdminService/ReloadConfig" => admin.reload_config;
    "hookd.v1.AdminService/GetServerInfo" => admin.get_server_info;
    "hookd.v1.AdminService/PruneRuns" => admin.prune_runs;
}

impl Dispatcher for Unary {
    fn lookup(&self, path: &str) -> Option<MethodDescriptor> {
        // No method may be called by GET, which a web page may send without a preflight
        // request.
        let known = METHODS.contains(&path);
        known.then(|| MethodDescriptor::unary(false))
    }

    fn call_unary(
        &self,
        path: &str,
        _: RequestContext,
        request: Payload,
        format: CodecFormat,
    ) -> UnaryResult {
        let (unary, path) = (self.clone(), path.to_owned());
        Box::pin(async move {
            let request = request.encoded()?;
            unary.answer(&path, request, format).await
        })
    }

    fn call_server_streaming(
        &self,
        _: &str,
        _: RequestContext,
        _: Bytes,
        _: CodecFormat,
    ) -> StreamingResult {
        Box::pin(async { Err(streams()) })
    }

    fn call_client_streaming(
        &self,
        _: &str,
        _: RequestContext,
        _: RequestStream,
        _: CodecFormat,
    ) -> UnaryResult {
        Box::pin(async { Err(streams()) })
    }

    fn call_bidi_streaming(
        &self,
        _: &str,
        _: RequestContext,
        _: RequestStream,
        _: CodecFormat,
    ) -> StreamingResult {
        Box::pin(async { Err(streams()) })
    }
}

fn streams() -> ConnectError {
    ConnectError::unimplemented("methods that stream are called by gRPC or gRPC-Web")
}

fn decoded<M: Message + Default + DeserializeOwned>(
    request: &Bytes,
    format: CodecFormat,
) -> Result<M, ConnectError> {
    let malformed = |error: &dyn std::error::Error| {
        ConnectError::invalid_argument(format!("the request cannot be read: {error}"))
    };
    match format {
        CodecFormat::Json => serde_json::from_slice(request).map_err(|error| malformed(&error)),
        _ => M::decode(request.as_ref()).map_err(|error| malformed(&error)),
    }
}

fn encoded<M: Message + Serialize>(
    answer: Result<Response<M>, Status>,
    format: CodecFormat,
) -> Result<EncodedResponse, ConnectError> {
    let answer = answer.map_err(|status| refused(&status))?.into_inner();
    let bytes = match format {
        CodecFormat::Json => serde_json::to_vec(&answer).map_err(|error| {
            ConnectError::internal(format!("the answer cannot be said in JSON: {error}"))
        })?,
        _ => answer.encode_to_vec(),
    };
    Ok(EncodedResponse::new(Bytes::from(bytes).into()))
}

/// Converts a status to an error of Connect, with the reason as JSON that a shell can read.
fn refused(status: &Status) -> ConnectError {
    let code = u32::try_from(status.code() as i32).ok();
    let code = code.and_then(ErrorCode::from_grpc_code);
    let mut error = ConnectError::new(code.unwrap_or(ErrorCode::Unknown), status.message());
    let info = status.get_details_error_info();
    let details = tonic_types::pb::Status::decode(status.details()).unwrap_or_default();
    for detail in details.details {
        let name = detail.type_url.rsplit('/').next().unwrap_or_default();
        let debug = info.as_ref().filter(|_| name == "google.rpc.ErrorInfo");
        error = error.with_detail(ErrorDetail {
            type_url: name.to_owned(),
            value: Some(STANDARD_NO_PAD.encode(&detail.value)),
            debug: debug.map(|info| {
                serde_json::json!({"reason": info.reason, "domain": info.domain, "metadata": info.metadata})
            }),
        });
    }
    error
}

#[cfg(test)]
mod tests {
    use prost_reflect::DescriptorPool;

    use super::*;

    #[test]
    fn every_method_with_one_answer_is_there() {
        let pool = DescriptorPool::decode(hookd_proto::DESCRIPTORS).unwrap();
        let methods = pool.services().flat_map(|service| {
            let methods: Vec<_> = service.methods().collect();
            methods.into_iter()
        });
        let unary = methods.filter(|m| !m.is_server_streaming() && !m.is_client_streaming());
        let path = |method: prost_reflect::MethodDescriptor| {
            let service = method.parent_service().full_name().to_owned();
            format!("{service}/{}", method.name())
        };
        let mut unary: Vec<String> = unary.map(path).collect();
        let mut ours = METHODS.to_vec();
        unary.sort();
        ours.sort_unstable();
        assert_eq!(ours, unary);
    }
}
