//! Slots of channels, found by number; queues through them, so that no work is ever searched for.

use super::window::Credit;
use super::{Asked, Callbacks, Channel, Replies, State, Tuning};
use crate::connection::error::Error;
use alloc::vec::Vec;

/// One channel's heap, in bytes.
pub(crate) const SLOT_BYTES: usize = size_of::<Slot>();

/// One channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) state: State,
    pub(crate) generation: u32,
    /// The peer's number.
    pub(crate) remote: u32,
    /// What the peer lets us send.
    pub(crate) window: u32,
    /// The largest data packet the peer takes.
    pub(crate) packet: u32,
    pub(crate) credit: Credit,
    pub(crate) replies: Replies,
    /// Our requests that want an answer: sent, and answered.
    pub(crate) sent: u32,
    pub(crate) answered: u32,
    pub(crate) owes_eof: bool,
    pub(crate) owes_close: bool,
    /// The application closed it: it hears nothing more but the end.
    pub(crate) abandoned: bool,
    /// A program was asked for and not refused: only one may be (RFC 4254, section 6.5).
    pub(crate) started: bool,
    /// The request that asked for it.
    pub(crate) start: Option<u32>,
    /// `Writable` was told: one packet, promised so many bytes of room, may go before those that wait. 0: it was not.
    pub(crate) told: usize,
    /// A refused writer waits: for the window, or (in the queue) for room.
    pub(crate) wants: Wanting,
    /// The window, in bytes, that a refused writer waits for.
    pub(crate) least: u32,
    pub(crate) tuning: Tuning,
    /// What this session lets the server open.
    pub(crate) callbacks: Callbacks,
    links: [Link; 2],
    next_free: Option<u16>,
}

/// What a refused writer waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanting {
    #[default]
    Nothing,
    Window,
    Room,
}

#[derive(Clone, Copy, Debug, Default)]
struct Link {
    queued: bool,
    next: Option<u16>,
}

/// Which queue.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Queue {
    /// Slots that owe the peer something.
    Owed = 0,
    /// Slots that the application should hear of: writable again, or ended.
    Told = 1,
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    free: Option<u16>,
    used: u32,
    ends: [Option<(u16, u16)>; 2],
}

impl Table {
    /// Takes a free slot, in a new generation.
    pub(crate) fn claim(&mut self, limit: u32) -> Result<Option<u16>, Error> {
        if self.used >= limit {
            return Ok(None);
        }
        let number = match self.free {
            Some(number) => {
                let slot = self.slots.get(usize::from(number)).ok_or(Error::Bug)?;
                self.free = slot.next_free;
                number
            }
            None => {
                let number = u16::try_from(self.slots.len()).map_err(|_| Error::Bug)?;
                if u32::from(number) >= super::MAX_CHANNELS {
                    return Ok(None);
                }
                self.grow(limit)?;
                self.slots.push(Slot::default());
                number
            }
        };
        let slot = self.slots.get_mut(usize::from(number)).ok_or(Error::Bug)?;
        // A queue may still hold the slot from its last life: it finds nothing to do there.
        let (generation, mut replies, links) = (slot.generation, slot.replies, slot.links);
        replies.renew();
        *slot = Slot { generation, replies, links, ..Slot::default() };
        self.used = self.used.saturating_add(1);
        Ok(Some(number))
    }

    /// Doubles, up to the limit: by our own number of channels, never by one on the wire.
    fn grow(&mut self, limit: u32) -> Result<(), Error> {
        let (length, capacity) = (self.slots.len(), self.slots.capacity());
        if length < capacity {
            return Ok(());
        }
        let wanted = capacity.saturating_mul(2).max(1).min(usize::try_from(limit).unwrap_or(usize::MAX));
        let more = wanted.saturating_sub(length).max(1);
        self.slots.try_reserve_exact(more).map_err(|_| Error::OutOfMemory)
    }

    /// Gives a slot back. Its handles are stale from now on; after its last generation it retires.
    pub(crate) fn release(&mut self, number: u16) {
        let Some(slot) = self.slots.get_mut(usize::from(number)) else { return };
        slot.state = State::Free;
        slot.generation = slot.generation.saturating_add(1);
        self.used = self.used.saturating_sub(1);
        if slot.generation < Channel::GENERATIONS {
            slot.next_free = self.free;
            self.free = Some(number);
        }
    }

    /// The slot of a number from the wire, if it is in use.
    pub(crate) fn on_wire(&self, number: u32) -> Option<u16> {
        let number = u16::try_from(number).ok()?;
        self.get(number).filter(|slot| slot.state != State::Free).map(|_| number)
    }

    pub(crate) fn get(&self, number: u16) -> Option<&Slot> {
        self.slots.get(usize::from(number))
    }

