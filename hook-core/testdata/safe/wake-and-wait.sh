#!/bin/bash
wakeonlan 01:23:45:67:89:ab
for i in $(seq 1 30); do
  nc -z nas 22 && exit 0
  sleep 2
done
exit 75  # not now: cancelled without an alarm
