//! A sandbox whose environment is put into a state, and the law that is asserted of it.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use dvpack::dataverse::{Bearer, Client};
use dvpack::deploy::accepted::{Entry, List};
use dvpack::deploy::consent::Consents;
use dvpack::deploy::difference::{Comparison, Difference, Mender, compare};
use dvpack::deploy::plan::{Options, plan};
use dvpack::deploy::progress::{Context, Silent};
use dvpack::deploy::report::{accepted_text, plan_text};
use dvpack::deploy::{Agreed, Desired, Plan, apply, observed};
use dvpack::entra::{Method, SignInOptions, TokenCache, probe, resolve};
use dvpack::http::Http;
use dvpack::http::Pace;
use dvpack::sandbox::{self, Sandbox};
use dvpack::secret::Secret;
use reqwest::Method as Verb;
use serde_json::{Value, json};

use super::bundle::{Bundle, WANTED};

pub const APPLICATION: &str = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";

/// An environment, whoever applies to it, and whoever changes it by hand.
pub struct Stage {
    pub sandbox: Sandbox,
    pub client: Client,
    hand: reqwest::Client,
    token: String,
}

/// What the law was asserted of: the code of the plan, and how many requests it took when nothing was to be done.
pub struct Verdict {
    pub code: u8,
    pub requests: Option<u64>,
    pub accepted: usize,
}

impl Stage {
    pub async fn new(options: sandbox::Options) -> Self {
        static HTTP: LazyLock<Http> = LazyLock::new(|| Http::new(None).expect("a client"));
        let sandbox = sandbox::start(sandbox::Options { job_polls: 0, ..options }).await.expect("started");
        let sign_in = SignInOptions {
            http: HTTP.clone(),
            method: Some(Method::ClientSecret),
            client_id: Some(sandbox.admin_client_id().to_string()),
            client_secret: Some(Secret::unlisted(sandbox.admin_secret())),
            interactive: false,
            tell: Arc::new(|_: &str| {}),
        };
        let source = resolve(&sign_in, &|_| None).expect("a source");
        let challenge = probe(&HTTP, &sandbox.url()).await.expect("a challenge");
        let token = source.token(&challenge).await.expect("a token").token.reveal().to_owned();
        let tokens: Arc<dyn Bearer> = Arc::new(TokenCache::new(source, challenge));
        let client = Client::new(HTTP.clone(), &sandbox.url(), tokens).expect("a client");
        let hand = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { sandbox, client: client.with_pace(Pace::faster(100_000)), hand, token }
    }

