package dev.varve.sidecar;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests and the bytes of their replies, in order and on one connection: the golden bytes of the
 * commands, which a real Redis is asked for as well.
 */
final class Transcript {

  /** A request in the form of a terminal, and its reply with {@code ~} for the end of a line. */
  record Exchange(String request, String reply) {}

  private static final String SCRIPT =
      """
      PING | +PONG~
      PING hello | $5~hello~
      PING a b | -ERR wrong number of arguments for 'ping' command~
      ECHO "two words" | $9~two words~
      ECHO | -ERR wrong number of arguments for 'echo' command~
      SELECT 0 | +OK~
      SELECT 99 | -ERR DB index is out of range~
      SELECT x | -ERR value is not an integer or out of range~
      NOSUCH a b | -ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' ~
      nosuch | -ERR unknown command 'nosuch', with args beginning with: ~
      GET k | $-1~
      SET k v | +OK~
      GET k | $1~v~
      GET | -ERR wrong number of arguments for 'get' command~
      SET k | -ERR wrong number of arguments for 'set' command~
      SET k w NX | $-1~
      SET k w XX | +OK~
      SET other w XX | $-1~
      SET k x NX XX | -ERR syntax error~
      SET k x EX | -ERR syntax error~
      SET k x EX abc | -ERR value is not an integer or out of range~
      SET k x EX 0 | -ERR invalid expire time in 'set' command~
      SET k x EX -1 | -ERR invalid expire time in 'set' command~
      SET k x PX 9223372036854775807 | -ERR invalid expire time in 'set' command~
      SET k x EX 10 PX 10 | -ERR syntax error~
      SET k x BOGUS | -ERR syntax error~
      SET k x GET | $1~w~
      SET fresh x GET | $-1~
      SET k y NX GET | $1~x~
      GET k | $1~x~
      SET k v EX 100 | +OK~
      TTL k | :100~
      SET k w KEEPTTL | +OK~
      TTL k | :100~
      SET k w | +OK~
      TTL k | :-1~
      TTL nosuch | :-2~
      PTTL nosuch | :-2~
      SETEX k 100 v | +OK~
      TTL k | :100~
      SETEX k 0 v | -ERR invalid expire time in 'setex' command~
      SETEX k x v | -ERR value is not an integer or out of range~
      PSETEX k 0 v | -ERR invalid expire time in 'psetex' command~
      PERSIST k | :1~
      PERSIST k | :0~
      PERSIST nosuch | :0~
      EXPIRE k 50 | :1~
      EXPIRE k 100 NX | :0~
      EXPIRE k 100 GT | :1~
      EXPIRE k 100 LT | :0~
      EXPIRE k 10 NX XX | -ERR NX and XX, GT or LT options at the same time are not compatible~
      EXPIRE k 10 GT LT | -ERR GT and LT options at the same time are not compatible~
      EXPIRE k 10 FOO | -ERR Unsupported option FOO~
      EXPIRE k x | -ERR value is not an integer or out of range~
      EXPIRE k 9223372036854775807 | -ERR invalid expire time in 'expire' command~
      EXPIRE nosuch 10 | :0~
      EXPIRE k -1 | :1~
      EXISTS k | :0~
      SETNX n 1 | :1~
      SETNX n 2 | :0~
      INCR n | :2~
      INCRBY n 40 | :42~
      DECR n | :41~
      DECRBY n 42 | :-1~
      GET n | $2~-1~
      INCRBY n x | -ERR value is not an integer or out of range~
      SET n abc | +OK~
      INCR n | -ERR value is not an integer or out of range~
      SET n " 1" | +OK~
      INCR n | -ERR value is not an integer or out of range~
      SET n 9223372036854775807 | +OK~
      INCR n | -ERR increment or decrement would overflow~
      DECRBY n -9223372036854775808 | -ERR decrement would overflow~
      INCR counter | :1~
      APPEND a Hello | :5~
      APPEND a " World" | :11~
      GET a | $11~Hello World~
      STRLEN a | :11~
      STRLEN nosuch | :0~
      GETRANGE a 0 4 | $5~Hello~
      GETRANGE a -5 -1 | $5~World~
      GETRANGE a 6 100 | $5~World~
      GETRANGE a 5 3 | $0~~
      GETRANGE a -1 -5 | $0~~
      GETRANGE a 0 -100 | $1~H~
      GETRANGE a -100 -1 | $11~Hello World~
      GETRANGE nosuch 0 -1 | $0~~
      GETRANGE a x 1 | -ERR value is not an integer or out of range~
      MSET x 1 y 2 | +OK~
      MSET x 1 y | -ERR wrong number of arguments for 'mset' command~
      MGET x nosuch y | *3~$1~1~$-1~$1~2~
      EXISTS x y x nosuch | :3~
      TYPE x | +string~
      TYPE nosuch | +none~
      GETDEL x | $1~1~
      GETDEL x | $-1~
      TOUCH y nosuch | :1~
      UNLINK y nosuch | :1~
      DEL nosuch | :0~
      DEL a n counter k other fresh | :4~
      KEYS * | *0~
      DBSIZE | :0~
      SET "with space" 1 | +OK~
      SET "" empty | +OK~
      GET "" | $5~empty~
      SET "\\x00\\xff" "\\x00\\r\\n" | +OK~
      GET "\\x00\\xff" | $3~\\0\\r\\n~
      KEYS with* | *1~$10~with space~
      SCAN x | -ERR invalid cursor~
      SCAN 0 COUNT 0 | -ERR syntax error~
      SCAN 0 MATCH | -ERR syntax error~
      SCAN 0 MATCH with* COUNT 100 | *2~$1~0~*1~$10~with space~
      FLUSHALL NOW | -ERR syntax error~
      FLUSHDB ASYNC | +OK~
      DBSIZE | :0~
      SCAN 0 | *2~$1~0~*0~
      AUTH x | -ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?~
      AUTH a b c | -ERR syntax error~
      AUTH nosuch pw | -WRONGPASS invalid username-password pair or user is disabled.~
      CLIENT GETNAME | $-1~
      CLIENT SETNAME tester | +OK~
      CLIENT GETNAME | $6~tester~
      CLIENT SETNAME "a b" | -ERR Client names cannot contain spaces, newlines or special characters.~
      CLIENT BOGUS | -ERR unknown subcommand 'BOGUS'. Try CLIENT HELP.~
      CONFIG BOGUS | -ERR unknown subcommand 'BOGUS'. Try CONFIG HELP.~
      CONFIG GET save-nothing | *0~
      CONFIG GET appendonly | *2~$10~appendonly~$2~no~
      CONFIG RESETSTAT | +OK~
      COMMAND BOGUS | -ERR unknown subcommand 'BOGUS'. Try COMMAND HELP.~
      COMMAND GETKEYS GET k | *1~$1~k~
      COMMAND GETKEYS MSET a 1 b 2 | *2~$1~a~$1~b~
      COMMAND GETKEYS PING x | -ERR The command has no key arguments~
      COMMAND GETKEYS GET | -ERR wrong number of arguments for 'command|getkeys' command~
      HELLO 4 | -NOPROTO unsupported protocol version~
      HELLO x | -ERR Protocol version is not an integer or out of range~
      HELLO 2 BOGUS | -ERR Syntax error in HELLO option 'BOGUS'~
      HELLO 2 AUTH default | -ERR Syntax error in HELLO option 'AUTH'~
      RESET | +RESET~
      CLIENT GETNAME | $-1~
      QUIT | +OK~
      """;

  private Transcript() {}

  static List<Exchange> exchanges() {
    List<Exchange> exchanges = new ArrayList<>();
    for (String line : SCRIPT.lines().toList()) {
      int bar = line.indexOf(" | ");
      String reply = line.substring(bar + 3).replace("~", "\r\n");
      exchanges.add(
          new Exchange(
              line.substring(0, bar),
              reply.replace("\\0", "\0").replace("\\r", "\r").replace("\\n", "\n")));
    }
    return exchanges;
  }

  /** Plays all requests and returns what was answered, beside what was asked. */
  static List<Exchange> play(WireClient client) throws IOException {
    List<Exchange> played = new ArrayList<>();
    for (Exchange exchange : exchanges()) {
      client.send(exchange.request() + "\r\n");
      played.add(new Exchange(exchange.request(), client.reply()));
    }
    return played;
  }
}
