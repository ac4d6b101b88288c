//! What `Host` and `Match` lines are compared with. The caller says what it knows; a criterion about something that is
//! not said does not match, negated or not.

use core::net::IpAddr;

/// What a client knows before it connects (ssh_config(5), Host and Match).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClientFacts<'f> {
    /// The host: `Host`, and `Match host` as long as no `Hostname` stands in front.
    pub host: &'f str,
    /// The host as the command line names it, which is the same but in a second reading: `Match originalhost`.
    pub original_host: &'f str,
    /// The user as the command line names it, or the local one: `Match user`, as long as no `User` stands in front.
    pub user: Option<&'f str>,
    /// Whether `user` comes from the command line, and so counts before any `User` in a file.
    pub user_given: bool,
    /// Who runs the program: `Match localuser`.
    pub local_user: Option<&'f str>,
    /// The command that is to be run: `Match command`. Without one it is the empty text.
    pub command: &'f str,
    /// The tag from the command line: `Match tagged`, as long as no `Tag` stands in front.
    pub tag: &'f str,
    /// Whether this is the second reading, with [`host`](Self::host) as the first one found it: `Match final` and
    /// `Match canonical`. The first value still counts, so a second reading goes on with the settings of the first.
    pub last: bool,
}

impl<'f> ClientFacts<'f> {
    /// About a host, and nothing else.
    #[must_use]
    pub fn new(host: &'f str) -> Self {
        ClientFacts {
            host,
            original_host: host,
            user: None,
            user_given: false,
            local_user: None,
            command: "",
            tag: "",
            last: false,
        }
    }
}

/// What a server knows about a connection (sshd_config(5), Match).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ServerFacts<'f> {
    /// Who asks to log in: `Match user`.
    pub user: Option<&'f str>,
    /// Whether there is no such user: `Match invalid-user`.
    pub user_invalid: bool,
    /// The groups of that user: `Match group`.
    pub groups: &'f [&'f str],
    /// The name of the client's address: `Match host`.
    pub host: Option<&'f str>,
    /// The client's address: `Match address`.
    pub address: Option<IpAddr>,
    /// The address that the client connected to: `Match localaddress`.
    pub local_address: Option<IpAddr>,
    /// The port that the client connected to: `Match localport`.
    pub local_port: Option<u16>,
}
