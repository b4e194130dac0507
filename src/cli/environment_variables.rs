//! Every environment variable that dvpack reads, in one place. `docs/environment-variables.md` says the same
//! to users, and a test compares both with the source.

/// Name and purpose.
pub const ENVIRONMENT_VARIABLES: &[(&str, &str)] = &[
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GitHub Actions: authorizes the request for an OIDC token"),
    ("ACTIONS_ID_TOKEN_REQUEST_URL", "GitHub Actions: where OIDC tokens are issued"),
    ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "Azure DevOps: the service connection to sign in by"),
    ("AZURE_AUTHORITY_HOST", "Entra's address, in place of the one in the environment's challenge"),
    ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "the password of the private key in the certificate's file"),
    ("AZURE_CLIENT_CERTIFICATE_PATH", "PEM file with the application's certificate and private key"),
    ("AZURE_CLIENT_ID", "the application to sign in as, or a user-assigned managed identity"),
    ("AZURE_CLIENT_SECRET", "the application's client secret"),
    ("AZURE_FEDERATED_TOKEN_FILE", "file with a token of a trusted issuer (workload identity)"),
    ("AZURE_TENANT_ID", "the tenant to sign in to, in place of the one in the environment's challenge"),
    ("CLICOLOR_FORCE", "colour even where the output is not a terminal"),
    ("COLUMNS", "the width of the output"),
    ("DVPACK_CLIENT_ID", "the public client application for browser and device code sign-in"),
    ("GITHUB_ACTIONS", "annotations for GitHub Actions when `true`"),
    ("IDENTITY_ENDPOINT", "App Service and Functions: the managed identity service"),
    ("IDENTITY_HEADER", "App Service and Functions: authorizes the request to the managed identity service"),
    ("NO_COLOR", "no colour"),
    ("PATH", "where `az` is looked for"),
    ("SOURCE_DATE_EPOCH", "the time of a bundle's entries, in seconds since 1970; 1980-01-01 without it"),
    ("SSL_CERT_FILE", "PEM file with more root certificates to trust"),
    ("SYSTEM_ACCESSTOKEN", "Azure DevOps: authorizes the request for an OIDC token"),
    ("SYSTEM_OIDCREQUESTURI", "Azure DevOps: where OIDC tokens are issued"),
    ("TERM", "no colour when `dumb`"),
    ("TF_BUILD", "annotations for Azure Pipelines when `true`"),
];
