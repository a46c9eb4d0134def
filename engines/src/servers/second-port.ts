/**
 * The port for what a server says to others of its kind, derived from that of its clients: the same at every start, apart from those of
 * other servers of our own (see `freePort`), and for RabbitMQ's standard port the one that RabbitMQ takes itself.
 */
export const secondPort = (port: number): number => (port < 20_000 ? port + 20_000 : port - 12_000)
