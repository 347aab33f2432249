package example;

import com.google.protobuf.util.Durations;
import hookd.v1.CancelRunRequest;
import hookd.v1.Event;
import hookd.v1.HookServiceGrpc;
import hookd.v1.HookServiceGrpc.HookServiceBlockingStub;
import hookd.v1.JournalEntry;
import hookd.v1.RunHooksRequest;
import hookd.v1.WatchRunRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A connection to hookd, and the way of one event to its decision. */
final class Hooks implements AutoCloseable {
  private static final Duration FIRST_WAIT = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final ManagedChannel channel;
  private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final HookServiceBlockingStub hookd;
  private final Optional<Duration> timeout;
  private final Duration deadline;

  /** What the decisions so far warn of. */
  final List<String> warnings = new ArrayList<>();

  /** Reaches `unix:///path` or `http://host:port`, when it is first used. */
  Hooks(String address, Optional<Duration> timeout, Duration deadline) {
    NettyChannelBuilder builder;
    if (address.startsWith("unix://")) {
      var socket = UnixDomainSocketAddress.of(address.substring("unix://".length()));
      builder = NettyChannelBuilder.forAddress(socket)
          .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
          // An option of TCP, which grpc-java sets by itself.
          .withOption(ChannelOption.SO_KEEPALIVE, null)
          .overrideAuthority("localhost");
    } else {
      builder = NettyChannelBuilder.forTarget(URI.create(address).getAuthority())
          .channelType(NioSocketChannel.class);
    }
    // A silent connection is probed, so that a lost one is noticed.
    channel = builder.eventLoopGroup(threads).usePlaintext().keepAliveTime(20, TimeUnit.SECONDS).build();
    hookd = HookServiceGrpc.newBlockingStub(channel);
    this.timeout = timeout;
    this.deadline = deadline;
  }

  /** Reports an event and waits for the decision; if this thread is interrupted, the run is ended. */
  Decision decide(Event event) throws Undecided {
    var request = RunHooksRequest.newBuilder().setRequestId(UUID.randomUUID().toString()).setEvent(event);
    timeout.ifPresent(limit -> request.setTimeout(Durations.fromMillis(limit.toMillis())));
    var run = new Run(request.build());
    // Every call and wait in here ends when it is closed or its time is up.
    try (var call = Context.current().withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS, clock)) {
      var outer = call.attach();
      try {
        return run.follow(call);
      } finally {
        call.detach(outer);
      }
    } catch (InterruptedException interrupted) {
      run.cancel();
      throw new Undecided(130, "interrupted", "");
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    clock.shutdownNow();
  }

  /** The run of one request, as far as it is known. */
  private final class Run {
    private final RunHooksRequest request;
    private final Output output = new Output();
    private String id = "";
    private long last;
    private Duration wait = FIRST_WAIT;

    Run(RunHooksRequest request) {
      this.request = request;
    }

    /** Reads the journal to its end, across lost connections. */
    Decision follow(Context.CancellableContext call) throws InterruptedException, Undecided {
      while (true) {
        var pause = wait;
        try {
          // The same request attaches to the same run, so that no hook runs twice.
          var decision = id.isEmpty()
              ? read(hookd.runHooks(request), answer -> answer.getEntry())
              : read(hookd.watchRun(WatchRunRequest.newBuilder().setRunId(id).setAfterSequence(last).build()),
                  answer -> answer.getEntry());
          if (decision.isPresent()) return decision.get();
          Output.log("connection lost: hookd ended the stream before the run");
        } catch (StatusRuntimeException lost) {
          if (Thread.interrupted()) throw new InterruptedException();
          var refusal = Refusal.of(lost);
          if (call.isCancelled() || !refusal.mayPass()) return refusal.decision(!id.isEmpty());
          Output.log("connection lost: " + lost.getMessage());
          pause = refusal.retryAfter().orElse(wait);
        }
        var left = call.getDeadline().timeRemaining(TimeUnit.MILLISECONDS);
        Thread.sleep(Math.max(0, Math.min(pause.toMillis(), left)));
        if (left <= 0) throw new Undecided(69, "no decision before the deadline", "");
        var twice = wait.multipliedBy(2);
        wait = twice.compareTo(LONGEST_WAIT) < 0 ? twice : LONGEST_WAIT;
        // The channel has waits of its own; these count.
        channel.resetConnectBackoff();
      }
    }

    private <T> Optional<Decision> read(Iterator<T> answers, Function<T, JournalEntry> entryOf) {
      while (answers.hasNext()) {
        var entry = entryOf.apply(answers.next());
        if (entry.getSequence() <= last) continue;
        last = entry.getSequence();
        wait = FIRST_WAIT;
        output.show(entry);
        switch (entry.getEntryCase()) {
          case RUN_STARTED -> id = entry.getRunStarted().getRunId();
          case RUN_FINISHED -> {
            var decision = entry.getRunFinished().getDecision();
            warnings.addAll(decision.getWarningsList());
            return Optional.of(Decision.of(decision.getKind(), decision.getRetryAfter()));
          }
          case RUN_INTERRUPTED -> {
            var end = entry.getRunInterrupted();
            return Optional.of(Decision.of(end.getAdvice(), end.getRetryAfter()));
          }
          default -> {}
        }
      }
      return Optional.empty();
    }

    void cancel() {
      if (id.isEmpty()) return;
      try {
        hookd.withDeadlineAfter(5, TimeUnit.SECONDS).cancelRun(CancelRunRequest.newBuilder().setRunId(id).build());
      } catch (StatusRuntimeException error) {
        Output.log("the run goes on: " + error.getMessage());
      }
    }
  }
}
