//! The services as clients reach them: each handler converts, calls, and converts back.

mod admin;
mod fit;
mod hooks;
mod list;
mod stream;

pub use admin::Admin;
pub use hooks::Hooks;
