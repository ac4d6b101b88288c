/*
 * sansh: SSH-2 as a pure state machine. The C interface.
 *
 * This file is generated from ffi/; do not edit it.
 *
 * What it is. A sansh_conn takes the bytes that came from the network and gives the bytes that are to go, asks what has to
 * be decided, and carries channels. It opens no socket, reads no clock, starts no thread, calls nothing back, and never
 * holds a private key of a connection. ffi/examples/client.c and server.c are complete programs.
 *
 * Ownership. Every handle (sansh_config, sansh_conn, sansh_key, sansh_backlog, sansh_authorities, sansh_authorized,
 * sansh_agent, sansh_agent_session, sansh_keyring) comes from the call that gives it (..._new(), ..._read(), ..._generate(),
 * ..._of_...(), ..._next(), ..._with_...()) and goes by its own ..._free(), which takes NULL too. A configuration may be freed while connections
 * use it. A freed pointer must not be used again: that, and pointers that never were valid, are the only mistakes that are
 * not answered with a status. Arguments are copied or used up within the call. What a call lends is never freed by you.
 *
 * Three lifetimes, each ended by its own call:
 *   - the space of sansh_recv_buf() until sansh_received();
 *   - the bytes of sansh_transmit_buf() until sansh_transmitted();
 *   - all that an event points to until the next sansh_next_event(), over every other call.
 * The place of sansh_send_buf() is shorter lived: it ends with any next call on the connection that is not a look.
 * Buffers move only where SANSH_BUFFERS_RELEASE says so, never within a loan. Everything ends with sansh_conn_free().
 *
 * Looks. A call that takes a `const` handle is a look: it changes nothing.
 *
 * Threads. A connection, a backlog and a configuration that is still being set up belong to one thread at a time. A
 * configuration that is set up may be used by any number of threads at once, a key and a sansh_authorized too. There are no globals.
 *
 * Statuses. sansh_status is 0 or negative; each function says which ones it gives and what to do next. After an error
 * nothing has changed, unless the function says otherwise. New ones may be added: treat an unknown one as an error.
 *
 * Questions. An event with an `ask` wants an answer: by the sansh_answer_...() call of that event, now, or later after
 * sansh_later(). What is neither answered nor kept when sansh_next_event() is called again is refused. So ignoring an
 * event that you do not know is always safe.
 *
 * NULL. Every handle and every pointer to a result may not be NULL, unless its function says so; SANSH_E_NULL answers.
 * Pointers to bytes and arrays may be NULL if their length is 0; so are empty arrays that an event lends. Calls that lend
 * say NULL and 0 instead of a status.
 *
 * Panics. An internal error is caught at this border and never unwinds into C. The handle is poisoned: every later call on
 * it says SANSH_E_POISONED, and only ..._free() works.
 *
 * Texts. `const char *` is NUL-terminated UTF-8. sansh_bytes does not end with a NUL. What a peer sent is untrusted: it may
 * hold control characters, and is not always UTF-8.
 *
 * Time. sansh_time is nanoseconds on any clock that never goes back. Each connection sticks to one.
 *
 * Sections. Each subject is a section of this file under a heading of its own: types, statuses, configurations,
 * connections, events, answers, channels, looks, and then what helps around a connection.
 *
 * Versions. Programs linked to libsansh.so.0 run with every later 0.x: functions, numbers and members of sansh_event are
 * added, and none changes or goes. Each function says since which version it is there. A struct that you fill in and that may
 * grow begins with its `size`.
 */
