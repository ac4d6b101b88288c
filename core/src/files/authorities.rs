//! What the files say, as certificates are checked against it ([`Authorities`]) and put together with it
//! ([`Restrictions`]).

use super::authorized_keys::{Entry, Permissions};
use super::known_hosts::HostAuthorities;
use super::trusted_keys::TrustedKeys;
use crate::keys::{Authorities, PublicKey, Restrictions};

/// `@cert-authority` and `@revoked` lines about one host.
impl Authorities for HostAuthorities {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.trusts(ca)
    }

    fn revoked(&self, key: PublicKey<'_>) -> bool {
        self.revoked(key)
    }
}

/// `TrustedUserCAKeys`. What is revoked stands elsewhere.
impl Authorities for TrustedKeys<'_> {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.trusts(ca)
    }
}

/// One line of `authorized_keys`, if it is marked `cert-authority`. Its options count beside what the certificate says.
impl Authorities for Entry<'_> {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.is_authority() && self.key() == ca
    }
}

impl Permissions<'_> {
    /// The part that certificates have too, to be put together with theirs by [`Restrictions::and`]: "If both certificate
    /// restrictions and key options are present, the most restrictive union of the two is applied" (sshd(8)). `from`,
    /// `expiry-time`, `permitopen` and what else only lines have is kept beside it.
    #[must_use]
    pub fn restrictions(&self) -> Restrictions<'_> {
        let mut restrictions = Restrictions::none();
        restrictions.force_command = self.command.as_deref().map(str::as_bytes);
        restrictions.verify_required = self.verify_required;
        restrictions.no_touch_required = !self.touch_required;
        restrictions.x11_forwarding = self.x11_forwarding;
        restrictions.agent_forwarding = self.agent_forwarding;
        restrictions.port_forwarding = self.port_forwarding;
        restrictions.pty = self.pty;
        restrictions.user_rc = self.user_rc;
        restrictions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::authorized_keys::AuthorizedKeys;
    use crate::files::known_hosts::KnownHosts;
    use crate::keys::ed25519_blob;
    use std::format;

    /// CVE-2026-42508: through the trait too, a revoked authority is trusted by nobody.
    #[test]
    fn files_are_authorities() {
        let blob = ed25519_blob(&[1; 32]);
        let ca = PublicKey::new(&blob);
        let line = ca.line("").unwrap();
        let says = |authorities: &dyn Authorities| (authorities.trusts(ca), authorities.revoked(ca));
        let known = format!("@cert-authority h {line}\n@cert-authority g {line}\n@revoked g {line}\n");
        let known = KnownHosts::new(&known);
        assert_eq!(
            ["h", "g", "x"].map(|host| says(&known.authorities(host, 22))),
            [(true, false), (false, true), (false, false)]
        );
        assert_eq!(says(&TrustedKeys::new(&line)), (true, false));
        let entries = format!("cert-authority {line}\n{line}\n");
        let says_each = AuthorizedKeys::new(&entries).entries().map(|entry| says(&entry));
        assert!(says_each.eq([(true, false), (false, false)]));
    }

    /// CVE-2026-39828: a line and a certificate bind together, and neither loosens the other.
    #[test]
    fn a_line_and_a_certificate_bind_together() {
        let both = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|options| Permissions::parse(options).unwrap());
            let merged = one.restrictions().and(other.restrictions());
            merged.ok().map(|both| (both.pty, both.port_forwarding, both.verify_required, both.no_touch_required))
        };
        assert_eq!(both("", ""), Some((true, true, false, false)));
        assert_eq!(both("no-pty", "restrict,pty"), Some((false, false, false, false)));
        assert_eq!(both("no-touch-required", "verify-required"), Some((true, true, true, false)));
        assert_eq!(both("no-touch-required", "no-touch-required"), Some((true, true, false, true)));
        assert_eq!(both("command=\"a\"", "command=\"b\""), None);
        assert_eq!(both("command=\"a\"", "command=\"a\""), both("command=\"a\"", ""));
    }
}
