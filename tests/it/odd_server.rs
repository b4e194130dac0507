//! A server that keeps to the rules and is odd in all that they leave open: a small proxy before the sandbox changes case
//! and order of headers, sends bodies in odd chunks, adds what nobody asked for, splits lists into pages with absolute and
//! relative links, writes ids in upper case and braces, and answers 200 with a body in place of 204.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dvpack::sandbox::Options;
use regex::Regex;
use serde_json::{Value, json};

use crate::support::{Test, dvpack};
use crate::world::World;

/// Asks for the second half of a list.
const SECOND: &str = "contoso_second=half";

/// A message of HTTP: its lines before the body, and the body.
struct Message {
    head: Vec<String>,
    body: Vec<u8>,
}

impl Message {
    /// Reads a message with `Content-Length`, or without a body.
    fn read(stream: &mut TcpStream) -> io::Result<Self> {
        let (mut bytes, mut buffer) = (Vec::new(), [0; 16 << 10]);
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            match stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => bytes.extend_from_slice(&buffer[..read]),
            }
        };
        let head: Vec<String> = String::from_utf8_lossy(&bytes[..end]).lines().map(str::to_owned).collect();
        let mut body = bytes.split_off(end + 4);
        let message = Self { head, body: Vec::new() };
        let length = message.header("content-length").map_or(0, |text| text.parse().expect("a length"));
        while body.len() < length {
            match stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => body.extend_from_slice(&buffer[..read]),
            }
        }
        Ok(Self { body, ..message })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.iter().filter_map(|line| line.split_once(':'));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// Puts one port in place of another, wherever an address is written.
    fn rewrite(&mut self, from: u16, to: u16) {
        let change = |text: &str| {
            let text = text.replace(&format!("127.0.0.1:{from}"), &format!("127.0.0.1:{to}"));
            text.replace(&format!("127.0.0.1%3A{from}"), &format!("127.0.0.1%3A{to}"))
        };
        self.head.iter_mut().for_each(|line| *line = change(line));
        if let Ok(text) = std::str::from_utf8(&self.body) {
            self.body = change(text).into_bytes();
        }
    }
}

/// What was odd, and how often.
#[derive(Default)]
struct Odd {
    pages: AtomicUsize,
    bodies: AtomicUsize,
    ids: AtomicUsize,
}

/// Starts the proxy; its port.
fn odd(sandbox: SocketAddr) -> (u16, Arc<Odd>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let odd = Arc::new(Odd::default());
    let count = Arc::clone(&odd);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, count) = (stream.expect("a connection"), Arc::clone(&count));
            // A client that goes away ends its exchange and no other.
            thread::spawn(move || exchange(&mut stream, sandbox, port, &count));
        }
    });
    (port, odd)
}

fn exchange(stream: &mut TcpStream, sandbox: SocketAddr, port: u16, odd: &Odd) -> io::Result<()> {
    let mut request = Message::read(stream)?;
    request.rewrite(port, sandbox.port());
    let second = request.head[0].contains(SECOND);
    request.head[0] = request.head[0].replace(&format!("&{SECOND}"), "");
    request.head.retain(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
    request.head.push(format!("Content-Length: {}", request.body.len()));
    request.head.push("Connection: close".to_owned());
    let mut inside = TcpStream::connect(sandbox)?;
    inside.write_all(format!("{}\r\n\r\n", request.head.join("\r\n")).as_bytes())?;
    inside.write_all(&request.body)?;
    let mut answer = Message::read(&mut inside)?;
    answer.rewrite(sandbox.port(), port);
    spoil(&request, &mut answer, second, odd);
    let mut out = format!("{}\r\n", answer.head.join("\r\n")).into_bytes();
    if answer.head[0].contains(" 204") {
        out.extend_from_slice(b"\r\n");
    } else {
        out.extend_from_slice(b"tRANSFER-eNCODING: chunked\r\n\r\n");
        for (index, part) in answer.body.chunks(7919).enumerate() {
            let extension = if index == 0 { ";contoso=\"odd\"" } else { "" };
            out.extend_from_slice(format!("{:X}{extension}\r\n", part.len()).as_bytes());
            out.extend_from_slice(part);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\nX-Trailer: odd\r\n\r\n");
    }
    stream.write_all(&out)
}

/// Makes an answer odd.
fn spoil(request: &Message, answer: &mut Message, second: bool, odd: &Odd) {
    let target = request.head[0].split(' ').nth(1).expect("a target").to_owned();
    let data = target.starts_with("/api/data/");
    if data && answer.head[0].contains(" 204") {
        "HTTP/1.1 200 OK".clone_into(&mut answer.head[0]);
        answer.head.push("content-type: application/json; odata.metadata=minimal".to_owned());
        answer.body = json!({"@odata.context": "odd"}).to_string().into_bytes();
        odd.bodies.fetch_add(1, Ordering::SeqCst);
    }
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        if answer.head[0].contains(" 200") && data {
            pages(&target, &mut body, second, odd);
        }
        extend(&mut body);
        // White space, and a byte order mark before it.
        answer.body = format!("\u{feff}\r\n\t {body:#}\r\n \n").into_bytes();
    }
    let guid = Regex::new("\\(([0-9a-fA-F]{8}-[0-9a-fA-F-]{27})\\)$").expect("a pattern");
    let status = answer.head.remove(0);
    answer.head.retain(|line| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !["content-length", "transfer-encoding", "connection"].contains(&name.as_str())
    });
    for line in &mut answer.head {
        let (name, value) = line.split_once(':').expect("a header");
        let mut value = value.trim().to_owned();
        if name.eq_ignore_ascii_case("odata-entityid") && guid.is_match(&value) {
            // By turns: upper case, and upper case in braces.
            let braces = odd.ids.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
            let id = guid.captures(&value).expect("an id")[1].to_uppercase();
            let id = if braces { format!("({{{id}}})") } else { format!("({id})") };
            value = guid.replace(&value, id.as_str()).into_owned();
        }
        let name: String = name
            .chars()
            .enumerate()
            .map(|(index, c)| if index % 2 == 0 { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() })
            .collect();
        *line = format!("{name}:\t  {value}  ");
    }
    answer.head.reverse();
    answer.head.insert(0, status);
    answer.head.push("X-Contoso-Odd: 1".to_owned());
    answer.head.push("cONNECTION: close".to_owned());
}

