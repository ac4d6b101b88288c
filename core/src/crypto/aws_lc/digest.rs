//! SHA-2.

use crate::crypto::{CryptoError, Digest, Hash, try_box};
use alloc::boxed::Box;
use aws_lc_rs::digest::{Context, SHA256, SHA384, SHA512};
use core::mem::size_of;

pub(super) const BYTES: usize = size_of::<Sha>();
/// The state of one SHA-512 is less than this.
pub(super) const C_HEAP: usize = 256;

pub(super) fn new(hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
    let algorithm = match hash {
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    };
    let sha: Box<[_; 1]> = try_box(Sha(Context::new(algorithm)))?;
    Ok(sha)
}

struct Sha(Context);

impl Digest for Sha {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&mut self, out: &mut [u8; Hash::MAX]) {
        let fresh = Context::new(self.0.algorithm());
        let full = core::mem::replace(&mut self.0, fresh);
        for (to, from) in out.iter_mut().zip(full.finish().as_ref()) {
            *to = *from;
        }
    }
}
