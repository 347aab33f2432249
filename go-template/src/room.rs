//! Room on the stack for templates whose parentheses nest deeply.
//!
//! Only parentheses are followed by recursion. Few templates nest more than a handful of
//! them, and those are handled where they are met; the others get a thread with a stack
//! that is large enough for [`MAX_PARENS`](super::limits::MAX_PARENS).

use std::thread;

use super::fault::{Fault, Faulty, Span};

/// How many parentheses any stack has room for.
pub(super) const SHALLOW: usize = 32;

/// Enough for the largest frames, those of a build without optimisation.
const STACK: usize = 32 << 20;

/// Does work that recurses `depth` levels deep.
pub fn with_room<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Faulty<T> {
    if depth <= SHALLOW {
        return Ok(work());
    }
    let done = thread::scope(|scope| {
        let thread = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        thread.ok().and_then(|t| t.join().ok())
    });
    done.ok_or_else(|| {
        Fault::new(
            Span::default(),
            "no memory for parentheses that nest so deeply",
        )
    })
}
