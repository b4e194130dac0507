//! `$batch`: several requests in one, change sets all or nothing, `Content-ID` references.
//! Facts: “execute batch operations using the Web API” of the product documentation.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::exchange::{Fault, Reply, Request};
use super::world::World;

/// Requests in one batch.
const LIMIT: usize = 1000;

/// One part of a batch.
enum Part {
    One(Piece),
    ChangeSet(Vec<Piece>),
}

/// A request within a batch.
struct Piece {
    content_id: Option<String>,
    request: Request,
}

/// Answers a batch; `each` answers one request of it.
pub(super) fn run(
    world: &mut World,
    outer: &Request,
    each: &mut dyn FnMut(&mut World, &Request) -> Reply,
) -> Result<Reply, Fault> {
    let parts = parse(outer)?;
    let goes_on = outer.prefers("odata.continue-on-error");
    let boundary = format!("batchresponse_{}", Uuid::new_v4());
    let (mut body, mut failed) = (String::new(), None);
    for part in parts {
        body.push_str(&format!("--{boundary}\r\n"));
        let status = match part {
            Part::One(piece) => {
                let reply = each(world, &piece.request);
                body.push_str(&embedded(&reply, None));
                reply.status
            }
            Part::ChangeSet(pieces) => change_set(world, pieces, each, &mut body),
        };
        if status >= 400 && !goes_on {
            failed = Some(status);
            break;
        }
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    Ok(Reply::text(failed.unwrap_or(200), &format!("multipart/mixed; boundary={boundary}"), body))
}

/// Does all of a change set, or nothing; the answers are written to `body`.
fn change_set(
    world: &mut World,
    pieces: Vec<Piece>,
    each: &mut dyn FnMut(&mut World, &Request) -> Reply,
    body: &mut String,
) -> u16 {
    let before = world.clone();
    let boundary = format!("changesetresponse_{}", Uuid::new_v4());
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    let mut answers = String::new();
    for piece in pieces {
        let reply = match referring(&piece.request, &made) {
            Ok(request) => each(world, &request),
            Err(fault) => fault.reply(),
        };
        if reply.status >= 400 {
            *world = before;
            body.push_str(&embedded(&reply, piece.content_id.as_deref()));
            return reply.status;
        }
        let address = reply.headers.iter().find(|(name, _)| name == "OData-EntityId").map(|(_, value)| value.clone());
        if let (Some(id), Some(address)) = (&piece.content_id, address) {
            made.insert(id.clone(), address);
        }
        answers.push_str(&format!("--{boundary}\r\n{}", embedded(&reply, piece.content_id.as_deref())));
    }
    body.push_str(&format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{answers}--{boundary}--\r\n"));
    200
}

/// The request with `$1` in its address and its references replaced by the address of what part 1 made.
fn referring(request: &Request, made: &BTreeMap<String, String>) -> Result<Request, Fault> {
    let mut request = request.clone();
    let unknown = |id: &str| {
        Fault::new(400, "0x80060888", format!("Content-ID Reference: '${id}' does not exist in the batch context."))
    };
    if let Some(rest) = request.path.strip_prefix('$') {
        let (id, rest) = rest.split_once('/').map_or((rest, String::new()), |(id, rest)| (id, format!("/{rest}")));
        let address = made.get(id).ok_or_else(|| unknown(id))?;
        let path = url::Url::parse(address).map(|url| url.path().to_owned()).unwrap_or_default();
        request.path = format!("{path}{rest}");
    }
    if let Ok(serde_json::Value::Object(mut columns)) = serde_json::from_slice(&request.body) {
        for (name, value) in &mut columns {
            let id = value.as_str().and_then(|text| text.strip_prefix('$')).map(str::to_owned);
            if let Some(id) = id.filter(|_| name.ends_with("@odata.bind") || name == "@odata.id") {
                *value = made.get(&id).ok_or_else(|| unknown(&id))?.clone().into();
            }
        }
        request.body = serde_json::Value::Object(columns).to_string().into_bytes();
    }
    Ok(request)
}

/// An answer as a part of the batch's answer.
fn embedded(reply: &Reply, content_id: Option<&str>) -> String {
    let reason = axum::http::StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let mut text = String::from("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
    if let Some(id) = content_id {
        text.push_str(&format!("Content-ID: {id}\r\n"));
    }
    text.push_str(&format!("\r\nHTTP/1.1 {} {}\r\n", reply.status, reason.unwrap_or_default()));
    for (name, value) in &reply.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("\r\n{}\r\n", String::from_utf8_lossy(&reply.body)));
    text
}

fn malformed(why: &str) -> Fault {
    Fault::new(400, "0x80060888", format!("The batch request is malformed: {why}"))
}

fn parse(outer: &Request) -> Result<Vec<Part>, Fault> {
    let text = std::str::from_utf8(&outer.body).map_err(|_| malformed("it is not UTF-8"))?;
    let boundary = boundary(outer.header("content-type").unwrap_or_default())?;
    let mut parts = Vec::new();
    let mut count = 0;
    for section in sections(text, &boundary)? {
        let (headers, content) = head(section);
        let kind = value(&headers, "content-type");
        if kind.starts_with("multipart/mixed") {
            let mut pieces = Vec::new();
            for section in sections(content, &self::boundary(kind)?)? {
                let (headers, content) = head(section);
                let piece = piece(outer, &headers, content)?;
                if piece.request.method == "GET" {
                    return Err(malformed("a change set cannot contain a GET"));
                }
                pieces.push(piece);
            }
            count += pieces.len();
            parts.push(Part::ChangeSet(pieces));
        } else {
            count += 1;
            parts.push(Part::One(piece(outer, &headers, content)?));
        }
    }
    if count > LIMIT {
        return Err(malformed("it contains more than 1000 requests"));
    }
    Ok(parts)
}

fn boundary(content_type: &str) -> Result<String, Fault> {
    let found = content_type.split(';').filter_map(|part| part.trim().split_once('='));
    let found = found.filter(|(name, _)| name.eq_ignore_ascii_case("boundary")).map(|(_, text)| text.trim_matches('"'));
    found.map(str::to_owned).next().ok_or_else(|| malformed("its content type names no boundary"))
}

/// The parts between the boundaries.
fn sections<'a>(text: &'a str, boundary: &str) -> Result<Vec<&'a str>, Fault> {
    let delimiter = format!("--{boundary}");
    let mut rest = text;
    let mut found = Vec::new();
    let mut inside = false;
    loop {
        let Some(at) = rest.find(&delimiter) else { return Err(malformed("it has no end")) };
        if inside {
            found.push(rest[..at].trim_end_matches(['\r', '\n']));
        }
        inside = true;
        rest = &rest[at + delimiter.len()..];
        if rest.starts_with("--") {
            return Ok(found);
        }
        rest = rest.trim_start_matches('\r').strip_prefix('\n').unwrap_or(rest);
    }
}

