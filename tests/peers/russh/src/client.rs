use std::sync::Arc;
use std::time::Duration;

use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_openssh_certificate, load_secret_key};
use russh::{ChannelMsg, Disconnect, client};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{Anything, everything, limits, piece};

/// One line each, until standard input ends.
pub(crate) async fn serve_jobs() -> Result<(), Anything> {
    println!("ready");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        tokio::spawn(async move {
            let fields: Vec<&str> = line.split('\t').collect();
            let result = match tokio::time::timeout(Duration::from_secs(60), job(&fields[1..])).await {
                Ok(Ok(())) => "ok".to_owned(),
                Ok(Err(error)) => format!("{error:?}").replace(['\t', '\n'], " "),
                Err(_) => "not in time".to_owned(),
            };
            println!("{}\t{result}", fields[0]);
        });
    }
    Ok(())
}

/// Takes one key or certificate.
struct Expected(String);

impl client::Handler for Expected {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let line = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.to_openssh()?,
            PublicKeyOrCertificate::Certificate(certificate) => certificate.to_openssh()?,
        };
        Ok(line.split(' ').nth(1) == Some(&self.0))
    }
}

async fn job(fields: &[&str]) -> Result<(), Anything> {
    let [port, user, host_key, method, arguments @ ..] = fields else { return Err("too few fields".into()) };
    let config =
        client::Config { preferred: everything(), limits: limits(12 * 1024), nodelay: true, ..Default::default() };
    let address = ("127.0.0.1", port.parse()?);
    let mut session = client::connect(Arc::new(config), address, Expected((*host_key).to_owned())).await?;
    let result = match (*method, arguments) {
        ("password", [word]) => session.authenticate_password(*user, *word).await?,
        ("publickey", [file]) => {
            let key = load_secret_key(file, None)?;
            let hash = session.best_supported_rsa_hash().await?.flatten();
            session.authenticate_publickey(*user, PrivateKeyWithHashAlg::new(Arc::new(key), hash)).await?
        }
        ("certificate", [file, certificate]) => {
            let (key, certificate) = (load_secret_key(file, None)?, load_openssh_certificate(certificate)?);
            session.authenticate_openssh_cert(*user, Arc::new(key), certificate).await?
        }
        _ => return Err("an unknown method".into()),
    };
    if !result.success() {
        return Err(format!("refused: {result:?}").into());
    }
    let mut channel = session.channel_open_session().await?;
    channel.exec(true, "cat").await?;
    let piece = piece();
    let (mut back, mut status) = (Vec::new(), None);
    for round in 1..=2 {
        channel.data(&piece[..]).await?;
        if round == 1 {
            session.rekey_soon().await?;
        }
        while back.len() < round * piece.len() {
            match channel.wait().await {
                Some(ChannelMsg::Data { data }) => back.extend_from_slice(&data),
                Some(ChannelMsg::Success | ChannelMsg::WindowAdjusted { .. }) => {}
                other => return Err(format!("{other:?} after {} bytes", back.len()).into()),
            }
        }
    }
    channel.eof().await?;
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::ExitStatus { exit_status } = message {
            status = Some(exit_status);
        }
    }
    if back != [&piece[..], &piece[..]].concat() || status != Some(0) {
        return Err(format!("other bytes came back, or the status {status:?}").into());
    }
    session.disconnect(Disconnect::ByApplication, "", "").await?;
    Ok(())
}