/// Gives a list in two halves.
fn pages(target: &str, body: &mut Value, second: bool, odd: &Odd) {
    let Some(rows) = body.get_mut("value").and_then(Value::as_array_mut) else { return };
    let half = rows.split_off(rows.len() / 2);
    if second {
        *rows = half;
        return;
    }
    if half.is_empty() || !target.contains('?') {
        rows.extend(half);
        return;
    }
    // By turns: the whole address, and one below the service's root.
    let whole = odd.pages.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
    let next = format!("{target}&{SECOND}");
    let next = if whole { next } else { next.trim_start_matches("/api/data/v9.2/").to_owned() };
    body["@odata.nextLink"] = json!(next);
}

/// Adds annotations and properties that no document has.
fn extend(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(extend),
        Value::Object(members) => {
            members.values_mut().for_each(extend);
            let names: Vec<String> = members.keys().filter(|name| !name.contains('@')).cloned().collect();
            for name in names {
                members.insert(format!("{name}@OData.Community.Display.V1.FormattedValue"), json!("odd"));
            }
            members.insert("@odata.etag".to_owned(), json!("W/\"1\""));
            members.insert("contoso_unknown".to_owned(), json!({"a": [1, null, {"b": "odd"}], "value": "odd"}));
        }
        _ => {}
    }
}

#[test]
fn every_verb_gets_along_with_a_server_that_is_odd_within_the_rules() {
    let world = World::new(Options::default());
    let address = world.sandbox.url().socket_addrs(|| None).expect("an address")[0];
    let (port, odd) = odd(address);
    let example = Test::new().copy("examples/contoso-widgets");
    for (line, code) in [
        ("doctor . --environment uat", 0),
        ("plan . --environment uat", 10),
        ("apply . --environment uat --yes", 0),
        ("plan . --environment uat", 0),
        ("status . --environment uat", 0),
        ("doctor . --environment uat", 0),
        ("apply . --environment production --yes", 0),
        ("plan . --environment production", 0),
        ("diff . --environment production", 0),
        ("remove . --environment production --yes", 0),
        ("plan . --environment uat", 10),
        ("apply . --environment uat --yes", 0),
    ] {
        let output = dvpack(example.path())
            .args(line.split(' '))
            .args(["--other-environment", "--url", &format!("http://127.0.0.1:{port}")])
            .env("AZURE_CLIENT_ID", world.sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", world.sandbox.admin_secret())
            .env("DVPACK_TEST_PACE", "100")
            .output()
            .expect("run");
        let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}: {shown}");
        assert!(!shown.contains("trying again"), "{line}: {shown}");
    }
    for (what, count) in [("pages", &odd.pages), ("bodies", &odd.bodies), ("ids", &odd.ids)] {
        assert!(count.load(Ordering::SeqCst) > 1, "{what}");
    }
}
