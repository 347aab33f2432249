//! Size of an environment: the room that the system gives, and its division among texts.

/// Bytes for which an environment is made if the system does not tell its limit.
const UNKNOWN_LIMIT: u64 = 256 << 10;

/// Returns the bytes that one variable takes, with its `=`, its NUL and the pointer to it.
pub(crate) fn entry_size(name: usize, value: usize) -> usize {
    name + value + 2 + size_of::<usize>()
}

/// Returns the bytes that all variables of a script may take together: half of what the system
/// allows for arguments and environment. The other half is for the arguments of programs that the
/// script runs in the same environment.
pub(crate) fn room() -> usize {
    usize::try_from(limit() / 2).unwrap_or(usize::MAX)
}

/// Returns the bytes that arguments and environment may take together on Linux: a quarter of the
/// stack, within two bounds of the kernel.
#[cfg(target_os = "linux")]
fn limit() -> u64 {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::Stack).current {
        Some(stack) => (stack / 4).clamp(UNKNOWN_LIMIT / 2, 6 << 20),
        None => 6 << 20,
    }
}

#[cfg(not(target_os = "linux"))]
fn limit() -> u64 {
    UNKNOWN_LIMIT
}

/// Returns the length to which texts of these lengths must be cut so that all fit into `room`
/// bytes; the longest are cut first.
pub(crate) fn longest_texts(mut lengths: Vec<usize>, room: usize) -> usize {
    lengths.sort_unstable();
    let mut left = room;
    for (index, length) in lengths.iter().enumerate() {
        let share = left / (lengths.len() - index);
        if *length > share {
            return share;
        }
        left -= length;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_texts_are_cut_first() {
        let check = |lengths: &[usize], room, expect| {
            assert_eq!(longest_texts(lengths.to_vec(), room), expect, "{lengths:?}");
        };
        check(&[], 0, usize::MAX);
        check(&[5, 5], 10, usize::MAX);
        check(&[100, 2, 3], 25, 20);
        check(&[100, 50, 3], 23, 10);
        check(&[1], 0, 0);
    }
}
