#!/bin/sh
# Applies the bundle that this script lies in to one Dataverse environment, with curl and jq alone:
#   1 check the files   2 find the tenant   3 sign in   4 import the solution   5 settings
#   6 application user  7 its role          8 read everything back
# It does what `dvpack apply` does. Run again, it changes nothing. Read it top-down from `main`.
#
# usage: sh post-import/apply.sh --url https://ORG.crm.dynamics.com [--plan] [--device-code]
#   --plan (or --dry-run)  only say what would be done; exit 10 if there is something to do
#   --device-code          sign in as a person, in a browser; AZURE_CLIENT_ID names the public client
#   --secret-file FILE     read the client secret from FILE (`-` is standard input)
# environment: AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID (optional), AZURE_AUTHORITY_HOST
# exit codes: 0 done, 1 failed, 2 usage, 3 bundle invalid, 4 sign-in failed, 5 consent missing, 6 refused,
#   7 environment not ready, 8 timed out or inconclusive (run again), 9 verification differs, 10 changes pending
set -eu
umask 077

hidden='[]'

# spellings OF-WHAT-IS-HIDDEN: adds to that list, in each way in which a server may repeat it, the secret on standard input.
spellings() {
  HIDDEN=$1 jq -Rsc '
    def each(pairs): reduce pairs[] as $pair (.; split($pair[0]) | join($pair[1]));
    def lower: gsub("(?<mark>%|\\\\u00)(?<code>[0-9A-F]{2})"; .mark + (.code | ascii_downcase));
    def json: tojson[1:-1];
    # Three bytes become four characters of base64: what stands before the secret shifts it.
    def coded: (range(3) as $shift | ("aa"[:$shift] + .) | @base64[(if $shift == 0 then 0 else 4 end):(utf8bytelength / 3 | floor * 4)]) |
      ., each([["+", "-"], ["/", "_"]]);
    [["!", "%21"], ["\u0027", "%27"], ["(", "%28"], [")", "%29"]] as $marks |
    [["&", "\\u0026"], ["<", "\\u003C"], [">", "\\u003E"], ["\u0027", "\\u0027"], ["+", "\\u002B"]] as $codes |
    [
      (., json | ., (json | json), (each($codes) | ., lower)), each([["&", "&amp;"], ["<", "&lt;"], [">", "&gt;"]]), @html,
      ((@uri | ., each($marks) | ., each([["*", "%2A"]], [["~", "%7E"]])) | ., each([["%20", "+"]]) | ., lower | ., (each([["%", "%25"]]) | ., each([["~", "%7E"]]))),
      (., @uri, json | coded)
    ] + (env.HIDDEN | fromjson) | map(select(length > 7)) | unique | sort_by(-length)'
}

# hide: standard input without what is hidden.
hide() {
  if [ "$hidden" = '[]' ]; then cat; else
    HIDDEN=$hidden jq -Rsj 'reduce (env.HIDDEN | fromjson)[] as $text (.; split($text) | join("***"))'
  fi
}

say() { printf '%s\n' "$*" | hide >&2; }
# die CODE MESSAGE [ADVICE...]
die() {
  code=$1; say "error: $2"; shift 2
  for advice; do say " help: $advice"; done
  exit "$code"
}

unreachable='check the address, the network (is a VPN needed?) and the proxy (HTTPS_PROXY), then run again'

main() {
  options "$@"
  check_bundle
  find_tenant
  sign_in
  preflight
  count=$(field '.solutions | length')
  index=0
  while [ "$index" -lt "$count" ]; do import_solution "$index"; index=$((index + 1)); done
  settings
  if [ "$(field '.applicationUser != null')" = true ]; then application_user; fi
  report
}

# --- options and files ---------------------------------------------------------------------------

options() {
  url='' plan=no device=no secret_file=''
  while [ $# -gt 0 ]; do
    case $1 in
      --url) [ $# -ge 2 ] || die 2 "--url needs a value"; url=$2; shift ;;
      --secret-file) [ $# -ge 2 ] || die 2 "--secret-file needs a value"; secret_file=$2; shift ;;
      --plan | --dry-run) plan=yes ;;
      --device-code) device=yes ;;
      -h | --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
      *) die 2 "unknown option \`$1\`; see --help" ;;
    esac
    shift
  done
  [ -n "$url" ] || die 2 "say which environment: --url https://ORG.crm.dynamics.com"
  is_safe_url "$url" || die 2 "\`$url\` is not an https:// URL of an environment (http:// is allowed on loopback only)"
  org=$(printf '%s' "$url" | sed -E 's,^(https?://[^/?#]+).*,\1,')
  api=$org/api/data/v9.2
  for tool in curl jq base64 sed; do command -v "$tool" >/dev/null || die 1 "\`$tool\` is needed"; done
  root=$(cd "$(dirname "$0")/.." && pwd)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  changes=0 token='' imported=no timeout=''
}

