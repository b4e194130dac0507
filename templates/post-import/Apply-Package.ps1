# The step after an import by portal, pac or dvpack: application user, roles, environment variables and connections.
# It writes what bundle.json says. It needs Windows PowerShell 5.1 or PowerShell 7, and no modules.
# usage: Apply-Package.ps1 -Url https://ORG.crm.dynamics.com [-Plan] [-DeviceCode | -SecretFile FILE]
# -Plan writes nothing. AZURE_CLIENT_ID signs in: for a person (-DeviceCode), or with the secret in the first line of
# FILE, in AZURE_CLIENT_SECRET, or asked for. Exit: 0 done, 1 failed, 2 usage, 3 bundle invalid, 4 sign-in failed, 5 no
# consent, 6 refused, 7 environment not ready, 8 unclear: run again, 9 reads back different, 10 changes pending.
if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
	Write-Warning 'ConstrainedLanguage: this machine limits scripts; use another one, apply.sh or dvpack'
	exit 1
}
$ErrorActionPreference = 'Stop'
$file = $device = $plan = $code = $null

# Output: no control characters, no pipeline commands (`##[`; a line begins with our words, never `::`), no tokens.
function Clean($Text) {
	$Text -replace '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+', ' ' -replace '#(?=#)', '# ' -replace '[^ ]{150,}', '*'
}
function Fail($Code, $Text) { $script:code = $Code; throw $Text }
function Test-Local($Url) { $Url -match '^https?://(127\.0\.0\.1|localhost)(:[0-9]+)?\z' }
# Select-Row compares by code point, as -eq and -contains do not.
function Select-Row($Rows, $Column, $Values) { @($Rows | ? { $_ -and @($Values).Contains("$($_[$Column])") }) }
# JSON as tables, with names in their case. It is read as XML: no text becomes a date.
function Read-Json($Text) {
	$xml = New-Object Xml.XmlDocument -Property @{ PreserveWhitespace = $true }
	$xml.Load([Runtime.Serialization.Json.JsonReaderWriterFactory]::CreateJsonReader([Text.Encoding]::UTF8.GetBytes($Text),
		[Xml.XmlDictionaryReaderQuotas]::Max))
	Read-Node $xml.DocumentElement
}
function Read-Node($Node) {
	$type = $Node.GetAttribute('type')
	if ($type -eq 'null') { return }
	if ($type -eq 'array') { return , @($Node.ChildNodes | % { Read-Node $_ }) }
	if ($type -ne 'object') { return $Node.InnerText }
	$table = New-Object Collections.Hashtable ([StringComparer]::Ordinal)
	foreach ($child in $Node.ChildNodes) { $table[$child.LocalName] = Read-Node $child }
	$table
}

