//! How much work a key file may ask for before its key is there.
//!
//! The numbers stand in the file, so that whoever wrote the file chose them: without a bound a hostile one burns an hour
//! of processor or all memory before anything is checked. The bounds let pass what people use: several times the
//! defaults of the programs that write such files, and about ten seconds.

/// The bounds.
pub(super) struct Costs {
    /// Rounds of bcrypt_pbkdf. `ssh-keygen` writes 16 or 24, and `-a 100` is common; one round takes some 10 ms.
    pub(super) bcrypt_rounds: u32,
    /// Iterations of PBKDF2. OpenSSL writes 2,048, advice goes to 1,400,000; a million takes less than a second.
    pub(super) pbkdf2_iterations: u32,
    /// Memory of scrypt, 128 · N · r, in bytes. OpenSSL writes 16 MiB.
    pub(super) scrypt_bytes: u64,
    /// Parallel runs of scrypt, which are run one after another here. OpenSSL writes 1.
    pub(super) scrypt_runs: u16,
    /// Memory of Argon2 in KiB. PuTTY writes 8 MiB.
    pub(super) argon2_kib: u32,
    /// Memory in KiB times passes: Argon2 fills about 1 GiB a second. PuTTY writes some 13 passes.
    pub(super) argon2_work: u64,
    /// Lanes of Argon2. PuTTY writes 1.
    pub(super) argon2_lanes: u32,
}

impl Costs {
    /// For files that people give.
    pub(super) const FILES: Costs = Costs {
        bcrypt_rounds: super::MAX_EFFORT,
        pbkdf2_iterations: super::MAX_EFFORT.saturating_mul(super::pkcs::ITERATIONS),
        scrypt_bytes: 256 << 20,
        scrypt_runs: 16,
        argon2_kib: 256 << 10,
        argon2_work: 16 << 20,
        argon2_lanes: 64,
    };
    /// For a fuzzer, which wants many files a second: an effort of 1.
    #[cfg(feature = "fuzzing")]
    pub(super) const FUZZER: Costs = Costs {
        bcrypt_rounds: 1,
        pbkdf2_iterations: super::pkcs::ITERATIONS,
        scrypt_bytes: 1 << 20,
        scrypt_runs: 2,
        argon2_kib: 8 << 10,
        argon2_work: 8 << 10,
        argon2_lanes: 4,
    };
}
