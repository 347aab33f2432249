package main

import (
	"encoding/json"
	"fmt"
	"time"

	"hookd/oracle/restic"
	"hookd/oracle/tasks"
	v1 "hookd/oracle/v1"
)

// The data that the templates meet, by name. The test gives hookd the same.
func data() map[string]tasks.HookVars {
	full := full()
	listed := full
	listed.Event = 0
	listed.SnapshotStats = &restic.BackupProgressEntry{
		Error: decoded(`[1, "two", true, null, [3, 4], {"k": "v"}]`),
	}
	plain := tasks.HookVars{
		Task: "prune", Event: 4, Repo: &v1.Repo{Id: "r"}, Plan: &v1.Plan{Id: "p"},
		CurTime:  instant("2025-11-30T22:59:58Z"),
		Duration: -1500 * time.Millisecond, Error: "x", Trigger: "UNKNOWN",
	}
	zoned := plain
	zoned.CurTime = instant("2025-11-30T23:59:58+01:00")
	flat := tasks.HookVars{
		Task: "check", Event: 101, CurTime: full.CurTime, Duration: 1500, Error: "it's <b>",
		Labels: full.Labels, Attempt: 3, Trigger: "SCHEDULED", OperationId: "op-7",
	}
	return map[string]tasks.HookVars{
		"full":   full,
		"listed": listed,
		"plain":  plain,
		"zoned":  zoned,
		"flat":   flat,
		"zero":   {Trigger: "UNKNOWN"},
	}
}

func full() tasks.HookVars {
	failure := decoded(`{
		"message": "permission denied", "code": 13, "retry": false,
		"tags": ["io", "fs", null, 3], "nested": {"path": "/srv/x", "depth": 2.5},
		"nothing": null
	}`)
	paths := []string{"/srv/data", "/home/ana", "/it's é世"}
	return tasks.HookVars{
		Task:  "backup for plan \"nas-daily\"",
		Event: 6,
		Repo: &v1.Repo{
			Id: "b2-main", Uri: "b2:acme:/nas", Guid: "9c1f", Env: []string{"A=1", "B=2"},
			PrunePolicy:   &v1.PrunePolicy{MaxUnusedBytes: 1 << 30, MaxUnusedPercent: 7.5},
			AutoUnlock:    true,
			CommandPrefix: &v1.CommandPrefix{IoNice: 3, CpuNice: 2},
		},
		Plan: &v1.Plan{
			Id: "nas-daily", Repo: "b2-main", Paths: paths, Excludes: []string{"*.tmp"},
			SkipIfUnchanged: true,
		},
		SnapshotId: "4f2a9c1be07d3358",
		SnapshotStats: &restic.BackupProgressEntry{
			MessageType: "summary", Error: failure, FilesNew: 12, FilesChanged: 3,
			DataAdded: 123456789, TotalDuration: 42.75, SnapshotId: "4f2a",
		},
		CurTime:     instant("2025-03-09T14:05:06.987654321Z"),
		Duration:    42751 * time.Millisecond,
		Error:       "open \"/x\\y\": <denied> & 'no' 100%\n\tline two\u2028end é世😀",
		Labels:      map[string]string{"host": "a;b", "z": ""},
		Attempt:     2,
		Trigger:     "MANUAL",
		OperationId: "op",
	}
}

func decoded(text string) (value any) {
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	return value
}

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}
