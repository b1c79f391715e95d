### The words of rules 5xx: the client.

## K501: fixed host

K501-title = The fixed KMS host { $host } is gone or wrong
K501-checked = Fixed KMS host on the client
K501-summary-azure-vm = This machine runs in Azure and is set to the KMS host { $host }, and it is not activated there. A fixed host turns discovery off. Virtual machines in Azure use Azure's own KMS, { $instead }.
K501-summary-other-cloud = The metadata of this machine names another Azure cloud than the KMS host that it is set to, { $host }. Each cloud has endpoints of its own; here it is { $instead }.
K501-summary-not-azure = The client is set to Azure's KMS, { $host }, but the evidence shows that it does not run in Azure. Azure's KMS activates only machines in Azure, and a fixed host turns discovery off.{ $instead-given ->
    [no] {""}
   *[yes] {" "}DNS names another KMS host: { $instead }.
  }
K501-summary-port = The client is set to { $host } with a port on which that host does not listen. The host itself shows the port in use: { $instead }. Requests of the client do not reach the KMS service.
K501-summary-unreachable = The client is set to the KMS host { $host }, and nothing answers there. A fixed host turns discovery off, so the client asks no other one.{ $instead-given ->
    [no] {""}
   *[yes] {" "}Another KMS host is known: { $instead }.
  }
K501-summary-unresolvable = The client is set to the KMS host { $host }, and this name does not resolve to an address. A fixed host turns discovery off, so the client asks no other one.{ $instead-given ->
    [no] {""}
   *[yes] {" "}Another KMS host is known: { $instead }.
  }
K501-remedy-clear = Remove the fixed host and return to discovery
K501-remedy-set = Set the right KMS host
K501-remedy-find-setter = Find the policy, script or image that sets the host
K501-missing = The KMS host settings of the client are not in the evidence.

## K502: not elevated

K502-title = The command was not run as administrator
K502-checked = Administrator rights of the commands that were run
K502-summary = Windows denied access to slmgr or ospp. These commands change settings of the whole machine and need an elevated prompt; being a member of Administrators is not enough. The denied command changed nothing, so its result says nothing about activation.
K502-remedy-elevate = Repeat the command in an elevated prompt (Run as administrator)

## K503: permissions of the store

K503-title = The permissions of the licensing registry or store are damaged
K503-checked = Permissions of the licensing registry and store
K503-summary = Access was denied to a key or file of the licensing service, below SoftwareProtectionPlatform, S-1-5-20 or the token store. The service runs as Network Service; where it may not read or write its own data, activation fails with “access denied” for administrators too. Hardening templates and policies are a common source of such changes.
K503-remedy-look = Compare the permissions with those of a machine that works
K503-remedy-restore = Restore the permissions and take out the policy that changed them

## K504: COM permissions

K504-title = COM access permissions keep the licensing service from acting
K504-checked = COM access permissions of the licensing service
K504-summary = The licensing service could not perform a scheduled action because access was denied (event 8229). This happens when the account SELF lacks the default COM access permissions, so that the service cannot start its own helper.
K504-remedy-restore-self = Give SELF its default COM access permissions again
K504-step-restore-self = In Component Services, open Computers > My Computer > Properties > COM Security > Access Permissions > Edit Default, and allow Local Access and Remote Access for SELF. Then restart the computer:

## K505: store damaged

K505-title = The licensing store is damaged
K505-checked = Licensing store (tokens.dat)
K505-summary = The licensing service reports { $code }: its token store (tokens.dat) or the license data beside it is damaged or inconsistent, so no license can be used. Wrong permissions on the store can lead to the same code; look at them before rebuilding it.
K505-remedy-rebuild = Rebuild the token store and reinstall the licenses
K505-remedy-permissions = Look at the permissions of the token store

## K506: non-genuine

K506-title = Windows is marked as non-genuine
K506-checked = Genuine validation of the client
K506-summary = Genuine validation failed on this machine, so it stays in notification mode whatever its KMS host answers. An update that interferes with licensing, or changed system files, lead to this.
K506-summary-kb971033 = Genuine validation failed on this machine, and update KB971033 is installed. On volume-licensed Windows 7 this update marks KMS clients as non-genuine; it must be removed and the activation files rebuilt.
K506-remedy-remove-update = Windows 7: uninstall update KB971033
K506-remedy-rebuild = Rebuild the activation files and install the setup key again
K506-remedy-repair-files = Check and repair the system files

## K507: nothing tried yet

K507-title = The client is not activated, and no attempt has failed
K507-checked = Clients that wait for their next attempt
K507-summary = { $machine-given ->
    [no] A KMS client
   *[yes] The KMS client { $machine }
  } is not activated ({ $state }), and the evidence shows no failed attempt and no error. A KMS client that is not activated tries by itself every two hours. If the state does not change within a day, the attempts are missing from the evidence: collect the events.
K507-remedy-activate = Start activation now

## K508: Active Directory

K508-title = The machine is activated by Active Directory
K508-checked = Activation by Active Directory
K508-summary = This machine was activated by an activation object in Active Directory{ $object-given ->
    [no] .
   *[yes] {""} ({ $object }).
  } It does not ask a KMS host, so it does not count there. Nothing needs to be fixed.
K508-remedy-test-kms = Restrict this machine to KMS for a test, and set it back afterwards

## K509: normal behavior

K509-title = Normal behavior
K509-checked = Records that look like faults and are none
K509-summary-count-capped = A KMS host keeps no more than twice the number of machines that is needed: 50 where Windows clients ask it, 10 where only servers or only Office do. A count that stays there is full, and the host goes on activating all that ask.
K509-summary-information-code = The code 0x4004F040 says that the product is activated and that its use rights should be checked. It is information, not an error.
K509-summary-genuine-ticket = Events 8200 or 8208 with 0x80072EE7 say that the machine could not reach the Internet to get a genuine ticket. KMS activation does not need it.
K509-summary-oem-data = Event 1058 is about the OEM activation data in the firmware. KMS activation does not use it, and the event often appears after a restart of OEM machines.
K509-summary-overcome = An earlier activation failed, and a later one of the same machine succeeded. The old error is history.
K509-summary-renamed = One client machine ID (CMID) appears under two machine names, one after the other. That is one machine that was renamed, not a clone.
K509-summary-avma = A virtual machine is activated by its virtualization host (AVMA). KMS plays no part in it.
K509-summary-permanent = A machine is permanently activated, as by a MAK, retail or OEM key. It needs no KMS host for its own activation.
K509-summary-working = KMS activation works: a client is licensed by KMS, or its last request was answered and activated it.
