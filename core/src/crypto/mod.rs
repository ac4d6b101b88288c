//! What sansh asks of cryptography, as traits; two providers that answer.
//!
//! The machine knows algorithms only as rows of a [`Provider`]: a name, and the calls below. To add an algorithm is to
//! write one file with one `impl` and to name it in a provider's list; nothing in `transport/` changes. A provider is
//! chosen in the configuration; enabling a feature changes no default.
//!
//! * [`KexMethod`] makes the shared secret, [`Digest`] hashes the exchange and derives keys from it.
//! * [`Cipher`] and [`Mac`] rows make a [`Seal`] and an [`Open`]: one direction of packet protection. They work in place
//!   on whole packets and cover the three ways in which SSH protects the length field.
//! * [`SignatureAlgorithm`] checks host key and user key signatures. Nothing here signs: that is an event.
//!
//! All heap that a provider's objects use is said by [`Provider::state_bytes`], so that `Limits::bytes` can count it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

#[cfg(feature = "aws_lc")]
pub mod aws_lc;
#[cfg(any(feature = "aws_lc", feature = "rustcrypto"))]
mod common;
#[cfg(feature = "null_provider")]
pub mod null;
mod random;
#[cfg(feature = "rustcrypto")]
pub mod rustcrypto;

pub use rand_core::CryptoRng;
pub use random::{Random, Seed};

/// A set of algorithms. Each list is in the order in which it is offered by default.
pub trait Provider: Send + Sync + fmt::Debug {
    /// For traces and error texts: `rustcrypto`.
    fn name(&self) -> &'static str;
    /// Key exchange methods.
    fn kex(&self) -> &'static [&'static dyn KexMethod];
    /// Ciphers, AEAD and plain.
    fn ciphers(&self) -> &'static [&'static dyn Cipher];
    /// MACs for the plain ones.
    fn macs(&self) -> &'static [&'static dyn Mac];
    /// Signature algorithms of host keys and user keys.
    fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm];
    /// A fresh hash.
    ///
    /// # Errors
    /// [`CryptoError::OutOfMemory`].
    fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError>;
    /// The most heap, in bytes, that the objects of one connection hold at one time: a running key exchange, two seals
    /// and two opens (the old and the pending ones), a digest.
    fn state_bytes(&self) -> usize;
}

/// Hash functions that key exchange methods name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl Hash {
    /// The longest output of any of them.
    pub const MAX: usize = 64;

    /// Output length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }

    /// A hash is never empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        false
    }
}

/// A running hash.
pub trait Digest: Send + Sync {
    /// Takes the next bytes.
    fn update(&mut self, bytes: &[u8]);
    /// Writes the hash of all bytes taken to the front of `out` and starts over.
    fn finish(&mut self, out: &mut [u8; Hash::MAX]);
}

/// How a shared secret `K` goes into the exchange hash and the key derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretEncoding {
    /// As mpint (RFC 4253, section 8; RFC 8731, section 3.1).
    Mpint,
    /// As string (draft-ietf-sshm-mlkem-hybrid-kex, section 2.4).
    String,
}

/// The shared secret of one exchange, wiped when it goes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl SharedSecret {
    /// The largest: a MODP group of 8192 bits.
    pub const MAX: usize = 1024;

    /// None yet.
    #[must_use]
    pub fn empty() -> Self {
        SharedSecret { bytes: [0; Self::MAX], len: 0 }
    }

    /// Keeps `bytes`.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if they are more than [`SharedSecret::MAX`].
    pub fn set(&mut self, bytes: &[u8]) -> Result<(), CryptoError> {
        let place = self.bytes.get_mut(..bytes.len()).ok_or(CryptoError::Failed)?;
        place.copy_from_slice(bytes);
        self.len = bytes.len();
        Ok(())
    }

    /// The secret, big-endian.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}

/// What cryptography can say instead of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CryptoError {
    /// The peer's value is of the wrong length, not on the curve, of low order, or zero. The peer is to blame.
    BadValue,
    /// The signature does not verify. The peer is to blame.
    BadSignature,
    /// The authentication tag or MAC does not fit. The peer, or somebody between, is to blame.
    BadTag,
    /// A fallible allocation failed.
    OutOfMemory,
    /// The backend failed. Nobody outside is to blame.
    Failed,
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CryptoError::BadValue => "the peer's public value is not valid",
            CryptoError::BadSignature => "the signature does not verify",
            CryptoError::BadTag => "the packet's authentication tag does not fit",
            CryptoError::OutOfMemory => "out of memory",
            CryptoError::Failed => "the cryptographic backend failed",
        })
    }
}