# No user information, no odd characters; plain http for this machine only.
is_safe_url() {
  printf '%s\n' "$1" | grep -Eq '^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$' ||
    printf '%s\n' "$1" | grep -Eq '^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$'
}

is_loopback() { printf '%s\n' "$1" | grep -Eq '^https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/|$)'; }

field() { jq -er "$1" "$root/bundle.json" 2>/dev/null || true; }

check_bundle() {
  [ -f "$root/bundle.json" ] || die 3 "there is no bundle.json beside this script's folder: unzip the whole bundle"
  [ "$(field .format)" = 1 ] || die 3 "bundle.json is not of format 1"
  if command -v sha256sum >/dev/null; then sums='sha256sum -c'; else sums='shasum -a 256 -c'; fi
  (cd "$root" && $sums SHA256SUMS >"$work/sums" 2>&1) || { cat "$work/sums" >&2; die 3 "files were changed after the bundle was built"; }
  # The user gets roles of this bundle only, and none that bears the name of a built-in one.
  [ "$(field '[.applicationUser.roles[]?] - [.roles[].id] | length')" = 0 ] ||
    die 3 "bundle.json assigns a role that it does not hold"
  builtin=$(field '[.roles[].name | select(ascii_downcase | IN("system administrator", "system customizer", "basic user",
    "delegate", "environment maker", "support user", "service reader", "service writer", "office collaborator"))] | first // ""')
  [ -z "$builtin" ] || die 6 "role \`$builtin\` is a built-in role of Dataverse, and is not assigned" \
    "the bundle must bring a custom role with just the privileges that the application needs"
}

# --- HTTP ----------------------------------------------------------------------------------------

# request METHOD URL [BODY-FILE]: sets $status; the answer is in $work/body, its headers in $work/head.
# No redirect is followed. The token goes to curl by standard input, so that no process list shows it.
# A connection is waited for 10 seconds; an answer $timeout, else a minute for a GET and two for a write.
request() {
  attempt=0
  if [ "$1" = GET ]; then limit=60; else limit=120; fi
  while :; do
    attempt=$((attempt + 1)) ended=0
    set -- "$1" "$2" "${3:-}"
    : >"$work/head"; : >"$work/body"
    status=$(
      { if [ -n "$token" ]; then printf 'header = "Authorization: Bearer %s"\n' "$token"; fi; } |
        curl --config - --silent --show-error --proto '=http,https' --connect-timeout 10 --max-time "${timeout:-$limit}" \
          --max-filesize 67108864 --request "$1" --dump-header "$work/head" --output "$work/body" --write-out '%{http_code}' \
          --header 'Accept: application/json' --header 'OData-Version: 4.0' --header 'OData-MaxVersion: 4.0' \
          --header 'If-None-Match: null' --header 'Consistency: Strong' ${ifmatch:+--header "If-Match: *"} \
          ${3:+--header 'Content-Type: application/json; charset=utf-8' --data-binary "@$3"} "$2" 2>"$work/curl"
    ) || { ended=$?; status=000; }
    # An empty answer, or the page of a proxy, must not pass for a row that is not there.
    if [ "$1:$status" = GET:200 ] && [ -n "$token" ] && ! understood; then status=000; echo '(it is not understood)' >"$work/curl"; fi
    wait_before_retry "$1" || return 0
  done
}

# Succeeds (after a pause) if the request may be sent again. A 429 was not carried out, whatever the method;
# after any other failure only a GET is sent again, once where time ran out (curl ends with 28).
wait_before_retry() {
  [ "$attempt" -lt 20 ] || return 1
  code=$(error_code)
  pause=$(sed -nE 's/^[Rr][Ee][Tt][Rr][Yy]-[Aa][Ff][Tt][Ee][Rr]: *([0-9]+).*/\1/p' "$work/head" | head -n 1)
  case $status:$1:$code in
    *:0x80071151 | *:0x80071154) pause=${pause:-30}; say "waiting ${pause} s: another solution operation is running" ;;
    429:*) pause=${pause:-$((attempt * 2))}; say "waiting ${pause} s: the environment limits the rate of requests" ;;
    000:GET:* | 502:GET:* | 503:GET:* | 504:GET:*)
      if [ "$attempt" -ge 5 ] || { [ "$ended" = 28 ] && [ "$attempt" -ge 2 ]; }; then return 1; fi
      pause=${pause:-$((attempt * 2))} ;;
    *) return 1 ;;
  esac
  [ "$pause" -le 600 ] || die 8 "the environment asks to wait $pause s; run again later"
  sleep "$pause"
}

