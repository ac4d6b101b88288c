//! Chance that can be repeated: a small generator with a seed that a failing test prints.

/// splitmix64.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for one seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    /// The next 64 bits.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { usize::try_from(self.number() % n as u64).expect("below n") }
    }

    /// True once in `n` throws.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A size from 1 to `max`, every magnitude as likely as every other: 1 comes as often as "some thousands".
    pub fn size(&mut self, max: usize) -> usize {
        let magnitudes = usize::try_from(max.max(1).ilog2()).expect("small") + 1;
        let low = 1_usize << self.below(magnitudes);
        (low + self.below(low)).min(max.max(1))
    }

    /// 32 bytes for a connection's `Seed`.
    pub fn seed(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.number().to_le_bytes());
        }
        bytes
    }
}

/// Bytes in which every position of every stream is told from its neighbours: what a stream must carry, without keeping it.
#[derive(Clone, Debug)]
pub struct Pattern {
    dice: Dice,
    word: [u8; 8],
    at: usize,
    /// How many bytes were taken.
    pub position: u64,
}

impl Pattern {
    /// The stream of this seed, from its first byte.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Pattern { dice: Dice::new(seed ^ 0x5bd1_e995_0bad_cafe), word: [0; 8], at: 8, position: 0 }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        if self.at == 8 {
            self.word = self.dice.number().to_le_bytes();
            self.at = 0;
        }
        let byte = self.word[self.at];
        self.at += 1;
        self.position += 1;
        byte
    }

    /// Writes the next bytes.
    pub fn fill(&mut self, into: &mut [u8]) {
        for place in into {
            *place = self.byte();
        }
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        self.fill(&mut bytes);
        bytes
    }

    /// Fails unless `bytes` are the next ones.
    pub fn check(&mut self, bytes: &[u8]) {
        for (n, byte) in bytes.iter().enumerate() {
            let position = self.position;
            let expected = self.byte();
            assert!(*byte == expected, "byte {position} of the stream (byte {n} of this packet) is not what was sent");
        }
    }
}
