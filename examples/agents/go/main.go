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
	"syscall"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "example.com/hookd-agent/gen/hookd/v1"
)

var (
	addr     = flag.String("addr", cmp.Or(os.Getenv("HOOKD_ADDR"), usualSocket()), "where hookd is")
	plan     = flag.String("plan", "", "the plan")
	source   = flag.String("source", "", "the folder to copy")
	target   = flag.String("target", "", "the folder to copy into")
	attempts = flag.Uint("attempts", 3, "tries of the operation")
	maxWait  = flag.Float64("max-wait", 3600, "the longest wait for the next try, in seconds")
	timeout  = flag.Float64("timeout", 3600, "bounds the hooks of an event, in seconds")
	deadline = flag.Float64("deadline", 3600, "the longest wait for a decision, in seconds")
)

const firstWait, longestWait = 100 * time.Millisecond, 5 * time.Second // while hookd is not there

// usualSocket is the default socket of this user's hookd: the first that is there, else the first.
func usualSocket() string {
	user := os.Geteuid()
	folders := []string{"/run/hookd"}
	if user != 0 {
		state := cmp.Or(os.Getenv("XDG_STATE_HOME"), os.Getenv("HOME")+"/.local/state")
		folders = []string{state + "/hookd/run", "/run/hookd"}
		// cron sets no XDG_RUNTIME_DIR.
		for _, runtime := range []string{fmt.Sprint("/run/user/", user), os.Getenv("XDG_RUNTIME_DIR")} {
			if found, err := os.Stat(runtime); err == nil && found.IsDir() {
				folders = append([]string{runtime + "/hookd"}, folders...)
			}
		}
	}
	for _, folder := range folders {
		found, err := os.Stat(folder + "/hookd.sock")
		if err == nil && found.Sys().(*syscall.Stat_t).Uid == uint32(user) {
			return "unix://" + folder + "/hookd.sock"
		}
	}
	return "unix://" + folders[0] + "/hookd.sock"
}

// operation is one backup, and what is printed at its end.
type operation struct {
	Exit     int      `json:"exit"`
	Decision string   `json:"decision"`
	Attempts uint32   `json:"attempts"`
	Outcome  string   `json:"outcome"`
	Reason   string   `json:"reason"`
	ID       string   `json:"operation_id"`
	Warnings []string `json:"warnings"`
	hookd    pb.HookServiceClient
}

func main() {
	flag.Parse()
	reconnect := backoff.Config{BaseDelay: firstWait, Multiplier: 2, MaxDelay: longestWait}
	conn, err := grpc.NewClient(strings.TrimPrefix(*addr, "http://"),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect}),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil || *source == "" || *target == "" {
		fmt.Fprintln(os.Stderr, "--source and --target are required, and an --addr that can be one")
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the agent at once
	o := operation{ID: uuid.NewString(), Warnings: []string{}, hookd: pb.NewHookServiceClient(conn)}
	if o.Exit, err = o.backup(ctx); err != nil {
		fmt.Fprintln(newTerminal(), "error:", err)
		o.Reason = detail[*errdetails.ErrorInfo](err).GetReason()
	}
	if ctx.Err() != nil {
		o.Exit = 130
	}
	json.NewEncoder(os.Stdout).Encode(o)
	os.Exit(o.Exit)
}