error_code() { jq -r '.error.code? // "" | ascii_downcase' "$work/body" 2>/dev/null | head -n 1 || true; }
error_text() { jq -r '.error.message? // ""' "$work/body" 2>/dev/null | hide | tr -d '\000-\010\013-\037' | head -c 600 || true; }
problem() { printf '%s (%s, HTTP %s)' "$(error_text)" "$(error_code)" "$status"; }
answer() { jq -r "$1" "$work/body"; }
understood() { [ "$(jq -r type "$work/body" 2>/dev/null)" = object ]; }
encode() { printf '%s' "$1" | jq -sRr @uri; }
# odata TEXT: a text as it stands in a $filter, quoted and encoded.
odata() { encode "'$(printf '%s' "$1" | sed "s/'/''/g")'"; }

expect() { # expect WHAT: the last answer must be a success
  case $status in
    2??) ;;
    401) die 4 "cannot $1: the environment does not accept the token" "if it ended meanwhile, run again: it goes on from what is there" ;;
    000 | 502 | 503 | 504) die 8 "cannot $1: no clear answer $(cat "$work/curl")" "run again: it looks at the environment first and goes on from there" ;;
  esac
  case $status:$(error_code) in
    2??:*) ;;
    *:0x80071151 | *:0x80071154) die 7 "cannot $1: $(problem)" "another solution operation is running: wait for its end" ;;
    429:*) die 8 "cannot $1: $(error_text)" "run again later" ;;
    *:0x80072560) die 1 "cannot $1: $(problem)" "the signed-in identity is no user of this environment: add it, or sign in as somebody else" ;;
    *:0x80040220) die 1 "cannot $1: $(problem)" "give the signed-in user the missing privilege, or sign in as a System Administrator" ;;
    *) die 1 "cannot $1: $(problem)" ;;
  esac
}

get() { request GET "$api/$1"; expect "$2"; }

# change METHOD PATH BODY-FILE: every write to the environment goes through here.
change() { changes=$((changes + 1)); request "$1" "$api/$2" "$3"; }

would() { # in a plan: count the change and say what it is
  [ "$plan" = yes ] || return 1
  changes=$((changes + 1))
  printf 'would %s\n' "$*"
}

# --- sign-in -------------------------------------------------------------------------------------

# The environment itself names its tenant and authority, in the challenge of a request without a token.
find_tenant() {
  timeout=20 request GET "$api/WhoAmI"
  [ "$status" != 000 ] || die 1 "no answer from $org: $(cat "$work/curl")" "$unreachable"
  challenge=$(sed -nE 's/^[Ww][Ww][Ww]-[Aa][Uu][Tt][Hh][Ee][Nn][Tt][Ii][Cc][Aa][Tt][Ee]: *[Bb]earer .*authorization_uri="?([^", ]+).*/\1/p' "$work/head" | head -n 1 | tr -d '\r')
  if [ "$status" != 401 ] || [ -z "$challenge" ]; then die 2 "$org does not answer like a Dataverse environment (HTTP $status)"; fi
  authority=${AZURE_AUTHORITY_HOST:-$(printf '%s' "$challenge" | sed -E 's,^(https?://[^/]+).*,\1,')}
  authority=${authority%/}
  case $authority in http*) ;; *) authority=https://$authority ;; esac
  # A secret goes to Microsoft's authorities, to one that you name yourself, or to this machine.
  case $authority in
    https://login.microsoftonline.com | https://login.windows.net | https://login.microsoft.com | https://login.microsoftonline.us | \
      https://login.partner.microsoftonline.cn | https://login.chinacloudapi.cn | https://login.microsoftonline.eaglex.ic.gov | \
      https://login.microsoftonline.microsoft.scloud) ;;
    *) is_safe_url "$authority" || die 6 "refusing to sign in at \`$authority\`"
       if [ -z "${AZURE_AUTHORITY_HOST:-}" ]; then
         if ! is_loopback "$authority" || ! is_loopback "$org"; then die 6 "refusing to sign in at \`$authority\`: not an authority of Microsoft"; fi
       fi ;;
  esac
  tenant=${AZURE_TENANT_ID:-$(printf '%s' "$challenge" | sed -E 's,^https?://[^/]+/([^/?]+).*,\1,')}
  [ "$tenant" != common ] || tenant=organizations
  printf '%s\n' "$tenant" | grep -Eq '^[A-Za-z0-9.-]+$' || die 6 "\`$tenant\` is not a tenant"
  endpoint=$authority/$tenant/oauth2/v2.0
}

