// Command agent backs up a folder by copying it, and has hookd run the hooks around that.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "example.com/hookd-agent/gen/hookd/v1"
)

// report is the last line that the agent prints.
type report struct {
	Exit        int      `json:"exit"`
	Decision    string   `json:"decision"`
	Attempts    uint32   `json:"attempts"`
	Outcome     string   `json:"outcome"`
	Reason      string   `json:"reason"`
	OperationID string   `json:"operation_id"`
	Warnings    []string `json:"warnings"`
}

type agent struct {
	report
	client                     pb.HookServiceClient
	plan, repo, source, target string
	attempts                   uint
	maxWait, timeout, deadline time.Duration
}

func main() {
	a := agent{report: report{OperationID: uuid.NewString(), Warnings: []string{}}}
	addr := flag.String("addr", cmp.Or(os.Getenv("HOOKD_ADDR"), "unix:///run/hookd/hookd.sock"), "where hookd is")
	flag.StringVar(&a.plan, "plan", "", "the plan")
	flag.StringVar(&a.repo, "repo", "", "the repository")
	flag.StringVar(&a.source, "source", "", "the folder to copy")
	flag.StringVar(&a.target, "target", "", "the folder to copy into")
	flag.UintVar(&a.attempts, "attempts", 3, "tries of the operation")
	seconds(&a.maxWait, "max-wait", time.Hour, "longest wait before the operation is tried again")
	seconds(&a.timeout, "timeout", 0, "bounds the hooks of an event")
	seconds(&a.deadline, "deadline", time.Hour, "longest wait for a decision")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	again := backoff.Config{BaseDelay: firstWait, Multiplier: 2, MaxDelay: longestWait}
	conn, err := grpc.NewClient(strings.TrimPrefix(*addr, "http://"),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: again}),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		defer conn.Close()
		a.client = pb.NewHookServiceClient(conn)
		err = a.backup(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		a.Exit = 1
		if failed := (*failure)(nil); errors.As(err, &failed) {
			a.Exit, a.Reason = failed.exit, failed.reason
		}
	}
	json.NewEncoder(os.Stdout).Encode(a.report)
	os.Exit(a.Exit)
}

// seconds defines a flag for a time in seconds.
func seconds(d *time.Duration, name string, standard time.Duration, usage string) {
	*d = standard
	flag.Func(name, usage+", in seconds", func(text string) (err error) {
		*d, err = time.ParseDuration(text + "s")
		return err
	})
}

// backup is the operation: start hooks, copy, end hooks.
func (a *agent) backup(ctx context.Context) error {
	for begun := false; !begun; {
		a.Attempts++
		decision, err := a.fire(ctx, &pb.Event{Condition: pb.Condition_CONDITION_SNAPSHOT_START})
		if err != nil {
			return err
		}
		a.Decision = strings.TrimPrefix(decision.Kind.String(), "DECISION_KIND_")
		switch decision.Kind {
		case pb.DecisionKind_DECISION_KIND_PROCEED:
			begun = true
		case pb.DecisionKind_DECISION_KIND_CANCEL: // no failure, and nothing more to report
			return &failure{20, "", "cancelled: " + decision.Reason}
		case pb.DecisionKind_DECISION_KIND_FAIL: // hookd ran the hooks for failures
			return &failure{21, "", "failed: " + decision.Reason}
		case pb.DecisionKind_DECISION_KIND_RETRY:
			if a.Attempts >= uint32(a.attempts) {
				return &failure{22, "", "put off: " + decision.Reason}
			}
			if sleep(ctx, min(decision.RetryAfter.AsDuration(), a.maxWait)); ctx.Err() != nil {
				return &failure{130, "", "interrupted"}
			}
		default: // of a later version: never taken for leave to go on
			return fmt.Errorf("unknown decision %v", decision.Kind)
		}
	}

	start := time.Now()
	snapshot := a.OperationID[:8]
	stats, left, failed := a.copy(ctx, filepath.Join(a.target, snapshot))
	took := time.Since(start)
	event := &pb.Event{Condition: pb.Condition_CONDITION_SNAPSHOT_SUCCESS, Duration: durationpb.New(took), SnapshotStats: stats}
	stats.TotalDuration, stats.SnapshotId, event.SnapshotId = took.Seconds(), snapshot, snapshot
	if failed != nil {
		a.Exit, event.Condition, event.Error, event.SnapshotId = 1, pb.Condition_CONDITION_SNAPSHOT_ERROR, failed.Error(), ""
	} else if len(left) > 0 {
		a.Exit, event.Condition, event.Error = 3, pb.Condition_CONDITION_SNAPSHOT_WARNING, strings.Join(left, "\n")
	}
	a.Outcome = strings.TrimPrefix(event.Condition.String(), "CONDITION_")
	// Hooks clean up also after a backup that was interrupted.
	decision, err := a.fire(context.WithoutCancel(ctx), event)
	if err == nil && decision.Kind != pb.DecisionKind_DECISION_KIND_PROCEED {
		err = &failure{21, "", "failed: " + decision.Reason}
	} else if ctx.Err() != nil {
		err = &failure{130, "", "interrupted"}
	}
	return errors.Join(failed, err)
}

// fire completes an event with what all of the operation have in common.
func (a *agent) fire(ctx context.Context, event *pb.Event) (*pb.Decision, error) {
	event.PlanId, event.RepoId, event.OperationId, event.Attempt = a.plan, a.repo, a.OperationID, a.Attempts
	event.Task, event.Trigger = "backup of "+a.source, pb.Trigger_TRIGGER_MANUAL
	request := &pb.RunHooksRequest{Event: event}
	if a.timeout > 0 {
		request.Timeout = durationpb.New(a.timeout)
	}
	decision, err := fire(ctx, a.client, request, a.deadline)
	a.Warnings = append(a.Warnings, decision.GetWarnings()...)
	return decision, err
}

// copy copies the source; what cannot be read is left out and named.
func (a *agent) copy(ctx context.Context, target string) (*pb.SnapshotStats, []string, error) {
	stats, left := &pb.SnapshotStats{}, []string(nil)
	if _, err := os.ReadDir(a.source); err != nil {
		return stats, nil, err
	}
	err := filepath.WalkDir(a.source, func(path string, entry fs.DirEntry, unread error) error {
		name, _ := filepath.Rel(a.source, path)
		to := filepath.Join(target, name)
		if ctx.Err() != nil {
			return ctx.Err()
		} else if unread == nil && entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		info, err := os.Stat(path)
		if unread != nil || err != nil || !info.Mode().IsRegular() {
			left = append(left, path+": cannot be read")
			return nil
		}
		from, err := os.Open(path)
		if err != nil {
			left = append(left, err.Error())
			return nil
		}
		defer from.Close()
		file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
		if err != nil {
			return err
		}
		defer file.Close()
		bytes, err := io.Copy(file, from)
		stats.FilesNew++
		stats.TotalFilesProcessed++
		stats.TotalBytesProcessed += bytes
		stats.DataAdded += bytes
		return err
	})
	return stats, left, err
}
