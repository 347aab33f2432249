//! Test program that forks, ignores signals, floods and holds pipes: `misbehave VERB [ARGUMENT…]`.
//!
//! None of its processes lives longer than [`LIFETIME`], even if a test does not end it.

#![expect(
    clippy::unwrap_used,
    clippy::zombie_processes,
    reason = "it is here to misbehave, and what fails here fails a test"
)]

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod unix {
    use std::io::{Read, Write};
    use std::path::Path;
    use std::process::{Command, Stdio, exit};
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, getpid, kill_process, setsid};
    use tokio::signal::unix::{SignalKind, signal};

    const LIFETIME: Duration = Duration::from_secs(60);

    pub(super) fn main() {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["exit", code] => exit(code.parse().unwrap()),
            ["signal", number] => die_of(number.parse().unwrap()),
            ["stop"] => {
                say("stopping\n");
                kill_process(getpid(), Signal::STOP).unwrap();
                say("continued\n");
            }
            ["wait"] => wait(),
            ["deaf"] => deaf(None),
            ["flood", bytes] => flood(bytes.parse().unwrap()),
            ["drip", seed, pieces] => drip(seed.parse().unwrap(), pieces.parse().unwrap()),
            ["bytes", hex] => bytes(hex),
            ["cat"] => {
                let mut input = Vec::new();
                std::io::stdin().read_to_end(&mut input).unwrap();
                std::io::stdout().write_all(&input).unwrap();
            }
            ["descriptors"] => descriptors(),
            // Starts a process in a session of its own and exits, which orphans it.
            ["daemon", file, ref how @ ..] => {
                again(&[&["detach", file], how].concat(), how)
                    .wait()
                    .unwrap();
            }
            ["detach", file, ref how @ ..] => {
                setsid().unwrap();
                again(&[&["linger", file], how].concat(), how);
            }
            ["linger", file, ref how @ ..] => {
                if how.contains(&"deaf") {
                    deaf(Some(Path::new(file)));
                }
                publish(Path::new(file));
                wait();
            }
            // A chain of processes, each in a session of its own; each starts the next and exits.
            ["dodge", folder, ref how @ ..] => dodge(folder, how),
            // A child that sleeps in this process group, ignoring TERM, while this process exits.
            ["orphan", file] => {
                again(&["linger", file, "deaf"], &[]);
            }
            // A child that is stopped.
            ["stopped-child", file] => {
                let child = again(&["linger", file], &[]);
                await_file(Path::new(file));
                let pid = Pid::from_child(&child);
                kill_process(pid, Signal::STOP).unwrap();
                say("ready\n");
                wait();
            }
            _ => panic!("misbehave: {words:?}?"),
        }
    }

    /// Starts this program again, perhaps without pipes or environment.
    fn again(words: &[&str], how: &[&str]) -> std::process::Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(words);
        if how.contains(&"quiet") {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        if how.contains(&"unmarked") {
            command.env_clear();
        }
        command.spawn().unwrap()
    }

    fn say(text: &str) {
        let mut out = std::io::stdout();
        out.write_all(text.as_bytes()).unwrap();
        out.flush().unwrap();
    }

    fn wait() -> ! {
        std::thread::sleep(LIFETIME);
        exit(99);
    }

    /// Writes this process's id to a file, which appears when it is complete.
    fn publish(file: &Path) {
        let new = file.with_extension("new");
        std::fs::write(&new, std::process::id().to_string()).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    fn await_file(file: &Path) {
        while !file.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Catches TERM and the like without ending.
    fn deaf(file: Option<&Path>) -> ! {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let kinds = [
                SignalKind::terminate(),
                SignalKind::hangup(),
                SignalKind::interrupt(),
            ];
            let _signals = kinds.map(|kind| signal(kind).unwrap());
            match file {
                Some(file) => publish(file),
                None => say("ready\n"),
            }
            tokio::time::sleep(LIFETIME).await;
        });
        exit(99);
    }

    fn die_of(number: i32) {
        // No core file, which would take time to write.
        let none = rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        rustix::process::setrlimit(rustix::process::Resource::Core, none).unwrap();
        let signal = Signal::from_named_raw(number).unwrap();
        // Rust's handlers, which report stack overflows, catch a signal only once.
        for _ in 0..2 {
            kill_process(getpid(), signal).unwrap();
        }
        wait();
    }

    /// Writes numbered lines to stdout, and then an error to stderr.
    fn flood(bytes: usize) {
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout());
        let line = [b'.'; 64];
        out.write_all(b"first\n").unwrap();
        for _ in 0..bytes / line.len() {
            out.write_all(&line).unwrap();
        }
        out.write_all(b"\nlast\n").unwrap();
        out.flush().unwrap();
        std::io::stderr()
            .write_all(b"the error at the end\n")
            .unwrap();
    }

    /// Writes pieces of all sizes to both streams, as computed by `support::dripped`.
    fn drip(seed: u64, pieces: u64) {
        let mut state = seed;
        for _ in 0..pieces {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let length = 1 + (state >> 33) as usize % if state >> 62 == 0 { 100_000 } else { 500 };
            let data: Vec<u8> = (0..length).map(|i| (state >> 40) as u8 ^ i as u8).collect();
            if state >> 63 == 0 {
                std::io::stdout().write_all(&data).unwrap();
                std::io::stdout().flush().unwrap();
            } else {
                std::io::stderr().write_all(&data).unwrap();
            }
        }
    }

    fn bytes(hex: &str) {
        let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
        let data: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        std::io::stdout().write_all(&data).unwrap();
    }

    fn descriptors() {
        let mut open: Vec<String> = std::fs::read_dir("/proc/self/fd")
            .unwrap()
            .map(|entry| entry.unwrap())
            // The descriptor that reads the folder is open, too.
            .filter(|entry| {
                std::fs::read_link(entry.path()).is_ok_and(|to| !to.starts_with("/proc"))
            })
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        open.sort();
        say(&open.join(" "));
    }

    fn dodge(folder: &str, how: &[&str]) {
        let _ = setsid();
        let started = Path::new(folder).join("started");
        let first = std::fs::metadata(&started)
            .ok()
            .and_then(|file| file.modified().ok()?.elapsed().ok());
        match first {
            None => publish(&started),
            Some(age) if age > LIFETIME => exit(99),
            Some(_) => {}
        }
        std::fs::write(
            Path::new(folder).join("latest"),
            format!("{:?}", Instant::now()),
        )
        .unwrap();
        std::thread::sleep(Duration::from_millis(2));
        again(&[&["dodge", folder], how].concat(), how);
    }
}
