"""The survey of bench/dns.sh as an admin's script does it: dnspython, one question after the other.

python3 bench/dns_survey.py PORT ZONES   prints the seconds between the first question and the last answer.
"""

import sys
import time

import dns.message
import dns.query

port, zones = int(sys.argv[1]), [line.strip() for line in open(sys.argv[2])]
started, found = time.perf_counter(), 0
for zone in zones:
    question = dns.message.make_query("_vlmcs._tcp." + zone, "SRV")
    answer = dns.query.udp(question, "127.0.0.1", port=port, timeout=3)
    found += sum(len(records) for records in answer.answer)
print(f"{time.perf_counter() - started:.3f} s, {found} records")
