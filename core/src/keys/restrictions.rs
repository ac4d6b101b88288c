//! What binds a login: the options of certificates, put together over all steps of the login.
//!
//! They are found here and kept by the server: core opens what its application grants. The one exception is the list of
//! source addresses, which [`Certificate::check`](super::Certificate::check) has kept already.

use super::certificate::{CertError, Certificate, CertificateKind, source};
use core::fmt;
use core::net::IpAddr;

/// What somebody who is let in may do. To put two together is never to permit more than either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restrictions<'a> {
    /// `force-command`: it runs instead of every shell, command and subsystem that is asked for.
    pub force_command: Option<&'a [u8]>,
    /// `verify-required`: a security key's signature is good only if it says that its user was verified.
    pub verify_required: bool,
    /// `no-touch-required`: a security key's signature is good even if nobody touched the key.
    pub no_touch_required: bool,
    /// `permit-X11-forwarding`.
    pub x11_forwarding: bool,
    /// `permit-agent-forwarding`.
    pub agent_forwarding: bool,
    /// `permit-port-forwarding`.
    pub port_forwarding: bool,
    /// `permit-pty`.
    pub pty: bool,
    /// `permit-user-rc`.
    pub user_rc: bool,
    sources: [Option<&'a [u8]>; MAX_SOURCES],
}

/// How many lists of source addresses can hold at one time: one for each certificate of a login.
const MAX_SOURCES: usize = 4;

impl<'a> Restrictions<'a> {
    /// What binds somebody who came in without a certificate: nothing, but a security key has to be touched.
    #[must_use]
    pub const fn none() -> Self {
        Restrictions {
            force_command: None,
            verify_required: false,
            no_touch_required: false,
            x11_forwarding: true,
            agent_forwarding: true,
            port_forwarding: true,
            pty: true,
            user_rc: true,
            sources: [None; MAX_SOURCES],
        }
    }

    /// Nothing is permitted, nothing forced.
    const fn all() -> Self {
        Restrictions {
            x11_forwarding: false,
            agent_forwarding: false,
            port_forwarding: false,
            pty: false,
            user_rc: false,
            ..Self::none()
        }
    }

    /// What a certificate says. Nobody has checked it, nor whether the peer comes from where it may.
    ///
    /// # Errors
    /// [`CertError::UnknownOption`], [`CertError::BadOption`].
    pub fn of(certificate: &Certificate<'a>) -> Result<Self, CertError> {
        let mut it = Self::all();
        if certificate.kind() == CertificateKind::Host {
            // "There are no defined critical options for host certificates", and "When an implementation encounters an
            // option it does not recognise or support, it MUST refuse to accept the certificate for authorisation
            // decisions" (draft-ietf-sshm-cert-01, section 2.4).
            let none = certificate.critical_options().is_empty();
            return if none { Ok(it) } else { Err(CertError::UnknownOption) };
        }
        for option in certificate.critical_options() {
            match option.name {
                b"force-command" => it.force_command = Some(option.text()?),
                b"source-address" => it.sources = [Some(option.text()?), None, None, None],
                b"verify-required" => it.verify_required = option.flag()?,
                // "If an implementation does not recognise or support a particular option contained in a certificate,
                // then it MUST refuse to accept the certificate for authentication" (section 2.1.1).
                _ => return Err(CertError::UnknownOption),
            }
        }
        for option in certificate.extensions() {
            match option.name {
                b"no-touch-required" => it.no_touch_required = option.flag()?,
                b"permit-X11-forwarding" => it.x11_forwarding = option.flag()?,
                b"permit-agent-forwarding" => it.agent_forwarding = option.flag()?,
                b"permit-port-forwarding" => it.port_forwarding = option.flag()?,
                b"permit-pty" => it.pty = option.flag()?,
                b"permit-user-rc" => it.user_rc = option.flag()?,
                // "An implementation that does not recognise or support an extension present in a certificate extension
                // section MUST ignore the extension" (section 2.1.1).
                _ => {}
            }
        }
        Ok(it)
    }

