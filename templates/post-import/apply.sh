#!/bin/sh
# The step after an import by portal, pac or dvpack: application user, roles, environment variables and connections.
# It writes what bundle.json says. It needs curl, jq 1.5 or later, sha256sum or shasum.
# usage: sh post-import/apply.sh --url https://ORG.crm.dynamics.com [--plan] [--device-code | --secret-file FILE]
# --plan writes nothing. AZURE_CLIENT_ID signs in: for a person (--device-code), or with the secret in the first line of
# FILE, in AZURE_CLIENT_SECRET, or asked for. Exit: 0 done, 1 failed, 2 usage, 3 bundle invalid, 4 sign-in failed, 5 no
# consent, 6 refused, 7 environment not ready, 8 unclear: run again, 9 reads back different, 10 changes pending,
# 130 interrupted.
# shellcheck disable=SC2016,SC2086,SC2094
set -eu
umask 077
export LC_ALL=C

# Output: no control characters, no pipeline commands (`##[`; lines begin with our words, not `::`), no whole tokens.
say() {
	printf %s "$*" | jq -Rrs 'gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+"; " ") | gsub("#(?=[^ -~]*#)"; "# ") |
		gsub("(?<a>[^ ]{8})[^ ]{142,}"; .a + "*")'
}
die() { code=$1; shift; say "error: $*" >&2; exit "$code"; }
query() { jq "$@" 2>bad || die 1 'an answer is not understood'; }
is_local() { printf %s "$1" | grep -Eq '^https?://(127\.0\.0\.1|localhost)(:[0-9]+)?$'; }
nap() { sleep "$1" & child=$!; wait "$child" || :; } # one that waits obeys signals

# --- 1. The bundle: SHA256SUMS lists each file, no other; the other script may be signed. Roles are its own.
check_bundle() {
	cd "$root"
	sum=$(command -v sha256sum || echo shasum -a 256)
	{
		find . -type f ! -path ./SHA256SUMS ! -path './signatures/*' -exec $sum {} + | sed 's,\./,,'
		find . ! -type f ! -type d
	} | sort >"$work/there"
	odd=$(sort SHA256SUMS | comm -3 - "$work/there" | grep -vE '^.?[0-9a-f]{64}  post-import/Apply-Package\.ps1$' |
		sed -E 's,^.?([0-9a-f]{64}  |\./),,;q')
	[ -z "$odd" ] || die 3 "file $odd is changed, missing, a link or not in SHA256SUMS"
	cd "$work"
	[ "$(jq '.format == 2 and [.applicationUser // empty | .roles[]] - [.roles[].id] == []' "$bundle" 2>bad)" = true ] ||
		die 3 'bundle.json is not of format 2, or assigns a foreign role'
	query -r '.solutions[] | "\(.sha256)  \(.file)"' "$bundle" >list
	! grep -Fxvf "$root/SHA256SUMS" list >bad || die 3 'bundle.json has another digest of a solution'
}

# --- 2. Requests. $input is curl's configuration on standard input: no process list and no file has a secret.
# Sent again: what gets 429 or 503 that says when, and any GET. 000: no whole answer.
request() {
	for attempt in 1 2 3 4 5; do
		: >body
		curl -qgsS --connect-timeout 10 -m 60 -D headers -o body -w '%{http_code}' -K - \
			-H 'Consistency: Strong' -X "$@" >status 2>error <<INPUT & child=$!
$input
INPUT
		wait "$child" || { [ "$?" != 28 ] || attempt=5; echo 000 >status; } # 28: time ran out
		status=$(cat status)
		[ "$1$status" != GET200 ] ||
			[ "$(jq '"\(.value | type) \(."@odata.nextLink")"' body 2>bad)" = '"array null"' ] || status=000
		pause=$(jq -Rrs 'capture("(?i)\nretry-after: *(?<n>[0-9]{1,6})").n' headers 2>bad || :)
		case $attempt$1$status$pause in 5*) return ;; *429* | *503?* | ?GET50* | ?GET000*) ;; *) return ;; esac
		pause=$((${pause:-4} + 1))
		[ "$pause" -le 600 ] || return 0
		say "waiting $pause seconds" >&2
		nap "$pause"
	done
}
# 201 or 204: written. Not clearly refused, it may be done: 8.
expect() {
	why="cannot $1: $(jq -r '.error | "\(.message) (\(.code))"' body 2>bad || :) $(cat error), HTTP $status"
	case $status$why in
		'200cannot read '* | 201* | 204*) ;;
		401*) die 4 "$why; sign in again" ;;
		4*0x8004f510*) die 5 "$why; consent is missing" ;;
		[0-25]* | 429* | 4*0x8004f511* | 4*0x80040237*) die 8 "$why; run again" ;;
		*) die 1 "$why" ;;
	esac
}

