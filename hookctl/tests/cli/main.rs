//! hookctl as a process, against a daemon that does as told, and against a real one.

#[cfg(test)]
mod facts;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod keep;
#[cfg(test)]
mod look;
#[cfg(test)]
mod real;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod run;
#[cfg(test)]
mod versions;