# form URL: posts standard input as a form, so that no secret is ever an argument.
form() {
  : >"$work/body"
  curl --silent --show-error --proto '=http,https' --connect-timeout 10 --max-time 20 --output "$work/body" \
    --write-out '%{http_code}' --data @- "$1" 2>"$work/curl" || true
}

sign_in() {
  client=${AZURE_CLIENT_ID:-}
  [ -n "$client" ] || die 4 "set AZURE_CLIENT_ID to the application that signs in"
  if [ "$device" = yes ]; then device_code; return; fi
  case $secret_file in
    '') secret=${AZURE_CLIENT_SECRET:-} ;;
    -) IFS= read -r secret || true ;;
    *) IFS= read -r secret <"$secret_file" || true ;;
  esac
  [ -n "$secret" ] || die 4 "set AZURE_CLIENT_SECRET, or give --secret-file or --device-code"
  hidden=$(printf '%s' "$secret" | spellings "$hidden")
  status=$({
    printf 'grant_type=client_credentials&client_id=%s&scope=%s&client_secret=' "$(encode "$client")" "$(encode "$org/.default")"
    encode "$secret"
  } | tr -d '\n' | form "$endpoint/token")
  secret=''
  take_token
}

device_code() {
  status=$(printf 'client_id=%s&scope=%s' "$(encode "$client")" "$(encode "$org/user_impersonation")" | form "$endpoint/devicecode")
  [ "$status" = 200 ] || take_token
  understood || die 4 "the authority gave no usable code"
  say "$(answer '"open \(.verification_uri) and enter the code \(.user_code)"')"
  code=$(answer .device_code) interval=$(answer '.interval // 5') left=$(answer '.expires_in // 900')
  while [ "$left" -gt 0 ]; do
    sleep "$interval"; left=$((left - interval))
    status=$(printf 'grant_type=%s&client_id=%s&device_code=%s' "$(encode urn:ietf:params:oauth:grant-type:device_code)" "$(encode "$client")" "$(encode "$code")" | form "$endpoint/token")
    case $(jq -r '.error? // ""' "$work/body" 2>/dev/null) in
      authorization_pending) ;;
      slow_down) interval=$((interval + 5)) ;;
      *) take_token; return ;;
    esac
  done
  die 4 "nobody entered the code in time"
}

take_token() {
  [ "$status" != 000 ] || die 4 "no answer to the sign-in: $(cat "$work/curl")" "$unreachable"
  if [ "$status" != 200 ]; then
    number=$(jq -r '.error_codes[0]? // 0' "$work/body" 2>/dev/null || true)
    text=$(jq -r '.error_description? // "" | split("\r\n")[0]' "$work/body" 2>/dev/null | hide | tr -d '\000-\010\013-\037' | head -c 600 || true)
    [ "$number" != 7000229 ] || die 5 "the application has no service principal in the tenant: an administrator must consent to it first. $text"
    die 4 "sign-in failed (HTTP ${status:-000}): $text"
  fi
  token=$(jq -r '.access_token? // ""' "$work/body" 2>/dev/null) || token=''
  rm -f "$work/body"
  # What goes into a line of curl's configuration must not be able to end that line.
  printf '%s\n' "$token" | grep -Eq '^[A-Za-z0-9._~+/=-]+$' || die 4 "the authority gave no usable token"
  hidden=$(printf '%s' "$token" | spellings "$hidden")
}

# --- solution ------------------------------------------------------------------------------------

# newer A B: whether version A is higher than B, part by part.
newer() { jq -en --arg a "$1" --arg b "$2" 'def parts: (split(".") | map(tonumber)) + [0, 0, 0, 0] | .[:4]; ($a | parts) > ($b | parts)' >/dev/null; }

installed_version() { # sets $installed (empty if none) and $managed
  get "solutions?\$select=uniquename,version,ismanaged&\$filter=uniquename%20eq%20$(odata "$1")" "read the installed solutions"
  installed=$(answer '.value[0].version // ""') managed=$(answer '.value[0].ismanaged // false')
}

preflight() {
  get WhoAmI "ask who is signed in"
  needed=$(field '.requires.serverVersion // ""')
  if [ -n "$needed" ]; then
    get 'RetrieveVersion()' "ask for the server's version"
    if newer "$needed" "$(answer .Version)"; then die 7 "the server has version $(answer .Version), and the bundle needs $needed" "update the environment in the Power Platform admin center"; fi
  fi
  field '.requires.solutions[]? | [.name, .version // "0.0"] | @tsv' >"$work/required"
  while IFS='	' read -r name least; do
    installed_version "$name"
    [ -n "$installed" ] || die 7 "solution \`$name\` must be installed first"
    if newer "$least" "$installed"; then die 7 "solution \`$name\` is installed in version $installed, and $least is needed"; fi
  done <"$work/required"
  field '.settings[]? | select(.required and (.value == null)) | [.kind, .name] | @tsv' >"$work/unset"
  while IFS='	' read -r kind name; do must_have_value "$kind" "$name"; done <"$work/unset"
  field '.settings[]? | select(.value.secretFromEnv or .value.secretFromFile) | .name' >"$work/secrets"
  while IFS= read -r name; do say "warning: \`$name\` is a secret that this script does not set: use \`dvpack apply\`, or set it yourself"; done <"$work/secrets"
}