/// The messages of a key exchange method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KexShape {
    /// 30 with the client's public value, 31 with host key, server's public value and signature. Both values stand as
    /// `string` (or `mpint`, whose bytes look the same) and are hashed in that form.
    InitReply,
    /// RFC 4419: 34 asks for a group, 31 names one, 32 and 33 are INIT and REPLY in it. Both values are `mpint`.
    GroupExchange,
}

/// A group of integers modulo a safe prime. Both numbers as the bytes of a canonical, positive `mpint` (RFC 4251, section
/// 5): big-endian, a zero byte in front if and only if the highest bit is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Group<'a> {
    /// The safe prime `p`.
    pub prime: &'a [u8],
    /// The generator `g`.
    pub generator: &'a [u8],
}

impl fmt::Debug for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({} bytes)", self.prime.len())
    }
}

/// What a method of [`KexShape::GroupExchange`] can do instead of [`KexMethod::start`] and [`KexMethod::respond`].
pub trait GroupExchange: Send + Sync {
    /// Server: one of its fixed safe groups, of at least `least` and at most `most` bits, close to `preferred` (RFC 4419,
    /// section 3; RFC 8270). `None` if there is none.
    fn choose(&self, least: u32, preferred: u32, most: u32) -> Option<Group<'static>>;
    /// Client: as [`KexMethod::start`], in the server's group.
    ///
    /// # Errors
    /// [`CryptoError::BadValue`] if the group must be refused: shorter than 2048 or longer than 8192 bits, even, no
    /// canonical number, or a generator outside `2..=p-2`. No primality is tested.
    fn start(
        &self,
        group: Group<'_>,
        random: &mut dyn CryptoRng,
        public: &mut [u8],
    ) -> Result<(usize, Box<dyn KexClient>), CryptoError>;
    /// Server: as [`KexMethod::respond`], in a group that [`choose`](GroupExchange::choose) gave.
    ///
    /// # Errors
    /// [`CryptoError::BadValue`] unless `1 < theirs < p-1` (RFC 8268, section 4).
    fn respond(
        &self,
        group: Group<'_>,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError>;
}

/// A key exchange method: one row.
pub trait KexMethod: Send + Sync + fmt::Debug {
    /// `curve25519-sha256`.
    fn name(&self) -> &'static str;
    /// Its messages.
    fn shape(&self) -> KexShape {
        KexShape::InitReply
    }
    /// Its hash.
    fn hash(&self) -> Hash;
    /// How `K` is encoded.
    fn secret_encoding(&self) -> SecretEncoding;
    /// Length of the largest public value either side sends, in bytes.
    fn public_len(&self) -> usize;
    /// Client: makes an ephemeral key, writes its public value to the front of `public` (at least
    /// [`public_len`](KexMethod::public_len) long) and returns its length and the half that waits for the answer.
    ///
    /// # Errors
    /// [`CryptoError::OutOfMemory`] or [`CryptoError::Failed`].
    fn start(&self, random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<(usize, Box<dyn KexClient>), CryptoError>;
    /// Server: answers the client's `theirs` with its own value in `public`, returns its length, and gives `K`.
    ///
    /// # Errors
    /// [`CryptoError::BadValue`] if `theirs` must be refused (RFC 8731, section 3; RFC 8268, section 4).
    fn respond(
        &self,
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        public: &mut [u8],
        secret: &mut SharedSecret,
    ) -> Result<usize, CryptoError>;
    /// The groups of a method of [`KexShape::GroupExchange`]; its `start` and `respond` are never called.
    fn groups(&self) -> Option<&dyn GroupExchange> {
        None
    }
    /// Whether it is offered unless a configuration names others. Rows that are not stand last in a provider's list.
    fn by_default(&self) -> bool {
        true
    }
}

/// The client's half of an exchange that waits for the server's value. Wipes its secrets when it goes.
pub trait KexClient: Send + Sync {
    /// Takes the server's value and gives `K`.
    ///
    /// # Errors
    /// [`CryptoError::BadValue`] if it must be refused.
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError>;
}

/// A cipher: one row. Keys and IVs are of these lengths and come from the key derivation (RFC 4253, section 7.2).
pub trait Cipher: Send + Sync + fmt::Debug {
    /// `aes256-gcm@openssh.com`.
    fn name(&self) -> &'static str;
    /// Key length in bytes.
    fn key_len(&self) -> usize;
    /// IV length in bytes; 0 for ChaCha20-Poly1305.
    fn iv_len(&self) -> usize;
    /// Whether it authenticates, so that no MAC is negotiated with it.
    fn aead(&self) -> bool;
    /// How many bytes one key may protect before a re-exchange is due: 2^32 blocks of AES would be 2^36 bytes
    /// (RFC 4344, section 3.2), 1 GiB for ChaCha20.
    fn bytes_per_key(&self) -> u64;
    /// Makes the sealing direction. `mac` is `None` exactly if [`aead`](Cipher::aead).
    ///
    /// # Errors
    /// [`CryptoError::OutOfMemory`] or [`CryptoError::Failed`].
    fn seal(&self, keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Box<dyn Seal>, CryptoError>;
    /// Makes the opening direction.
    ///
    /// # Errors
    /// As [`seal`](Cipher::seal).
    fn open(&self, keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Box<dyn Open>, CryptoError>;
}

/// A MAC: one row.
pub trait Mac: Send + Sync + fmt::Debug {
    /// `hmac-sha2-256-etm@openssh.com`.
    fn name(&self) -> &'static str;
    /// Key length in bytes.
    fn key_len(&self) -> usize;
    /// Tag length in bytes.
    fn tag_len(&self) -> usize;
    /// Whether it covers the encrypted packet behind a clear length (`-etm@openssh.com`).
    fn encrypt_then_mac(&self) -> bool;
    /// Which HMAC it is.
    fn hash(&self) -> Hash;
}

/// Key material of one direction, exactly as long as the rows ask.
pub struct DirectionKeys<'a> {
    /// Cipher key.
    pub key: &'a [u8],
    /// Initial IV.
    pub iv: &'a [u8],
    /// MAC key; empty for an AEAD.
    pub mac: &'a [u8],
}

impl fmt::Debug for DirectionKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirectionKeys(…)")
    }
}

/// How long a packet may be: what the padding has to round up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// 8, or the cipher's block.
    pub block: usize,
    /// Whether the four bytes of the length field count as well. They do unless the length travels in clear or is
    /// encrypted apart (OpenSSH PROTOCOL, section 1.5; RFC 5647, section 7.2).
    pub counts_length: bool,
}

