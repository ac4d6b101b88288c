//! What the options of a line permit, all together.

use super::options::{KeyOption, Options};
use super::permit::Permit;
use super::rule::Rule;
use super::time::Expiry;
use crate::UnixTime;
use crate::files::lines::Why;
use crate::files::network;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::net::IpAddr;

/// What somebody may do who came in by a line. Options count in their order: `restrict,pty` permits a terminal, and
/// `pty,restrict` does not. Whoever asks keeps all of it, or does not let the client in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permissions<'a> {
    /// Whether the agent may be forwarded.
    pub agent_forwarding: bool,
    /// Whether ports may be forwarded at all; [`may_open`](Self::may_open) and [`may_listen`](Self::may_listen) say
    /// which.
    pub port_forwarding: bool,
    /// Whether X11 may be forwarded.
    pub x11_forwarding: bool,
    /// Whether there may be a terminal.
    pub pty: bool,
    /// Whether `~/.ssh/rc` is run.
    pub user_rc: bool,
    /// Whether a security key has to be touched for its signature to count.
    pub touch_required: bool,
    /// Whether a security key has to know its user (a PIN, a finger) for its signature to count.
    pub verify_required: bool,
    /// Whether the key is an authority's.
    pub cert_authority: bool,
    /// What is run, whatever the client asks for.
    pub command: Option<Cow<'a, str>>,
    /// `NAME=value`, each name once. A server that lets people set variables lets them choose what its programs load:
    /// sshd does so only with `PermitUserEnvironment`.
    pub environment: Vec<Cow<'a, str>>,
    /// Until when the key is good. Of several times all count.
    pub expiry: Vec<Expiry>,
    /// Where the client has to come from.
    pub from: Option<Cow<'a, str>>,
    /// Where connections may go; any, if empty.
    pub open: Vec<Permit>,
    /// Where the server may listen; anywhere, if empty.
    pub listen: Vec<Permit>,
    /// Names with commas between them.
    pub principals: Option<Cow<'a, str>>,
    /// The tunnel device: outside, whether one is said; inside, its number, or any.
    pub tunnel: Option<Option<u32>>,
}

/// Who stands at the door.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Visitor<'v> {
    /// Where the connection comes from; without it, no `from="…"` lets anybody in.
    pub address: Option<IpAddr>,
    /// The name that the address has, if that was looked up and looked back. Without it, only addresses count.
    pub host: Option<&'v str>,
    /// The time.
    pub now: UnixTime,
    /// How many seconds the server's clocks are ahead of UTC, for times without `Z`.
    pub east_of_utc: i32,
}

impl<'v> Visitor<'v> {
    /// Somebody at an address, at a time.
    #[must_use]
    pub fn new(address: Option<IpAddr>, now: UnixTime) -> Self {
        Visitor { address, host: None, now, east_of_utc: 0 }
    }

    /// With the name that the address has.
    #[must_use]
    pub fn host(self, host: Option<&'v str>) -> Self {
        Visitor { host, ..self }
    }

    /// With the server's time zone, in seconds ahead of UTC.
    #[must_use]
    pub fn east_of_utc(self, east_of_utc: i32) -> Self {
        Visitor { east_of_utc, ..self }
    }
}

/// Why a line does not let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnedAway {
    /// The `expiry-time` is over.
    Expired,
    /// `from` does not name where the client comes from.
    From,
}

impl core::fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            TurnedAway::Expired => "its expiry-time is over",
            TurnedAway::From => "its from does not name where the client comes from",
        })
    }
}

impl core::error::Error for TurnedAway {}

/// The most variables, and the most places that may be forwarded to or listened on, in one line.
const MAX_VALUES: usize = 1024;

impl<'a> Permissions<'a> {
    /// What a line without options permits.
    pub(super) fn all() -> Self {
        Permissions {
            agent_forwarding: true,
            port_forwarding: true,
            x11_forwarding: true,
            pty: true,
            user_rc: true,
            touch_required: true,
            verify_required: false,
            cert_authority: false,
            command: None,
            environment: Vec::new(),
            expiry: Vec::new(),
            from: None,
            open: Vec::new(),
            listen: Vec::new(),
            principals: None,
            tunnel: None,
        }
    }

