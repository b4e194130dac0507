<#
.SYNOPSIS
Applies the bundle that this script lies in to one Dataverse environment. Needs no modules.

.DESCRIPTION
Checks the files, finds the tenant, signs in, imports the solution, sets its settings, creates or adopts
the application user, assigns its role and reads everything back: what `dvpack apply` does. Run again, it
changes nothing. For Windows PowerShell 5.1 and PowerShell 7.

Exit codes: 0 done, 1 failed, 2 usage, 3 bundle invalid, 4 sign-in failed, 5 consent missing, 6 refused,
7 environment not ready, 8 timed out or inconclusive (run again), 9 verification differs, 10 changes pending.

.PARAMETER Url
The environment, such as https://contoso.crm.dynamics.com
.PARAMETER Plan
Only say what would be done; exit code 10 if there is something to do.
.PARAMETER DeviceCode
Sign in as a person in a browser; AZURE_CLIENT_ID names the public client. Else AZURE_CLIENT_SECRET is used.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)][string]$Url,
    [Alias('DryRun')][switch]$Plan,
    [switch]$DeviceCode
)
if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
    Write-Warning 'this machine lets scripts use a part of the language only; run this where it does not, or use dvpack apply'
    exit 1
}
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$unreachable = 'check the address, the network (is a VPN needed?) and the proxy, then run again'

# PowerShell 7 makes a date of a text that looks like one. A mark in front of it prevents that; Get-Value takes it off.
$mark = [char]0xE000

# The client secret and the token, in each way in which a server may repeat them.
$script:hidden = @()