/// The sealing direction. A packet is `length(4) padding_length(1) payload padding tag`, all in one slice.
pub trait Seal: Send + Sync {
    /// What padding has to reach.
    fn alignment(&self) -> Alignment;
    /// Bytes behind the padding.
    fn tag_len(&self) -> usize;
    /// Seals in place. `packet` ends with [`tag_len`](Seal::tag_len) bytes of room; the length field is written.
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError>;
}

/// The opening direction.
pub trait Open: Send + Sync {
    /// What padding has reached.
    fn alignment(&self) -> Alignment;
    /// Bytes behind the padding.
    fn tag_len(&self) -> usize;
    /// How many bytes have to be there before the length can be known: 4, or a block where the length is inside the
    /// first block.
    fn head(&self) -> usize;
    /// Whether a bad length must look like a bad MAC, since the length was decrypted before anything was authenticated.
    fn length_is_unauthenticated(&self) -> bool;
    /// Reads the length field from the first [`head`](Open::head) bytes of a packet, once per packet. May decrypt them
    /// in place; [`open`](Open::open) knows.
    fn length(&mut self, sequence: u32, head: &mut [u8]) -> u32;
    /// Checks and opens in place a whole packet, tag included, whose [`length`](Open::length) was read. Afterwards
    /// everything behind the first four bytes and before the tag is plaintext.
    ///
    /// # Errors
    /// [`CryptoError::BadTag`]; the packet's bytes are then nobody's business.
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError>;
}

