### The frame of the report: headings, labels, states. The words of rules stand in rules*.ftl.

report-title = KMS activation report

## Verdict

verdict-fault = Fault found
verdict-clear = Nothing is wrong
verdict-undecided = Not decided
sentence-clear = Enough was seen to say so.
sentence-clear-findings = Enough was seen to say so. What was found is no fault:
sentence-undecided = The evidence does not tell what is wrong. What to collect is listed below.
sentence-undecided-findings = There is not enough evidence to name one root cause. What was found, and what to collect, is listed below.
sentence-nothing-found = No rule found anything.
read-summary = { $files ->
    [one] Read { $files } file
   *[other] Read { $files } files
  }, understood { $facts ->
    [one] { $facts } fact
   *[other] { $facts } facts
  }.

## Headings

heading-proof = Proof
heading-fix = Fix
heading-fixes = Ways to fix it
heading-undo = Undo
heading-verify = Check that it worked
heading-explains = Explains
heading-affected = Machines
heading-references = Read more
heading-findings = Findings
heading-other-findings = Other findings
heading-checked = Checked, and fine
heading-unknown = Could not be checked
heading-collect = What would tell most, first
heading-observed = What the evidence shows
heading-codes = Error codes in the evidence
heading-notes = Notes on the evidence
heading-machines = Machines
heading-timeline = What happened when
heading-curves = The count of the KMS host

## How much it matters, how sure it is, how far a fix may be trusted

severity-error = error
severity-warning = warning
severity-info = information
confidence-certain = certain
confidence-likely = likely
confidence-possible = possible
confidence-certain-meaning = the evidence says so itself
confidence-likely-meaning = the evidence points here and nothing speaks against it
confidence-possible-meaning = it fits, and so do other causes
safety-safe = safe
safety-disruptive = disruptive
safety-show-only = to adapt
safety-safe-meaning = changes one setting, can be undone, restarts nothing
safety-disruptive-meaning = restarts something, affects others, or cannot be undone
safety-show-only-meaning = read and adapt these commands; do not paste them as they are

## Where a command is typed

shell-cmd = Command Prompt (as administrator)
shell-powershell = PowerShell (as administrator)
shell-az = Azure CLI
shell-bind = BIND (nsupdate or zone file)
shell-sh = Command line (any system)
shell-text = By hand

## Machines

role-client = KMS client
role-host = KMS host
license-unlicensed = Unlicensed
license-licensed = Licensed
license-initial-grace = Initial grace period
license-out-of-tolerance-grace = Out-of-tolerance grace period
license-non-genuine-grace = Non-genuine grace period
license-notification = Notification
license-extended-grace = Extended grace period
column-machine = Machine
column-role = Role
column-product = Product
column-license = License state
column-cmid = Client machine ID (CMID)
column-files = Files

## Time line

column-time = Time
column-event = Event
column-what = What
column-record = Record
column-source = Source
what-request = request sent
what-response = answer received
what-activated = activated
what-refused = refused
what-count = request counted
what-published = published in DNS
what-failed = failed
what-other = other
time-as-printed = Times without UTC are local, as printed.

## The count

application-windows = Windows
application-office = Office
application-own = software of the site
curve-heading = { $host }, { $application }
curve-last = Count at the end of the log: { $last }
curve-names = { $names ->
    [one] from { $names } machine name
   *[other] from { $names } machine names
  }
curve-cmids = { $cmids ->
    [one] with one client machine ID (CMID) in all
   *[other] with { $cmids } client machine IDs (CMID) in all
  }
curve-printed = the host itself printed { $printed }
curve-threshold = needed: { $count }
curve-cap = highest the host shows: { $count }
curve-description = Count of { $host } over time; at the end { $last }
timeline-description = Time line of { $count ->
    [one] { $count } event
   *[other] { $count } events
  }

## Small words

place-record = { $path } record { $record }
place-probe = probe { $probe }, { $at }
list-more = … and { $count } more
list-separator = {", "}
part-separator = {"; "}
label-colon = {": "}
report-made-by = Made by kmscope { $version }. Commands are proposals; kmscope has changed nothing.

## Error codes

code-times = { $times } times
code-overcome = overcome since
