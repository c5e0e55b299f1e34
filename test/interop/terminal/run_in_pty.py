"""Runs a command on a pseudo-terminal of 100 columns and passes on what it writes there and how it ends.

usage: run_in_pty.py INTERRUPT_AT COMMAND...
Ctrl-C is typed when INTERRUPT_AT has been written; an empty one never is.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

interrupt_at = sys.argv[1].encode()
child, terminal = pty.fork()
if child == 0:
    # The parent sets the size before it lets the command begin.
    sys.stdin.readline()
    os.execvp(sys.argv[2], sys.argv[2:])

fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
attributes = termios.tcgetattr(terminal)
attributes[3] &= ~termios.ECHO
termios.tcsetattr(terminal, termios.TCSANOW, attributes)
os.write(terminal, b"\n")
written = b""
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    written += chunk
    if interrupt_at and interrupt_at in written:
        os.write(terminal, b"\x03")
        interrupt_at = b""
sys.stdout.buffer.write(written)
sys.stdout.flush()
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
