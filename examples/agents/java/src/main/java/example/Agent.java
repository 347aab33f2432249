package example;

import com.google.gson.Gson;
import com.google.protobuf.util.Durations;
import hookd.v1.Condition;
import hookd.v1.Event;
import hookd.v1.SnapshotStats;
import hookd.v1.Trigger;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.UUID;
import java.util.stream.Collectors;
import sun.misc.Signal;

/** Backs up a folder by copying it, and has hookd run the hooks around that. */
final class Agent implements AutoCloseable {
  private final String operationId = UUID.randomUUID().toString();
  private final String snapshotId = operationId.substring(0, 8);
  private final Options options;
  private final Hooks hooks;
  private String decision = "";
  private int attempt;
  private String outcome = "";

  private Agent(Options options) {
    this.options = options;
    hooks = new Hooks(options.addr(), options.timeout(), options.deadline());
  }

  /** The operation from its start to its end; the exit code. */
  private int backup() throws Undecided, InterruptedException {
    while (true) {
      attempt++;
      var start = hooks.decide(event(Condition.CONDITION_SNAPSHOT_START).build());
      decision = start.word();
      if (start instanceof Decision.Proceed) break;
      if (start instanceof Decision.Cancel) return 20;
      if (start instanceof Decision.Fail) return 21;
      if (!(start instanceof Decision.Retry retry)) throw new Undecided(1, "unknown decision: " + decision, "");
      if (attempt >= options.attempts()) return 22;
      Thread.sleep(Math.min(retry.after().toMillis(), options.maxWait().toMillis()));
    }
    var began = Instant.now();
    var exit = 1;
    Event.Builder end;
    try {
      var copy = Copy.tree(options.source(), options.target().resolve(snapshotId));
      exit = copy.leftOut.isEmpty() ? 0 : 3;
      end = copied(copy, Duration.between(began, Instant.now()));
    } catch (IOException error) {
      // The hooks for failures are to run all the same; the next Ctrl-C ends them.
      var interrupted = Thread.interrupted();
      if (interrupted) exit = 130;
      var why = interrupted ? "interrupted" : error.toString();
      Output.log(why);
      end = event(Condition.CONDITION_SNAPSHOT_ERROR).setError(why);
    }
    outcome = end.getCondition().name().replace("CONDITION_", "");
    end.setDuration(Durations.fromMillis(Duration.between(began, Instant.now()).toMillis()));
    var last = hooks.decide(end.build());
    return exit != 130 && !(last instanceof Decision.Proceed) ? 21 : exit;
  }

  private Event.Builder copied(Copy copy, Duration took) {
    var complete = copy.leftOut.isEmpty();
    var names = copy.leftOut.stream().limit(20).collect(Collectors.joining(", "));
    var more = copy.leftOut.size() > 20 ? " and " + (copy.leftOut.size() - 20) + " more" : "";
    return event(complete ? Condition.CONDITION_SNAPSHOT_SUCCESS : Condition.CONDITION_SNAPSHOT_WARNING)
        .setSnapshotId(snapshotId)
        .setError(complete ? "" : "left out: " + names + more)
        .setSnapshotStats(SnapshotStats.newBuilder()
            .setFilesNew(copy.files).setTotalFilesProcessed(copy.files)
            .setDataAdded(copy.bytes).setTotalBytesProcessed(copy.bytes)
            .setTotalDuration(took.toMillis() / 1000.0).setSnapshotId(snapshotId));
  }

  private Event.Builder event(Condition condition) {
    return Event.newBuilder().setCondition(condition).setPlanId(options.plan()).setRepoId(options.repo())
        .setTask("copy " + options.source()).setOperationId(operationId)
        .setTrigger(Trigger.TRIGGER_MANUAL).setAttempt(attempt);
  }

  @Override
  public void close() {
    hooks.close();
  }

  /** The line for whoever started it. */
  private String result(int exit, String reason) {
    var line = new LinkedHashMap<String, Object>();
    line.put("exit", exit);
    line.put("decision", decision);
    line.put("attempts", attempt);
    line.put("outcome", outcome);
    line.put("reason", reason);
    line.put("operation_id", operationId);
    line.put("warnings", hooks.warnings);
    return new Gson().toJson(line);
  }

  public static void main(String[] args) {
    var exit = 1;
    var reason = "";
    try (var agent = new Agent(Options.parse(args))) {
      var thread = Thread.currentThread();
      for (var name : new String[] {"INT", "TERM"}) Signal.handle(new Signal(name), signal -> thread.interrupt());
      try {
        exit = agent.backup();
      } catch (Undecided undecided) {
        exit = undecided.exit;
        reason = undecided.reason;
        Output.log(undecided.getMessage());
      } catch (InterruptedException interrupted) {
        exit = 130;
      }
      System.out.println(agent.result(exit, reason));
    } catch (IllegalArgumentException wrongUse) {
      Output.log(wrongUse.getMessage());
      exit = 2;
    }
    System.exit(exit);
  }
}