// backup does what hookd decides, and returns the exit code.
func (o *operation) backup(ctx context.Context) (int, error) {
	for ctx.Err() == nil {
		o.Attempts++
		decision, err := o.report(ctx, &pb.Event{Condition: pb.Condition_CONDITION_SNAPSHOT_START})
		if err != nil {
			return 69, err
		}
		o.Decision = strings.TrimPrefix(decision.GetKind().String(), "DECISION_KIND_")
		switch decision.GetKind() {
		case pb.DecisionKind_DECISION_KIND_PROCEED:
			return o.snapshot(ctx)
		case pb.DecisionKind_DECISION_KIND_CANCEL: // no failure, and nothing more to report
			return 20, errors.New("cancelled: " + decision.Reason)
		case pb.DecisionKind_DECISION_KIND_FAIL: // hookd ran the hooks for failures
			return 21, errors.New("failed: " + decision.Reason)
		case pb.DecisionKind_DECISION_KIND_RETRY:
			if o.Attempts >= uint32(*attempts) {
				return 22, errors.New("put off: " + decision.Reason)
			}
			sleep(ctx, min(decision.RetryAfter.AsDuration(), seconds(*maxWait)))
		default: // of a later version: never taken for leave to go on
			return 1, fmt.Errorf("unknown decision %s", o.Decision)
		}
	}
	return 130, ctx.Err()
}

// snapshot copies the source, and reports how that ended.
func (o *operation) snapshot(ctx context.Context) (int, error) {
	exit, began, id := 0, time.Now(), o.ID[:8]
	stats, left, failed := copyTree(ctx, filepath.Join(*target, id))
	stats.FilesNew, stats.DataAdded = stats.TotalFilesProcessed, stats.TotalBytesProcessed
	stats.SnapshotId, stats.TotalDuration = id, time.Since(began).Seconds()
	event := &pb.Event{Condition: pb.Condition_CONDITION_SNAPSHOT_SUCCESS, SnapshotId: id,
		SnapshotStats: stats, Duration: durationpb.New(time.Since(began))}
	if failed != nil {
		ctx = context.WithoutCancel(ctx) // hooks clean up also after Ctrl-C
		event.SnapshotId = ""
		exit, event.Condition, event.Error = 1, pb.Condition_CONDITION_SNAPSHOT_ERROR, failed.Error()
	} else if len(left) > 0 {
		exit, event.Condition, event.Error = 3, pb.Condition_CONDITION_SNAPSHOT_WARNING, strings.Join(left, "\n")
	}
	o.Outcome = strings.TrimPrefix(event.Condition.String(), "CONDITION_")
	decision, err := o.report(ctx, event)
	if err != nil {
		return 69, err
	} else if decision.GetKind() != pb.DecisionKind_DECISION_KIND_PROCEED {
		return 21, errors.New("failed: " + decision.GetReason())
	}
	return exit, failed
}

// copyTree copies the source; what cannot be read is left out and named.
func copyTree(ctx context.Context, target string) (*pb.SnapshotStats, []string, error) {
	stats, left := &pb.SnapshotStats{}, []string{}
	err := filepath.WalkDir(*source+"/", func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(*source, path)
		if ctx.Err() != nil || err != nil && name == "." {
			return cmp.Or(ctx.Err(), err)
		} else if err == nil && entry.IsDir() {
			into, _ := os.Stat(target)
			if folder, _ := entry.Info(); os.SameFile(folder, into) {
				return fs.SkipDir // the copy itself
			}
			return os.MkdirAll(filepath.Join(target, name), 0o700)
		}
		var from *os.File
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			from, _ = os.Open(path)
		}
		if from == nil {
			left = append(left, path+" cannot be read")
			return nil
		}
		defer from.Close()
		defer context.AfterFunc(ctx, func() { from.Close() })() // Ctrl-C ends a long copy, too
		to, err := os.Create(filepath.Join(target, name))
		if err != nil {
			return err
		}
		size, err := io.Copy(to, struct{ io.Reader }{from}) // in small steps, unlike from file to file
		stats.TotalFilesProcessed++
		stats.TotalBytesProcessed += size
		return errors.Join(err, to.Close())
	})
	return stats, left, cmp.Or(ctx.Err(), err)
}

