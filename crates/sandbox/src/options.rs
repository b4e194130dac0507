//! What the sandbox is started with, and the scenarios it knows.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::faults::{Rule, TlsFault};
use super::limit::Limit;
use super::worded::worded;
use secrecy::SecretString;

/// Which applications have a service principal in the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Consented {
    /// Every application.
    #[default]
    All,
    /// Only the sandbox's own administration application.
    None,
    /// These, and the administration application.
    Only(Vec<Uuid>),
}

/// What happens to a role privilege whose name the environment does not know. No source says what
/// Dataverse does: this is an assumption, and therefore a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownPrivileges {
    /// Leave it out and warn in the import result.
    #[default]
    Warn,
    /// Fail the import with 0x80048017.
    Fail,
}

/// An application that can sign in, besides the administration application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its application (client) id.
    pub id: Uuid,
    /// Its client secret, if it has one.
    pub secret: Option<SecretString>,
    /// Its certificates, DER.
    pub certificates: Vec<Vec<u8>>,
    /// The federated credentials it trusts: issuer and subject.
    pub federated: Vec<(String, String)>,
}

type Hear = dyn Fn(&str) + Send + Sync;

/// Receives what the person who started the sandbox must know.
#[derive(Clone, Default)]
pub struct Listener(Option<Arc<Hear>>);

impl Listener {
    /// Calls this with each message.
    pub fn new(hear: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// How to start a sandbox.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// Serve HTTPS with a certificate of the sandbox's own authority.
    pub tls: bool,
    /// What is wrong with every TLS handshake; implies `tls`.
    pub tls_fault: Option<TlsFault>,
    /// Where the authority's certificate (PEM) is written; with `tls` only. Default: a temporary folder.
    pub ca_file: Option<PathBuf>,
    /// Keep the state in this file.
    pub state: Option<PathBuf>,
    /// Append every request to this file, a line of JSON each, with secrets masked.
    pub log_file: Option<PathBuf>,
    /// Hears of trouble while the sandbox runs.
    pub listener: Listener,
    /// Which applications have a service principal.
    pub consented: Consented,
    /// What goes wrong.
    pub scenarios: Vec<Scenario>,
    /// More applications that can sign in.
    pub applications: Vec<Application>,
    /// Solutions that are already installed: unique name, version, managed.
    pub installed: Vec<(String, String, bool)>,
    /// Privileges that the administration application does not have or has only that deep
    /// (`Basic`, `Local`, `Deep`, `Global`).
    pub caller_lacks: Vec<(String, Option<String>)>,
    /// How many looks at a job it takes to finish (0: done when first seen).
    pub job_polls: u32,
    /// A job also finishes after this time, whether somebody looks or not.
    pub job_time: Duration,
    /// Access tokens live this long.
    pub token_lifetime: Duration,
    /// Whether device codes are approved at the second poll without a person.
    pub auto_approve: bool,
    /// The seconds between polls that a device code answer asks for.
    pub device_interval: u64,
    /// What to do with unknown privilege names in a role.
    pub unknown_privileges: UnknownPrivileges,
    /// A limit of requests.
    pub limit: Option<Limit>,
    /// Faults from the start on; more can be set at `/__sandbox/faults`.
    pub faults: Vec<Rule>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tls: false,
            tls_fault: None,
            ca_file: None,
            state: None,
            log_file: None,
            listener: Listener::default(),
            consented: Consented::All,
            scenarios: Vec::new(),
            applications: Vec::new(),
            installed: Vec::new(),
            caller_lacks: Vec::new(),
            job_polls: 3,
            job_time: Duration::from_secs(60),
            token_lifetime: Duration::from_secs(3599),
            auto_approve: true,
            device_interval: 5,
            unknown_privileges: UnknownPrivileges::Warn,
            limit: None,
            faults: Vec::new(),
        }
    }
}

impl Options {
    pub(super) fn tell(&self, message: &str) {
        if let Some(hear) = &self.listener.0 {
            hear(message);
        }
    }
}