# A setting that the bundle gives no value must have one in the environment; flows can wait for their connections.
must_have_value() {
  if [ "$1" = connectionReference ]; then
    find_connection "$2"
    [ -n "$connection" ] || say "warning: connection reference \`$2\` has no connection: flows that use it stay off"
  else
    find_variable "$2"
    [ "$(jq -r '.[0] != null' "$work/found")" = true ] || die 7 "setting \`$2\` must have a value" "ask the publisher for a bundle with a value for it"
  fi
}

import_solution() {
  name=$(field ".solutions[$1].name") version=$(field ".solutions[$1].version") zip=$root/$(field ".solutions[$1].file")
  wait_for_other_imports
  installed_version "$name"
  action=ImportSolutionAsync
  if [ -n "$installed" ]; then
    [ "$managed" = true ] || die 7 "solution \`$name\` is installed unmanaged, and the bundle holds it managed" \
      "it looks like the environment that the solution is developed in: apply to another one, or remove the unmanaged solution first"
    if newer "$installed" "$version"; then
      die 7 "solution \`$name\` is installed in version $installed, which is higher than $version in the bundle" "apply a bundle of a higher version"
    fi
    if ! newer "$version" "$installed"; then say "unchanged: solution \`$name\` $version"; return; fi
    action=StageAndUpgradeAsync before=$installed
    installed_version "${name}_Upgrade"
    [ -z "$installed" ] || die 7 "an upgrade of solution \`$name\` is staged already" "\`dvpack apply\` finishes it; or delete the staged upgrade"
    if would "upgrade solution \`$name\` from $before to $version"; then return; fi
    say "upgrading solution \`$name\` from $before to $version"
  else
    if would "install solution \`$name\` $version"; then return; fi
    say "installing solution \`$name\` $version"
  fi

  # Files, not arguments: a solution may be larger than a command line can be.
  base64 <"$zip" | tr -d '\n' >"$work/zip64"
  jq -n --rawfile zip "$work/zip64" '{CustomizationFile: $zip}' >"$work/stage"
  timeout=1800 change POST StageSolution "$work/stage"
  expect "stage the solution"
  understood || die 8 "cannot stage the solution: no clear answer" "run again: it looks at the environment first and goes on from there"
  if [ "$(answer .StageSolutionResults.StageSolutionStatus)" != Passed ]; then
    answer '.StageSolutionResults | (.MissingDependencies[]? |
        "  missing: \(.RequiredComponentSchemaName // .RequiredComponentId) of solution \(.RequiredSolutionName), needed by \(.DependentComponentSchemaName // .DependentComponentId)"),
      (.SolutionValidationResults[]?.Message | "  \(.)")' | hide >&2
    [ "$(answer '.StageSolutionResults.MissingDependencies // [] | length')" = 0 ] ||
      die 7 "solution \`$name\` needs components that the environment does not have" "install or update the solutions named above, then run again"
    die 1 "the environment refuses solution \`$name\`"
  fi
  upload=$(answer .StageSolutionResults.StageSolutionUploadId)
  jq --arg upload "$upload" '{
      PublishWorkflows: true, OverwriteUnmanagedCustomizations: false,
      SolutionParameters: {StageSolutionUploadId: $upload},
      ComponentParameters: [.settings[]? | select(.value.text or .value.connection or .value.secretFromKeyVault) |
        if .kind == "connectionReference" then
          {"@odata.type": "Microsoft.Dynamics.CRM.connectionreference", connectionreferencelogicalname: .name, connectorid: .connector, connectionid: .value.connection}
        else {"@odata.type": "Microsoft.Dynamics.CRM.environmentvariablevalue", schemaname: .name, value: (.value.text // .value.secretFromKeyVault)} end]
    }' "$root/bundle.json" >"$work/import"
  timeout=1800 change POST "$action" "$work/import"
  # Without an answer the import may have begun: it is never started twice. The next run waits for it.
  case $status in
    000 | 5??) [ -n "$(error_code)" ] || status=unclear ;;
    2??) understood || status=unclear ;;
  esac
  [ "$status" != unclear ] || die 8 "no clear answer to the start of the import; run again to see how it ended"
  expect "start the import"
  operation=$(answer .AsyncOperationId) job=$(answer .ImportJobKey)
  imported=yes
  wait_for_operation "$operation" "$job"
  get "RetrieveSolutionImportResult(ImportJobId=$job)" "read the result of the import"
  if [ "$(answer .SolutionOperationResult.Status)" != Passed ]; then
    answer '.SolutionOperationResult.ErrorMessages[]?' | hide >&2
    die 1 "the import of solution \`$name\` failed"
  fi
  installed_version "$name"
  [ "$installed" = "$version" ] || newer "$installed" "$version" || ! newer "$version" "$installed" || die 9 "$name was imported, but version $installed is installed"
}

