//! Where forwardings may go: `permitopen` and `permitlisten`, and `PermitOpen`, `PermitListen` and `PermitRemoteOpen` of
//! the configuration files.

use crate::files::pattern::{self, Case};
use alloc::string::String;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permit {
    /// A name or an address without brackets; `*` is any. What it means is said by the calls below.
    pub host: String,
    /// The port; `None` is any.
    pub port: Option<u16>,
}

impl Permit {
    /// `host:port`, `[address]:port`, with `*` for any port.
    #[must_use]
    pub fn open(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once("]:")?,
            None => text.split_once(':')?,
        };
        let readable = !host.is_empty() && host.len() <= pattern::MAX && !host.contains(['[', ']']);
        if !readable || host.contains(char::is_whitespace) {
            return None;
        }
        let port = match port {
            "*" => None,
            port => Some(crate::files::config::value::port(port)?),
        };
        Some(Permit { host: String::from(host), port })
    }

    /// `port`, `host:port`, `[address]:port`; without a host, any.
    #[must_use]
    pub fn listen(text: &str) -> Option<Self> {
        if text.contains(':') {
            return Permit::open(text);
        }
        let port = match text {
            "*" => None,
            port => Some(crate::files::config::value::port(port)?),
        };
        Some(Permit { host: String::from("*"), port })
    }

    /// Whether a connection to `host` at `port` is meant. Names are compared as they are: nothing is looked up, and but
    /// for `*` alone there are no patterns (sshd(8), permitopen).
    #[must_use]
    pub fn opens(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|permitted| permitted == port) && (self.host == "*" || self.host == host)
    }

    /// Whether listening on `host` at `port` is meant. The host is a pattern here, and is compared with what the client
    /// asked for: `localhost` is not `127.0.0.1` (sshd(8), permitlisten).
    #[must_use]
    pub fn listens(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|permitted| permitted == port) && pattern::glob(&self.host, host, Case::Fold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        let shown = |permit: Option<Permit>| permit.map(|permit| (permit.host, permit.port.unwrap_or(0)));
        for (text, open, listen) in [
            ("192.0.2.1:80", Some(("192.0.2.1", 80)), Some(("192.0.2.1", 80))),
            ("host:*", Some(("host", 0)), Some(("host", 0))),
            ("[::1]:22000", Some(("::1", 22000)), Some(("::1", 22000))),
            ("*:80", Some(("*", 80)), Some(("*", 80))),
            ("8080", None, Some(("*", 8080))),
            ("*", None, Some(("*", 0))),
        ] {
            let expected = |pair: Option<(&str, u16)>| pair.map(|(host, port)| (String::from(host), port));
            assert_eq!(shown(Permit::open(text)), expected(open), "{text}");
            assert_eq!(shown(Permit::listen(text)), expected(listen), "{text}");
        }
        for bad in ["", ":80", "host:", "host:0", "host:65536", "host:x", "::1:80", "[::1]80", "[]:80", "a b:80"] {
            assert_eq!((Permit::open(bad), Permit::listen(bad)), (None, None), "{bad}");
        }
    }

    #[test]
    fn names_to_open_are_literal_and_names_to_listen_on_are_patterns() {
        for (text, host, port, opens, listens) in [
            ("a.lab:80", "a.lab", 80, true, true),
            ("a.lab:80", "A.lab", 80, false, true),
            ("a.lab:80", "a.lab", 81, false, false),
            ("*.lab:80", "a.lab", 80, false, true),
            ("*:80", "a.lab", 80, true, true),
            ("a.lab:*", "a.lab", 7, true, true),
            ("localhost:80", "127.0.0.1", 80, false, false),
        ] {
            let permit = Permit::open(text).unwrap();
            assert_eq!((permit.opens(host, port), permit.listens(host, port)), (opens, listens), "{text} {host}");
        }
    }
}
