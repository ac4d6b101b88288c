//! Programs with a time limit, ended by their process ids.

use core::time::Duration;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use std::{fs, thread};

use super::{Error, PATIENCE, wait_until};

/// What a program did that has ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// The exit status; `None` for one that a signal ended.
    pub status: Option<i32>,
    /// All that it wrote to standard output.
    pub stdout: Vec<u8>,
    /// All that it wrote to standard error.
    pub stderr: String,
}

impl Output {
    /// Passes itself on if the program ended with 0, else panics with what it said.
    pub fn success(self) -> Output {
        assert_eq!(self.status, Some(0), "the program failed: {}", self.stderr);
        self
    }
}

/// A program that runs. Its standard input and output can be taken; its standard error is collected. Dropped, it ends.
#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
    /// Taken by a test that writes to the program itself; dropping it closes the pipe.
    pub stdin: Option<ChildStdin>,
    /// Taken by a test that reads from the program itself; [`Running::wait`] collects what was left here.
    pub stdout: Option<ChildStdout>,
    stderr: Arc<Mutex<Vec<u8>>>,
    /// In a lock only so that threads may share the whole.
    stderr_end: Mutex<Receiver<()>>,
}

impl Running {
    /// Starts a command with pipes at all three ends.
    pub fn start(command: &mut Command) -> Result<Running, Error> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::during(&name))?;
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let (end, stderr_end) = mpsc::channel();
        if let Some(mut pipe) = child.stderr.take() {
            let collected = Arc::clone(&stderr);
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                    collected.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..n]);
                }
                let _ = end.send(());
            });
        }
        Ok(Running {
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            child,
            name,
            stderr,
            stderr_end: Mutex::new(stderr_end),
        })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far.
    pub fn stderr(&self) -> String {
        let collected = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&collected).into_owned()
    }

    /// After its end: waits until what it last said is collected.
    fn rest_of_stderr(&self, patience: Duration) {
        let _ = self.stderr_end.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(patience);
    }

    /// Waits until standard error holds a text.
    pub fn wait_stderr(&mut self, text: &str, patience: Duration) -> Result<(), Error> {
        let mut ended = false;
        wait_until(patience, || {
            ended = !matches!(self.child.try_wait(), Ok(None));
            ended || self.stderr().contains(text)
        });
        if ended {
            // The last words may still be in the pipe.
            self.rest_of_stderr(Duration::from_secs(1));
        }
        if self.stderr().contains(text) {
            return Ok(());
        }
        let how = if ended { "ended without saying" } else { "did not say in time" };
        Err(Error::new(format!("{} {how} {text:?}; it said:\n{}", self.name, self.stderr())))
    }

    /// Writes `input`, closes standard input, collects the output and waits for the end; both pipes if they were not
    /// taken.
    pub fn finish(mut self, input: &[u8], patience: Duration) -> Result<Output, Error> {
        let start = Instant::now();
        if let Some(mut pipe) = self.stdin.take() {
            let input = input.to_vec();
            // A program that does not read all its input has its reasons; the test sees the output.
            thread::spawn(move || pipe.write_all(&input));
        }
        let (collected, stdout) = mpsc::channel();
        if let Some(mut pipe) = self.stdout.take() {
            thread::spawn(move || {
                let mut all = Vec::new();
                let _ = pipe.read_to_end(&mut all);
                let _ = collected.send(all);
            });
        } else {
            let _ = collected.send(Vec::new());
        }
        let mut status = None;
        wait_until(patience, || {
            status = self.child.try_wait().ok().flatten();
            status.is_some()
        });
        let Some(status) = status else {
            return Err(Error::new(format!(
                "{} did not end within {} s; it said:\n{}",
                self.name,
                patience.as_secs(),
                self.stderr()
            )));
        };
        // Whoever else holds the pipes open (a master process, say) gets what is left of the time, and a moment more.
        let left = patience.saturating_sub(start.elapsed()).max(Duration::from_secs(2));
        let stdout = stdout
            .recv_timeout(left)
            .map_err(|_| Error::new(format!("{} ended, but its standard output stayed open", self.name)))?;
        self.rest_of_stderr(Duration::from_secs(2));
        Ok(Output { status: status.code(), stdout, stderr: self.stderr() })
    }

    /// [`Running::finish`] without input, with the usual patience.
    pub fn wait(self) -> Result<Output, Error> {
        self.finish(&[], PATIENCE)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a child and all processes below it, and waits for the child.
pub(crate) fn end(child: &mut Child) {
    if let Ok(None) = child.try_wait() {
        let mut family = descendants(child.id());
        let _ = child.kill();
        let _ = child.wait();
        family.retain(|process| process.is_alive());
        kill(&family);
    }
}

/// Ends the processes in whose environment a variable has exactly this value.
pub(crate) fn end_marked(variable: &str, value: &str) {
    let wanted = format!("{variable}={value}");
    let marked: Vec<Process> = processes()
        .filter(|process| {
            fs::read(format!("/proc/{}/environ", process.id))
                .is_ok_and(|all| all.split(|&byte| byte == 0).any(|entry| entry == wanted.as_bytes()))
        })
        .collect();
    kill(&marked);
}

/// A process, told from a later one with the same id by when it started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Process {
    id: u32,
    parent: u32,
    started: u64,
}

impl Process {
    /// From `/proc/ID/stat`: the name in parentheses may hold anything, the fields count from behind it.
    fn read(id: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let fields: Vec<&str> = stat.get(stat.rfind(')')?..)?.split(' ').collect();
        Some(Process { id, parent: fields.get(2)?.parse().ok()?, started: fields.get(20)?.parse().ok()? })
    }

    fn is_alive(&self) -> bool {
        Process::read(self.id).is_some_and(|now| now.started == self.started)
    }
}

fn processes() -> impl Iterator<Item = Process> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Process::read)
}

fn descendants(root: u32) -> Vec<Process> {
    let all: Vec<Process> = processes().collect();
    let mut parents = vec![root];
    let mut found = Vec::new();
    while let Some(parent) = parents.pop() {
        for process in all.iter().filter(|process| process.parent == parent) {
            parents.push(process.id);
            found.push(*process);
        }
    }
    found
}

/// std has a kill for children only; the shell's has no such bound.
fn kill(processes: &[Process]) {
    if processes.is_empty() {
        return;
    }
    let _ = Command::new("/bin/sh")
        .args(["-c", "kill -9 \"$@\"", "sh"])
        .args(processes.iter().map(|process| process.id.to_string()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
