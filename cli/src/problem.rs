//! What went wrong, as one line for people: which file, line or option, and what to do.

use std::fmt;

/// One line.
pub(crate) struct Problem(String);

impl Problem {
    pub(crate) fn new(line: impl Into<String>) -> Self {
        Problem(line.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// So that `?` tells the cause behind what was being done.
pub(crate) trait Doing<T> {
    /// `what: cause`.
    fn doing(self, what: impl fmt::Display) -> Result<T, Problem>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: impl fmt::Display) -> Result<T, Problem> {
        self.map_err(|cause| Problem(format!("{what}: {cause}")))
    }
}

/// Untrusted bytes on a terminal: control characters are shown, not obeyed.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let plain = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
    String::from_utf8_lossy(bytes).chars().filter(|c| *c != '\r').map(|c| if plain(c) { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_terminal_is_not_steered_by_a_peer() {
        assert_eq!(super::printable(b"hello\x1b[2J\r\n\x9b1m \xc3\xa9"), "hello?[2J\n\u{fffd}1m é");
    }
}
