//! Who we are, and how to prove it: keys in files first, then a password from the terminal.

use super::options::Options;
use crate::keyfile;
use crate::problem::Problem;
use sansh::ask::{Asking, Credential, Login, With};
use sansh::keys::PublicKey;
use sansh::signer::PrivateKey;
use sansh::wire::NameList;
use zeroize::Zeroizing;

/// As `NumberOfPasswordPrompts`.
const PROMPTS: u32 = 3;

pub(super) struct Logins {
    user: String,
    host: String,
    keys: Vec<PrivateKey>,
    /// How many of the keys were offered.
    offered: usize,
    prompts: u32,
}

impl Logins {
    /// Reads the keys. One that was named must be there; the usual one need not.
    pub(super) fn new(options: &Options) -> Result<Self, Problem> {
        let mut keys = Vec::new();
        for file in &options.identities {
            keys.push(keyfile::load(file)?);
        }
        if keys.is_empty() {
            keys.extend(keyfile::load(&options.me.home.join(".ssh/id_ed25519")).ok());
        }
        let prompts = if options.batch { 0 } else { PROMPTS };
        Ok(Logins { user: options.user.clone(), host: options.host.clone(), keys, offered: 0, prompts })
    }

    /// The next attempt; or says why there is none.
    pub(super) fn answer(&mut self, methods: Option<NameList<'_>>, ask: Asking<'_, Credential>) -> Result<(), Problem> {
        let user = self.user.as_str();
        let wanted = |method| methods.is_none_or(|methods| methods.contains(method));
        if wanted("publickey")
            && let Some(key) = self.keys.get(self.offered)
        {
            self.offered += 1;
            let algorithm = key.algorithms().first().copied().unwrap_or_default();
            ask.answer(Login::Try { user, with: With::PublicKey { algorithm, key: key.public_blob(), probe: false } });
            return Ok(());
        }
        let Some(methods) = methods else {
            // Nothing to offer: the server says what it would take.
            ask.answer(Login::Try { user, with: With::None });
            return Ok(());
        };
        if methods.contains("password") && self.prompts > 0 {
            self.prompts -= 1;
            // Read from /dev/tty. Nothing else goes on before the login, so that this program may wait right here.
            if let Ok(password) = rpassword::prompt_password(format!("{user}@{}'s password: ", self.host)) {
                let password = Zeroizing::new(password);
                ask.answer(Login::Try { user, with: With::Password(&password) });
                return Ok(());
            }
        }
        ask.answer(Login::GiveUp);
        Err(Problem::new(format!(
            "{user}@{}: permission denied; the server would take {}; name a key with -i",
            self.host,
            methods.as_str()
        )))
    }

    /// A signature by the key that was offered.
    pub(super) fn sign(&self, algorithm: &str, key: PublicKey<'_>, message: &[u8]) -> Option<Vec<u8>> {
        let own = self.keys.iter().find(|own| own.public_blob() == key.blob())?;
        own.sign(algorithm, message).ok()
    }
}
