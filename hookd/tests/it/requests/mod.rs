//! Requests for runs and hooks, valid and invalid.

mod looking;
mod refused;
