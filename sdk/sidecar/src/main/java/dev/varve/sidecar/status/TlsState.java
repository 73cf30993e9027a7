package dev.varve.sidecar.status;

/**
 * The certificate that is shown to clients.
 *
 * @param subject whose it is
 * @param serial its number, hexadecimal
 * @param notAfter when it ends, as in {@code 2027-01-31T00:00:00Z}
 * @param clientCertificates whether clients must show one
 * @param reloads how often it was read again
 * @param lastFailure why it could not be read again last; empty if it could
 */
public record TlsState(
    String subject,
    String serial,
    String notAfter,
    boolean clientCertificates,
    long reloads,
    String lastFailure) {}
