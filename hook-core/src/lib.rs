//! Backup lifecycle hooks: what they are, when they run, and what follows.
//!
//! # Theory of operation
//!
//! A config file is read once into a [`Catalog`](catalog::Catalog) of repositories, plans
//! and [hooks](hook::Hook), in which nothing has to be checked again. Templates are parsed
//! and checked at that moment, so that a fault shows then and not at night.
//!
//! A backup agent reports an [`Event`](event::Event): one
//! [condition](condition::Condition), which implies others. The hooks that subscribe to
//! any of them form the [course](run::course) of a run, a state machine that knows the
//! order, what a failure means, and when the hooks for failures have their turn.
//! [`execute`](run::execute) carries a course out: it renders each hook's
//! [template] with the [variables](vars) of the event and has a
//! [supervisor](process_supervisor) run the script, within its limits and with all
//! processes that it starts. All that happens becomes a fact of the run's
//! [journal](run::journal), secrets [masked](run::mask); the last fact is the decision.
//!
//! Nothing here knows how events arrive or where journals are kept.

pub mod apart;
pub mod catalog;
pub mod condition;
pub mod config;
pub mod diagnostic;
pub mod duration;
pub mod event;
pub mod exposed;
pub mod file;
pub mod hook;
pub mod links;
pub mod lint;
pub mod load;
mod named_enum;
pub mod on_error;
pub mod run;
mod samples;
pub mod size;
pub mod source_location;
pub mod template;
pub mod vars;