// report completes an event, has hookd run the hooks for it, and returns the decision.
func (o *operation) report(ctx context.Context, event *pb.Event) (*pb.Decision, error) {
	event.PlanId, event.OperationId, event.Attempt = *plan, o.ID, o.Attempts
	event.Task, event.Trigger = fmt.Sprintf("backup of %q", *source), pb.Trigger_TRIGGER_MANUAL
	// Names of files need not be UTF-8, and there may be many.
	event.Error = strings.ToValidUTF8(event.Error[:min(len(event.Error), 10_000)], "\uFFFD")
	ctx, cancel := context.WithTimeout(ctx, seconds(*deadline))
	defer cancel()
	decision, err := fire(ctx, o.hookd, &pb.RunHooksRequest{
		RequestId: uuid.NewString(), Event: event, Timeout: durationpb.New(seconds(*timeout)),
	})
	o.Warnings = append(o.Warnings, decision.GetWarnings()...)
	return decision, err
}

// fire follows a run of hooks to its decision, across lost connections, and shows what they
// write. If ctx is cancelled, hookd is asked to end the run.
func fire(ctx context.Context, hookd pb.HookServiceClient, request *pb.RunHooksRequest) (*pb.Decision, error) {
	run := &pb.WatchRunRequest{}
	terminals := [2]io.Writer{newTerminal(), newTerminal()} // one for each stream of output
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		var stream grpc.ClientStream
		var err error
		if run.RunId == "" { // the same request again attaches to the same run
			stream, err = hookd.RunHooks(ctx, request)
		} else { // starts no run, even if hookd has forgotten this one
			stream, err = hookd.WatchRun(ctx, run)
		}
		for err == nil {
			answer := &pb.RunHooksResponse{} // that of WatchRun is the same on the wire
			err = stream.RecvMsg(answer)
			if sequence := answer.GetEntry().GetSequence(); sequence > 0 {
				run.AfterSequence, wait = sequence, firstWait
			}
			switch entry := answer.GetEntry().GetEntry().(type) {
			case *pb.JournalEntry_RunStarted:
				run.RunId = entry.RunStarted.RunId
			case *pb.JournalEntry_HookOutput:
				terminals[entry.HookOutput.Stream&1].Write(entry.HookOutput.Data)
			case *pb.JournalEntry_RunFinished:
				return entry.RunFinished.Decision, nil
			}
		}
		info, retry := detail[*errdetails.ErrorInfo](err), detail[*errdetails.RetryInfo](err)
		switch {
		case ctx.Err() == context.Canceled && run.RunId != "":
			_, failed := hookd.CancelRun(context.WithoutCancel(ctx), &pb.CancelRunRequest{RunId: run.RunId})
			return nil, errors.Join(err, failed)
		case info.GetReason() == "RUN_INTERRUPTED" && info.Metadata["advice"] == "DECISION_KIND_RETRY":
			kind := pb.DecisionKind_DECISION_KIND_RETRY // hookd died in the middle of the run
			return &pb.Decision{Kind: kind, Reason: err.Error(), RetryAfter: retry.GetRetryDelay()}, nil
		case info.GetReason() == "RUN_INTERRUPTED":
			return &pb.Decision{Kind: pb.DecisionKind_DECISION_KIND_FAIL, Reason: err.Error()}, nil
		case err == io.EOF, status.Code(err) == codes.Unavailable, retry != nil: // lost, or busy
			if wait == firstWait { // said once, until it goes on
				fmt.Fprintln(terminals[0], "trying again:", err)
			}
			sleep(ctx, cmp.Or(retry.GetRetryDelay().AsDuration(), wait))
		default:
			return nil, err
		}
	}
}

// newTerminal writes to standard error without what could steer a terminal. It replaces what
// is no UTF-8, and puts characters together that come in two parts.
func newTerminal() io.Writer {
	harmless := runes.Map(func(c rune) rune {
		if unicode.IsGraphic(c) || c == '\n' || c == '\t' {
			return c
		}
		return unicode.ReplacementChar
	})
	return transform.NewWriter(os.Stderr, transform.Chain(runes.ReplaceIllFormed(), harmless))
}

// detail finds a detail of an error by its type.
func detail[T any](err error) (found T) {
	for _, detail := range status.Convert(err).Details() {
		if detail, ok := detail.(T); ok {
			return detail
		}
	}
	return found
}

func sleep(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
