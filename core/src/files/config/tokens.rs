//! Tokens in values: `%h`, `%p` and others, and `${VARIABLE}` (ssh_config(5), TOKENS and ENVIRONMENT VARIABLES).
//!
//! Which tokens a keyword knows and what they stand for is said by the caller. What a token stands for is put in as it
//! is, and never looked through for tokens again. Nothing is quoted for a shell: a value that becomes a command line is
//! as dangerous as the names in it.

use alloc::string::String;
use core::fmt;

/// Why a text cannot be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadToken {
    /// The token is not known where it stands; write `%%` for the character.
    Unknown(char),
    /// A `%` at the end, or a `${` without `}`.
    Unfinished,
    /// A variable that is not set.
    NoVariable,
    /// The result is longer than 64 KiB.
    TooLong,
}

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadToken::Unknown(c) => {
                write!(f, "%{} is not known here; write %% for the character %", c.escape_default())
            }
            BadToken::Unfinished => f.write_str("a % at the end or a ${ without }; write %% for the character %"),
            BadToken::NoVariable => f.write_str("the variable in ${} is not set"),
            BadToken::TooLong => f.write_str("with its tokens expanded it is longer than 64 KiB"),
        }
    }
}

impl core::error::Error for BadToken {}

/// The longest result, in bytes.
const MAX: usize = 64 << 10;

/// Puts values in the place of tokens: each is a character and what it stands for. `%%` is always known. `$` means
/// nothing here.
///
/// # Errors
/// [`BadToken`].
pub fn expand(text: &str, tokens: &[(char, &str)]) -> Result<String, BadToken> {
    replace(text, tokens, None::<fn(&str) -> Option<String>>)
}

/// [`expand`], and variables of the environment in the place of `${NAME}`; `variable` looks one up. A `$` without `{` is
/// itself.
///
/// # Errors
/// [`BadToken`].
pub fn expand_with_variables(
    text: &str,
    tokens: &[(char, &str)],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, BadToken> {
    replace(text, tokens, Some(variable))
}

fn replace(
    text: &str,
    tokens: &[(char, &str)],
    variable: Option<impl Fn(&str) -> Option<String>>,
) -> Result<String, BadToken> {
    let mut result = String::new();
    let mut rest = text;
    loop {
        let plain = rest.find(['%', '$']).unwrap_or(rest.len());
        let (before, at) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        push(&mut result, before)?;
        if at.is_empty() {
            return Ok(result);
        }
        if let Some(behind) = at.strip_prefix('%') {
            let mut chars = behind.chars();
            match chars.next().ok_or(BadToken::Unfinished)? {
                '%' => push(&mut result, "%")?,
                c => {
                    let known = tokens.iter().find(|(token, _)| *token == c);
                    push(&mut result, known.ok_or(BadToken::Unknown(c))?.1)?;
                }
            }
            rest = chars.as_str();
        } else if let (Some(behind), Some(variable)) = (at.strip_prefix("${"), &variable) {
            let (name, behind) = behind.split_once('}').ok_or(BadToken::Unfinished)?;
            push(&mut result, &variable(name).ok_or(BadToken::NoVariable)?)?;
            rest = behind;
        } else {
            push(&mut result, "$")?;
            rest = at.strip_prefix('$').unwrap_or_default();
        }
    }
}

fn push(result: &mut String, text: &str) -> Result<(), BadToken> {
    if result.len().saturating_add(text.len()) > MAX {
        return Err(BadToken::TooLong);
    }
    result.push_str(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_variables_are_put_in_once() {
        let tokens = [('h', "host%p"), ('p', "22"), ('r', "${A}")];
        let variable = |name: &str| (name == "A").then(|| String::from("%h"));
        for (text, plain, both) in [
            ("", Ok(""), Ok("")),
            ("a%h:%p%%", Ok("ahost%p:22%"), Ok("ahost%p:22%")),
            ("%%h", Ok("%h"), Ok("%h")),
            ("ü%pü", Ok("ü22ü"), Ok("ü22ü")),
            ("${A}$", Ok("${A}$"), Ok("%h$")),
            ("%r", Ok("${A}"), Ok("${A}")),
            ("$A{", Ok("$A{"), Ok("$A{")),
            ("${B}", Ok("${B}"), Err(BadToken::NoVariable)),
            ("${A", Ok("${A"), Err(BadToken::Unfinished)),
            ("%", Err(BadToken::Unfinished), Err(BadToken::Unfinished)),
            ("%x", Err(BadToken::Unknown('x')), Err(BadToken::Unknown('x'))),
        ] {
            assert_eq!(expand(text, &tokens).as_deref(), plain.as_ref().copied(), "{text}");
            let read = expand_with_variables(text, &tokens, variable);
            assert_eq!(read.as_deref(), both.as_ref().copied(), "{text}");
        }
        assert_eq!(expand(&"%h".repeat(20_000), &[('h', "12345678")]), Err(BadToken::TooLong));
    }
}
