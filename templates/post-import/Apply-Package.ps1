# After an import: application user, roles and settings of bundle.json.
# PowerShell 5.1 and 7. Options, exit codes: INSTALL.html.
# usage: Apply-Package.ps1 -Url URL [-Plan] [-OtherEnvironment] [-DeviceCode | -SecretFile FILE]
# Needs AZURE_CLIENT_ID.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
	Write-Warning 'ConstrainedLanguage mode: use apply.sh or dvpack'; exit 1}
$ErrorActionPreference = 'Stop'
$org = $file = $device = $plan = $other = $code = $null
$mark = "$([char]0xE000)"

# No control character, command or whole token.
function Clean($Text) {
	$Text -replace $mark -replace '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+', ' ' -replace
		'([#:])(?=[^ -~]*\1)', '$1 ' -replace '([^ ]{8})[^ ]{142,}', '$1*'
}
function Fail($Code, $Text) {$script:code = $Code; throw $Text}
# `_` keeps the case of names, the mark dates.
function Read-Json($Text) {
	$Text -creplace '[A-Z](?=\w*"\s*:)', '_$0' -replace '"(?=\d{4}-|\\?/Date)', "`"$mark" | ConvertFrom-Json
}
function Pick($Rows, $Column, $Values) {$Rows | ? {$_ -and @($Values).Contains("$($_.$Column)")}} # ordinal

