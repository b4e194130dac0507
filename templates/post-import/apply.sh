#!/bin/sh
# After an import: application user, roles, variables and connections.
# Needs curl, jq 1.5+, sha256sum or shasum.
# usage: sh post-import/apply.sh --url URL [--plan] [--other-environment] [--device-code | --secret-file FILE]
# --plan writes nothing; --other-environment takes a bundle of another one. AZURE_CLIENT_ID signs in: for a person
# (--device-code), or with the secret in FILE's first line, in AZURE_CLIENT_SECRET, or asked for. Exit codes:
# INSTALL.html.
# shellcheck disable=SC2016,SC2086,SC2094
set -eu
export LC_ALL=C

# No control character, pipeline command (`##[`; `::` begins no line) or whole token.
say() {
	printf %s "$*" | jq -Rrs 'gsub("[\\p{C}\\p{Zl}\\p{Zp}]+"; " ") | gsub("#(?=[^ -~]*#)"; "# ") |
		gsub("(?<a>[^ ]{8})[^ ]{142,}"; .a + "*")' || : # nobody reads
}
die() { code=$1; shift; say "error: $*" >&2; exit "$code"; }
query() { jq -r "$@" 2>bad || die 1 'an answer is not understood'; }
try() { jq -r "$@" 2>bad || :; }
local='https?://(127\.0\.0\.1|localhost)(:[0-9]+)?'
nap() { sleep "$1" & child=$!; wait "$child" || :; } # obeys signals

# --- 1. The bundle: SHA256SUMS lists each file. The other script may be signed.
mine() { grep -Ev '^[0-9a-f]{64}  post-import/Apply-Package\.ps1$' | sort; }
check() {
	cd "$root"
	[ -f SHA256SUMS ] || die 3 'no SHA256SUMS'
	sum=$(command -v sha256sum || echo shasum -a 256)
	is=$({ find . -type f ! -path ./SHA256SUMS ! -path './signatures/*' -exec $sum {} + | sed 's,\./,,'
		find . ! -type f ! -type d; } | mine)
	sums=$(mine <SHA256SUMS)
	[ "$is" = "${sums:-x}" ] || die 3 "file $(printf '%s\n' "$is" "$sums" | sort | uniq -u |
		sed -E 's,^([0-9a-f]{64}  |\./),,;q') is changed, missing, a link or not in SHA256SUMS"
	cd "$work"
	ln -s "$root/bundle.json" b
	[ "$(try '.format == 2 and [.applicationUser // empty | .roles[]] - [.roles[].id] == []' b)" = true ] ||
		die 3 'bundle.json is not of format 2, or assigns a foreign role'
	query '.solutions[] | "\(.sha256)  \(.file)"' b >list
	[ "$(grep -Fxvcf "$root/SHA256SUMS" list)" = 0 ] || die 3 'bundle.json has another digest of a solution'
	made=$(query --arg org "$org" '.environment.url // $org | select([., $org | ascii_downcase |
		capture("://(?<h>[^/:]*[^/:.])[.]?(:443)?(?<p>[^/]*)")] | .[0] != .[1])' b)
	[ -z "$made" ] || [ -n "$other" ] || die 6 "the bundle is for $made: --other-environment if $org is meant"
}

# --- 2. Requests. $input is curl's configuration: no process list or file has a secret.
# Sent again: 429, any GET, 503 that says when except a POST to $api. 000: no whole answer.
send() {
	for turn in 1 2 3 4 5; do
		: >body
		curl -qgsS --connect-timeout 10 -m 60 -D headers -o body -w '%{http_code}' -K - \
			-H 'Consistency: Strong' -X "$@" >status 2>error <<INPUT & child=$!
$input
INPUT
		wait "$child" || { [ "$?" != 28 ] || turn=5; echo 000 >status; } # 28: timeout
		status=$(cat status)
		[ "$1$status" != GET200 ] ||
			[ "$(try '"\(.value | type) \(."@odata.nextLink")"' body)" = 'array null' ] || status=000
		pause=$(header 'retry-after: *0*(?<it>[0-9]{1,6})')
		case $turn$1-$status-$pause$2 in
		5* | ?POST-503*$api*) return ;; *-429-* | *-503-[0-9]* | ?GET-50* | ?GET-000* | ?GET-408*) ;; *) return ;;
		esac
		pause=$((${pause:-4} + 1))
		[ "$pause" -le 600 ] || return 0
		say "waiting $pause seconds" >&2
		nap "$pause"
	done
}
header() { try -Rs --arg re "(?i)\n$1" 'capture($re).it' headers; }
# 201, 204: written. Not clearly refused, perhaps done: 8.
expect() {
	why="cannot $1: $(try '.error | "\(.message) (\(.code))"' body) $(cat error), HTTP $status"
	case $status$why in
	'200cannot read '* | 201* | 204*) ;;
	401*) die 4 "$why; sign in again" ;;
	4*8004[Ff]510* | 4*2147158768*) die 5 "$why; consent is missing" ;;
	[0-25]* | 408* | 412* | 4[29]9* | \
		4*8004[Ff]511* | 4*2147158767* | 4*80040237* | 4*2147220937*) die 8 "$why; run again" ;;
	*) die 1 "$why" ;;
	esac
}

