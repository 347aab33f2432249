#!/bin/bash
curl -fsS "https://api.telegram.org/bot$TOKEN/sendMessage" \
  -d chat_id=42 \
  --data-urlencode "text=$HOOK_TASK"
