//! Template variables.
/// Stub.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SnapshotStats;
/// Stub.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Trigger {
    /// Stub.
    #[default]
    Unknown,
}