wait_for_other_imports() {
  patience=120
  while :; do
    get "asyncoperations?\$select=asyncoperationid&\$filter=statecode%20ne%203%20and%20(messagename%20eq%20'ImportSolutionAsync'%20or%20messagename%20eq%20'StageAndUpgradeAsync')" "look for running imports"
    [ "$(answer '.value | length')" != 0 ] || return 0
    patience=$((patience - 1))
    [ "$patience" -gt 0 ] || die 7 "another import is still running; run again later"
    say "waiting: an import is running"
    sleep 30
  done
}

wait_for_operation() { # wait_for_operation OPERATION IMPORT-JOB
  polls=0
  while :; do
    request GET "$api/asyncoperations($1)?\$select=statecode,statuscode,friendlymessage,message"
    if [ "$status" = 404 ]; then
      # The system job may be cleaned up before it was seen: then the import job says when it ends, its result how.
      get "importjobs($2)?\$select=progress,completedon" "watch the import"
      [ "$(answer '.completedon // ""')" = '' ] || return 0
    else
      expect "watch the import"
      [ "$(answer .statecode)" != 3 ] || break
    fi
    polls=$((polls + 1))
    [ "$polls" -lt 900 ] || die 8 "the import is still running" "run again to wait for it"
    if [ "$polls" -lt 5 ]; then sleep 1; else sleep 8; fi
  done
  [ "$(answer .statuscode)" = 30 ] || die 1 "the import of solution \`$name\` failed: $(answer '.friendlymessage // .message // ""')"
}

# --- settings ------------------------------------------------------------------------------------

