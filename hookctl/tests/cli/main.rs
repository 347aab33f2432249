//! hookctl as a process, against a daemon that does as told.

#[cfg(test)]
mod fake;
#[cfg(test)]
mod look;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod run;
#[cfg(test)]
mod versions;
