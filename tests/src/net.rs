//! The network between two endpoints, as hostile as a test wants it: any fragmentation, delay, half-close, a cut at any
//! byte. What it never does is change, reorder or lose bytes in the middle: that is not what TCP does, and a test that
//! wants it edits the bytes itself.

use crate::dice::Dice;
use sansh::Instant;
use std::collections::VecDeque;

/// How many bytes one read or write moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chop {
    /// As many as there are.
    Whole,
    /// One.
    One,
    /// Any number from one up to this, small ones as often as large ones.
    Random(usize),
}

impl Chop {
    /// The size of the next piece.
    pub fn size(self, dice: &mut Dice) -> usize {
        match self {
            Chop::Whole => usize::MAX,
            Chop::One => 1,
            Chop::Random(max) => dice.size(max),
        }
    }
}

/// How the network behaves, in both directions.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Sizes of reads.
    pub read: Chop,
    /// Sizes of writes.
    pub write: Chop,
    /// Longest time a written piece takes, in nanoseconds.
    pub delay: u64,
    /// Bytes on their way at most: more is not taken, as a full socket does not take it.
    pub room: usize,
}

impl Default for Weather {
    fn default() -> Self {
        Weather { read: Chop::Whole, write: Chop::Whole, delay: 0, room: 1 << 20 }
    }
}

impl Weather {
    /// Every read and write moves one byte.
    #[must_use]
    pub fn one_byte() -> Self {
        Weather { read: Chop::One, write: Chop::One, ..Weather::default() }
    }

    /// Every read and write moves any number of bytes, and takes its time.
    #[must_use]
    pub fn random() -> Self {
        Weather { read: Chop::Random(4096), write: Chop::Random(4096), delay: 5_000_000, room: 20_000 }
    }
}

/// What a read finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// So many bytes.
    Bytes(usize),
    /// Nothing yet.
    Nothing,
    /// The end: nothing will follow.
    End,
}

/// One direction.
#[derive(Debug, Default)]
pub struct Pipe {
    bytes: VecDeque<u8>,
    pieces: VecDeque<(Instant, usize)>,
    shut: bool,
    cut: Option<u64>,
    taken: u64,
    record: Option<Vec<u8>>,
}

impl Pipe {
    /// Keeps all that is written from now on, for [`recorded`](Pipe::recorded).
    pub fn start_recording(&mut self) {
        self.record = Some(Vec::new());
    }

    /// All that was written.
    ///
    /// # Panics
    /// If nothing is recorded.
    #[must_use]
    pub fn recorded(&self) -> &[u8] {
        self.record.as_deref().expect("recording was started")
    }

    /// The line breaks behind this many bytes, counted from the beginning.
    pub fn cut_at(&mut self, position: u64) {
        self.cut = Some(position);
    }

    /// Says that the writer writes no more.
    pub fn shut(&mut self) {
        self.shut = true;
    }

    /// Whether the writer has ended it, or the line has broken.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shut || self.cut.is_some_and(|cut| self.taken >= cut)
    }

    /// Forgets what is on its way: the reader has gone.
    pub fn discard(&mut self) {
        self.bytes.clear();
        self.pieces.clear();
    }

    /// How many bytes are on their way.
    #[must_use]
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes were taken in all.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// When the next bytes arrive.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Instant> {
        self.pieces.front().map(|(at, _)| *at)
    }

    /// As write(2): takes what there is room for.
    pub fn write(&mut self, bytes: &[u8], now: Instant, weather: &Weather, dice: &mut Dice) -> usize {
        let n = bytes.len().min(weather.room.saturating_sub(self.bytes.len()));
        let taken = &bytes[..n];
        if let Some(record) = &mut self.record {
            record.extend_from_slice(taken);
        }
        // Behind a cut, and behind the writer's end, bytes go nowhere.
        let left = self.cut.map_or(u64::MAX, |cut| cut.saturating_sub(self.taken));
        let through = n.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.taken += n as u64;
        if through > 0 {
            let delay = if weather.delay == 0 { 0 } else { dice.number() % weather.delay };
            let at = now.plus(delay).max(self.pieces.back().map_or(now, |(at, _)| *at));
            self.pieces.push_back((at, through));
            self.bytes.extend(&taken[..through]);
        }
        n
    }

    /// As poll(2): whether a read would find something.
    #[must_use]
    pub fn is_readable(&self, now: Instant) -> bool {
        self.next_arrival().map_or(self.is_over(), |at| at <= now)
    }

    /// As read(2), without waiting.
    pub fn read(&mut self, into: &mut [u8], now: Instant) -> Found {
        let mut n = 0;
        while let Some((at, length)) = self.pieces.front_mut() {
            if *at > now || n == into.len() {
                break;
            }
            let take = (*length).min(into.len() - n);
            *length -= take;
            n += take;
            if *length == 0 {
                self.pieces.pop_front();
            }
        }
        for place in &mut into[..n] {
            *place = self.bytes.pop_front().expect("pieces and bytes agree");
        }
        match n {
            0 if self.bytes.is_empty() && self.is_over() => Found::End,
            0 => Found::Nothing,
            n => Found::Bytes(n),
        }
    }
}
