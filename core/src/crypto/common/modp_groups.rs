//! The groups of RFC 3526, which SSH uses by number (RFC 8268, section 3) and of which group exchange picks one.
//!
//! ```text
//! p_n = 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + c_n)        g = 2
//! ```
//!
//! That is 64 ones, the first n - 128 bits of pi with `c_n - 1` added at their end, and 64 ones. `c_n` is the least that
//! makes p and (p-1)/2 prime. So the digits of pi stand here once, and the compiler makes the primes.
//!
//! RFC 7919 has a family of the same sizes from the digits of e. Either would do; this one shares three primes with the
//! methods that have a group in their names. Since p = 7 (mod 8), 2 is a square and has the prime order (p-1)/2: every
//! exponent is as good as any other, and a public value says nothing of its lowest bit.

use crate::crypto::Group;

/// Group 14.
pub(super) const MODP_2048: Group<'static> = group(&prime::<257>(124_476));
/// Group 15.
const MODP_3072: Group<'static> = group(&prime::<385>(1_690_314));
/// Group 16.
pub(super) const MODP_4096: Group<'static> = group(&prime::<513>(240_904));
/// Group 17.
const MODP_6144: Group<'static> = group(&prime::<769>(929_484));
/// Group 18.
pub(super) const MODP_8192: Group<'static> = group(&prime::<1025>(4_743_158));

/// All, with their sizes in bits, in that order.
pub(super) const ALL: [(u32, Group<'static>); 5] =
    [(2048, MODP_2048), (3072, MODP_3072), (4096, MODP_4096), (6144, MODP_6144), (8192, MODP_8192)];

const fn group(prime: &'static [u8]) -> Group<'static> {
    Group { prime, generator: &[2] }
}

/// The prime as the bytes of an mpint: a zero byte, 8 bytes of ones, the digits with `c - 1` added, 8 bytes of ones.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "the compiler runs it")]
const fn prime<const N: usize>(c: u32) -> [u8; N] {
    let mut prime = [0xff; N];
    prime[0] = 0;
    let mut carry = c - 1;
    let mut at = N - 8;
    while at > 9 {
        at -= 1;
        let sum = carry + (digit(2 * (at - 9)) << 4 | digit(2 * (at - 9) + 1));
        prime[at] = sum as u8;
        carry = sum >> 8;
    }
    prime
}

/// A hexadecimal digit of pi, with the 3 in two bits in front.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "the compiler runs it")]
const fn digit(at: usize) -> u32 {
    match PI[at] {
        digit @ b'0'..=b'9' => (digit - b'0') as u32,
        digit => (digit - b'a' + 10) as u32,
    }
}

/// The first 8064 bits of pi.
const PI: &[u8; 2016] = b"\
    c90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6d\
    f25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe6\
    49286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed52907\
    7096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9\
    de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb8504\
    58dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864\
    d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120\
    a92108011a723c12a787e6d788719a10bdba5b2699c327186af4e23c1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef9\
    2e8efc141fbecaa6287c59474e6bc05d99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170481cd0069127\
    d5b05aa993b4ea988d8fddc186ffb7dc90a6c08f4df435c93402849236c3fab4d27c7026c1d4dcb2602646dec9751e763dba37bd\
    f8ff9406ad9e530ee5db382f413001aeb06a53ed9027d831179727b0865a8918da3edbebcf9b14ed44ce6cbaced4bb1bdb7f1447\
    e6cc254b332051512bd7af426fb8f401378cd2bf5983ca01c64b92ecf032ea15d1721d03f482d7ce6e74fef6d55e702f46980c82\
    b5a84031900b1c9e59e7c97fbec7e8f323a97a7e36cc88be0f1d45b7ff585ac54bd407b22b4154aacc8f6d7ebf48e1d814cc5ed2\
    0f8037e0a79715eef29be32806a1d58bb7c5da76f550aa3d8a1fbff0eb19ccb1a313d55cda56c9ec2ef29632387fe8d76e3c0468\
    043e8f663f4860ee12bf2d5b0b7474d6e694f91e6dbe115974a3926f12fee5e438777cb6a932df8cd8bec4d073b931ba3bc832b6\
    8d9dd300741fa7bf8afc47ed2576f6936ba424663aab639c5ae4f5683423b4742bf1c978238f16cbe39d652de3fdb8befc848ad9\
    22222e04a4037c0713eb57a81a23f0c73473fc646cea306b4bcbc8862f8385ddfa9d4b7fa2c087e879683303ed5bdd3a062b3cf5\
    b3a278a66d2a13f83f44f82ddf310ee074ab6a364597e899a0255dc164f31cc50846851df9ab48195ded7ea1b1d510bd7ee74d73\
    faf36bc31ecfa268359046f4eb879f924009438b481c6cd7889a002ed5ee382bc9190da6fc026e479558e4475677e9aa9e3050e2\
    765694dfc81f56e880b96e7160c980dd98a573ea";
