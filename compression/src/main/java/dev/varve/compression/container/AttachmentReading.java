package dev.varve.compression.container;

/** What came of asking what an attachment is. */
public sealed interface AttachmentReading {

  /** Its description is sound; its pieces have not been looked at. */
  record Sound(Attachment attachment) implements AttachmentReading {}

  /** Its description is damaged. */
  record Refused(ContainerFault fault) implements AttachmentReading {}
}
