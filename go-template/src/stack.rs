//! A larger stack for templates with deeply nested parentheses.
//!
//! Only parentheses are handled by recursion. Templates with few nested parentheses run on the
//! stack of the caller; others get a thread whose stack is large enough for
//! [`MAX_PARENS`](crate::limits::MAX_PARENS).

use std::thread;

use crate::fault::{Fault, Faulty, Span};

/// The number of nested parentheses for which any stack is large enough.
pub(crate) const SHALLOW: usize = 32;

/// Enough for the frames of a build without optimisation.
const STACK: usize = 32 << 20;

/// Runs work that recurses `depth` levels deep. Fails if there is no memory for the stack.
pub(crate) fn with_stack<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Faulty<T> {
    if depth <= SHALLOW {
        return Ok(work());
    }
    let done = thread::scope(|scope| {
        let thread = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        thread.ok().and_then(|t| t.join().ok())
    });
    let message = "no memory for parentheses that nest so deeply";
    done.ok_or_else(|| Fault::new(Span::default(), message))
}
