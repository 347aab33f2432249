package example;

import hookd.v1.DecisionKind;
import java.time.Duration;
import java.util.Locale;

/** What hookd wants of the agent. */
sealed interface Decision {
  /** Go on. */
  record Proceed() implements Decision {}

  /** Do not do it; nobody is alarmed. */
  record Cancel() implements Decision {}

  /** Count it as failed. */
  record Fail() implements Decision {}

  /** Try it again later. */
  record Retry(Duration after) implements Decision {}

  /** Something that this agent does not know. */
  record Unknown(String name) implements Decision {}

  static Decision of(DecisionKind kind, com.google.protobuf.Duration after) {
    return switch (kind) {
      case DECISION_KIND_PROCEED -> new Proceed();
      case DECISION_KIND_CANCEL -> new Cancel();
      case DECISION_KIND_FAIL -> new Fail();
      case DECISION_KIND_RETRY -> new Retry(Duration.ofSeconds(after.getSeconds(), after.getNanos()));
      case DECISION_KIND_UNSPECIFIED, UNRECOGNIZED -> new Unknown(kind.name());
    };
  }

  /** Its name in the contract, without the prefix. */
  default String word() {
    return this instanceof Unknown unknown ? unknown.name() : getClass().getSimpleName().toUpperCase(Locale.ROOT);
  }
}
