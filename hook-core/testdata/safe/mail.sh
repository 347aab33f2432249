#!/bin/bash
mail -s "backup {{ .Repo.Id }}: {{ .EventName .Event }}" root <<EOF
Task:  $HOOK_TASK
Error: $HOOK_ERROR
Time:  {{ .FormatTime .CurTime }}
EOF
