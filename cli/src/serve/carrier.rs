//! What a channel is connected to: a process with three pipes, or a socket.

use super::config::Settings;
use super::login::Admitted;
use crate::pump::{Pump, Sink, Source};
use nix::sys::signal::Signal;
use sansh::channel::{Channel, Request, Stream};
use sansh::{Connection, SendError, Server};
use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A channel and its far end.
pub(super) struct Carrier {
    pub(super) pump: Pump,
    pub(super) far: Far,
    /// This side has said all, the exit status too.
    settled: bool,
    /// The channel is closed; what is in the pump still goes to its sink.
    closed: bool,
}

pub(super) enum Far {
    /// A socket that is being connected, or that waits for the client to accept the channel.
    Coming,
    /// A socket. `session` says that the channel is a session, whose program ends with a status.
    Socket {
        session: bool,
    },
    Process {
        child: Child,
        status: Option<ExitStatus>,
    },
}

impl Carrier {
    pub(super) fn new(pump: Pump, far: Far) -> Self {
        Carrier { pump, far, settled: false, closed: false }
    }

    /// Runs a command by the user's shell, or the shell itself.
    pub(super) fn run(
        channel: Channel,
        command: Option<&[u8]>,
        original: Option<&[u8]>,
        settings: &Settings,
        who: &Admitted,
        addresses: (SocketAddr, SocketAddr),
    ) -> io::Result<Self> {
        let me = &settings.me;
        let mut line = Command::new(&me.shell);
        match command {
            Some(command) => line.arg("-c").arg(OsString::from_vec(command.to_vec())),
            // A name with a dash makes a login shell.
            None => {
                let name = me.shell.file_name().unwrap_or_default();
                line.arg0([std::ffi::OsStr::new("-"), name].into_iter().collect::<OsString>())
            }
        };
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        let (peer, local) = addresses;
        line.env_clear()
            .env("PATH", path)
            .env("HOME", &me.home)
            .env("SHELL", &me.shell)
            .env("USER", &me.name)
            .env("LOGNAME", &me.name)
            .env("SSH_CLIENT", format!("{} {} {}", peer.ip(), peer.port(), local.port()))
            .env("SSH_CONNECTION", format!("{} {} {} {}", peer.ip(), peer.port(), local.ip(), local.port()))
            // Who logged in, and by which key: a service that is run as a command learns it here.
            .env("SANSH_USER", &who.user)
            .env("SANSH_KEY", who.fingerprint.to_string())
            .envs(settings.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(if me.home.is_dir() { me.home.as_path() } else { std::path::Path::new("/") })
            .process_group(0);
        if let Some(original) = original {
            line.env("SSH_ORIGINAL_COMMAND", OsString::from_vec(original.to_vec()));
        }
        let mut child = line.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut pump = Pump::new(channel);
        if let Some(pipe) = child.stdin.take() {
            pump = pump.with_sink(Stream::Main, Sink::own(OwnedFd::from(pipe))?);
        }
        if let Some(pipe) = child.stdout.take() {
            pump = pump.with_source(Source::own(OwnedFd::from(pipe), Stream::Main)?);
        }
        if let Some(pipe) = child.stderr.take() {
            pump = pump.with_source(Source::own(OwnedFd::from(pipe), Stream::Stderr)?);
        }
        Ok(Carrier::new(pump, Far::Process { child, status: None }))
    }

    /// The socket is there.
    pub(super) fn attach(&mut self, socket: OwnedFd, session: bool) -> io::Result<()> {
        self.pump.attach(socket)?;
        self.far = Far::Socket { session };
        Ok(())
    }

    /// A child has ended, perhaps this one.
    pub(super) fn reap(&mut self) {
        if let Far::Process { child, status } = &mut self.far
            && status.is_none()
        {
            *status = child.try_wait().ok().flatten();
        }
    }

    /// The channel is closed.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.pump.closed();
    }

    /// Whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        let ended = match &self.far {
            Far::Process { status, .. } => status.is_some(),
            Far::Coming => return self.closed,
            Far::Socket { .. } => true,
        };
        self.closed && ended && self.pump.sinks_ended()
    }

    /// Says what has to be said when the far end is done: exit status, EOF, CLOSE. Without room now, it comes here
    /// again with the next event.
    pub(super) fn settle(&mut self, conn: &mut Connection<Server>, channel: Channel) {
        if self.settled || self.closed || !self.pump.sources_ended() {
            return;
        }
        let told = match &self.far {
            Far::Coming | Far::Process { status: None, .. } => return,
            Far::Socket { session: false } => {
                self.pump.finish_if_ended(conn);
                if !self.pump.sinks_ended() {
                    return;
                }
                Ok(())
            }
            Far::Socket { session: true } => conn.request(channel, Request::ExitStatus(0)).map(drop),
            Far::Process { status: Some(status), .. } => conn.request(channel, exit(*status)).map(drop),
        };
        if let Err(SendError::Full | SendError::Rekeying | SendError::Window) = told {
            return;
        }
        self.settled = true;
        self.pump.finish_if_ended(conn);
        // Stale: the client has closed it meanwhile.
        let _ = conn.close(channel);
    }
}

/// How a process ended, as RFC 4254, section 6.10 says it.
fn exit(status: ExitStatus) -> Request<'static> {
    match status.signal() {
        None => Request::ExitStatus(status.code().unwrap_or(255) as u32),
        Some(signal) => {
            let name = Signal::try_from(signal).map_or("KILL", |signal| signal.as_str().trim_start_matches("SIG"));
            Request::ExitSignal { signal: name.as_bytes(), core_dumped: status.core_dumped(), message: b"" }
        }
    }
}
