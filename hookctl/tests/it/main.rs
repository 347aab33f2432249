//! The real hookctl as a process: against a fake daemon that misbehaves on demand, against
//! the real hookd, and by itself.

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod check;
#[cfg(test)]
mod default_socket;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod export_and_backup;
#[cfg(test)]
mod exposed;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hookctl;
#[cfg(test)]
mod hookd;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod masked;
#[cfg(test)]
mod reconnect;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod run;
#[cfg(test)]
mod shown;
#[cfg(test)]
mod stdout;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod tired;
#[cfg(test)]
mod versions;
