# Notes of the readers of Windows and Azure output.
note-registry-skipped = { $count } registry values of keys that have nothing to do with activation were left out, the first in { $key }.
note-service-not-installed = The service { $service } is not installed on this machine.
note-ip-flow-verify = IP flow verify answered { $access } (rule { $rule }). It does not know the platform's own rule for activation traffic, so its answer is not counted.
