//! Templates.
/// Stub.
#[derive(Clone, Debug)]
pub struct Template;
