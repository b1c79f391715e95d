@echo off
rem kms-collect.cmd - collects what kmscope needs to diagnose KMS volume activation.
rem Windows 7 and Server 2008 R2 or later, any display language, KMS client or KMS host.
rem
rem It only reads: it never activates, never sets a key, name or option, and sends nothing.
rem All that it writes is one folder beside itself, kms-collect-COMPUTER-DATE, and a zip of it.
rem
rem Usage: kms-collect.cmd [/all or /nopersonal] [/redact] [/out FOLDER]
rem   /all         take everything without asking
rem   /nopersonal  ask nothing, take none of what would be asked for
rem   /redact      replace computer, user and domain names by stand-ins (needs PowerShell)
rem   /out FOLDER  write there instead of beside the script
rem Without a switch it asks before it takes personal data; no answer means no.
setlocal EnableExtensions DisableDelayedExpansion

rem A 32-bit parent would show the 32-bit registry and system folder: start over in 64 bit.
if not defined PROCESSOR_ARCHITEW6432 goto native
if not exist "%SystemRoot%\Sysnative\cmd.exe" goto native
"%SystemRoot%\Sysnative\cmd.exe" /d /c ""%~f0" %*"
exit /b
:native

rem Windows' own programs only, never one of the same name in the current folder.
set "sys=%SystemRoot%\System32"
set "PATH=%sys%;%sys%\Wbem;%sys%\WindowsPowerShell\v1.0"
set "NoDefaultCurrentDirectoryInExePath=1"
set "ps="
if exist "%sys%\WindowsPowerShell\v1.0\powershell.exe" set "ps=powershell -NoProfile -NonInteractive -Command"
rem The caller's environment may hold variables of these names.
for %%V in (all nopersonal redact base elevated keep now trace stamp domains hosts zip count member want_ipconfig want_whoami want_clients) do set "%%V="
set "nhosts=0" & set "nsrv=0" & set "ntest=0" & set "noffice=0"
rem "shift" moves the script's own path away, too.
set "here=%~dp0"

:arguments
if "%~1"=="" goto arguments_read
set "word=%~1"
if "%word:~0,1%"=="-" set "word=/%word:~1%"
if /i "%word%"=="/all" set "all=1" & shift & goto arguments
if /i "%word%"=="/nopersonal" set "nopersonal=1" & shift & goto arguments
if /i "%word%"=="/redact" set "redact=1" & shift & goto arguments
if /i "%word%"=="/out" if not "%~2"=="" set "base=%~2" & shift & shift & goto arguments
echo Usage: kms-collect.cmd [/all or /nopersonal] [/redact] [/out FOLDER]
exit /b 2
:arguments_read
if defined all if defined nopersonal echo /all and /nopersonal exclude each other.& exit /b 2
if defined redact if not defined ps echo /redact needs PowerShell, which is not here. Nothing was collected.& exit /b 2

rem ---- the folder -------------------------------------------------------------------------
if not defined base set "base=%here%"
if "%base:~-1%"=="\" set "base=%base:~0,-1%"
rem The form of a date depends on the language, so PowerShell or WMI is asked for it.
if defined ps for /f "usebackq" %%A in (`%ps% "[DateTime]::Now.ToString('yyyyMMdd-HHmmss',[Globalization.CultureInfo]::InvariantCulture)" 2^>nul ^<nul`) do set "stamp=%%A"
if not defined stamp for /f "tokens=2 delims==." %%A in ('wmic os get LocalDateTime /value 2^>nul ^<nul ^| find "="') do set "stamp=%%A"
if not defined stamp set "stamp=%RANDOM%%RANDOM%"
set "who=%COMPUTERNAME%"
if defined redact set "who=HOST-1"
set "name=kms-collect-%who%-%stamp%"
set "out=%base%\%name%"
md "%out%" 2>nul
if exist "%out%\" goto folder_made
echo Can't write to "%base%", the temporary folder is used instead.
set "base=%TEMP%"
set "out=%TEMP%\%name%"
md "%out%" 2>nul
if exist "%out%\" goto folder_made
echo No folder could be made. Nothing was collected.
exit /b 2
:folder_made
set "list=%out%\list.tmp"
set "raw=%out%\raw.tmp"
set "remarks=%out%\remarks.tmp"
type nul >"%list%"
type nul >"%remarks%"
echo Collecting into "%out%"
whoami /groups 2>nul | findstr /c:"S-1-16-12288" /c:"S-1-16-16384" >nul && set "elevated=1"
if not defined elevated echo Not started as administrator: some parts will be left out, the manifest says which.

