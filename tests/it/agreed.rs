//! Whoever calls an apply (a program, a pipeline, a page) hands over what somebody has agreed to; where that is not enough,
//! nothing is sent.

use dvpack::deploy::plan::{Options, plan};
use dvpack::deploy::progress::{Context, Silent};
use dvpack::deploy::{Agreed, Desired, Failure, FailureKind, Plan, apply, observed};
use dvpack::sandbox;
use serde_json::json;

use crate::verdict::bundle::{EARLIER_WITH_TABLE, WANTED};
use crate::verdict::stage::Stage;
use crate::world::text;

/// Plans, and applies with these consents: what the run refused, and what it sent.
async fn refused(
    stage: &Stage,
    desired: &Desired,
    options: Options,
    agreed: Agreed<'_>,
    blind: bool,
) -> (Failure, Vec<String>) {
    let seen = observed::observe(&stage.client, desired).await.expect("observed");
    let mut plan: Plan = plan(&stage.sandbox.url(), desired, &seen, options).expect("a plan");
    if !blind {
        plan = plan.with_deletions(&stage.client, desired, &seen).await.expect("read");
    }
    let before = stage.sandbox.log().len();
    let context = Context { client: &stage.client, progress: &Silent };
    let failure = apply::apply(context, desired, &plan, &seen, options, agreed).await.expect_err("refused");
    let log = stage.sandbox.log();
    (failure, log.iter().skip(before).map(|it| format!("{} {}", text(it, "method"), text(it, "path"))).collect())
}

#[test]
fn nothing_is_sent_that_nobody_has_agreed_to_whoever_calls() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let stage = Stage::new(sandbox::Options::default()).await;
        stage.apply(&EARLIER_WITH_TABLE, Options::default()).await;
        let (wanted, none) = (&WANTED.desired, Agreed::default());

        // What an upgrade deletes.
        let (failure, sent) = refused(&stage, wanted, Options::default(), none, false).await;
        assert!(failure.message.contains("deletes 1 table; nobody has allowed it"), "{failure:?}");
        assert_eq!((failure.kind, sent), (FailureKind::Refused, Vec::new()));
        // A plan that does not say what goes lets nothing go, either.
        let (failure, sent) = refused(&stage, wanted, Options::default(), none, true).await;
        assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
        assert!(failure.message.contains("would delete more than the plan lists"), "{failure:?}");
        assert!(
            !sent.iter().any(|request| request.starts_with("POST") && request.contains("StageAndUpgradeAsync")),
            "{sent:#?}"
        );

        // Roles that somebody assigned by hand.
        assert!(stage.assign("Basic User").await);
        let options = Options { only_declared_roles: true, ..Options::default() };
        let (failure, sent) = refused(&stage, &EARLIER_WITH_TABLE.desired, options, none, false).await;
        assert!(failure.message.contains("take `Basic User` away"), "{failure:?}");
        assert_eq!((failure.kind, sent), (FailureKind::Refused, Vec::new()));

        // A bundle that was built for another environment; agreeing to something else is no help.
        let mut other = wanted.clone();
        let environment = json!({"name": "production", "url": "https://contoso.crm.dynamics.com/"});
        other.descriptor.environment = Some(serde_json::from_value(environment).expect("an environment"));
        let agreed = Agreed { roles_taken: true, deletions: true, ..none };
        let (failure, sent) = refused(&stage, &other, Options::default(), agreed, false).await;
        assert!(failure.message.contains("was built for `contoso.crm.dynamics.com`"), "{failure:?}");
        assert_eq!((failure.kind, sent), (FailureKind::Refused, Vec::new()));
    });
}
