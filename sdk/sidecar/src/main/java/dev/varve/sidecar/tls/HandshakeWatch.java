package dev.varve.sidecar.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hangs up on clients that do not speak TLS as they should, in one line of the log. */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeWatch.class);

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    Throwable reason = cause instanceof DecoderException ? cause.getCause() : cause;
    if (reason instanceof SSLException) {
      LOG.info(
          "a client does not come to terms on TLS: {}", first(String.valueOf(reason.getMessage())));
      var _ = context.close();
    } else {
      super.exceptionCaught(context, cause);
    }
  }

  /** Without the bytes that some messages repeat. */
  private static String first(String message) {
    int colon = message.indexOf(':');
    return colon < 0 ? message : message.substring(0, colon);
  }
}
