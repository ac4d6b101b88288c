//! `LogLevel`: how much goes to standard error.

use sansh::files::config::{Argument, ConfigError};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Quiet,
    Error,
    #[default]
    Info,
    Verbose,
    /// Every SSH message, in the notation.
    Debug,
}

impl Level {
    pub(crate) fn read(word: Argument<'_, '_>) -> Result<Self, ConfigError> {
        Ok(
            match word.one_of(&["QUIET", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3"])? {
                "QUIET" => Level::Quiet,
                "FATAL" | "ERROR" => Level::Error,
                "INFO" => Level::Info,
                "VERBOSE" => Level::Verbose,
                _ => Level::Debug,
            },
        )
    }

    /// How many bytes of decoded messages a connection has to keep until they are shown.
    pub(crate) fn trace_bytes(self) -> u32 {
        if self >= Level::Debug { 64 * 1024 } else { 0 }
    }
}
