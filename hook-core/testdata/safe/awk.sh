#!/usr/bin/awk -f
BEGIN { print "{{ .Plan.Id }}" }
