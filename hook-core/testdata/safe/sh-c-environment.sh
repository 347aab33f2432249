#!/bin/bash
flock /run/lock/backup sh -c 'echo "$HOOK_TASK" >> /var/log/tasks'
