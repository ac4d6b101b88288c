//! The provider of cryptography, and the options that choose among its algorithms: in both programs the same.

use sansh::config::{Config, ConfigError};
use sansh::crypto::Provider;
use sansh::files::config::Argument;
use sansh::{Role, SECOND};

/// The one that the program was built with.
pub(crate) fn provider() -> &'static dyn Provider {
    #[cfg(feature = "aws_lc")]
    return &sansh::crypto::aws_lc::AwsLc;
    #[cfg(all(feature = "rustcrypto", not(feature = "aws_lc")))]
    return &sansh::crypto::rustcrypto::RustCrypto;
    #[cfg(not(any(feature = "rustcrypto", feature = "aws_lc")))]
    compile_error!("the program needs one of the features aws_lc and rustcrypto");
}

/// What the options `Ciphers`, `MACs`, `KexAlgorithms` and `RekeyLimit` said.
#[derive(Default)]
pub(crate) struct Algorithms {
    ciphers: Option<String>,
    macs: Option<String>,
    kex: Option<String>,
    rekey: Option<RekeyLimit>,
}

#[derive(Clone, Copy, Default)]
struct RekeyLimit {
    bytes: Option<u64>,
    seconds: Option<u64>,
}

impl Algorithms {
    /// Takes an option, if it is one of the four. As everywhere in these files, the first value counts. The list is
    /// checked here, where the error can still name file and line.
    pub(crate) fn option(
        &mut self,
        keyword: &str,
        arguments: &[Argument<'_, '_>],
    ) -> Option<Result<(), sansh::files::config::ConfigError>> {
        let first = arguments.first()?;
        let provider = provider();
        let (place, known): (_, Vec<&str>) = match keyword {
            "ciphers" => (&mut self.ciphers, provider.ciphers().iter().map(|row| row.name()).collect()),
            "macs" => (&mut self.macs, provider.macs().iter().map(|row| row.name()).collect()),
            "kexalgorithms" => (&mut self.kex, provider.kex().iter().map(|row| row.name()).collect()),
            "rekeylimit" => {
                return Some(RekeyLimit::read(arguments).map(|limit| {
                    self.rekey.get_or_insert(limit);
                }));
            }
            _ => return None,
        };
        Some(match choose(first.text(), &known) {
            Ok(list) => {
                place.get_or_insert(list);
                Ok(())
            }
            Err(unknown) => {
                let known = known.join(",");
                Err(first.error("", &format!(": there is no {unknown} here; write names out of {known}")))
            }
        })
    }

    /// Puts them into a configuration.
    pub(crate) fn apply<R: Role>(&self, config: &mut Config<R>) -> Result<(), ConfigError> {
        if let Some(list) = &self.ciphers {
            config.ciphers(list)?;
        }
        if let Some(list) = &self.macs {
            config.macs(list)?;
        }
        if let Some(list) = &self.kex {
            config.kex(list)?;
        }
        if let Some(limit) = self.rekey {
            if let Some(bytes) = limit.bytes {
                config.rekey_bytes(bytes);
            }
            if let Some(seconds) = limit.seconds {
                config.rekey_time(seconds.saturating_mul(SECOND));
            }
        }
        Ok(())
    }
}

impl RekeyLimit {
    /// `RekeyLimit 1G 1h`; `default` and `none` leave the part as it is.
    fn read(arguments: &[Argument<'_, '_>]) -> Result<Self, sansh::files::config::ConfigError> {
        let mut limit = RekeyLimit::default();
        if let Some(bytes) = arguments.first().filter(|word| !word.text().eq_ignore_ascii_case("default")) {
            limit.bytes = Some(bytes.size()?);
        }
        if let Some(time) = arguments.get(1).filter(|word| !word.text().eq_ignore_ascii_case("none")) {
            limit.seconds = Some(time.time()?.as_secs());
        }
        Ok(limit)
    }
}

/// A list as ssh_config(5) has it: names, or `+names` behind the known ones, `-patterns` out of them, `^names` in front
/// of them. Fails with the name that is not known.
fn choose(list: &str, known: &[&str]) -> Result<String, String> {
    let (sign, names) = match list.as_bytes().first() {
        Some(sign @ (b'+' | b'-' | b'^')) => (*sign, list.get(1..).unwrap_or_default()),
        _ => (b' ', list),
    };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let others = |taken: &dyn Fn(&str) -> bool| known.iter().copied().filter(|name| !taken(name)).collect::<Vec<_>>();
    if sign == b'-' {
        let rest =
            others(&|name| names.iter().any(|pattern| glob::Pattern::new(pattern).is_ok_and(|p| p.matches(name))));
        return if rest.is_empty() { Err(format!("algorithm left after {list}")) } else { Ok(rest.join(",")) };
    }
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("`{unknown}`"));
    }
    let rest = others(&|name| names.contains(&name));
    Ok(match sign {
        b'+' => known.to_vec(),
        b'^' => [names, rest].concat(),
        _ => names,
    }
    .join(","))
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn lists_are_read_as_openssh_reads_them() {
        let known = ["a-1", "b-2", "c-3"];
        for (list, expected) in [
            ("b-2", Ok("b-2")),
            ("c-3,a-1", Ok("c-3,a-1")),
            ("+b-2", Ok("a-1,b-2,c-3")),
            ("^c-3", Ok("c-3,a-1,b-2")),
            ("-*-1,b*", Ok("c-3")),
            ("a-1,x", Err("`x`")),
            ("", Err("``")),
            ("-*", Err("algorithm left after -*")),
        ] {
            assert_eq!(choose(list, &known), expected.map(String::from).map_err(String::from), "{list}");
        }
    }
}
