//! A listening socket whose accepted connections become standard input and output of one program each, as under inetd:
//! so the port is the kernel's choice and is never free in between.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::Error;
use super::process;

/// What is run for each connection.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Gets its standard error; exists.
    pub(crate) log: PathBuf,
}

/// The listener. Dropped, it ends with all programs that it started.
#[derive(Debug)]
pub(crate) struct Inetd {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// What the accepting thread and the owner both see.
#[derive(Debug)]
struct Shared {
    program: Program,
    children: Mutex<Vec<Child>>,
    accepted: AtomicUsize,
    stop: AtomicBool,
}

impl Inetd {
    /// Connections are accepted from here on.
    pub(crate) fn start(program: Program) -> Result<Inetd, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::during("127.0.0.1"))?;
        let addr = listener.local_addr().map_err(Error::during("127.0.0.1"))?;
        let shared = Arc::new(Shared {
            program,
            children: Mutex::default(),
            accepted: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener)
        });
        Ok(Inetd { addr, shared, accepting: Some(accepting) })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many connections came.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// What was logged so far, over all connections.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(&self.shared.program.log);
        log.map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }

    /// Accepts no more and ends what runs.
    pub(crate) fn end(&mut self) {
        let Some(accepting) = self.accepting.take() else { return };
        self.shared.stop.store(true, Ordering::SeqCst);
        // The accepting thread looks at the flag when it wakes up. It does by the next connection.
        if TcpStream::connect(self.addr).is_ok() {
            let _ = accepting.join();
        }
        for child in self.shared.children.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            process::end(child);
        }
    }
}

impl Drop for Inetd {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn accept(&self, listener: &TcpListener) {
        while let Ok((stream, _)) = listener.accept() {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            self.accepted.fetch_add(1, Ordering::Relaxed);
            let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
            children.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
            match self.serve(stream) {
                Ok(child) => children.push(child),
                Err(error) => eprintln!("{error}"),
            }
        }
    }

    fn serve(&self, stream: TcpStream) -> Result<Child, Error> {
        let Program { path, arguments, environment, log } = &self.program;
        let input = stream.try_clone().map_err(Error::during("socket"))?;
        let log = OpenOptions::new().append(true).open(log).map_err(Error::during(log.display()))?;
        Command::new(path)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(OwnedFd::from(input)))
            .stdout(Stdio::from(OwnedFd::from(stream)))
            .stderr(Stdio::from(log))
            .spawn()
            .map_err(Error::during(path.display()))
    }
}
