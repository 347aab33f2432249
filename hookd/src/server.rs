//! The gRPC services.

use std::sync::Arc;

use hookd_proto::v1::admin_service_server::AdminServiceServer;
use hookd_proto::v1::hook_service_server::HookServiceServer;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::service::Routes;
use tonic_health::server::HealthReporter;

use crate::daemon::Daemon;
use crate::limits::{MAX_REFLECTION_BYTES, MAX_REQUEST_BYTES};
use crate::service::{Admin, Hooks};

/// Returns all services of a daemon: its own two, health and reflection.
/// Fails if the API's descriptors cannot be read, which is a fault of the build.
pub async fn routes(
    daemon: &Arc<Daemon>,
) -> Result<(Routes, HealthReporter), tonic_reflection::server::Error> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<HookServiceServer<Hooks>>().await;
    health.set_serving::<AdminServiceServer<Admin>>().await;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(hookd_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let hooks = HookServiceServer::new(Hooks::new(Arc::clone(daemon)))
        .accept_compressed(Gzip)
        .send_compressed(Gzip)
        // After decompression.
        .max_decoding_message_size(MAX_REQUEST_BYTES);
    let admin = AdminServiceServer::new(Admin::new(Arc::clone(daemon)))
        .accept_compressed(Gzip)
        .send_compressed(Gzip)
        .max_decoding_message_size(MAX_REQUEST_BYTES);
    let (v1, v1alpha) = (reflection().build_v1()?, reflection().build_v1alpha()?);
    let mut routes = Routes::builder();
    routes
        .add_service(hooks)
        .add_service(admin)
        .add_service(health_service)
        .add_service(v1.max_decoding_message_size(MAX_REFLECTION_BYTES))
        .add_service(v1alpha.max_decoding_message_size(MAX_REFLECTION_BYTES));
    Ok((routes.routes(), health))
}

/// Sets the health of all services to "not serving".
pub async fn stop_serving(health: &HealthReporter) {
    health.set_not_serving::<HookServiceServer<Hooks>>().await;
    health.set_not_serving::<AdminServiceServer<Admin>>().await;
    health
        .set_service_status("", tonic_health::ServingStatus::NotServing)
        .await;
}
