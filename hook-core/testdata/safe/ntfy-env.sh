curl -H "Title: Backup of $HOOK_PLAN_ID" -d "$HOOK_TASK: {{ .EventName .Event }}" ntfy.sh/mytopic
