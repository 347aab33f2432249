package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "example.com/hookd-agent/gen/hookd/v1"
)

const firstWait, longestWait, longestLine = 100 * time.Millisecond, 5 * time.Second, 64 << 10

var exits = map[codes.Code]int{
	codes.NotFound: 65, codes.InvalidArgument: 65, codes.DeadlineExceeded: 69,
	codes.PermissionDenied: 77, codes.Unauthenticated: 77,
}

// failure is why there is no decision.
type failure struct {
	exit            int
	reason, message string
}

func (f *failure) Error() string { return f.message }

// run is what is known so far of the run that an event set off.
type run struct {
	client   pb.HookServiceClient
	request  *pb.RunHooksRequest
	id       string
	sequence uint64
	hooks    map[uint32]string // names by index
	lines    map[uint64][]byte // what has no end yet, by hook and stream
	decision *pb.Decision
}

// fire has hookd run the hooks of an event and returns its decision, across lost
// connections. If ctx is cancelled, hookd is asked to end the run.
func fire(ctx context.Context, client pb.HookServiceClient, request *pb.RunHooksRequest, deadline time.Duration) (*pb.Decision, error) {
	bounded, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	request.RequestId = uuid.NewString()
	r := run{client: client, request: request, hooks: map[uint32]string{}, lines: map[uint64][]byte{}}
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		seen := r.sequence
		err := r.read(bounded)
		if ctx.Err() != nil {
			return nil, r.cancel(context.WithoutCancel(ctx))
		}
		asked, err := r.judge(err)
		if r.decision != nil || err != nil {
			return r.decision, err
		}
		if r.sequence > seen {
			wait = firstWait
		}
		if asked == 0 {
			asked = wait
		}
		sleep(bounded, asked) // if that is cut short, so is the next read, which says why
	}
}

// read follows the journal from where it was lost, up to the end of the stream.
func (r *run) read(ctx context.Context) error {
	var next func() (*pb.JournalEntry, error)
	if r.id == "" {
		stream, err := r.client.RunHooks(ctx, r.request)
		if err != nil {
			return err
		}
		next = func() (*pb.JournalEntry, error) { answer, err := stream.Recv(); return answer.GetEntry(), err }
	} else {
		stream, err := r.client.WatchRun(ctx, &pb.WatchRunRequest{RunId: r.id, AfterSequence: r.sequence})
		if err != nil {
			return err
		}
		next = func() (*pb.JournalEntry, error) { answer, err := stream.Recv(); return answer.GetEntry(), err }
	}
	for r.decision == nil {
		entry, err := next()
		if err != nil {
			return err
		}
		if entry.GetSequence() > r.sequence { // else it was seen before the connection broke
			r.sequence = entry.GetSequence()
			r.take(entry)
		}
	}
	return nil
}

func (r *run) take(entry *pb.JournalEntry) {
	switch e := entry.Entry.(type) {
	case *pb.JournalEntry_RunStarted:
		r.id = e.RunStarted.RunId
	case *pb.JournalEntry_HookStarted:
		r.hooks[e.HookStarted.Index] = e.HookStarted.Hook
	case *pb.JournalEntry_HookOutput:
		r.show(e.HookOutput.Index, e.HookOutput.Stream, e.HookOutput.Data)
	case *pb.JournalEntry_HookFinished:
		r.show(e.HookFinished.Index, pb.OutputStream_OUTPUT_STREAM_STDOUT, nil)
		r.show(e.HookFinished.Index, pb.OutputStream_OUTPUT_STREAM_STDERR, nil)
	case *pb.JournalEntry_RunFinished:
		r.decision = e.RunFinished.Decision
	case *pb.JournalEntry_RunInterrupted:
		i := e.RunInterrupted
		r.decision = &pb.Decision{Kind: i.Advice, Reason: i.Reason, RetryAfter: i.RetryAfter}
	}
}

// show prints what a hook wrote, line by line; without data, what has no line break.
func (r *run) show(hook uint32, stream pb.OutputStream, data []byte) {
	from := uint64(hook)<<32 | uint64(stream)
	text := append(r.lines[from], data...)
	if len(text) > 0 && (len(data) == 0 || len(text) > longestLine) {
		text = append(text, '\n')
	}
	lines := bytes.Split(text, []byte("\n"))
	for _, line := range lines[:len(lines)-1] {
		safe := func(c rune) rune { // invalid bytes come as the replacement character
			if unicode.IsControl(c) && c != '\t' {
				return unicode.ReplacementChar
			}
			return c
		}
		fmt.Fprintf(os.Stderr, "%s | %s\n", r.hooks[hook], strings.Map(safe, string(line)))
	}
	r.lines[from] = lines[len(lines)-1]
}

// judge says what follows from the end of a stream: a decision, a failure, or how long to
// wait, where 0 leaves that to us.
func (r *run) judge(err error) (time.Duration, error) {
	answer, info, retry := status.Convert(err), &errdetails.ErrorInfo{}, (*errdetails.RetryInfo)(nil)
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			info = detail
		case *errdetails.RetryInfo:
			retry = detail
		}
	}
	switch code := answer.Code(); {
	case r.decision != nil:
		return 0, nil
	case code == codes.Aborted && info.Reason == "RUN_INTERRUPTED":
		kind := pb.DecisionKind(pb.DecisionKind_value[info.Metadata["advice"]])
		r.decision = &pb.Decision{Kind: kind, Reason: answer.Message(), RetryAfter: retry.GetRetryDelay()}
		return 0, nil
	case err == io.EOF, code == codes.Unavailable, code == codes.ResourceExhausted && retry != nil:
		return retry.GetRetryDelay().AsDuration(), nil
	case code == codes.NotFound && r.id != "": // hookd has forgotten the run
		return 0, &failure{69, info.Reason, answer.Message()}
	default:
		return 0, &failure{max(exits[code], 1), info.Reason, answer.Message()}
	}
}

func (r *run) cancel(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	if r.id != "" {
		if _, err := r.client.CancelRun(ctx, &pb.CancelRunRequest{RunId: r.id}); err != nil {
			fmt.Fprintln(os.Stderr, "the run goes on:", err)
		}
	}
	return &failure{130, "", "interrupted"}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
