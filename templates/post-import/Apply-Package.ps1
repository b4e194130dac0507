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
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Stop-With([int]$Code, [string]$Message) {
    [Console]::Error.WriteLine("error: $Message")
    exit $Code
}

# The value of a property, or $null where there is none.
function Get-Value($Object, [string]$Name) {
    if ($null -eq $Object) { return $null }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

function Test-SafeUrl([string]$Text) {
    return ($Text -match '^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$') -or
        ($Text -match '^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$')
}

# --- files ---------------------------------------------------------------------------------------

function Test-Bundle {
    $sums = Join-Path $root 'SHA256SUMS'
    if (-not (Test-Path -LiteralPath $sums)) { Stop-With 3 'there is no SHA256SUMS: unzip the whole bundle' }
    foreach ($line in [System.IO.File]::ReadAllLines($sums)) {
        $digest = $line.Substring(0, 64)
        $name = $line.Substring(66)
        $path = Join-Path $root $name
        if (-not (Test-Path -LiteralPath $path)) { Stop-With 3 "$name is missing" }
        $found = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant()
        if ($found -ne $digest) { Stop-With 3 "$name was changed after the bundle was built" }
    }
}

function Test-Policy {
    $builtIn = 'System Administrator', 'System Customizer', 'Basic User', 'Delegate', 'Environment Maker',
        'Support User', 'Service Reader', 'Service Writer', 'Office Collaborator'
    $ids = @()
    foreach ($role in @($bundle.roles)) {
        if ($builtIn -contains $role.name) { Stop-With 6 "$($role.name) is a built-in role; an application user gets a role of its own" }
        $ids += $role.id
    }
    foreach ($id in @(Get-Value $applicationUser 'roles')) {
        if ($null -ne $id -and $ids -notcontains $id) { Stop-With 6 'the application user is to have a role that this bundle does not hold' }
    }
}

# --- HTTP ----------------------------------------------------------------------------------------

# One request, no redirect followed. Gives Status (0 without an answer), Body (parsed), Headers, Text.
function Send-Once([string]$Method, [string]$Uri, [string]$Body, [string]$ContentType, [hashtable]$Headers) {
    $message = New-Object System.Net.Http.HttpRequestMessage((New-Object System.Net.Http.HttpMethod($Method)), $Uri)
    foreach ($name in $Headers.Keys) { [void]$message.Headers.TryAddWithoutValidation($name, $Headers[$name]) }
    if ($Body) { $message.Content = New-Object System.Net.Http.StringContent($Body, [System.Text.Encoding]::UTF8, $ContentType) }
    try {
        $response = $client.SendAsync($message).GetAwaiter().GetResult()
        $text = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
    } catch {
        return [pscustomobject]@{ Status = 0; Body = $null; Response = $null; Text = $_.Exception.GetBaseException().Message }
    }
    $parsed = $null
    try { $parsed = $text | ConvertFrom-Json } catch { $parsed = $null }
    return [pscustomobject]@{ Status = [int]$response.StatusCode; Body = $parsed; Response = $response; Text = $text }
}

function Get-ErrorCode($Answer) {
    return [string](Get-Value (Get-Value $Answer.Body 'error') 'code')
}

# Sends to the Web API. A 429 was not carried out and is sent again; else only a GET is.
function Send-Request([string]$Method, [string]$Path, $Body, [switch]$MustExist) {
    $headers = @{ 'Accept' = 'application/json'; 'OData-Version' = '4.0'; 'OData-MaxVersion' = '4.0'; 'If-None-Match' = 'null'; 'Consistency' = 'Strong' }
    if ($script:token) { $headers['Authorization'] = "Bearer $script:token" }
    if ($MustExist) { $headers['If-Match'] = '*' }
    $json = ''
    if ($null -ne $Body) { $json = ConvertTo-Json -InputObject $Body -Depth 20 -Compress }
    for ($attempt = 1; ; $attempt++) {
        $answer = Send-Once $Method "$api/$Path" $json 'application/json' $headers
        $code = Get-ErrorCode $answer
        $pause = 2 * $attempt
        if ($answer.Response -and $answer.Response.Headers.RetryAfter -and $answer.Response.Headers.RetryAfter.Delta) {
            $pause = [int][Math]::Ceiling($answer.Response.Headers.RetryAfter.Delta.TotalSeconds)
        } elseif ($code -eq '0x80071151' -or $code -eq '0x80071154') { $pause = 30 }
        $again = ($answer.Status -eq 429) -or ($code -eq '0x80071151') -or ($code -eq '0x80071154') -or
            ($Method -eq 'GET' -and $attempt -lt 5 -and (0, 502, 503, 504) -contains $answer.Status)
        if (-not $again -or $attempt -ge 20) { return $answer }
        if ($pause -gt 600) { Stop-With 8 "the environment asks to wait $pause s; run again later" }
        Write-Host "waiting $pause s"
        Start-Sleep -Seconds $pause
    }
}

function Assert-Success($Answer, [string]$What) {
    $text = [string](Get-Value (Get-Value $Answer.Body 'error') 'message')
    if ($Answer.Status -ge 200 -and $Answer.Status -lt 300) { return }
    if ($Answer.Status -eq 401) { Stop-With 4 "${What}: the environment does not accept the token" }
    if ($Answer.Status -eq 403) { Stop-With 7 "${What}: the signed-in user lacks a privilege: $text" }
    if ((0, 502, 503, 504) -contains $Answer.Status) { Stop-With 8 "${What}: no answer; run again" }
    Stop-With 1 "${What}: HTTP $($Answer.Status) $(Get-ErrorCode $Answer) $text"
}

function Get-Json([string]$Path, [string]$What) {
    $answer = Send-Request 'GET' $Path $null
    Assert-Success $answer $What
    return $answer.Body
}

# Every write to the environment goes through here.
function Send-Change([string]$Method, [string]$Path, $Body, [switch]$MustExist) {
    $script:changes++
    return Send-Request $Method $Path $Body -MustExist:$MustExist
}

# In a plan: counts the change, says what it is, and is true.
function Test-Plan([string]$What) {
    if (-not $Plan) { return $false }
    $script:changes++
    Write-Host "would $What"
    return $true
}

function ConvertTo-Literal([string]$Text) {
    return [Uri]::EscapeDataString("'" + $Text.Replace("'", "''") + "'")
}

# --- sign-in -------------------------------------------------------------------------------------

# The environment itself names its tenant and authority, in the challenge of a request without a token.
function Find-Tenant {
    $answer = Send-Request 'GET' 'WhoAmI' $null
    if ($answer.Status -eq 0) { Stop-With 1 "no answer from ${org}: $($answer.Text)" }
    $challenge = ''
    if ($answer.Status -eq 401) { $challenge = [string]$answer.Response.Headers.WwwAuthenticate }
    if ($challenge -notmatch 'authorization_uri="?(https?://[^/", ]+)/([^/", ?]+)') { Stop-With 2 "$org does not answer like a Dataverse environment" }
    $authority = $Matches[1]
    $tenant = $Matches[2]
    if ($env:AZURE_AUTHORITY_HOST) {
        $authority = $env:AZURE_AUTHORITY_HOST.TrimEnd('/')
        if ($authority -notmatch '^https?://') { $authority = "https://$authority" }
        if (-not (Test-SafeUrl $authority)) { Stop-With 6 "refusing to sign in at $authority" }
    } else {
        # A secret goes to Microsoft's authorities, or on this machine from a stand-in to itself.
        $known = 'https://login.microsoftonline.com', 'https://login.microsoftonline.us',
            'https://login.partner.microsoftonline.cn', 'https://login.chinacloudapi.cn'
        $local = '^https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?$'
        if ($known -notcontains $authority -and -not ($authority -match $local -and $org -match $local)) {
            Stop-With 6 "refusing to sign in at ${authority}: not an authority of Microsoft"
        }
    }
    if ($env:AZURE_TENANT_ID) { $tenant = $env:AZURE_TENANT_ID }
    if ($tenant -eq 'common') { $tenant = 'organizations' }
    if ($tenant -notmatch '^[A-Za-z0-9.-]+$') { Stop-With 6 'the tenant has no usable name' }
    return "$authority/$tenant/oauth2/v2.0"
}

function Send-Form([string]$Uri, [hashtable]$Fields) {
    $pairs = foreach ($name in $Fields.Keys) { $name + '=' + [Uri]::EscapeDataString($Fields[$name]) }
    return Send-Once 'POST' $Uri ($pairs -join '&') 'application/x-www-form-urlencoded' @{}
}

function Get-Token([string]$Endpoint) {
    if (-not $env:AZURE_CLIENT_ID) { Stop-With 4 'set AZURE_CLIENT_ID to the application that signs in' }
    if (-not $DeviceCode) {
        if (-not $env:AZURE_CLIENT_SECRET) { Stop-With 4 'set AZURE_CLIENT_SECRET, or give -DeviceCode' }
        $answer = Send-Form "$Endpoint/token" @{ grant_type = 'client_credentials'; client_id = $env:AZURE_CLIENT_ID; client_secret = $env:AZURE_CLIENT_SECRET; scope = "$org/.default" }
        return Read-Token $answer
    }
    $answer = Send-Form "$Endpoint/devicecode" @{ client_id = $env:AZURE_CLIENT_ID; scope = "$org/user_impersonation" }
    if ($answer.Status -ne 200) { return Read-Token $answer }
    $code = $answer.Body
    Write-Host "open $($code.verification_uri) and enter the code $($code.user_code)"
    $interval = [int]$code.interval
    $deadline = [DateTime]::UtcNow.AddSeconds([int]$code.expires_in)
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
    $value = [string](Get-Value $Answer.Body 'access_token')
    if ($Answer.Status -eq 200 -and $value) { return $value }
    $text = ([string](Get-Value $Answer.Body 'error_description') -split "`r`n")[0]
    if (@(Get-Value $Answer.Body 'error_codes') -contains 7000229) {
        Stop-With 5 "the application has no service principal in the tenant: an administrator has to consent. $text"
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
    if (@($found.value).Count -eq 0) { return $null }
    return @($found.value)[0]
}

function Test-Requirements {
    [void](Get-Json 'WhoAmI' 'who am I')
    $requires = Get-Value $bundle 'requires'
    $least = Get-Value $requires 'serverVersion'
    if ($least) {
        $server = (Get-Json 'RetrieveVersion()' "ask for the server's version").Version
        if ((ConvertTo-Version $server) -lt (ConvertTo-Version $least)) { Stop-With 7 "the server has version $server; $least or higher is needed" }
    }
    foreach ($needed in @(Get-Value $requires 'solutions')) {
        if ($null -eq $needed) { continue }
        $there = Get-Installed $needed.name
        if ($null -eq $there) { Stop-With 7 "the solution $($needed.name) must be installed first" }
        $least = Get-Value $needed 'version'
        if ($least -and (ConvertTo-Version $there.version) -lt (ConvertTo-Version $least)) { Stop-With 7 "the solution $($needed.name) has version $($there.version); $least or higher is needed" }
    }
}

function Wait-OtherImports {
    $filter = "statecode%20ne%203%20and%20(messagename%20eq%20'ImportSolutionAsync'%20or%20messagename%20eq%20'StageAndUpgradeAsync')"
    for ($patience = 120; $patience -gt 0; $patience--) {
        $running = Get-Json "asyncoperations?`$select=asyncoperationid&`$filter=$filter" 'look for running imports'
        if (@($running.value).Count -eq 0) { return }
        Write-Host 'waiting: an import is running'
        Start-Sleep -Seconds 30
    }
    Stop-With 7 'another import is still running; run again later'
}

function Import-Package($Solution) {
    Wait-OtherImports
    $there = Get-Installed $Solution.name
    $action = 'ImportSolutionAsync'
    $before = 'none'
    if ($null -ne $there) {
        $before = $there.version
        if (-not $there.ismanaged) { Stop-With 7 "$($Solution.name) is installed unmanaged; a managed solution cannot replace it" }
        if ((ConvertTo-Version $before) -gt (ConvertTo-Version $Solution.version)) { Stop-With 7 "$($Solution.name) $before is installed, which is newer than $($Solution.version)" }
        if ((ConvertTo-Version $before) -eq (ConvertTo-Version $Solution.version)) { Write-Host "unchanged: solution $($Solution.name) $before"; return }
        $action = 'StageAndUpgradeAsync'
    }
    if (Test-Plan "import $($Solution.name) $($Solution.version) (installed: $before)") { return }

    $zip = [Convert]::ToBase64String([System.IO.File]::ReadAllBytes((Join-Path $root $Solution.file)))
    $answer = Send-Change 'POST' 'StageSolution' @{ CustomizationFile = $zip }
    Assert-Success $answer 'stage the solution'
    $staged = $answer.Body.StageSolutionResults
    if ($staged.StageSolutionStatus -ne 'Passed') {
        foreach ($finding in @(Get-Value $staged 'SolutionValidationResults')) { Write-Host (Get-Value $finding 'Message') }
        foreach ($missing in @(Get-Value $staged 'MissingDependencies')) { Write-Host "missing: $missing" }
        Stop-With 7 'the environment does not accept the solution'
    }
    $parameters = @()
    foreach ($setting in @($bundle.settings)) {
        $value = Get-SettingText $setting
        if ($null -eq $value) { continue }
        if ($setting.kind -eq 'connectionReference') {
            $parameters += @{ '@odata.type' = 'Microsoft.Dynamics.CRM.connectionreference'; connectionreferencelogicalname = $setting.name; connectorid = (Get-Value $setting 'connector'); connectionid = $value }
        } else {
            $parameters += @{ '@odata.type' = 'Microsoft.Dynamics.CRM.environmentvariablevalue'; schemaname = $setting.name; value = $value }
        }
    }
    $request = @{ PublishWorkflows = $true; OverwriteUnmanagedCustomizations = $false; ComponentParameters = $parameters; SolutionParameters = @{ StageSolutionUploadId = $staged.StageSolutionUploadId } }
    $answer = Send-Change 'POST' $action $request
    # Without an answer the import may have begun: it is never started twice. The next run waits for it.
    if (($answer.Status -eq 0 -or $answer.Status -ge 500) -and -not (Get-ErrorCode $answer)) { Stop-With 8 'no clear answer to the start of the import; run again to see how it ended' }
    Assert-Success $answer 'start the import'
    Write-Host "importing $($Solution.name) $($Solution.version)"
    Wait-Operation $answer.Body.AsyncOperationId
    $result = (Get-Json "RetrieveSolutionImportResult(ImportJobId=$($answer.Body.ImportJobKey))" 'read the result of the import').SolutionOperationResult
    if ($result.Status -ne 'Passed') { Stop-With 1 "the import of $($Solution.name) failed: $(@(Get-Value $result 'ErrorMessages') -join '; ')" }
    $there = Get-Installed $Solution.name
    if ($null -eq $there -or (ConvertTo-Version $there.version) -ne (ConvertTo-Version $Solution.version)) { Stop-With 9 "$($Solution.name) was imported, but another version is installed" }
}

function Wait-Operation([string]$Id) {
    for ($polls = 0; $polls -lt 900; $polls++) {
        $operation = Get-Json "asyncoperations($Id)?`$select=statecode,statuscode,friendlymessage,message" 'watch the import'
        if ($operation.statecode -eq 3) {
            if ($operation.statuscode -ne 30) { Stop-With 1 "the import failed: $(Get-Value $operation 'friendlymessage')" }
            return
        }
        if ($polls -lt 5) { Start-Sleep -Seconds 1 } else { Start-Sleep -Seconds 8 }
    }
    Stop-With 8 'the import is still running; run again to wait for it'
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
    foreach ($setting in @($bundle.settings)) {
        $want = Get-SettingText $setting
        if ($null -eq $want) {
            if ($setting.required) { Write-Host "still to be set by you: $($setting.name)" }
            continue
        }
        if ($setting.kind -ne 'environmentVariable') { continue }
        $name = $setting.name
        $found = @((Get-Json "environmentvariabledefinitions?`$select=environmentvariabledefinitionid&`$filter=schemaname%20eq%20$(ConvertTo-Literal $name)" "look up $name").value)
        if ($found.Count -eq 0) {
            if (Test-Plan "set the environment variable $name") { continue }
            Stop-With 9 "the environment variable $name is not there after the import"
        }
        $definition = $found[0].environmentvariabledefinitionid
        $values = @((Get-Json "environmentvariablevalues?`$select=environmentvariablevalueid,value&`$filter=_environmentvariabledefinitionid_value%20eq%20$definition" "read $name").value)
        if ($values.Count -gt 0 -and $values[0].value -ceq $want) { continue }
        if (Test-Plan "set the environment variable $name") { continue }
        if ($values.Count -gt 0) {
            $answer = Send-Change 'PATCH' "environmentvariablevalues($($values[0].environmentvariablevalueid))" @{ value = $want } -MustExist
        } else {
            $answer = Send-Change 'POST' 'environmentvariablevalues' @{ schemaname = $name; value = $want; 'EnvironmentVariableDefinitionId@odata.bind' = "/environmentvariabledefinitions($definition)" }
        }
        Assert-Success $answer "set $name"
    }
}

# --- application user ----------------------------------------------------------------------------

function Find-User {
    $app = $bundle.application.clientId
    $rows = (Get-Json "systemusers?`$select=systemuserid,isdisabled,deletedstate,_businessunitid_value&`$filter=applicationid%20eq%20$app" 'look up the application user').value
    $active = @($rows | Where-Object { $_ -and -not (Get-Value $_ 'deletedstate') })
    if ($active.Count -gt 1) { Stop-With 7 "there is more than one active user of the application $app" }
    if ($active.Count -eq 0) { return $null }
    return $active[0]
}

function Find-BusinessUnit {
    $wanted = $applicationUser.businessUnit
    if ($wanted -is [string]) { $filter = 'parentbusinessunitid%20eq%20null' }
    elseif (Get-Value $wanted 'id') { $filter = "businessunitid%20eq%20$($wanted.id)" }
    else { $filter = "name%20eq%20$(ConvertTo-Literal $wanted.name)" }
    $units = @((Get-Json "businessunits?`$select=businessunitid&`$filter=$filter" 'look up the business unit').value)
    if ($units.Count -ne 1) { Stop-With 7 'the business unit is not there, or there are several of its name' }
    return $units[0].businessunitid
}

# A service principal that was just created may not be known to Dataverse yet: five tries, ever longer apart.
function New-User([string]$Unit) {
    $body = @{ applicationid = $bundle.application.clientId; accessmode = 4; 'businessunitid@odata.bind' = "/businessunits($Unit)" }
    for ($try = 1; ; $try++) {
        $answer = Send-Change 'POST' 'systemusers' $body
        $code = Get-ErrorCode $answer
        if ($code -eq '0x8004F510') {
            if ($try -ge 5) { Stop-With 5 'the application has no service principal in the tenant: an administrator has to consent (see INSTALL.html)' }
            Start-Sleep -Seconds (5 * $try)
            continue
        }
        # Someone else was faster, or the answer was lost: what counts is whether the user is there now.
        $unclear = ($code -eq '0x8004F511') -or ($code -eq '0x80040237') -or ((0, 500, 502, 503, 504) -contains $answer.Status)
        if (-not $unclear) { Assert-Success $answer 'create the application user' }
        $user = Find-User
        if ($null -eq $user) { Stop-With 8 'it is not clear whether the user was created; run again' }
        return $user
    }
}

function Test-Role($User, [string]$Copy) {
    $assigned = @((Get-Json "systemusers($($User.systemuserid))/systemuserroles_association?`$select=roleid" "read the user's roles").value)
    foreach ($role in $assigned) { if ($role.roleid -eq $Copy) { return $true } }
    return $false
}

# A role has a copy in every business unit; the one in the user's own unit is assigned.
function Set-Role($User, [string]$Root) {
    $unit = $User._businessunitid_value
    $copies = @((Get-Json "roles?`$select=roleid,name&`$filter=_parentrootroleid_value%20eq%20$Root%20and%20_businessunitid_value%20eq%20$unit" 'look up the role').value)
    if ($copies.Count -eq 0) {
        if (Test-Plan "assign the role $Root") { return }
        Stop-With 9 "the role $Root is not in the user's business unit after the import"
    }
    $copy = $copies[0].roleid
    if (Test-Role $User $copy) { return }
    if (Test-Plan "assign the role $Root") { return }
    $answer = Send-Change 'POST' "systemusers($($User.systemuserid))/systemuserroles_association/`$ref" @{ '@odata.id' = "$api/roles($copy)" }
    if ((Get-ErrorCode $answer) -ne '0x80040237' -and $answer.Status -ne 0) { Assert-Success $answer 'assign the role' }
    if (-not (Test-Role $User $copy)) { Stop-With 9 "the role $Root was assigned but is not there" }
}

function Set-ApplicationUser {
    $user = Find-User
    if ($null -eq $user) {
        $unit = Find-BusinessUnit
        if (Test-Plan "create the application user $($bundle.application.clientId) with its roles") { return }
        $user = New-User $unit
    } elseif ($user.isdisabled) {
        if (-not (Test-Plan 'enable the application user')) {
            $answer = Send-Change 'PATCH' "systemusers($($user.systemuserid))" @{ isdisabled = $false } -MustExist
            Assert-Success $answer 'enable the application user'
        }
    }
    foreach ($role in @($applicationUser.roles)) { Set-Role $user $role }
}

# The user must really hold every privilege of its roles; more than that it always has.
function Test-Privileges($User) {
    $held = @((Get-Json "systemusers($($User.systemuserid))/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()" "read the user's privileges").RolePrivileges)
    $names = @($held | ForEach-Object { Get-Value $_ 'PrivilegeName' } | Where-Object { $_ })
    # Older servers give ids only; then the assignment, read back above, is the proof.
    if ($names.Count -eq 0) { return }
    foreach ($role in @($bundle.roles)) {
        if (@($applicationUser.roles) -notcontains $role.id) { continue }
        foreach ($privilege in @($role.privileges)) {
            if ($names -notcontains $privilege.name) { Stop-With 9 "the application user lacks $($privilege.name)" }
        }
    }
}

# --- what is done, in order ----------------------------------------------------------------------

if (-not (Test-SafeUrl $Url)) { Stop-With 2 'the URL must be the https:// address of an environment' }
$org = ([Uri]$Url).GetLeftPart([UriPartial]::Authority)
$api = "$org/api/data/v9.2"
$root = Split-Path -Parent (Split-Path -Parent $MyInvocation.MyCommand.Path)
$script:token = ''
$script:changes = 0

Test-Bundle
$bundle = [System.IO.File]::ReadAllText((Join-Path $root 'bundle.json')) | ConvertFrom-Json
if ($bundle.format -ne 1) { Stop-With 3 'bundle.json is not of format 1' }
$applicationUser = Get-Value $bundle 'applicationUser'
Test-Policy

Add-Type -AssemblyName System.Net.Http
[System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
$handler = New-Object System.Net.Http.HttpClientHandler
$handler.AllowAutoRedirect = $false
$client = New-Object System.Net.Http.HttpClient($handler)
$client.Timeout = [TimeSpan]::FromMinutes(30)

$endpoint = Find-Tenant
$script:token = Get-Token $endpoint
Test-Requirements
foreach ($solution in @($bundle.solutions)) { Import-Package $solution }
Set-Settings
if ($applicationUser) { Set-ApplicationUser }

if ($Plan) {
    if ($script:changes -gt 0) { exit 10 }
    Write-Host 'nothing to do'
    exit 0
}
if ($applicationUser) {
    $user = Find-User
    if ($null -eq $user -or $user.isdisabled) { Stop-With 9 'the application user is missing or disabled' }
    Test-Privileges $user
}
if ($script:changes -eq 0) { Write-Host 'nothing to do: no write was made' } else { Write-Host "done: $($script:changes) writes" }
exit 0
