//! `Host` and `Match`: do the lines behind count?

use super::facts::{ClientFacts, ServerFacts};
use super::settings::Settings;
use super::tokens::expand;
use super::{Argument, ConfigError, Directive};
use crate::files::network;
use crate::files::pattern::{self, Case};
use alloc::borrow::Cow;
use core::net::IpAddr;

/// What a line that begins a block says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applies {
    /// `Match all`: always.
    All,
    Yes,
    No,
}

impl Applies {
    fn from(yes: bool) -> Self {
        if yes { Applies::Yes } else { Applies::No }
    }
}

/// `Host`: patterns with blanks between them, for the host as it was named.
pub(super) fn host(line: &Directive<'_>, facts: &ClientFacts<'_>) -> Result<Applies, ConfigError> {
    line.argument(0)?;
    if line.arguments().any(|pattern| pattern.text().is_empty()) {
        return Err(line.error("a pattern is empty"));
    }
    let patterns = line.arguments().map(|pattern| pattern.text());
    Ok(Applies::from(pattern::list(patterns, facts.host, Case::Exact).is_match()))
}

/// One criterion with its argument, if it takes one.
struct Criterion<'d, 'a> {
    word: Argument<'d, 'a>,
    negated: bool,
    name: &'d str,
    value: Option<&'d str>,
}

/// Calls `decide` with each criterion until the line ends. `bare` names the criteria that take no argument.
fn each<'d, 'a>(
    line: &'d Directive<'a>,
    bare: &[&str],
    mut decide: impl FnMut(&Criterion<'d, 'a>) -> Result<(), ConfigError>,
) -> Result<(), ConfigError> {
    line.argument(0)?;
    let mut words = line.arguments();
    while let Some(word) = words.next() {
        let (negated, text) = match word.text().strip_prefix('!') {
            Some(text) => (true, text),
            None => (false, word.text()),
        };
        let (name, value) = if bare.iter().any(|name| name.eq_ignore_ascii_case(text)) {
            (text, None)
        } else if let Some((name, value)) = text.split_once('=') {
            (name, Some(value))
        } else {
            let value = words.next().ok_or_else(|| word.error("", " is a criterion that needs a value behind it"))?;
            (text, Some(value.text()))
        };
        decide(&Criterion { word, negated, name, value })?;
    }
    Ok(())
}

/// A name that a criterion is called by, whatever its letters are.
fn is(criterion: &Criterion<'_, '_>, name: &str) -> bool {
    criterion.name.eq_ignore_ascii_case(name)
}

fn unknown(criterion: &Criterion<'_, '_>) -> ConfigError {
    criterion.word.error("", " is no criterion that can be decided here")
}

/// `Match all` stands alone, or (client) behind `final` or `canonical`.
/// Gives its place.
fn all(line: &Directive<'_>, may_follow: &[&str]) -> Result<Option<usize>, ConfigError> {
    let is_all = |word: &str| word.strip_prefix('!').unwrap_or(word).eq_ignore_ascii_case("all");
    let Some(place) = line.arguments().position(|word| is_all(word.text())) else { return Ok(None) };
    let first = line.argument(0)?.text();
    let first = first.strip_prefix('!').unwrap_or(first);
    let follows = place == 0 || place == 1 && may_follow.iter().any(|name| name.eq_ignore_ascii_case(first));
    // `host all` is a host that is called so.
    if !follows {
        return Ok(None);
    }
    match line.arguments().len() == place.saturating_add(1) {
        true => Ok(Some(place)),
        false => Err(line.error("`all` cannot be combined with other criteria")),
    }
}

