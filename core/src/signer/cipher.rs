//! The ciphers of key files: those that `ssh-keygen -Z` offers, and AES-CBC for the others.
//!
//! They are used once for each file, under a key of its own, so that nothing here counts packets.

use super::BadKeyFile;
use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::{AeadInOut, Aes128Gcm, Aes256Gcm, KeyInit};
use chacha20::ChaCha20;
use ctr::Ctr128BE;
use poly1305::Poly1305;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A cipher that openssh-key-v1 names.
pub(super) struct FileCipher {
    name: &'static str,
    mode: Mode,
    pub(super) key_len: usize,
    pub(super) iv_len: usize,
    /// What the padding reaches.
    pub(super) block: usize,
    /// Bytes behind the private section.
    pub(super) tag_len: usize,
}

#[derive(Clone, Copy)]
enum Mode {
    Ctr,
    Cbc,
    Gcm,
    ChaCha,
}

const fn row(name: &'static str, mode: Mode, [key_len, iv_len, block, tag_len]: [usize; 4]) -> FileCipher {
    FileCipher { name, mode, key_len, iv_len, block, tag_len }
}

/// The one that is written.
pub(super) const AES256_CTR: &FileCipher = &row("aes256-ctr", Mode::Ctr, [32, 16, 16, 0]);

const CIPHERS: [FileCipher; 9] = [
    row("aes256-ctr", Mode::Ctr, [32, 16, 16, 0]),
    row("aes192-ctr", Mode::Ctr, [24, 16, 16, 0]),
    row("aes128-ctr", Mode::Ctr, [16, 16, 16, 0]),
    row("aes256-cbc", Mode::Cbc, [32, 16, 16, 0]),
    row("aes192-cbc", Mode::Cbc, [24, 16, 16, 0]),
    row("aes128-cbc", Mode::Cbc, [16, 16, 16, 0]),
    row("aes256-gcm@openssh.com", Mode::Gcm, [32, 12, 16, 16]),
    row("aes128-gcm@openssh.com", Mode::Gcm, [16, 12, 16, 16]),
    row("chacha20-poly1305@openssh.com", Mode::ChaCha, [64, 0, 8, 16]),
];

impl FileCipher {
    /// The longest key and IV of any.
    pub(super) const MAX_KEY_IV: usize = 64;

    pub(super) fn find(name: &[u8]) -> Option<&'static FileCipher> {
        CIPHERS.iter().find(|cipher| cipher.name.as_bytes() == name)
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Decrypts `data`, a multiple of [`block`](FileCipher::block). `keys` are key and IV behind each other.
    ///
    /// # Errors
    /// [`BadKeyFile::WrongPassphrase`] if the tag does not fit; without a tag, the caller finds out.
    pub(super) fn open(&self, keys: &[u8], data: &mut [u8], tag: &[u8]) -> Result<(), BadKeyFile> {
        let (key, iv) = keys.split_at_checked(self.key_len).ok_or(BadKeyFile::Damaged)?;
        match self.mode {
            Mode::Ctr => ctr(key, iv, data),
            Mode::Cbc => cbc_open(key, iv, data),
            Mode::Gcm => gcm_open(key, iv, data, tag),
            Mode::ChaCha => chacha_open(key, data, tag),
        }
    }
}

/// AES in counter mode, either way.
pub(super) fn ctr(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), BadKeyFile> {
    fn apply<C: KeyIvInit + StreamCipher>(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), BadKeyFile> {
        let mut cipher = C::new_from_slices(key, iv).map_err(|_| BadKeyFile::Damaged)?;
        cipher.try_apply_keystream(data).map_err(|_| BadKeyFile::Damaged)
    }
    match key.len() {
        16 => apply::<Ctr128BE<Aes128>>(key, iv, data),
        24 => apply::<Ctr128BE<Aes192>>(key, iv, data),
        _ => apply::<Ctr128BE<Aes256>>(key, iv, data),
    }
}

/// AES-CBC of whole blocks, without padding.
pub(super) fn cbc_open(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), BadKeyFile> {
    macro_rules! open {
        ($aes:ty) => {{
            let mut cipher = cbc::Decryptor::<$aes>::new_from_slices(key, iv).map_err(|_| BadKeyFile::Damaged)?;
            cipher.decrypt_blocks(Array::cast_slice_from_core_mut(blocks(data)?));
        }};
    }
    match key.len() {
        16 => open!(Aes128),
        24 => open!(Aes192),
        _ => open!(Aes256),
    }
    Ok(())
}

/// AES-256-CBC of whole blocks, without padding.
pub(super) fn cbc_seal(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), BadKeyFile> {
    let mut cipher = cbc::Encryptor::<Aes256>::new_from_slices(key, iv).map_err(|_| BadKeyFile::Damaged)?;
    cipher.encrypt_blocks(Array::cast_slice_from_core_mut(blocks(data)?));
    Ok(())
}

fn blocks(data: &mut [u8]) -> Result<&mut [[u8; 16]], BadKeyFile> {
    let (blocks, rest) = data.as_chunks_mut::<16>();
    if rest.is_empty() { Ok(blocks) } else { Err(BadKeyFile::Damaged) }
}

fn gcm_open(key: &[u8], iv: &[u8], data: &mut [u8], tag: &[u8]) -> Result<(), BadKeyFile> {
    let (iv, tag): ([u8; 12], [u8; 16]) =
        (iv.try_into().map_err(|_| BadKeyFile::Damaged)?, tag.try_into().map_err(|_| BadKeyFile::Damaged)?);
    macro_rules! open {
        ($gcm:ty) => {{
            let cipher = <$gcm>::new_from_slice(key).map_err(|_| BadKeyFile::Damaged)?;
            cipher.decrypt_inout_detached(&iv.into(), b"", data.into(), &tag.into())
        }};
    }
    let opened = if key.len() == 16 { open!(Aes128Gcm) } else { open!(Aes256Gcm) };
    opened.map_err(|_| BadKeyFile::WrongPassphrase)
}

/// As a packet's body with the sequence number 0 and no length in front (OpenSSH's PROTOCOL.chacha20poly1305): the second
/// half of the key, which is for lengths, is not used.
fn chacha_open(key: &[u8], data: &mut [u8], tag: &[u8]) -> Result<(), BadKeyFile> {
    let (key, _) = key.split_first_chunk::<32>().ok_or(BadKeyFile::Damaged)?;
    let mut cipher = ChaCha20::new(key.into(), &[0; 12].into());
    let mut first = Zeroizing::new([0; 64]);
    cipher.try_apply_keystream(&mut *first).map_err(|_| BadKeyFile::Damaged)?;
    let (poly1305_key, _) = first.split_first_chunk::<32>().ok_or(BadKeyFile::Damaged)?;
    let expected: [u8; 16] = Poly1305::new(poly1305_key.into()).compute_unpadded(data).into();
    if !bool::from(expected.ct_eq(tag)) {
        return Err(BadKeyFile::WrongPassphrase);
    }
    cipher.try_apply_keystream(data).map_err(|_| BadKeyFile::Damaged)
}
