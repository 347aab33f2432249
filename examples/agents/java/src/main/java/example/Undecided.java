package example;

/** There is no decision: with which code to exit, and the reason that hookd gave. */
final class Undecided extends Exception {
  private static final long serialVersionUID = 1;
  final int exit;
  final String reason;

  Undecided(int exit, String message, String reason) {
    super(message);
    this.exit = exit;
    this.reason = reason;
  }
}