# --- 3. Sign-in: the environment names its tenant and authority where it refuses a request.
sign_in() {
	input=''; request GET "$api/WhoAmI"
	named=$(jq -Rrs 'capture("(?i)\nwww-authenticate:.*authorization_uri=\"?(?<at>https?://[^/\", ]+/[^/\", ]+)").at' \
		headers 2>bad || :)
	[ "$status" != 000 ] || die 1 "$org does not answer: $(cat error)"
	[ "$status${named:+!}" = 401! ] || die 2 "$org does not answer like Dataverse, HTTP $status"
	authority=${named%/*}
	case ${authority#https://login.} in # a secret goes to no one else
		microsoftonline.com | windows.net | microsoft.com | microsoftonline.us | partner.microsoftonline.cn) ;;
		chinacloudapi.cn | microsoftonline.eaglex.ic.gov | microsoftonline.microsoft.scloud) ;;
		*) { is_local "$authority" && is_local "$org"; } || die 6 "$authority is no authority of Microsoft" ;;
	esac
	who="client_id=$AZURE_CLIENT_ID&scope=$org/.default&grant_type="
	if [ -n "$device" ]; then
		form devicecode "$who"
		say "open $(query -r .verification_uri body) and enter the code $(query -r .user_code body)" >&2
		who="${who}urn:ietf:params:oauth:grant-type:device_code&device_code=$(query -r '.device_code | @uri' body)"
		while nap 10; form token "$who"; [ "$status" != 200 ]; do :; done
	else
		if [ -z "$secret$file" ] && stty -echo 2>bad; then file=- tty='stty echo'; printf 'secret: ' >&2; fi
		[ -z "$file" ] || IFS= read -r secret || :
		$tty
		form token "${who}client_credentials&client_secret=$(printf %s "$secret" | jq -Rrs @uri)"
	fi
	auth=$(jq '.access_token | strings | "Authorization: Bearer \(.)"' body 2>bad) || :
	[ -n "$auth" ] || die 4 'the authority gave no token'
	auth="header = $auth" # as JSON: it cannot end the line
}
# It was sent the secret, so its words are not shown.
form() {
	input="data = \"$2\""; request POST "$named/oauth2/v2.0/$1"
	why=$(jq -r '"\(.error) AADSTS\(.error_codes[0]? // 0 | floor)"' body 2>bad || :)
	case $status$why in
		200* | *authorization_pending* | *slow_down*) ;;
		*7000229) die 5 'AADSTS7000229: consent is missing' ;;
		000*) die 1 "no answer: $(cat error)" ;;
		*) die 4 "sign-in failed: AADSTS${why##*AADSTS}, HTTP $status" ;;
	esac
}

# --- 4. What differs goes to `todo`, as four lines: text, method (a number: exit code; null: next time), path, body.
look() {
	query -r '.application.clientId as $app | "solutions?$filter=ismanaged eq true", (.applicationUser // empty |
			"businessunits", "systemusers?$filter=applicationid eq \($app)",
			(.roles[] | "roles?$filter=_parentrootroleid_value eq \(.)",
				"solutioncomponents?$filter=componenttype eq 20 and objectid eq \(.)")),
		(select(.settings != []) | "connectionreferences", "environmentvariabledefinitions", "environmentvariablevalues") |
		gsub(" "; "%20")' "$bundle" >list
	: >seen
	while read -r path; do
		input=$auth set=${path%%\?*}; set=${set##*/}
		request GET "$api/$path"
		expect "read $set"
		query -c --arg set "$set" '{($set): .value}' body >>seen
		[ "$set" != systemusers ] ||
			query -r '.value[] | "systemusers(\(.systemuserid))/systemuserroles_association"' body >>list
	done <list
	query -rs --arg api "$api" '.[0] as $b | .[1:] as $seen | def rows(set): $seen[][set] // empty | .[];
		[$b.solutions[] | . as $it | rows("solutions") | select(.uniquename == $it.name and .ismanaged == true and
			([.version, $it.version | sub("([.]0+)+\\z"; "")] | .[0] == .[1]))] as $ours |
		($b.solutions[] | select([.name] - [$ours[].uniquename] != []) |
			["find solution `\(.name)` in version \(.version), managed: import it first", "7"]),
		($b.applicationUser // empty | .businessUnit as $unit | $b.application.clientId as $app |
		[rows("businessunits") | select(if $unit == "root" then ._parentbusinessunitid_value == null
			elif $unit.id then .businessunitid == $unit.id else .name == $unit.name end).businessunitid] as $units |
		[.roles[] as $id | rows("roles") | select(._parentrootroleid_value == $id)] as $copies |
		[$copies[] | select(._businessunitid_value == $units[0])] as $roles |
		[rows("systemusers") | select(.deletedstate != 1 and .applicationid == $app)] as $active | $active[0] as $user |
		# A built-in role has a template, or is no part of this solution. No answer is a refusal.
		if all($copies[]; has("_roletemplateid_value") and ._roletemplateid_value == null) and all(.roles[]; . as $id |
			any(rows("solutioncomponents"); .objectid == $id and [._solutionid_value] - [$ours[].solutionid] == [])) | not
		then ["assign what is no custom role of this solution", "6"]
		elif ($units | length) != 1 or ($roles | length) != (.roles | length) then
			["find one such business unit with each role", "7"]
		elif ($active | length) > 1 or ($active == [] and any(rows("systemusers"); true)) then
			["choose among several or deleted users", "7"]
		elif $user == null then ["create the user of application \($app)", "POST", "systemusers", {applicationid: $app,
			accessmode: 4, "businessunitid@odata.bind": "/businessunits(\($units[0]))"}],
			($roles[] | ["assign role `\(.name)`"])
		elif $user._businessunitid_value != $units[0] then ["move the user to another business unit", "7"]
		else ($user | select(.isdisabled) | ["enable the user", "PATCH", "systemusers(\(.systemuserid))",
				{isdisabled: false, applicationid}]),
			($roles[] | select([.roleid] - [rows("systemuserroles_association").roleid] != []) | ["assign role `\(.name)`",
				"POST", "systemusers(\($user.systemuserid))/systemuserroles_association/$ref",
				{"@odata.id": "\($api)/roles(\(.roleid))"}]) end),
		($b.settings[] | .name as $name | .value | .text // .connection // .secretFromKeyVault // empty | . as $value |
			[rows("connectionreferences", "environmentvariabledefinitions") | select($name ==
				(.connectionreferencelogicalname, .schemaname))][0] |
			[.environmentvariabledefinitionid as $id | rows("environmentvariablevalues") |
				select(._environmentvariabledefinitionid_value == $id)][0] as $own | ["set `\($name)` to `\($value)`"] +
			if . == null then ["9"] elif .connectionreferenceid then select(.connectionid != $value) |
				["PATCH", "connectionreferences(\(.connectionreferenceid))", {connectionid: $value}]
			elif ($own.value // .defaultvalue) == $value then empty
			elif $own then ["PATCH", "environmentvariablevalues(\($own.environmentvariablevalueid))", {value: $value}]
			else ["POST", "environmentvariablevalues", {schemaname: $name, value: $value,
				"EnvironmentVariableDefinitionId@odata.bind":
					"/environmentvariabledefinitions(\(.environmentvariabledefinitionid))"}] end) |
		.[0] |= gsub("\n"; " ") | .[3] |= tojson | .[]' "$bundle" seen >todo
}

# --- 5. Write what differs, and look again, until nothing does.
url='' plan='' device='' file='' child='' auth='' tty='' secret=${AZURE_CLIENT_SECRET:-}
unset AZURE_CLIENT_SECRET CDPATH
while [ $# -gt 0 ]; do
	case $1 in
		--plan) plan=yes ;;
		--device-code) device=yes ;;
		--url) url=${2-}; shift ;;
		--secret-file) file=${2-}; shift ;;
		*) sed -n '4,8s/^# //p' "$0" >&2; exit 2 ;;
	esac
	shift