settings() {
  # One compact JSON per line: values may hold anything but a raw line end.
  jq -c '.settings[]? | select(.value.text or .value.connection or .value.secretFromKeyVault) |
    {kind, name, value: (.value.text // .value.connection // .value.secretFromKeyVault)}' "$root/bundle.json" >"$work/settings"
  while IFS= read -r line; do
    printf '%s' "$line" >"$work/setting"
    name=$(jq -r .name "$work/setting")
    if [ "$(jq -r .kind "$work/setting")" = connectionReference ]; then set_connection; else set_variable; fi
  done <"$work/settings"
}

absent() { # absent WHAT: the setting is not in the environment
  if [ "$plan" = yes ]; then return; fi
  [ "$imported" = no ] || die 9 "$1 \`$name\` does not exist after the import"
  say "warning: $1 \`$name\` does not exist in the environment"
}

find_variable() { # sets $definition and $existing (ids or empty); $work/found holds [the value that counts]
  get "environmentvariabledefinitions?\$select=environmentvariabledefinitionid,defaultvalue&\$filter=schemaname%20eq%20$(odata "$1")" "read the environment variable \`$1\`"
  definition=$(answer '.value[0].environmentvariabledefinitionid // ""') existing=''
  jq '[.value[0].defaultvalue]' "$work/body" >"$work/found"
  [ -n "$definition" ] || return 0
  get "environmentvariablevalues?\$select=environmentvariablevalueid,value&\$filter=_environmentvariabledefinitionid_value%20eq%20$definition" "read the value of \`$1\`"
  existing=$(answer '.value[0].environmentvariablevalueid // ""')
  [ -z "$existing" ] || jq '[.value[0].value]' "$work/body" >"$work/found"
}

set_variable() {
  find_variable "$name"
  if [ -z "$definition" ]; then absent "environment variable"; return; fi
  if jq -e --slurpfile want "$work/setting" '.[0] == $want[0].value' "$work/found" >/dev/null; then return; fi
  if would "set environment variable \`$name\`"; then return; fi
  if [ -n "$existing" ]; then
    jq '{value}' "$work/setting" >"$work/request"
    ifmatch=yes; change PATCH "environmentvariablevalues($existing)" "$work/request"; ifmatch=''
  else
    jq --arg id "$definition" '{schemaname: .name, value, "EnvironmentVariableDefinitionId@odata.bind": "/environmentvariabledefinitions(\($id))"}' "$work/setting" >"$work/request"
    change POST environmentvariablevalues "$work/request"
  fi
  expect "set environment variable \`$name\`"
}

find_connection() { # sets $reference (id or empty) and $connection
  get "connectionreferences?\$select=connectionreferenceid,connectionid&\$filter=connectionreferencelogicalname%20eq%20$(odata "$1")" "read the connection reference \`$1\`"
  reference=$(answer '.value[0].connectionreferenceid // ""') connection=$(answer '.value[0].connectionid // ""')
}

set_connection() {
  find_connection "$name"
  if [ -z "$reference" ]; then absent "connection reference"; return; fi
  if [ "$connection" = "$(jq -r .value "$work/setting")" ]; then return; fi
  if would "set connection reference \`$name\`"; then return; fi
  jq '{connectionid: .value}' "$work/setting" >"$work/request"
  ifmatch=yes; change PATCH "connectionreferences($reference)" "$work/request"; ifmatch=''
  expect "set connection reference \`$name\`"
}

# --- application user ----------------------------------------------------------------------------

application_user() {
  app=$(field .application.clientId)
  [ -n "$app" ] || die 3 "bundle.json has an application user but no application"
  find_business_unit
  find_user
  [ "$users" -le 1 ] || die 7 "application $app has $users users here" "keep one of them, and delete the others in the Power Platform admin center"
  if [ -n "$user" ]; then
    adopt_user
  else
    if would "create the application user of $app with its roles"; then return; fi
    purge_users
    jq -n --arg app "$app" --arg unit "$unit" '{applicationid: $app, accessmode: 4, isdisabled: false, "businessunitid@odata.bind": "/businessunits(\($unit))"}' >"$work/request"
    create_user
  fi
  field '.applicationUser.roles[]' >"$work/roles"
  while IFS= read -r role; do assign_role "$role"; done <"$work/roles"
}

find_user() { # sets $users (how many are active), $user (empty if there is none), $disabled, $home; $work/deleted lists the others
  get "systemusers?\$select=systemuserid,isdisabled,deletedstate,_businessunitid_value&\$filter=applicationid%20eq%20$app" "look for the application user"
  active='[.value[] | select((.deletedstate // 0) == 0)]'
  users=$(answer "$active | length") user=$(answer "${active}[0].systemuserid // \"\"")
  disabled=$(answer "${active}[0].isdisabled // false") home=$(answer "${active}[0]._businessunitid_value // \"\"")
  answer '.value[] | select((.deletedstate // 0) != 0) | .systemuserid' >"$work/deleted"
}

adopt_user() {
  [ "$home" = "$unit" ] || die 7 "the application user is in another business unit than the bundle wants" \
    "moving a user takes all its roles away, so this script does not: move it yourself"
  if [ "$disabled" = true ] && ! would "enable the application user"; then
    jq -n --arg app "$app" '{isdisabled: false, applicationid: $app}' >"$work/request"
    ifmatch=yes; change PATCH "systemusers($user)" "$work/request"; ifmatch=''
    expect "enable the application user"
  fi
}

# A deleted user of the application keeps a new one from being created: it is removed for good.
purge_users() {
  while IFS= read -r deleted; do
    change DELETE "systemusers($deleted)" ''
    [ "$status" = 404 ] || expect "remove the deleted application user"
  done <"$work/deleted"
}

find_business_unit() { # sets $unit
  case $(field '.applicationUser.businessUnit | if type == "string" then . else keys[0] end') in
    root) filter='parentbusinessunitid%20eq%20null' ;;
    id) filter="businessunitid%20eq%20$(field .applicationUser.businessUnit.id)" ;;
    name) filter="name%20eq%20$(odata "$(field .applicationUser.businessUnit.name)")" ;;
    *) die 3 "bundle.json names no business unit" ;;
  esac
  get "businessunits?\$select=businessunitid&\$filter=$filter" "look for the business unit"
  [ "$(answer '.value | length')" = 1 ] || die 7 "the business unit does not exist, or is not unique"
  unit=$(answer '.value[0].businessunitid')
}

# A service principal that was just created may not be known to Dataverse yet: five tries, ever longer apart.
create_user() {
  tries=0
  while :; do
    tries=$((tries + 1))
    change POST systemusers "$work/request"
    case $status:$(error_code) in
      2??:*) find_user; break ;;
      *:0x8004f510)
        [ "$tries" -lt 5 ] || die 5 "application $app is not known in the tenant: an administrator must consent to it first" \
          "open the link in INSTALL.html as an administrator of the tenant"
        say "waiting: the application is not known in the tenant (yet)"
        sleep $((tries * 5)) ;;
      # Someone else was faster, or the answer was lost, or a deleted user is in the way: look again.
      *:0x8004f511 | *:0x80040237 | 412:* | 000:* | 50?:*)
        [ "$tries" -lt 5 ] || die 8 "it is not clear whether the application user was created" "run again"
        find_user
        if [ -n "$user" ]; then adopt_user; break; fi
        purge_users
        sleep $((tries * 2)) ;;
      *) expect "create the application user" ;;
    esac
  done
  [ -n "$user" ] || die 9 "the application user was created, but is not there"
}

