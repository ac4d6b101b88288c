use std::fs;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{Certificate, load_openssh_certificate, load_secret_key};
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Session, VerifiedPublicKey, run_stream};
use russh::{Channel, ChannelId, server};
use tokio::net::TcpListener;

use crate::{Anything, everything, limits};

/// Whom it admits.
#[derive(Debug, Default)]
struct House {
    user: String,
    password: String,
    /// Key blobs in base64.
    authorized: Vec<String>,
    authority: Option<String>,
}

pub(crate) async fn serve(mut arguments: impl Iterator<Item = String>) -> Result<(), Anything> {
    let mut house = House::default();
    let mut config = server::Config {
        preferred: everything(),
        limits: limits(24 * 1024),
        nodelay: true,
        auth_rejection_time: Duration::ZERO,
        ..Default::default()
    };
    let blob = |line: &str| line.split(' ').nth(1).unwrap_or_default().to_owned();
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        match name.as_str() {
            "--user" => house.user = value,
            "--password" => house.password = value,
            "--authorized" => house.authorized = fs::read_to_string(value)?.lines().map(blob).collect(),
            "--ca" => house.authority = Some(blob(&fs::read_to_string(value)?)),
            // A key of a type that it does not know is left out: what it offers then shows it.
            "--host-key" => match load_secret_key(&value, None) {
                Ok(key) => config.keys.push(key),
                Err(error) => eprintln!("{value}: {error}"),
            },
            "--host-certificate" => match load_openssh_certificate(&value) {
                Ok(certificate) => config.certificates.push(certificate),
                Err(error) => eprintln!("{value}: {error}"),
            },
            other => return Err(format!("{other} is unknown").into()),
        }
    }
    let (config, house) = (Arc::new(config), Arc::new(house));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("port {}", listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        let (config, visit) = (config.clone(), Visit { house: house.clone() });
        tokio::spawn(async move {
            let ended = match run_stream(config, stream, visit).await {
                Ok(session) => session.await,
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                eprintln!("{error:?}");
            }
        });
    }
}

/// One connection.
struct Visit {
    house: Arc<House>,
}

impl Visit {
    fn judge(&self, user: &str, right: bool) -> Result<Auth, russh::Error> {
        Ok(if right && user == self.house.user { Auth::Accept } else { Auth::reject() })
    }
}

impl Handler for Visit {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.judge(user, password == self.house.password)
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let line = key.public_key.to_openssh()?;
        self.judge(user, self.house.authorized.iter().any(|known| line.split(' ').nth(1) == Some(known)))
    }

    async fn auth_openssh_certificate(&mut self, user: &str, certificate: &Certificate) -> Result<Auth, Self::Error> {
        let authority = russh::keys::PublicKey::from(certificate.signature_key().clone()).to_openssh()?;
        let named = certificate.valid_principals().iter().any(|name| name == user);
        self.judge(user, named && authority.split(' ').nth(1) == self.house.authority.as_deref())
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(&mut self, id: ChannelId, command: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        if command == b"cat" { session.channel_success(id) } else { session.channel_failure(id) }
    }

    async fn data(&mut self, id: ChannelId, data: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        session.data(id, data.to_vec())
    }

    async fn channel_eof(&mut self, id: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        session.exit_status_request(id, 0)?;
        session.eof(id)?;
        session.close(id)
    }
}
