//! Scripts that cannot start: each cause has its own error and leaves no file behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::TestScript;
use process_supervisor::SpawnError;

async fn fails(test: TestScript) -> SpawnError {
    let scripts = test.spec.script_dir.clone();
    let error = test.try_start().await.expect_err("it should not start");
    if let Ok(left) = fs::read_dir(&scripts) {
        assert_eq!(left.count(), 0, "script files left behind");
    }
    let text = error.to_string();
    assert!(
        text.starts_with(char::is_lowercase) && !text.ends_with('.'),
        "{text}"
    );
    error
}

fn program(test: &TestScript, content: &[u8], mode: u32) -> PathBuf {
    let path = test.folder.path().join("program");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[tokio::test]
async fn a_missing_interpreter() {
    let error = fails(TestScript::new("#!no-such-program\n")).await;
    assert!(
        matches!(&error, SpawnError::NotFound { program, path: Some(_) } if program == "no-such-program")
    );
    let error = fails(TestScript::new("#!/no/such/program\n")).await;
    assert!(
        matches!(&error, SpawnError::NotFound { program, path: None } if program == "/no/such/program")
    );
}

#[tokio::test]
async fn the_path_of_the_script_is_searched() {
    let test = TestScript::new("#!program\n").env("PATH", "/nowhere");
    assert!(
        matches!(fails(test).await, SpawnError::NotFound { path: Some(path), .. } if path == "/nowhere")
    );
    let test = TestScript::new("#!program\n");
    program(&test, b"#!/bin/sh\necho mine\n", 0o755);
    let path = test.folder.path().to_str().unwrap().to_owned();
    assert_eq!(test.env("PATH", &path).run().await.stdout(), "mine\n");
}

#[tokio::test]
async fn an_interpreter_that_cannot_be_executed() {
    let test = TestScript::new("#!FOLDER/program\n");
    program(&test, b"#!/bin/sh\n", 0o644);
    assert!(matches!(
        fails(test).await,
        SpawnError::NotExecutable { .. }
    ));
    assert!(matches!(
        fails(TestScript::new("#!/usr\n")).await,
        SpawnError::NotExecutable { .. }
    ));
}

#[tokio::test]
async fn an_interpreter_whose_loader_is_missing() {
    let test = TestScript::new("#!FOLDER/program\n");
    program(&test, b"#!/no/such/interpreter\n", 0o755);
    assert!(matches!(fails(test).await, SpawnError::NoLoader { .. }));
}

#[tokio::test]
async fn an_interpreter_that_is_no_program() {
    let test = TestScript::new("#!FOLDER/program\n");
    program(&test, b"\x01\x02\x03", 0o755);
    assert!(matches!(fails(test).await, SpawnError::NotAProgram { .. }));
}

#[tokio::test]
async fn an_interpreter_that_is_being_written() {
    let test = TestScript::new("#!FOLDER/program\n");
    let path = program(&test, b"", 0o755);
    fs::copy("/bin/true", &path).unwrap();
    let writer = fs::OpenOptions::new().append(true).open(&path).unwrap();
    assert!(matches!(fails(test).await, SpawnError::TextBusy { .. }));
    drop(writer);
}

#[tokio::test]
async fn a_file_that_is_busy_for_a_moment_is_tried_again() {
    let test = TestScript::new("#!FOLDER/program\n");
    let path = program(&test, b"", 0o755);
    fs::copy("/bin/true", &path).unwrap();
    let writer = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let started = tokio::spawn(test.run());
    // The first try happens before this task runs again.
    tokio::task::yield_now().await;
    drop(writer);
    assert_eq!(
        started.await.unwrap().ended.reason,
        process_supervisor::EndReason::Exited(0)
    );
}

#[tokio::test]
async fn a_working_directory_that_is_gone() {
    for path in ["/no/such/folder", "/etc/passwd"] {
        let mut test = TestScript::new("true");
        test.spec.working_directory = path.into();
        let error = fails(test).await;
        assert!(
            matches!(&error, SpawnError::WorkingDirectory { path: p, .. } if p == Path::new(path)),
            "{error}"
        );
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[tokio::test]
async fn no_folder_for_scripts() {
    let mut test = TestScript::new("true");
    test.spec.script_dir = "/no/such/folder".into();
    assert!(matches!(fails(test).await, SpawnError::ScriptFile { .. }));
}

#[tokio::test]
async fn too_large_an_environment() {
    let mut test = TestScript::new("true");
    for i in 0..100 {
        test = test.env(&format!("LABEL_{i}"), &"x".repeat(100_000));
    }
    assert!(matches!(fails(test).await, SpawnError::TooLarge { bytes } if bytes > 10_000_000));
}

#[tokio::test]
async fn a_variable_that_no_environment_can_hold() {
    for value in ["x".repeat(200_000), "a\0b".to_owned()] {
        let error = fails(TestScript::new("true").env("BIG", &value)).await;
        assert!(matches!(&error, SpawnError::Variable { name, .. } if name == "BIG"));
        assert!(error.to_string().contains("in a file"), "{error}");
    }
}

#[tokio::test]
async fn too_long_an_argument() {
    let mut test = TestScript::new("true");
    test.spec.script.interpreter.push("x".repeat(200_000));
    assert!(matches!(fails(test).await, SpawnError::TooLarge { .. }));
}
