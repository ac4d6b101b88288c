//! The lock of an agent (section 3.7): a salted hash of a passphrase, and a pause after each wrong one.

use crate::crypto::Random;
use crate::signer::Zeroizing;
use crate::{Instant, SECOND};
use core::fmt;
use subtle::ConstantTimeEq;

/// Rounds of bcrypt-pbkdf. OpenSSH's agent takes one; the hash lives no longer than the lock.
const ROUNDS: u32 = 2;
/// So much more for each wrong passphrase in a row, and 100 times that at most: what OpenSSH's agent waits.
const PAUSE: u64 = SECOND / 10;
const MOST_PAUSES: u64 = 100;

/// Open, or locked by a passphrase.
#[derive(Default)]
pub(super) struct Lock {
    locked: Option<Locked>,
    wrong: u64,
    not_before: Instant,
}

struct Locked {
    salt: [u8; 16],
    hash: Zeroizing<[u8; 32]>,
}

impl Lock {
    pub(super) fn is_locked(&self) -> bool {
        self.locked.is_some()
    }

    /// "The agent MUST reply with SSH_AGENT_SUCCESS if locked successfully or SSH_AGENT_FAILURE otherwise (e.g. if the
    /// agent was already locked)" (section 3.7). Says whether it was. An empty passphrase locks nothing.
    pub(super) fn lock(&mut self, passphrase: &[u8], random: &mut Random) -> bool {
        if self.is_locked() {
            return false;
        }
        let mut salt = [0; 16];
        random.fill(&mut salt);
        self.locked = hash(passphrase, &salt).map(|hash| Locked { salt, hash });
        self.is_locked()
    }

    /// "If the agent is already unlocked or if the pass-phrase does not match it MUST reply with SSH_AGENT_FAILURE"
    /// (section 3.7). Says whether it is open now. "an agent SHOULD take countermeasures against brute-force guessing"
    /// (section 8): for a while after a wrong passphrase none is looked at.
    pub(super) fn unlock(&mut self, passphrase: &[u8], now: Instant) -> bool {
        let Some(Locked { salt, hash: expected }) = &self.locked else { return false };
        if now < self.not_before {
            return false;
        }
        let fits = hash(passphrase, salt).is_some_and(|hash| hash.ct_eq(expected.as_slice()).into());
        if fits {
            *self = Lock::default();
        } else {
            self.wrong = self.wrong.saturating_add(1).min(MOST_PAUSES);
            self.not_before = now.plus(PAUSE.saturating_mul(self.wrong));
        }
        fits
    }
}

fn hash(passphrase: &[u8], salt: &[u8; 16]) -> Option<Zeroizing<[u8; 32]>> {
    let (mut hash, mut memory) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
    bcrypt_pbkdf::bcrypt_pbkdf_with_memory(passphrase, salt, ROUNDS, &mut *hash, &mut *memory).ok()?;
    Some(hash)
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_locked() { "locked" } else { "open" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Seed;

    /// agent/3.7/1: a second lock fails, and so does a wrong passphrase.
    #[test]
    fn only_the_passphrase_opens() {
        let random = &mut Random::new(&Seed::new([1; 32]));
        let mut lock = Lock::default();
        assert!(!lock.unlock(b"", Instant(0)) && !lock.unlock(b"pass", Instant(0)));
        assert!(!lock.lock(b"", random) && !lock.is_locked());
        assert!(lock.lock(b"pass", random));
        assert!(!lock.lock(b"pass", random) && !lock.lock(b"other", random));
        assert!(!lock.unlock(b"pass2", Instant(0)) && lock.is_locked());
        assert!(lock.unlock(b"pass", Instant(PAUSE)));
        assert!(!lock.is_locked() && !lock.unlock(b"pass", Instant(PAUSE)));
    }

    #[test]
    fn guesses_take_longer_and_longer() {
        let mut lock = Lock::default();
        assert!(lock.lock(b"pass", &mut Random::new(&Seed::new([1; 32]))));
        let mut now = Instant(5);
        for wrong in 1..=3 {
            assert!(!lock.unlock(b"guess", now));
            let next = now.plus(wrong * PAUSE);
            assert!(!lock.unlock(b"pass", Instant(next.0 - 1)), "the right one, too early");
            now = next;
        }
        assert!(lock.unlock(b"pass", now));
        lock.wrong = MOST_PAUSES;
        assert!(lock.lock(b"pass", &mut Random::new(&Seed::new([2; 32]))));
        assert!(!lock.unlock(b"guess", now));
        assert_eq!(lock.not_before, now.plus(10 * SECOND));
    }
}
