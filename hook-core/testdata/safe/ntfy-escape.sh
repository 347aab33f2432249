curl \
  -H "Title: Backup {{ .EventName .Event }}" \
  -H {{ .ShellEscape (printf "X-Task: %s" .Task) }} \
  -d {{ .ShellEscape .Summary }} ntfy.sh/mytopic
