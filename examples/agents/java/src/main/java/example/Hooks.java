package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.*;

import com.google.common.collect.Iterators;
import com.google.protobuf.*;
import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import hookd.v1.*;
import io.grpc.*;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.netty.channel.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.util.*;

/** Has hookd run the hooks of an event and waits for its decision: yours to take over. */
final class Hooks implements AutoCloseable {
  /** In milliseconds. */
  private static final long FIRST_WAIT = 100;
  private static final long LONGEST_WAIT = 5_000;
  private static final PrintStream TERMINAL = new PrintStream(System.err, true, UTF_8);

  private final ManagedChannel channel;
  private final Map<OutputStream, ByteString> rest = new EnumMap<>(OutputStream.class);

  /** Reaches {@code unix:///path} or {@code http://host:port}, when it is first used. */
  Hooks(String address) {
    var builder = address.startsWith("unix://")
        ? NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(address.substring(7)))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
            // An option of TCP, which grpc-java sets by itself.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
        : NettyChannelBuilder.forTarget(address.replaceFirst("^http://", ""));
    // A silent connection is probed, so that a lost one is noticed.
    channel = builder.usePlaintext().keepAliveTime(20, SECONDS).build();
  }

  /**
   * Reports an event and follows the run of its hooks to the decision, across lost connections.
   * The request needs an id of its own; the deadline is in milliseconds. An error of gRPC says
   * why there is no decision. If this thread is interrupted, hookd is asked to end the run.
   */
  Decision decide(RunHooksRequest request, long deadline) throws InterruptedException {
    var hookd = HookServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadline, MILLISECONDS);
    var run = "";
    var last = 0L;
    var wait = FIRST_WAIT;
    try {
      while (true) {
        try {
          // No hook runs twice: the same request finds its run, and a known run is watched.
          var watch = WatchRunRequest.newBuilder().setRunId(run).setAfterSequence(last).build();
          var journal = run.isEmpty()
              ? Iterators.transform(hookd.runHooks(request), RunHooksResponse::getEntry)
              : Iterators.transform(hookd.watchRun(watch), WatchRunResponse::getEntry);
          while (journal.hasNext()) {
            var entry = journal.next();
            last = entry.getSequence();
            wait = FIRST_WAIT;
            if (entry.hasRunStarted()) run = entry.getRunStarted().getRunId();
            if (entry.hasHookOutput()) show(entry.getHookOutput());
            if (entry.hasRunFinished()) return entry.getRunFinished().getDecision();
          }
          throw Status.UNAVAILABLE.withDescription("the run goes on").asRuntimeException();
        } catch (StatusRuntimeException error) {
          if (Thread.interrupted()) throw new InterruptedException();
          var info = detail(error, ErrorInfo.getDefaultInstance());
          var retry = detail(error, RetryInfo.getDefaultInstance());
          if (info.getReason().equals("RUN_INTERRUPTED")) {
            // hookd died in the middle, and says what is to become of the operation.
            var again = info.getMetadataOrDefault("advice", "").equals("DECISION_KIND_RETRY");
            var kind = again ? DecisionKind.DECISION_KIND_RETRY : DecisionKind.DECISION_KIND_FAIL;
            return Decision.newBuilder().setKind(kind).setRetryAfter(retry.getRetryDelay()).build();
          }
          var code = error.getStatus().getCode();
          var busy = code == Status.Code.RESOURCE_EXHAUSTED && retry.hasRetryDelay();
          if (code != Status.Code.UNAVAILABLE && !busy) throw error;
          show("trying again: " + error.getMessage() + "\n");
          var asked = retry.hasRetryDelay() ? Durations.toMillis(retry.getRetryDelay()) : wait;
          var left = hookd.getCallOptions().getDeadline().timeRemaining(MILLISECONDS);
          MILLISECONDS.sleep(Math.min(asked, left));
          wait = Math.min(2 * wait, LONGEST_WAIT);
          // The channel has waits of its own; these count.
          channel.resetConnectBackoff();
        }
      }
    } catch (InterruptedException interrupted) {
      var cancel = CancelRunRequest.newBuilder().setRunId(run).build();
      if (!run.isEmpty()) hookd.withDeadlineAfter(5, SECONDS).cancelRun(cancel);
      throw interrupted;
    }
  }

  /** Shows what a hook wrote; a character that is cut goes on in the next entry of its stream. */
  private void show(HookOutput output) {
    var cut = rest.getOrDefault(output.getStream(), ByteString.EMPTY);
    var bytes = cut.concat(output.getData()).asReadOnlyByteBuffer();
    var text = CharBuffer.allocate(bytes.remaining());
    UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE).decode(bytes, text, false);
    rest.put(output.getStream(), ByteString.copyFrom(bytes));
    show(text.flip().toString());
  }

  /** A detail of an error, or what is given if it has none. */
  static <T extends Message> T detail(StatusRuntimeException error, T none) {
    try {
      for (var detail : StatusProto.fromThrowable(error).getDetailsList()) {
        if (detail.isSameTypeAs(none)) return detail.unpackSameTypeAs(none);
      }
    } catch (InvalidProtocolBufferException malformed) {
      // As if it had none.
    }
    return none;
  }

  /** Shows a text on standard error. Whoever wrote it must not steer the terminal. */
  static void show(String text) {
    TERMINAL.print(text.replaceAll("[\\p{Cc}\\p{Cf}&&[^\n\t]]", "\ufffd"));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
