//! Scripts in whose middle an `ssh` or an `ffmpeg` reads stdin, through the real daemon and
//! the real programs.
//!
//! The client of `ssh` starts its server, so that no port is needed: as the user that runs
//! the test, with keys that are removed afterwards.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use hookd_proto::v1::Condition::SnapshotEnd;
use hookd_proto::v1::OutputStream::Stdout;
use hookd_test_support::*;

/// A Python package that contains the program.
const FFMPEG: &str = "imageio-ffmpeg==0.6.0";
const SSHD: &str = "/usr/sbin/sshd";

/// Makes `ssh host` in this folder reach a server. Fails with the name of the missing program.
fn server(folder: &Path) -> Result<String, String> {
    let at = |name: &str| folder.join(name).display().to_string();
    if !Path::new(SSHD).exists() {
        install("openssh-server")?;
    }
    for key in ["key", "server-key"] {
        succeeds(Command::new("ssh-keygen").args(["-qt", "ed25519", "-N", "", "-f", &at(key)]))?;
    }
    let server = format!(
        "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\n",
        at("server-key"),
        at("key.pub"),
    );
    fs::write(at("server"), server).expect("written");
    // As root, sshd requires a folder that its service unit creates.
    if fs::metadata("/run/sshd").is_err() {
        drop(fs::create_dir("/run/sshd"));
    }
    let client = format!(
        "ProxyCommand {SSHD} -i -f {}\nIdentityFile {}\nIdentitiesOnly yes\nBatchMode yes\n\
         StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n",
        at("server"),
        at("key"),
    );
    fs::write(at("client"), client).expect("written");
    let ssh = format!("ssh -F {} host", at("client"));
    succeeds(Command::new("sh").args(["-c", &format!("{ssh} true < /dev/null")]))?;
    Ok(ssh)
}

/// Returns the path of `ffmpeg`, which pip downloads at the first use. Fails with the reason.
fn ffmpeg() -> Result<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ffmpeg");
    let python = folder.join("bin/python");
    let path = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())";
    if succeeds(Command::new(&python).args(["-c", path])).is_err() {
        succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--no-deps"]);
        succeeds(install.arg(FFMPEG))?;
    }
    let output = Command::new(&python).args(["-c", path]).output();
    let output = output.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn succeeds(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr)
            .trim()
            .replace('\n', "; ")),
    }
}

#[tokio::test]
async fn an_ssh_in_its_middle_leaves_the_rest_of_a_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let ssh = match server(folder.path()) {
        Ok(ssh) => ssh,
        Err(missing) => return skip(&format!("ssh-in-a-script: {missing}")),
    };
    let script = format!("#!/bin/bash\necho begin\n{ssh} 'cat; echo there'\necho end");
    let vias = ["AUTO", "FILE", "STDIN"];
    let hooks = vias.map(|via| {
        let key = format!("    scriptVia: {via}\n    command:");
        hook(via, "SNAPSHOT_END", "", &script).replace("    command:", &key)
    });
    let elsewhere = hook(
        "elsewhere",
        "SNAPSHOT_END",
        "",
        &format!("#!{ssh} sh\necho there"),
    );
    let daemon = TestDaemon::with(&config(&(hooks.concat() + &elsewhere)));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let shown =
        [0, 1, 2, 3].map(|index| String::from_utf8(output(&entries, index, Stdout)).expect("text"));
    assert_eq!(shown[0], "begin\nthere\nend\n");
    assert_eq!(shown[1], "begin\nthere\nend\n");
    // With the script on stdin, as in Backrest, `ssh` reads the rest of the script.
    assert_eq!(shown[2], "begin\necho end\nthere\n");
    assert_eq!(shown[3], "there\n");
}

#[tokio::test]
async fn an_ffmpeg_in_its_middle_leaves_the_rest_of_a_script() {
    let ffmpeg = match ffmpeg() {
        Ok(ffmpeg) => ffmpeg,
        Err(missing) => return skip(&format!("ffmpeg-in-a-script: {missing}")),
    };
    // `ffmpeg` polls stdin for keys a few times a second, and would consume the rest of the script.
    let script = format!(
        "#!/bin/bash\necho begin\n'{ffmpeg}' -loglevel error -re -f lavfi -i sine=duration=2 -f s16le - | wc -c | tr -d ' '\n\
         echo end"
    );
    let hooks = ["AUTO", "FILE"].map(|via| {
        let key = format!("    scriptVia: {via}\n    command:");
        hook(via, "SNAPSHOT_END", "", &script).replace("    command:", &key)
    });
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    for index in [0, 1] {
        let shown = String::from_utf8(output(&entries, index, Stdout)).expect("text");
        assert_eq!(shown, "begin\n176400\nend\n");
    }
}