rem ---- questions, all at the start so that the rest can run alone -------------------------
call :ask "Take the full ipconfig, with MAC addresses and all adapters? If not: its DNS lines only."
if defined yes set "want_ipconfig=1"
if not defined redact call :ask "Take the user name (whoami)? If not: only whether this is an administrator."
if not defined redact if defined yes set "want_whoami=1"
rem The log exists on every Windows; only a KMS host has records in it.
for /f "tokens=2" %%A in ('wevtutil gli "Key Management Service" 2^>nul ^| findstr /i /b "numberOfLogRecords"') do set "count=%%A"
if not defined count set "count=unknown"
set "yes="
if not "%count%"=="0" if not defined redact call :ask "Take the Key Management Service log with the names of client computers? If not: stand-ins for them."
if defined yes set "want_clients=1"
call :ask "Trace the way to the KMS host, up to half a minute for each (tracert)?"
if defined yes set "trace=1"

rem ---- the machine ------------------------------------------------------------------------
rem First the service, as it is before anything here wakes it: slmgr starts it.
set command=sc query sppsvc& call :run 10-sc-query-sppsvc.txt
set command=sc qc sppsvc& call :run 11-sc-qc-sppsvc.txt
set command=hostname& call :run 12-hostname.txt
set command=ver& call :run 13-ver.txt
set command=whoami /groups ^| findstr "S-1-16-"& call :run 14-whoami-integrity.txt
if defined want_whoami set command=whoami& call :run 15-whoami.txt
if not defined want_whoami call :remark "user name: not taken"
rem The owner's names and the product id stand in the same rows in every language.
set command=systeminfo& call :begin 16-systeminfo.txt
systeminfo >"%raw%" 2>&1 <nul
set "code=%errorlevel%"
(for /f "tokens=1* delims=:" %%A in ('findstr /n "^" "%raw%"') do (
  if %%A LEQ 7 echo(%%B
  if %%A GEQ 8 if %%A LEQ 10 for /f "delims=:" %%L in ("%%B") do echo %%L: [redacted]
  if %%A GEQ 11 if %%A LEQ 40 echo(%%B
)) >>"%file%"
call :listed
rem DISM would write its log into the Windows folder.
if not defined elevated call :remark "edition by DISM: not taken, admin rights needed" & goto edition_taken
set command=dism /English /Online /Get-CurrentEdition& call :begin 17-dism-edition.txt
dism /English /Online /Get-CurrentEdition /LogLevel:1 /LogPath:"%out%\dism.tmp" >>"%file%" 2>&1 <nul
call :end
:edition_taken

rem ---- registry ---------------------------------------------------------------------------
rem Only these values: the key also holds the owner's name and the encoded product key.
set command=reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" ^| findstr /r "CurrentVersion$ ProductName EditionID CurrentBuild UBR DisplayVersion ReleaseId InstallationType"& call :run 20-reg-product.txt
rem BackupProductKeyDefault holds a whole key, on a KMS host the site's own.
set command=reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform" /s ^| findstr /v /i "BackupProductKey"& call :run 21-reg-spp.txt
set command=reg query "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform" /s& call :run 22-reg-spp-policy.txt
set command=reg query "HKU\S-1-5-20\Software\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform" /s
if defined elevated call :run 23-reg-spp-cached.txt
if not defined elevated call :remark "cached KMS host in the registry: not taken, admin rights needed"
set command=reg query "HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform" /s& call :run 24-reg-office-spp.txt
set command=reg query "HKLM\SOFTWARE\Wow6432Node\Microsoft\OfficeSoftwareProtectionPlatform" /s& call :run 25-reg-office-spp-wow.txt
set command=reg query "HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"& call :run 26-reg-tcpip.txt
set command=reg query "HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces" /s ^| findstr "HKEY_ Domain"& call :run 27-reg-interface-domains.txt
set command=reg query "HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters"& call :run 28-reg-dnscache.txt
set command=reg query "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient" /s& call :run 29-reg-dnsclient-policy.txt

rem ---- what the resolver remembers, before the look-ups below change it -------------------
set command=ipconfig /displaydns ^| findstr "_vlmcs"& call :begin 30-ipconfig-displaydns.txt
ipconfig /displaydns >"%raw%" 2>&1
set "code=%errorlevel%"
set pattern=/c:"_vlmcs"
call :blocks >>"%file%"
call :listed
if defined want_ipconfig set command=ipconfig /all& call :run 31-ipconfig-all.txt& goto ipconfig_taken
call :remark "full ipconfig: not taken, DNS lines only"
set command=ipconfig /all ^| findstr "DNS"& call :begin 31-ipconfig-dns.txt
(for /f "tokens=1* delims=:" %%A in ('ipconfig /all ^| findstr /n "^"') do set "line=%%B" & call :dns_line) >>"%file%"
call :end
:ipconfig_taken

rem ---- event logs, before slmgr adds to them ----------------------------------------------
rem By provider: the ids 12288-12310, 8193-8229, 900-903, 1003-1066 and 16384-16394 are all of
rem these providers, while Volume Shadow Copy uses 12288 and 8193, too. 30 days, in milliseconds.
set "providers=@Name='Microsoft-Windows-Security-SPP' or @Name='Microsoft-Windows-Security-Licensing-SLC' or @Name='Office Software Protection Platform Service'"
set query="/q:*[System[Provider[%providers%] and TimeCreated[timediff(@SystemTime) <= 2592000000]]]"
set command=wevtutil qe Application %query% /f:xml /rd:true /c:2000& call :run 40-events-application.xml
if defined redact call :remark "event logs as .evtx: left out, they can't be redacted; the XML stands in" & goto evtx_taken
set command=wevtutil epl Application 41-events-application.evtx %query%
wevtutil epl Application "%out%\%who%_41-events-application.evtx" %query% >nul 2>&1
call :took 41-events-application.evtx
:evtx_taken
if "%count%"=="0" call :remark "Key Management Service log: no records" & goto events_taken
if not defined want_clients goto kms_log_as_text
set command=wevtutil epl "Key Management Service" 42-events-kms.evtx
wevtutil epl "Key Management Service" "%out%\%who%_42-events-kms.evtx" >nul 2>&1
call :took 42-events-kms.evtx
goto events_taken
:kms_log_as_text
if not defined ps call :remark "Key Management Service log: not taken, names of clients" & goto events_taken
set command=wevtutil qe "Key Management Service" /f:xml /rd:true /c:20000& call :run 42-events-kms.xml
if defined redact goto events_taken
rem The third field of a request (12290) is the client's name.
call :remark "names of clients in the Key Management Service log: replaced by CLIENT-1, CLIENT-2 and so on"
set "kc_file=%file%"
%ps% ^
 "$ErrorActionPreference='Stop'; $e=[Text.Encoding]::GetEncoding(28591); $n=@{}; $t=[IO.File]::ReadAllText($env:kc_file,$e);" ^
 "$t=[regex]::Replace($t,'(<Data>0x[0-9A-Fa-f]+,\s*\d+,\s*)([^,<]+)',{param($m) $k=$m.Groups[2].Value.Trim();" ^
 " if(-not $n.ContainsKey($k)){$n[$k]='CLIENT-'+($n.Count+1)}; $m.Groups[1].Value+$n[$k]}); [IO.File]::WriteAllText($env:kc_file,$t,$e)" <nul || del "%file%"
:events_taken

rem ---- licences -----------------------------------------------------------------------------
rem The time limit is for a management service (WMI) that does not answer.
set command=cscript //nologo //T:300 "%sys%\slmgr.vbs" /dlv all& call :run 50-slmgr-dlv-all.txt
set command=cscript //nologo //T:120 "%sys%\slmgr.vbs" /dlv& call :run 51-slmgr-dlv.txt
set command=cscript //nologo //T:120 "%sys%\slmgr.vbs" /dli& call :run 52-slmgr-dli.txt
set command=cscript //nologo //T:120 "%sys%\slmgr.vbs" /xpr& call :run 53-slmgr-xpr.txt
for %%P in ("%ProgramFiles%" "%ProgramFiles(x86)%") do for %%O in (14 15 16) do (
  set "ospp=%%~P\Microsoft Office\Office%%O\ospp.vbs"
  if exist "%%~P\Microsoft Office\Office%%O\ospp.vbs" call :office
)
rem The texts of slmgr in the display languages: kmscope reads the output above with them.
for /d %%D in ("%sys%\slmgr\*") do if exist "%%D\slmgr.ini" (
  set "command=copy %%D\slmgr.ini"
  copy /y "%%D\slmgr.ini" "%out%\%who%_55-slmgr-%%~nxD.ini" >nul
  call :took 55-slmgr-%%~nxD.ini
)

rem ---- names: which domains are searched, which KMS hosts are known -------------------------
rem DHCP and DNS servers can put anything into these values: only plain names pass the second filter.
for %%F in (21-reg-spp 22-reg-spp-policy 26-reg-tcpip 27-reg-interface-domains 29-reg-dnsclient-policy) do (
  for /f "tokens=1* delims=_" %%A in ('findstr /i /r /c:"^ *Domain " /c:"^ *NV Domain " /c:"^ *DhcpDomain " /c:"^ *SearchList " /c:"^ *PrimaryDnsSuffix " /c:"^ *NV PrimaryDnsSuffix " /c:"^ *KeyManagementServiceLookupDomain " "%out%\%who%_%%F.txt" ^| findstr /r /c:"REG_SZ  *[A-Za-z0-9._, -]*$"') do (
    for /f "tokens=1*" %%C in ("%%B") do for %%E in (%%D) do call :domain %%E
  )
)
if not defined domains set command=nslookup -type=srv -timeout=3 -retry=1 _vlmcs._tcp& call :run 60-nslookup-srv.txt
for %%D in (%domains%) do call :srv %%D
for %%F in (21-reg-spp 22-reg-spp-policy 23-reg-spp-cached 24-reg-office-spp 25-reg-office-spp-wow) do if exist "%out%\%who%_%%F.txt" call :registered %%F
if not defined hosts call :remark "connection tests: no KMS host is set, cached or found in DNS"
for %%H in (%hosts%) do for /f "tokens=1,2 delims=:" %%A in ("%%H") do call :host %%A %%B

rem ---- port, firewall, clock ------------------------------------------------------------------
set command=netstat -ano ^| findstr /c:":1688 "& call :run 80-netstat-1688.txt
rem Names of rules are localized, the port is not.
set command=netsh advfirewall firewall show rule name=all ^| findstr "1688"& call :begin 81-netsh-rules-1688.txt
netsh advfirewall firewall show rule name=all >"%raw%" 2>&1
set "code=%errorlevel%"
set pattern=/c:"1688" /c:"Key Management"
call :blocks >>"%file%"
call :listed
set command=netsh advfirewall show allprofiles state& call :run 82-netsh-profiles.txt
set command=w32tm /query /status& call :run 83-w32tm-status.txt
for /f "tokens=3" %%A in ('findstr /r /c:"^ *Domain  *REG_SZ  *[A-Za-z0-9_][A-Za-z0-9._-]*$" "%out%\%who%_26-reg-tcpip.txt"') do set "member=%%A"
if defined member set command=w32tm /stripchart /computer:%member% /samples:3 /dataonly& call :run 84-w32tm-stripchart.txt
if not defined member call :remark "clock of the domain: not compared, no domain"

rem ---- redaction, manifest, zip -----------------------------------------------------------------
if defined redact call :redact
rem A program that crashes ends with a negative code, for which "if errorlevel 1" is not true.
if defined redact if not "%errorlevel%"=="0" goto not_redacted
set "manifest=%out%\%who%_00-manifest.txt"
>"%manifest%" echo kms-collect.cmd 1, %stamp%
if defined elevated >>"%manifest%" echo # rights: administrator
if not defined elevated >>"%manifest%" echo # rights: standard user
for /f "usebackq delims=" %%R in ("%remarks%") do >>"%manifest%" echo # %%R
>>"%manifest%" echo # file, exit code, SHA-256, command
for /f "usebackq tokens=1,2* delims=|" %%A in ("%list%") do set "code=%%B" & set "line=%%C" & call :hashed %%A
del "%list%" "%raw%" "%remarks%" "%out%\dism.tmp" 2>nul

set "kc_dir=%out%"
set "kc_zip=%base%\%name%.zip"
if exist "%sys%\tar.exe" tar -a -c -f "%kc_zip%" -C "%base%\." "%name%" && set "zip=1" || del "%kc_zip%" 2>nul
if not defined zip if defined ps %ps% "try { Add-Type -AssemblyName System.IO.Compression.FileSystem -ErrorAction Stop; [IO.Compression.ZipFile]::CreateFromDirectory($env:kc_dir, $env:kc_zip, 'Optimal', $true) } catch { exit 1 }" <nul && set "zip=1"
echo.
if defined zip echo Done. Look into the folder, then send the file of the same name: "%kc_zip%"
if not defined zip echo Done. There is no tool for zip files here. Send the whole folder: "%out%"
exit /b 0

:not_redacted
del "%list%" "%raw%" "%remarks%" "%out%\dism.tmp" 2>nul
echo Redaction failed, so no zip was made. The folder still holds real names: "%out%"
exit /b 1

rem ======== subroutines ============================================================================

:ask
rem Sets "yes" or clears it. Without a console, or without an answer in a minute, it is no.
set "yes="
if defined all set "yes=1" & exit /b
if defined nopersonal exit /b
choice /c YN /n /t 60 /d N /m "%~1 [y/N] "
if "%errorlevel%"=="1" set "yes=1"
exit /b

:remark
>>"%remarks%" echo %~1
exit /b

:run
rem Runs the command in "command"; its output goes to a file that begins with the command line.
call :begin %1
( %command% ) >>"%file%" 2>&1 <nul
:end
set "code=%errorlevel%"
:listed
rem Notes file, exit code and command for the manifest. Delayed expansion keeps every character as it is.
setlocal EnableDelayedExpansion
>>"!list!" echo !short!^|!code!^|!command!
endlocal
exit /b

:begin
rem The blank line keeps a reader from taking a long command for a line that the console cut.
echo   %1
set "short=%1"
set "file=%out%\%who%_%1"
setlocal EnableDelayedExpansion
>"!file!" echo C:\^>!command!
>>"!file!" echo(
endlocal
exit /b

:took
rem The same for a command that made a file of its own.
set "code=%errorlevel%"
set "short=%1"
echo   %1
goto listed

:hashed
rem certutil's second line is the sum, on Windows 7 with spaces in it.
set "sum="
set "file=%out%\%who%_%1"
if exist "%file%" for /f "skip=1 delims=" %%H in ('certutil -hashfile "%file%" SHA256') do if not defined sum set "sum=%%H"
if defined sum set "sum=%sum: =%"
rem When it fails, the line is a sentence.
if defined sum for /f "delims=0123456789abcdefABCDEF" %%H in ("%sum%") do set "sum="
if not defined sum set "sum=-"
setlocal EnableDelayedExpansion
>>"!manifest!" echo !who!_%1, !code!, !sum!, !line!
endlocal
exit /b

:dns_line
rem Prints a line of ipconfig that is about DNS, and lines without a dotted label that continue it.
setlocal EnableDelayedExpansion
set "now="
if defined line if not "!line:DNS=!"=="!line!" (set "now=1") else if defined keep if "!line: . =!"=="!line!" set "now=1"
if defined now echo(!line!
endlocal & set "keep=%now%"
exit /b

:blocks
rem Prints the blocks of "raw" that hold the pattern: a heading, a line of dashes, lines of values.
rem The words are in the display language, the dashes are not.
set "last=0"
for /f "delims=:" %%H in ('findstr /n /i /l %pattern% "%raw%"') do call :block %%H
exit /b
:block
if %1 LSS %last% exit /b
set /a "limit=%1+1, from=0"
set "to="
for /f "delims=:" %%D in ('findstr /n /r /c:"^ *----------" "%raw%"') do if %%D LEQ %limit% (set "from=%%D") else if not defined to set "to=%%D"
if not defined to set "to=9999999"
set /a "from-=1, to-=1"
for /f "tokens=1* delims=:" %%A in ('findstr /n "^" "%raw%"') do if %%A GEQ %from% if %%A LSS %to% echo(%%B
set "last=%to%"
exit /b

:office
set /a noffice+=1
set command=cscript //nologo //T:300 "%ospp%" /dstatusall& call :run 54-ospp-dstatusall-%noffice%.txt
exit /b

:domain
rem Notes a domain once, without a final dot. The names of variables are the set.
set "plain=%1"
if "%plain:~-1%"=="." set "plain=%plain:~0,-1%"
if not defined plain exit /b
if defined domain_%plain% exit /b
set "domain_%plain%=1"
set "domains=%domains% %plain%"
exit /b

:srv
rem The final dot keeps nslookup from appending suffixes of its own.
set /a nsrv+=1
set command=nslookup -type=srv -timeout=3 -retry=1 _vlmcs._tcp.%1.& call :run 60-nslookup-srv-%nsrv%.txt
set "port=1688"
rem The lines begin with a tab, so they are split at the blanks that "for" takes by itself.
for /f "tokens=1-4" %%A in ('findstr /r /c:"port  *= [0-9][0-9]* *$" /c:"svr hostname  *= [A-Za-z0-9_][A-Za-z0-9._-]* *$" "%file%"') do (
  if /i "%%A"=="port" set "port=%%C"
  if /i "%%A"=="svr" call :add_host %%D
)
exit /b

:registered
rem The port may stand before or behind the name, so it is looked for first.
set "port=1688"
set "from_file=%out%\%who%_%1.txt"
for /f "tokens=3" %%A in ('findstr /i /r /c:"KeyManagementServicePort  *REG_SZ  *[0-9][0-9]* *$" "%from_file%"') do set "port=%%A"
for /f "tokens=3" %%A in ('findstr /i /r /c:"KeyManagementServiceName  *REG_SZ  *[A-Za-z0-9_][A-Za-z0-9._-]* *$" "%from_file%"') do call :add_host %%A
exit /b

:add_host
rem At most four: each may cost a minute when it is silent.
if "%~1"=="" exit /b
set "plain=%1"
if "%plain:~-1%"=="." set "plain=%plain:~0,-1%"
if defined host_%plain%_%port% exit /b
if %nhosts% GEQ 4 exit /b
set "host_%plain%_%port%=1"
set /a nhosts+=1
set "hosts=%hosts% %plain%:%port%"
exit /b

:host
set /a ntest+=1
set "dotted=%1"
rem A name with dots is whole; a number is an address.
for /f "delims=0123456789." %%X in ("%1") do if not "%dotted:.=%"=="%dotted%" set "dotted=%1."
set command=nslookup -timeout=3 -retry=1 %dotted%& call :run 70-nslookup-host-%ntest%.txt
if not defined ps call :remark "connection test: not made, no PowerShell" & goto host_ping
set command=powershell Test-NetConnection %1 -Port %2& call :begin 71-connect-host-%ntest%.txt
set "kc_host=%1"
set "kc_port=%2"
rem Before Windows 8.1 the same test by hand, told in the words of Test-NetConnection.
%ps% ^
 "$ProgressPreference='SilentlyContinue'; $h=$env:kc_host; $p=[int]$env:kc_port; $ok=$false; $a=''; $s='';" ^
 "if (Get-Command Test-NetConnection -ErrorAction SilentlyContinue) { Test-NetConnection $h -Port $p | Out-String -Width 200 } else {" ^
 " $all=@(); try { $all=@([Net.Dns]::GetHostAddresses($h)) } catch { 'WARNING: Name resolution of '+$h+' failed' };" ^
 " foreach ($x in $all) { if ($ok) { break }; $a=$x.ToString(); $c=New-Object Net.Sockets.TcpClient($x.AddressFamily);" ^
 " try { $r=$c.BeginConnect($x,$p,$null,$null); if ($r.AsyncWaitHandle.WaitOne(5000,$false)) { $c.EndConnect($r); $ok=$true; $s=$c.Client.LocalEndPoint.Address.ToString() } } catch { };" ^
 " $c.Close(); if (-not $ok) { 'WARNING: TCP connect to ('+$a+' : '+$p+') failed' } };" ^
 " ''; 'ComputerName     : '+$h; 'RemoteAddress    : '+$a; 'RemotePort       : '+$p; 'InterfaceAlias   : '; 'SourceAddress    : '+$s; 'TcpTestSucceeded : '+$ok }" >>"%file%" 2>&1 <nul
call :end
:host_ping
set command=ping -n 2 %1& call :run 72-ping-host-%ntest%.txt
if defined trace set command=tracert -d -h 12 -w 500 %1& call :run 73-tracert-host-%ntest%.txt
exit /b

:redact
rem A name gets the same stand-in in every file. Kept: Microsoft's names, words of Windows' own output, ids,
rem ends of keys, codes, addresses. Read and written byte for byte, so that any code page survives.
set "kc_dir=%out%"
set "kc_domains=%domains% %USERDNSDOMAIN%"
set "kc_hosts=%COMPUTERNAME% %hosts% %LOGONSERVER%"
%ps% ^
 "$ErrorActionPreference='Stop'; [Threading.Thread]::CurrentThread.CurrentCulture=[Globalization.CultureInfo]::InvariantCulture;" ^
 "$e=[Text.Encoding]::GetEncoding(28591); $o=[Console]::OutputEncoding; $map=@{}; $seen=@{}; $texts=@{};" ^
 "$plain=' administrator admin user system kms server client host windows office dns name domain workgroup local default test address ';" ^
 "$theirs='(?i)(^|\.)(windows\.net|microsoft\.com|windows\.com|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de)$';" ^
 "function Words($x) { $e.GetString($o.GetBytes([string]$x)).ToLower().Split(' ') | Where-Object { $_ } };" ^
 "function Stand($k,$v) { if (-not $map.ContainsKey($k) -and -not $plain.Contains(' '+$k+' ') -and $k -notmatch '^[\d.]*$') { $map[$k]=$v; return $true } };" ^
 "function Domain($d) { $d=$d.Trim(' .'.ToCharArray()).ToLower(); if ($d -notmatch '\.' -or $d -match $theirs -or $map.ContainsKey($d)) { return };" ^
 " $up=$map[$d.Substring($d.IndexOf('.')+1)]; if (-not $up) { $up='example' }; $seen.d=1+$seen.d; $s='DOMAIN-'+$seen.d;" ^
 " if (Stand $d ($s+'.'+$up)) { [void](Stand ($d.Split('.')[0]) $s) } };" ^
 "function Machine($n) { $n=($n -replace ':\d+$','').Trim(' .\'.ToCharArray()).ToLower(); if ($n -match $theirs -or $n -match '[\s<>/]') { return };" ^
 " $b=$n.Split('.')[0]; if ($n -match '\.' -and $n -notmatch '^[\d.]+$') { Domain $n.Substring($b.Length+1) }; if (Stand $b ('HOST-'+(1+$seen.h))) { $seen.h=1+$seen.h } };" ^
 "Words $env:COMPUTERNAME | ForEach-Object { Machine $_ }; Words $env:kc_domains | Sort-Object Length | ForEach-Object { Domain $_ };" ^
 "Words $env:kc_hosts | ForEach-Object { Machine $_ }; Words $env:USERDOMAIN | ForEach-Object { if (Stand $_ ('DOMAIN-'+(1+$seen.d))) { $seen.d=1+$seen.d } };" ^
 "$k=$e.GetString($o.GetBytes([string]$env:USERNAME)).Trim('$').ToLower(); if ($k) { [void](Stand $k 'USER-1') };" ^
 "foreach ($f in @(Get-ChildItem -LiteralPath $env:kc_dir | Where-Object { '.txt','.xml','.tmp' -contains $_.Extension })) { $t=[IO.File]::ReadAllText($f.FullName,$e); $texts[$f.FullName]=$t;" ^
 " foreach ($r in '<Computer>([^<]+)<','<Data>0x[0-9A-Fa-f]+,\s*\d+,\s*([^,<]+)','<Data>0x[0-9A-Fa-f]+,\s*0x[0-9A-Fa-f]+,\s*([^,<]+)') { foreach ($m in [regex]::Matches($t,$r)) { Machine $m.Groups[1].Value } } };" ^
 "$ends=@($map.Keys | Where-Object { $_ -match '\.' } | ForEach-Object { [regex]::Escape($_) }) -join '|';" ^
 "if ($ends) { foreach ($t in @($texts.Values)) { foreach ($m in [regex]::Matches($t,'(?i)(?<![\w.-])[a-z0-9][\w-]*(?:\.[\w-]+)*?\.(?:'+$ends+')(?![\w-])')) { if (-not $map.ContainsKey($m.Value)) { Machine $m.Value } } } };" ^
 "$all='(?i)(?<![\p{L}\p{N}-])(?:'+(@(@($map.Keys) | Sort-Object Length -Descending | ForEach-Object { [regex]::Escape($_) }) -join '|')+')(?![\p{L}\p{N}-])';" ^
 "foreach ($p in @($texts.Keys)) { $t=[regex]::Replace($texts[$p],$all,{param($m) $map[$m.Value]});" ^
 " $t=[regex]::Replace($t,'(?<![\w-])(?:[0-9A-Fa-f]{2}-){5,}[0-9A-Fa-f]{2}(?![\w-])','00-00-00-00-00-00'); [IO.File]::WriteAllText($p,$t,$e) }" <nul
exit /b
