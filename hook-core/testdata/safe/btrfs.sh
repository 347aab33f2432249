#!/bin/bash
btrfs subvolume delete /home/.snap 2>/dev/null
btrfs subvolume snapshot -r /home /home/.snap