    pub(crate) fn get_mut(&mut self, number: u16) -> Option<&mut Slot> {
        self.slots.get_mut(usize::from(number))
    }

    /// Takes one of the channels that an open session lets the server open. Looks at each slot once: there are as many as
    /// we made, and a client asks for few.
    pub(crate) fn take_callback(&mut self, of: impl Fn(&mut Callbacks) -> Option<&mut Asked>) -> bool {
        let open = self.slots.iter_mut().filter(|slot| slot.state.can_send());
        open.filter_map(|slot| of(&mut slot.callbacks)).any(Asked::take)
    }

    /// The slot of a handle of this connection, if it is not stale.
    pub(crate) fn of(&mut self, channel: Channel, tag: u32) -> Option<(u16, &mut Slot)> {
        let number = channel.slot();
        let slot = self.slots.get_mut(usize::from(number))?;
        let own = Channel::new(tag, slot.generation, number) == channel && slot.state != State::Free;
        own.then_some((number, slot))
    }

    /// Puts a slot at the end of a queue, once.
    pub(crate) fn push(&mut self, queue: Queue, number: u16) {
        let at = queue as usize;
        let Some(link) = self.link(queue, number) else { return };
        if link.queued {
            return;
        }
        *link = Link { queued: true, next: None };
        let ends = self.ends.get(at).copied().flatten();
        let new = match ends {
            None => (number, number),
            Some((first, last)) => {
                if let Some(link) = self.link(queue, last) {
                    link.next = Some(number);
                }
                (first, number)
            }
        };
        if let Some(place) = self.ends.get_mut(at) {
            *place = Some(new);
        }
    }

    /// Puts a slot at the front of a queue, if it is in none of its places.
    pub(crate) fn push_front(&mut self, queue: Queue, number: u16) {
        let ends = self.ends.get(queue as usize).copied().flatten();
        let Some(link) = self.link(queue, number) else { return };
        if link.queued {
            return;
        }
        *link = Link { queued: true, next: ends.map(|(first, _)| first) };
        if let Some(place) = self.ends.get_mut(queue as usize) {
            *place = Some((number, ends.map_or(number, |(_, last)| last)));
        }
    }

    /// The slot at the front of a queue.
    pub(crate) fn front(&self, queue: Queue) -> Option<u16> {
        self.ends.get(queue as usize).copied().flatten().map(|(first, _)| first)
    }

    /// Takes the slot at the front of a queue out.
    pub(crate) fn pop(&mut self, queue: Queue) -> Option<u16> {
        let (first, last) = self.ends.get(queue as usize).copied().flatten()?;
        let link = self.link(queue, first)?;
        let next = link.next;
        *link = Link::default();
        let place = self.ends.get_mut(queue as usize)?;
        *place = next.map(|next| (next, last));
        Some(first)
    }

    fn link(&mut self, queue: Queue, number: u16) -> Option<&mut Link> {
        self.slots.get_mut(usize::from(number))?.links.get_mut(queue as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn queues_keep_their_order_and_hold_a_slot_once() {
        let mut table = Table::default();
        let slots: Vec<u16> = (0..4).filter_map(|_| table.claim(4).expect("memory")).collect();
        assert_eq!(table.claim(4).expect("memory"), None, "the limit holds");
        for slot in [2, 0, 2, 3] {
            table.push(Queue::Told, slots[slot]);
        }
        table.push(Queue::Owed, slots[0]);
        let told: Vec<u16> = core::iter::from_fn(|| table.pop(Queue::Told)).collect();
        assert_eq!(told, vec![2, 0, 3]);
        assert_eq!((table.pop(Queue::Owed), table.pop(Queue::Owed)), (Some(0), None));
        table.push(Queue::Told, 2);
        table.push_front(Queue::Told, 1);
        table.push_front(Queue::Told, 2);
        let told: Vec<u16> = core::iter::from_fn(|| table.pop(Queue::Told)).collect();
        assert_eq!(told, vec![1, 2]);
    }

    #[test]
    fn a_released_slots_handle_is_stale_and_its_last_generation_retires_it() {
        let mut table = Table::default();
        let slot = table.claim(8).expect("memory").expect("room");
        table.get_mut(slot).expect("there").state = State::Opening;
        let handle = Channel::new(7, 0, slot);
        assert!(table.of(handle, 7).is_some() && table.of(handle, 8).is_none());
        table.release(slot);
        assert!(table.of(handle, 7).is_none());
        assert_eq!(table.claim(8).expect("memory"), Some(slot));
        table.get_mut(slot).expect("there").generation = Channel::GENERATIONS - 1;
        table.release(slot);
        assert_ne!(table.claim(8).expect("memory"), Some(slot));
    }
}
