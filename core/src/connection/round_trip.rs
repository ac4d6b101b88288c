//! The shortest round trip seen: from a message of ours to the answer that only it can have.
//!
//! SERVICE_REQUEST to SERVICE_ACCEPT, the exchange's own message to its answer, a ping or keepalive to its reply. An answer
//! may be late for many reasons and early for none, so the shortest counts.

use super::Instant;

/// One clock for each kind of question: at most one of a kind is open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoundTrip {
    asked: [Option<Instant>; 3],
    shortest: Option<u64>,
}

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Probe {
    Service = 0,
    Exchange = 1,
    Alive = 2,
}

impl RoundTrip {
    /// The question leaves.
    pub(crate) fn asked(&mut self, probe: Probe, now: Instant) {
        if let Some(place) = self.asked.get_mut(probe as usize) {
            *place = Some(now);
        }
    }

    /// The answer is here. Without a question it says nothing.
    pub(crate) fn answered(&mut self, probe: Probe, now: Instant) {
        let Some(asked) = self.asked.get_mut(probe as usize).and_then(Option::take) else { return };
        let took = now.0.saturating_sub(asked.0).max(1);
        self.shortest = Some(self.shortest.map_or(took, |shortest| shortest.min(took)));
    }

    pub(crate) fn shortest(&self) -> Option<u64> {
        self.shortest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_counts_and_each_question_once() {
        let mut trip = RoundTrip::default();
        trip.answered(Probe::Alive, Instant(5));
        assert_eq!(trip.shortest(), None);
        trip.asked(Probe::Service, Instant(10));
        trip.asked(Probe::Exchange, Instant(20));
        trip.answered(Probe::Service, Instant(40));
        trip.answered(Probe::Service, Instant(41));
        assert_eq!(trip.shortest(), Some(30));
        trip.answered(Probe::Exchange, Instant(70));
        assert_eq!(trip.shortest(), Some(30));
    }
}
