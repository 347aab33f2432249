package example;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import hookd.v1.DecisionKind;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;

/** What an error of a call means. */
record Refusal(Status status, Optional<RetryInfo> retryInfo, ErrorInfo errorInfo) {
  static Refusal of(StatusRuntimeException error) {
    return new Refusal(error.getStatus(), detail(error, RetryInfo.class),
        detail(error, ErrorInfo.class).orElse(ErrorInfo.getDefaultInstance()));
  }

  /** How long hookd asks to wait. */
  Optional<Duration> retryAfter() {
    return retryInfo.map(info -> Duration.ofMillis(Durations.toMillis(info.getRetryDelay())));
  }

  /** Whether the connection broke, or hookd cannot serve just now. */
  boolean mayPass() {
    // What hookd itself answered has no cause; a broken connection has one.
    return switch (status.getCode()) {
      case UNAVAILABLE -> true;
      case RESOURCE_EXHAUSTED -> retryInfo.isPresent();
      case UNKNOWN, INTERNAL, CANCELLED -> status.getCause() != null;
      default -> false;
    };
  }

  /** The decision in an error that no further try can mend, if there is one. */
  Decision decision(boolean started) throws Undecided {
    if (errorInfo.getReason().equals("RUN_INTERRUPTED")) {
      var advice = errorInfo.getMetadataOrDefault("advice", "").replace("DECISION_KIND_", "");
      var after = retryInfo.orElse(RetryInfo.getDefaultInstance()).getRetryDelay();
      if (advice.equals("FAIL")) return Decision.of(DecisionKind.DECISION_KIND_FAIL, after);
      if (advice.equals("RETRY")) return Decision.of(DecisionKind.DECISION_KIND_RETRY, after);
    }
    var exit = switch (status.getCode()) {
      case NOT_FOUND -> started ? 69 : 65; // it has forgotten a run that was there
      case INVALID_ARGUMENT -> 65;
      case PERMISSION_DENIED, UNAUTHENTICATED -> 77;
      case DEADLINE_EXCEEDED -> 69;
      default -> 1;
    };
    var message = Optional.ofNullable(status.getDescription()).orElse(status.getCode().name());
    throw new Undecided(exit, message, errorInfo.getReason());
  }

  private static <T extends Message> Optional<T> detail(StatusRuntimeException error, Class<T> type) {
    var status = StatusProto.fromThrowable(error);
    if (status == null) return Optional.empty();
    for (var any : status.getDetailsList()) {
      try {
        if (any.is(type)) return Optional.of(any.unpack(type));
      } catch (InvalidProtocolBufferException malformed) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
