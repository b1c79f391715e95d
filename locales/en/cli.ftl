### What the program itself says: errors, and the headings of read, explain, keys and diagnose --each.

cli-error-read = cannot read { $path }
cli-error-write = cannot write { $path }

cli-each-fault = fault
cli-each-clear = clear
cli-each-undecided = undecided

cli-read-file = { $kind }, { $encoding }, { $facts ->
    [one] { $facts } fact
   *[other] { $facts } facts
  }
cli-read-note = note

cli-explain-unknown = nothing is known under { $what }
cli-explain-parts = In no table; its parts:
cli-explain-suggestions = Did you mean:
cli-explain-related = See also
cli-explain-sources = Sources

cli-keys-none = no published setup key matches { $what }
cli-keys-suggestions = words close to it: { $words }

cli-subject-error-code = error code
cli-subject-event = event
cli-subject-event-log = event log
cli-subject-rule = rule
cli-subject-cause = cause
cli-subject-license-state = licence state
cli-subject-slmgr-option = slmgr.vbs option
cli-subject-ospp-option = ospp.vbs option
cli-subject-registry-value = registry value
cli-subject-registry-key = registry key
cli-subject-setting = setting
cli-subject-status-flags = status flags
cli-subject-product = product
cli-subject-application = application
cli-subject-host-key = KMS host key

cli-label-meaning = Meaning
cli-label-symbol = Symbol
cli-label-seen-by = Seen by
cli-label-seen-in = Seen in
cli-label-reasons = Reasons
cli-label-remedies = What helps
cli-label-note = Note
cli-label-sign = How it shows
cli-label-fields = Fields
cli-label-codes = Typical codes
cli-label-usage = Usage
cli-label-elevated = Elevated
cli-label-releases = Releases
cli-label-registry = Registry
cli-label-method = WMI method
cli-label-data-type = Data type
cli-label-default = Default
cli-label-set-by = Set by
cli-label-activates = Activates
cli-label-hosted-on = Hosted on
cli-label-family = Family
cli-label-confidence = Confidence

collect-not-windows = this is no Windows machine; print the script for one with --script cmd or --script powershell
collect-failed = the collection did not end well; its words stand above
collect-written = Written: { $path }