function Add-Hidden([string]$Text) {
    $json = $Text.Replace('\', '\\').Replace('"', '\"')
    $codes = $json.Replace('&', '\u0026').Replace('<', '\u003C').Replace('>', '\u003E').Replace("'", '\u0027').Replace('+', '\u002B')
    $uri = [Uri]::EscapeDataString($Text)
    $form = $uri.Replace('~', '%7E').Replace("'", '%27').Replace('(', '%28').Replace(')', '%29').Replace('!', '%21')
    $spelt = @($Text, $json, $json.Replace('\', '\\').Replace('"', '\"'), $codes, $uri, $form, $form.Replace('*', '%2A'))
    $spelt += @([System.Net.WebUtility]::HtmlEncode($Text), [System.Security.SecurityElement]::Escape($Text))
    $coded = @()
    foreach ($whole in @($Text, $uri, $json)) {
        foreach ($shift in 0..2) {
            # Three bytes become four characters of base64: what stands before the secret shifts it.
            $bytes = [System.Text.Encoding]::UTF8.GetBytes(('a' * $shift) + $whole)
            $base64 = [Convert]::ToBase64String($bytes, 0, $bytes.Length - $bytes.Length % 3)
            if ($shift -gt 0 -and $base64.Length -gt 4) { $base64 = $base64.Substring(4) }
            $coded += @($base64, $base64.Replace('+', '-').Replace('/', '_'))
        }
    }
    $spelt += @($spelt | ForEach-Object { $_.Replace('%20', '+') })
    $spelt += @($spelt | ForEach-Object { [regex]::Replace($_, '(%|\\u00)[0-9A-F]{2}', { param($code) $code.Value.ToLowerInvariant() }) })
    $spelt += @($spelt | ForEach-Object { $_.Replace('%', '%25'); $_.Replace('%', '%25').Replace('~', '%7E') })
    $script:hidden = @($script:hidden + $spelt + $coded | Where-Object { $_.Length -gt 7 } | Select-Object -Unique | Sort-Object -Property Length -Descending)
}

function Hide-Secret([string]$Text) {
    foreach ($spelling in $script:hidden) { $Text = $Text.Replace($spelling, '***') }
    return $Text
}

function Write-Note([string]$Text) { [Console]::Error.WriteLine((Hide-Secret $Text).Replace("$mark", '')) }

# Stop-With CODE MESSAGE [ADVICE]
function Stop-With([int]$Code, [string]$Message, [string]$Advice = '') {
    Write-Note "error: $Message"
    if ($Advice) { Write-Note " help: $Advice" }
    exit $Code
}

# JSON, with the mark before each text that looks like a date.
function ConvertFrom-Text([string]$Text) {
    return [regex]::Replace($Text, '(?<!\\)"(?=[0-9]{4}-[0-9]{2}-[0-9]{2}T|\\?/Date\()', "`"$mark") | ConvertFrom-Json
}

# The value of a property, or $null where there is none.
function Get-Value($Object, [string]$Name) {
    if ($null -eq $Object) { return $null }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    if ($property.Value -is [string]) { return $property.Value.TrimStart($mark) }
    return $property.Value
}

# The items of a list, none where there is no list.
function Get-List($Object, [string]$Name) {
    $value = Get-Value $Object $Name
    if ($null -eq $value) { return @() }
    return @($value)
}

# No user information, no odd characters; plain http for this machine only.
function Test-SafeUrl([string]$Text) {
    return ($Text -match '^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$') -or
        ($Text -match '^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$')
}

# --- files ---------------------------------------------------------------------------------------

function Test-Bundle {
    $sums = Join-Path $root 'SHA256SUMS'
    if (-not (Test-Path -LiteralPath (Join-Path $root 'bundle.json'))) { Stop-With 3 "there is no bundle.json beside this script's folder: unzip the whole bundle" }
    $changed = -not (Test-Path -LiteralPath $sums)
    if (-not $changed) {
        foreach ($line in [System.IO.File]::ReadAllLines($sums)) {
            $digest = $line.Substring(0, 64)
            $name = $line.Substring(66)
            $path = Join-Path $root $name
            if ((Test-Path -LiteralPath $path) -and (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant() -eq $digest) { continue }
            Write-Note "${name}: FAILED"
            $changed = $true
        }
    }
    if ($changed) { Stop-With 3 'files were changed after the bundle was built' }
}

# The user gets roles of this bundle only, and none that bears the name of a built-in one.
function Test-Policy {
    $builtIn = 'System Administrator', 'System Customizer', 'Basic User', 'Delegate', 'Environment Maker',
        'Support User', 'Service Reader', 'Service Writer', 'Office Collaborator'
    $ids = @(Get-List $bundle 'roles' | ForEach-Object { $_.id })
    foreach ($id in (Get-List $applicationUser 'roles')) {
        if ($ids -notcontains $id) { Stop-With 3 'bundle.json assigns a role that it does not hold' }
    }
    foreach ($role in (Get-List $bundle 'roles')) {
        if ($builtIn -contains $role.name) {
            Stop-With 6 "role ``$($role.name)`` is a built-in role of Dataverse, and is not assigned" 'the bundle must bring a custom role with just the privileges that the application needs'
        }
    }
}

# --- HTTP ----------------------------------------------------------------------------------------

# One request, no redirect followed, given up after some seconds. Gives Status (0 without an answer), Silent (whether
# time ran out), Body (parsed), Response, Text.
function Send-Once([string]$Method, [string]$Uri, [string]$Body, [string]$ContentType, [hashtable]$Headers, [int]$Seconds) {
    $message = New-Object System.Net.Http.HttpRequestMessage((New-Object System.Net.Http.HttpMethod($Method)), $Uri)
    foreach ($name in $Headers.Keys) { [void]$message.Headers.TryAddWithoutValidation($name, $Headers[$name]) }
    if ($Body) { $message.Content = New-Object System.Net.Http.StringContent($Body, [System.Text.Encoding]::UTF8, $ContentType) }
    $limit = New-Object System.Threading.CancellationTokenSource([TimeSpan]::FromSeconds($Seconds))
    try {
        $response = $client.SendAsync($message, $limit.Token).GetAwaiter().GetResult()
        $text = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
    } catch {
        $silent = $limit.IsCancellationRequested
        $why = $_.Exception.GetBaseException().Message
        if ($silent) { $why = "nothing came within $Seconds s" }
        return [pscustomobject]@{ Status = 0; Silent = $silent; Body = $null; Response = $null; Text = $why }
    } finally {
        $limit.Dispose()
    }
    $parsed = $null
    try { $parsed = ConvertFrom-Text $text } catch { $parsed = $null }
    return [pscustomobject]@{ Status = [int]$response.StatusCode; Silent = $false; Body = $parsed; Response = $response; Text = $text }
}

function Test-Understood($Answer) { return $Answer.Body -is [System.Management.Automation.PSCustomObject] }

function Get-ErrorCode($Answer) {
    return ([string](Get-Value (Get-Value $Answer.Body 'error') 'code')).ToLowerInvariant()
}

# Text of the server without control characters, bounded.
function Get-ErrorText($Answer) {
    $text = (Hide-Secret ([string](Get-Value (Get-Value $Answer.Body 'error') 'message'))) -replace '[\x00-\x1f\x7f]', ' '
    if ($text.Length -gt 600) { $text = $text.Substring(0, 600) }
    return $text
}

function Get-Problem($Answer) { return "$(Get-ErrorText $Answer) ($(Get-ErrorCode $Answer), HTTP $($Answer.Status))" }

# What Retry-After asks for, in seconds; 0 where it says nothing that is understood.
function Get-Pause($Answer) {
    if ($null -eq $Answer.Response -or $null -eq $Answer.Response.Headers.RetryAfter) { return 0 }
    $after = $Answer.Response.Headers.RetryAfter
    if ($null -ne $after.Delta) { return [int][Math]::Min([Math]::Ceiling($after.Delta.TotalSeconds), 100000) }
    if ($null -eq $after.Date) { return 0 }
    return [int][Math]::Max(0, [Math]::Min([Math]::Ceiling(($after.Date - [DateTimeOffset]::UtcNow).TotalSeconds), 100000))
}

# Sends to the Web API. A 429 was not carried out and is sent again; after any other failure only a GET is, once where
# time ran out. An answer is waited for a minute for a GET and two for a write, where nothing else is said.
function Send-Request([string]$Method, [string]$Path, $Body, [switch]$MustExist, [int]$Seconds = 0) {
    if ($Seconds -eq 0 -and $Method -eq 'GET') { $Seconds = 60 }
    if ($Seconds -eq 0) { $Seconds = 120 }
    $headers = @{ 'Accept' = 'application/json'; 'OData-Version' = '4.0'; 'OData-MaxVersion' = '4.0'; 'If-None-Match' = 'null'; 'Consistency' = 'Strong' }
    if ($script:token) { $headers['Authorization'] = "Bearer $script:token" }
    if ($MustExist) { $headers['If-Match'] = '*' }
    $json = ''
    if ($null -ne $Body) { $json = ConvertTo-Json -InputObject $Body -Depth 20 -Compress }
    for ($attempt = 1; ; $attempt++) {
        $answer = Send-Once $Method "$api/$Path" $json 'application/json' $headers $Seconds
        # An empty answer, or the page of a proxy, must not pass for a row that is not there.
        if ($Method -eq 'GET' -and $answer.Status -eq 200 -and $script:token -and -not (Test-Understood $answer)) {
            $answer.Status = 0
            $answer.Text = '(it is not understood)'
        }
        if ($attempt -ge 20) { return $answer }
        $code = Get-ErrorCode $answer
        $pause = Get-Pause $answer
        if ($code -eq '0x80071151' -or $code -eq '0x80071154') {
            if ($pause -eq 0) { $pause = 30 }
            Write-Note "waiting $pause s: another solution operation is running"
        } elseif ($answer.Status -eq 429) {
            if ($pause -eq 0) { $pause = 2 * $attempt }
            Write-Note "waiting $pause s: the environment limits the rate of requests"
        } elseif ($answer.Silent -and $attempt -ge 2) {
            return $answer
        } elseif ($Method -eq 'GET' -and $attempt -lt 5 -and (0, 502, 503, 504) -contains $answer.Status) {
            if ($pause -eq 0) { $pause = 2 * $attempt }
        } else {
            return $answer
        }
        if ($pause -gt 600) { Stop-With 8 "the environment asks to wait $pause s; run again later" }
        Start-Sleep -Seconds $pause
    }
}

# The answer must be a success.
function Assert-Success($Answer, [string]$What) {
    if ($Answer.Status -ge 200 -and $Answer.Status -lt 300) { return }
    if ($Answer.Status -eq 401) {
        Stop-With 4 "cannot ${What}: the environment does not accept the token" 'if it ended meanwhile, run again: it goes on from what is there'
    }
    if ((0, 502, 503, 504) -contains $Answer.Status) {
        Stop-With 8 "cannot ${What}: no clear answer $($Answer.Text)" 'run again: it looks at the environment first and goes on from there'
    }
    $code = Get-ErrorCode $Answer
    if ($code -eq '0x80071151' -or $code -eq '0x80071154') {
        Stop-With 7 "cannot ${What}: $(Get-Problem $Answer)" 'another solution operation is running: wait for its end'
    }
    if ($Answer.Status -eq 429) { Stop-With 8 "cannot ${What}: $(Get-ErrorText $Answer)" 'run again later' }
    if ($code -eq '0x80072560') {
        Stop-With 1 "cannot ${What}: $(Get-Problem $Answer)" 'the signed-in identity is no user of this environment: add it, or sign in as somebody else'
    }
    if ($code -eq '0x80040220') {
        Stop-With 1 "cannot ${What}: $(Get-Problem $Answer)" 'give the signed-in user the missing privilege, or sign in as a System Administrator'
    }
    Stop-With 1 "cannot ${What}: $(Get-Problem $Answer)"
}

function Get-Json([string]$Path, [string]$What) {
    $answer = Send-Request 'GET' $Path $null
    Assert-Success $answer $What
    return $answer.Body
}

# Every write to the environment goes through here.
function Send-Change([string]$Method, [string]$Path, $Body, [switch]$MustExist, [int]$Seconds = 0) {
    $script:changes++
    return Send-Request $Method $Path $Body -MustExist:$MustExist -Seconds $Seconds
}

# In a plan: counts the change, says what it is, and is true.
function Test-Plan([string]$What) {
    if (-not $Plan) { return $false }
    $script:changes++
    [Console]::Out.WriteLine("would $What")
    return $true
}

function ConvertTo-Literal([string]$Text) {
    return [Uri]::EscapeDataString("'" + $Text.Replace("'", "''") + "'")
}

# --- sign-in -------------------------------------------------------------------------------------

# The environment itself names its tenant and authority, in the challenge of a request without a token.
function Find-Tenant {
    $answer = Send-Request 'GET' 'WhoAmI' $null -Seconds 20
    if ($answer.Status -eq 0) { Stop-With 1 "no answer from ${org}: $($answer.Text)" $unreachable }
    $challenge = ''
    # As text: .NET does not parse a challenge whose addresses stand without quotes.
    if ($answer.Status -eq 401 -and $answer.Response.Headers.Contains('WWW-Authenticate')) {
        $challenge = @($answer.Response.Headers.GetValues('WWW-Authenticate')) -join ', '
    }
    if ($challenge -notmatch 'authorization_uri="?(https?://[^/", ]+)/([^/", ?]+)') { Stop-With 2 "$org does not answer like a Dataverse environment (HTTP $($answer.Status))" }
    $authority = $Matches[1]
    $tenant = $Matches[2]
    if ($env:AZURE_AUTHORITY_HOST) {
        $authority = $env:AZURE_AUTHORITY_HOST.TrimEnd('/')
        if ($authority -notmatch '^https?://') { $authority = "https://$authority" }
        if (-not (Test-SafeUrl $authority)) { Stop-With 6 "refusing to sign in at ``$authority``" }
    } else {
        # A secret goes to Microsoft's authorities, or on this machine from a stand-in to itself.
        $known = 'https://login.microsoftonline.com', 'https://login.windows.net', 'https://login.microsoft.com',
            'https://login.microsoftonline.us', 'https://login.partner.microsoftonline.cn', 'https://login.chinacloudapi.cn',
            'https://login.microsoftonline.eaglex.ic.gov', 'https://login.microsoftonline.microsoft.scloud'
        $local = '^https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?$'
        if ($known -notcontains $authority -and -not ($authority -match $local -and $org -match $local)) {
            Stop-With 6 "refusing to sign in at ``$authority``: not an authority of Microsoft"
        }
    }
    if ($env:AZURE_TENANT_ID) { $tenant = $env:AZURE_TENANT_ID }
    if ($tenant -eq 'common') { $tenant = 'organizations' }
    if ($tenant -notmatch '^[A-Za-z0-9.-]+$') { Stop-With 6 "``$tenant`` is not a tenant" }
    return "$authority/$tenant/oauth2/v2.0"
}

function Send-Form([string]$Uri, [hashtable]$Fields) {
    $pairs = foreach ($name in $Fields.Keys) { $name + '=' + [Uri]::EscapeDataString($Fields[$name]) }
    return Send-Once 'POST' $Uri ($pairs -join '&') 'application/x-www-form-urlencoded' @{} 20
}

function Get-Token([string]$Endpoint) {
    if (-not $env:AZURE_CLIENT_ID) { Stop-With 4 'set AZURE_CLIENT_ID to the application that signs in' }
    if (-not $DeviceCode) {
        if (-not $env:AZURE_CLIENT_SECRET) { Stop-With 4 'set AZURE_CLIENT_SECRET, or give -DeviceCode' }
        Add-Hidden $env:AZURE_CLIENT_SECRET
        $answer = Send-Form "$Endpoint/token" @{ grant_type = 'client_credentials'; client_id = $env:AZURE_CLIENT_ID; client_secret = $env:AZURE_CLIENT_SECRET; scope = "$org/.default" }
        return Read-Token $answer
    }
    $answer = Send-Form "$Endpoint/devicecode" @{ client_id = $env:AZURE_CLIENT_ID; scope = "$org/user_impersonation" }
    if ($answer.Status -ne 200) { return Read-Token $answer }
    $code = $answer.Body
    if (-not (Test-Understood $answer)) { Stop-With 4 'the authority gave no usable code' }
    Write-Note "open $($code.verification_uri) and enter the code $($code.user_code)"
    $interval = 5
    if (Get-Value $code 'interval') { $interval = [int]$code.interval }
    $left = 900
    if (Get-Value $code 'expires_in') { $left = [int]$code.expires_in }
    $deadline = [DateTime]::UtcNow.AddSeconds($left)
    while ([DateTime]::UtcNow -lt $deadline) {
        Start-Sleep -Seconds $interval
        $answer = Send-Form "$Endpoint/token" @{ grant_type = 'urn:ietf:params:oauth:grant-type:device_code'; client_id = $env:AZURE_CLIENT_ID; device_code = $code.device_code }
        $problem = [string](Get-Value $answer.Body 'error')
        if ($problem -eq 'slow_down') { $interval += 5 }
        if ($problem -ne 'authorization_pending' -and $problem -ne 'slow_down') { return Read-Token $answer }
    }
    Stop-With 4 'nobody entered the code in time'
}

function Read-Token($Answer) {
    if ($Answer.Status -eq 0) { Stop-With 4 "no answer to the sign-in: $($Answer.Text)" $unreachable }
    $value = [string](Get-Value $Answer.Body 'access_token')
    if ($Answer.Status -eq 200) {
        if ($value -match '^[A-Za-z0-9._~+/=-]+$') {
            Add-Hidden $value
            return $value
        }
        Stop-With 4 'the authority gave no usable token'
    }
    $text = ([string](Get-Value $Answer.Body 'error_description') -split "`r`n")[0] -replace '[\x00-\x1f\x7f]', ' '
    if (@(Get-List $Answer.Body 'error_codes') -contains 7000229) {
        Stop-With 5 "the application has no service principal in the tenant: an administrator must consent to it first. $text"
    }
    Stop-With 4 "sign-in failed (HTTP $($Answer.Status)): $text"
}

# --- solution ------------------------------------------------------------------------------------

function ConvertTo-Version([string]$Text) {
    $parts = @($Text.Split('.')) + @('0', '0', '0')
    return New-Object Version(($parts[0..3]) -join '.')
}

function Get-Installed([string]$Name) {
    $found = Get-Json "solutions?`$select=uniquename,version,ismanaged&`$filter=uniquename%20eq%20$(ConvertTo-Literal $Name)" 'look up the solution'
    $rows = @(Get-List $found 'value')
    if ($rows.Count -eq 0) { return $null }
    return $rows[0]
}

function Test-Requirements {
    [void](Get-Json 'WhoAmI' 'ask who is signed in')
    $requires = Get-Value $bundle 'requires'
    $least = Get-Value $requires 'serverVersion'
    if ($least) {
        $server = (Get-Json 'RetrieveVersion()' "ask for the server's version").Version
        if ((ConvertTo-Version $server) -lt (ConvertTo-Version $least)) {
            Stop-With 7 "the server has version $server, and the bundle needs $least" 'update the environment in the Power Platform admin center'
        }
    }
    foreach ($needed in (Get-List $requires 'solutions')) {
        $there = Get-Installed $needed.name
        if ($null -eq $there) { Stop-With 7 "solution ``$($needed.name)`` must be installed first" }
        $least = Get-Value $needed 'version'
        if ($least -and (ConvertTo-Version $there.version) -lt (ConvertTo-Version $least)) {
            Stop-With 7 "solution ``$($needed.name)`` is installed in version $($there.version), and $least is needed"
        }
    }
    foreach ($setting in (Get-List $bundle 'settings')) {
        $value = Get-Value $setting 'value'
        if ((Get-Value $value 'secretFromEnv') -or (Get-Value $value 'secretFromFile')) {
            Write-Note "warning: ``$($setting.name)`` is a secret that this script does not set: use ``dvpack apply``, or set it yourself"
        }
        if ((Get-Value $setting 'required') -and $null -eq $value) { Test-HasValue $setting }
    }
}

# A setting that the bundle gives no value must have one in the environment; flows can wait for their connections.
function Test-HasValue($Setting) {
    $name = $Setting.name
    if ($Setting.kind -eq 'connectionReference') {
        $reference = Find-Connection $name
        if (-not (Get-Value $reference 'connectionid')) { Write-Note "warning: connection reference ``$name`` has no connection: flows that use it stay off" }
    } elseif ($null -eq (Find-Variable $name).Value) {
        Stop-With 7 "setting ``$name`` must have a value" 'ask the publisher for a bundle with a value for it'
    }
}

function Wait-OtherImports {
    $filter = "statecode%20ne%203%20and%20(messagename%20eq%20'ImportSolutionAsync'%20or%20messagename%20eq%20'StageAndUpgradeAsync')"
    for ($patience = 120; $patience -gt 0; $patience--) {
        $running = Get-Json "asyncoperations?`$select=asyncoperationid&`$filter=$filter" 'look for running imports'
        if (@(Get-List $running 'value').Count -eq 0) { return }
        Write-Note 'waiting: an import is running'
        Start-Sleep -Seconds 30
    }
    Stop-With 7 'another import is still running; run again later'
}

function Import-Package($Solution) {
    $name = $Solution.name
    $version = $Solution.version
    Wait-OtherImports
    $there = Get-Installed $name
    $action = 'ImportSolutionAsync'
    if ($null -ne $there) {
        $installed = $there.version
        if (-not $there.ismanaged) {
            Stop-With 7 "solution ``$name`` is installed unmanaged, and the bundle holds it managed" 'it looks like the environment that the solution is developed in: apply to another one, or remove the unmanaged solution first'
        }
        if ((ConvertTo-Version $installed) -gt (ConvertTo-Version $version)) {
            Stop-With 7 "solution ``$name`` is installed in version $installed, which is higher than $version in the bundle" 'apply a bundle of a higher version'
        }
        if ((ConvertTo-Version $installed) -eq (ConvertTo-Version $version)) { Write-Note "unchanged: solution ``$name`` $version"; return }
        $action = 'StageAndUpgradeAsync'
        if ($null -ne (Get-Installed "${name}_Upgrade")) {
            Stop-With 7 "an upgrade of solution ``$name`` is staged already" '`dvpack apply` finishes it; or delete the staged upgrade'
        }
        if (Test-Plan "upgrade solution ``$name`` from $installed to $version") { return }
        Write-Note "upgrading solution ``$name`` from $installed to $version"
    } else {
        if (Test-Plan "install solution ``$name`` $version") { return }
        Write-Note "installing solution ``$name`` $version"
    }

    $zip = [Convert]::ToBase64String([System.IO.File]::ReadAllBytes((Join-Path $root $Solution.file)))
    $answer = Send-Change 'POST' 'StageSolution' @{ CustomizationFile = $zip } -Seconds 1800
    Assert-Success $answer 'stage the solution'
    if (-not (Test-Understood $answer)) { Stop-With 8 'cannot stage the solution: no clear answer' 'run again: it looks at the environment first and goes on from there' }
    $staged = $answer.Body.StageSolutionResults
    if ($staged.StageSolutionStatus -ne 'Passed') { Stop-Unstaged $name $staged }
    $parameters = @()
    foreach ($setting in (Get-List $bundle 'settings')) {
        $value = Get-SettingText $setting
        if ($null -eq $value) { continue }
        if ($setting.kind -eq 'connectionReference') {
            $parameters += @{ '@odata.type' = 'Microsoft.Dynamics.CRM.connectionreference'; connectionreferencelogicalname = $setting.name; connectorid = (Get-Value $setting 'connector'); connectionid = $value }
        } else {
            $parameters += @{ '@odata.type' = 'Microsoft.Dynamics.CRM.environmentvariablevalue'; schemaname = $setting.name; value = $value }
        }
    }
    $request = @{ PublishWorkflows = $true; OverwriteUnmanagedCustomizations = $false; ComponentParameters = $parameters; SolutionParameters = @{ StageSolutionUploadId = $staged.StageSolutionUploadId } }
    $answer = Send-Change 'POST' $action $request -Seconds 1800
    # Without an answer the import may have begun: it is never started twice. The next run waits for it.
    $unclear = ($answer.Status -eq 0 -or $answer.Status -ge 500) -and -not (Get-ErrorCode $answer)
    if ($answer.Status -ge 200 -and $answer.Status -lt 300 -and -not (Test-Understood $answer)) { $unclear = $true }
    if ($unclear) { Stop-With 8 'no clear answer to the start of the import; run again to see how it ended' }
    Assert-Success $answer 'start the import'
    $script:imported = $true
    $job = $answer.Body.ImportJobKey
    Wait-Operation $name $answer.Body.AsyncOperationId $job
    $result = (Get-Json "RetrieveSolutionImportResult(ImportJobId=$job)" 'read the result of the import').SolutionOperationResult
    if ($result.Status -ne 'Passed') {
        foreach ($message in (Get-List $result 'ErrorMessages')) { Write-Note ([string]$message) }
        Stop-With 1 "the import of solution ``$name`` failed"
    }
    $there = Get-Installed $name
    $installed = [string](Get-Value $there 'version')
    if ($null -eq $there -or (ConvertTo-Version $installed) -lt (ConvertTo-Version $version)) { Stop-With 9 "$name was imported, but version $installed is installed" }
}

# What is missing, and whose it is, comes before the refusal.
function Stop-Unstaged([string]$Name, $Staged) {
    $missing = @(Get-List $Staged 'MissingDependencies')
    foreach ($row in $missing) {
        $component = Get-Value $row 'RequiredComponentSchemaName'
        if (-not $component) { $component = Get-Value $row 'RequiredComponentId' }
        $by = Get-Value $row 'DependentComponentSchemaName'
        if (-not $by) { $by = Get-Value $row 'DependentComponentId' }
        Write-Note "  missing: $component of solution $(Get-Value $row 'RequiredSolutionName'), needed by $by"
    }
    foreach ($finding in (Get-List $Staged 'SolutionValidationResults')) { Write-Note "  $(Get-Value $finding 'Message')" }
    if ($missing.Count -gt 0) {
        Stop-With 7 "solution ``$Name`` needs components that the environment does not have" 'install or update the solutions named above, then run again'
    }
    Stop-With 1 "the environment refuses solution ``$Name``"
}

function Wait-Operation([string]$Name, [string]$Id, [string]$Job) {
    for ($polls = 0; $polls -lt 900; $polls++) {
        $answer = Send-Request 'GET' "asyncoperations($Id)?`$select=statecode,statuscode,friendlymessage,message" $null
        if ($answer.Status -eq 404) {
            # The system job may be cleaned up before it was seen: then the import job says when it ends, its result how.
            if (Get-Value (Get-Json "importjobs($Job)?`$select=progress,completedon" 'watch the import') 'completedon') { return }
        } else {
            Assert-Success $answer 'watch the import'
            if ($answer.Body.statecode -eq 3) {
                if ($answer.Body.statuscode -eq 30) { return }
                $why = Get-Value $answer.Body 'friendlymessage'
                if (-not $why) { $why = Get-Value $answer.Body 'message' }
                Stop-With 1 "the import of solution ``$Name`` failed: $why"
            }
        }
        if ($polls -lt 5) { Start-Sleep -Seconds 1 } else { Start-Sleep -Seconds 8 }
    }
    Stop-With 8 'the import is still running' 'run again to wait for it'
}

# --- settings ------------------------------------------------------------------------------------

function Get-SettingText($Setting) {
    $value = Get-Value $Setting 'value'
    foreach ($kind in 'text', 'connection', 'secretFromKeyVault') {
        $text = Get-Value $value $kind
        if ($null -ne $text) { return [string]$text }
    }
    return $null
}

function Set-Settings {
    foreach ($setting in (Get-List $bundle 'settings')) {
        $want = Get-SettingText $setting
        if ($null -eq $want) { continue }
        if ($setting.kind -eq 'connectionReference') { Set-Connection $setting.name $want } else { Set-EnvironmentVariable $setting.name $want }
    }
}

# The setting is not in the environment.
function Test-Absent([string]$What, [string]$Name) {
    if ($Plan) { return }
    if ($script:imported) { Stop-With 9 "$What ``$Name`` does not exist after the import" }
    Write-Note "warning: $What ``$Name`` does not exist in the environment"
}

# Definition, row of the value, and the value that counts.
function Find-Variable([string]$Name) {
    $found = @(Get-List (Get-Json "environmentvariabledefinitions?`$select=environmentvariabledefinitionid,defaultvalue&`$filter=schemaname%20eq%20$(ConvertTo-Literal $Name)" "read the environment variable ``$Name``") 'value')
    if ($found.Count -eq 0) { return [pscustomobject]@{ Definition = $null; Row = $null; Value = $null } }
    $definition = $found[0].environmentvariabledefinitionid
    $values = @(Get-List (Get-Json "environmentvariablevalues?`$select=environmentvariablevalueid,value&`$filter=_environmentvariabledefinitionid_value%20eq%20$definition" "read the value of ``$Name``") 'value')
    if (@($values).Count -eq 0) { return [pscustomobject]@{ Definition = $definition; Row = $null; Value = (Get-Value $found[0] 'defaultvalue') } }
    return [pscustomobject]@{ Definition = $definition; Row = @($values)[0].environmentvariablevalueid; Value = (Get-Value @($values)[0] 'value') }
}

function Set-EnvironmentVariable([string]$Name, [string]$Want) {
    $there = Find-Variable $Name
    if ($null -eq $there.Definition) { Test-Absent 'environment variable' $Name; return }
    if ($there.Value -ceq $Want) { return }
    if (Test-Plan "set environment variable ``$Name``") { return }
    if ($null -ne $there.Row) {
        $answer = Send-Change 'PATCH' "environmentvariablevalues($($there.Row))" @{ value = $Want } -MustExist
    } else {
        $answer = Send-Change 'POST' 'environmentvariablevalues' @{ schemaname = $Name; value = $Want; 'EnvironmentVariableDefinitionId@odata.bind' = "/environmentvariabledefinitions($($there.Definition))" }
    }
    Assert-Success $answer "set environment variable ``$Name``"
}

function Find-Connection([string]$Name) {
    $found = @(Get-List (Get-Json "connectionreferences?`$select=connectionreferenceid,connectionid&`$filter=connectionreferencelogicalname%20eq%20$(ConvertTo-Literal $Name)" "read the connection reference ``$Name``") 'value')
    if (@($found).Count -eq 0) { return $null }
    return @($found)[0]
}

function Set-Connection([string]$Name, [string]$Want) {
    $there = Find-Connection $Name
    if ($null -eq $there) { Test-Absent 'connection reference' $Name; return }
    if ((Get-Value $there 'connectionid') -ceq $Want) { return }
    if (Test-Plan "set connection reference ``$Name``") { return }
    $answer = Send-Change 'PATCH' "connectionreferences($($there.connectionreferenceid))" @{ connectionid = $Want } -MustExist
    Assert-Success $answer "set connection reference ``$Name``"
}

# --- application user ----------------------------------------------------------------------------

function Set-ApplicationUser {
    $unit = Find-BusinessUnit
    $users = Find-Users
    if ($users.Active.Count -gt 1) {
        Stop-With 7 "application $app has $($users.Active.Count) users here" 'keep one of them, and delete the others in the Power Platform admin center'
    }
    if ($users.Active.Count -eq 1) {
        $user = $users.Active[0]
        Use-User $user $unit
    } else {
        if (Test-Plan "create the application user of $app with its roles") { return }
        Remove-DeletedUsers $users
        $user = New-User $unit
    }
    foreach ($role in (Get-List $applicationUser 'roles')) { Set-Role $user $role $unit }
}

# The users of the application: those that are active, and those that were deleted and are kept.
function Find-Users {
    $rows = @(Get-List (Get-Json "systemusers?`$select=systemuserid,isdisabled,deletedstate,_businessunitid_value&`$filter=applicationid%20eq%20$app" 'look for the application user') 'value')
    return [pscustomobject]@{
        Active = @($rows | Where-Object { $_ -and -not (Get-Value $_ 'deletedstate') })
        Deleted = @($rows | Where-Object { $_ -and (Get-Value $_ 'deletedstate') })
    }
}

function Use-User($User, [string]$Unit) {
    if ($User._businessunitid_value -ne $Unit) {
        Stop-With 7 'the application user is in another business unit than the bundle wants' 'moving a user takes all its roles away, so this script does not: move it yourself'
    }
    if ($User.isdisabled -and -not (Test-Plan 'enable the application user')) {
        $answer = Send-Change 'PATCH' "systemusers($($User.systemuserid))" @{ isdisabled = $false; applicationid = $app } -MustExist
        Assert-Success $answer 'enable the application user'
    }
}

# A deleted user of the application keeps a new one from being created: it is removed for good.
function Remove-DeletedUsers($Users) {
    foreach ($user in $Users.Deleted) {
        $answer = Send-Change 'DELETE' "systemusers($($user.systemuserid))" $null
        if ($answer.Status -ne 404) { Assert-Success $answer 'remove the deleted application user' }
    }
}

function Find-BusinessUnit {
    $wanted = $applicationUser.businessUnit
    if ($wanted -is [string]) { $filter = 'parentbusinessunitid%20eq%20null' }
    elseif (Get-Value $wanted 'id') { $filter = "businessunitid%20eq%20$($wanted.id)" }
    elseif (Get-Value $wanted 'name') { $filter = "name%20eq%20$(ConvertTo-Literal $wanted.name)" }
    else { Stop-With 3 'bundle.json names no business unit' }
    $units = @(Get-List (Get-Json "businessunits?`$select=businessunitid&`$filter=$filter" 'look for the business unit') 'value')
    if ($units.Count -ne 1) { Stop-With 7 'the business unit does not exist, or is not unique' }
    return $units[0].businessunitid
}

# A service principal that was just created may not be known to Dataverse yet: five tries, ever longer apart.
function New-User([string]$Unit) {
    $body = @{ applicationid = $app; accessmode = 4; isdisabled = $false; 'businessunitid@odata.bind' = "/businessunits($Unit)" }
    for ($try = 1; ; $try++) {
        $answer = Send-Change 'POST' 'systemusers' $body
        $code = Get-ErrorCode $answer
        if ($answer.Status -ge 200 -and $answer.Status -lt 300) {
            $users = Find-Users
            if ($users.Active.Count -eq 0) { Stop-With 9 'the application user was created, but is not there' }
            return $users.Active[0]
        }
        if ($code -eq '0x8004f510') {
            if ($try -ge 5) {
                Stop-With 5 "application $app is not known in the tenant: an administrator must consent to it first" 'open the link in INSTALL.html as an administrator of the tenant'
            }
            Write-Note 'waiting: the application is not known in the tenant (yet)'
            Start-Sleep -Seconds (5 * $try)
            continue
        }
        # Someone else was faster, or the answer was lost, or a deleted user is in the way: look again.
        $unclear = ('0x8004f511', '0x80040237') -contains $code -or (0, 412, 500, 501, 502, 503, 504) -contains $answer.Status
        if (-not $unclear) { Assert-Success $answer 'create the application user' }
        if ($try -ge 5) { Stop-With 8 'it is not clear whether the application user was created' 'run again' }
        $users = Find-Users
        if ($users.Active.Count -gt 0) {
            Use-User $users.Active[0] $Unit
            return $users.Active[0]
        }
        Remove-DeletedUsers $users
        Start-Sleep -Seconds (2 * $try)
    }
}

function Test-Role($User, [string]$Copy) {
    $assigned = @(Get-List (Get-Json "systemusers($($User.systemuserid))/systemuserroles_association?`$select=roleid" "read the user's roles") 'value')
    return @($assigned | Where-Object { $_ -and $_.roleid -eq $Copy }).Count -gt 0
}

# A role has a copy in every business unit; the one in the user's own unit is assigned.
function Set-Role($User, [string]$Root, [string]$Unit) {
    $copies = @(Get-List (Get-Json "roles?`$select=roleid,name&`$filter=_parentrootroleid_value%20eq%20$Root%20and%20_businessunitid_value%20eq%20$Unit" 'look for the security role') 'value')
    if ($copies.Count -eq 0) {
        if (Test-Plan "assign security role $Root") { return }
        Stop-With 1 "security role $Root is not in the user's business unit"
    }
    $copy = $copies[0].roleid
    if (Test-Role $User $copy) { return }
    if (Test-Plan "assign security role $Root") { return }
    $answer = Send-Change 'POST' "systemusers($($User.systemuserid))/systemuserroles_association/`$ref" @{ '@odata.id' = "$api/roles($copy)" }
    # An answer that says "already there" is as good: what counts is what is read back.
    $unclear = (Get-ErrorCode $answer) -eq '0x80040237' -or (0, 500, 501, 502, 503, 504) -contains $answer.Status
    if (-not $unclear) { Assert-Success $answer 'assign the security role' }
    if (-not (Test-Role $User $copy)) { Stop-With 9 "security role $Root was assigned, but is not there" }
}

# --- report --------------------------------------------------------------------------------------

function Write-Result {
    if ($Plan) {
        if ($script:changes -gt 0) { exit 10 }
        [Console]::Out.WriteLine('nothing to do')
        exit 0
    }
    if ($applicationUser) {
        $users = Find-Users
        if ($users.Active.Count -ne 1) { Stop-With 9 "application $app has $($users.Active.Count) active users here" }
        if ($users.Active[0].isdisabled) { Stop-With 9 'the application user is disabled' }
        Test-Privileges $users.Active[0]
    }
    Write-WhatIsOff
    if ($script:changes -eq 0) { [Console]::Out.WriteLine('nothing to do: no write was made') }
    else { [Console]::Out.WriteLine("applied and verified, with $($script:changes) writes") }
    exit 0
}

# An import turns on what the solution ships turned on, where it can. This script turns nothing on; what is off is told.
function Write-WhatIsOff {
    foreach ($solution in (Get-List $bundle 'solutions')) {
        $there = @(Get-List (Get-Json "solutions?`$select=solutionid&`$filter=uniquename%20eq%20$(ConvertTo-Literal $solution.name)" 'read the installed solutions') 'value')
        if ($there.Count -eq 0) { continue }
        Write-OffOfKind $there[0].solutionid 29 'workflows' 'workflowid' 0 'flow or process'
        Write-OffOfKind $there[0].solutionid 92 'sdkmessageprocessingsteps' 'sdkmessageprocessingstepid' 1 'plug-in step'
    }
}

# Sixty ids at a time keep the address short.
function Write-OffOfKind([string]$Solution, [int]$Kind, [string]$Set, [string]$Key, [int]$Off, [string]$Word) {
    $components = @(Get-List (Get-Json "solutioncomponents?`$select=objectid&`$filter=componenttype%20eq%20$Kind%20and%20_solutionid_value%20eq%20$Solution" 'read what the solution holds') 'value')
    for ($at = 0; $at -lt $components.Count; $at += 60) {
        $some = @($components | Select-Object -Skip $at -First 60)
        $ids = @($some | ForEach-Object { "$Key%20eq%20$($_.objectid)" }) -join '%20or%20'
        foreach ($row in (Get-List (Get-Json "$Set`?`$select=name&`$filter=statecode%20eq%20$Off%20and%20($ids)" 'read which of them are off') 'value')) {
            Write-Note "warning: $Word ``$($row.name)`` is off, and this script turns nothing on: ``dvpack apply`` does, or turn it on yourself"
        }
    }
}

# The user must really hold every privilege of its roles; more than that it always has.
function Test-Privileges($User) {
    $held = @(Get-List (Get-Json "systemusers($($User.systemuserid))/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()" "read the user's privileges") 'RolePrivileges')
    $names = @($held | ForEach-Object { Get-Value $_ 'PrivilegeName' } | Where-Object { $_ })
    # Servers before PrivilegeName was added give ids only; then the assignment, read back above, is the proof.
    if ($names.Count -eq 0) { return }
    $missing = @()
    foreach ($role in (Get-List $bundle 'roles')) {
        if (@(Get-List $applicationUser 'roles') -notcontains $role.id) { continue }
        foreach ($privilege in (Get-List $role 'privileges')) {
            if ($names -notcontains $privilege.name) { $missing += $privilege.name }
        }
    }
    if ($missing.Count -gt 0) { Stop-With 9 "the application user lacks privileges of its role: $($missing -join ' ')" }
}

# --- what is done, in order ----------------------------------------------------------------------

if (-not (Test-SafeUrl $Url)) { Stop-With 2 "``$Url`` is not an https:// URL of an environment (http:// is allowed on loopback only)" }
$org = ([Uri]$Url).GetLeftPart([UriPartial]::Authority)
$api = "$org/api/data/v9.2"
$root = Split-Path -Parent (Split-Path -Parent $MyInvocation.MyCommand.Path)
$script:token = ''
$script:changes = 0
$script:imported = $false

Test-Bundle
$bundle = ConvertFrom-Text ([System.IO.File]::ReadAllText((Join-Path $root 'bundle.json')))
if ($bundle.format -ne 1) { Stop-With 3 'bundle.json is not of format 1' }
$applicationUser = Get-Value $bundle 'applicationUser'
$app = Get-Value (Get-Value $bundle 'application') 'clientId'
if ($applicationUser -and -not $app) { Stop-With 3 'bundle.json has an application user but no application' }
Test-Policy

Add-Type -AssemblyName System.Net.Http
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
$handler = New-Object System.Net.Http.HttpClientHandler
$handler.AllowAutoRedirect = $false
$client = New-Object System.Net.Http.HttpClient($handler)
# Each request has a limit of its own.
$client.Timeout = [System.Threading.Timeout]::InfiniteTimeSpan

try {
    $endpoint = Find-Tenant
    $script:token = Get-Token $endpoint
    Test-Requirements
    foreach ($solution in (Get-List $bundle 'solutions')) { Import-Package $solution }
    Set-Settings
    if ($applicationUser) { Set-ApplicationUser }
    Write-Result
} catch {
    # Nothing that is foreseen comes here; what a message says is shown without secrets all the same.
    Write-Note "error: $($_.Exception.Message)"
    exit 1
}
