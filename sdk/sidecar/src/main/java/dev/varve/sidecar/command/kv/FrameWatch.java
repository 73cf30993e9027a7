package dev.varve.sidecar.command.kv;

/** Is told what becomes of a frame. */
interface FrameWatch {

  /** Nobody watches. */
  FrameWatch NONE =
      new FrameWatch() {
        @Override
        public void made(int bytes) {
          // Nobody watches.
        }

        @Override
        public void written(int bytes) {
          // Nobody watches.
        }
      };

  /** It has so many bytes and is about to be sent. */
  void made(int bytes);

  /** So many of them were written or dropped; on any thread. */
  void written(int bytes);
}
