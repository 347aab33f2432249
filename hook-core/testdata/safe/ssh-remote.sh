#!/bin/sh
ssh -o BatchMode=yes backup@nas 'touch /var/run/last-backup; df -h /backup | tail -1'
