//! Bytes from the network, from the first one on.
//!
//! An input is: the variant of the configuration; five bytes that say how the network moves, turn by turn; ten that say
//! what the application does, event by event; then what the network brings.

use super::Seen;
use super::end::{Choices, End, Player};
use super::input::Input;
use crate::{Instant, SECOND};

pub(super) const TURNS: usize = 5;
pub(super) const CHOICES: usize = 10;

pub(super) fn run<R: Player>(data: &[u8]) -> Seen {
    let mut seen = Seen::new();
    let mut input = Input::new(data);
    let variant = input.byte();
    let (turns, mut choices) = (input.take(TURNS), Choices::new(input.take(CHOICES)));
    let mut network = Input::new(input.rest());
    let mut now = Instant(1);
    let mut end = End::<R>::new(variant, now);
    end.app.tainted = true;
    let mut at = 0_usize;
    let mut idle = 0;
    while !network.is_empty() && end.app.closed.is_none() {
        // Each turn: some bytes come, some events are taken, some bytes go.
        let turn = turns.get(at % TURNS).copied().unwrap_or(0);
        at += 1;
        let n = match turn & 7 {
            0..=3 => usize::MAX,
            4 => 1,
            5 => 16,
            6 => 61,
            _ => 400,
        };
        if end.connection.wants().read {
            let bytes = network.take(n.min(end.connection.recv_buf().len()));
            end.called();
            assert_eq!(end.receive(bytes, now), bytes.len(), "recv_buf shrank");
            idle = 0;
        } else {
            idle += 1;
        }
        if turn & 8 != 0 {
            let _refused = R::banner(&mut end.connection);
        }
        end.drain(&mut choices, &mut seen);
        end.check();
        if turn & 16 == 0 || idle > 2 {
            while let Some(n) = Some(end.connection.transmit_buf().len()).filter(|n| *n > 0) {
                end.connection.transmitted(n);
                end.called();
            }
        } else {
            let n = end.connection.transmit_buf().len().min(7);
            end.connection.transmitted(n);
        }
        if turn & 32 != 0 {
            now = now.plus(SECOND / 2);
            end.tick(now, &mut choices, &mut seen);
        }
        if (idle > 0 || turn & 64 != 0) && !end.app.pending.is_empty() {
            let c = choices.take();
            end.answer_later(c, c & 1 == 0, c >> 2);
        }
        end.drain(&mut choices, &mut seen);
        end.check();
        if idle > 10 {
            break;
        }
    }
    while !end.app.pending.is_empty() && end.app.closed.is_none() {
        end.app.pending.truncate(8);
        let c = choices.take();
        end.answer_later(0, c & 1 == 0, 0);
        let n = end.connection.transmit_buf().len();
        end.connection.transmitted(n);
        end.drain(&mut choices, &mut seen);
        end.check();
        idle += 1;
        if idle > 40 {
            break;
        }
    }
    if variant & 128 != 0 {
        end.connection.received_eof(now);
    } else {
        // With nothing more from the peer, the login's deadline ends it; after a login, nothing has to.
        now = now.plus(1000 * SECOND);
        end.tick(now, &mut choices, &mut seen);
        assert!(end.app.closed.is_some() || end.app.ready, "no login, and no end");
    }
    end.drain(&mut choices, &mut seen);
    end.check();
    end.after_closed(now, &mut seen);
    seen
}
