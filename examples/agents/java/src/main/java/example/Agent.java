package example;

import static hookd.v1.Condition.*;

import com.google.gson.Gson;
import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import com.sun.nio.file.ExtendedCopyOption;
import hookd.v1.*;
import io.grpc.StatusRuntimeException;
import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** Backs up a folder by copying it, and has hookd run the hooks around that. */
@Command(name = "agent", mixinStandardHelpOptions = true)
final class Agent implements Callable<Integer> {
  @Option(names = "--addr")
  private String addr = System.getenv().getOrDefault("HOOKD_ADDR", usualSocket());
  @Option(names = "--plan") private String plan = "";
  @Option(names = "--source", required = true) private Path source;
  @Option(names = "--target", required = true) private Path target;
  @Option(names = "--attempts") private int attempts = 3;
  @Option(names = "--max-wait") private double maxWait = 3600;
  @Option(names = "--timeout") private double timeout = 3600;
  @Option(names = "--deadline") private double deadline = 3600;

  private final Report report = new Report();

  /** What is printed at the end. */
  private static final class Report {
    int exit;
    int attempts;
    String decision = "", outcome = "", reason = "";
    final String operation_id = UUID.randomUUID().toString();
    final List<String> warnings = new ArrayList<>();
  }

  /** The operation from its start to its end; the exit code. */
  private int backup(Hooks hooks) throws InterruptedException {
    while (true) {
      report.attempts++;
      var start = fire(hooks, Event.newBuilder().setCondition(CONDITION_SNAPSHOT_START));
      report.decision = start.getKind().name().replace("DECISION_KIND_", "");
      switch (start.getKind()) {
        case DECISION_KIND_PROCEED: return finish(hooks);
        case DECISION_KIND_CANCEL: return 20; // no failure, and nothing more to report
        case DECISION_KIND_FAIL: return 21; // hookd ran the hooks for failures
        case DECISION_KIND_RETRY:
          if (report.attempts >= attempts) return 22;
          Thread.sleep(Math.min(Durations.toMillis(start.getRetryAfter()), millis(maxWait)));
          break;
        default: return 1; // of a later version: never taken for leave to go on
      }
    }
  }

  /** Copies, and reports how that ended; the exit code. */
  private int finish(Hooks hooks) throws InterruptedException {
    var began = System.nanoTime();
    var end = Event.newBuilder();
    int exit;
    try {
      exit = copy(end);
    } catch (IOException | UncheckedIOException error) {
      // The hooks for failures run all the same; the next Ctrl-C ends them.
      var interrupted = Thread.interrupted();
      exit = interrupted ? 130 : 1;
      var why = interrupted ? "interrupted" : error.toString();
      end.setCondition(CONDITION_SNAPSHOT_ERROR).setError(why);
    }
    if (exit != 0) Hooks.show(end.getError() + "\n");
    report.outcome = end.getCondition().name().replace("CONDITION_", "");
    var took = System.nanoTime() - began;
    end.getSnapshotStatsBuilder().setTotalDuration(took / 1e9);
    var last = fire(hooks, end.setDuration(Durations.fromNanos(took)));
    return last.getKind() == DecisionKind.DECISION_KIND_PROCEED ? exit : 21;
  }

  /** Copies a folder and completes the event with what came of it: put your backup in its place. */
  private int copy(Event.Builder event) throws IOException {
    var snapshot = report.operation_id.substring(0, 8);
    var root = source.toRealPath();
    var into = Files.createDirectories(target.resolve(snapshot)).toRealPath();
    var leftOut = new ArrayList<String>();
    long files = 0;
    long bytes = 0;
    try (var paths = Files.walk(root)) {
      for (var path : (Iterable<Path>) paths::iterator) {
        if (Thread.currentThread().isInterrupted()) throw new InterruptedIOException();
        if (path.startsWith(into)) continue; // the copy itself
        var copy = into.resolve(root.relativize(path));
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(copy);
        } else if (Files.isRegularFile(path) && Files.isReadable(path)) {
          Files.copy(path, copy, ExtendedCopyOption.INTERRUPTIBLE);
          files++;
          bytes += Files.size(copy);
        } else {
          leftOut.add(path.toString());
        }
      }
    }
    var complete = leftOut.isEmpty();
    event.setCondition(complete ? CONDITION_SNAPSHOT_SUCCESS : CONDITION_SNAPSHOT_WARNING)
        .setError(complete ? "" : "left out: " + leftOut.stream().limit(20).toList())
        .setSnapshotId(snapshot).getSnapshotStatsBuilder().setSnapshotId(snapshot)
        .setFilesNew(files).setTotalFilesProcessed(files)
        .setDataAdded(bytes).setTotalBytesProcessed(bytes);
    return complete ? 0 : 3;
  }

  /** Reports an event, completed with what all of the operation have in common. */
  private Decision fire(Hooks hooks, Event.Builder event) throws InterruptedException {
    event.setPlanId(plan).setTask("copy " + source).setTrigger(Trigger.TRIGGER_MANUAL)
        .setOperationId(report.operation_id).setAttempt(report.attempts);
    var request = RunHooksRequest.newBuilder().setRequestId(UUID.randomUUID().toString())
        .setEvent(event).setTimeout(Durations.fromMillis(millis(timeout)));
    var decision = hooks.decide(request.build(), millis(deadline));
    report.warnings.addAll(decision.getWarningsList());
    return decision;
  }

  /** The default socket of this user's hookd: the first that is there, else the first. */
  private static String usualSocket() {
    var env = System.getenv();
    var user = owner(Path.of("/proc/self"));
    var state = env.getOrDefault("XDG_STATE_HOME", env.get("HOME") + "/.local/state");
    // cron sets no XDG_RUNTIME_DIR.
    var runtime = user == 0 ? Stream.<String>empty()
        : Stream.of(env.getOrDefault("XDG_RUNTIME_DIR", ""), "/run/user/" + user);
    var folders = runtime.filter(at -> !at.isEmpty() && Files.isDirectory(Path.of(at)))
        .map(at -> at + "/hookd");
    var others = user == 0 ? Stream.of("/run/hookd") : Stream.of(state + "/hookd/run", "/run/hookd");
    var sockets = Stream.concat(folders, others).map(at -> Path.of(at, "hookd.sock")).toList();
    var own = sockets.stream().filter(socket -> owner(socket) == user).findFirst();
    return "unix://" + own.orElse(sockets.get(0));
  }

  /** The number of the user who owns a file; -1 if there is none. */
  private static int owner(Path file) {
    try {
      return (int) Files.getAttribute(file, "unix:uid");
    } catch (IOException absent) {
      return -1;
    }
  }

  private static long millis(double seconds) {
    return Math.round(seconds * 1000);
  }

  @Override
  public Integer call() {
    var thread = Thread.currentThread();
    Signal.handle(new Signal("INT"), signal -> thread.interrupt());
    try (var hooks = new Hooks(addr)) {
      report.exit = backup(hooks);
    } catch (InterruptedException interrupted) {
      report.exit = 130;
    } catch (StatusRuntimeException error) {
      Hooks.show(error.getMessage() + "\n");
      report.reason = Hooks.detail(error, ErrorInfo.getDefaultInstance()).getReason();
      report.exit = 69;
    }
    System.out.println(new Gson().toJson(report));
    return report.exit;
  }

  public static void main(String[] args) {
    var line = new CommandLine(new Agent()).setOverwrittenOptionsAllowed(true);
    System.exit(line.execute(args));
  }
}
