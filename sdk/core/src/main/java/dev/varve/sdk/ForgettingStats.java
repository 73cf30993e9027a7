package dev.varve.sdk;

/**
 * What the sessions of a cache forgot since it was opened, and what they hold for themselves. A row
 * is one token of one KV head of one layer.
 *
 * @param compactions how often a session forgot something
 * @param rowsBefore rows that it held before, added up over these
 * @param rowsAfter rows that were left
 * @param bytesBefore bytes of the keys and values of the rows before
 * @param bytesAfter bytes of those that were left
 * @param privateBytes hot memory that holds private rows now
 * @param parkedTokens tokens in chunks that no step reads and that stay stored, now
 * @param parkedBytes bytes of these chunks
 * @param decodedRows rows that went one by one while decoding
 * @param failures how often a policy failed while a step ended: the step stood and the session
 *     forgot nothing; each is an ERROR in the log
 */
public record ForgettingStats(
    long compactions,
    long rowsBefore,
    long rowsAfter,
    long bytesBefore,
    long bytesAfter,
    long privateBytes,
    long parkedTokens,
    long parkedBytes,
    long decodedRows,
    long failures) {}
