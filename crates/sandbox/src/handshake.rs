//! The certificates that the sandbox serves HTTPS with, made at the start, and the handshakes that a
//! TLS fault spoils.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::faults::TlsFault;

/// Ready to shake hands.
#[derive(Clone)]
pub(super) struct Handshake {
    acceptor: TlsAcceptor,
    fault: Option<TlsFault>,
}

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A certificate that may sign others.
fn authority(name: &str) -> Result<CertificateParams, Trouble> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// The server's side, and the certificate (PEM) that clients must trust.
pub(super) fn prepare(fault: Option<TlsFault>) -> Result<(Handshake, String), Trouble> {
    let root = CertifiedIssuer::self_signed(authority("dvpack sandbox authority")?, KeyPair::generate()?)?;
    let names = match fault {
        Some(TlsFault::WrongHost) => vec!["elsewhere.example".to_owned()],
        _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()],
    };
    let mut server = CertificateParams::new(names)?;
    server.use_authority_key_identifier_extension = true;
    server.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    match fault {
        Some(TlsFault::Expired) => {
            server.not_before = rcgen::date_time_ymd(2020, 1, 1);
            server.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        Some(TlsFault::NotYetValid) => {
            server.not_before = rcgen::date_time_ymd(2999, 1, 1);
            server.not_after = rcgen::date_time_ymd(3000, 1, 1);
        }
        _ => {}
    }
    let key = KeyPair::generate()?;
    let own = match fault {
        Some(TlsFault::SelfSigned) => server.self_signed(&key)?,
        Some(TlsFault::MissingIntermediate) => {
            let between = authority("dvpack sandbox authority in between")?;
            let between = CertifiedIssuer::signed_by(between, KeyPair::generate()?, &root)?;
            server.signed_by(&key, &between)?
        }
        _ => server.signed_by(&key, &root)?,
    };
    let private = PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], private)?;
    Ok((Handshake { acceptor: TlsAcceptor::from(Arc::new(config)), fault }, root.pem()))
}

impl Handshake {
    /// Shakes hands with a client; nothing when that fails.
    pub async fn shake<S>(&self, stream: S) -> Option<tokio_rustls::server::TlsStream<S>>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        self.acceptor.accept(stream).await.ok()
    }

    /// Spoils the handshake on the wire, for the faults that do so; gives the stream back otherwise.
    pub async fn spoil(&self, mut stream: TcpStream) -> Option<TcpStream> {
        let fault = self.fault.filter(|fault| matches!(fault, TlsFault::OldVersion | TlsFault::Reset));
        let Some(fault) = fault else { return Some(stream) };
        let mut hello = vec![0; 16 << 10];
        // The client's hello, or what has come of it; nothing is made of it.
        let _read = stream.read(&mut hello).await;
        if fault == TlsFault::Reset {
            let _reset = stream.set_zero_linger();
            return None;
        }
        let _sent = stream.write_all(&old_hello()).await;
        // The client is to refuse and close.
        let _read = stream.read(&mut hello).await;
        None
    }
}

/// A server's hello of TLS 1.1 (RFC 4346, 7.4.1.3): version, random, no session, one cipher suite, no compression.
fn old_hello() -> Vec<u8> {
    const VERSION: [u8; 2] = [3, 2];
    let mut hello = VERSION.to_vec();
    hello.extend([0x2a; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    let mut handshake = vec![2, 0, 0, length(&hello)];
    handshake.extend(hello);
    let mut record = vec![22, VERSION[0], VERSION[1], 0, length(&handshake)];
    record.extend(handshake);
    record
}