    /// Reads options with commas between them, as they stand in front of a key.
    ///
    /// # Errors
    /// [`Why`]: a line with such options lets nobody in.
    pub fn parse(options: &'a str) -> Result<Self, Why> {
        let mut permissions = Permissions::all();
        for option in Options::new(options) {
            let option: KeyOption<'a> = option.map_err(|()| Why::Options)?;
            permissions.apply(Rule::of(option)?)?;
        }
        if permissions.principals.is_some() && !permissions.cert_authority {
            return Err(Why::Authority);
        }
        Ok(permissions)
    }

    fn apply(&mut self, rule: Rule<'a>) -> Result<(), Why> {
        match rule {
            Rule::CertAuthority => self.cert_authority = true,
            Rule::Restrict => {
                self.agent_forwarding = false;
                self.port_forwarding = false;
                self.x11_forwarding = false;
                self.pty = false;
                self.user_rc = false;
            }
            Rule::AgentForwarding(yes) => self.agent_forwarding = yes,
            Rule::PortForwarding(yes) => self.port_forwarding = yes,
            Rule::X11Forwarding(yes) => self.x11_forwarding = yes,
            Rule::Pty(yes) => self.pty = yes,
            Rule::UserRc(yes) => self.user_rc = yes,
            Rule::TouchRequired(yes) => self.touch_required = yes,
            Rule::VerifyRequired(yes) => self.verify_required = yes,
            Rule::Command(command) => once(&mut self.command, command, "command")?,
            Rule::From(list) => once(&mut self.from, list, "from")?,
            Rule::Principals(names) => once(&mut self.principals, names, "principals")?,
            Rule::Environment(variable) => {
                // The first of a name counts.
                let known = self.environment.iter().any(|known| known.split('=').next() == variable.split('=').next());
                if !known {
                    bounded(&mut self.environment, variable, "environment")?;
                }
            }
            Rule::Expiry(expiry) => bounded(&mut self.expiry, expiry, "expiry-time")?,
            Rule::PermitOpen(permit) => bounded(&mut self.open, permit, "permitopen")?,
            Rule::PermitListen(permit) => bounded(&mut self.listen, permit, "permitlisten")?,
            Rule::Tunnel(device) => self.tunnel = Some(device),
        }
        Ok(())
    }

    /// Whether the line lets this visitor in, who has shown its key. It must be asked before the key is accepted.
    ///
    /// # Errors
    /// [`TurnedAway`].
    pub fn admits(&self, visitor: &Visitor<'_>) -> Result<(), TurnedAway> {
        if self.expiry.iter().any(|expiry| expiry.is_over(visitor.now, visitor.east_of_utc)) {
            return Err(TurnedAway::Expired);
        }
        let Some(from) = &self.from else { return Ok(()) };
        let verdict = visitor.address.map(|address| network::host_list(from, address, visitor.host));
        match verdict {
            Some(Ok(verdict)) if verdict.is_match() => Ok(()),
            _ => Err(TurnedAway::From),
        }
    }

    /// Whether a connection to `host` at `port` may be forwarded.
    #[must_use]
    pub fn may_open(&self, host: &str, port: u16) -> bool {
        self.port_forwarding && (self.open.is_empty() || self.open.iter().any(|permit| permit.opens(host, port)))
    }

    /// Whether the server may listen on `host` at `port` for the client.
    #[must_use]
    pub fn may_listen(&self, host: &str, port: u16) -> bool {
        self.port_forwarding && (self.listen.is_empty() || self.listen.iter().any(|permit| permit.listens(host, port)))
    }

    /// Whether a certificate of this authority with the principal `name` comes in, where `user` is who it asks to be: by
    /// the list of `principals`, or by the user's own name if there is none. Names are compared whole (CVE-2026-35414).
    #[must_use]
    pub fn accepts_principal(&self, name: &[u8], user: &[u8]) -> bool {
        match &self.principals {
            Some(names) => !name.is_empty() && names.split(',').any(|one| one.as_bytes() == name),
            None => name == user,
        }
    }
}