    /// A request of somebody else: the status and the answer.
    pub async fn send(&self, method: Verb, path: &str, body: &Value) -> (u16, Value) {
        let address = self.sandbox.url().join(&format!("api/data/v9.2/{path}")).expect("an address");
        let mut request = self.hand.request(method.clone(), address).bearer_auth(&self.token);
        if method == Verb::PATCH {
            request = request.header("if-match", "*");
        }
        if method != Verb::GET {
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// The first row that fits, by its key.
    pub async fn find(&self, set: &str, key: &str, filter: &str) -> Option<String> {
        let (_, answer) = self.send(Verb::GET, &format!("{set}?$select={key}&$filter={filter}"), &Value::Null).await;
        answer["value"][0][key].as_str().map(str::to_owned)
    }

    pub async fn user(&self) -> Option<String> {
        self.find("systemusers", "systemuserid", &format!("applicationid eq {APPLICATION}")).await
    }

    pub async fn role(&self, name: &str) -> Option<String> {
        self.find("roles", "roleid", &format!("name eq '{name}'")).await
    }

    /// Changes a privilege of the bundle's role by hand; no depth takes it away.
    pub async fn privilege(&self, name: &str, depth: Option<&str>) -> bool {
        let Some(role) = self.role("Flow Service").await else { return false };
        let Some(id) = self.find("privileges", "privilegeid", &format!("name eq '{name}'")).await else { return false };
        let (action, body) = match depth {
            Some(depth) => (
                "AddPrivilegesRole",
                json!({"Privileges": [{"PrivilegeId": id, "Depth": depth, "BusinessUnitId": role}]}),
            ),
            None => ("RemovePrivilegeRole", json!({"PrivilegeId": id})),
        };
        self.send(Verb::POST, &format!("roles({role})/Microsoft.Dynamics.CRM.{action}"), &body).await.0 == 204
    }

    /// Gives another role to the application user.
    pub async fn assign(&self, name: &str) -> bool {
        let (Some(user), Some(role)) = (self.user().await, self.role(name).await) else { return false };
        let body =
            json!({"@odata.id": self.sandbox.url().join(&format!("api/data/v9.2/roles({role})")).expect("an address")});
        let path = format!("systemusers({user})/systemuserroles_association/$ref");
        self.send(Verb::POST, &path, &body).await.0 == 204
    }

    /// Takes a role from the application user.
    pub async fn unassign(&self, name: &str) -> bool {
        let (Some(user), Some(role)) = (self.user().await, self.role(name).await) else { return false };
        let path = format!("systemusers({user})/systemuserroles_association({role})/$ref");
        self.send(Verb::DELETE, &path, &Value::Null).await.0 == 204
    }

    /// Gives a column security profile to the application user, or takes it away; it is made where there is none.
    pub async fn profile(&self, name: &str, add: bool) -> bool {
        let filter = format!("name eq '{name}'");
        let find = || self.find("fieldsecurityprofiles", "fieldsecurityprofileid", &filter);
        let Some(user) = self.user().await else { return false };
        let relationship = format!("systemusers({user})/systemuserprofiles_association");
        if add && find().await.is_none() {
            self.send(Verb::POST, "fieldsecurityprofiles", &json!({"name": name})).await;
        }
        let Some(id) = find().await else { return false };
        let address = self.sandbox.url().join(&format!("api/data/v9.2/fieldsecurityprofiles({id})"));
        let answer = if add {
            let body = json!({"@odata.id": address.expect("an address")});
            self.send(Verb::POST, &format!("{relationship}/$ref"), &body).await
        } else {
            self.send(Verb::DELETE, &format!("{relationship}({id})/$ref"), &Value::Null).await
        };
        answer.0 == 204
    }

    /// Deletes the bundle's column security profile.
    pub async fn delete_profile(&self, name: &str) -> bool {
        let filter = format!("name eq '{name}'");
        let Some(id) = self.find("fieldsecurityprofiles", "fieldsecurityprofileid", &filter).await else {
            return false;
        };
        self.send(Verb::DELETE, &format!("fieldsecurityprofiles({id})"), &Value::Null).await.0 == 204
    }

    pub async fn patch_user(&self, body: &Value) -> bool {
        let Some(user) = self.user().await else { return false };
        self.send(Verb::PATCH, &format!("systemusers({user})"), body).await.0 == 204
    }

    fn writes(&self) -> Vec<String> {
        let log = self.sandbox.log();
        let writes = log.iter().filter(|it| it["method"] != "GET");
        let writes = writes.map(|it| format!("{} {}", it["method"], it["path"])).filter(|it| it.contains("/api/data/"));
        writes.collect()
    }

    /// Applies a bundle, whatever comes of it.
    pub async fn apply(&self, bundle: &Bundle, options: Options) {
        let desired = &bundle.desired;
        let seen = observed::observe(&self.client, desired).await.expect("observed");
        let Ok(plan) = plan(&self.sandbox.url(), desired, &seen, options) else { return };
        let plan = plan.with_deletions(&self.client, desired, &seen).await.expect("read");
        let context = Context { client: &self.client, progress: &Silent };
        let _ended = apply::apply(context, desired, &plan, &seen, options, agreed()).await;
    }

    /// What differs now, as `status` says it.
    pub async fn compared(&self, desired: &Desired, options: Options) -> Comparison {
        compare(desired, &observed::observe(&self.client, desired).await.expect("observed"), options)
    }

    /// The verdict of each verb, and what they have to do with each other.
    pub async fn law(&self, options: Options) -> Result<Verdict, String> {
        self.law_of(&WANTED.desired, options).await
    }

    /// The same, of a bundle and of what is accepted.
    pub async fn law_of(&self, desired: &Desired, options: Options) -> Result<Verdict, String> {
        let first = self.run(desired, options).await?;
        if first.code != 10 {
            return Ok(first);
        }
        // What an apply leaves, everybody says; and another one changes nothing.
        self.sandbox.restore(&self.sandbox.snapshot());
        let second = self.run(desired, options).await.map_err(|why| format!("after an apply: {why}"))?;
        if second.code != 0 && second.code != 9 {
            return Err(format!("after an apply, plan ends with {}", second.code));
        }
        Ok(first)
    }

    async fn run(&self, desired: &Desired, options: Options) -> Result<Verdict, String> {
        let before = self.sandbox.requests();
        let seen = observed::observe(&self.client, desired).await.map_err(|error| error.to_string())?;
        let requests = self.sandbox.requests() - before;
        let compared = compare(desired, &seen, options);
        let accepted = accepting(desired, &compared, &compare(&without(desired), &seen, options))?;
        named(compared.differences.iter().filter(|difference| !difference.has_step()))?;
        let plan = match plan(&self.sandbox.url(), desired, &seen, options) {
            Ok(plan) => plan,
            Err(failure) if compared.is_same() => return Err(format!("refused, and nothing differs: {failure:?}")),
            Err(failure) if failure.message.is_empty() => return Err("refused without a word".into()),
            Err(_) => return Ok(Verdict { code: 7, requests: None, accepted }),
        };
        let code = match (plan.is_same(), plan.is_empty()) {
            (true, _) => 0,
            (false, true) => 9,
            (false, false) => 10,
        };
        if (code == 0) != compared.is_same() {
            return Err(format!("plan ends with {code}, status finds {:?}", compared.differences));
        }
        if plan.accepted != compared.accepted || plan.consents.accepted != desired.accepted {
            return Err(format!("the plan accepts {:?}, status {:?}", plan.accepted, compared.accepted));
        }
        shown(&plan)?;
        if plan.steps.is_empty() && compared.differences.iter().any(Difference::has_step) {
            return Err(format!("a step is promised that the plan does not have: {:?}", compared.differences));
        }
        let plan = plan.with_deletions(&self.client, desired, &seen).await.map_err(|error| error.to_string())?;
        let context = Context { client: &self.client, progress: &Silent };
        let applied = apply::apply(context, desired, &plan, &seen, options, agreed()).await;
        let applied = applied.map_err(|failure| format!("plan ends with {code}, apply fails: {failure:?}"))?;
        judge(&plan, code, &applied.differences, &self.writes())?;
        for it in applied.accepted.iter().filter(|it| it.grants_more) {
            let text = accepted_text(&applied.accepted, &[], false, false);
            if !text.contains(&it.difference.to_string()) {
                return Err(format!("an apply does not show {it:?}"));
            }
        }
        Ok(Verdict { code, requests: (code == 0).then_some(requests), accepted })
    }
}

/// Everything that a plan may need.
fn agreed() -> Agreed<'static> {
    Agreed { approved: None, other_environment: true, roles_taken: true, deletions: true }
}

/// The same bundle, where nothing is accepted.
fn without(desired: &Desired) -> Desired {
    Desired { accepted: List::default(), ..desired.clone() }
}

/// Accepting changes what counts, and nothing else: the same steps, the same hindrances, and together the same
/// differences. How many are accepted.
fn accepting(desired: &Desired, with: &Comparison, without: &Comparison) -> Result<usize, String> {
    if with.steps != without.steps || with.hindrances != without.hindrances || !without.accepted.is_empty() {
        return Err(format!("accepting changes what is done: {:?}, not {:?}", with.steps, without.steps));
    }
    let named = |it: &Difference| desired.accepted.entries().any(|entry| entry.is_about(it) && entry.found == it.found);
    let mut left = without.differences.clone();
    for it in &with.accepted {
        let Some(at) = left.iter().position(|left| *left == it.difference) else {
            return Err(format!("accepted is what does not differ: {it:?}"));
        };
        let difference = left.remove(at);
        if difference.has_step() || !named(&difference) || it.grants_more != difference.code.grants_more() {
            return Err(format!("accepted, and must not be: {it:?}"));
        }
    }
    if left != with.differences {
        return Err(format!("lost by accepting: {left:?}, not {:?}", with.differences));
    }
    // What is accepted as it was found, and could be, does not count.
    if let Some(it) = with.differences.iter().find(|it| named(it) && with.acceptable().any(|other| other == *it)) {
        return Err(format!("accepted, and counts all the same: {it:?}"));
    }
    let idle = |entry: &Entry| {
        let about = |it: &Difference| entry.is_about(it);
        let accepted = with.accepted.iter().any(|it| about(&it.difference));
        let said = with.idle.iter().any(|idle| idle.entry == *entry);
        let pending = !with.steps.is_empty() || !with.hindrances.is_empty();
        accepted != said || (!accepted && pending && !with.differences.iter().any(about))
    };
    match desired.accepted.entries().find(|entry| !idle(entry)) {
        Some(entry) => Err(format!("nobody says what became of {entry:?}: {:?}", with.idle)),
        None => Ok(with.accepted.len()),
    }
}

/// What lets the application do more than the bundle says is shown by every plan, accepted or not.
fn shown(plan: &Plan) -> Result<(), String> {
    let text = plan_text(plan, &Consents::default(), false);
    let hidden = plan.accepted.iter().find(|it| it.grants_more && !text.contains(&it.difference.to_string()));
    hidden.map_or(Ok(()), |it| Err(format!("the plan does not show {it:?}: {text}")))
}

fn judge(plan: &Plan, code: u8, left: &[Difference], writes: &[String]) -> Result<(), String> {
    let about = |it: &Difference| (it.code, it.place.clone(), it.what.clone());
    let promised: BTreeSet<_> = plan.remaining().map(about).collect();
    if code != 10 && !writes.is_empty() {
        return Err(format!("plan ends with {code}, and apply writes: {writes:?}"));
    }
    if code != 10 && left != plan.differences.as_slice() {
        return Err(format!("plan ends with {code}, apply leaves {left:?} and not {:?}", plan.differences));
    }
    if let Some(surprise) = left.iter().find(|it| !promised.contains(&about(it))) {
        return Err(format!("apply leaves what the plan does not name: {surprise:?}; steps: {:?}", plan.steps));
    }
    named(left.iter())
}

/// Whoever can mend it is named, and why dvpack cannot, and how.
fn named<'a>(left: impl Iterator<Item = &'a Difference>) -> Result<(), String> {
    for difference in left {
        match &difference.mended_by {
            Mender::Person { who, why, how } if ![who, why, how].iter().any(|text| text.is_empty()) => {}
            _ => return Err(format!("nobody is named: {difference:?}")),
        }
    }
    Ok(())
}
