//! What the RFCs demand, sentence by sentence: the comment of each test quotes what it shows. `tests/requirements` has the
//! list of all sentences, and the tool that looks for those that nobody cites.

mod channels;
mod compression;
mod extensions;
mod identification;
mod interactive;
mod keys;
mod login;
mod names;
mod negotiation;
mod packets;
mod services;
mod sessions;
