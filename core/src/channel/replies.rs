//! Verdicts on the peer's requests: a ring, and a counter behind it.
//!
//! "it is REQUIRED that replies to SSH_MSG_GLOBAL_REQUESTS MUST be sent in the same order as the corresponding request
//! messages. For channel requests, replies that relate to the same channel MUST also be replied to in the right order." (RFC
//! 4254, section 4) Replies wait for those before them, whenever the application decides. A request
//! that finds the ring full, or anything in the counter, is refused without an event and only counted.

/// Verdicts of up to 32 requests. Positions count all requests of the slot's life, over its generations.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Replies {
    /// Position of the oldest verdict that is not written.
    first: u32,
    /// Position of the next request.
    next: u32,
    /// Bit per position modulo 32: decided.
    decided: u32,
    /// Bit per position modulo 32: granted.
    granted: u32,
    /// Refusals behind the ring.
    behind: u32,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) ok: bool,
    /// Which request; `None` for those behind the ring.
    pub(crate) position: Option<u32>,
}

impl Replies {
    /// A new life of the slot: positions go on, so that an old life's questions stay stale.
    pub(crate) fn renew(&mut self) {
        *self = Replies { first: self.next, next: self.next, ..Replies::default() };
    }

    /// Takes a request in. `Some(position)`: it may be asked about. `None`: it is refused and counted.
    pub(crate) fn take(&mut self, ring: u32, serials: u32) -> Option<u32> {
        if self.behind > 0 || self.next.wrapping_sub(self.first) >= ring.min(32) || self.next >= serials {
            self.behind = self.behind.saturating_add(1);
            return None;
        }
        let position = self.next;
        self.decided &= !bit(position);
        self.granted &= !bit(position);
        self.next = self.next.wrapping_add(1);
        Some(position)
    }

    /// Takes a request in that is refused without being asked about.
    pub(crate) fn refuse(&mut self, ring: u32, serials: u32) {
        if let Some(position) = self.take(ring, serials) {
            self.decide(position, false);
        }
    }

    /// Whether this request waits for its verdict.
    pub(crate) fn is_open(&self, position: u32) -> bool {
        let in_ring = position.wrapping_sub(self.first) < self.next.wrapping_sub(self.first);
        in_ring && self.decided & bit(position) == 0
    }

    /// The verdict. False if it is not waited for.
    pub(crate) fn decide(&mut self, position: u32, ok: bool) -> bool {
        let open = self.is_open(position);
        if open {
            self.decided |= bit(position);
            self.granted |= if ok { bit(position) } else { 0 };
        }
        open
    }

    /// Whether this request is the oldest one.
    pub(crate) fn is_first(&self, position: u32) -> bool {
        position == self.first
    }

    /// The next verdict to write.
    pub(crate) fn due(&self) -> Option<Verdict> {
        if self.first != self.next {
            let decided = self.decided & bit(self.first) != 0;
            return decided.then(|| Verdict { ok: self.granted & bit(self.first) != 0, position: Some(self.first) });
        }
        (self.behind > 0).then_some(Verdict { ok: false, position: None })
    }

    /// The one that was due is written.
    pub(crate) fn written(&mut self) {
        if self.first != self.next {
            self.first = self.first.wrapping_add(1);
        } else {
            self.behind = self.behind.saturating_sub(1);
        }
    }
}

fn bit(position: u32) -> u32 {
    1_u32.rotate_left(position & 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const ALL: u32 = u32::MAX;

    fn drain(replies: &mut Replies) -> Vec<bool> {
        let mut out = Vec::new();
        while let Some(verdict) = replies.due() {
            out.push(verdict.ok);
            replies.written();
        }
        out
    }

    #[test]
    fn verdicts_leave_in_the_order_of_the_requests() {
        let mut replies = Replies::default();
        let asked: Vec<u32> = (0..4).filter_map(|_| replies.take(32, ALL)).collect();
        assert!(replies.decide(asked[2], true) && replies.decide(asked[1], false));
        assert!(drain(&mut replies).is_empty(), "the first is not decided");
        assert!(replies.decide(asked[0], true));
        assert_eq!(drain(&mut replies), [true, false, true]);
        assert!(!replies.decide(asked[0], true), "decided already");
        assert!(replies.decide(asked[3], true));
        assert_eq!(drain(&mut replies), [true]);
    }

    /// RFC 4254, section 5.4 wants one reply each, in order; the ring is small all the same.
    #[test]
    fn what_finds_the_ring_full_is_refused_in_its_turn() {
        let mut replies = Replies::default();
        let first = replies.take(2, ALL).expect("room");
        let second = replies.take(2, ALL).expect("room");
        assert_eq!((replies.take(2, ALL), replies.take(2, ALL)), (None, None));
        assert!(replies.decide(first, true));
        assert_eq!(drain(&mut replies), [true]);
        assert_eq!(replies.take(2, ALL), None, "order: there are counted ones before it");
        assert!(replies.decide(second, true));
        assert_eq!(drain(&mut replies), [true, false, false, false]);
        assert!(replies.take(2, ALL).is_some());
    }

    #[test]
    fn an_old_lifes_question_stays_stale() {
        let mut replies = Replies::default();
        let old = replies.take(32, ALL).expect("room");
        replies.renew();
        let new = replies.take(32, ALL).expect("room");
        assert!(!replies.decide(old, true) && replies.is_open(new));
        assert_eq!(replies.take(32, new + 1), None, "no serial is left");
    }
}
