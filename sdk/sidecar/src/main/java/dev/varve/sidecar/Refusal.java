package dev.varve.sidecar;

import dev.varve.sidecar.connection.SmallReplies;
import dev.varve.sidecar.resp.Protocol;
import dev.varve.sidecar.resp.Reply;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Tells a client that there are too many already. */
final class Refusal extends ChannelInboundHandlerAdapter {

  @Override
  public void channelActive(ChannelHandlerContext context) {
    Reply reply = Reply.error("max number of clients reached");
    var _ =
        context
            .writeAndFlush(SmallReplies.encode(reply, Protocol.RESP2, context.alloc()))
            .addListener(ChannelFutureListener.CLOSE);
  }
}