    /// Both at once: what one forbids is forbidden, what one forces is forced.
    ///
    /// # Errors
    /// [`Conflict`] if nothing can satisfy both. Then nobody may come in.
    pub fn and(self, other: Restrictions<'a>) -> Result<Restrictions<'a>, Conflict> {
        let force_command = match (self.force_command, other.force_command) {
            (Some(ours), Some(theirs)) if ours != theirs => return Err(Conflict::ForceCommand),
            (ours, theirs) => ours.or(theirs),
        };
        let mut sources = self.sources;
        for list in other.sources().filter(|list| !self.sources().any(|own| own == *list)) {
            let free = sources.iter_mut().find(|place| place.is_none()).ok_or(Conflict::SourceAddress)?;
            *free = Some(list);
        }
        Ok(Restrictions {
            force_command,
            verify_required: self.verify_required || other.verify_required,
            no_touch_required: self.no_touch_required && other.no_touch_required,
            x11_forwarding: self.x11_forwarding && other.x11_forwarding,
            agent_forwarding: self.agent_forwarding && other.agent_forwarding,
            port_forwarding: self.port_forwarding && other.port_forwarding,
            pty: self.pty && other.pty,
            user_rc: self.user_rc && other.user_rc,
            sources,
        })
    }

    /// `source-address`: the lists of addresses. Where there are several, each must have the peer's.
    pub fn sources(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.sources.into_iter().flatten()
    }

    /// Whether a peer may come from there. No list is no restriction.
    ///
    /// # Errors
    /// [`CertError::SourceUnknown`] if there is a list and no address, [`CertError::BadOption`] if a list cannot be
    /// read, [`CertError::WrongSource`].
    pub fn check_source(&self, source: Option<IpAddr>) -> Result<(), CertError> {
        for list in self.sources() {
            let source = source.ok_or(CertError::SourceUnknown)?;
            match source::is_listed(list, source) {
                Some(true) => {}
                Some(false) => return Err(CertError::WrongSource),
                None => return Err(CertError::BadOption),
            }
        }
        Ok(())
    }
}

/// Two restrictions that cannot both be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// Each forces another command.
    ForceCommand,
    /// There are more lists of source addresses than can be kept.
    SourceAddress,
    /// A certificate's options cannot be read. One that was checked has none such.
    Unreadable,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Conflict::ForceCommand => "two steps of the login force different commands",
            Conflict::Unreadable => "the options of a certificate cannot be read",
            Conflict::SourceAddress => "the steps of the login have too many lists of source addresses",
        })
    }
}

impl core::error::Error for Conflict {}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2026-39828: restrictions of an earlier step do not get lost. All pairs of all switches, one by one.
    #[test]
    fn put_together_they_never_permit_more() {
        type Switch = for<'r, 'a> fn(&'r mut Restrictions<'a>) -> &'r mut bool;
        let permits: [Switch; 6] = [
            |it| &mut it.no_touch_required,
            |it| &mut it.x11_forwarding,
            |it| &mut it.agent_forwarding,
            |it| &mut it.port_forwarding,
            |it| &mut it.pty,
            |it| &mut it.user_rc,
        ];
        for switch in permits {
            for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
                let (mut first, mut second) = (Restrictions::none(), Restrictions::none());
                (*switch(&mut first), *switch(&mut second)) = (a, b);
                assert_eq!(*switch(&mut first.and(second).unwrap()), a && b);
            }
        }
        for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
            let first = Restrictions { verify_required: a, ..Restrictions::none() };
            let second = Restrictions { verify_required: b, ..Restrictions::none() };
            assert_eq!(first.and(second).unwrap().verify_required, a || b);
        }
    }

    #[test]
    fn forced_commands_agree_or_conflict_and_every_list_of_sources_counts() {
        let forced = |command| Restrictions { force_command: Some(command), ..Restrictions::none() };
        assert_eq!(forced(b"a").and(forced(b"b")), Err(Conflict::ForceCommand));
        assert_eq!(forced(b"a").and(forced(b"a")).unwrap(), forced(b"a"));
        assert_eq!(forced(b"a").and(Restrictions::none()).unwrap(), forced(b"a"));
        assert_eq!(Restrictions::none().and(forced(b"a")).unwrap(), forced(b"a"));

        let from = |list| Restrictions { sources: [Some(list), None, None, None], ..Restrictions::none() };
        let both = from(b"10.0.0.0/8").and(from(b"10.1.0.0/16")).unwrap();
        assert_eq!(both.check_source(Some([10, 1, 2, 3].into())), Ok(()));
        assert_eq!(both.check_source(Some([10, 2, 2, 3].into())), Err(CertError::WrongSource));
        assert_eq!(both.check_source(None), Err(CertError::SourceUnknown));
        assert_eq!(both.and(from(b"10.1.0.0/16")).unwrap(), both);
        let four = both.and(from(b"::1")).unwrap().and(from(b"::2")).unwrap();
        assert_eq!(four.and(from(b"::3")), Err(Conflict::SourceAddress));
        assert_eq!(four.and(from(b"::2")).unwrap(), four);
        assert_eq!(from(b"here").check_source(Some([10, 1, 2, 3].into())), Err(CertError::BadOption));
        assert_eq!(Restrictions::none().check_source(None), Ok(()));
    }
}