# --- 3. Sign-in: a refusal names tenant and authority.
sign_in() {
	input=''; send GET "$api/WhoAmI"
	at=$(header 'www-authenticate:.*authorization_uri="?(?<it>https?://[^/", ]+/[^/", ]+)')
	[ "$status${at:+!}" = 401! ] ||
		die $((status ? 2 : 1)) "$org does not answer like Dataverse, HTTP $status $(cat error)"
	issuer=${at%/*}
	case ${issuer#https://login.} in # a secret goes to no one else
	microsoftonline.com|windows.net|microsoft.com|microsoftonline.us|partner.microsoftonline.cn) ;;
	chinacloudapi.cn|microsoftonline.eaglex.ic.gov|microsoftonline.microsoft.scloud) ;;
	*) printf %s "$issuer $org" | grep -Eqx "$local $local" || die 6 "$issuer is no authority of Microsoft" ;;
	esac
	who="client_id=$AZURE_CLIENT_ID&scope=$org/.default&grant_type="
	if [ -n "$device" ]; then
		form devicecode "$who"
		say "$(query '"open \(.verification_uri) and enter the code \(.user_code)"' body)" >&2
		who="${who}urn:ietf:params:oauth:grant-type:device_code&device_code=$(query '.device_code | @uri' body)"
		while nap 10; form token "$who"; [ "$status" != 200 ]; do :; done
	else
		if [ -z "$secret$file" ] && stty -echo 2>bad; then file=- tty='stty echo'; printf 'secret: ' >&2; fi
		[ -z "$file" ] || IFS= read -r secret || :
		$tty
		form token "${who}client_credentials&client_secret=$(printf %s "$secret" | jq -Rrs 'sub("\r$"; "") | @uri')"
	fi
	auth=$(try '.access_token | strings | "Authorization: Bearer \(.)" | "header = \(tojson)"' body)
	[ -n "$auth" ] || die 4 'the authority gave no token'
}
# Its words may hold the secret.
form() {
	input="data = \"$2\""; send POST "$at/oauth2/v2.0/$1"
	why=$(try '"\(.error) AADSTS\(.error_codes[0]? // 0 | floor)"' body)
	case $status$why in
	200* | *authorization_pending* | *slow_down*) ;;
	*7000229) die 5 'AADSTS7000229: consent is missing' ;;
	000*) die 1 "no answer: $(cat error)" ;;
	*) die 4 "sign-in failed: AADSTS${why##*AADSTS}, HTTP $status" ;;
	esac
}

# --- 4. What differs, in `todo`: text, method (a number: exit code; null: next time), path, body.
look() {
	query '.application.clientId as $app | "solutions?$filter=ismanaged eq true", (.applicationUser // empty |
		"businessunits", "systemusers?$filter=applicationid eq \($app)", (.roles[] |
		"roles?$filter=_parentrootroleid_value eq \(.)",
		"solutioncomponents?$filter=componenttype eq 20 and objectid eq \(.)")), (select(.settings != []) |
		"connectionreferences", "environmentvariable" + ("definitions", "values")) | gsub(" "; "%20")' b >list
	: >seen
	while read -r path; do
		input=$auth set=${path%%\?*}
		send GET "$api/$path"
		expect "read $set"
		query -c --arg set "$set" '{($set): .value}' body >>seen
		[ "$set" != systemusers ] || query '.value[] | select(.deletedstate != 1) |
			"systemusers(\(.systemuserid))/systemuserroles_association"' body >>list
	done <list
	query -s --arg api "$api" 'def on: (select(.statecode == 1) | {statecode: 0}) // {}; # inactive
.[0] as $b | .[1:] as $seen | def rows(set): $seen[][set] // empty | .[];
[([$b.solutions[] as $it | rows("solutions") | select(.uniquename == $it.name and .ismanaged and
	([.version, $it.version | sub("([.]0+)+\\z"; "")] | .[0] == .[1]))] as $ours |
($b.solutions[] | select([.name] - [$ours[].uniquename] != []) |
	["find solution `\(.name)` in version \(.version), managed: import it first", "7"]),
($b.applicationUser // empty | . as {$businessUnit, roles: $ids} | $b.application.clientId as $app |
[rows("businessunits") | select($businessUnit == ({id: .businessunitid}, {name},
	(select(._parentbusinessunitid_value == null) | "root"))).businessunitid] as $units |
[rows("roles") | select([._parentrootroleid_value] - $ids == [])] as $all |
[$all[] | select(._businessunitid_value == $units[0])] as $roles |
[rows("systemusers") | select(.deletedstate != 1 and .applicationid == $app)] as [$user, $other] |
# Built-in: has a template, or is no part of the solution.
if any($all[]; contains({_roletemplateid_value: null}) | not) or $ids - [rows("solutioncomponents") |
	select([._solutionid_value] - [$ours[].solutionid] == []).objectid] != [] then
	["assign what is no custom role of this solution", "6"]
elif [$units, $roles | length] != [1, ($ids | length)] then ["find one such business unit with each role", "7"]
elif $other or $user == null and [rows("systemusers")] != [] then ["choose among several or deleted users", "7"]
elif $user == null then ["create the user of application \($app)", "POST", "systemusers", {applicationid: $app,
	accessmode: 4, "businessunitid@odata.bind": "/businessunits(\($units[0]))"}],
	($roles[] | ["assign role `\(.name)`"])
elif $user._businessunitid_value != $units[0] then ["move the user to another business unit", "7"]
else "systemusers(\($user.systemuserid))" as $path | "\($path)/systemuserroles_association" as $link |
	[rows($link)] as $has |
	($user | select(.isdisabled) | ["enable the user", "PATCH", $path, {isdisabled: false, applicationid}]),
	($roles[] | select([.roleid] - [$has[].roleid] != []) |
		["assign role `\(.name)`", "POST", "\($link)/$ref", {"@odata.id": "\($api)/roles(\(.roleid))"}]),
	($has[] | select([._parentrootroleid_value] - $ids != []) |
		["take away the undeclared role `\(.name)`: `dvpack apply --only-declared-roles` can; or accept it", "9"]) end),
("environmentvariable" as $e | $b.settings[] | .name as $name |
	(.value | .text, .connection, .secretFromKeyVault | strings) as $value |
	[rows("connectionreferences", "\($e)definitions") |
		select($name == (.connectionreferencelogicalname, .schemaname))][0] | .environmentvariabledefinitionid as $id |
	[rows("\($e)values") | select(._environmentvariabledefinitionid_value == $id)] as [$own, $two] |
	["set `\($name)` to `\($value)`"] +
	if . == null or $two then ["9"] elif .connectionreferenceid then select(.connectionid != $value or on != {}) |
		["PATCH", "connectionreferences(\(.connectionreferenceid))", {connectionid: $value} + on]
	elif ($own.value // .defaultvalue) == $value and ($own | on) == {} then empty
	elif $own then ["PATCH", "\($e)values(\($own.environmentvariablevalueid))", {$value} + ($own | on)]
	else ["POST", "\($e)values", {schemaname: $name, $value, "\($e)valueid": $id,
		"EnvironmentVariableDefinitionId@odata.bind": "/\($e)definitions(\($id))"}] end))] |
sort_by(.[1] == "9")[] | .[0] |= gsub("\n"; " ") | .[3] |= tojson | .[]' b seen >todo
}

# --- 5. Write what differs, look again; name what others mend (9).
url='' plan='' device='' file='' other='' child='' tty='' left='' secret=${AZURE_CLIENT_SECRET:-}
unset AZURE_CLIENT_SECRET CDPATH
while [ $# -gt 0 ]; do
	case $1 in
	--plan) plan=+ ;;
	--other-environment) other=+ ;;
	--device-code) device=+ ;;
	--url) url=${2-}; shift ;;
	--secret-file) file=${2-}; shift ;;
	*) sed -n '4,7s/^# //p' "$0" >&2; exit 2 ;;
	esac
	shift
done
case $(jq --version) in
jq-1.[5-9]* | jq-1.1* | jq-[2-9]*) ;; *) echo 'error: jq 1.5 or later is needed' >&2; exit 1 ;;
esac
org=${url%/}; api=$org/api/data/v9.2
printf %s "$org" | grep -Eqx "$local|https://[A-Za-z0-9.-]+(:[0-9]+)?" || die 2 'name the environment with --url'
[ -n "${AZURE_CLIENT_ID:-}" ] || die 4 'set AZURE_CLIENT_ID'
[ -z "$file" ] || { [ -r "$file" ] && exec <"$file"; } || die 1 "cannot read $file"
root=$(cd "$(dirname "$0")/.." && pwd) work=$(mktemp -d)
trap 'rm -rf "$work"; $tty' EXIT
trap 'kill "$child" 2>/dev/null; exit 130' INT TERM HUP
check
names=$(query '.settings[] | select(.value | .secretFromEnv // .secretFromFile).name' b)
[ -z "$names" ] || say "set by hand or with dvpack: $names" >&2
sign_in
: >sent
while :; do
	look
	more=''
	while read -r text && read -r method && read -r path && read -r body; do
		case $method in
		[0-8]) die "$method" "cannot $text" ;;
		9) [ "$more$plan" = 10 ] || { say "error: cannot $text" >&2; left=9; }; continue ;;
		esac
		more=10
		[ -z "$plan" ] || { say "would $text"; continue; }
		[ "$method" != null ] || continue
		! grep -Fxq "$path $body" sent || die 9 "$text: written, and reads back different"
		printf '%s\n' "$path $body" >>sent
		input=$auth match=; [ "$method" = POST ] || match=' *'
		send "$method" "$api/$path" -H 'Content-Type: application/json' -H "If-Match:$match" -d "$body"
		expect "$text"
	done <todo
	[ -n "$more" ] || break
	[ -z "$plan" ] || exit $more
done
did="nothing ${left:+else }to do"
[ ! -s sent ] || did="applied and read back: $(grep -c . sent) writes"
say "$did; not compared (dvpack status does): privileges, column profiles, flows"
exit $left
