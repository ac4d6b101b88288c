//! What an option means.

use super::options::KeyOption;
use super::permit::Permit;
use super::time::Expiry;
use crate::files::lines::Why;
use crate::files::network;
use alloc::borrow::Cow;

/// An option with its value read (sshd(8), AUTHORIZED_KEYS FILE FORMAT). [`KeyOption`] is the text behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule<'a> {
    /// `cert-authority`: the key signs certificates and does not come in by itself.
    CertAuthority,
    /// `restrict`: everything that can be forbidden is.
    Restrict,
    /// `agent-forwarding`, or with `no-` in front false.
    AgentForwarding(bool),
    /// `port-forwarding`, `no-port-forwarding`.
    PortForwarding(bool),
    /// `X11-forwarding`, `no-X11-forwarding`.
    X11Forwarding(bool),
    /// `pty`, `no-pty`.
    Pty(bool),
    /// `user-rc`, `no-user-rc`.
    UserRc(bool),
    /// `touch-required`, `no-touch-required`: a security key has to be touched.
    TouchRequired(bool),
    /// `verify-required`, `no-verify-required`: a security key has to know its user.
    VerifyRequired(bool),
    /// `command="…"`: this is run, whatever is asked for.
    Command(Cow<'a, str>),
    /// `environment="NAME=value"`: the name has letters, digits and `_` only.
    Environment(Cow<'a, str>),
    /// `expiry-time="…"`: the key is good until then.
    Expiry(Expiry),
    /// `from="…"`: where the client comes from, as [`network::host_list`] reads it.
    From(Cow<'a, str>),
    /// `permitopen="host:port"`: where a connection may be forwarded to.
    PermitOpen(Permit),
    /// `permitlisten="[host:]port"`: where the server may listen for the client.
    PermitListen(Permit),
    /// `principals="…"`: names with commas between them, one of which a certificate must have.
    Principals(Cow<'a, str>),
    /// `tunnel="n"`: the number of the device; `None` is any.
    Tunnel(Option<u32>),
}

/// The highest number of a tunnel device.
const TUNNEL_MAX: u32 = i32::MAX as u32 - 2;

impl<'a> Rule<'a> {
    pub(super) fn of(option: KeyOption<'a>) -> Result<Self, Why> {
        let Some(value) = option.value else { return Rule::flag(&option.name) };
        let bad = Why::Value;
        Ok(match &*option.name {
            "command" => Rule::Command(value),
            "environment" if is_variable(&value) => Rule::Environment(value),
            "environment" => return Err(bad("environment")),
            "expiry-time" => Rule::Expiry(Expiry::parse(&value).ok_or(bad("expiry-time"))?),
            "from" => {
                network::address_list(&value, None).map_err(|_| bad("from"))?;
                Rule::From(value)
            }
            "permitopen" => Rule::PermitOpen(Permit::open(&value).ok_or(bad("permitopen"))?),
            "permitlisten" => Rule::PermitListen(Permit::listen(&value).ok_or(bad("permitlisten"))?),
            "principals" => Rule::Principals(value),
            "tunnel" => Rule::Tunnel(tunnel(&value).ok_or(bad("tunnel"))?),
            _ => return Err(Why::UnknownOption),
        })
    }

    /// An option without a value.
    fn flag(name: &str) -> Result<Self, Why> {
        let (rest, yes) = match name.strip_prefix("no-") {
            Some(rest) => (rest, false),
            None => (name, true),
        };
        Ok(match (rest, yes) {
            ("cert-authority", true) => Rule::CertAuthority,
            ("restrict", true) => Rule::Restrict,
            ("agent-forwarding", _) => Rule::AgentForwarding(yes),
            ("port-forwarding", _) => Rule::PortForwarding(yes),
            ("x11-forwarding", _) => Rule::X11Forwarding(yes),
            ("pty", _) => Rule::Pty(yes),
            ("user-rc", _) => Rule::UserRc(yes),
            ("touch-required", _) => Rule::TouchRequired(yes),
            ("verify-required", _) => Rule::VerifyRequired(yes),
            _ => return Err(Why::UnknownOption),
        })
    }
}

fn is_variable(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn tunnel(text: &str) -> Option<Option<u32>> {
    if text.eq_ignore_ascii_case("any") {
        return Some(None);
    }
    let number = crate::files::config::value::number(text)?;
    u32::try_from(number).ok().filter(|number| *number <= TUNNEL_MAX).map(Some)
}
