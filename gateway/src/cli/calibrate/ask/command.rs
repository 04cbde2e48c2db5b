//! The site's own grading program.
//!
//! It is named on the command line, never by a file of prompts, and is started without a shell and without the variables of
//! this process but a few. What it is told goes to its standard input alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock;

/// The variables that it is given: keys of providers are not among them.
const VARIABLES: [&str; 5] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"];

/// How often is looked whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A program that says who is right, and how long it may take.
pub(super) struct Program {
    path: PathBuf,
    timeout: Duration,
}

impl Program {
    pub fn new(path: &Path, timeout: Duration) -> Self {
        Self { path: path.to_path_buf(), timeout }
    }

    /// Whether an answer is right: it exits with 0. None where it could not be started, took too long or was killed.
    pub fn is_right(&self, prompt: &str, answer: &str, expected: &Value) -> Option<bool> {
        let prompt: Value = serde_json::from_str(prompt).ok()?;
        let told = json!({"prompt": prompt, "answer": answer, "expected": expected}).to_string();
        let status = self.run(told)?;
        status.code().map(|code| code == 0)
    }

    fn run(&self, told: String) -> Option<ExitStatus> {
        let mut command = Command::new(&self.path);
        command.env_clear();
        command.envs(VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let mut input = child.stdin.take()?;
        // One that reads nothing must not be waited for; its thread ends when the pipe does.
        std::thread::spawn(move || {
            let _unread = input.write_all(told.as_bytes());
        });
        let ended = wait(&mut child, self.timeout);
        if ended.is_none() {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
        ended
    }
}

fn wait(child: &mut Child, timeout: Duration) -> Option<ExitStatus> {
    let from = clock::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if clock::now().saturating_duration_since(from) < timeout => {
                std::thread::sleep(LOOK_EVERY);
            }
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;

    fn program(folder: &TempDir, script: &str, timeout: Duration) -> Program {
        let path = folder.path().join("grade");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Program::new(&path, timeout)
    }

    #[test]
    fn it_is_told_prompt_answer_and_what_is_expected_and_its_exit_code_counts() {
        let folder = TempDir::new().unwrap();
        let minute = Duration::from_secs(60);
        let reads = program(&folder, "grep -q '\"answer\":\"forty-two\".*\"expected\":{\"n\":42}'", minute);
        assert_eq!(reads.is_right("[]", "forty-two", &json!({"n": 42})), Some(true));
        assert_eq!(reads.is_right("[]", "forty", &json!({"n": 42})), Some(false));
        let bare = program(&folder, "test -z \"$CARGO_MANIFEST_DIR\" && test -n \"$PATH\"", minute);
        assert_eq!(bare.is_right("[]", "a", &Value::Null), Some(true));
    }

    #[test]
    fn what_takes_too_long_is_killed_or_is_not_there_says_nothing() {
        let folder = TempDir::new().unwrap();
        let slow = program(&folder, "exec sleep 60", Duration::from_millis(50));
        let long = "x".repeat(1 << 20);
        assert_eq!(slow.is_right("[]", &long, &Value::Null), None);
        let killed = program(&folder, "kill -9 $$", Duration::from_secs(60));
        assert_eq!(killed.is_right("[]", "a", &Value::Null), None);
        let gone = Program::new(&folder.path().join("none"), Duration::from_secs(60));
        assert_eq!(gone.is_right("[]", "a", &Value::Null), None);
    }
}
