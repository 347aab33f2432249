// Package tasks holds what the templates of hooks see.
package tasks

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hookd/oracle/restic"
	v1 "hookd/oracle/v1"
)

// HookVars is the dot of a template.
type HookVars struct {
	Task          string
	Event         v1.Hook_Condition
	Repo          *v1.Repo
	Plan          *v1.Plan
	SnapshotId    string
	SnapshotStats *restic.BackupProgressEntry
	CurTime       time.Time
	Duration      time.Duration
	Error         string
	Labels        map[string]string
	Attempt       int
	Trigger       string
	OperationId   string
}

// EventName is what happened, in a few words.
func (v HookVars) EventName(c v1.Hook_Condition) string {
	switch {
	case c == 1:
		return "error"
	case c == 0 || !v1.Known(c):
		return "unknown"
	}
	name := strings.TrimPrefix(c.String(), "CONDITION_")
	return strings.ReplaceAll(strings.ToLower(name), "_", " ")
}

// FormatTime is the time as in RFC 3339.
func (v HookVars) FormatTime(t time.Time) string {
	return t.Format(time.RFC3339)
}

// FormatDuration is the duration to the millisecond.
func (v HookVars) FormatDuration(d time.Duration) string {
	return d.Truncate(time.Millisecond).String()
}

// FormatSizeBytes is a number of bytes in a unit that fits. It panics beyond its units.
func (v HookVars) FormatSizeBytes(bytes any) string {
	var size float64
	switch n := bytes.(type) {
	case int:
		size = float64(n)
	case int32:
		size = float64(n)
	case int64:
		size = float64(n)
	}
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	unit := 0
	for size > 1000 {
		size /= 1000
		unit++
	}
	return fmt.Sprintf("%.3f %v", size, units[unit])
}

// IsError says whether a snapshot, or anything, failed.
func (v HookVars) IsError(c v1.Hook_Condition) bool {
	return c == 1 || c == 4
}

// ShellEscape is the text as one word of a shell.
func (v HookVars) ShellEscape(s string) string {
	plain := func(b byte) bool {
		return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' ||
			strings.IndexByte("@%+=:,./_-", b) >= 0
	}
	for i := range len(s) {
		if !plain(s[i]) {
			return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
		}
	}
	if s == "" {
		return "''"
	}
	return s
}

// JsonMarshal is the value as JSON, or nothing.
func (v HookVars) JsonMarshal(value any) string {
	bytes, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(bytes)
}
