# kms-collect.ps1 - collects what kmscope needs to diagnose KMS volume activation.
# Windows PowerShell 2.0 or later, any display language, KMS client or KMS host.
# It only reads: it never activates, never sets a key, name or option, and sends nothing.
# All that it writes is one folder beside itself, kms-collect-COMPUTER-DATE, and a zip of it.
#   powershell -NoProfile -ExecutionPolicy Bypass -File kms-collect.ps1 [switches]
#
#   -All          take everything without asking
#   -NoPersonal   ask nothing, take none of what would be asked for
#   -Redact       replace computer, user and domain names by stand-ins
#   -Out FOLDER   write there instead of beside the script
# Without a switch it asks before it takes personal data; no answer means no.
param([switch]$All, [switch]$NoPersonal, [switch]$Redact, [string]$Out)

if ($All -and $NoPersonal) { Write-Host '-All and -NoPersonal exclude each other.'; exit 2 }
# Without this, upper and lower case of names would follow Turkish rules on Turkish machines.
[Threading.Thread]::CurrentThread.CurrentCulture = [Globalization.CultureInfo]::InvariantCulture
$ProgressPreference = 'SilentlyContinue'

# A relative -Out counts from PowerShell's current folder, which .NET does not know.
if ($Out) { $Out = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Out) }
else { $Out = Split-Path -Parent $MyInvocation.MyCommand.Path }
$Out = $Out.TrimEnd('\')
$system = "$env:SystemRoot\System32"
$cmd = "$system\cmd.exe"
# A 32-bit PowerShell would see the 32-bit registry and system folder; commands run in the 64-bit shell.
$native = "$env:SystemRoot\Sysnative\cmd.exe"
if ($env:PROCESSOR_ARCHITEW6432 -and (Test-Path -LiteralPath $native)) { $cmd = $native }
$utf8 = New-Object Text.UTF8Encoding($false)
# Console programs write in the machine's OEM code page when their output goes to a file.
try { $oem = [Text.Encoding]::GetEncoding([int](Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage').OEMCP) }
catch { $oem = [Console]::OutputEncoding }
$script:entries = @()    # the manifest: file, exit code, command
$script:remarks = @()    # what was left out, and why
$script:text = @{}       # file name -> its lines, for what later steps look up

# ---- helpers ------------------------------------------------------------------------------------
function Add-Remark([string]$words) { $script:remarks += $words }
# True for a yes. Without a console (remoting, a scheduled task) it is no.
function Confirm-Taking([string]$question) {
    if ($All) { return $true }
    if ($NoPersonal -or -not [Environment]::UserInteractive) { return $false }
    try { return ((Read-Host "$question [y/N]") -match '^\s*y') } catch { return $false }
}
# A file that begins with the command line, so that a reader knows what printed the rest, and a blank
# line, so that it does not take a long command for a line that the console cut.
function Save-Output([string]$file, [string]$command, $lines, $code) {
    Write-Host "  $file"
    $script:text[$file] = @($lines)
    $whole = ("C:\>$command", '' + @($lines) -join "`r`n").TrimEnd()
    [IO.File]::WriteAllText("$folder\${who}_$file", "$whole`r`n", $utf8)
    $script:entries += , @($file, $code, $command)
}
# Runs a command line through cmd with a time limit. Returns its lines; the exit code is in $script:code.
# The output takes the way through a file: that keeps its bytes, and no pipe can fill up and block.
function Invoke-Line([string]$command, [int]$seconds = 60) {
    $raw = "$folder\raw.tmp"
    $start = New-Object Diagnostics.ProcessStartInfo($cmd, ('/d /s /c "( ' + $command + ' ) >"%KC_RAW%" 2>&1 <nul"'))
    $start.EnvironmentVariables['KC_RAW'] = $raw
    $start.EnvironmentVariables['PATH'] = "$system;$system\Wbem"
    $start.EnvironmentVariables['NoDefaultCurrentDirectoryInExePath'] = '1'
    $start.UseShellExecute = $false; $start.CreateNoWindow = $true
    $late = @()
    $process = [Diagnostics.Process]::Start($start)
    if ($process.WaitForExit($seconds * 1000)) { $script:code = $process.ExitCode } else {
        # The shell that was started above, with the program in it.
        & "$system\taskkill.exe" /pid $process.Id /t /f 2>&1 | Out-Null
        [void]$process.WaitForExit(5000)
        $script:code = 'stopped'
        $late = @("(stopped after $seconds seconds)")
    }
    $bytes = @()
    try { $bytes = [IO.File]::ReadAllBytes($raw); [IO.File]::Delete($raw) } catch { $script:code = 'unreadable' }
    if ($bytes.Length -eq 0) { return $late }
    # wevtutil and cscript are asked for UTF-16, which shows in zero bytes; no code page has them.
    $encoding = $oem
    if ([Array]::IndexOf($bytes, [byte]0) -ge 0) { $encoding = [Text.Encoding]::Unicode }
    return @($encoding.GetString($bytes).Trim([char]0xFEFF) -split "\r*\n") + $late
}
# The usual case: the command's output is the file. $taken chooses lines, $shown is the command as told.
function Save-Command([string]$file, [string]$command, [int]$seconds = 60, [scriptblock]$taken, [string]$shown) {
    $lines = @(Invoke-Line $command $seconds)
    $code = $script:code
    if ($taken) { $lines = @(& $taken $lines) }
    if (-not $shown) { $shown = $command }
    Save-Output $file $shown $lines $code
}
# A command that makes a file of its own; the command is told without the folder's path.
function Save-Made([string]$file, [string]$before, [string]$after) {
    Write-Host "  $file"
    [void](Invoke-Line ("$before `"$folder\${who}_$file`" $after") 300)
    $script:entries += , @($file, $script:code, "$before $file $after")
}
# The blocks of a listing that match: a heading, a line of dashes, lines of values. The words of such
# listings are in the display language, the dashes are not.
function Select-Block($lines, [string]$pattern) {
    $heads = @(for ($i = 1; $i -lt $lines.Count; $i++) { if ($lines[$i] -match '^\s*-{10,}\s*$') { $i - 1 } })
    for ($h = 0; $h -lt $heads.Count; $h++) {
        $end = $lines.Count - 1
        if ($h + 1 -lt $heads.Count) { $end = $heads[$h + 1] - 1 }
        $block = @($lines[$heads[$h]..$end])
        if (($block -join "`n") -match $pattern) { $block }
    }
}
# Values of the registry as "reg query" printed them.
function Get-Printed([string[]]$files, [string]$name) {
    foreach ($line in @($files | ForEach-Object { $script:text[$_] })) {
        if ($line -match ('^\s*' + $name + '\s+REG_SZ\s+(\S.*)$')) { $matches[1].Trim() }
    }
}

# ---- the folder ---------------------------------------------------------------------------------
$who = $env:COMPUTERNAME
if ($Redact) { $who = 'HOST-1' }
$stamp = [DateTime]::Now.ToString('yyyyMMdd-HHmmss')
$name = "kms-collect-$who-$stamp"
$folder = "$Out\$name"
try { [void][IO.Directory]::CreateDirectory($folder) } catch {
    Write-Host "Can't write to $Out, the temporary folder is used instead."
    $folder = "$env:TEMP\$name"
    [void][IO.Directory]::CreateDirectory($folder)
}
if (-not [IO.Directory]::Exists($folder)) { Write-Host 'No folder could be made. Nothing was collected.'; exit 2 }
Write-Host "Collecting into $folder"
$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$elevated = (New-Object Security.Principal.WindowsPrincipal($identity)).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
if (-not $elevated) { Write-Host 'Not started as administrator: some parts will be left out, the manifest says which.' }

# ---- questions, all at the start so that the rest can run alone ---------------------------------
$wantIpconfig = Confirm-Taking 'Take the full ipconfig, with MAC addresses and all adapters? If not: its DNS lines only.'
$wantWhoami = -not $Redact
if ($wantWhoami) { $wantWhoami = Confirm-Taking 'Take the user name (whoami)? If not: only whether this is an administrator.' }
# The log exists on every Windows; only a KMS host has records in it.
$noKmsLog = (Invoke-Line 'wevtutil gli "Key Management Service"') -match '^numberOfLogRecords:\s*0\s*$'
$wantClients = $false
if (-not $noKmsLog -and -not $Redact) {
    $wantClients = Confirm-Taking 'Take the Key Management Service log with the names of client computers? If not: stand-ins for them.'
}
$trace = Confirm-Taking 'Trace the way to the KMS host, up to half a minute for each (tracert)?'

# ---- the machine --------------------------------------------------------------------------------
# First the service, as it is before anything here wakes it: slmgr starts it.
Save-Command '10-sc-query-sppsvc.txt' 'sc query sppsvc'
Save-Command '11-sc-qc-sppsvc.txt' 'sc qc sppsvc'
Save-Command '12-hostname.txt' 'hostname'
Save-Command '13-ver.txt' 'ver'
Save-Command '14-whoami-integrity.txt' 'whoami /groups | findstr "S-1-16-"'
if ($wantWhoami) { Save-Command '15-whoami.txt' 'whoami' } else { Add-Remark 'user name: not taken' }
# Get-WmiObject went with PowerShell 6, Get-CimInstance came with 3.
$wmi = 'Get-WmiObject'
if (-not (Get-Command $wmi -ErrorAction SilentlyContinue)) { $wmi = 'Get-CimInstance' }
function Get-Wmi([string]$class) { try { @(& $wmi $class -ErrorAction Stop)[0] } catch { } }
function Save-Wmi([string]$file, [string]$class, [string[]]$properties) {
    $object = Get-Wmi $class
    $lines = @('') + @(foreach ($property in $properties) { '{0,-22} : {1}' -f $property, $object.$property })
    if ($object) { Save-Output $file "$wmi $class" $lines 0 }
}
Save-Wmi '16-computersystem.txt' 'Win32_ComputerSystem' ('Name', 'Domain', 'PartOfDomain', 'Manufacturer', 'Model')
Save-Wmi '17-operatingsystem.txt' 'Win32_OperatingSystem' ('Caption', 'Version', 'BuildNumber', 'OSLanguage')
# DISM would write its log into the Windows folder.
if ($elevated) {
    $dism = 'dism /English /Online /Get-CurrentEdition'
    Save-Command '18-dism-edition.txt' "$dism /LogLevel:1 /LogPath:`"$folder\dism.tmp`"" 120 $null $dism
} else { Add-Remark 'edition by DISM: not taken, admin rights needed' }

# ---- registry -----------------------------------------------------------------------------------
# Of the product only these values: the key also holds the owner's name and the encoded product key.
# BackupProductKeyDefault below SoftwareProtectionPlatform is a whole key, on a KMS host the site's own.
$nt = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$tcpip = 'HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters'
$product = 'CurrentVersion$ ProductName EditionID CurrentBuild UBR DisplayVersion ReleaseId InstallationType'
Save-Command '20-reg-product.txt' "reg query `"HKLM\$nt`" | findstr /r `"$product`""
Save-Command '21-reg-spp.txt' "reg query `"HKLM\$nt\SoftwareProtectionPlatform`" /s | findstr /v /i `"BackupProductKey`""
Save-Command '22-reg-spp-policy.txt' 'reg query "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform" /s'
if ($elevated) { Save-Command '23-reg-spp-cached.txt' "reg query `"HKU\S-1-5-20\$nt\SoftwareProtectionPlatform`" /s" }
else { Add-Remark 'cached KMS host in the registry: not taken, admin rights needed' }
Save-Command '24-reg-office-spp.txt' 'reg query "HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform" /s'
Save-Command '25-reg-office-spp-wow.txt' 'reg query "HKLM\SOFTWARE\Wow6432Node\Microsoft\OfficeSoftwareProtectionPlatform" /s'
Save-Command '26-reg-tcpip.txt' "reg query `"$tcpip`""
Save-Command '27-reg-interface-domains.txt' "reg query `"$tcpip\Interfaces`" /s | findstr `"HKEY_ Domain`""
Save-Command '28-reg-dnscache.txt' 'reg query "HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters"'
Save-Command '29-reg-dnsclient-policy.txt' 'reg query "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient" /s'

# ---- what the resolver remembers, before the look-ups below change it ---------------------------
Save-Command '30-ipconfig-displaydns.txt' 'ipconfig /displaydns' 60 { Select-Block $args[0] '_vlmcs' } 'ipconfig /displaydns | findstr "_vlmcs"'
if ($wantIpconfig) { Save-Command '31-ipconfig-all.txt' 'ipconfig /all' } else {
    Add-Remark 'full ipconfig: not taken, DNS lines only'
    # Lines about DNS, and lines without a dotted label that continue them.
    $dnsLines = {
        $keep = $false
        $args[0] | Where-Object { $keep = $_ -match 'DNS' -or ($keep -and $_ -match '\S' -and $_ -notmatch ' \. '); $keep }
    }
    Save-Command '31-ipconfig-dns.txt' 'ipconfig /all' 60 $dnsLines 'ipconfig /all | findstr "DNS"'
}

# ---- event logs, before slmgr adds to them ------------------------------------------------------
# By provider: the ids 12288-12310, 8193-8229, 900-903, 1003-1066 and 16384-16394 are all of these
# providers, while Volume Shadow Copy uses 12288 and 8193, too. 30 days, in milliseconds.
$query = '"/q:*[System[Provider[@Name=''Microsoft-Windows-Security-SPP'' or @Name=''Microsoft-Windows-Security-Licensing-SLC''' +
    ' or @Name=''Office Software Protection Platform Service''] and TimeCreated[timediff(@SystemTime) <= 2592000000]]]"'
Save-Command '40-events-application.xml' "wevtutil qe Application $query /f:xml /rd:true /c:2000 /uni:true" 300
if ($Redact) { Add-Remark 'event logs as .evtx: left out, they can''t be redacted; the XML stands in' }
else { Save-Made '41-events-application.evtx' 'wevtutil epl Application' $query }
if ($noKmsLog) { Add-Remark 'Key Management Service log: no records' }
elseif ($wantClients) { Save-Made '42-events-kms.evtx' 'wevtutil epl "Key Management Service"' '' }
else {
    # The third field of a request (12290) is the client's name.
    $clients = @{}
    $evaluator = {
        param($m)
        if (-not $clients[$m.Value]) { $clients[$m.Value] = 'CLIENT-' + ($clients.Count + 1) }
        $clients[$m.Value]
    }
    $nameless = { foreach ($line in $args[0]) { [regex]::Replace($line, '(?<=<Data>0x[0-9A-Fa-f]+,\s*\d+,\s*)[^,<\s][^,<]*', $evaluator) } }
    # A redacted collection gets its stand-ins at the end, the same in all files.
    if ($Redact) { $nameless = $null } else { Add-Remark 'names of clients in the Key Management Service log: replaced by CLIENT-1, CLIENT-2 and so on' }
    Save-Command '42-events-kms.xml' 'wevtutil qe "Key Management Service" /f:xml /rd:true /c:20000 /uni:true' 300 $nameless
}

# ---- licences -----------------------------------------------------------------------------------
# //U: UTF-16, since the script host's own choice of code page varies.
$slmgr = "cscript //nologo //U `"$system\slmgr.vbs`""
Save-Command '50-slmgr-dlv-all.txt' "$slmgr /dlv all" 300
Save-Command '51-slmgr-dlv.txt' "$slmgr /dlv" 120
Save-Command '52-slmgr-dli.txt' "$slmgr /dli" 120
Save-Command '53-slmgr-xpr.txt' "$slmgr /xpr" 120
$found = 0
foreach ($root in @($env:ProgramFiles, ${env:ProgramFiles(x86)}, $env:ProgramW6432 | Where-Object { $_ } | Sort-Object -Unique)) {
    foreach ($ospp in 14, 15, 16 | ForEach-Object { "$root\Microsoft Office\Office$_\ospp.vbs" } | Where-Object { Test-Path -LiteralPath $_ }) {
        $found++
        Save-Command "54-ospp-dstatusall-$found.txt" "cscript //nologo //U `"$ospp`" /dstatusall" 300
    }
}
# The texts of slmgr in the display languages: kmscope reads the output above with them.
foreach ($language in @(Get-ChildItem "$system\slmgr" -ErrorAction SilentlyContinue | ForEach-Object { $_.Name })) {
    $ini = "$system\slmgr\$language\slmgr.ini"
    if (-not (Test-Path -LiteralPath $ini)) { continue }
    try { [IO.File]::Copy($ini, "$folder\${who}_55-slmgr-$language.ini"); $script:code = 0 } catch { $script:code = 1 }
    $script:entries += , @("55-slmgr-$language.ini", $script:code, "copy $ini")
}

# ---- names: which domains are searched, which KMS hosts are known -------------------------------
# DHCP and DNS servers can put anything into these values: only plain names go into a command line.
$plainName = '^[\w][\w.-]*$'
$keys = '21-reg-spp.txt', '22-reg-spp-policy.txt', '26-reg-tcpip.txt', '27-reg-interface-domains.txt', '29-reg-dnsclient-policy.txt'
$names = 'Domain', 'NV Domain', 'DhcpDomain', 'SearchList', 'PrimaryDnsSuffix', 'NV PrimaryDnsSuffix', 'KeyManagementServiceLookupDomain'
$domains = @()
foreach ($domain in @(foreach ($value in $names) { Get-Printed $keys $value }) -split '[,\s]+') {
    if ($domain -match $plainName -and $domains -notcontains $domain.Trim('.')) { $domains += $domain.Trim('.') }
}
$hosts = @()
function Add-KmsHost([string]$target, [string]$port) {
    if ($port -notmatch '^\d{1,5}$') { $port = '1688' }
    # At most four: each may cost a minute when it is silent.
    $pair = "${target}:$port"
    if ($target -match $plainName -and $hosts -notcontains $pair -and $hosts.Count -lt 4) { $script:hosts += $pair }
}
if (-not $domains) { Save-Command '60-nslookup-srv.txt' 'nslookup -type=srv -timeout=3 -retry=1 _vlmcs._tcp' }
$number = 0
foreach ($domain in $domains) {
    $number++
    # The final dot keeps nslookup from appending suffixes of its own.
    Save-Command "60-nslookup-srv-$number.txt" "nslookup -type=srv -timeout=3 -retry=1 _vlmcs._tcp.$domain."
    $port = '1688'
    foreach ($line in $script:text["60-nslookup-srv-$number.txt"]) {
        if ($line -match '^\s*port\s+= (\d+)') { $port = $matches[1] }
        if ($line -match '^\s*svr hostname\s+= (\S+)') { Add-KmsHost $matches[1] $port }
    }
}
foreach ($file in '21-reg-spp.txt', '22-reg-spp-policy.txt', '23-reg-spp-cached.txt', '24-reg-office-spp.txt', '25-reg-office-spp-wow.txt') {
    $port = @(Get-Printed $file '(?:Discovered)?KeyManagementServicePort')[0]
    foreach ($target in @(Get-Printed $file '(?:Discovered)?KeyManagementServiceName')) { Add-KmsHost $target $port }
}

# ---- the way to the KMS host --------------------------------------------------------------------
# Before Windows 8.1 the same test by hand, told in the words of Test-NetConnection.
function Test-Port([string]$target, [int]$port) {
    if (Get-Command Test-NetConnection -ErrorAction SilentlyContinue) {
        # As a string, because PowerShell 2.0 can't parse the redirection of warnings.
        foreach ($told in @(Invoke-Expression 'Test-NetConnection $target -Port $port 3>&1')) {
            if ($told -is [Management.Automation.WarningRecord]) { "WARNING: $told" }
            else { ($told | Out-String -Width 200) -split "\r?\n" }
        }
        return
    }
    $open = $false; $address = ''; $source = ''; $addresses = @()
    try { $addresses = @([Net.Dns]::GetHostAddresses($target)) } catch { "WARNING: Name resolution of $target failed" }
    foreach ($one in $addresses) {
        if ($open) { break }
        $address = $one.ToString()
        $client = New-Object Net.Sockets.TcpClient($one.AddressFamily)
        try {
            $pending = $client.BeginConnect($one, $port, $null, $null)
            if ($pending.AsyncWaitHandle.WaitOne(5000, $false)) { $client.EndConnect($pending); $open = $true }
            if ($open) { $source = $client.Client.LocalEndPoint.Address.ToString() }
        } catch { }
        $client.Close()
        if (-not $open) { "WARNING: TCP connect to ($address : $port) failed" }
    }
    '', "ComputerName     : $target", "RemoteAddress    : $address", "RemotePort       : $port"
    'InterfaceAlias   : ', "SourceAddress    : $source", "TcpTestSucceeded : $open"
}

if (-not $hosts) { Add-Remark 'connection tests: no KMS host is set, cached or found in DNS' }
$number = 0
foreach ($pair in $hosts) {
    $number++
    $target, $port = $pair -split ':'
    # A name with dots is whole; a number is an address.
    if ($target -match '\.' -and $target -match '[^\d.]') { $dotted = "$target." } else { $dotted = $target }
    Save-Command "70-nslookup-host-$number.txt" "nslookup -timeout=3 -retry=1 $dotted"
    Save-Output "71-connect-host-$number.txt" "Test-NetConnection $target -Port $port" (Test-Port $target $port) 0
    Save-Command "72-ping-host-$number.txt" "ping -n 2 $target"
    if ($trace) { Save-Command "73-tracert-host-$number.txt" "tracert -d -h 12 -w 500 $target" }
}

# ---- port, firewall, clock, Azure ---------------------------------------------------------------
Save-Command '80-netstat-1688.txt' 'netstat -ano | findstr /c:":1688 "'
# Names of rules are localized, the port is not.
Save-Command '81-netsh-rules-1688.txt' 'netsh advfirewall firewall show rule name=all' 120 { Select-Block $args[0] '1688|Key Management' } 'netsh advfirewall firewall show rule name=all | findstr "1688"'
Save-Command '82-netsh-profiles.txt' 'netsh advfirewall show allprofiles state'
Save-Command '83-w32tm-status.txt' 'w32tm /query /status'
$member = @(Get-Printed '26-reg-tcpip.txt' 'Domain')[0]
if ($member -match $plainName) { Save-Command '84-w32tm-stripchart.txt' "w32tm /stripchart /computer:$member /samples:3 /dataonly" }
else { Add-Remark 'clock of the domain: not compared, no domain' }

# Instance metadata, only where the asset tag that all Azure machines have says so. Single values are
# asked for, because the whole document also holds the administrator's name, tags and user data.
$metadata = 'http://169.254.169.254/metadata/instance'
function Read-Metadata([string]$value) {
    $request = [Net.WebRequest]::Create("$metadata/${value}api-version=2021-02-01")
    $request.Headers.Add('Metadata', 'true')
    $request.Proxy = $null; $request.Timeout = 2000
    $answer = $request.GetResponse()
    try { return (New-Object IO.StreamReader($answer.GetResponseStream())).ReadToEnd() } finally { $answer.Close() }
}
if ((Get-Wmi 'Win32_SystemEnclosure').SMBIOSAssetTag -eq '7783-7084-3265-9085-8269-3286-77') {
    $code = 0
    try {
        $compute = @(foreach ($value in 'azEnvironment', 'location', 'name', 'offer', 'publisher', 'sku', 'osType', 'vmSize') {
            '    "{0}": "{1}"' -f $value, ((Read-Metadata "compute/${value}?format=text&") -replace '[\\"\x00-\x1f]', '')
        })
        $lines = '{', '  "compute": {', ($compute -join ",`r`n"), '  },', ('  "network": ' + (Read-Metadata 'network?')), '}'
    } catch {
        # The words of a .NET error are localized, its status is not.
        $failure = $_.Exception.GetBaseException()
        $lines = "The request to 169.254.169.254 failed with $($failure.Status): $($failure.Message)"
        $code = 1
    }
    Save-Output '90-azure-metadata.txt' "curl -H Metadata:true `"$metadata`?api-version=2021-02-01`"" $lines $code
}

# ---- redaction ----------------------------------------------------------------------------------
# A name gets the same stand-in in every file. Kept: Microsoft's names, words of Windows' own output,
# ids, ends of keys, codes, addresses.
$map = @{}; $seen = @{ Host = 0; Domain = 0 }
$ordinary = 'administrator admin user system kms server client host windows office dns name domain workgroup local default test address' -split ' '
$microsoft = '(^|\.)(windows\.net|microsoft\.com|windows\.com|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de)$'
function Add-StandIn([string]$key, [string]$standIn) {
    if ($map.ContainsKey($key) -or $ordinary -contains $key -or $key -match '^[\d.]*$') { return $false }
    $map[$key] = $standIn
    return $true
}
function Add-DomainName([string]$domain) {
    $domain = $domain.Trim(' .'.ToCharArray())
    if ($domain -notmatch '\.' -or $domain -match $microsoft -or $map.ContainsKey($domain)) { return }
    $first, $rest = $domain -split '\.', 2
    $parent = $map[$rest]
    if (-not $parent) { $parent = 'example' }
    $seen.Domain++
    $standIn = 'DOMAIN-' + $seen.Domain
    if (Add-StandIn $domain "$standIn.$parent") { [void](Add-StandIn $first $standIn) }
}
function Add-MachineName([string]$machine) {
    $machine = ($machine -replace ':\d+$', '').Trim(' .\'.ToCharArray())
    if ($machine -match $microsoft -or $machine -match '[\s<>/]') { return }
    $label, $domain = $machine -split '\.', 2
    if ($domain -and $machine -notmatch '^[\d.]+$') { Add-DomainName $domain }
    if (Add-StandIn $label ('HOST-' + ($seen.Host + 1))) { $seen.Host++ }
}
function Protect-Files {
    Add-MachineName $env:COMPUTERNAME
    @($domains) + $env:USERDNSDOMAIN | Where-Object { $_ } | Sort-Object Length | ForEach-Object { Add-DomainName $_ }
    @($hosts) + $env:LOGONSERVER | Where-Object { $_ } | ForEach-Object { Add-MachineName $_ }
    if ($env:USERDOMAIN -and (Add-StandIn $env:USERDOMAIN ('DOMAIN-' + ($seen.Domain + 1)))) { $seen.Domain++ }
    if ($env:USERNAME) { [void](Add-StandIn $env:USERNAME.Trim('$') 'USER-1') }
    $texts = @{}
    foreach ($path in @([IO.Directory]::GetFiles($folder) -match '\.(txt|xml)$')) {
        $texts[$path] = [IO.File]::ReadAllText($path, $utf8)
        # The names in events: whose record it is, who asked (12290), who was asked (12288).
        foreach ($m in [regex]::Matches($texts[$path], '<Computer>([^<]+)<|<Data>0x[0-9A-Fa-f]+,\s*(?:\d+|0x[0-9A-Fa-f]+),\s*([^,<]+)')) {
            Add-MachineName ($m.Groups[1].Value + $m.Groups[2].Value)
        }
    }
    # Every other machine whose name ends in a known domain.
    $ends = @($map.Keys | Where-Object { $_ -match '\.' } | ForEach-Object { [regex]::Escape($_) }) -join '|'
    $member = '(?i)(?<![\w.-])[^\W_][\w-]*(?:\.[\w-]+)*?\.(?:' + $ends + ')(?![\w-])'
    foreach ($whole in @($texts.Values | Where-Object { $ends })) {
        foreach ($m in [regex]::Matches($whole, $member)) { if (-not $map.ContainsKey($m.Value)) { Add-MachineName $m.Value } }
    }
    $longestFirst = @(@($map.Keys) | Sort-Object Length -Descending | ForEach-Object { [regex]::Escape($_) })
    $any = '(?i)(?<![\p{L}\p{N}-])(?:' + ($longestFirst -join '|') + ')(?![\p{L}\p{N}-])'
    $evaluator = { param($m) $map[$m.Value] }
    foreach ($path in @($texts.Keys)) {
        $whole = [regex]::Replace($texts[$path], $any, $evaluator)
        $whole = [regex]::Replace($whole, '(?<![\w-])(?:[0-9A-Fa-f]{2}-){5,}[0-9A-Fa-f]{2}(?![\w-])', '00-00-00-00-00-00')
        [IO.File]::WriteAllText($path, $whole, $utf8)
    }
    # The manifest tells the commands, which hold names, too.
    foreach ($entry in $script:entries) { $entry[2] = [regex]::Replace($entry[2], $any, $evaluator) }
}
foreach ($left in 'raw.tmp', 'dism.tmp') { [IO.File]::Delete("$folder\$left") }
$ErrorActionPreference = 'Stop'
try { if ($Redact) { Protect-Files } }
catch { Write-Host "Redaction failed, so no zip was made. The folder still holds real names: $folder ($_)"; exit 1 }

# ---- manifest, zip ------------------------------------------------------------------------------
$sha256 = [Security.Cryptography.SHA256]::Create()
if ($elevated) { $rights = 'administrator' } else { $rights = 'standard user' }
$manifest = @("kms-collect.ps1 1, $stamp", "# rights: $rights") + @($script:remarks | ForEach-Object { "# $_" }) + '# file, exit code, SHA-256, command'
foreach ($entry in $script:entries) {
    $path = "$folder\${who}_$($entry[0])"
    if (-not [IO.File]::Exists($path)) { $sum = '-' } else { $sum = [BitConverter]::ToString($sha256.ComputeHash([IO.File]::ReadAllBytes($path))) -replace '-', '' }
    $manifest += "${who}_$($entry[0]), $($entry[1]), $sum, $($entry[2])"
}
[IO.File]::WriteAllText("$folder\${who}_00-manifest.txt", ($manifest -join "`r`n") + "`r`n", $utf8)
$zip = "$folder.zip"; $zipped = $false
try {
    Add-Type -AssemblyName System.IO.Compression.FileSystem -ErrorAction Stop
    [IO.Compression.ZipFile]::CreateFromDirectory($folder, $zip, 'Optimal', $true)
    $zipped = $true
} catch {
    # Before .NET 4.5: Explorer's zip folders, which copy in the background.
    try {
        [IO.File]::WriteAllBytes($zip, [byte[]](@(0x50, 0x4B, 5, 6) + @(0) * 18))
        $archive = (New-Object -ComObject Shell.Application).NameSpace([string]$zip)
        $archive.CopyHere($folder, 1044)
        for ($i = 0; $i -lt 120 -and -not $zipped; $i++) {
            Start-Sleep -Milliseconds 500
            $inside = @($archive.Items())[0]
            $zipped = $inside -and @($inside.GetFolder.Items()).Count -ge [IO.Directory]::GetFiles($folder).Length
        }
        # The last file is still being written when it is listed.
        if ($zipped) { Start-Sleep -Seconds 2 } else { [IO.File]::Delete($zip) }
    } catch { [IO.File]::Delete($zip) }
}
Write-Host ''
if ($zipped) { Write-Host "Done. Look into the folder, then send the file of the same name: $zip" }
else { Write-Host "Done. No zip could be made. Send the whole folder: $folder" }