/// A value that may stand once.
fn once<T>(place: &mut Option<T>, value: T, name: &'static str) -> Result<(), Why> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Why::Twice(name)),
    }
}

fn bounded<T>(values: &mut Vec<T>, value: T, name: &'static str) -> Result<(), Why> {
    if values.len() >= MAX_VALUES {
        return Err(Why::Value(name));
    }
    values.push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Agent, ports, X11, terminal, rc.
    fn flags(options: &str) -> [bool; 5] {
        let p = Permissions::parse(options).unwrap();
        [p.agent_forwarding, p.port_forwarding, p.x11_forwarding, p.pty, p.user_rc]
    }

    #[test]
    fn options_count_in_their_order() {
        for (options, expected) in [
            ("", [true; 5]),
            ("restrict", [false; 5]),
            ("restrict,pty", [false, false, false, true, false]),
            ("pty,restrict", [false; 5]),
            ("no-pty,no-X11-forwarding", [true, true, false, false, true]),
            ("no-agent-forwarding,no-port-forwarding,no-user-rc", [false, false, true, true, false]),
            ("restrict,Agent-Forwarding,PORT-forwarding,x11-forwarding,user-rc", [true, true, true, false, true]),
            ("pty,no-pty", [true, true, true, false, true]),
            ("no-pty,pty", [true; 5]),
            ("cert-authority,principals=\"a\"", [true; 5]),
        ] {
            assert_eq!(flags(options), expected, "{options}");
        }
        let touch = |options| {
            let p = Permissions::parse(options).unwrap();
            (p.touch_required, p.verify_required)
        };
        // CVE-2026-39831: a touch is demanded unless the line says otherwise.
        assert_eq!(touch(""), (true, false));
        assert_eq!(touch("restrict"), (true, false));
        assert_eq!(touch("no-touch-required,verify-required"), (false, true));
        assert_eq!(touch("no-touch-required,touch-required,verify-required,no-verify-required"), (true, false));
    }

    #[test]
    fn values_are_read_and_what_cannot_be_read_lets_nobody_in() {
        let good = "command=\"echo \\\"a\\\"\",environment=\"A=1\",environment=\"A_2=x=y\",environment=\"A=3\",\
            expiry-time=\"20300101Z\",from=\"10.0.0.0/8,*.lab\",permitopen=\"h:80\",permitopen=\"[::1]:*\",\
            permitlisten=\"8080\",tunnel=\"7\",cert-authority,principals=\"a,b\"";
        let p = Permissions::parse(good).unwrap();
        assert_eq!(p.command.as_deref(), Some("echo \"a\""));
        assert_eq!(p.environment, ["A=1", "A_2=x=y"]);
        assert_eq!((p.from.as_deref(), p.tunnel), (Some("10.0.0.0/8,*.lab"), Some(Some(7))));
        assert_eq!((p.open.len(), p.listen.len(), p.expiry.len()), (2, 1, 1));
        assert_eq!(Permissions::parse("tunnel=\"Any\"").unwrap().tunnel, Some(None));
        for (bad, why) in [
            ("colour", Why::UnknownOption),
            ("colour=\"red\"", Why::UnknownOption),
            ("no-restrict", Why::UnknownOption),
            ("no-cert-authority", Why::UnknownOption),
            ("no-command=\"x\"", Why::UnknownOption),
            ("no-pty=\"yes\"", Why::UnknownOption),
            ("pty-", Why::UnknownOption),
            ("command", Why::UnknownOption),
            ("from", Why::UnknownOption),
            ("no-no-pty", Why::UnknownOption),
            ("command=\"a\",command=\"a\"", Why::Twice("command")),
            ("from=\"*\",from=\"*\"", Why::Twice("from")),
            ("cert-authority,principals=\"a\",principals=\"b\"", Why::Twice("principals")),
            ("principals=\"a\"", Why::Authority),
            ("environment=\"A\"", Why::Value("environment")),
            ("environment=\"=b\"", Why::Value("environment")),
            ("environment=\"A-B=c\"", Why::Value("environment")),
            ("expiry-time=\"tomorrow\"", Why::Value("expiry-time")),
            ("from=\"10.0.0.1/8\"", Why::Value("from")),
            ("from=\"\"", Why::Value("from")),
            ("permitopen=\"80\"", Why::Value("permitopen")),
            ("permitopen=\"h:0\"", Why::Value("permitopen")),
            ("permitlisten=\"h\"", Why::Value("permitlisten")),
            ("tunnel=\"x\"", Why::Value("tunnel")),
            ("tunnel=\"2147483647\"", Why::Value("tunnel")),
            ("pty,", Why::Options),
        ] {
            assert_eq!(Permissions::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn visitors_come_in_from_where_and_while_the_line_says() {
        let at = |address: &str, now| Visitor::new(Some(address.parse().unwrap()), UnixTime(now));
        let new_year = 1_704_067_200;
        let from = "from=\"10.0.0.0/8,!10.1.0.0/16,*.lab\"";
        for (options, visitor, expected) in [
            ("", Visitor::new(None, UnixTime(0)), Ok(())),
            (from, at("10.0.0.1", 0), Ok(())),
            (from, at("10.1.0.1", 0), Err(TurnedAway::From)),
            (from, at("10.1.0.1", 0).host(Some("a.lab")), Err(TurnedAway::From)),
            (from, at("11.0.0.1", 0).host(Some("a.lab")), Ok(())),
            (from, at("11.0.0.1", 0), Err(TurnedAway::From)),
            // CVE-2026-46595: where nothing is known about the address, a restriction is not passed by.
            (from, Visitor::new(None, UnixTime(0)).host(Some("a.lab")), Err(TurnedAway::From)),
            ("expiry-time=\"20240101Z\"", at("10.0.0.1", new_year), Ok(())),
            ("expiry-time=\"20240101Z\"", at("10.0.0.1", new_year + 1), Err(TurnedAway::Expired)),
            ("expiry-time=\"20240101\"", at("10.0.0.1", new_year + 1).east_of_utc(-3600), Ok(())),
            ("expiry-time=\"20990101\",expiry-time=\"20240101Z\"", at("::", new_year + 1), Err(TurnedAway::Expired)),
        ] {
            assert_eq!(Permissions::parse(options).unwrap().admits(&visitor), expected, "{options} {visitor:?}");
        }
    }

    #[test]
    fn forwardings_go_where_the_line_says() {
        let p = Permissions::parse("permitopen=\"h:80\",permitopen=\"h2:*\",permitlisten=\"8080\"").unwrap();
        assert!(p.may_open("h", 80) && p.may_open("h2", 7) && !p.may_open("h", 81) && !p.may_open("H", 80));
        assert!(p.may_listen("localhost", 8080) && p.may_listen("::", 8080) && !p.may_listen("localhost", 8081));
        let p = Permissions::parse("").unwrap();
        assert!(p.may_open("h", 80) && p.may_listen("h", 80));
        let p = Permissions::parse("permitopen=\"h:80\",no-port-forwarding").unwrap();
        assert!(!p.may_open("h", 80) && !p.may_listen("h", 80));
    }

    /// CVE-2026-35414: a principal with a comma in it is no list of principals.
    #[test]
    fn principals_are_compared_whole() {
        let p = Permissions::parse("cert-authority,principals=\"alice,bob\"").unwrap();
        let accepts = |name: &[u8]| p.accepts_principal(name, b"root");
        assert!(accepts(b"alice") && accepts(b"bob"));
        assert!(!accepts(b"alice,bob") && !accepts(b"root") && !accepts(b"") && !accepts(b"Alice"));
        let p = Permissions::parse("cert-authority").unwrap();
        assert!(p.accepts_principal(b"root", b"root") && !p.accepts_principal(b"alice", b"root"));
        let p = Permissions::parse("cert-authority,principals=\"\"").unwrap();
        assert!(!p.accepts_principal(b"", b"") && !p.accepts_principal(b"root", b"root"));
    }
}