# --- 1. SHA256SUMS lists each file.
function Read-Bundle {
	$skip = '^\w{64}  (post-import/Apply-Package\.ps1'
	$here = @(gci -LiteralPath $root -Recurse -Force | ? {$_.LinkType -or -not $_.PSIsContainer} | % {
		"$(if (-not $_.LinkType) {(Get-FileHash -LiteralPath $_.FullName).Hash.ToLower()})  " +
			$_.FullName.Substring($root.Length + 1).Replace('\', '/')} | ? {$_ -cnotmatch "$skip|SHA256SUMS|signatures/.*)\z"})
	$sums = @([IO.File]::ReadAllText("$root/SHA256SUMS") -replace '\n\z' -split "`n" -cnotmatch "$skip)\z")
	$odd = @($sums | ? {-not $here.Contains($_)}; $here | ? {-not $sums.Contains($_)})
	if ($odd -or $sums.Count -ne $here.Count) {
		Fail 3 "file $($odd[0] -replace '^\w*  ') is changed, missing, a link or not in SHA256SUMS"}
	$read = Read-Json ($text = [IO.File]::ReadAllText("$root/bundle.json"))
	if ($text -notmatch '^{\s*"format": 2,' -or $text -match '(?<!\\)\\u(?!00[01])' -or
		($read.application_User.roles | ? {$_ -and -not @($read.roles.id).Contains($_)})) {
		Fail 3 'bundle.json is not of format 2, or assigns a foreign role'}
	$read.solutions | ? {-not $sums.Contains("$($_.sha256)  $($_.file)")} | % {
		Fail 3 'bundle.json has another digest of a solution'}
	$read
}

# --- 2. Requests. Sent again: 429, GET, 503 that says when; no POST to $api.
function Send($Method, $Uri, $Body, $Type = 'application/json') {
	foreach ($turn in 1..5) {
		$call = [Net.Http.HttpRequestMessage]::new($Method, $Uri)
		if ($Method -eq 'PATCH') {$call.Headers.Add('If-Match', '*')}
		if ($Body) {$call.Content = [Net.Http.StringContent]::new($Body, [Text.Encoding]::UTF8, $Type)}
		$task = $client.SendAsync($call)
		while (-not $task.IsCompleted) {Start-Sleep -m 20}
		$script:status, $script:got, $script:head, $script:fault = '000'
		if ($task.Exception) {$script:fault = $task.Exception.GetBaseException().Message}
		elseif (-not $task.IsCanceled) {
			$script:head = "$($task.Result)"
			$text = $task.Result.Content.ReadAsStringAsync().Result
			try {$script:got = Read-Json $text} catch {}
			if ("$Method$head" -notmatch '^GETStatusCode: 200' -or $got.value -is [array] -and $text -notmatch '"@odata.next') {
				$script:status = [int]$task.Result.StatusCode}
		}
		$said = $head -match '(?m)^ *Retry-After: *([0-9]{1,6})'
		$pause = if ($said) {1 + $Matches[1]} else {5}
		if ($turn -eq 5 -or $task.IsCanceled -or $pause -gt 600 -or
			"$Method$status $said$Uri" -notmatch '^\D+429|^PATCH503 T|503 T.+/oauth2/|^GET(50|408|000)') {return}
		Write-Host "waiting $pause seconds"
		Start-Sleep $pause}
}
# Written, or refused; else unclear: 8.
function Check($What) {
	$why = "cannot ${What}: $($got.error.message) ($($got.error.code)) $fault, HTTP $status"
	switch -regex ("$status$why") {
		'^(200cannot read |201|204)' {return}
		'^401' {Fail 4 "${why}; sign in again"}
		'(?s)^4.*(8004f510|2147158768)' {Fail 5 "${why}; consent is missing"}
		'(?s)^([0-25]|4(08|12|[29]9)|4.*(8004f511|2147158767|80040237|2147220937))' {Fail 8 "${why}; run again"}}
	Fail 1 $why
}
function Ask($Set, $Query) {
	Send GET "$api/${Set}?$Query"
	Check "read $Set"
	$got.value
}

# --- 3. Sign-in.
function SignIn {
	Send GET "$api/WhoAmI"
	if ("$status$head" -notmatch '(?s)^401.*authorization_uri="?((https?://[^/", ]+)/[^/", ]+)') {
		Fail (1 + (0 -ne $status)) "$org does not answer like Dataverse, HTTP $status $fault"}
	$at, $issuer = $Matches[1, 2]
	if ("$issuer $org" -notmatch "(?x)^(https://login\.(microsoftonline\.com|windows\.net|microsoft\.com|
		microsoftonline\.us|partner\.microsoftonline\.cn|chinacloudapi\.cn|microsoftonline\.eaglex\.ic\.gov|
		microsoftonline\.microsoft\.scloud)\ |$local\ $local\z)") {Fail 6 "$issuer is no authority of Microsoft"}
	$who = "client_id=$env:AZURE_CLIENT_ID&scope=$org/.default&grant_type="
	if ($device) {
		Form devicecode $who
		Write-Host (Clean "open $($got.verification_uri) and enter the code $($got.user_code)")
		$who += "urn:ietf:params:oauth:grant-type:device_code&device_code=$([Uri]::EscapeDataString($got.device_code))"
		do {Start-Sleep 10; Form token $who} until ($status -eq 200)
	} else {
		$secret = $env:AZURE_CLIENT_SECRET
		if ($file) {$secret = Get-Content -LiteralPath $file -TotalCount 1 -Encoding UTF8}
		elseif (-not $secret -and -not [Console]::IsInputRedirected) {
			$secret = [Net.NetworkCredential]::new('', (Read-Host secret -AsSecureString)).Password}
		Form token ($who + 'client_credentials&client_secret=' + [Uri]::EscapeDataString($secret))
	}
	$client.DefaultRequestHeaders.Add('Authorization', "Bearer $($got.access_token)")
}
# Its words may hold the secret.
function Form($Page, $Data) {
	Send POST "$at/oauth2/v2.0/$Page" $Data 'application/x-www-form-urlencoded'
	switch -regex ("$status $($got.error) $($got.error_codes)") {
		'^200|authorization_pending|slow_down' {return}
		7000229 {Fail 5 'AADSTS7000229: consent is missing'}}
	if (0 -eq $status) {Fail 1 "no answer: $fault"}
	Fail 4 "sign-in failed: AADSTS$($got.error_codes), HTTP $status"
}

# --- 4. What differs: text, method (none: next time), path, body. $left: for others.
function Todo {, $args}
function Get-User {
	$ids = $user.roles
	$app = $bundle.application.client_Id
	$in, $units = $user.business_Unit, @(Ask businessunits)
	$unit = @(Pick $units businessunitid $in.id; Pick $units name $in.name
		if ($in -is [string]) {Pick $units _parentbusinessunitid_value ''})
	$users = Ask systemusers "`$filter=applicationid eq $app"
	$active = @(Pick $users applicationid $app | ? {$_.deletedstate -ne 1})
	$all = $ids | % {Pick (Ask roles "`$filter=_parentrootroleid_value eq $_") _parentrootroleid_value $_}
	$roles = @(Pick $all _businessunitid_value $unit.businessunitid)
	$parts = @($ids | % {
		(Pick (Ask solutioncomponents "`$filter=componenttype eq 20 and objectid eq $_") _solutionid_value $ours).objectid})
	# Built-in: has a template, or is no part of the solution.
	if (($ids | ? {-not $parts.Contains($_)}) -or
		($all | ? {-not $_.PSObject.Properties['_roletemplateid_value'] -or $_._roletemplateid_value})) {
		Fail 6 'cannot assign what is no custom role of this solution'}
	if ($unit.Count -ne 1 -or $roles.Count -ne $ids.Count) {Fail 7 'cannot find one such business unit with each role'}
	if ($active.Count -gt 1 -or (-not $active -and $users)) {Fail 7 'cannot choose among several or deleted users'}
	$link = ($path = "systemusers($($active.systemuserid))") + '/systemuserroles_association'
	if (-not $active) {
		Todo "create the user of application $app" POST systemusers @{applicationid=$app; accessmode=4
			'businessunitid@odata.bind'="/businessunits($($unit.businessunitid))"}
	} elseif (-not (Pick $active _businessunitid_value $unit.businessunitid)) {
		Fail 7 'cannot move the user to another business unit'
	} elseif ($active.isdisabled) {Todo 'enable the user' PATCH $path @{isdisabled=$false; applicationid=$app}}
	$post, $has = if ($active) {'POST'; Ask $link}
	$roles | ? {-not (Pick $has roleid $_.roleid)} | % {
		Todo "assign role ``$($_.name)``" $post "$link/`$ref" @{'@odata.id'="$api/roles($($_.roleid))"}}
	$has | ? {$_ -and -not $ids.Contains("$($_._parentrootroleid_value)")} | % {$script:left +=
		"take away the undeclared role ``$($_.name)``: ``dvpack apply --only-declared-roles`` can; or accept it"}
}
function Get-Todo {
	$ours = $script:left = @()
	$solutions = Ask solutions '$filter=ismanaged eq true'
	foreach ($it in $bundle.solutions) {
		$found = Pick $solutions uniquename $it.name | ? {$_.ismanaged -and
			($_.version -replace '(\.0+)+\z') -eq ($it.version -replace '(\.0+)+\z')}
		if (-not $found) {Fail 7 "cannot find solution ``$($it.name)`` in version $($it.version), managed: import it first"}
		$ours += $found.solutionid}
	if ($user = $bundle.application_User) {Get-User}
	$e = 'environmentvariable'
	if ($bundle.settings) {
		$links, $defs, $rows = 'connectionreferences', "${e}definitions", "${e}values" | % {, @(Ask $_)}}
	foreach ($it in $bundle.settings) {
		$value = @($it.value.text, $it.value.connection, $it.value.secret_From_Key_Vault -ne $null)[0]
		if ($null -eq $value) {continue}
		$what = "set ``$($it.name)`` to ``$value``"
		$row = @(Pick $links connectionreferencelogicalname $it.name; Pick $defs schemaname $it.name)[0]
		$id = $row.environmentvariabledefinitionid
		$own = Pick $rows _environmentvariabledefinitionid_value $id
		$on = @{}; if (@($own; $row | ? connectionreferenceid).statecode -eq 1) {$on.statecode = 0}
		if (-not $row -or @($own).Count -gt 1) {$script:left += $what}
		elseif (-not $on.Count -and $value.Equals("$(@($row.connectionid, $own.value, $row.defaultvalue -ne $null)[0])")) {}
		elseif ($row.connectionreferenceid) {
			Todo $what PATCH "connectionreferences($($row.connectionreferenceid))" (@{connectionid=$value} + $on)
		} elseif ($own) {Todo $what PATCH "${e}values($($own.environmentvariablevalueid))" (@{value=$value} + $on)
		} else {Todo $what POST "${e}values" @{schemaname=$it.name; value=$value; "${e}valueid"=$id
			'EnvironmentVariableDefinitionId@odata.bind'="/${e}definitions($id)"}}}
}

# --- 5. Write what differs; look again.
try {
for ($i = 0; $i -lt $args.Count;) {
	switch ($args[$i++]) {
		-Plan {$plan = 1}
		-OtherEnvironment {$other = 1}
		-DeviceCode {$device = 1}
		-Url {$org = $args[$i++] -replace '/$'}
		-SecretFile {$file = $args[$i++]}
		default {$org = $i = 99}}}
$local = 'https?://(127\.0\.0\.1|localhost)(:\d+)?'
if ($org -notmatch "^($local|https://[a-z0-9.-]+(:\d+)?)\z") {Fail 2 'see the usage in this file'}
if (-not $env:AZURE_CLIENT_ID) {Fail 4 'set AZURE_CLIENT_ID'}
$api = "$org/api/data/v9.2"
$root = Split-Path $PSScriptRoot
Add-Type -AssemblyName System.Net.Http
[Net.ServicePointManager]::SecurityProtocol = 'Tls12'
$client = [Net.Http.HttpClient]::new([Net.Http.HttpClientHandler]@{AllowAutoRedirect=$false
	DefaultProxyCredentials = [Net.CredentialCache]::DefaultCredentials})
$client.DefaultRequestHeaders.Add('Consistency', 'Strong')
try {$bundle = Read-Bundle} catch {$code = 3; throw}
$here, $made = $org, $bundle.environment.url | ? {$_} | % {([Uri]$_).Authority -replace '\.(:|$)', '$1'}
if ($made -and -not ($other -or $made.Equals($here))) {
	Fail 6 "the bundle is for ${made}: -OtherEnvironment if $here is meant"}
$names = ($bundle.settings | ? {$_.value.secret_From_Env -or $_.value.secret_From_File}).name
if ($names) {Write-Host (Clean "set by hand or with dvpack: $names")}
SignIn
$sent = @()
while ($todo = @(Get-Todo)) {
	foreach ($step in $todo) {
		$text, $method, $path, $body = $step
		if ($plan) {Clean "would $text"; continue}
		if (-not $method) {continue}
		$body = (ConvertTo-Json $body -Compress).Replace($mark, '')
		if ($sent.Contains("$path $body")) {Fail 9 "${text}: written, and reads back different"}
		$sent += "$path $body"
		Send $method "$api/$path" $body
		Check $text}
	if ($plan) {break}}
$left | % {Write-Error (Clean "cannot $_") -ea Continue}
if ($todo) {$code = 10; return}
$did = if ($sent) {"applied and read back: $($sent.Count) writes"} else {"nothing $('else ' * !!$left)to do"}
"$did; not compared (dvpack status does): privileges, column profiles, flows"
$code = 9 * !!$left
} catch {
	if (-not $code) {$code = 1}
	Write-Error (Clean "$_") -ea Continue
} finally {exit $(if ($null -eq $code) {130} else {$code})}
