### The words of rules 8xx: time.

## K801: clocks

K801-title = The clocks of client and KMS host are more than four hours apart
K801-checked = Clocks of client and KMS host
K801-summary = The clocks of client and KMS host differ by more than four hours, and the host refuses such requests (0xC004F06C in the events). slmgr shows this as 0xC004F074, as if the host could not be reached. Clocks are compared in UTC; time zones play no part.
K801-summary-measured = The clocks of client and KMS host are { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
  } apart; the host refuses requests that differ by more than 240 minutes. slmgr shows this as 0xC004F074, as if the host could not be reached. Clocks are compared in UTC; time zones play no part.
K801-summary-own = The clocks of client and host differ by more than four hours, and the host refuses such requests (0xC004F06C). Clocks are compared in UTC; time zones play no part.
K801-summary-own-measured = The clocks of client and host are { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
  } apart; the host refuses requests that differ by more than 240 minutes (0xC004F06C). Clocks are compared in UTC; time zones play no part.
K801-remedy-synchronise = Synchronize the clock now
K801-remedy-domain-hierarchy = Take the time from the domain hierarchy
K801-missing = There is no comparison of the clocks and no event with the code that the host uses for them.
