package dev.varve.sidecar.events;

import java.util.Optional;

/**
 * Where events are published.
 *
 * @param endpoint as in {@code tcp://127.0.0.1:5567}; port {@code *} for any that is free
 * @param replay where what was missed can be asked for; empty for nowhere
 * @param topic first frame of every message; may be empty
 */
public record EventSettings(String endpoint, Optional<String> replay, String topic) {}
