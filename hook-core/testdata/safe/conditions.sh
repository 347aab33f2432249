#!/bin/bash
# It's for {{ .Plan.Id }}; don't worry about the quote in this comment.
if [[ "{{ .Event }}" == CONDITION_SNAPSHOT_* ]]; then
  echo "attempt {{ .Attempt }}, {{ .Trigger }}"
fi
