//! A stand-in with the shape of hookd's library, until the library itself is here.

/// The service inside another process.
pub mod embedded {
    use std::path::Path;

    use hookd_proto::v1;
    use tonic::transport::Channel;

    /// A service that runs in this process.
    #[derive(Debug)]
    pub struct Embedded {
        /// The way to it.
        pub channel: Channel,
    }

    /// Why the service cannot run in this process.
    #[derive(Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum EmbeddedError {
        /// The config is refused.
        #[error("the config is refused")]
        Config {
            /// What is wrong with it.
            diagnostics: Vec<v1::Diagnostic>,
        },
        /// It is not there yet.
        #[error("embedded mode is not there yet")]
        Missing,
    }

    impl Embedded {
        /// Ends the service.
        pub async fn shutdown(self) {}
    }

    /// Starts the service in this process.
    ///
    /// # Errors
    /// Always, for now.
    pub async fn connect(_config: &Path) -> Result<Embedded, EmbeddedError> {
        Err(EmbeddedError::Missing)
    }
}

/// What needs no daemon.
pub mod offline {
    use hookd_proto::v1;

    /// A template or its variables are faulty.
    #[derive(Debug, thiserror::Error)]
    #[error("{message}")]
    pub struct RenderError {
        /// The line, from 1.
        pub line: u32,
        /// The column, from 1.
        pub column: u32,
        /// What is wrong.
        pub message: String,
        /// Whether the variables are at fault, not the template.
        pub in_vars: bool,
    }

    /// Validates and lints a config.
    #[must_use]
    pub fn check(_file: &str, _text: &[u8]) -> v1::CheckConfigResponse {
        v1::CheckConfigResponse::default()
    }

    /// Renders a template.
    ///
    /// # Errors
    /// Never, for now.
    pub fn render_template(
        _engine: v1::TemplateEngine,
        template: &[u8],
        _vars_json: Option<&[u8]>,
    ) -> Result<Vec<u8>, RenderError> {
        Ok(template.to_vec())
    }
}

/// Where things are by default.
pub mod paths {
    use std::path::PathBuf;

    /// The config.
    #[must_use]
    pub fn default_config() -> PathBuf {
        PathBuf::from("/etc/hookd/hookd.yaml")
    }

    /// The socket.
    #[must_use]
    pub fn default_socket() -> PathBuf {
        PathBuf::from("/run/hookd/hookd.sock")
    }
}
