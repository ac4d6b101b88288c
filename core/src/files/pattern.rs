//! Patterns and pattern-lists as in ssh_config(5), PATTERNS: `*` is any number of characters, `?` is one, and `!` in
//! front says no.
//!
//! There is no set, no range and no escape. `known_hosts` and `authorized_keys` use it for hosts; a caller that reads
//! `Host` lines or a `from=` option uses [`list`].

/// Whether letters of either case are the same. Host names are compared so, user names are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `a` is not `A`.
    Exact,
    /// `a` is `A`, in US-ASCII.
    Fold,
}

/// What a list of patterns says about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least one pattern matches, and no negated one does.
    Match,
    /// A negated pattern matches. Nothing else on the list can change that.
    Negated,
    /// No pattern matches; or one is longer than [`MAX`], so that what it says is unknown.
    Nothing,
}

impl Verdict {
    /// Whether it is [`Verdict::Match`].
    #[must_use]
    pub fn is_match(self) -> bool {
        self == Verdict::Match
    }
}

/// The longest pattern and the longest text that are compared, in bytes: a host name has at most 255. It bounds the
/// work that a pattern of many stars makes.
pub const MAX: usize = 1023;

/// Whether a pattern matches the whole of a text. One that is longer than [`MAX`], or a text that is, matches nothing.
#[must_use]
pub fn glob(pattern: &str, text: &str, case: Case) -> bool {
    if pattern.len() > MAX || text.len() > MAX {
        return false;
    }
    let same = |a: char, b: char| match case {
        Case::Exact => a == b,
        Case::Fold => a.eq_ignore_ascii_case(&b),
    };
    let (mut pattern, mut text) = (pattern, text);
    // Behind the last star seen: what is left of the pattern, and the text that the star has not yet taken. Stars in
    // front of it never need to take more.
    let mut star = None;
    loop {
        match (first(pattern), first(text)) {
            (Some(('*', behind)), _) => {
                star = Some((behind, text));
                pattern = behind;
            }
            (Some((a, behind)), Some((b, rest))) if a == '?' || same(a, b) => (pattern, text) = (behind, rest),
            (None, None) => return true,
            _ => {
                let Some((behind, left)) = star else { return false };
                let Some((_, left)) = first(left) else { return false };
                star = Some((behind, left));
                (pattern, text) = (behind, left);
            }
        }
    }
}

/// The first character and the rest.
fn first(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|c| (c, chars.as_str()))
}

/// What patterns say together about a text; each may begin with `!`. A negated match never makes a positive result by
/// itself.
pub fn list<'p>(patterns: impl IntoIterator<Item = &'p str>, text: &str, case: Case) -> Verdict {
    let mut verdict = Verdict::Nothing;
    for pattern in patterns {
        let (negated, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        if pattern.len() > MAX {
            return Verdict::Nothing;
        }
        if glob(pattern, text, case) {
            if negated {
                return Verdict::Negated;
            }
            verdict = Verdict::Match;
        }
    }
    verdict
}

/// [`list`] of a pattern-list: patterns with commas between them.
#[must_use]
pub fn comma_list(patterns: &str, text: &str, case: Case) -> Verdict {
    list(patterns.split(','), text, case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::ToOwned;
    use std::string::String;
    use std::vec::Vec;

    #[test]
    fn stars_and_question_marks() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "abc", true),
            ("?", "", false),
            ("?", "a", true),
            ("?", "ü", true),
            ("a?c", "aüc", true),
            ("*.co.uk", "a.co.uk", true),
            ("*.co.uk", ".co.uk", true),
            ("*.co.uk", "co.uk", false),
            ("192.168.0.?", "192.168.0.7", true),
            ("192.168.0.?", "192.168.0.77", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("*?b", "ab", true),
            ("*?b", "b", false),
            ("*a*", "bbb", false),
            ("[ab]", "a", false),
            ("a\\*", "a*", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(glob(pattern, text, Case::Exact), expected, "{pattern} {text}");
        }
        assert!(glob("Host.*", "hOST.x", Case::Fold) && !glob("Host", "host", Case::Exact));
    }

    /// All patterns and texts of up to four characters, against the definition.
    #[test]
    fn agrees_with_the_definition() {
        fn slow(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'*', rest)) => (0..=text.len()).any(|taken| slow(rest, &text[taken..])),
                Some((c, rest)) => !text.is_empty() && (*c == b'?' || *c == text[0]) && slow(rest, &text[1..]),
            }
        }
        fn words(letters: &str, longest: usize) -> Vec<String> {
            let mut all = std::vec![String::new()];
            let mut from = 0;
            for _ in 0..longest {
                let until = all.len();
                for at in from..until {
                    for letter in letters.chars() {
                        all.push(all[at].clone() + letter.encode_utf8(&mut [0; 4]));
                    }
                }
                from = until;
            }
            all
        }
        for pattern in words("ab*?", 4) {
            for text in words("ab", 5) {
                assert_eq!(glob(&pattern, &text, Case::Exact), slow(pattern.as_bytes(), text.as_bytes()));
            }
        }
    }

    #[test]
    fn lists_as_the_manual_shows_them() {
        let from = |list, host| comma_list(list, host, Case::Fold);
        let dialup = "!*.dialup.example.com,*.example.com";
        assert_eq!(from(dialup, "a.example.com"), Verdict::Match);
        assert_eq!(from(dialup, "A.Dialup.example.com"), Verdict::Negated);
        assert_eq!(from(dialup, "a.example.org"), Verdict::Nothing);
        assert_eq!(from("!host1,!host2", "host3"), Verdict::Nothing);
        assert_eq!(from("!host1,!host2,*", "host3"), Verdict::Match);
        assert_eq!(from("*,!host3", "host3"), Verdict::Negated);
    }

    #[test]
    fn many_stars_do_not_take_long_and_long_ones_match_nothing() {
        let pattern = "*a".repeat(MAX / 2);
        let text = "a".repeat(MAX - 1) + "b";
        for _ in 0..100 {
            assert!(!glob(&pattern, &text, Case::Exact));
        }
        assert!(!glob(&"*".repeat(MAX + 1), "a", Case::Exact));
        assert_eq!(comma_list(&("*,!".to_owned() + &"*".repeat(MAX + 1)), "a", Case::Exact), Verdict::Nothing);
    }
}
