//! The remote forwardings of a client: "Implementations MUST reject these messages unless they have previously
//! requested a remote TCP/IP port forwarding with the given port number" (RFC 4254, section 7.2). So the client remembers what it asked for, within `Limits.forwards`.

use crate::connection::error::Error;
use alloc::vec::Vec;

/// One remote forwarding's heap, in bytes.
pub(crate) const FORWARD_BYTES: usize = size_of::<Forward>();

/// Where a server listens for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// Address and port (RFC 4254, section 7.1).
    Tcp(&'a [u8], u32),
    /// Path of a Unix socket (OpenSSH PROTOCOL, section 2.4).
    Unix(&'a [u8]),
}

impl<'a> Place<'a> {
    /// The address or path.
    pub(crate) fn name(self) -> &'a [u8] {
        match self {
            Place::Tcp(name, _) | Place::Unix(name) => name,
        }
    }

    fn port(self) -> Option<u32> {
        match self {
            Place::Tcp(_, port) => Some(port),
            Place::Unix(_) => None,
        }
    }
}

/// A remote forwarding that this client asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forward {
    /// `None` for a Unix socket.
    port: Option<u32>,
    /// Our request that asked for it, until it is answered.
    asked: Option<u32>,
    /// Our request that cancels it, until it is answered.
    cancelled: Option<u32>,
    len: u8,
    address: [u8; Forwards::ADDRESS],
}

impl Forward {
    fn is(&self, place: Place<'_>) -> bool {
        self.port == place.port() && self.address.get(..usize::from(self.len)) == Some(place.name())
    }
}

/// The forwardings of one client: channels come only for these.
#[derive(Debug, Default)]
pub(crate) struct Forwards(Vec<Forward>);

impl Forwards {
    /// The longest address: a Unix socket's path.
    pub(crate) const ADDRESS: usize = 108;

    /// Whether another one can be asked for.
    pub(crate) fn has_room(&mut self, place: Place<'_>, limit: u32) -> Result<bool, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if self.0.len() >= limit || place.name().len() > Self::ADDRESS {
            return Ok(false);
        }
        if self.0.capacity() == 0 {
            self.0.try_reserve_exact(limit).map_err(|_| Error::OutOfMemory)?;
        }
        Ok(true)
    }

    /// Our request `sent` asks for it.
    pub(crate) fn ask(&mut self, place: Place<'_>, sent: u32) {
        let (address, port) = (place.name(), place.port());
        let mut entry = Forward { port, asked: Some(sent), cancelled: None, len: 0, address: [0; Self::ADDRESS] };
        if let (Some(place), Ok(len)) = (entry.address.get_mut(..address.len()), u8::try_from(address.len())) {
            place.copy_from_slice(address);
            entry.len = len;
            if self.0.len() < self.0.capacity() {
                self.0.push(entry);
            }
        }
    }

    /// Our request `sent` cancels it.
    pub(crate) fn cancel(&mut self, place: Place<'_>, sent: u32) {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.is(place)) {
            entry.cancelled = Some(sent);
        }
    }

    /// Our request `sent` was answered, perhaps with the port that was bound.
    pub(crate) fn answered(&mut self, sent: u32, ok: bool, port: Option<u32>) {
        self.0.retain_mut(|entry| {
            if entry.asked == Some(sent) {
                entry.asked = None;
                if entry.port == Some(0) {
                    entry.port = port.or(Some(0));
                }
                return ok;
            }
            if entry.cancelled == Some(sent) {
                entry.cancelled = None;
                return !ok;
            }
            true
        });
    }

    /// Whether a channel from there was asked for.
    pub(crate) fn has(&self, place: Place<'_>) -> bool {
        self.0.iter().any(|entry| entry.is(place) && entry.asked.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_come_only_for_forwardings_that_were_granted() {
        let mut forwards = Forwards::default();
        let tcp = |port| Place::Tcp(b"localhost", port);
        assert!(forwards.has_room(tcp(0), 2).expect("memory"));
        forwards.ask(tcp(0), 5);
        assert!(!forwards.has(tcp(0)));
        forwards.answered(5, true, Some(4711));
        assert!(forwards.has(tcp(4711)) && !forwards.has(Place::Tcp(b"", 4711)) && !forwards.has(tcp(0)));
        assert!(!forwards.has(Place::Unix(b"localhost")), "a socket is no port");
        forwards.cancel(tcp(4711), 6);
        forwards.answered(6, true, None);
        assert!(!forwards.has(tcp(4711)));
    }

    #[test]
    fn a_socket_is_forwarded_until_it_is_cancelled() {
        let mut forwards = Forwards::default();
        let socket = Place::Unix(b"/run/x");
        assert!(forwards.has_room(socket, 1).expect("memory"));
        assert!(!forwards.has_room(Place::Unix(&[b'x'; 109]), 1).expect("memory"));
        forwards.ask(socket, 0);
        forwards.answered(0, true, None);
        assert!(forwards.has(socket) && !forwards.has(Place::Unix(b"/run")) && !forwards.has(Place::Tcp(b"/run/x", 0)));
        assert!(!forwards.has_room(socket, 1).expect("memory"), "the limit holds");
        forwards.cancel(socket, 1);
        forwards.answered(1, false, None);
        assert!(forwards.has(socket), "the server did not cancel it");
    }
}