# --- 1. The bundle: SHA256SUMS lists each file, once, and no other; bundle.json assigns roles of its own only.
function Read-Bundle {
	$odd = New-Object Collections.Generic.HashSet[string]
	Get-ChildItem -LiteralPath $root -Recurse -Force | % {
		$name = $_.FullName.Substring($root.Length + 1).Replace('\', '/')
		if ($_.LinkType -match 'Sym|Junc') { [void]$odd.Add("  $name") }
		elseif (-not $_.PSIsContainer -and $name -cnotmatch '^(SHA256SUMS\z|signatures/)') {
			[void]$odd.Add((Get-FileHash -LiteralPath $_.FullName).Hash.ToLower() + "  $name")
		}
	}
	$sums = [IO.File]::ReadAllText("$root/SHA256SUMS") -split "`n" -ne ''
	foreach ($line in $sums) { if (-not $odd.Remove($line)) { [void]$odd.Add($line) } }
	foreach ($line in $odd) { Fail 3 "file $($line -replace '.*  ') is changed, missing, a link or not in SHA256SUMS" }
	$read = Read-Json ([IO.File]::ReadAllText("$root/bundle.json"))
	$ids = @($read.roles.id)
	if ($read.format -ne 2 -or @($read.applicationUser.roles | ? { $_ -and -not $ids.Contains($_) })) {
		Fail 3 'bundle.json is not of format 2, or assigns a foreign role'
	}
	foreach ($it in $read.solutions) {
		if (-not $sums.Contains("$($it.sha256)  $($it.file)")) { Fail 3 'bundle.json has another digest of a solution' }
	}
	$read
}

# --- 2. Requests. Sent again: what gets 429 (nothing was done) or 503 that says when, and any GET. 000: no whole answer.
function Send-Request($Method, $Uri, $Body, $Type = 'application/json') {
	foreach ($attempt in 1..5) {
		$message = New-Object Net.Http.HttpRequestMessage $Method, $Uri
		if ($Method -eq 'PATCH') { [void]$message.Headers.TryAddWithoutValidation('If-Match', '*') }
		if ($Body) { $message.Content = New-Object Net.Http.StringContent $Body, ([Text.Encoding]::UTF8), $Type }
		$task = $client.SendAsync($message)
		while (-not $task.IsCompleted) { Start-Sleep -Milliseconds 20 } # Ctrl-C ends it at once
		$script:status = '000'
		$script:answer = $script:problem = $head = $null
		if ($task.Exception) { $script:problem = $task.Exception.GetBaseException().Message }
		elseif (-not $task.IsCanceled) {
			$head = "$($task.Result)"
			$text = $task.Result.Content.ReadAsStringAsync().Result
			try { $script:answer = Read-Json $text } catch { $script:answer = $null }
			if ("$Method$head" -notmatch '^GETStatusCode: 200' -or ($answer.value -is [array] -and $text -notmatch '"@odata.next')) {
				$script:status = "$([int]$task.Result.StatusCode)"
			}
		}
		$said = $head -match '(?m)^ *Retry-After: *([0-9]{1,6})'
		$pause = if ($said) { 1 + $Matches[1] } else { 5 }
		if ($attempt -eq 5 -or "$Method$status $said" -notmatch '429 |503 T|^GET(50|000)') { return $head }
		if ($pause -gt 600) { Fail 8 "the server asks to wait $pause seconds: run again later" }
		Write-Host "waiting $pause seconds"
		Start-Sleep $pause
	}
}
# A write succeeds with 201 or 204. Without a clear refusal it may have been done: 8.
function Assert-Success($What) {
	$why = "cannot ${What}: $($answer.error.message) ($($answer.error.code)) $problem, HTTP $status"
	switch -regex ("$status$why") {
		'^(200cannot read |201|204)' { return }
		'^401' { Fail 4 "${why}: the token is not accepted; run again" }
		'^4.*0x8004f510' { Fail 5 "${why}: an administrator must consent first" }
		'^([0-25]|429|4.*(0x8004f511|0x80040237))' { Fail 8 "${why}: no clear answer; run again" }
		default { Fail 1 $why }
	}
}

# --- 3. Sign-in: the environment names its tenant and authority where it refuses a request without a token.
function Enter-Environment {
	if ((Send-Request GET "$api/WhoAmI") -notmatch '(?s)^StatusCode: 401.*authorization_uri="?((https?://[^/", ]+)/[^/", ]+)') {
		Fail 2 "$org does not answer like Dataverse, HTTP $status $problem"
	}
	$named, $authority = $Matches[1, 2]
	$known = 'microsoftonline.com', 'windows.net', 'microsoft.com', 'microsoftonline.us', 'partner.microsoftonline.cn',
		'chinacloudapi.cn', 'microsoftonline.eaglex.ic.gov', 'microsoftonline.microsoft.scloud' # a secret goes to no one else
	if (-not $known.Contains(($authority -replace '^https://login\.')) -and
		-not ((Test-Local $authority) -and (Test-Local $org))) { Fail 6 "$authority is no authority of Microsoft" }
	$who = "client_id=$env:AZURE_CLIENT_ID&scope=$org/.default&grant_type="
	if ($device) {
		Send-Form devicecode $who
		Write-Host (Clean "open $($answer.verification_uri) and enter the code $($answer.user_code)")
		$who += 'urn:ietf:params:oauth:grant-type:device_code&device_code=' + [Uri]::EscapeDataString($answer.device_code)
		do { Start-Sleep 5; Send-Form token $who } until ($status -eq 200)
	} else {
		$secret = $env:AZURE_CLIENT_SECRET
		if ($file) { $secret = Get-Content -LiteralPath $file -TotalCount 1 -Encoding UTF8 }
		elseif (-not $secret) { $secret = (New-Object Net.NetworkCredential '', (Read-Host secret -AsSecureString)).Password }
		Send-Form token ($who + 'client_credentials&client_secret=' + [Uri]::EscapeDataString($secret))
	}
	$client.DefaultRequestHeaders.Add('Authorization', "Bearer $($answer.access_token)")
}
# The authority was sent the secret, so its words are not shown.
function Send-Form($Page, $Form) {
	[void](Send-Request POST "$named/oauth2/v2.0/$Page" $Form 'application/x-www-form-urlencoded')
	switch -regex ("$status $($answer.error) AADSTS$($answer.error_codes)") {
		'^200|authorization_pending' { return }
		'slow_down' { Start-Sleep 5; return }
		'7000229' { Fail 5 'AADSTS7000229: an administrator of the tenant must consent first' }
		default { Fail 4 "sign-in failed: AADSTS$($answer.error_codes), HTTP $status $problem" }
	}
}

# --- 4. What differs: for each thing text, method (a number: exit code; none: next time), path, body.
function Todo { , $args }
function Get-Todo {
	$user = $bundle.applicationUser
	$app = $bundle.application.clientId
	$paths = @('solutions?$filter=ismanaged eq true')
	if ($user) {
		$paths += 'businessunits', "systemusers?`$filter=applicationid eq $app&`$expand=systemuserroles_association"
		$paths += $user.roles | % { "roles?`$filter=_parentrootroleid_value eq $_"
			"solutioncomponents?`$filter=componenttype eq 20 and objectid eq $_" }
	}
	if ($bundle.settings) { $paths += 'connectionreferences',
		'environmentvariabledefinitions?$expand=environmentvariabledefinition_environmentvariablevalue' }
	$rows = @{}
	foreach ($path in $paths) {
		$set = $path.Split('?')[0]
		[void](Send-Request GET "$api/$($path.Replace(' ', '%20'))")
		Assert-Success "read $set"
		$rows[$set] += $answer.value
	}
	$ours = @()
	foreach ($it in $bundle.solutions) {
		$found = Select-Row $rows.solutions uniquename $it.name | ? { $_.ismanaged -eq 'true' -and
			($_.version -replace '(\.0+)+\z') -eq ($it.version -replace '(\.0+)+\z') }
		if (-not $found) { Todo "find solution ``$($it.name)`` in version $($it.version), managed: import it first" 7 }
		$ours += $found.solutionid
	}
	if ($user) {
		$want = $user.businessUnit
		$unit = @(if ($want.id) { Select-Row $rows.businessunits businessunitid $want.id }
			elseif ($want.name) { Select-Row $rows.businessunits name $want.name }
			else { $rows.businessunits | ? { -not $_._parentbusinessunitid_value } })
		$copies = Select-Row $rows.roles _parentrootroleid_value $user.roles
		$roles = @(Select-Row $copies _businessunitid_value $unit.businessunitid)
		$active = @(Select-Row $rows.systemusers applicationid $app | ? { $_.deletedstate -ne 1 })
		$parts = @((Select-Row $rows.solutioncomponents _solutionid_value $ours).objectid)
		# A built-in role has a template, or is no part of this solution. No answer is a refusal.
		if (@($copies | ? { -not $_.ContainsKey('_roletemplateid_value') -or $_._roletemplateid_value }) -or
			@($user.roles | ? { -not $parts.Contains($_) })) { Todo 'assign a role that is not a custom role of this solution' 6 }
		elseif ($unit.Count -ne 1 -or $roles.Count -ne $user.roles.Count) {
			Todo 'find the business unit, and a copy of each role in it' 7
		} elseif ($active.Count -gt 1 -or (-not $active -and $rows.systemusers)) {
			Todo 'choose between several users of the application, or restore a deleted one' 7
		} elseif (-not $active) {
			Todo "create the application user of $app" POST systemusers ([ordered]@{ applicationid = $app; accessmode = 4
				'businessunitid@odata.bind' = "/businessunits($($unit.businessunitid))" })
			$roles | % { Todo "assign role ``$($_.name)``" }
		} elseif (-not (Select-Row $active _businessunitid_value $unit.businessunitid)) {
			Todo 'move the application user to another business unit' 7
		} else {
			$path = "systemusers($($active.systemuserid))"
			if ($active.isdisabled -eq 'true') {
				Todo 'enable the application user' PATCH $path @{ isdisabled = $false; applicationid = $app }
			}
			$roles | ? { -not (Select-Row $active.systemuserroles_association roleid $_.roleid) } | % {
				Todo "assign role ``$($_.name)``" POST "$path/systemuserroles_association/`$ref" @{
					'@odata.id' = "$api/roles($($_.roleid))" } }
		}
	}
	foreach ($it in $bundle.settings) {
		$value = @($it.value.text, $it.value.connection, $it.value.secretFromKeyVault -ne $null)[0]
		if ($null -eq $value) { continue }
		$what = "set ``$($it.name)`` to ``$value``"
		$connection = Select-Row $rows.connectionreferences connectionreferencelogicalname $it.name
		$variable = Select-Row $rows.environmentvariabledefinitions schemaname $it.name
		$own = $variable.environmentvariabledefinition_environmentvariablevalue
		if (-not $connection -and -not $variable) { Todo $what 9 }
		elseif ($connection) {
			if (Select-Row $connection connectionid $value) { continue }
			Todo $what PATCH "connectionreferences($($connection.connectionreferenceid))" @{ connectionid = $value }
		} elseif ($value.Equals("$(@($own.value, $variable.defaultvalue -ne $null)[0])")) { continue }
		elseif ($own) { Todo $what PATCH "environmentvariablevalues($($own.environmentvariablevalueid))" @{ value = $value } }
		else { Todo $what POST environmentvariablevalues @{ schemaname = $it.name; value = $value
			'EnvironmentVariableDefinitionId@odata.bind' =
				"/environmentvariabledefinitions($($variable.environmentvariabledefinitionid))" } }
	}
}

# --- 5. What is done: write what differs, and look again, until nothing does.
try {
	for ($i = 0; $i -lt $args.Count; $i++) {
		switch ("$($args[$i])") {
			-Plan { $plan = $true }
			-DeviceCode { $device = $true }
			-Url { $org = "$($args[++$i])".TrimEnd('/') }
			-SecretFile { $file = $args[++$i] }
			default { Fail 2 'usage: -Url https://ORG.crm.dynamics.com [-Plan] [-DeviceCode | -SecretFile FILE]' }
		}
	}
	if (-not (Test-Local $org) -and $org -notmatch '^https://[a-z0-9.-]+(:[0-9]+)?\z') { Fail 2 'name the environment with -Url' }
	if (-not $env:AZURE_CLIENT_ID) { Fail 4 'set AZURE_CLIENT_ID' }
	$api = "$org/api/data/v9.2"
	$root = (Get-Item (Split-Path $PSScriptRoot) -Force).FullName
	Add-Type -AssemblyName System.Net.Http, System.Runtime.Serialization
	[Net.ServicePointManager]::SecurityProtocol = 'Tls12'
	$client = New-Object Net.Http.HttpClient (New-Object Net.Http.HttpClientHandler -Property @{ AllowAutoRedirect = $false
		DefaultProxyCredentials = [Net.CredentialCache]::DefaultCredentials })
	$client.Timeout = '0:1'
	$client.DefaultRequestHeaders.Add('Consistency', 'Strong')
	try { $bundle = Read-Bundle } catch { $code = 3; throw }
	$hand = @($bundle.settings | ? { $_.value.secretFromEnv -or $_.value.secretFromFile } | % { $_.name }) -join ', '
	if ($hand) { Write-Host (Clean "set by hand or with dvpack: $hand") }
	Enter-Environment
	$sent = @()
	while ($todo = @(Get-Todo)) {
		foreach ($thing in $todo) {
			$text, $method, $path, $body = $thing
			if ($method -is [int]) { Fail $method "cannot $text" }
			if ($plan) { Write-Output (Clean "would $text"); continue }
			if (-not $method) { continue }
			$body = ConvertTo-Json $body -Compress
			if ($sent.Contains("$path $body")) { Fail 9 "${text}: written, and reads back different" }
			$sent += "$path $body"
			[void](Send-Request $method "$api/$path" $body)
			Assert-Success $text
		}
		if ($plan) { $code = 10; exit 10 }
	}
	$code = 0
	if ($sent) { Write-Output "applied and read back: $($sent.Count) writes" } else { Write-Output 'nothing to do' }
} catch {
	if (-not $code) { $code = 1 }
	Write-Error (Clean "$_") -ErrorAction Continue
} finally { if ($null -eq $code) { exit 130 } }
exit $code
