#!/usr/bin/env python3
import json, os, urllib.request
event = json.load(open(os.environ["HOOK_EVENT_FILE"]))
body = json.dumps({"text": event["task"], "plan": "{{ .Plan.Id }}"}).encode()
urllib.request.urlopen("https://example.org/hook", body)
