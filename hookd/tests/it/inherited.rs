//! What a daemon inherits from its parent: none of it reaches its hooks or hinders itself.
#![cfg(target_os = "linux")]

use std::ffi::OsString;

use hookd_proto::v1;
use hookd_test_support::*;

use v1::Condition::SnapshotEnd;

/// Blocks signals and ignores them, and executes its arguments.
const PERL: &str = "use POSIX; my @names = qw(TERM HUP INT QUIT CHLD PIPE USR1 ALRM); \
                    my @numbers = map { &{\"POSIX::SIG$_\"}() } @names; \
                    sigprocmask(SIG_BLOCK, POSIX::SigSet->new(@numbers)); \
                    $SIG{$_} = 'IGNORE' for @names; exec @ARGV";

/// Returns a set of signals without 32 and 33, which are glibc's own: its `posix_spawn` has
/// them ignored.
fn set(hexadecimal: &str) -> Option<u64> {
    let set = u64::from_str_radix(hexadecimal, 16).ok()?;
    Some(set & !(0b11 << 31))
}

// The client's connection is closed while the test waits for the daemon.
#[tokio::test(flavor = "multi_thread")]
async fn signals_begin_with_their_default_effects() {
    let script = "grep -E 'Sig(Blk|Ign)' /proc/self/status";
    // A setup of its own makes the spawn fork.
    for more in ["", "umask: \"022\""] {
        for via in ["FILE", "STDIN"] {
            let hook = hook("h", "SNAPSHOT_END", more, script);
            let via = format!("    scriptVia: {via}\n    command:");
            let mut setup = Setup::new(&config(&hook.replace("    command:", &via)));
            setup.wrapper = ["perl", "-e", PERL].map(OsString::from).into();
            let daemon = setup.start();
            let mut client = daemon.hooks().await;
            let entries = run(&mut client, request(event(SnapshotEnd))).await;
            let shown = output(&entries, 0, v1::OutputStream::Stdout);
            let shown = String::from_utf8(shown).expect("text");
            let sets: Vec<u64> = shown.split_whitespace().filter_map(set).collect();
            assert_eq!(sets, [0, 0], "{more}{via}: {shown}");
            drop(client);
            // TERM was blocked, too.
            assert_eq!(daemon.terminate(), 0);
        }
    }
}
