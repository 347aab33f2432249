//! Backup agents in Rust: fire an event at hookd, come back with its decision.
//!
//! ```
//! use std::error::Error;
//! use std::time::Duration;
//!
//! use hookd_client::v1::{Condition, Event};
//! use hookd_client::{Client, Decision};
//!
//! async fn backup(client: &Client) -> Result<Option<Duration>, Box<dyn Error>> {
//!     let event = |condition: Condition| Event {
//!         condition: condition.into(),
//!         plan_id: "home".to_owned(),
//!         ..Event::default()
//!     };
//!     match client.run(event(Condition::SnapshotStart)).decide().await? {
//!         Decision::Proceed { .. } => {}
//!         Decision::Cancel { .. } => return Ok(None),
//!         Decision::Fail { cause, .. } => return Err(cause.reason.into()),
//!         Decision::Retry { after, .. } => return Ok(Some(after)),
//!     }
//!     // Here the agent makes its snapshot.
//!     client.run(event(Condition::SnapshotSuccess)).decide().await?;
//!     Ok(None)
//! }
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn Error>> {
//! #     let folder = tempfile::tempdir()?;
//! #     let config = folder.path().join("hookd.yaml");
//! #     std::fs::write(&config, "
//! # repos: [{ id: nas, uri: /backup }]
//! # plans:
//! #   - id: home
//! #     repo: nas
//! #     paths: [/home]
//! #     hooks:
//! #       - conditions: [CONDITION_SNAPSHOT_START]
//! #         onError: ON_ERROR_RETRY_1MINUTE
//! #         actionCommand: { command: 'exit 1' }
//! # ")?;
//! #     let hookd = hookd::embedded::connect(&config).await?;
//! #     let client = Client::over(hookd.channel.clone());
//! #     assert_eq!(backup(&client).await?, Some(Duration::from_secs(60)));
//! #     hookd.shutdown().await;
//! #     Ok(())
//! # }
//! ```
//!
//! The client comes from an address:
//!
//! ```
//! # use hookd_client::{Address, Client, ConnectError};
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let address: Address = "unix:///run/hookd/hookd.sock".parse()?;
//! # let address: Address = "unix:///nowhere/hookd.sock".parse()?;
//! let connected = Client::connect(&address).await;
//! # assert!(matches!(connected, Err(ConnectError::Unreachable { .. })));
//! # Ok(())
//! # }
//! ```
//!
//! [`Run::decide_observed`] also shows the journal on the way, and [`Run::start`] leaves time
//! for other work. A lost connection is retried, and no hook runs twice. Every failure is an
//! error, never a [`Decision::Proceed`]. The generated [`Client::hooks`] and [`Client::admin`]
//! have all calls that have no method here.

mod address;
mod client;
mod decision;
mod default_socket;
mod error;
mod follow;
mod refusal;
mod retries;
mod run;

pub use address::{Address, InvalidAddress};
pub use client::{Client, ConnectError, answer};
pub use decision::{Advice, Cause, Decision, Ending, Interrupted, UnknownDecision};
pub use error::RunError;
pub use follow::{Canceller, RETRY_FOR, Source, Update, Updates, follow};
pub use hookd_proto::{v1, well_known};
pub use refusal::{Reason, Refusal};
pub use run::Run;
