//! `sansh keygen`: a key pair that OpenSSH reads.

use crate::keyfile;
use crate::problem::{Doing, Problem};
use crate::say::say;
use crate::user::Me;
use lexopt::{Arg, Parser, ValueExt};
use std::path::PathBuf;

const USAGE: &str = "usage: sansh keygen -t ed25519 -f FILE [-C comment] [-q]";

pub(crate) fn run(mut arguments: Parser) -> Result<u8, Problem> {
    let mut file: Option<PathBuf> = None;
    let mut comment = None;
    let mut quiet = false;
    let usage = |cause: lexopt::Error| Problem::new(format!("{cause}; {USAGE}"));
    while let Some(argument) = arguments.next().map_err(usage)? {
        match argument {
            Arg::Short('t') => {
                let kind = arguments.value().and_then(|value| value.string()).map_err(usage)?;
                if kind != "ed25519" {
                    return Err(Problem::new(format!("-t {kind}: there is only ed25519 in this version; {USAGE}")));
                }
            }
            Arg::Short('f') => file = Some(arguments.value().map_err(usage)?.into()),
            Arg::Short('C') => comment = Some(arguments.value().and_then(|value| value.string()).map_err(usage)?),
            Arg::Short('N') => {
                if arguments.value().map_err(usage)?.is_empty() {
                    continue;
                }
                return Err(Problem::new("-N: keys with a passphrase come with a later version; give an empty one"));
            }
            Arg::Short('q') => quiet = true,
            Arg::Short('h') | Arg::Long("help") => {
                say!("{USAGE}");
                return Ok(0);
            }
            other => return Err(usage(other.unexpected())),
        }
    }
    let file = file.ok_or_else(|| Problem::new(format!("-f is missing: say where the key goes; {USAGE}")))?;
    let comment = comment.unwrap_or_else(|| {
        let host = nix::unistd::gethostname().unwrap_or_default();
        format!("{}@{}", Me::find().name, host.to_string_lossy())
    });
    let key = keyfile::generate(&comment)?;
    let public = keyfile::store(&key, &file)?;
    if !quiet {
        let fingerprint = key.public_key().fingerprint();
        say!("The private key is in {}, the public key in {}.", file.display(), public.display());
        say!("Its fingerprint is {fingerprint} {comment} (ED25519).");
    }
    std::io::Write::flush(&mut std::io::stdout()).doing("standard output")?;
    Ok(0)
}
