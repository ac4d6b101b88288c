//! SHA-2 by `sha2`.

use crate::crypto::common::largest;
use crate::crypto::{CryptoError, Digest, Hash, try_box};
use alloc::boxed::Box;
use core::mem::size_of;
use sha2::digest::{FixedOutputReset, OutputSizeUser, Update};
use sha2::{Sha256, Sha384, Sha512};

/// The largest state.
pub(super) const BYTES: usize = largest(&[size_of::<Sha256>(), size_of::<Sha384>(), size_of::<Sha512>()]);

pub(super) fn new(hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
    Ok(match hash {
        Hash::Sha256 => try_box(Sha(Sha256::default()))? as Box<[_; 1]>,
        Hash::Sha384 => try_box(Sha(Sha384::default()))? as Box<[_; 1]>,
        Hash::Sha512 => try_box(Sha(Sha512::default()))? as Box<[_; 1]>,
    })
}

struct Sha<D>(D);

impl<D: FixedOutputReset + Update + Send + Sync> Digest for Sha<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&mut self, out: &mut [u8; Hash::MAX]) {
        let front = out.get_mut(..<D as OutputSizeUser>::output_size());
        if let Some(Ok(front)) = front.map(TryInto::try_into) {
            self.0.finalize_into_reset(front);
        }
    }
}
