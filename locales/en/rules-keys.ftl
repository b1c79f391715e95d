### The words of rules 6xx: keys and editions.

## K601: key of another channel

K601-title = The product key is not a KMS client setup key
K601-checked = Channel of the installed product key
K601-summary-avma = The code { $code } comes only with a key for Automatic Virtual Machine Activation (AVMA), and this machine runs in Azure, where AVMA does not work. It needs the setup key of its edition.
K601-summary = The installed product key is of the channel { $channel }, which does not use KMS. A machine with such a key never asks a KMS host; only a client setup key (GVLK) makes it a KMS client. Nothing in the evidence shows that this key has activated the machine.
K601-summary-host-key = A KMS host key is installed on a machine that does not serve as a KMS host of the site. The machine poses as a host instead of asking one, and the key can be activated on a limited number of machines only. A KMS client needs the client setup key (GVLK) of its edition.
K601-remedy-install-setup-key = Install the client setup key of the edition
K601-missing = The channel of the installed product key is not in the evidence.

## K602: key of another edition

K602-title = The product key belongs to another edition or version
K602-checked = Product key against the installed edition
K602-summary-key = The installed key is the client setup key of { $belongs }, but the installed product is { $product }. A client setup key fits only its own edition and version.
K602-summary-code = Windows refused a product key with a code which says that the key is invalid or does not fit the installed edition or version{ $product-given ->
    [no] .
   *[yes] {""} ({ $product }).
  } A client setup key fits only its own edition and version.
K602-remedy-own-key = Install the client setup key of the installed edition
K602-missing = The installed product key is not in the evidence.

## K603: evaluation edition

K603-title = An evaluation edition cannot be activated by KMS
K603-checked = Evaluation editions
K603-summary = The machine runs an evaluation edition. Its license is limited in time and accepts no client setup key, so KMS cannot activate it. A server can be converted to the full edition; a client must be reinstalled.
K603-remedy-convert-server = Convert the server to the full edition
K603-remedy-reinstall-client = Reinstall the client from volume license media
K603-step-reinstall-client = Reinstall Windows from volume license media of the full edition.

## K604: not a volume edition

K604-title = The installed edition cannot be activated by KMS
K604-checked = Editions without a volume license
K604-summary = The machine runs a Home or other consumer edition. These editions have no volume license, so no client setup key fits them and KMS cannot activate them.
K604-remedy-upgrade-edition = Upgrade to a volume edition with a license for it

## K605: no qualifying OEM marker

K605-title = The firmware lacks the OEM marker that the volume license needs
K605-checked = OEM marker in the firmware
K605-summary = Windows reports that the firmware carries no marker of a qualifying OEM Windows (0xC004F035 or the flag for it). Volume editions of Windows 7 are upgrade licenses and can be activated by KMS only on machines with this marker.
K605-remedy-other-key = Use a MAK or a retail key on this machine
