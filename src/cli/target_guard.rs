//! `--other-environment`: a bundle that was built for one environment is not applied to another by mistake.

use url::Url;

use crate::cli::failure::Failure;
use crate::cli::question;
use crate::cli::shell::Shell;
use crate::deploy::{Agreed, Desired, Plan, guard};

/// Refuses a bundle that was built for another environment, unless somebody has agreed: by the flag, in an approved
/// plan, or by typing the name of this environment.
pub(super) async fn check(
    desired: &Desired,
    url: &Url,
    agreed: bool,
    approved: Option<&Plan>,
    shell: &Shell,
) -> Result<(), Failure> {
    let agreed = Agreed { approved, other_environment: agreed, ..Agreed::default() };
    let Err(refusal) = agreed.covers_environment(desired, url) else { return Ok(()) };
    let built_for = guard::built_for_another(desired, url).unwrap_or_else(|| url.clone());
    let question = format!(
        "The bundle was built for `{}`, with that environment's settings and connections; this is another one.",
        guard::name(&built_for)
    );
    match question::named(shell, &question, &guard::name(url)).await {
        Some(true) => Ok(()),
        Some(false) => Err(question::declined("stopped")),
        None => Err(refusal.into()),
    }
}
