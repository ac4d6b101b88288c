//! Arrays that events lend, beside what the core lends: one of each sort, used again by the next event.
//!
//! What a peer sends fills them no further than its packet does: each has a bound of its own, and no number of a peer's
//! reserves anything.

use super::admission::sansh_step;
use super::channel::sansh_mode;
use super::login::sansh_prompt;
use crate::status::Code;
use crate::types::sansh_bytes;

/// The most byte strings of one event: host keys beyond it are not told.
pub(super) const BYTES_MAX: usize = 64;
/// The most terminal modes: each opcode once.
pub(super) const MODES_MAX: usize = 159;
/// The most questions, which the core takes care of.
const PROMPTS_MAX: usize = 16;

/// The heap of these arrays at its worst, without the steps of a login.
pub(crate) const LISTS_BYTES: usize = BYTES_MAX * size_of::<sansh_bytes>()
    + MODES_MAX * size_of::<sansh_mode>()
    + PROMPTS_MAX * size_of::<sansh_prompt>();

#[derive(Default)]
pub(crate) struct Lists {
    pub(super) bytes: List<sansh_bytes>,
    pub(super) prompts: List<sansh_prompt>,
    pub(super) modes: List<sansh_mode>,
    pub(super) steps: List<sansh_step>,
}

// SAFETY: the pointers inside are never followed here. They go to C together with the connection that owns what they point
// to, and both belong to one thread at a time.
unsafe impl Send for Lists {}

pub(super) struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<T> List<T> {
    /// At most `most` of the items, where C finds them until the next event: NULL if there is none.
    pub(super) fn fill(&mut self, most: usize, items: impl Iterator<Item = T>) -> Result<(*const T, usize), Code> {
        self.0.clear();
        self.0.try_reserve_exact(most).map_err(|_| Code::SANSH_E_MEMORY)?;
        self.0.extend(items.take(most));
        Ok(match self.0.as_slice() {
            [] => (core::ptr::null(), 0),
            all => (all.as_ptr(), all.len()),
        })
    }
}
