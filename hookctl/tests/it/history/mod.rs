//! Queries and maintenance of the history, with the real hookd and every store.

mod filters;
mod pages;
mod past;
mod retention;

/// Every kind of store that hookd has.
const STORES: [&str; 2] = ["memory", "sqlite"];
