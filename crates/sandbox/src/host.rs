//! A running sandbox's state, and the work of one request: the fault that it meets, the module that answers
//! it, its line in the log, the state file. Also the control pages below `/__sandbox/`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;
use url::{Host as Name, Url};

use super::dataverse::{self, Service};
use super::entra::{self, SignIns};
use super::exchange::{Reply, Request};
use super::faults::{Effect, Faults, Line, Rule};
use super::limit::Limiter;
use super::log::{Log, Outcome};
use super::options::{Options, Scenario};
use super::tokens::Tokens;
use super::world::World;
use crate::files;

pub(super) struct Host {
    pub options: Options,
    pub tokens: Tokens,
    /// The sandbox's own address, without a slash at the end.
    pub url: String,
    /// How many faults have struck.
    pub strikes: watch::Sender<u64>,
    inner: Mutex<Inner>,
}

struct Inner {
    world: World,
    sign_ins: SignIns,
    faults: Faults,
    log: Log,
    requests: u64,
    /// The state before the last write, and how many reads still see it.
    stale: Option<(World, u32)>,
    limiter: Option<Limiter>,
    /// Why the state file could not be written the last time.
    unsaved: Option<String>,
}

impl Host {
    pub fn new(options: Options, tokens: Tokens, url: String, world: World, log: Log) -> Self {
        let inner = Inner {
            world,
            sign_ins: SignIns::default(),
            faults: Faults::new(&options.faults),
            log,
            requests: 0,
            stale: None,
            limiter: options.limit.map(Limiter::new),
            unsaved: None,
        };
        Self { options, tokens, url, strikes: watch::Sender::new(0), inner: Mutex::new(inner) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn scheme(&self) -> &str {
        self.url.split("://").next().unwrap_or("http")
    }

    pub fn log(&self) -> Vec<Value> {
        self.inner().log.entries().to_vec()
    }

    pub fn requests(&self) -> u64 {
        self.inner().requests
    }

    pub fn state(&self) -> Value {
        json!(self.inner().world)
    }

    pub fn snapshot(&self) -> World {
        self.inner().world.clone()
    }

    /// Puts the environment back, and forgets the log.
    pub fn restore(&self, world: World) {
        let mut inner = self.inner();
        inner.world = world;
        inner.stale = None;
        inner.log.clear();
    }

    pub fn state_of(&self, tables: &[&str]) -> Value {
        let inner = self.inner();
        let world = &inner.world;
        let rows = world.rows.iter().filter(|(name, _)| tables.contains(&name.as_str()));
        let rows: serde_json::Map<String, Value> = rows.map(|(name, rows)| (name.clone(), json!(rows))).collect();
        json!({"rows": rows, "user_roles": world.user_roles, "jobs": world.jobs})
    }

    pub fn add_fault(&self, rule: Rule) {
        self.inner().faults.add(rule);
    }

    pub fn clear_faults(&self) {
        self.inner().faults.clear();
    }

    /// Does the work of one request under the lock; a fault may replace it.
    pub fn work(&self, request: &Request, target: &str) -> (Reply, Line) {
        let mut inner = self.inner();
        let inner = &mut *inner;
        inner.requests += 1;
        let number = inner.requests;
        let effect = inner.faults.take(request, target, number);
        let before = inner.world.version;
        let mut done = None;
        let mut reply = Reply::empty(500);
        if effect.as_ref().is_none_or(Effect::works) {
            reply = self.answer(inner, request, number);
            done = Some(reply.status);
        }
        if let Some(effect) = &effect {
            reply = effect.spoil(reply, request, target);
        }
        let changed = before != inner.world.version;
        let outcome = Outcome { number, sent: &reply, done, changed, fault: effect.as_ref() };
        inner.log.add(request, target, &outcome);
        if changed {
            self.save(inner);
        }
        if effect.is_some() {
            self.strikes.send_modify(|strikes| *strikes += 1);
        }
        (reply, effect.as_ref().map_or(Line::Whole, Effect::line))
    }

    /// Keeps the state. That this fails must not stop the exchange, but whoever started the sandbox must know.
    fn save(&self, inner: &mut Inner) {
        let Some(path) = &self.options.state else { return };
        let saved = match serde_json::to_vec(&inner.world) {
            Ok(bytes) => files::write(path, &bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let trouble = saved.err();
        if trouble != inner.unsaved {
            match &trouble {
                Some(why) => self.options.tell(&format!("the state is not kept: {why}")),
                None => self.options.tell("the state is kept again"),
            }
            inner.unsaved = trouble;
        }
    }

    /// Whether the value of a `Host` header is a name of this sandbox: one of this machine's, and its port.
    pub fn is_own(&self, named: &str) -> bool {
        let shaped = named.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '[' | ']' | '-'));
        let (own, url) = (Url::parse(&self.url), Url::parse(&format!("{}://{named}", self.scheme())));
        match (own, url) {
            (Ok(own), Ok(url)) => shaped && is_own(&url) && url.port_or_known_default() == own.port_or_known_default(),
            _ => false,
        }
    }

    /// The address as the caller knows it: each name of this machine is a name of the sandbox.
    fn address(&self, request: &Request) -> String {
        Url::parse(&request.origin).map_or_else(|_| self.url.clone(), |url| url.origin().ascii_serialization())
    }

    fn answer(&self, inner: &mut Inner, request: &Request, number: u64) -> Reply {
        let address = self.address(request);
        if request.path.starts_with("/api/data/") {
            if number.is_multiple_of(5)
                && let Some(reply) = self.options.scenarios.iter().find_map(|scenario| dataverse::throttled(*scenario))
            {
                return reply;
            }
            if let Some(reply) = inner.limiter.as_mut().and_then(Limiter::refuse) {
                return reply;
            }
            let service = Service { options: &self.options, tokens: &self.tokens, url: &address };
            let strong = request.header("consistency").is_some_and(|value| value.eq_ignore_ascii_case("strong"));
            if request.method == "GET"
                && !strong
                && let Some((old, left)) = &mut inner.stale
                && *left > 0
            {
                *left -= 1;
                return dataverse::answer(&service, &mut old.clone(), request);
            }
            let keep = self.options.scenarios.contains(&Scenario::StaleReads) && request.method != "GET";
            let old = keep.then(|| inner.world.clone());
            let version = inner.world.version;
            let reply = dataverse::answer(&service, &mut inner.world, request);
            if let Some(old) = old
                && inner.world.version != version
            {
                inner.stale = Some((old, 2));
            }
            return reply;
        }
        entra::answer(&self.options, &self.tokens, &mut inner.sign_ins, &mut inner.world, &address, request)
            .unwrap_or_else(|| {
                Reply::text(404, "text/plain; charset=utf-8", "The sandbox serves nothing at this address.")
            })
    }

    /// `/__sandbox/…`: the log, the state, faults.
    pub fn control(&self, request: &Request) -> Reply {
        if let Some(why) = request.cross_site() {
            return Reply::text(403, "text/plain; charset=utf-8", why);
        }
        let answered = self.controlled(request);
        answered.with("X-Content-Type-Options", "nosniff").with("Cross-Origin-Resource-Policy", "same-origin")
    }

    fn controlled(&self, request: &Request) -> Reply {
        let mut inner = self.inner();
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/__sandbox/log") => Reply::plain_json(200, &json!(inner.log.entries())),
            ("DELETE", "/__sandbox/log") => {
                inner.log.clear();
                Reply::empty(204)
            }
            ("GET", "/__sandbox/state") => Reply::plain_json(200, &json!(inner.world)),
            ("GET", "/__sandbox/faults") => Reply::plain_json(200, &json!(inner.faults.rules())),
            ("POST", "/__sandbox/faults") if !request.is_json() => {
                Reply::text(415, "text/plain; charset=utf-8", "A rule has the content type application/json.")
            }
            ("POST", "/__sandbox/faults") => match serde_json::from_slice::<Rule>(&request.body) {
                Ok(rule) => {
                    inner.faults.add(rule);
                    Reply::empty(204)
                }
                Err(error) => Reply::text(400, "text/plain; charset=utf-8", error.to_string()),
            },
            ("DELETE", "/__sandbox/faults") => {
                inner.faults.clear();
                Reply::empty(204)
            }
            ("POST", "/__sandbox/revoke") => {
                self.tokens.revoke();
                Reply::empty(204)
            }
            _ => Reply::empty(404),
        }
    }
}

/// Whether a URL's host is a name of this machine.
fn is_own(url: &Url) -> bool {
    match url.host() {
        Some(Name::Domain(name)) => name == "localhost",
        Some(Name::Ipv4(address)) => address.is_loopback(),
        Some(Name::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