worded! {
    /// A ready-made situation. `docs/sandbox.md` lists them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Scenario;

    Fresh "fresh" "an environment with nothing installed (the default)";
    NoConsent "no-consent" "only the administration application has a service principal";
    ConsentRefused "consent-refused" "the administrator refuses consent";
    ReplicationLag "replication-lag" "a service principal is found only on the third attempt to create its user";
    ChildBusinessUnit "child-business-unit" "a child business unit `sandbox-child` with its own role copies";
    DisabledUser "disabled-user" "application users are disabled right after their first creation";
    SoftDeletedUser "soft-deleted-user" "a soft-deleted application user exists when one is created for the first time";
    TwoUsers "two-users" "each application user appears twice";
    LowerVersionInstalled "lower-version-installed" "the requested or imported solution is already installed, in version 0.0.0.1, managed";
    HigherVersionInstalled "higher-version-installed" "the requested or imported solution is already installed, in version 9999.0.0.0, managed";
    UnmanagedInstalled "unmanaged-installed" "the requested or imported solution is already installed, unmanaged";
    ImportFails "import-fails" "every import job fails halfway";
    ImportResultFailed "import-result-failed-though-succeeded" "the job says Succeeded, the import result says Failed";
    MissingDependency "missing-dependency" "every solution needs a missing component of `msdyn_SandboxBase`";
    Locked "locked" "another import holds the customization lock for the first three attempts";
    ThrottledRequests "throttled-requests" "every fifth request is refused: too many requests";
    ThrottledTime "throttled-time" "every fifth request is refused: too much execution time";
    ThrottledConcurrency "throttled-concurrency" "every fifth request is refused: too many at once";
    CallerLacksPrivilege "caller-lacks-privilege" "the administration application lacks prvCreateUser";
    CallerNotMember "caller-not-member" "the administration application is not a user of the environment";
    RightsByTeam "rights-by-team" "the administration application gets its rights from a team; listing them shows all at level Basic";
    StaleReads "stale-reads" "the next two reads after a write see the old state unless they ask for strong consistency";
    JobNeverEnds "job-never-ends" "jobs stay in progress";
    JobVanishes "job-vanishes" "the system job is gone when it is read again, although its work was done";
    ProgressBackwards "progress-backwards" "an import's progress goes down while it runs";
    DuplicateRoleName "duplicate-role-name" "an unmanaged role of the same name exists before each imported role";
    PrivilegeAdded "privilege-added" "after each import somebody adds a privilege to write contacts to each role of the solution";
    PrivilegeDeepened "privilege-deepened" "after each import somebody raises the level of a privilege of each role of the solution";
    ReadPrivilegeAdded "read-privilege-added" "after each import somebody adds a privilege to read leads to each role of the solution";
    PrivilegeTaken "privilege-taken" "after each import somebody removes a privilege from each role of the solution";
    PrivilegeShallower "privilege-shallower" "after each import somebody reduces the level of a privilege of each role of the solution";
    AdministratorAdded "administrator-added" "somebody gives System Administrator to each application user right after its creation";
    RoleAdded "role-added" "somebody gives Basic User to each application user right after its creation";
    FewerPrivileges "fewer-privileges" "the environment has no privileges on notes and contacts except to read them";
    FewerLevels "fewer-levels" "privileges on accounts can be granted at level Organization only";
    SmallUploads "small-uploads" "the environment accepts files of at most 1 KB";
    OtherLanguage "other-language" "the base language is German (1031), and no other language is turned on";
    AccessControl "access-control" "app access control lets people sign in with allowed applications only, and none is allowed";
    AccessAudit "access-audit" "app access control only audits";
    FlowsOff "flows-off" "an import leaves cloud flows and plug-in steps off, even if the solution ships them on";
    OldServerVersion "old-server-version" "a server of 2020 without the newer operations";
    ExpiredSecret "expired-secret" "the administration application's secret has expired";
}

/// A scenario that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario `{0}`")]
pub struct NoScenario(String);

impl FromStr for Scenario {
    type Err = NoScenario;

    fn from_str(text: &str) -> Result<Self, NoScenario> {
        Self::ALL.iter().copied().find(|scenario| scenario.name() == text).ok_or_else(|| NoScenario(text.into()))
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
