//! Secrets of the last exchange, kept for Wireshark: only behind `danger`, and only if they were asked for.
//!
//! A line is what Wireshark's SSH dissector reads from its key log file (`ssh.keylog_file`): `<cookie> SHARED_SECRET <K>`, in
//! hexadecimal digits, the cookie this side's KEXINIT's; but of a client's `curve25519-sha256` it is `<cookie> <private key>`,
//! its ephemeral one, which every version since 3.6 reads. Whoever has it reads the connection.

use crate::crypto::{Random, SharedSecret, try_box};
use alloc::boxed::Box;
use core::convert::Infallible;
use core::fmt::{self, Write};
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

/// Length of an X25519 private key.
const X25519: usize = 32;

/// What is kept.
#[derive(Default)]
pub(crate) struct KeyLog {
    pub(crate) on: bool,
    /// What a client's ephemeral key was made of, until the exchange has its secret.
    private: Option<Zeroizing<[u8; X25519]>>,
    last: Option<Box<[Line; 1]>>,
}

struct Line {
    cookie: [u8; 16],
    kind: &'static str,
    key: SharedSecret,
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog({})", self.on)
    }
}

impl KeyLog {
    /// The generator from which a client's ephemeral key of this method is made, watched if that is of use.
    pub(super) fn watch<'a>(&'a mut self, kex: &str, random: &'a mut Random) -> Watched<'a> {
        let curve25519 = matches!(kex, "curve25519-sha256" | "curve25519-sha256@libssh.org");
        self.private = (self.on && curve25519).then(Zeroizing::default);
        Watched { random, kept: self.private.as_deref_mut(), at: 0 }
    }

    /// An exchange made this secret.
    pub(super) fn note(&mut self, cookie: &[u8; 16], secret: &SharedSecret) {
        if !self.on {
            return;
        }
        let private = self.private.take();
        let (kind, bytes) = match &private {
            Some(private) => ("", &private[..]),
            None => ("SHARED_SECRET ", secret.as_bytes()),
        };
        let mut key = SharedSecret::empty();
        if key.set(bytes).is_ok() {
            self.last = try_box(Line { cookie: *cookie, kind, key }).ok();
        }
    }

    /// Writes the line of the last exchange, once. False if there is none.
    pub(crate) fn take(&mut self, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        let Some(line) = self.last.take() else { return Ok(false) };
        let [Line { cookie, kind, key }] = &*line;
        cookie.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
        write!(out, " {kind}")?;
        key.as_bytes().iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
        out.write_char('\n')?;
        Ok(true)
    }
}

/// The generator; what it gives first is what an X25519 key is made of.
pub(super) struct Watched<'a> {
    random: &'a mut Random,
    kept: Option<&'a mut [u8; X25519]>,
    at: usize,
}

impl TryRng for Watched<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.random.try_next_u32()
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.random.try_next_u64()
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.random.try_fill_bytes(out)?;
        if let Some(kept) = &mut self.kept {
            let rest = kept.get_mut(self.at..).unwrap_or_default();
            rest.iter_mut().zip(out.iter()).for_each(|(to, from)| *to = *from);
            self.at = self.at.saturating_add(out.len());
        }
        Ok(())
    }
}

impl TryCryptoRng for Watched<'_> {}