# A role has a copy in every business unit; the one in the user's own unit is assigned.
assign_role() {
  get "roles?\$select=roleid,name&\$filter=_parentrootroleid_value%20eq%20$1%20and%20_businessunitid_value%20eq%20$unit" "look for the security role"
  copy=$(answer '.value[0].roleid // ""')
  if [ -z "$copy" ]; then
    if would "assign security role $1"; then return; fi
    die 1 "security role $1 is not in the user's business unit"
  fi
  if has_role "$copy"; then return; fi
  if would "assign security role $1"; then return; fi
  jq -n --arg role "$api/roles($copy)" '{"@odata.id": $role}' >"$work/request"
  change POST "systemusers($user)/systemuserroles_association/\$ref" "$work/request"
  # An answer that says "already there" is as good: what counts is what is read back.
  case $status:$(error_code) in *:0x80040237 | 000:* | 50?:*) ;; *) expect "assign the security role" ;; esac
  has_role "$copy" || die 9 "security role $1 was assigned, but is not there"
}

has_role() {
  get "systemusers($user)/systemuserroles_association?\$select=roleid" "read the user's roles"
  jq -e --arg role "$1" 'any(.value[]; .roleid == $role)' "$work/body" >/dev/null
}

# --- report --------------------------------------------------------------------------------------

report() {
  if [ "$plan" = yes ]; then
    [ "$changes" -eq 0 ] || exit 10
    printf 'nothing to do\n'
    return
  fi
  if [ "$(field '.applicationUser != null')" = true ]; then
    find_user
    [ "$users" = 1 ] || die 9 "application $app has $users active users here"
    [ "$disabled" = false ] || die 9 "the application user is disabled"
    check_privileges
  fi
  tell_what_is_off
  if [ "$changes" -eq 0 ]; then printf 'nothing to do: no write was made\n'; else printf 'applied and verified, with %s writes\n' "$changes"; fi
}

# An import turns on what the solution ships turned on, where it can. This script turns nothing on; what is off is told.
tell_what_is_off() {
  field '.solutions[]?.name' >"$work/names"
  while IFS= read -r name; do
    get "solutions?\$select=solutionid&\$filter=uniquename%20eq%20$(odata "$name")" "read the installed solutions"
    solution=$(answer '.value[0].solutionid // ""')
    [ -n "$solution" ] || continue
    tell_of_kind 29 workflows workflowid 0 "flow or process"
    tell_of_kind 92 sdkmessageprocessingsteps sdkmessageprocessingstepid 1 "plug-in step"
  done <"$work/names"
}

# tell_of_kind COMPONENT-TYPE ENTITY-SET KEY STATE-OF-OFF WORD: sixty ids at a time keep the address short.
tell_of_kind() {
  get "solutioncomponents?\$select=objectid&\$filter=componenttype%20eq%20$1%20and%20_solutionid_value%20eq%20$solution" "read what the solution holds"
  answer "[.value[].objectid] as \$ids | range(0; \$ids | length; 60) as \$at |
    \$ids[\$at:\$at + 60] | map(\"$3%20eq%20\" + .) | join(\"%20or%20\")" >"$work/ids"
  while IFS= read -r ids; do
    get "$2?\$select=name&\$filter=statecode%20eq%20$4%20and%20($ids)" "read which of them are off"
    answer '.value[].name' | tr -d '\000-\011\013-\037' >"$work/off"
    while IFS= read -r off; do say "warning: $5 \`$off\` is off, and this script turns nothing on: \`dvpack apply\` does, or turn it on yourself"; done <"$work/off"
  done <"$work/ids"
}

# The user must really hold every privilege of its roles; more than that it always has.
check_privileges() {
  get "systemusers($user)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()" "read the user's privileges"
  # Servers before PrivilegeName was added give ids only; then the assignment, read back above, is the proof.
  missing=$(jq -r --slurpfile bundle "$root/bundle.json" '
    [.RolePrivileges[] | .PrivilegeName // empty | ascii_downcase] as $has | if $has == [] then empty else
    $bundle[0] as $b | $b.roles[] | select(.id as $id | $b.applicationUser.roles | index($id)) | .privileges[].name |
    select(ascii_downcase as $name | $has | index($name) | not) end' "$work/body" | head -n 5)
  [ -z "$missing" ] || die 9 "the application user lacks privileges of its role: $missing"
}

main "$@"