done
case $(jq --version) in
	jq-1.[5-9]* | jq-1.1* | jq-[2-9]*) ;; *) echo 'error: jq 1.5 or later is needed' >&2; exit 1 ;;
esac
org=${url%/}; api=$org/api/data/v9.2
is_local "$org" || printf %s "$org" | grep -Eq '^https://[A-Za-z0-9.-]+(:[0-9]+)?$' ||
	die 2 'name the environment with --url'
[ -n "${AZURE_CLIENT_ID:-}" ] || die 4 'set AZURE_CLIENT_ID'
if [ -n "$file" ]; then
	[ -r "$file" ] || die 1 "cannot read $file"
	exec <"$file"
fi
root=$(cd "$(dirname "$0")/.." && pwd) bundle=$root/bundle.json work=$(mktemp -d)
trap 'rm -rf "$work"; $tty' EXIT
trap 'kill "$child" 2>/dev/null; exit 130' INT TERM HUP
check_bundle
query -r '.settings[] | select(.value | .secretFromEnv // .secretFromFile).name' "$bundle" >list
while IFS= read -r name; do say "set by hand or with dvpack: $name" >&2; done <list
sign_in
: >sent
while :; do
	look
	[ -s todo ] || break
	while IFS= read -r text && read -r method && read -r path && IFS= read -r body; do
		case $method in [0-9]) die "$method" "cannot $text" ;; esac
		if [ -n "$plan" ]; then say "would $text"; continue; fi
		[ "$method" != null ] || continue
		! grep -Fxq "$path $body" sent || die 9 "$text: written, and reads back different"
		printf '%s\n' "$path $body" >>sent
		printf %s "$body" >request
		input=$auth match=; [ "$method" = POST ] || match=' *'
		request "$method" "$api/$path" -H 'Content-Type: application/json' -H "If-Match:$match" -d @request
		expect "$text"
	done <todo
	[ -z "$plan" ] || exit 10
done
if [ -s sent ]; then say "applied and read back: $(grep -c . sent) writes"; else say 'nothing to do'; fi