/// A signature algorithm: one row.
pub trait SignatureAlgorithm: Send + Sync + fmt::Debug {
    /// The algorithm's name in negotiations and in signatures: `rsa-sha2-256`.
    fn name(&self) -> &'static str;
    /// The type name in the key's blob: `ssh-rsa`.
    fn key_type(&self) -> &'static str;
    /// Checks a signature blob (`string algorithm, string signature`, RFC 4253, section 6.6; security keys have flags and
    /// a counter behind it) of `message` by the key or certificate in `key` (`string type, …`). Type, algorithm, lengths
    /// and curve are checked before any arithmetic. A certificate's own signature is not looked at: see
    /// `Certificate::check`.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] for anything but a good signature of exactly this algorithm.
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError>;
    /// Whether the blob is a key of this algorithm: type name, lengths, curve. Cheap, and says nothing about trust.
    fn accepts(&self, key: &[u8]) -> bool;
    /// The algorithm of the plain key, if this is a certificate's: `ssh-ed25519` of `ssh-ed25519-cert-v01@openssh.com`.
    /// Its name is also the one in the signature blob.
    fn certified(&self) -> Option<&'static dyn SignatureAlgorithm> {
        None
    }
    /// Whether a host key may use it. A browser's signatures (webauthn) are for users alone.
    fn for_hosts(&self) -> bool {
        true
    }
    /// Whether it is taken unless a configuration names others. Rows that are not stand last in a provider's list.
    fn by_default(&self) -> bool {
        true
    }
}

/// What a good signature says beside being good.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Verified {
    /// What the authenticator of a security key (`sk-…@openssh.com`) signed along; `None` for all other keys.
    pub security_key: Option<SecurityKey>,
}

/// What a FIDO authenticator signs along (OpenSSH PROTOCOL.u2f, section "SSH U2F Signatures").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityKey {
    /// Flags: see the two calls.
    pub flags: u8,
    /// The authenticator's signature counter.
    pub counter: u32,
}

impl SecurityKey {
    /// Somebody touched it.
    #[must_use]
    pub fn user_present(self) -> bool {
        self.flags & 1 != 0
    }

    /// Somebody showed a PIN or a finger.
    #[must_use]
    pub fn user_verified(self) -> bool {
        self.flags & 4 != 0
    }
}

/// Puts a value on the heap without aborting when there is none left. `[T; 1]` implements the traits above if `T` does,
/// so the box coerces to `Box<dyn Seal>` and its kind.
///
/// # Errors
/// [`CryptoError::OutOfMemory`].
pub fn try_box<T>(value: T) -> Result<Box<[T; 1]>, CryptoError> {
    let mut one = Vec::new();
    one.try_reserve_exact(1).map_err(|_| CryptoError::OutOfMemory)?;
    one.push(value);
    one.into_boxed_slice().try_into().map_err(|_| CryptoError::OutOfMemory)
}

impl<T: Digest> Digest for [T; 1] {
    fn update(&mut self, bytes: &[u8]) {
        let [inner] = self;
        inner.update(bytes);
    }
    fn finish(&mut self, out: &mut [u8; Hash::MAX]) {
        let [inner] = self;
        inner.finish(out);
    }
}

impl<T: KexClient> KexClient for [T; 1] {
    fn finish(&mut self, theirs: &[u8], secret: &mut SharedSecret) -> Result<(), CryptoError> {
        let [inner] = self;
        inner.finish(theirs, secret)
    }
}

impl<T: Seal> Seal for [T; 1] {
    fn alignment(&self) -> Alignment {
        let [inner] = self;
        inner.alignment()
    }
    fn tag_len(&self) -> usize {
        let [inner] = self;
        inner.tag_len()
    }
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let [inner] = self;
        inner.seal(sequence, packet)
    }
}

impl<T: Open> Open for [T; 1] {
    fn alignment(&self) -> Alignment {
        let [inner] = self;
        inner.alignment()
    }
    fn tag_len(&self) -> usize {
        let [inner] = self;
        inner.tag_len()
    }
    fn head(&self) -> usize {
        let [inner] = self;
        inner.head()
    }
    fn length_is_unauthenticated(&self) -> bool {
        let [inner] = self;
        inner.length_is_unauthenticated()
    }
    fn length(&mut self, sequence: u32, head: &mut [u8]) -> u32 {
        let [inner] = self;
        inner.length(sequence, head)
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let [inner] = self;
        inner.open(sequence, packet)
    }
}
