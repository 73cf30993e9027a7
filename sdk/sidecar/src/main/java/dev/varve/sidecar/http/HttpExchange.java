package dev.varve.sidecar.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the requests of one connection, one after the other. Confined to its event loop. */
final class HttpExchange extends SimpleChannelInboundHandler<FullHttpRequest> {

  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

  private final Routes routes;
  private final Executor workers;

  HttpExchange(Routes routes, Executor workers) {
    this.routes = routes;
    this.workers = workers;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      send(context, malformed(request.decoderResult().cause()), false);
      return;
    }
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    String method = request.method().name();
    String uri = request.uri();
    String given = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    context.channel().config().setAutoRead(false);
    try {
      workers.execute(() -> {
        HttpReply reply = answer(method, uri, given);
        context.executor().execute(() -> send(context, reply, keepAlive));
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("the server ends, a request is dropped");
      var _ = context.close();
    }
  }

  private HttpReply answer(String method, String uri, String authorization) {
    try {
      QueryStringDecoder decoder = new QueryStringDecoder(uri);
      Map<String, List<String>> parameters = decoder.parameters();
      return routes.answer(method, decoder.path(), parameters, authorization);
    } catch (IllegalArgumentException e) {
      return HttpReply.refusal(400, "the path cannot be read: " + e.getMessage());
    }
  }

  private static HttpReply malformed(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return HttpReply.refusal(414, "the path is too long");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return HttpReply.refusal(431, "the headers are too long");
    }
    return HttpReply.refusal(400, "this is no HTTP request");
  }

  private static void send(ChannelHandlerContext context, HttpReply reply, boolean keepAlive) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(reply.status()),
            Unpooled.wrappedBuffer(reply.body().bytes()));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, reply.type())
        .set(HttpHeaderNames.CONTENT_LENGTH, reply.body().bytes().length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-cache")
        .set("X-Content-Type-Options", "nosniff")
        .set("Referrer-Policy", "no-referrer");
    reply.headers().forEach((name, value) -> response.headers().set(name, value));
    HttpUtil.setKeepAlive(response, keepAlive);
    var written = context.writeAndFlush(response);
    if (keepAlive) {
      context.channel().config().setAutoRead(true);
    } else {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("an HTTP connection is closed: {}", cause.getMessage());
    var _ = context.close();
  }
}
