//! A stand-in for the identity service of App Service.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use dvpack::secret::Secret;
use serde_json::json;

use super::IDENTITY_HEADER;

/// What stands for App Service's identity service: gives the token to whoever bears the header.
pub fn identity_service(token: Secret) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/msi/token", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                let read = stream.read(&mut buffer).expect("read");
                assert_ne!(read, 0, "a whole request");
                head.extend_from_slice(&buffer[..read]);
            }
            let bears = String::from_utf8_lossy(&head).contains(&format!("x-identity-header: {IDENTITY_HEADER}\r\n"));
            let body = json!({"access_token": token.reveal(), "expires_on": "4000000000"}).to_string();
            let (status, body) = if bears { ("200 OK", body.as_str()) } else { ("401 Unauthorized", "") };
            count.fetch_add(1, Ordering::SeqCst);
            let length = body.len();
            write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
                .expect("sent");
        }
    });
    (address, asked)
}