/// Header lines, and what follows the empty line.
fn head(text: &str) -> (Vec<(String, String)>, &str) {
    let mut headers = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim_end_matches('\r');
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned())),
            None if line.is_empty() => break,
            None => {}
        }
    }
    (headers, rest)
}

fn value<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The request that a part contains.
fn piece(outer: &Request, outside: &[(String, String)], content: &str) -> Result<Piece, Fault> {
    if !value(outside, "content-type").starts_with("application/http") {
        return Err(malformed("a part is not `application/http`"));
    }
    let (line, rest) = content.split_once('\n').unwrap_or((content, ""));
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !matches!(method, "GET" | "POST" | "PATCH" | "PUT" | "DELETE") || target.is_empty() {
        return Err(malformed("a part has no request line"));
    }
    let (mut headers, body) = head(rest);
    let own = value(&headers, "content-id").to_owned();
    let content_id = [value(outside, "content-id").to_owned(), own].into_iter().find(|id| !id.is_empty());
    let inherited = ["authorization", "host", "consistency"];
    let inherited = outer.headers.iter().filter(|(name, _)| inherited.contains(&name.as_str()));
    headers.retain(|(name, _)| name != "authorization" && name != "host");
    headers.extend(inherited.cloned());
    // An address is complete, or starts at the root, or at the service's root.
    let service = outer.path.strip_suffix("$batch").unwrap_or(&outer.path);
    let (path, query) = target.split_once('?').map_or((target, ""), |(path, query)| (path, query));
    let path = match url::Url::parse(path) {
        Ok(url) => url.path().to_owned(),
        Err(_) if path.starts_with('/') || path.starts_with('$') => path.to_owned(),
        Err(_) => format!("{service}{path}"),
    };
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let body = body.trim_end_matches(['\r', '\n']).as_bytes().to_vec();
    let request = Request { method: method.into(), path, query, headers, body, origin: outer.origin.clone() };
    Ok(Piece { content_id, request })
}