/// `Match` in ssh_config(5). What was said so far matters: `Hostname` and `User` change what is compared.
pub(super) fn client(line: &Directive<'_>, facts: &ClientFacts<'_>, so_far: &Settings) -> Result<Applies, ConfigError> {
    const BARE: [&str; 3] = ["all", "final", "canonical"];
    let all = all(line, &["final", "canonical"])?;
    let host = match so_far.first("hostname").filter(|_| !facts.last) {
        Some(name) => expand(name.text(), &[('h', facts.host)]).map_or(Cow::Borrowed(facts.host), Cow::Owned),
        None => Cow::Borrowed(facts.host),
    };
    let set_user = so_far.first("user").map(|user| user.text()).filter(|_| !facts.user_given);
    let tag = so_far.first("tag").map_or(facts.tag, |tag| tag.text());
    let mut result = true;
    each(line, &BARE, |criterion| {
        let list = |text: Option<&str>, case| {
            let value = criterion.value.filter(|value| !value.is_empty());
            let value =
                value.ok_or_else(|| criterion.word.error("", " is a criterion that needs a value behind it"))?;
            Ok(text.map(|text| pattern::comma_list(value, text, case).is_match()))
        };
        // Nothing is like nothing here.
        let or_nothing = |text: &str| match text.is_empty() {
            true => Some(criterion.value == Some("")),
            false => Some(pattern::comma_list(criterion.value.unwrap_or_default(), text, Case::Exact).is_match()),
        };
        let verdict = if is(criterion, "all") {
            all.ok_or_else(|| criterion.word.error("", " cannot be combined with other criteria"))?;
            Some(true)
        } else if is(criterion, "final") || is(criterion, "canonical") {
            Some(facts.last)
        } else if is(criterion, "host") {
            list(Some(&host), Case::Fold)?
        } else if is(criterion, "originalhost") {
            list(Some(facts.original_host), Case::Fold)?
        } else if is(criterion, "user") {
            list(set_user.or(facts.user), Case::Exact)?
        } else if is(criterion, "localuser") {
            list(facts.local_user, Case::Exact)?
        } else if is(criterion, "tagged") {
            or_nothing(tag)
        } else if is(criterion, "command") {
            or_nothing(facts.command)
        } else if is(criterion, "exec") {
            // A command that would not be run anyway decides nothing.
            if result {
                return Err(criterion.word.error("", ": commands are not run here; write another criterion"));
            }
            Some(false)
        } else {
            return Err(unknown(criterion));
        };
        result &= verdict.is_some_and(|yes| yes != criterion.negated);
        Ok(())
    })?;
    Ok(Applies::from(result))
}

/// `Match` in sshd_config(5). Without facts, which is when the program starts, only `all` matches; what stands in the
/// line is checked all the same.
pub(super) fn server(line: &Directive<'_>, facts: Option<&ServerFacts<'_>>) -> Result<Applies, ConfigError> {
    if all(line, &[])?.is_some() {
        let negated = line.argument(0)?.text().starts_with('!');
        return if negated { Err(line.error("`!` is not known here")) } else { Ok(Applies::All) };
    }
    let nothing = ServerFacts::default();
    let known = facts.unwrap_or(&nothing);
    let mut result = facts.is_some();
    each(line, &["invalid-user"], |criterion| {
        let value = match criterion.value {
            Some("") => return Err(criterion.word.error("", " is a criterion that needs a value behind it")),
            value => value.unwrap_or_default(),
        };
        let list =
            |text: Option<&str>, case| text.is_some_and(|text| pattern::comma_list(value, text, case).is_match());
        let address = |address: Option<IpAddr>| match network::address_list(value, address) {
            Ok(verdict) => Ok(verdict.is_match()),
            Err(error) => Err(criterion.word.error("", &alloc::format!(": {error}"))),
        };
        result &= if criterion.negated {
            return Err(criterion.word.error("", ": `!` stands in front of patterns here, not of criteria"));
        } else if is(criterion, "invalid-user") {
            known.user_invalid
        } else if is(criterion, "user") {
            list(known.user, Case::Exact)
        } else if is(criterion, "group") {
            let verdicts = || known.groups.iter().map(|group| pattern::comma_list(value, group, Case::Exact));
            verdicts().any(|verdict| verdict.is_match()) && !verdicts().any(|v| v == pattern::Verdict::Negated)
        } else if is(criterion, "host") {
            list(known.host, Case::Fold)
        } else if is(criterion, "address") {
            address(known.address)?
        } else if is(criterion, "localaddress") {
            address(known.local_address)?
        } else if is(criterion, "localport") {
            let port = super::value::port(value).ok_or_else(|| criterion.word.error("", " needs a port"))?;
            known.local_port == Some(port)
        } else {
            return Err(unknown(criterion));
        };
        Ok(())
    })?;
    Ok(Applies::from(result))
}
