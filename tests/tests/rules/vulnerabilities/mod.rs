//! What went wrong in other implementations of SSH, each as a property that holds here. The register of all rows is
//! `tests/VULNERABILITIES.md`; a test's comment begins with the names of its rows.

mod channels;
mod exchange;
mod flood;
mod guess;
mod lengths;
mod lists;
mod login;
mod roles;
mod strict;
mod users;
mod values;
