//! `mpint`: two's complement, big-endian, minimal (RFC 4251, section 5).

/// A positive integer's bytes without needless leading zeros. The sign byte, which a set top bit asks for, is not part
/// of it: [`put_mpint`](super::put_mpint) writes it.
/// "Unnecessary leading bytes with the value 0 or 255 MUST NOT be included" (RFC 4251, section 5).
#[must_use]
pub fn minimal_magnitude(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}
